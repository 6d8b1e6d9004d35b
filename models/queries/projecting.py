"""Counting many deadlines anew, as a changed calendar or limit would have them, without touching them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from models.limits import Limit, RungPlan
from models.policy import Policy
from models.queries import calendars
from models.queries.rungs import numbered, planned
from models.rules.calendars import Calendar
from models.rules.deadlines import Budget, Clock, Counting, CountsFrom, LastDay, Run, Unit, has_passed
from models.tables.calendars import CalendarVersion
from models.tables.cases import Case
from models.tables.deadlines import Deadline, Rung, RunningInterval
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
    """Which calendar counts: for a deadline as it is, and by the name that a limit gives."""

    def __init__(self, session: Session, tried: Mapping[str, CalendarVersion] | None = None) -> None:
        self._session = session
        self._tried = dict(tried or {})
        self._current = {version.name: version for version in calendars.all_current(session)} | self._tried
        self._names = {one.id: one.name for one in session.scalars(select(CalendarVersion))}
        self._trials: dict[tuple[str, tuple[str, ...]], Calendar] = {}

    def version(self, version_id: int, named: str | None) -> tuple[int, str]:
        """The version that counts instead of `version_id`: the newest of its name, or of the name a limit gives."""
        name = named or self._names[version_id]
        newest = self._current.get(name)
        return (newest.id if newest is not None else version_id), name

    def calendar(self, version_id: int, name: str, line: list[str]) -> Calendar:
        """The calendar itself, for a party and its superiors."""
        tried = self._tried.get(name)
        if tried is None or tried.id is not None:
            return calendars.calendar_for(self._session, version_id, line)
        content = calendars.read_calendar(tried.content)
        differing = tuple(code for code in line if code in content.parties)
        key = (name, differing)
        if key not in self._trials:
            self._trials[key] = content.for_line(differing)
        return self._trials[key]


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


_UNENDED = Deadline.met_at.is_(None) & Deadline.abandoned_at.is_(None)


def unended(session: Session, rules: Rules, at: datetime, after: int = 0) -> Iterator[Projected]:
    """The next open deadlines with an id beyond `after`, a chunk of them, as `rules` would have them."""
    return _read(session, rules, at, _UNENDED, after)


def next_unended(session: Session, after: int) -> dict[int, int]:
    """The ids of a chunk of open deadlines beyond `after`, with those of their cases."""
    found = select(Deadline.id, Deadline.case_id).where(_UNENDED, Deadline.id > after).order_by(Deadline.id)
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
        passing, ladder = limit.passing, _new_ladder(limit, row.ladder, happened)
    version_id, name = rules.calendar_of.version(row.calendar_id, named)
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
        "next_rung_at": next((when for number, when, _ in rungs if number not in happened), None) if running else None,
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
    last = runs[-1]
    if ended_at is not None and last.stop is not None:
        paused = row.runs[-1][2]
        runs[-1:] = [last, Run(max(ended_at, last.stop))] if paused else [Run(last.start)]
    return runs


def _new_ladder(limit: Limit, old: list[dict[str, Any]], happened: set[int]) -> list[dict[str, Any]]:
    """The limit's rungs; those of the old ladder that happened keep their numbers and do not happen again."""
    plain = [rung.model_dump(mode="json") for rung in limit.rungs]
    if plain == old:
        return old
    before = [{**rung, "number": rung.get("number", place)} for place, rung in enumerate(old, 1)]
    kept = [rung for rung in before if rung["number"] in happened]
    done = [(rung["at"], rung["to"]) for rung in kept]
    fresh = [rung for rung in plain if (rung["at"], rung["to"]) not in done]
    first = max((rung["number"] for rung in before), default=0) + 1
    ladder = [*kept, *({**rung, "number": first + place} for place, rung in enumerate(fresh))]
    waiting = [{name: of for name, of in rung.items() if name != "number"} for rung in before if rung not in kept]
    return old if waiting == fresh else ladder
