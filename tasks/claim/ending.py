"""How a claim ends: settled where it stands, or referred to the final ruling with its file."""

from models.claim import ClaimFile, ClaimReport, HandledClaim
from models.language import N_
from models.queries import people
from models.rules.claims import Level
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.final_ruling import FINAL_RULING
from tasks.journal import Work, step
from tasks.linking import open_child
from tasks.notices import notify, to_party


@step(N_("Agreement with the claimant filed"))
def record_settlement(work: Work[ClaimReport], answer: HandledClaim, level: Level | None) -> None:
    """What was agreed is filed, and told to the party where it arose; no level named is customer service."""
    party = people.party_by_code(work.session, level.party) if level else None
    content = {"level": party.code if party else "", **answer.model_dump(mode="json")}
    file_document(work, DocumentKind.SETTLEMENT, content)
    facts = {"level": party.name if party else "", "agreed": answer.agreed}
    recipient = to_party(work.session, work.case.party, work.case)
    notify(work.session, work.case, work.at, "claim/settled", [recipient], facts, key=work.key)


@step(N_("Both positions and the evidence filed"))
def complete_file(work: Work[ClaimReport], file: ClaimFile) -> None:
    """The clerk's file of the claim becomes a document."""
    file_document(work, DocumentKind.CLAIM_FILE, file.model_dump(mode="json"))


@step(N_("Claim referred for final ruling"))
def refer_for_ruling(work: Work[ClaimReport], file: ClaimFile, levels: list[Level]) -> str:
    """A final ruling opens out of the claim, with its file; its number.

    The other side is whoever answers for the party where it arose.
    """
    claim = work.report
    request = {
        "party": claim.party,
        "other_party": levels[0].party if levels else "",
        "claimant": claim.claimant,
        "claimant_contact": claim.claimant_contact,
        "matter": claim.matter,
        "demand": claim.demand,
        "claimant_position": file.claimant_position,
        "other_position": file.other_position,
        "established": file.established,
        "evidence": file.evidence,
        "reported_at": work.case.reported_at,
        "reported_by": claim.reported_by,
        "registered_by": claim.registered_by,
        # The claim is this dispute; another of the same claimant is another matter.
        "separate": True,
    }
    return open_child(work, FINAL_RULING, request)
