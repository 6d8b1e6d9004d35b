"""Finding tasks (待办) and who may decide them."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, cast, false, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload, object_session

from models.errors import NotFound
from models.language import N_, _
from models.policy import Policy, read_policy
from models.queries import links, people, standing_in
from models.queries.standing_in import Way
from models.roles import POST_AT, Role
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import Decision, Task, TaskState

#: The class of the advisory locks of people, and what their second key may reach.
_PEOPLE_LOCKS = 0x50454F50  # "PEOP"
_MOST = 2**31
#: The posts that somebody holds for an area or a party, not for the whole company.
AREA_POSTS = frozenset({*POST_AT.values(), Role.REGIONAL_MANAGER})


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


@dataclass(frozen=True)
class Done:
    """Who did which step in which family of linked cases; asked for by any case of a family."""

    family: Mapping[int, int]
    steps: Set[tuple[int, str, int]]

    def __contains__(self, done: tuple[int, str, int]) -> bool:
        case_id, key, person_id = done
        return (self.family.get(case_id, case_id), key, person_id) in self.steps


def done_in(session: Session, case_ids: Collection[int], *, linked: bool = True) -> Done:
    """Who did which step, in any round, of these cases and of those linked with them, or of these alone.

    `report` is the registration of a case. What a deputy did, did also the one for whom the deputy stood in.
    """
    if not case_ids:
        return Done({}, frozenset())
    family = links.families(session, case_ids) if linked else {one: one for one in case_ids}
    decided = select(Task.case_id, Task.key, Decision.by_id, Decision.in_place_of_id).join(Decision.task)
    opened = select(Case.id, literal("report"), Case.opened_by, null()).where(Case.id.in_(family))
    rows = session.execute(decided.where(Task.case_id.in_(family)).union_all(opened))
    steps = {(family[case], key, one) for case, key, *people in rows for one in people if one is not None}
    return Done(family, steps)


def steps_that_bar(session: Session, task: Task, person: Person, done: Done | None = None) -> list[str]:
    """Steps this person did, here or in a linked case, that the policy wants done by another than this decider."""
    others = policy_of(task.case).kept_apart_from(task.key)
    if not others:
        return []
    done = done_in(session, [task.case_id]) if done is None else done
    return sorted(key for key in others if (task.case_id, key, person.id) in done)


def candidates(session: Session, task: Task, done: Done | None = None) -> list[Person]:
    """Who may decide the task now without standing in: whoever is asked, less those barred by separation of duties."""
    return [one for one in asked_people(session, task) if not steps_that_bar(session, task, one, done)]


def asked_people(session: Session, task: Task) -> list[Person]:
    """Who is asked: the assignee, else the holders of the role; see `who_is_asked`."""
    return list(who_is_asked(session, task).people)


@dataclass(frozen=True)
class Asked:
    """Who is asked, and in which post."""

    role: Role
    people: Sequence[Person]


def who_is_asked(session: Session, task: Task) -> Asked:
    """The assignee, while in the post; else the holders of the role.

    What somebody took from the group waits for the group again once they are not in the post any more. Of a post that
    belongs to an area, those come first who work for the case's party or one above it (逐级负责); everybody is asked if
    none of them does.
    """
    role = Role(task.role)
    if task.assignee:
        posts = (role, Role.CS_CLERK) if task.at_party_id else (role,)
        held = next((one for one in posts if one in task.assignee.roles), None)
        if held or task.claimed_at is None:
            return Asked(held or role, [task.assignee] if held else [])
    group = group_of(session, task)
    if task.at_party_id is None and role in AREA_POSTS and len(group.people) > 1:
        line = {one.id for one in (task.case.party, *people.superiors(task.case.party))}
        return Asked(role, [one for one in group.people if one.party_id in line] or group.people)
    return group


def group_of(session: Session, task: Task) -> Asked:
    """Those to whom the task may be given: the holders of its role.

    Where a party is asked, it is those of the holders who work for it; if it has none, the clerks answer for it.
    """
    role = Role(task.role)
    holders = people.holders(session, role)
    if task.at_party_id is None:
        return Asked(role, holders)
    theirs = [one for one in holders if one.party_id == task.at_party_id]
    return Asked(role, theirs) if theirs else Asked(Role.CS_CLERK, people.holders(session, Role.CS_CLERK))


def ways_to(session: Session, task: Task, person: Person) -> list[Way]:
    """How this person comes to decide a task now: as one who is asked, else as a deputy of such a one, nearest first.

    Separation of duties is another matter; see `unbarred`.
    """
    asked = who_is_asked(session, task)
    if person in asked.people:
        return [Way((person,))]
    behind = standing_in.those_behind(session, person)
    return [way for way in behind if way.holder in asked.people and way.reach.covers(asked.role, task.case.procedure)]


def unbarred(session: Session, task: Task, ways: Iterable[Way], done: Done | None = None) -> list[Way]:
    """The ways on which nobody did a step that the policy keeps apart from this task."""
    if done is None and policy_of(task.case).kept_apart_from(task.key):
        done = done_in(session, [task.case_id])
    return [way for way in ways if not any(steps_that_bar(session, task, one, done) for one in way.people)]


def hold_people(session: Session, task: Task, ways: Iterable[Way]) -> None:
    """Makes decisions of the same people wait for each other where this task is kept apart from others.

    The lock of a case does not do that: the other step may be done in a linked case at the same time.
    """
    if policy_of(task.case).kept_apart_from(task.key):
        ids = sorted({one.id % _MOST for way in ways for one in way.people})
        ordered = cast(bindparam("ids", ids), ARRAY(Integer()))
        session.execute(select(func.pg_advisory_xact_lock(_PEOPLE_LOCKS, func.unnest(ordered)))).all()


def deputies(session: Session, task: Task) -> list[Way]:
    """Who may decide the task now in place of somebody who is asked; each deputy once, by the nearest way."""
    if not standing_in.anybody(session):
        return []
    asked = who_is_asked(session, task)
    ways = [
        way
        for one in asked.people
        for way in standing_in.those_before(session, one)
        if way.acts not in asked.people and way.reach.covers(asked.role, task.case.procedure)
    ]
    nearest: dict[int, Way] = {}
    for way in unbarred(session, task, sorted(ways, key=lambda way: len(way.people))):
        nearest.setdefault(way.acts.id, way)
    return list(nearest.values())


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
    """The open tasks this person may decide, also as somebody's deputy, the one due first in front."""
    acting_for = {person, *(way.holder for way in standing_in.those_behind(session, person))}
    roles = {role for one in acting_for for role in one.roles}
    asked_of_a_party = Task.at_party_id.is_not(None)
    of_a_post = or_(Task.role.in_(roles), asked_of_a_party if Role.CS_CLERK in roles else false())
    # What somebody took is the group's again if they have lost the post.
    of_a_group = or_(Task.assignee_id.is_(None), Task.claimed_at.is_not(None))
    theirs = or_(Task.assignee_id.in_([one.id for one in acting_for]), of_a_group & of_a_post)
    found = session.scalars(
        select(Task)
        .where(Task.state == TaskState.OPEN, theirs)
        .options(
            joinedload(Task.case),
            joinedload(Task.deadline),
            joinedload(Task.assignee).selectinload(Person.grants),
        )
    ).all()
    with_others = [task for task in found if policy_of(task.case).kept_apart_from(task.key)]
    done = done_in(session, {task.case_id for task in with_others})
    mine = [task for task in found if unbarred(session, task, ways_to(session, task, person), done)]
    return sorted(mine, key=lambda task: (task.deadline.due_at, task.id))


def waits_for(task: Task) -> str:
    """Whom a task waits for, as people say it."""
    who = task.assignee.label if task.assignee else Role(task.role).label
    if task.at_party:
        return _(N_("{who}, at {party}"), who=who, party=task.at_party.name)
    return _(N_("{who}, for {party}"), who=who, party=task.for_party.name) if task.for_party else who


def all_of(session: Session, case_id: int) -> Sequence[Task]:
    """The tasks of a case, in the order of their opening."""
    return session.scalars(select(Task).where(Task.case_id == case_id).order_by(Task.id)).all()
