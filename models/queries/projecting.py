"""Counting many deadlines anew, as a changed calendar or limit would have them, and writing what that changes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Row,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from models.calendars import CompanyCalendar
from models.limits import Limit, RungPlan
from models.policy import Policy
from models.queries import calendars
from models.queries.deadlines import UNENDED
from models.queries.rungs import following, numbered, planned
from models.rules.calendars import Calendar
from models.rules.deadlines import Budget, Clock, Counting, CountsFrom, LastDay, Run, Unit, going_on, has_passed
from models.tables.calendars import CalendarVersion
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineChange, Rung, RunningInterval
from models.tables.policies import PolicyVersion

#: Deadlines that are read and written together.
CHUNK = 1000

Ladder = list[tuple[int, RungPlan]]


@dataclass(frozen=True)
class Rules:
    """What changes: calendars by name, each a recorded version or one that is only tried, and a policy's limits."""

    #: The calendars by the ids of the versions that deadlines carry now: what they are counted by instead.
    calendar_of: "CalendarSource"
    policy: Policy | None = None
    _ladders: dict[str, Ladder] = field(default_factory=dict)

    def limit_of(self, policy_name: str, path: str) -> Limit | None:
        """The changed limit of a deadline, if the policy has it."""
        if self.policy is None or policy_name != self.policy.name:
            return None
        return self.policy.limits.get(path)

    def plans(self, ladder: list[dict[str, Any]]) -> Ladder:
        """The plans of a ladder, read once."""
        key = json.dumps(ladder)
        if key not in self._ladders:
            self._ladders[key] = numbered(ladder)
        return self._ladders[key]


class CalendarSource:
    """Which calendar counts: for a deadline as it is, and by the name that a limit gives.

    `tried` are calendars by name that are not recorded, whose effect is asked.
    """

    def __init__(self, session: Session, tried: Mapping[str, CompanyCalendar] | None = None) -> None:
        self._session = session
        self._tried = tried or {}
        self._newest = {version.name: version.id for version in calendars.all_current(session)}
        self._names = {one.id: one.name for one in session.scalars(select(CalendarVersion))}
        self._trials: dict[tuple[str, tuple[str, ...]], Calendar] = {}

    def newest(self, version_id: int, named: str | None) -> tuple[int, str]:
        """The version that counts instead of `version_id`: the newest of its name, or of the name a limit gives."""
        name = named or self._names[version_id]
        return self._newest.get(name, version_id), name

    def calendar(self, version_id: int, name: str, line: list[str]) -> Calendar:
        """The calendar itself, for a party and its superiors."""
        if name not in self._tried:
            return calendars.calendar_for(self._session, version_id, line)
        differing = tuple(code for code in line if code in self._tried[name].parties)
        if (name, differing) not in self._trials:
            self._trials[name, differing] = self._tried[name].for_line(differing)
        return self._trials[name, differing]


@dataclass(frozen=True)
class Projected:
    """A deadline as it is and as it would be."""

    id: int
    case_id: int
    number: str
    key: str
    due_before: datetime
    due_after: datetime
    budget_before: str
    budget_after: str
    #: When it ended, if it did.
    ended_at: datetime | None
    breached_before: bool
    breached_after: bool
    #: The columns as they would be.
    values: dict[str, Any]
    differs: bool


def unended(session: Session, rules: Rules, at: datetime, after: int = 0) -> Iterator[Projected]:
    """The next open deadlines with an id beyond `after`, a chunk of them, as `rules` would have them."""
    return _read(session, rules, at, UNENDED, after)


def next_unended(session: Session, after: int) -> dict[int, int]:
    """The ids of a chunk of open deadlines beyond `after`, with those of their cases."""
    found = select(Deadline.id, Deadline.case_id).where(UNENDED, Deadline.id > after).order_by(Deadline.id)
    return {deadline_id: case_id for deadline_id, case_id in session.execute(found.limit(CHUNK))}  # noqa: C416


def ended(session: Session, rules: Rules, at: datetime, after: int = 0) -> Iterator[Projected]:
    """The next deadlines of cases that were closed."""
    return _read(session, rules, at, Case.closed_at.is_not(None), after)


def these(session: Session, rules: Rules, at: datetime, ids: list[int]) -> Iterator[Projected]:
    """Some deadlines, read afresh."""
    return _read(session, rules, at, Deadline.id.in_(ids), 0)


