"""The claim file, and the letters that the customer signs and sends."""

from models.language import N_
from models.policy import read_policy
from models.queries import policies
from models.roles import Role
from models.tables.cases import Document, DocumentKind
from models.transit_claim import CauseFinding, TransitFile, TransitPapers, TransitReport
from tasks.claim import CLAIM
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.linking import open_child
from tasks.notices import notify, to_party, to_role
from tasks.transit_claim.lists import claimed
from tasks.transit_claim.paper import claim_letter, evidence_list

#: The letters are Chinese, and English too where the customer or the carrier reads that.
_ALWAYS, _ALSO = "zh_CN", "en"


@step(N_("Fault of the packing passed on as a claim"))
def pass_on_as_claim(work: Work[TransitReport], finding: CauseFinding) -> str | None:
    """Bad packing is ours: the customer's matter goes on as a claim, level by level; the number of its case.

    None if the company does not run that procedure.
    """
    report = work.report
    if not CLAIM.is_run_under(read_policy(policies.current(work.session).content)):
        return None
    delivery = claimed(work).delivery
    return open_child(
        work,
        CLAIM,
        {
            "party": report.customer,
            "came_in": "head_office",
            "claimant": work.case.party.name[:120],
            "claimant_contact": f"{report.reported_by} {work.case.party.phone}".strip()[:120],
            "kind": "goods",
            "product": delivery.product.code,
            "batch": delivery.batch,
            "matter": finding.reason,
            "demand": f"{delivery.number}: {claimed(work).amount:.2f} {delivery.currency}",
            "reported_at": report.reported_at,
            "reported_by": report.reported_by,
            "registered_by": report.registered_by,
            # A claim of the customer that is open already is about something else.
            "separate": True,
        },
    )


@step(N_("Claim file completed and letters sent to the customer"))
def file_claim(work: Work[TransitReport], papers: TransitPapers, file: TransitFile) -> None:
    """The claim file becomes a document, the letters are written in the customer's name and go to the customer."""
    content = {**papers.model_dump(mode="json"), **file.model_dump(mode="json")}
    file_document(work, DocumentKind.CLAIM_FILE, content)
    found = claimed(work)
    readers = {work.case.party.language, *([found.carrier_party.language] if found.carrier_party else [])}
    attached: list[Document] = []
    for language in [_ALWAYS, *([_ALSO] if _ALSO in readers else [])]:
        told = {"language": language, "carrier": found.carrier, "amount": f"{found.amount:.2f}"}
        letter = claim_letter(work, language, file.signatory)
        attached.append(file_document(work, DocumentKind.CLAIM_LETTER, told, letter))
        evidence = evidence_list(work, language, papers, file)
        attached.append(file_document(work, DocumentKind.EVIDENCE_LIST, told, evidence))
    customer = to_party(work.session, work.case.party, work.case)
    facts = {"carrier": found.carrier, "signatory": file.signatory}
    recipients = [customer, *to_role(work.session, Role.LOGISTICS_DEPT)]
    notify(
        work.session, work.case, work.at, "transit_claim/to_be_sent", recipients, facts, key=work.key, attached=attached
    )
