"""Taking a task from the group (认领), giving it back, and handing it over."""

from collections.abc import Iterable

from models.errors import InvalidInput, NotAllowed
from models.forms import Form
from models.language import N_, _
from models.queries import audit, clock, people, questions
from models.queries.standing_in import Way
from models.roles import Role
from models.tables.questions import Task
from tasks.database import transaction
from tasks.deciding import refuse_if_not_theirs, refuse_if_separated
from tasks.notices import notify, tell_candidates, to_person
from tasks.reassigning import give, may_give_away, open_task
from tasks.withdrawing import Reason


def claim(ref: str, by: str) -> str:
    """Somebody who may decide an open task takes it from the group; the others are told, and may not decide it then.

    A deputy takes it for whom they stand in for. Who has taken it already still has it. Raises NotFound, CaseEnded,
    AlreadyDecided, SeparationOfDuties, and NotAllowed for a task that is not this person's to decide or was given to
    somebody. Returns the task's reference.
    """
    with transaction() as session:
        task, person = open_task(session, ref), people.person(session, by)
        ways = questions.ways_to(session, task, person)
        refuse_if_not_theirs(task, person, ways)
        if _took_it(task, ways):
            return ref
        if task.assignee is not None and task.claimed_at is None:
            raise NotAllowed(
                N_("This task was given to {assignee}; only one that waits for a group can be taken."),
                assignee=task.assignee.label,
            )
        free = questions.unbarred(session, task, ways)
        refuse_if_separated(session, task, ways, free)
        at, holder = clock.now(session), free[0].holder
        others = [to_person(one) for one in questions.candidates(session, task) if one is not holder]
        task.assignee, task.claimed_at = holder, at
        audit.record(session, at, person.login, "claimed", ref, {"for": holder.login})
        facts = {"form": Form.named(task.form), "by": holder.label}
        key = f"claimed:{task.key}:{task.round}:{audit.times(session, 'claimed', ref)}"
        notify(session, task.case, at, "task_claimed", others, facts, key=key)
        return ref


def release(ref: str, by: str) -> str:
    """Whoever took a task, or a deputy, gives it back to the group, which is told that it waits again.

    Raises NotFound, NotAllowed, AlreadyDecided or CaseEnded. Returns the task's reference.
    """
    with transaction() as session:
        task, person = open_task(session, ref), people.person(session, by)
        ways = questions.ways_to(session, task, person)
        refuse_if_not_theirs(task, person, ways)
        if not _took_it(task, ways):
            raise NotAllowed(
                N_("{person} has not taken this task from a group; there is nothing to give back."), person=person.label
            )
        at = clock.now(session)
        task.assignee, task.claimed_at = None, None
        audit.record(session, at, person.login, "released", ref, {})
        times = audit.times(session, "released", ref)
        tell_candidates(session, task, at, key=f"task:{task.key}:{task.round}:released:{times}")
        return ref


def hand_over(ref: str, to: str, reason: str, by: str) -> str:
    """Gives a task to another holder of its role: whoever took it from the group may, or a deputy, and the post above.

    Who was given a task by the post above or by the procedure does not pass it on; that post was to choose. What was
    taken stays so: the next one can give it back to the group, too.

    Manual 000 三 内勤 G: what else the manager assigns.

    Raises NotFound, NotAllowed, AlreadyDecided, CaseEnded or InvalidInput. Returns the task's reference.
    """
    checked = Reason.read({"reason": reason}).reason
    with transaction() as session:
        task = open_task(session, ref)
        giver, taker = people.person(session, by), people.person(session, to)
        took_it = _took_it(task, questions.ways_to(session, task, giver))
        if not took_it and not may_give_away(task, giver):
            raise NotAllowed(
                N_("{person} may not hand this task over: only who took it from the group may, or the role {role}."),
                person=giver.label,
                role=questions.policy_of(task.case).supervisor_of(Role(task.role)).label,
            )
        if taker is task.assignee:
            raise InvalidInput({"to": _(N_("{person} has this task already."), person=taker.label)})
        give(session, task, taker, checked, giver, stays_taken=took_it)
        return ref


def _took_it(task: Task, ways: Iterable[Way]) -> bool:
    return task.claimed_at is not None and any(way.holder is task.assignee for way in ways)
