"""Stopping and restarting a clock (暂停计时、恢复计时): by a person with the right role, or by a step."""

from typing import Any

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import Form, OptionalProse, Prose
from models.language import N_, _
from models.queries import audit, cases, clock, deadlines, people, questions
from models.tables.cases import Case
from models.tables.deadlines import Deadline
from models.tables.parties import Party, Person
from tasks.climbing import climb
from tasks.database import transaction
from tasks.journal import Work, refuse_if_ended
from tasks.permission import refuse_unless


class ReasonToPause(Form):
    """Why a clock stands; it is kept with the pause."""

    reason: Prose


class ReasonToGoOn(Form):
    """Why a clock goes on; nothing need be said."""

    reason: OptionalProse = ""


def pause(number: str, key: str, reason: str, by: str, waits_for: str = "") -> None:
    """Stops the clock of a deadline; a clock that stands already stays as it is, with its first reason.

    `waits_for` is the number of the party that has the ball meanwhile; not said, it is the other side. Rungs whose
    time had come before still happen. Raises NotFound, NotAllowed, CaseEnded or InvalidInput.
    """
    checked = ReasonToPause.read({"reason": reason}).reason
    with transaction() as session:
        case, deadline, person = _theirs(session, number, key, by)
        at = clock.now(session)
        party = _named(session, waits_for) if waits_for else _other_side(session, case, deadline)
        climb(session, deadline, at)
        if deadlines.pause(deadline, at, checked, person.login, party):
            detail = {"reason": checked, "waits_for": party.code}
            audit.record(session, at, person.login, "paused", f"{case.number}:{key}", detail)


def unpause(number: str, key: str, by: str, reason: str = "") -> None:
    """Lets a clock go on that stands; one that runs stays as it is. Raises NotFound, NotAllowed, CaseEnded."""
    checked = ReasonToGoOn.read({"reason": reason}).reason
    with transaction() as session:
        case, deadline, person = _theirs(session, number, key, by)
        at = clock.now(session)
        if deadlines.resume(deadline, at, person.login):
            detail = {"reason": checked, "due": deadline.due_at.isoformat()}
            audit.record(session, at, person.login, "unpaused", f"{case.number}:{key}", detail)


def stand_still(work: Work[Any], key: str, reason: str, waits_for: Party) -> None:
    """In a step: the clock stands while the procedure waits for somebody else. It need not have begun."""
    deadline = deadlines.find(work.session, work.case.id, key)
    if deadline is None:
        return
    climb(work.session, deadline, work.at)
    if deadlines.pause(deadline, work.at, reason, "flow", waits_for):
        detail = {"reason": reason, "waits_for": waits_for.code}
        audit.record(work.session, work.at, "flow", "paused", f"{work.case.number}:{key}", detail)


def go_on(work: Work[Any], key: str) -> None:
    """In a step: the clock goes on. One that a person stopped meanwhile goes on too: what was waited for is here."""
    deadline = deadlines.find(work.session, work.case.id, key)
    if deadline is not None and deadlines.resume(deadline, work.at, "flow"):
        detail = {"due": deadline.due_at.isoformat()}
        audit.record(work.session, work.at, "flow", "unpaused", f"{work.case.number}:{key}", detail)


def _theirs(session: Session, number: str, key: str, login: str) -> tuple[Case, Deadline, Person]:
    """The deadline of an open case, locked, for somebody who may stop its clock."""
    case = cases.by_number(session, number, lock=True)
    deadline = deadlines.of_case(session, case.id, key)
    person = people.person(session, login)
    allowed = questions.policy_of(case).clock_keepers
    refuse_unless(person, allowed, N_("{person} may not stop or restart clocks; that takes one of: {roles}."))
    refuse_if_ended(case)
    if deadline.is_over:
        raise InvalidInput({"deadline": _(N_("{key} is over; its clock does not run any more."), key=key)})
    return case, deadline, person


def _named(session: Session, code: str) -> Party:
    party = people.party_by_code(session, code)
    if party is None:
        raise InvalidInput({"waits_for": _(N_("There is no party {code}."), code=code)})
    return party


def _other_side(session: Session, case: Case, deadline: Deadline) -> Party:
    """Whoever does not have the ball: the party of the case, or the company."""
    holder = deadline.intervals[-1].holder
    return people.company(session) if holder.id == case.party_id else case.party
