"""Ending a case that was opened by mistake, or whose run was cancelled in Prefect; and handing tasks over."""

from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotAllowed
from models.forms import Form, Prose
from models.language import N_, _
from models.queries import audit, cases, clock, deadlines, goods, people, questions
from models.roles import Role
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import TaskState
from tasks.database import transaction
from tasks.deciding import refuse_if_over
from tasks.journal import refuse_if_ended
from tasks.linking import still_open
from tasks.notices import notify, tell_candidates, to_party, to_person
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


def reassign(ref: str, to: str, reason: str, by: str) -> str:
    """Gives an open task to another holder of its role; the post above the role may, and the manager.

    Manual 000 三 内勤 G: what else the manager assigns.

    Raises NotFound, NotAllowed, AlreadyDecided, CaseEnded or InvalidInput. Returns the task's reference.
    """
    checked = _checked(reason)
    with transaction() as session:
        cases.lock(session, questions.by_ref(session, ref).case_id)
        task = questions.by_ref(session, ref, lock=True)
        giver, taker = people.person(session, by), people.person(session, to)
        refuse_if_over(task, task.case)
        role = Role(task.role)
        supervisor = questions.policy_of(task.case).supervisor_of(role)
        if not giver.roles & {supervisor, Role.CS_MANAGER}:
            raise NotAllowed(
                N_("{person} may not give this task away; that takes the role {role}."),
                person=giver.label,
                role=supervisor.label,
            )
        if role not in taker.roles:
            raise InvalidInput(
                {"to": _(N_("{person} does not hold the role {role}."), person=taker.label, role=role.label)}
            )
        if barred := questions.steps_that_bar(session, task, taker):
            raise InvalidInput(
                {
                    "to": _(
                        N_("{person} has done in this case: {steps}; somebody else is needed."),
                        person=taker.label,
                        steps=", ".join(barred),
                    )
                }
            )
        at = clock.now(session)
        before = questions.candidates(session, task)
        task.assignee = taker
        audit.record(session, at, giver.login, "reassigned", task.ref, {"to": taker.login, "reason": checked})
        times = audit.times(session, "reassigned", task.ref)
        facts = {"form": Form.named(task.form), "by": giver.label, "to": taker.label, "reason": checked}
        losers = [to_person(one) for one in before if one.id != taker.id]
        notify(
            session, task.case, at, "task_reassigned", losers, facts, key=f"reassigned:{task.key}:{task.round}:{times}"
        )
        tell_candidates(session, task, at, key=f"task:{task.key}:{task.round}:given:{times}")
        return task.ref


def _checked(reason: str) -> str:
    return Reason.read({"reason": reason}).reason
