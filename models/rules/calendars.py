"""Calendars (日历): which days are worked, at which hours, and why a day is as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
Shift = tuple[time, time]

_DAY = timedelta(days=1)
#: A calendar in which nobody works for ten years is a typing error, not a calendar.
_LONGEST_REST = 3660


class DayKind(StrEnum):
    """Why a day is worked or not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    CLOSURE = "closure"
    EXTRA = "extra"


#: The kinds of days that are worked.
WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKE_UP, DayKind.EXTRA})
#: The rest days of the Civil Code (法定休假日, 民法典 art. 203): statutory holidays and weekly rest, not closures.
STATUTORY_REST = frozenset({DayKind.HOLIDAY, DayKind.WEEKEND})


class NeverWorked(ValueError):
    """The calendar has no working day within ten years."""


@dataclass(frozen=True)
class Day:
    """What a day is, and the name of its holiday or closure if it has one."""

    kind: DayKind
    name: str = ""

    @property
    def is_worked(self) -> bool:
        """Whether people work on it."""
        return self.kind in WORKED


_WORKDAY, _WEEKEND = Day(DayKind.WORKDAY), Day(DayKind.WEEKEND)


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days and hours of one party.

    `week` has the shifts of seven weekdays, Monday first, each weekday none, one or several; `days` what differs
    from it; `known_years` the years whose holidays and make-up days (调休) were published.
    """

    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...]
    days: Mapping[date, Day] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()
    _starts: dict[date, datetime] = field(default_factory=dict, repr=False)
    _shifts: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False)

    def day(self, on: date) -> Day:
        """What `on` is."""
        return self.days.get(on) or (_WORKDAY if self.week[on.weekday()] else _WEEKEND)

    def is_worked(self, on: date) -> bool:
        """Whether `on` is a working day."""
        return self.day(on).is_worked

    def date_of(self, instant: datetime) -> date:
        """The day in which an instant lies; 24:00 lies in the next one."""
        return instant.astimezone(self.zone).date()

    def start_of(self, on: date) -> datetime:
        """00:00 of a day, in UTC."""
        start = self._starts.get(on)
        if start is None:
            start = self._starts[on] = datetime(on.year, on.month, on.day, tzinfo=self.zone).astimezone(UTC)
        return start

    def end_of(self, on: date) -> datetime:
        """24:00 of a day, in UTC."""
        return self.start_of(on + _DAY)

    def shifts_of(self, on: date) -> tuple[Span, ...]:
        """The working hours of a day as instants; a make-up Saturday has those of the first weekday that has any."""
        shifts = self._shifts.get(on)
        if shifts is None:
            shifts = self._shifts[on] = tuple(self._spans(on)) if self.is_worked(on) else ()
        return shifts

    def _spans(self, on: date) -> Iterator[Span]:
        usual = next((shifts for shifts in self.week if shifts), ())
        closed = self.start_of(on)
        for begins, ends in self.week[on.weekday()] or usual:
            # In a night in which the clocks change a shift may begin before the one before has ended.
            start = max(closed, datetime.combine(on, begins, self.zone).astimezone(UTC))
            end = self.end_of(on) if ends == time.max else datetime.combine(on, ends, self.zone).astimezone(UTC)
            if start < end:
                yield start, end
                closed = end

    def working_day_after(self, on: date, count: int = 1) -> date:
        """The `count`-th working day after `on`; raises NeverWorked."""
        found = on
        for _nth in range(count):
            for _rest in range(_LONGEST_REST):
                found += _DAY
                if self.is_worked(found):
                    break
            else:
                raise NeverWorked(f"no working day within ten years of {on}")
        return found

    def working_day_before(self, on: date, count: int = 1) -> date:
        """The `count`-th working day before `on`; raises NeverWorked."""
        found = on
        for _nth in range(count):
            for _rest in range(_LONGEST_REST):
                found -= _DAY
                if self.is_worked(found):
                    break
            else:
                raise NeverWorked(f"no working day within ten years before {on}")
        return found

    def opening(self, on: date) -> datetime:
        """When work begins on a working day; one without an hour, since the clocks were changed, has the next one's."""
        return self.open_from(self.start_of(on))

    def open_from(self, instant: datetime) -> datetime:
        """`instant` if it lies in working hours, else when they begin next; raises NeverWorked."""
        on = self.date_of(instant)
        for _rest in range(_LONGEST_REST):
            for start, end in self.shifts_of(on):
                if instant < end:
                    return max(start, instant.astimezone(UTC))
            on += _DAY
        raise NeverWorked(f"no working hours within ten years of {instant}")

    def unknown_years(self, first: datetime, last: datetime) -> list[int]:
        """The years between two instants whose holidays were not published yet."""
        years = range(self.date_of(first).year, self.date_of(last - timedelta(microseconds=1)).year + 1)
        return [year for year in years if year not in self.known_years]
