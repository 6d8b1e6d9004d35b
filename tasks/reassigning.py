"""Giving a task to somebody else (转交): by the post above, or by whoever took it from the group."""

from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotAllowed
from models.forms import Form
from models.language import N_, _
from models.queries import audit, cases, clock, people, questions
from models.roles import Role
from models.tables.parties import Person
from models.tables.questions import Task
from tasks.database import transaction
from tasks.deciding import refuse_if_over
from tasks.notices import notify, tell_candidates, to_person
from tasks.withdrawing import Reason


def reassign(ref: str, to: str, reason: str, by: str) -> str:
    """Gives an open task to another holder of its role; the post above the role may, and the manager.

    Manual 000 三 内勤 G: what else the manager assigns.

    Raises NotFound, NotAllowed, AlreadyDecided, CaseEnded or InvalidInput. Returns the task's reference.
    """
    checked = Reason.read({"reason": reason}).reason
    with transaction() as session:
        task = open_task(session, ref)
        giver, taker = people.person(session, by), people.person(session, to)
        if not may_give_away(task, giver):
            raise NotAllowed(
                N_("{person} may not give this task away; that takes the role {role}."),
                person=giver.label,
                role=_above(task).label,
            )
        give(session, task, taker, checked, giver)
        return task.ref


def open_task(session: Session, ref: str) -> Task:
    """An open task with its case locked; raises NotFound, AlreadyDecided or CaseEnded."""
    cases.lock(session, questions.by_ref(session, ref).case_id)
    task = questions.by_ref(session, ref, lock=True)
    refuse_if_over(task, task.case)
    return task


def may_give_away(task: Task, person: Person) -> bool:
    """Whether the task is under this person's post: the one above its role, or the manager."""
    return bool(person.roles & {_above(task), Role.CS_MANAGER})


def _above(task: Task) -> Role:
    return questions.policy_of(task.case).supervisor_of(Role(task.role))


def give(session: Session, task: Task, taker: Person, reason: str, giver: Person, *, stays_taken: bool = False) -> None:
    """Makes somebody the task's assignee and tells those who lose it, and the taker.

    With `stays_taken` the taker has it as one who took it from the group, and can give it back. Raises InvalidInput for
    somebody who does not hold its role, at the party that is asked, or did a step that is kept apart from it.
    """
    group = questions.group_of(session, task)
    if group.role not in taker.roles:
        raise InvalidInput(
            {"to": _(N_("{person} does not hold the role {role}."), person=taker.label, role=group.role.label)}
        )
    if taker not in group.people and task.at_party is not None:
        fault = N_("{person} does not work for {party}, which is asked.")
        raise InvalidInput({"to": _(fault, person=taker.label, party=task.at_party.name)})
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
    task.assignee, task.claimed_at = taker, at if stays_taken else None
    audit.record(session, at, giver.login, "reassigned", task.ref, {"to": taker.login, "reason": reason})
    times = audit.times(session, "reassigned", task.ref)
    facts = {"form": Form.named(task.form), "by": giver.label, "to": taker.label, "reason": reason}
    losers = [to_person(one) for one in before if one.id != taker.id]
    notify(session, task.case, at, "task_reassigned", losers, facts, key=f"reassigned:{task.key}:{task.round}:{times}")
    tell_candidates(session, task, at, key=f"task:{task.key}:{task.round}:given:{times}")
