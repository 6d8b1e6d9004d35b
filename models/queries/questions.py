"""Finding tasks (待办) and who may decide them."""

from collections.abc import Collection, Container, Sequence

from sqlalchemy import false, literal, or_, select, update
from sqlalchemy.orm import Session, object_session

from models.errors import NotFound
from models.language import N_, _
from models.policy import Policy, read_policy
from models.queries import people
from models.roles import Role
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import Decision, Task, TaskState


def by_ref(session: Session, ref: str, *, lock: bool = False) -> Task:
    """The task people call `ref` (BQ-2026-0001:site-finding:1); raises NotFound."""
    query = select(Task).where(Task.ref == ref)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound(N_("There is no task {ref}."), ref=ref)
    return found


def asked(session: Session, case_id: int, key: str, round: int) -> Task | None:
    """The task of a case, if it was opened already."""
    return session.scalars(select(Task).where(Task.case_id == case_id, Task.key == key, Task.round == round)).first()


def open_in(session: Session, case_id: int) -> Sequence[Task]:
    """The open tasks of a case, in the order of their opening."""
    return session.scalars(
        select(Task).where(Task.case_id == case_id, Task.state == TaskState.OPEN).order_by(Task.id)
    ).all()


def await_only(session: Session, task: Task) -> None:
    """Records which question the flow sleeps on, so that a case tells truly whether it waits."""
    session.execute(update(Task).where(Task.case_id == task.case_id, Task.awaited).values(awaited=False))
    task.awaited = True
    session.flush()


def policy_of(case: Case) -> Policy:
    """The policy version that the case began with, read once in a transaction."""
    session = object_session(case)
    read: dict[int, Policy] = session.info.setdefault("policies", {}) if session else {}
    if case.policy_id not in read:
        read[case.policy_id] = read_policy(case.policy_version.content)
    return read[case.policy_id]


#: Who did what: case, step, person.
Done = Container[tuple[int, str, int]]


def done_in(session: Session, case_ids: Collection[int]) -> set[tuple[int, str, int]]:
    """Who did which step, in any round, of these cases; `report` is the registration of the case."""
    decided = select(Task.case_id, Task.key, Decision.by_id).join(Decision.task).where(Task.case_id.in_(case_ids))
    opened = select(Case.id, literal("report"), Case.opened_by).where(Case.id.in_(case_ids))
    return {(case, key, by) for case, key, by in session.execute(decided.union_all(opened)) if by is not None}


def steps_that_bar(session: Session, task: Task, person: Person, done: Done | None = None) -> list[str]:
    """Steps this person did in the case that the policy wants done by somebody else than this task's decider."""
    others = policy_of(task.case).kept_apart_from(task.key)
    if not others:
        return []
    done = done_in(session, [task.case_id]) if done is None else done
    return sorted(key for key in others if (task.case_id, key, person.id) in done)


def candidates(session: Session, task: Task, done: Done | None = None) -> list[Person]:
    """Who may decide the task now: whoever is asked, less those barred by separation of duties."""
    return [one for one in asked_people(session, task) if not steps_that_bar(session, task, one, done)]


def asked_people(session: Session, task: Task) -> list[Person]:
    """Who is asked: the assignee, else the holders of the role.

    Where a party is asked, these are the holders who work for it; if it has none, the clerks answer for it.
    """
    if task.assignee:
        return [task.assignee] if task.assignee.active else []
    holders = people.holders(session, Role(task.role))
    if task.at_party_id is None:
        return list(holders)
    theirs = [one for one in holders if one.party_id == task.at_party_id]
    return theirs or list(people.holders(session, Role.CS_CLERK))


def last_decider(session: Session, case_id: int, key: str) -> str | None:
    """The login of whoever decided a task last, in its last round; nobody if it was not decided by a person."""
    return session.scalar(
        select(Person.login)
        .join(Decision, Decision.by_id == Person.id)
        .join(Task, Task.id == Decision.task_id)
        .where(Task.case_id == case_id, Task.key == key)
        .order_by(Task.round.desc())
        .limit(1)
    )


def inbox(session: Session, person: Person) -> list[Task]:
    """The open tasks this person may decide, the one due first in front."""
    if not person.roles:
        return []
    asked_of_a_party = Task.at_party_id.is_not(None)
    of_my_post = or_(Task.role.in_(person.roles), asked_of_a_party if Role.CS_CLERK in person.roles else false())
    mine = select(Task).where(
        Task.state == TaskState.OPEN, or_(Task.assignee_id == person.id, Task.assignee_id.is_(None) & of_my_post)
    )
    tasks = [task for task in session.scalars(mine) if person in candidates(session, task)]
    return sorted(tasks, key=lambda task: (task.deadline.due_at, task.id))


def waits_for(task: Task) -> str:
    """Whom a task waits for, as people say it."""
    who = task.assignee.label if task.assignee else Role(task.role).label
    if task.at_party:
        return _(N_("{who}, at {party}"), who=who, party=task.at_party.name)
    return _(N_("{who}, for {party}"), who=who, party=task.for_party.name) if task.for_party else who


def all_of(session: Session, case_id: int) -> Sequence[Task]:
    """The tasks of a case, in the order of their opening."""
    return session.scalars(select(Task).where(Task.case_id == case_id).order_by(Task.id)).all()
