"""Ending a case that was opened by mistake, or whose run was cancelled in Prefect."""

from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from models.forms import Form, Prose
from models.language import N_, _
from models.queries import audit, cases, clock, deadlines, goods, people, questions
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import TaskState
from tasks.database import transaction
from tasks.journal import refuse_if_ended
from tasks.linking import still_open
from tasks.notices import notify, to_party, to_person
from tasks.permission import refuse_unless


class Reason(Form):
    """Why something out of the ordinary is done; it goes into records and mails."""

    reason: Prose = Field(title=N_("Reason"))


def withdraw(number: str, reason: str, by: str) -> tuple[str, UUID | None]:
    """Ends an open case without an outcome; who may is policy. Returns its number and the run to cancel.

    Raises NotFound, NotAllowed, CaseEnded or InvalidInput. What was booked stays booked and is visible.
    """
    checked = _checked(reason)
    with transaction() as session:
        case = cases.by_number(session, number, lock=True)
        person = people.person(session, by)
        allowed = questions.policy_of(case).withdrawers
        refuse_unless(person, allowed, N_("{person} may not withdraw cases; that takes one of: {roles}."))
        refuse_if_ended(case)
        end_by_withdrawal(session, case, clock.now(session), checked, person)
        return case.number, case.flow_run_id


def end_by_withdrawal(session: Session, case: Case, at: datetime, reason: str, person: Person | None) -> None:
    """Withdraws a locked, open case and tells the party, the registrar and everybody who had a task in it.

    Without a person it was cancelled in Prefect, which keeps no name.
    """
    by = person.label if person else _(N_("somebody in Prefect's UI"))
    open_tasks = list(questions.open_in(session, case.id))
    told = {one.id: one for task in open_tasks for one in questions.candidates(session, task)}
    registrar = session.get_one(Person, case.opened_by)
    told[registrar.id] = registrar
    for task in open_tasks:
        task.state = TaskState.WITHDRAWN
    deadlines.abandon_unmet(session, case, at, "withdrawn", person.login if person else "prefect")
    stops = goods.sale_stops_of(session, case.id)
    for stop in stops:
        stop.released_at = at
    case.withdrawn_at = at
    audit.record(session, at, person.login if person else "prefect", "withdrawn", case.number, {"reason": reason})
    recipients = [to_party(session, case.party, case), *(to_person(one) for one in told.values())]
    facts = {"by": by, "reason": reason, "sale_released": bool(stops), "still_open": still_open(session, case)}
    notify(session, case, at, "case_withdrawn", recipients, facts, key="withdrawn")


def _checked(reason: str) -> str:
    return Reason.read({"reason": reason}).reason
