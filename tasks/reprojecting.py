"""A changed calendar or limit (重新推算): what it would move first, then the change itself, with a reason on record."""

import heapq
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Text,
    Time,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import Form, Prose
from models.language import N_, _
from models.policy import Policy, read_policy
from models.queries import audit, calendars, cases, clock, people, policies, projecting
from models.queries.projecting import CalendarSource, Projected, Rules
from models.tables.calendars import CalendarVersion
from models.tables.deadlines import Deadline, DeadlineChange
from models.tables.parties import Person
from tasks.database import transaction
from tasks.permission import refuse_unless

Progress = Callable[[int], None]
_SHOWN = 20


class ReasonToChange(Form):
    """Why the rules change for what is under way; it is kept with every deadline that moves."""

    reason: Prose


@dataclass
class Effect:
    """What a change does to the open deadlines: how many move, by how much, which would be late or no longer."""

    checked: int = 0
    earlier: int = 0
    later: int = 0
    #: How far the farthest move goes, either way.
    most_earlier: timedelta = timedelta()
    most_later: timedelta = timedelta()
    would_be_late: list[Projected] = field(default_factory=list)
    no_longer_late: list[Projected] = field(default_factory=list)
    #: The farthest moves, farthest first.
    farthest: list[Projected] = field(default_factory=list)
    #: Set when the change was applied: how many deadlines were changed.
    applied: int | None = None

    def add(self, one: Projected) -> None:
        """Takes one more deadline into account."""
        self.checked += 1
        by = one.due_after - one.due_before
        if by:
            self.later += by > timedelta()
            self.earlier += by < timedelta()
            self.most_later, self.most_earlier = max(self.most_later, by), min(self.most_earlier, by)
            self.farthest = heapq.nlargest(_SHOWN, [*self.farthest, one], key=_distance)
        if one.breached_after and not one.breached_before:
            self.would_be_late.append(one)
        if one.breached_before and not one.breached_after:
            self.no_longer_late.append(one)

    @property
    def moved(self) -> int:
        """How many deadlines are due at another time."""
        return self.earlier + self.later


def _distance(one: Projected) -> timedelta:
    return abs(one.due_after - one.due_before)


def preview_calendars(contents: Mapping[str, Mapping[str, Any]], progress: Progress = lambda done: None) -> Effect:
    """What these calendars, by name, would move; nothing is changed."""
    with transaction() as session:
        rules = Rules(CalendarSource(session, _tried(session, contents)))
        return _effect(session, rules, progress)


def apply_calendars(
    contents: Mapping[str, Mapping[str, Any]], reason: str, by: str, progress: Progress = lambda done: None
) -> Effect:
    """Records changed calendars and counts open deadlines by them. Interrupted, it goes on when called again.

    Raises InvalidInput, NotFound or NotAllowed; then nothing has changed.
    """
    checked = ReasonToChange.read({"reason": reason}).reason
    with transaction() as session:
        person = _keeper(session, by)
        versions = [calendars.keep(session, name, content, person.login, checked) for name, content in contents.items()]
        cause = ", ".join(f"calendar {one.name} {one.version}" for one in versions)
    return _applied(None, cause, checked, by, progress)


def preview_policy(content: dict[str, Any], progress: Progress = lambda done: None) -> Effect:
    """What the limits of this policy would move; nothing is changed. Raises InvalidInput for an unknown calendar."""
    with transaction() as session:
        policy = read_policy(content)
        policies.refuse_unknown_calendars(session, policy)
        return _effect(session, Rules(CalendarSource(session), policy), progress)


def apply_policy(content: dict[str, Any], reason: str, by: str, progress: Progress = lambda done: None) -> Effect:
    """Records a policy whose limits also hold for open cases, and counts their deadlines by it.

    Raises InvalidInput, NotFound or NotAllowed; then nothing has changed.
    """
    checked = ReasonToChange.read({"reason": reason}).reason
    with transaction() as session:
        person = _keeper(session, by)
        version = policies.keep(session, content, person.login, checked, for_open_cases=True)
        cause = f"policy {version.name} {version.version}"
    return _applied(read_policy(content), cause, checked, by, progress)


def still_counted_by_older(session: Session) -> dict[str, int]:
    """Open deadlines that count by an earlier version of their calendar, by its name."""
    newest = {version.name: version.id for version in calendars.all_current(session)}
    older = (
        select(CalendarVersion.name, func.count())
        .join(Deadline, Deadline.calendar_id == CalendarVersion.id)
        .where(Deadline.met_at.is_(None), Deadline.abandoned_at.is_(None), CalendarVersion.id.not_in(newest.values()))
        .group_by(CalendarVersion.name)
        .order_by(CalendarVersion.name)
    )
    return {name: count for name, count in session.execute(older)}  # noqa: C416


def count_unended(session: Session) -> int:
    """How many deadlines a change has to look at."""
    unended = Deadline.met_at.is_(None) & Deadline.abandoned_at.is_(None)
    return session.scalar(select(func.count()).select_from(Deadline).where(unended)) or 0


def _tried(session: Session, contents: Mapping[str, Mapping[str, Any]]) -> dict[str, CalendarVersion]:
    """Calendars that are not recorded, only tried; an unchanged one is the recorded one."""
    current = {version.name: version for version in calendars.all_current(session)}
    return {
        name: CalendarVersion(name=name, content=dict(content))
        for name, content in contents.items()
        if name not in current or current[name].content != content
    }


def _keeper(session: Session, login: str) -> Person:
    person = people.person(session, login)
    allowed = read_policy(policies.current(session).content).rule_keepers
    refuse_unless(person, allowed, N_("{person} may not change the rules; that takes one of: {roles}."))
    return person


