"""Why a time is due when it is (为什么): each counted and uncounted stretch with its rule, adding up to the budget."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from models.rules.calendars import Day, DayKind
from models.rules.deadlines import Clock, Reach, Unit

_NOTHING = timedelta()
_DAY = timedelta(days=1)


class Rule(StrEnum):
    """Why a stretch of time counts or does not."""

    ROUND_THE_CLOCK = "round_the_clock"
    EVENT_DAY = "event_day"
    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"
    WORKING_HOURS = "working_hours"
    MAKE_UP_DAY = "make_up_day"
    EXTRA_DAY = "extra_day"
    LAST_DAY_MOVED = "last_day_moved"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    NOT_BEGUN = "not_begun"
    PAUSE = "pause"


_REST = {DayKind.WEEKEND: Rule.WEEKEND, DayKind.HOLIDAY: Rule.HOLIDAY, DayKind.CLOSURE: Rule.CLOSURE}
_WORK = {DayKind.MAKE_UP: Rule.MAKE_UP_DAY, DayKind.EXTRA: Rule.EXTRA_DAY}


@dataclass(frozen=True)
class Stretch:
    """A time that counts wholly or not at all; `name` is that of the holiday or closure, `run` what it lies in.

    A pause has the place of the run that it ended.
    """

    start: datetime
    end: datetime
    counts: bool
    rule: Rule
    name: str
    run: int

    @property
    def counted(self) -> timedelta:
        """Its length if it counts."""
        return self.end - self.start if self.counts else _NOTHING


def stretches(clock: Clock, until: datetime) -> list[Stretch]:
    """Every stretch from the event to `until`, in order and without a gap; a clock that stands now is paused to it."""
    return list(_joined(_all(clock, until)))


def _all(clock: Clock, until: datetime) -> Iterator[Stretch]:
    found = clock.reach
    begins = min(found.begins, until)
    if clock.event < begins:
        yield Stretch(clock.event, begins, counts=False, rule=Rule.NOT_BEGUN, name="", run=0)
    for place, run in enumerate(clock.runs):
        start, stop = max(run.start, begins), min(run.stop or until, until)
        yield from _running(clock, found, start, stop, place)
        if run.stop is None:
            continue
        resumed = clock.runs[place + 1].start if place + 1 < len(clock.runs) else until
        start, stop = max(run.stop, begins), min(resumed, until)
        if start < stop:
            yield Stretch(start, stop, counts=False, rule=Rule.PAUSE, name="", run=place)


def _running(clock: Clock, found: Reach, start: datetime, stop: datetime, place: int) -> Iterator[Stretch]:
    """A time in which the clock ran, cut at the borders of days and shifts."""
    unit, calendar = clock.budget.unit, clock.calendar
    if unit is Unit.HOURS and start < stop:
        yield Stretch(start, stop, counts=True, rule=Rule.ROUND_THE_CLOCK, name="", run=place)
        return
    on = calendar.date_of(start)
    while start < stop:
        ends = min(calendar.end_of(on), stop)
        day = calendar.day(on)
        if unit in {Unit.DAYS, Unit.MONTHS}:
            yield Stretch(start, ends, counts=True, rule=_calendar_rule(on, start, found), name="", run=place)
        elif not day.is_worked:
            yield Stretch(start, ends, counts=False, rule=_REST[day.kind], name=day.name, run=place)
        elif unit is Unit.WORKING_DAYS:
            rule = Rule.EVENT_DAY if on == found.day_zero else _work_rule(day, Rule.WORKING_DAY)
            yield Stretch(start, ends, counts=True, rule=rule, name=day.name, run=place)
        else:
            yield from _hours(clock, on, day, start, ends, place)
        start, on = ends, on + _DAY


def _calendar_rule(on: date, start: datetime, found: Reach) -> Rule:
    if on == found.day_zero:
        return Rule.EVENT_DAY
    # What lies beyond the end without a pause is there because of a pause.
    return Rule.LAST_DAY_MOVED if on > found.last_day and start < found.ends else Rule.CALENDAR_DAY


def _work_rule(day: Day, usual: Rule) -> Rule:
    return _WORK.get(day.kind, usual)


def _hours(clock: Clock, on: date, day: Day, start: datetime, stop: datetime, place: int) -> Iterator[Stretch]:
    for begins, ends in clock.calendar.shifts_of(on):
        opened, closed = max(begins, start), min(ends, stop)
        if opened >= closed:
            continue
        if start < opened:
            yield Stretch(start, opened, counts=False, rule=Rule.NIGHT, name="", run=place)
        rule = _work_rule(day, Rule.WORKING_HOURS)
        yield Stretch(opened, closed, counts=True, rule=rule, name=day.name, run=place)
        start = closed
    if start < stop:
        yield Stretch(start, stop, counts=False, rule=Rule.NIGHT, name="", run=place)


def _joined(parts: Iterator[Stretch]) -> Iterator[Stretch]:
    """Neighbours of one rule as one stretch."""
    last: Stretch | None = None
    for part in parts:
        if last and (last.end, last.rule, last.name, last.run) == (part.start, part.rule, part.name, part.run):
            last = replace(last, end=part.end)
            continue
        if last:
            yield last
        last = part
    if last:
        yield last
