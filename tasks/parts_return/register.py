"""How a parts return begins: at the end of a month by the calendar, or when somebody asks for it."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.language import N_, _
from models.parts_return import ReturnRequest
from models.policy import Policy
from models.queries import cases, people, returns
from models.queries.charges import open_charges, refuse_if_blocked
from models.roles import PartyKind
from models.rules.parts_return import day_of_the_list, month_that_is_due
from models.tables.cases import Case
from models.tables.parties import Party
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter
from tasks.parts_return.lists import ledger_rows

CODE = "PR"
#: The step after which a return's pieces have left the sender's ledger.
SHIPPED = "ship"
#: A return of the same month belongs to the one that is open, unless a separate one is asked for.
_A_MONTH = 31


def check(session: Session, request: ReturnRequest, policy: Policy, at: datetime) -> Matter:
    """Compares a request with master data and ledger; raises InvalidInput that names each wrong field.

    Raises NotAllowed for a sender that still owes a charge for overdue parts.
    """
    faults: dict[str, str] = {}
    sender = people.party_by_code(session, request.party)
    if sender is None or sender.kind not in returns.SENDER_KINDS:
        faults["party"] = _(
            N_("There is no office or distributor {code}; use the number from the master data."), code=request.party
        )
    elif wrong := _why_not(session, sender):
        faults["party"] = wrong
    elif wrong := _not_theirs(session, sender, request.registered_by):
        faults["registered_by"] = wrong
    this_month = f"{at.astimezone(policy.timezone):%Y-%m}"
    if request.month > this_month:
        faults["month"] = _(N_("This month is still to come; now it is {month}."), month=this_month)
    if faults or sender is None:
        raise InvalidInput(faults, ReturnRequest.titles())
    refuse_if_blocked(session, sender, policy)
    return Matter(
        party=sender,
        subject=subject_of(sender, request.month),
        reported_at=at,
        repeated_within_days=_A_MONTH,
        separate=request.separate,
        registrars=policy.parts_return.registrars,
    )


def subject_of(sender: Party, month: str) -> str:
    """A sender's return of a month, such as `B-01:2026-11`."""
    return f"{sender.code}:{month}"


def _why_not(session: Session, sender: Party) -> str:
    """Why the sender has nothing to return now: it holds nothing, or what it holds is on a list that has not left."""
    # Two lists over the same pieces would be shipped twice: whoever opens one waits here for the other.
    cases.lock_subject(session, CODE, sender.code)
    if under_way := [one for one in returns.not_shipped(session, CODE, SHIPPED) if one.party_id == sender.id]:
        return _(
            N_("The return {case} of {party} has not been shipped yet; list the pieces there."),
            case=under_way[0].number,
            party=sender.name,
        )
    if not returns.faulty_lots(session, sender):
        return _(N_("{party} has no faulty parts in its ledger; there is nothing to return."), party=sender.name)
    return ""


def _not_theirs(session: Session, sender: Party, login: str) -> str:
    """Nobody returns the parts of another office or distributor; the company's people may."""
    person = people.person(session, login)
    if person.party_id == sender.id or person.party.kind == PartyKind.COMPANY:
        return ""
    return _(
        N_("{person} works for {theirs}; the parts of {party} are returned by its own people or the company's."),
        person=person.label,
        theirs=person.party.name,
        party=sender.name,
    )


def falls_due(session: Session, policy: Policy, at: datetime) -> Iterator[dict[str, Any]]:
    """A return for every sender that held faulty parts on the policy's day of the month, and still does.

    A sender whose last list has not left, or that owes a charge, gets its list when that is over.
    """
    day = policy.parts_return.list_day
    month = month_that_is_due(at.astimezone(policy.timezone).date(), day)
    over = datetime.combine(
        day_of_the_list(month.year, month.month, day) + timedelta(days=1), time(), tzinfo=policy.timezone
    )
    senders = returns.senders_with_faulty_parts(session, over)
    about = {subject_of(one, f"{month:%Y-%m}"): one for one in senders}
    opened = set(session.scalars(select(Case.subject).where(Case.procedure == CODE, Case.subject.in_(about))))
    waiting = {one.party_id for one in returns.not_shipped(session, CODE, SHIPPED)}
    if policy.parts_return.block_on_overdue:
        waiting |= {one.party_id for one in open_charges(session)}
    for subject, sender in about.items():
        if subject not in opened and sender.id not in waiting:
            yield {"party": sender.code, "month": f"{month:%Y-%m}"}


def begin(work: Work[ReturnRequest]) -> None:
    """The sender hears that its list is due, and what its ledger has."""
    facts = {"month": work.report.month, "lines": ledger_rows(work), "window": work.policy.parts_return.window}
    sender = to_party(work.session, work.case.party, work.case)
    notify(work.session, work.case, work.at, "parts_return/opened", [sender], facts, key="opened")
