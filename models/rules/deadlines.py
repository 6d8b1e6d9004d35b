"""When a budget of time is used up (时限). The counting is this product's default where the manuals only say "days".

The day of the event is day 0 and the last day ends at 24:00. How far a budget reaches without a pause also fixes how
much counted time it holds; a pause of any length then moves due by exactly the counted time that passed in it.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from models.rules.calendars import STATUTORY_REST, Calendar, NeverWorked, Span

_DAY = timedelta(days=1)
_NOTHING = timedelta()
_LONGEST_REST = 3660


class Unit(StrEnum):
    """What a budget is counted in. A day is a calendar day, not 24 hours; a month ends on the same day of the month."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class CountsFrom(StrEnum):
    """What day 0 is: the day of the event, or the day before the next working day (自次工作日起算)."""

    EVENT = "event"
    NEXT_WORKING_DAY = "next_working_day"


class LastDay(StrEnum):
    """What happens to a last day on a statutory rest day (民法典 art. 203): nothing, or it moves."""

    KEPT = "kept"
    NEXT_WORKING_DAY = "next_working_day"


@dataclass(frozen=True)
class Budget:
    """An amount of time that may be used up: `Budget(2, Unit.DAYS)`; the amount is at least 1."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a budget of {self.amount} {self.unit} is not a time")


@dataclass(frozen=True)
class Counting:
    """How a policy counts: an event after `cut_off` or on a day off counts as one of the next working day.

    With a cut-off hours begin when work begins, at the earliest.
    """

    cut_off: time | None = None
    counts_from: CountsFrom = CountsFrom.EVENT
    last_day: LastDay = LastDay.KEPT


DEFAULT_COUNTING = Counting()


@dataclass(frozen=True)
class Run:
    """A time in which the clock ran; the last one is open while it runs."""

    start: datetime
    stop: datetime | None = None


def going_on(runs: Sequence[Run], at: datetime, *, stood: bool) -> list[Run]:
    """The ledger of a clock that is taken to go on: at `at` if it stood, else as if its last run had not ended."""
    last = runs[-1]
    if last.stop is None:
        return list(runs)
    return [*runs, Run(max(at, last.stop))] if stood else [*runs[:-1], Run(last.start)]


@dataclass(frozen=True)
class Reach:
    """How far a budget reaches without a pause: where counting begins, day 0, and its end."""

    begins: datetime
    day_zero: date
    ends: datetime
    #: The last day before it was moved off a rest day, else the last day.
    last_day: date


def reach(budget: Budget, counting: Counting, event: datetime, calendar: Calendar) -> Reach:
    """From the event to the end of the budget, unpaused; `event` carries a zone. Raises NeverWorked."""
    begins, day_zero = _beginning(budget.unit, counting, event.astimezone(UTC), calendar)
    if budget.unit is Unit.HOURS:
        ends = begins + timedelta(hours=budget.amount)
        return Reach(begins, day_zero, ends, calendar.date_of(ends))
    if budget.unit is Unit.WORKING_HOURS:
        ends = _advance(budget.unit, calendar, begins, timedelta(hours=budget.amount))
        return Reach(begins, day_zero, ends, calendar.date_of(ends))
    if budget.unit is Unit.WORKING_DAYS:
        last = calendar.working_day_after(day_zero, budget.amount)
        return Reach(begins, day_zero, calendar.end_of(last), last)
    last = day_zero + budget.amount * _DAY if budget.unit is Unit.DAYS else months_after(day_zero, budget.amount)
    moved = last
    # The law asks for the day after the rest (法定休假日结束的次日), also if the company is closed on it.
    while counting.last_day is LastDay.NEXT_WORKING_DAY and calendar.day(moved).kind in STATUTORY_REST:
        moved += _DAY
        if (moved - last).days > _LONGEST_REST:
            raise NeverWorked(f"no day but rest within ten years of {last}")
    return Reach(begins, day_zero, calendar.end_of(moved), last)


def _beginning(unit: Unit, counting: Counting, event: datetime, calendar: Calendar) -> tuple[datetime, date]:
    """Where counting begins, and day 0."""
    begins, day = event, calendar.date_of(event)
    in_hours = unit in {Unit.HOURS, Unit.WORKING_HOURS}

    def first_moment(on: date) -> datetime:
        return calendar.opening(on) if in_hours else calendar.start_of(on)

    if counting.cut_off is not None:
        after = event.astimezone(calendar.zone).time() > counting.cut_off
        if after or not calendar.is_worked(day):
            day = calendar.working_day_after(day)
            begins = first_moment(day)
        elif in_hours:
            # Who reports in the night is not better off than who reported the evening before.
            begins = max(begins, first_moment(day))
    if counting.counts_from is CountsFrom.NEXT_WORKING_DAY:
        first = calendar.working_day_after(day)
        return first_moment(first), first - _DAY
    return begins, day


def months_after(start: date, months: int) -> date:
    """The same day of the month, or the month's last day if it has no such day (31 January + 1 month)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def counted(unit: Unit, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much of the time between two instants counts for a unit."""
    if end <= start:
        return _NOTHING
    if unit not in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}:
        return end - start
    total = _NOTHING
    for begins, ends in counted_spans(unit, calendar, calendar.date_of(start)):
        if begins >= end:
            break
        total += max(_NOTHING, min(ends, end) - max(begins, start))
    return total