def _read(session: Session, rules: Rules, at: datetime, which: ColumnElement[bool], after: int) -> Iterator[Projected]:
    interval, rung = RunningInterval, Rung
    runs = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(
                        func.extract("epoch", interval.started_at),
                        func.extract("epoch", interval.stopped_at),
                        interval.waits_for_id.is_not(None),
                    ),
                    interval.number,
                )
            )
        )
        .where(interval.deadline_id == Deadline.id)
        .scalar_subquery()
    )
    happened = select(func.array_agg(rung.number)).where(rung.deadline_id == Deadline.id).scalar_subquery()
    rows = session.execute(
        select(Deadline.__table__, Case.number.label("case_number"), PolicyVersion.name.label("policy_name"),
               runs.label("runs"), happened.label("happened"))
        .join(Case, Case.id == Deadline.case_id)
        .join(PolicyVersion, PolicyVersion.id == Case.policy_id)
        .where(which, Deadline.id > after)
        .order_by(Deadline.id)
        .limit(CHUNK)
    )  # fmt: skip
    return (_project(rules, at, row) for row in rows)


def _project(rules: Rules, at: datetime, row: Row[Any]) -> Projected:
    limit = rules.limit_of(row.policy_name, row.limit_path)
    budget = limit.budget if limit else Budget(row.amount, Unit(row.unit))
    counting = Counting(row.cut_off, CountsFrom(row.counts_from), LastDay(row.last_day))
    named, passing, ladder = None, row.passing, row.ladder
    happened = set(row.happened or ())
    if limit is not None and rules.policy is not None:
        counting, named = rules.policy.counting_of(limit), rules.policy.calendar_of(limit)
        passing, ladder = limit.passing, _new_ladder(limit, row.ladder, rules.plans(row.ladder), happened)
    version_id, name = rules.calendar_of.newest(row.calendar_id, named)
    calendar = rules.calendar_of.calendar(version_id, name, row.line)
    ended_at = row.met_at or row.abandoned_at
    clock = Clock(budget, counting, calendar, row.started_at, _runs(row, ended_at))
    due = clock.due()
    rungs = planned(rules.plans(ladder), clock, due)
    running = ended_at is None and row.paused_at is None
    is_late = has_passed(due, ended_at or row.paused_at or at)
    values = {
        "amount": budget.amount,
        "unit": budget.unit.value,
        "calendar_id": version_id,
        "cut_off": counting.cut_off,
        "counts_from": counting.counts_from.value,
        "last_day": counting.last_day.value,
        "passing": str(passing),
        "ladder": ladder,
        "due_at": due,
        "next_rung_at": following(rungs, happened) if running else None,
        # What ran out only by the change is breached, and told, by the next sweep.
        "breached_at": due if row.breached_at is not None and is_late else None,
    }
    return Projected(
        id=row.id,
        case_id=row.case_id,
        number=row.case_number,
        key=row.key,
        due_before=row.due_at,
        due_after=due,
        budget_before=f"{row.amount} {row.unit}",
        budget_after=f"{budget.amount} {budget.unit}",
        ended_at=ended_at,
        breached_before=row.breached_at is not None or (running and has_passed(row.due_at, at)),
        breached_after=is_late,
        values=values,
        differs=any(row._mapping[column] != value for column, value in values.items()),
    )


def _runs(row: Row[Any], ended_at: datetime | None) -> list[Run]:
    """The ledger; that a deadline ended is no pause."""
    zone = row.started_at.tzinfo
    runs = [
        Run(datetime.fromtimestamp(start, zone), datetime.fromtimestamp(stop, zone) if stop is not None else None)
        for start, stop, _paused in row.runs
    ]
    return going_on(runs, ended_at, stood=row.runs[-1][2]) if ended_at is not None else runs


def _new_ladder(limit: Limit, old: list[dict[str, Any]], before: Ladder, happened: set[int]) -> list[dict[str, Any]]:
    """The limit's rungs; those of the ladder before that happened keep their numbers and do not happen again."""
    kept = [(number, plan) for number, plan in before if number in happened]
    told = {(plan.at, plan.to) for _number, plan in kept}
    fresh = [plan for plan in limit.rungs if (plan.at, plan.to) not in told]
    if fresh == [plan for number, plan in before if number not in happened]:
        return old
    first = max((number for number, _plan in before), default=0) + 1
    return [{**plan.model_dump(mode="json"), "number": number} for number, plan in [*kept, *enumerate(fresh, first)]]


def still_counted_by_older(session: Session) -> dict[str, int]:
    """Open deadlines that count by an earlier version of their calendar, by its name."""
    newest = {version.name: version.id for version in calendars.all_current(session)}
    older = (
        select(CalendarVersion.name, func.count())
        .join(Deadline, Deadline.calendar_id == CalendarVersion.id)
        .where(UNENDED, CalendarVersion.id.not_in(newest.values()))
        .group_by(CalendarVersion.name)
        .order_by(CalendarVersion.name)
    )
    return {name: count for name, count in session.execute(older)}  # noqa: C416


def count_unended(session: Session) -> int:
    """How many deadlines a change has to look at."""
    return session.scalar(select(func.count()).select_from(Deadline).where(UNENDED)) or 0


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


def write(session: Session, changed: Sequence[Projected], at: datetime, cause: str, reason: str, by: str) -> None:
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
