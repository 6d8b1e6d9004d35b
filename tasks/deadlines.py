"""The rungs of deadlines (阶): reminders and escalations, each at most once, and the lapse rule."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import Form
from models.language import N_, _
from models.policy import RungPlan
from models.queries import audit, deadlines, questions
from models.roles import Role
from models.rules.deadlines import has_passed
from models.tables.deadlines import Deadline, Rung
from models.tables.parties import Person
from models.tables.questions import Task, TaskState
from tasks.notices import notify, to_person, to_role

#: What a case's own deadlines are for; a task's deadline is named by its form.
NAMES = {
    "acknowledgement": N_("Acknowledgement to the dealer"),
    "determination": N_("Determination on site"),
}


def climb(session: Session, deadline: Deadline, at: datetime, *, only_escalations: bool = False) -> list[Rung]:
    """Does every rung that is due at `at` and has not happened, in order. The caller holds the case's lock."""
    if deadline.met_at is None and has_passed(deadline.due_at, at):
        deadlines.breach(session, deadline, at)
    happened = {rung.number for rung in deadline.rungs}
    climbed = []
    for number, planned_at, plan in deadlines.ladder(deadline):
        if planned_at > at or number in happened or (only_escalations and not plan.is_escalation):
            continue
        told = _tell(session, deadline, number, plan, at)
        rung = Rung(number=number, planned_at=planned_at, happened_at=at, escalation=plan.is_escalation, told=told)
        deadline.rungs.append(rung)
        climbed.append(rung)
        audit.record(
            session,
            at,
            "clock",
            "escalated" if plan.is_escalation else "reminded",
            f"{deadline.case.number}:{deadline.key}",
            {"rung": number, "told": told},
        )
    if deadline.next_rung_at is not None:
        deadline.next_rung_at = deadlines.next_rung_at(deadline)
    session.flush()
    return climbed


def meet(session: Session, deadline: Deadline, at: datetime) -> None:
    """Meets a deadline; one that is met late first climbs the escalations it ran past, so that people hear of it."""
    climb(session, deadline, at, only_escalations=True)
    deadlines.meet(session, deadline, at)


def _tell(session: Session, deadline: Deadline, number: int, plan: RungPlan, at: datetime) -> list[str]:
    tasks = open_tasks_of(session, deadline)
    if plan.to == "assignee":
        recipients = [to_person(one) for one in _responsible(session, deadline, tasks)]
    else:
        recipients = to_role(session, Role(plan.to))
    letter = "deadline_escalation" if plan.is_escalation else "deadline_reminder"
    facts = {
        "deadline": deadline,
        "what": name_of(session, deadline),
        "waits_for": "; ".join(questions.waits_for(task) for task in tasks),
    }
    notify(session, deadline.case, at, letter, recipients, facts, key=f"rung:{deadline.key}:{number}")
    return [one.id for one in recipients]


def open_tasks_of(session: Session, deadline: Deadline) -> Sequence[Task]:
    """The open tasks that run within the deadline."""
    return session.scalars(
        select(Task).where(Task.deadline_id == deadline.id, Task.state == TaskState.OPEN).order_by(Task.id)
    ).all()


def _responsible(session: Session, deadline: Deadline, tasks: Sequence[Task]) -> list[Person]:
    """Who has the ball: those who may decide the deadline's tasks, else the case's open ones, else the registrar."""
    open_tasks = tasks or questions.open_in(session, deadline.case_id)
    people_asked = [one for task in open_tasks for one in questions.candidates(session, task)]
    return people_asked or [session.get_one(Person, deadline.case.opened_by)]


def name_of(session: Session, deadline: Deadline) -> str:
    """What a deadline is for, in the language in force: a clock of the case, or the question that it runs for."""
    if deadline.key in NAMES:
        return _(NAMES[deadline.key])
    form = session.scalar(select(Task.form).where(Task.deadline_id == deadline.id).order_by(Task.id).limit(1))
    return _(Form.named(form).heading) if form else deadline.key