def counted_spans(unit: Unit, calendar: Calendar, on: date) -> Iterator[Span]:
    """The times from day `on` that count for working days (whole days) or working hours; raises NeverWorked."""
    rest = 0
    while rest < _LONGEST_REST:
        rest += 1
        if calendar.is_worked(on):
            rest = 0
            if unit is Unit.WORKING_DAYS:
                yield calendar.start_of(on), calendar.end_of(on)
            else:
                yield from calendar.shifts_of(on)
        on += _DAY
    raise NeverWorked(f"no working day within ten years before {on}")


def _advance(unit: Unit, calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The first instant at which `amount` of counted time has passed since `start`."""
    if amount <= _NOTHING:
        return start
    if unit not in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}:
        return start + amount
    for begins, ends in counted_spans(unit, calendar, calendar.date_of(start)):
        first = max(begins, start)
        if first + amount <= ends:
            return first + amount
        amount -= max(_NOTHING, ends - first)
    raise AssertionError("counted_spans never ends by itself")


@dataclass(frozen=True)
class Clock:
    """One deadline's clock: what it counts, and the ledger of the times in which it ran."""

    budget: Budget
    counting: Counting
    calendar: Calendar
    event: datetime
    runs: Sequence[Run]

    def __post_init__(self) -> None:
        # Python adds to a local time by the clock on the wall; what counts is the time that passes.
        runs = [Run(run.start.astimezone(UTC), run.stop.astimezone(UTC) if run.stop else None) for run in self.runs]
        object.__setattr__(self, "event", self.event.astimezone(UTC))
        object.__setattr__(self, "runs", runs)

    @property
    def reach(self) -> Reach:
        """How far the budget reaches without a pause."""
        return reach(self.budget, self.counting, self.event, self.calendar)

    def size(self) -> timedelta:
        """The counted time that the budget holds."""
        found = self.reach
        return counted(self.budget.unit, self.calendar, found.begins, found.ends)

    def used(self, at: datetime) -> timedelta:
        """The counted time in which the clock ran, up to `at`."""
        begins, unit = self.reach.begins, self.budget.unit
        return sum(
            (
                counted(unit, self.calendar, max(run.start, begins), min(at, run.stop or at))
                for run in self.runs
                if run.start < at
            ),
            _NOTHING,
        )

    def due(self) -> datetime:
        """When the budget is used up. A clock that stands is taken to go on where it stopped."""
        return self.instant_of_share(1.0)

    def instant_of_share(self, share: float) -> datetime:
        """When a share of the budget (0.8 for 80 %) is used up."""
        found = self.reach
        if len(self.runs) == 1 and self.runs[0].stop is None and share == 1.0:
            return found.ends
        unit, calendar = self.budget.unit, self.calendar
        left = counted(unit, calendar, found.begins, found.ends) * share
        last = found.begins
        for run in self.runs:
            start = max(run.start, found.begins)
            if run.stop is None:
                return _advance(unit, calendar, start, left)
            passed = counted(unit, calendar, start, run.stop)
            if passed >= left:
                return _advance(unit, calendar, start, left)
            left -= passed
            last = max(run.stop, found.begins)
        return _advance(unit, calendar, last, left)


def has_passed(due: datetime, at: datetime) -> bool:
    """The due instant itself still belongs to the time: 24:00 sharp is in time, anything later is not."""
    return at > due


def shifted(instant: datetime, budget: Budget, calendar: Calendar, direction: int) -> datetime:
    """`budget` before (-1) or after (1) an instant: hours exactly, days and months at the same time of day.

    24:00 belongs to the day that it ends, so a working day before 24:00 of a Monday is 24:00 of the Friday.
    """
    if budget.unit is Unit.HOURS:
        return instant.astimezone(UTC) + direction * timedelta(hours=budget.amount)
    if budget.unit is Unit.WORKING_HOURS:
        return _shifted_in_hours(instant.astimezone(UTC), timedelta(hours=budget.amount), calendar, direction)
    day = calendar.date_of(instant - timedelta(microseconds=1))
    if budget.unit is Unit.DAYS:
        other = day + direction * budget.amount * _DAY
    elif budget.unit is Unit.MONTHS:
        other = months_after(day, direction * budget.amount)
    elif direction > 0:
        other = calendar.working_day_after(day, budget.amount)
    else:
        other = calendar.working_day_before(day, budget.amount)
    local = instant.astimezone(calendar.zone).replace(tzinfo=None) + (other - day)
    return local.replace(tzinfo=calendar.zone).astimezone(UTC)


def _shifted_in_hours(instant: datetime, amount: timedelta, calendar: Calendar, direction: int) -> datetime:
    if direction > 0:
        return _advance(Unit.WORKING_HOURS, calendar, instant, amount)
    on = calendar.date_of(instant)
    for _rest in range(_LONGEST_REST):
        for begins, ends in reversed(calendar.shifts_of(on)):
            last = min(ends, instant)
            if last - begins >= amount:
                return last - amount
            amount -= max(_NOTHING, last - begins)
        on -= _DAY
    raise NeverWorked(f"not enough working hours within ten years before {instant}")
