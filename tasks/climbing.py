"""The rungs of deadlines (阶): reminders and escalations, each once and in order; one may hand the task over."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.forms import Form
from models.language import N_, _
from models.limits import RungPlan
from models.queries import audit, deadlines, questions, rungs
from models.queries.questions import Done
from models.roles import Role
from models.rules.deadlines import has_passed
from models.tables.deadlines import Deadline, Rung
from models.tables.parties import Person
from models.tables.questions import Task, TaskState
from tasks import responsibility
from tasks.clock_words import actor
from tasks.deadlines import name_of
from tasks.explaining import sum_lines, why
from tasks.journal import Work
from tasks.notices import Letter, Recipient, queue, to_person, to_role


@dataclass(frozen=True)
class _Climb:
    """What climbing many deadlines in one transaction looks up once."""

    session: Session
    at: datetime
    tasks: dict[int, list[Task]]
    done: Done


def climb(session: Session, deadline: Deadline, at: datetime, *, only_escalations: bool = False) -> list[Rung]:
    """Does every rung of one deadline that is due at `at`; see `climb_all`."""
    return climb_all(session, [deadline], at, only_escalations=only_escalations)


def climb_all(
    session: Session, found: Collection[Deadline], at: datetime, *, only_escalations: bool = False
) -> list[Rung]:
    """Does every rung that is due at `at` and has not happened, in order, and records what ran out of time.

    The caller holds the locks of their cases. A clock that stands or has ended chases nobody.
    """
    running = [one for one in found if not one.is_over and one.paused_at is None]
    climbing = _looked_up(session, running, at)
    letters: list[Letter] = []
    climbed: list[Rung] = []
    late = [one for one in running if one.breached_at is None and has_passed(one.due_at, at)]
    following: dict[int, datetime | None] = {}
    for deadline in running:
        happened = {rung.number for rung in deadline.rungs}
        following[deadline.id] = None
        for number, planned_at, plan in deadlines.ladder(deadline):
            if number in happened:
                continue
            # 24:00 sharp is in time: that something is late is told when it has passed.
            to_come = planned_at > at or planned_at == at == deadline.due_at
            if to_come or (only_escalations and not plan.is_escalation):
                following[deadline.id] = following[deadline.id] or planned_at
                continue
            told = _told(climbing, deadline, plan)
            letters.append(_letter(climbing, deadline, number, plan, told))
            letters += _handed_over(climbing, deadline, number, plan)
            climbed.append(
                Rung(
                    deadline_id=deadline.id,
                    number=number,
                    planned_at=planned_at,
                    happened_at=at,
                    escalation=plan.is_escalation,
                    told=[one.id for one in told],
                )
            )
    rungs.mark(session, running, climbed, following, late)
    queue(session, at, letters)
    _record(session, at, climbed, late, running)
    return climbed


def meet(session: Session, deadline: Deadline, at: datetime) -> None:
    """Meets a deadline; one that is met late first climbs the escalations it ran past, so that people hear of it."""
    climb(session, deadline, at, only_escalations=True)
    deadlines.meet(session, deadline, at)


def done(work: Work[Any], key: str) -> None:
    """In a step: what a clock of the case runs for is done. It need not have begun."""
    deadline = deadlines.find(work.session, work.case.id, key)
    if deadline is not None:
        meet(work.session, deadline, work.at)


def _looked_up(session: Session, running: Sequence[Deadline], at: datetime) -> _Climb:
    opened = (
        select(Task)
        .where(Task.deadline_id.in_([one.id for one in running]), Task.state == TaskState.OPEN)
        .order_by(Task.id)
        .options(joinedload(Task.assignee), joinedload(Task.for_party))
    )
    tasks: dict[int, list[Task]] = defaultdict(list)
    for task in session.scalars(opened):
        tasks[task.deadline_id].append(task)
    return _Climb(session, at, tasks, questions.done_in(session, {one.case_id for one in running}))


def _record(
    session: Session, at: datetime, climbed: Sequence[Rung], late: Sequence[Deadline], running: Sequence[Deadline]
) -> None:
    """One audit entry for all: the entries of a chain are written one after the other, and a night has many rungs."""
    if not climbed and not late:
        return
    names = {one.id: f"{one.case.number}:{one.key}" for one in running}
    detail = {
        "rungs": [[names[rung.deadline_id], rung.number, rung.told] for rung in climbed],
        "breached": [[names[one.id], one.due_at.isoformat()] for one in late],
    }
    audit.record(session, at, "clock", "rungs_climbed", next(iter(names.values())) if len(names) == 1 else "", detail)


def _told(climbing: _Climb, deadline: Deadline, plan: RungPlan) -> list[Recipient]:
    tasks = climbing.tasks[deadline.id]
    if plan.to == "assignee":
        return [to_person(one) for one in _responsible(climbing, deadline)]
    if plan.steps_up:
        return responsibility.up(climbing.session, deadline, tasks, plan.steps_up)
    return to_role(climbing.session, Role(plan.to))


def _letter(climbing: _Climb, deadline: Deadline, number: int, plan: RungPlan, told: list[Recipient]) -> Letter:
    session, tasks = climbing.session, climbing.tasks[deadline.id]
    zone = questions.policy_of(deadline.case).timezone

    def facts() -> dict[str, Any]:
        sum_of_it = why(session, deadline, climbing.at) if plan.is_escalation else None
        return {
            "deadline": deadline,
            "what": name_of(session, deadline, tasks),
            "waits_for": "; ".join(questions.waits_for(task) for task in tasks),
            "refs": [task.ref for task in tasks],
            "sum": sum_lines(sum_of_it, zone) if sum_of_it else [],
        }

    template = "deadline_escalation" if plan.is_escalation else "deadline_reminder"
    key = f"rung:{deadline.key}:{number}"
    if plan.is_escalation:
        return Letter(template, told, facts, key, case=deadline.case)
    # An ordinary reminder reaches people at work, an escalation at once.
    opens = deadlines.calendar_of(deadline).open_from(climbing.at)
    asks = tasks[0] if len(tasks) == 1 else None
    return Letter(template, told, facts, key, case=deadline.case, reminds_of=deadline, deliver_from=opens, asks=asks)


def _handed_over(climbing: _Climb, deadline: Deadline, number: int, plan: RungPlan) -> Iterator[Letter]:
    """The rung's role gets the tasks, if somebody holds it who may decide them; else they stay where they are."""
    if not plan.hands_over:
        return
    session, role = climbing.session, Role(plan.to)
    for task in climbing.tasks[deadline.id]:
        before = questions.candidates(session, task, climbing.done)
        was = task.role, task.assignee, task.claimed_at
        task.role, task.assignee, task.claimed_at = role, None, None
        takers = questions.candidates(session, task, climbing.done)
        if not takers:
            task.role, task.assignee, task.claimed_at = was
            continue
        holder = responsibility.holder_of(session, task)
        deadlines.pass_ball(deadline, holder, climbing.at, "clock")
        audit.record(session, climbing.at, "clock", "reassigned", task.ref, {"to": role.value, "rung": number})
        form, key = Form.named(task.form), f"{task.key}:{task.round}:rung:{number}"
        lost = [to_person(one) for one in before if one not in takers]
        yield Letter("task_reassigned", lost, _loss(form, role), f"reassigned:{key}", case=deadline.case)
        facts = {"task": task, "form": form}
        them = [to_person(one) for one in takers]
        yield Letter("task_opened", them, facts, f"task:{key}", case=deadline.case, asks=task)


def _loss(form: type[Form], role: Role) -> Callable[[], dict[str, Any]]:
    """What somebody reads whose task went to a role because it was late."""
    return lambda: {
        "form": form,
        "by": actor("clock"),
        "to": role.label,
        "reason": _(N_("It was not done in time.")),
    }


def _responsible(climbing: _Climb, deadline: Deadline) -> list[Person]:
    """Who has the ball: those who may decide the deadline's tasks, also as deputies, else the registrar.

    A deadline without a task of its own waits for the case's open ones.
    """
    session = climbing.session
    open_tasks = climbing.tasks[deadline.id] or questions.open_in(session, deadline.case_id)
    asked = [one for task in open_tasks for one in questions.candidates(session, task, climbing.done)]
    deputies = [way.acts for task in open_tasks for way in questions.deputies(session, task)]
    return [*asked, *deputies] or [session.get_one(Person, deadline.case.opened_by)]
