"""How a final ruling begins: out of a claim with its file, or asked for directly."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.final_ruling import RulingFile, RulingRequest
from models.forms import local_time
from models.language import N_, _
from models.policy import Policy
from models.queries import cases, people
from models.roles import POST_AT, PartyKind
from models.tables.cases import Case, CaseLink, DocumentKind
from tasks.documents import file_document
from tasks.final_ruling.lists import sides
from tasks.final_ruling.separation import nobody_left_to_rule
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter


def check(session: Session, request: RulingRequest, policy: Policy, at: datetime) -> Matter:
    """Compares a request with the master data; raises InvalidInput that names each wrong field."""
    faults = nobody_left_to_rule(session, request.registered_by, policy)
    party = people.party_by_code(session, request.party)
    if party is None or PartyKind(party.kind) not in POST_AT:
        faults["party"] = _(
            N_("There is no dealer, station or office {code}; use the number from the master data."),
            code=request.party,
        )
    if request.other_party and people.party_by_code(session, request.other_party) is None:
        faults["other_party"] = _(
            N_("There is no party {code}; use the number from the master data."), code=request.other_party
        )
    if request.other_party == request.party:
        faults["other_party"] = _(N_("The other side is somebody else; leave this empty if it is the company."))
    if request.about and session.scalar(select(Case.id).where(Case.number == request.about)) is None:
        faults["about"] = _(N_("There is no case {number}."), number=request.about)
    if request.reported_at > at:
        faults["reported_at"] = _(
            N_("This lies in the future; now it is {now}."), now=local_time(at.astimezone(policy.timezone))
        )
    if faults or party is None:
        raise InvalidInput(faults, RulingRequest.titles())
    return Matter(
        party=party,
        subject=request.about or f"{request.party}:{request.claimant}",
        reported_at=request.reported_at,
        repeated_within_days=policy.claims.duplicate_days,
        separate=request.separate,
        registrars=policy.claims.ruling_registrars,
    )


def begin(work: Work[RulingRequest]) -> None:
    """A file that came along is filed, the case in dispute is linked, both sides hear who rules."""
    request, session = work.report, work.session
    if request.has_its_file:
        file_positions_of(work, request)
    if request.about:
        disputed = cases.by_number(session, request.about)
        session.add(CaseLink(parent_id=disputed.id, child_id=work.case.id, step=work.key, at=work.at))
    recipients = [to_party(session, party, work.case) for party in sides(work)]
    notify(session, work.case, work.at, "final_ruling/opened", recipients, {}, key="opened")


def file_positions_of(work: Work[RulingRequest], told: RulingRequest | RulingFile) -> None:
    """Both positions, what is established and the evidence become a document of the case."""
    content = told.model_dump(mode="json", include={"claimant_position", "other_position", "established", "evidence"})
    file_document(work, DocumentKind.POSITION, content)