def _effect(session: Session, rules: Rules, progress: Progress) -> Effect:
    at, effect, last = clock.now(session), Effect(), 0
    while chunk := list(projecting.unended(session, rules, at, last)):
        for one in chunk:
            effect.add(one)
        last = chunk[-1].id
        progress(effect.checked)
    return effect


def _applied(policy: Policy | None, cause: str, reason: str, by: str, progress: Progress) -> Effect:
    """Chunk by chunk, each in a transaction of its own that holds its cases no longer than it must."""
    effect, last, applied = Effect(), 0, 0
    while True:
        with transaction() as session:
            chunk = projecting.next_unended(session, last)
            if not chunk:
                break
            # Read under the locks: nobody answers, pauses or is reminded meanwhile.
            cases.hold(session, set(chunk.values()))
            at, last = clock.now(session), max(chunk)
            rules = Rules(CalendarSource(session), policy)
            fresh = [one for one in projecting.these(session, rules, at, list(chunk)) if one.ended_at is None]
            changed = [one for one in fresh if one.differs]
            _write(session, changed, at, cause, reason, by)
            for one in fresh:
                effect.add(one)
            applied += len(changed)
            progress(effect.checked)
    with transaction() as session:
        detail = {"reason": reason, "checked": effect.checked, "changed": applied, "moved": effect.moved}
        audit.record(session, clock.now(session), by, "deadlines_counted_anew", cause, detail)
    effect.applied = applied
    return effect


#: The columns that a change writes, with their types.
_COLUMNS: dict[str, Any] = {
    "amount": Integer(),
    "unit": Text(),
    "calendar_id": BigInteger(),
    "cut_off": Time(),
    "counts_from": Text(),
    "last_day": Text(),
    "passing": Text(),
    "due_at": DateTime(timezone=True),
    "next_rung_at": DateTime(timezone=True),
    "breached_at": DateTime(timezone=True),
}


def _write(session: Session, changed: Sequence[Projected], at: datetime, cause: str, reason: str, by: str) -> None:
    """All of a chunk in two statements."""
    if not changed:
        return
    arrays = [
        cast(bindparam(name, [one.values[name] for one in changed]), ARRAY(kind)) for name, kind in _COLUMNS.items()
    ]
    ladders = cast(bindparam("ladder", [json.dumps(one.values["ladder"]) for one in changed]), ARRAY(Text()))
    ids = cast(bindparam("ids", [one.id for one in changed]), ARRAY(BigInteger()))
    new = (
        func.unnest(ids, *arrays, ladders)
        .table_valued(column("id"), *(column(name, kind) for name, kind in _COLUMNS.items()), column("ladder", Text()))
        .render_derived(name="new")
    )
    session.execute(
        update(Deadline)
        .where(Deadline.id == new.c.id)
        .values({**{name: new.c[name] for name in _COLUMNS}, "ladder": cast(new.c.ladder, JSONB())})
        .execution_options(synchronize_session=False)
    )
    last_numbers = (
        select(DeadlineChange.deadline_id, func.max(DeadlineChange.number))
        .where(DeadlineChange.deadline_id.in_([one.id for one in changed]))
        .group_by(DeadlineChange.deadline_id)
    )
    numbers = {deadline_id: number for deadline_id, number in session.execute(last_numbers)}  # noqa: C416
    session.execute(
        insert(DeadlineChange),
        [
            {
                "deadline_id": one.id,
                "number": numbers.get(one.id, 0) + 1,
                "at": at,
                "by": by,
                "reason": reason,
                "cause": cause,
                "due_before": one.due_before,
                "due_after": one.due_after,
                "budget_before": one.budget_before,
                "budget_after": one.budget_after,
            }
            for one in changed
        ],
    )


@dataclass(frozen=True)
class Trial:
    """A closed case's deadline under a changed policy: whether it was late, and whether it would have been."""

    one: Projected
    was_late: bool
    would_be_late: bool


@dataclass
class BackTest:
    """What a changed policy would have done to all closed cases."""

    checked: int = 0
    cases: int = 0
    late_before: int = 0
    late_after: int = 0
    #: The deadlines whose verdict differs.
    differing: list[Trial] = field(default_factory=list)


def back_test(
    content: dict[str, Any],
    contents: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = lambda done: None,
) -> BackTest:
    """Counts every deadline of every closed case by the limits of a policy, and by calendars if any are given.

    Raises InvalidInput for a calendar that the policy counts by and that is neither given nor recorded.
    """
    done = BackTest()
    with transaction() as session:
        policy = read_policy(content)
        known = {version.name for version in calendars.all_current(session)} | set(contents or {})
        if unknown := sorted(policy.calendars - known):
            raise InvalidInput({"calendar": _(N_("There is no calendar {name}."), name=unknown[0])})
        rules = Rules(CalendarSource(session, _tried(session, contents or {})), policy)
        seen: set[int] = set()
        for one in _ended(session, rules):
            done.checked += 1
            seen.add(one.case_id)
            done.late_before += one.breached_before
            done.late_after += one.breached_after
            if one.breached_before != one.breached_after:
                done.differing.append(Trial(one, one.breached_before, one.breached_after))
            progress(done.checked)
        done.cases = len(seen)
    return done


def _ended(session: Session, rules: Rules) -> Iterator[Projected]:
    at, last = clock.now(session), 0
    while chunk := list(projecting.ended(session, rules, at, last)):
        yield from chunk
        last = chunk[-1].id
