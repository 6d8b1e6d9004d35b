"""What holds of every deadline, whatever the calendar, the unit, the counting and the pauses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.rules.calendars import Calendar, Day, DayKind, Shift
from models.rules.deadlines import Budget, Clock, Counting, CountsFrom, LastDay, Run, Unit, counted, reach
from models.rules.explaining import Rule, stretches

#: Clocks change at 02:00 or at midnight, by an hour or by half of one, or never.
CHANGING = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
]
#: What a calendar can say of a day that differs from its week.
CHANGED = [DayKind.HOLIDAY, DayKind.CLOSURE, DayKind.MAKE_UP, DayKind.EXTRA]
STEADY = ["Asia/Shanghai", "Asia/Kathmandu", "UTC"]
FIRST_DAY = date(2026, 1, 1)
QUARTER = timedelta(minutes=15)
NOTHING = timedelta()

many = settings(max_examples=150, deadline=None)


# What is drawn


def shifts_between(borders: Sequence[int]) -> tuple[Shift, ...]:
    """Shifts from and to these quarters of hours; the 96th is 24:00."""
    times = [time.max if border == 96 else time(border // 4, border % 4 * 15) for border in borders]
    return tuple(zip(times[::2], times[1::2], strict=True))


#: Not within an hour that a clock change skips; for those there are tests of their own.
ORDINARY_BORDERS = [0, *range(12, 97)]
SHIFTS = st.one_of(
    *(st.sets(st.sampled_from(ORDINARY_BORDERS), min_size=size, max_size=size) for size in (2, 4, 6))
).map(lambda borders: shifts_between(sorted(borders)))
DAYS = st.integers(60, 120) | st.integers(240, 310)
#: To the quarter of an hour, so that borders of days and shifts are hit, or to the microsecond.
TIMES_OF_DAY = st.integers(0, 95).map(lambda number: number * QUARTER) | st.timedeltas(
    NOTHING, timedelta(days=1) - timedelta.resolution
)
LENGTHS = st.integers(0, 40).map(lambda number: number * QUARTER) | st.timedeltas(NOTHING, timedelta(days=20))
SHARES = st.integers(0, 100).map(lambda percent: percent / 100)


@st.composite
def calendars(draw: st.DrawFn, zones: Sequence[str]) -> Calendar:
    """A random week, and up to eight holidays, closures or worked weekends of up to nine days."""
    patterns = draw(st.lists(SHIFTS, min_size=1, max_size=3))
    week = draw(st.tuples(*[st.sampled_from([*patterns, ()])] * 7).filter(any))
    changes = draw(st.lists(st.tuples(st.integers(55, 380), st.integers(1, 9), st.sampled_from(CHANGED)), max_size=8))
    days = {
        FIRST_DAY + timedelta(days=first + further): Day(kind)
        for first, length, kind in changes
        for further in range(length)
    }
    return Calendar(ZoneInfo(draw(st.sampled_from(zones))), week, days)


ALL = tuple(Unit)
LARGEST = {Unit.HOURS: 100, Unit.WORKING_HOURS: 30, Unit.DAYS: 40, Unit.WORKING_DAYS: 15, Unit.MONTHS: 7}
#: Nobody's cut-off lies in an hour that a clock change repeats.
CUT_OFFS = st.none() | st.integers(6 * 4, 22 * 4).map(lambda number: time(number // 4, number % 4 * 15))
COUNTINGS = st.builds(Counting, CUT_OFFS, st.sampled_from(CountsFrom), st.sampled_from(LastDay))


@st.composite
def events(draw: st.DrawFn, zone: ZoneInfo) -> datetime:
    """An instant of a year in which clocks change, in UTC."""
    midnight = datetime.combine(FIRST_DAY + timedelta(days=draw(DAYS)), time(), zone)
    return midnight.astimezone(UTC) + draw(TIMES_OF_DAY)


@st.composite
def unpaused(draw: st.DrawFn, zones: Sequence[str] = (*STEADY, *CHANGING), units: Sequence[Unit] = ALL) -> Clock:
    calendar = draw(calendars(zones))
    event = draw(events(calendar.zone))
    unit = draw(st.sampled_from(units))
    budget = Budget(draw(st.integers(1, LARGEST[unit])), unit)
    return Clock(budget, draw(COUNTINGS), calendar, event, [Run(event)])


def paused(clock: Clock, since: datetime, until: datetime) -> Clock:
    """The clock stopped in its last run and started again."""
    *earlier, last = clock.runs
    return replace(clock, runs=[*earlier, Run(last.start, since), Run(until)])


def inside(draw: st.DrawFn, start: datetime, end: datetime) -> datetime:
    """An instant from `start` to right before `end`, often on a quarter of an hour."""
    longest = end - start - timedelta.resolution
    quarters = st.integers(0, longest // QUARTER).map(lambda number: number * QUARTER)
    return start + draw(quarters | st.timedeltas(NOTHING, longest))


@st.composite
def clocks(draw: st.DrawFn, zones: Sequence[str] = (*STEADY, *CHANGING)) -> Clock:
    """A running clock with up to four pauses, each of which begins before it is due."""
    clock = draw(unpaused(zones))
    for _pause in range(draw(st.integers(0, 4))):
        since = inside(draw, clock.runs[-1].start, clock.due())
        clock = paused(clock, since, since + draw(LENGTHS))
    return clock


def counted_in(clock: Clock, since: datetime, until: datetime) -> timedelta:
    """The time between two instants that the clock would have counted."""
    begins = clock.reach.begins
    return counted(clock.budget.unit, clock.calendar, max(since, begins), max(until, begins))


# (a) Explanations add up


@given(clocks())
@many
def test_the_counted_stretches_add_up_to_the_budget(clock: Clock) -> None:
    due = clock.due()
    assert sum((one.counted for one in stretches(clock, due)), NOTHING) == clock.size() == clock.used(due)


@given(clocks())
@many
def test_stretches_follow_each_other_from_the_event_to_due(clock: Clock) -> None:
    due = clock.due()
    found = stretches(clock, due)
    assert (found[0].start, found[-1].end) == (clock.event, due)
    assert all(one.start < one.end for one in found)
    assert all(one.end == other.start for one, other in pairwise(found))


@given(clocks(), st.data())
@many
def test_stretches_up_to_any_instant_add_up_to_what_was_used(clock: Clock, data: st.DataObject) -> None:
    until = inside(data.draw, clock.event, clock.due()) + timedelta.resolution
    found = stretches(clock, until)
    assert (found[0].start, found[-1].end) == (clock.event, until)
    assert sum((one.counted for one in found), NOTHING) == clock.used(until)


@given(clocks())
@many
def test_pauses_are_explained_as_pauses(clock: Clock) -> None:
    begins = clock.reach.begins
    stood = sum((max(later.start, begins) - max(run.stop, begins) for run, later in pairwise(clock.runs)), NOTHING)
    explained = [one for one in stretches(clock, clock.due()) if one.rule is Rule.PAUSE]
    assert sum((one.end - one.start for one in explained), NOTHING) == stood
    assert all(one.counted == NOTHING for one in explained)


# (b) Pauses


@given(clocks(), LENGTHS, st.data())
@many
def test_a_pause_moves_due_by_exactly_the_counted_time_in_it(
    clock: Clock, length: timedelta, data: st.DataObject
) -> None:
    old = clock.due()
    since = inside(data.draw, clock.runs[-1].start, old)
    new = paused(clock, since, since + length).due()
    assert new >= old
    assert counted(clock.budget.unit, clock.calendar, old, new) == counted_in(clock, since, since + length)


@given(clocks(), st.data())
@many
def test_a_pause_before_other_pauses_moves_due_as_much(clock: Clock, data: st.DataObject) -> None:
    assume(len(clock.runs) > 1)
    place = data.draw(st.integers(0, len(clock.runs) - 2))
    run = clock.runs[place]
    assume(run.start < run.stop)
    since = inside(data.draw, run.start, run.stop)
    until = inside(data.draw, since, run.stop) + timedelta.resolution
    more = [*clock.runs[:place], Run(run.start, since), Run(until, run.stop), *clock.runs[place + 1 :]]
    old, new = clock.due(), replace(clock, runs=more).due()
    assert new >= old
    assert counted(clock.budget.unit, clock.calendar, old, new) == counted_in(clock, since, until)


@given(clocks(), LENGTHS, LENGTHS)
@many
def test_a_pause_after_due_changes_nothing(clock: Clock, later: timedelta, length: timedelta) -> None:
    since = clock.due() + later
    assert paused(clock, since, since + length).due() == clock.due()


# (c) Without a pause


@given(unpaused())
@many
def test_without_a_pause_due_is_how_far_the_budget_reaches(clock: Clock) -> None:
    ends = reach(clock.budget, clock.counting, clock.event, clock.calendar).ends
    assert clock.due() == ends
    assert replace(clock, runs=[Run(clock.event, ends)]).due() == ends
    assert ends > clock.event


@given(unpaused(), st.data())
@many
def test_a_clock_that_was_just_stopped_is_due_as_if_it_ran(clock: Clock, data: st.DataObject) -> None:
    stopped = inside(data.draw, clock.event, clock.due())
    assert replace(clock, runs=[Run(clock.event, stopped)]).due() == clock.due()


@given(unpaused(units=[Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS]))
@many
def test_days_end_at_midnight_of_the_calendar(clock: Clock) -> None:
    due, calendar = clock.due(), clock.calendar
    last = calendar.date_of(due - timedelta.resolution)
    assert calendar.date_of(due) == last + timedelta(days=1)
    assert clock.budget.unit is not Unit.WORKING_DAYS or calendar.is_worked(last)


@given(clocks(STEADY), st.data())
@many
def test_due_is_where_counting_quarter_by_quarter_ends(clock: Clock, data: st.DataObject) -> None:
    # Counted anew with nothing but the clock on the wall: each quarter of an hour counts or does not.
    zone, calendar, unit = clock.calendar.zone, clock.calendar, clock.budget.unit
    start = datetime.combine(clock.event.astimezone(zone).date(), time(data.draw(st.integers(0, 23))), zone)
    begun = replace(clock, counting=Counting(), event=start, runs=[Run(start)])
    usual = next(shifts for shifts in calendar.week if shifts)

    def counts(quarter: datetime) -> bool:
        if unit not in {Unit.WORKING_HOURS, Unit.WORKING_DAYS}:
            return True
        day = calendar.days.get(quarter.date())
        shifts = calendar.week[quarter.weekday()]
        is_worked = bool(shifts) if day is None else day.kind in {DayKind.MAKE_UP, DayKind.EXTRA}
        if unit is Unit.WORKING_DAYS or not is_worked:
            return is_worked
        return any(begins <= quarter.time() < ends for begins, ends in shifts or usual)

    left, now = begun.size(), start
    while left > NOTHING:
        left -= QUARTER if counts(now) else NOTHING
        now += QUARTER
    assert begun.due() == now


# (d) Shares


@given(clocks(), SHARES, SHARES)
@many
def test_a_larger_share_is_never_used_up_earlier(clock: Clock, one: float, other: float) -> None:
    smaller, larger = sorted((one, other))
    assert clock.event <= clock.instant_of_share(smaller) <= clock.instant_of_share(larger) <= clock.due()


@given(clocks(), SHARES)
@many
def test_at_the_instant_of_a_share_so_much_was_used(clock: Clock, share: float) -> None:
    assert clock.used(clock.instant_of_share(share)) == clock.size() * share


# (e) What changes nothing


@given(clocks(), SHARES, LENGTHS, st.data())
@many
def test_a_pause_of_no_length_and_a_passed_ball_change_nothing(
    clock: Clock, share: float, later: timedelta, data: st.DataObject
) -> None:
    at = inside(data.draw, clock.runs[-1].start, clock.due()) + data.draw(st.sampled_from([NOTHING, later]))
    split = paused(clock, at, at)
    assert split.due() == clock.due()
    assert split.instant_of_share(share) == clock.instant_of_share(share)
    assert split.used(at + later) == clock.used(at + later)


@given(clocks(), SHARES, st.data())
@many
def test_a_ball_passed_before_a_pause_changes_nothing(clock: Clock, share: float, data: st.DataObject) -> None:
    assume(len(clock.runs) > 1)
    place = data.draw(st.integers(0, len(clock.runs) - 2))
    run = clock.runs[place]
    assume(run.start < run.stop)
    at = inside(data.draw, run.start, run.stop)
    split = replace(clock, runs=[*clock.runs[:place], Run(run.start, at), Run(at, run.stop), *clock.runs[place + 1 :]])
    assert split.due() == clock.due()
    assert split.instant_of_share(share) == clock.instant_of_share(share)
    due = clock.due()
    assert sum((one.counted for one in stretches(split, due)), NOTHING) == clock.size()


# (f) More is never earlier


@given(unpaused(), st.integers(1, 20))
@many
def test_more_time_is_never_due_earlier(clock: Clock, more: int) -> None:
    larger = replace(clock, budget=Budget(clock.budget.amount + more, clock.budget.unit))
    assert larger.due() >= clock.due()


@given(unpaused(), LENGTHS)
@many
def test_a_later_event_is_never_due_earlier(clock: Clock, later: timedelta) -> None:
    event = clock.event + later
    assert replace(clock, event=event, runs=[Run(event)]).due() >= clock.due()


PLAIN_WEEK = (*[((time(8, 30), time(12)), (time(13, 30), time(17, 30)))] * 5, (), ())
SHANGHAI = ZoneInfo("Asia/Shanghai")


def due_in_november(budget: Budget, counting: Counting, event: datetime) -> datetime:
    """By a calendar that is closed on Mon 9 and Tue 10 November 2026."""
    closed = {date(2026, 11, day): Day(DayKind.CLOSURE, "stocktaking") for day in (9, 10)}
    calendar = Calendar(SHANGHAI, PLAIN_WEEK, closed)
    return Clock(budget, counting, calendar, event, [Run(event)]).due()


def test_more_days_are_not_due_earlier_where_a_closure_follows_a_weekend() -> None:
    # Four days from Tue 3 Nov end on Sat 7, six on Mon 9.
    law, event = Counting(last_day=LastDay.NEXT_WORKING_DAY), datetime(2026, 11, 3, 10, tzinfo=SHANGHAI)
    four, six = (due_in_november(Budget(amount, Unit.DAYS), law, event) for amount in (4, 6))
    assert four == six == datetime(2026, 11, 10, tzinfo=SHANGHAI)


def test_a_later_event_is_not_due_earlier_where_a_closure_follows_a_weekend() -> None:
    # Four days from Tue 3 Nov end on Sat 7, from Thu 5 on Mon 9.
    law = Counting(last_day=LastDay.NEXT_WORKING_DAY)
    tuesday, thursday = (datetime(2026, 11, day, 10, tzinfo=SHANGHAI) for day in (3, 5))
    due_of_tuesday, due_of_thursday = (
        due_in_november(Budget(4, Unit.DAYS), law, event) for event in (tuesday, thursday)
    )
    assert due_of_tuesday == due_of_thursday == datetime(2026, 11, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        # As of Wednesday, from 08:30; the later one is of Wednesday itself.
        (datetime(2026, 11, 3, 16, 1, tzinfo=SHANGHAI), datetime(2026, 11, 4, 0, 30, tzinfo=SHANGHAI)),
        # As of Wednesday 11 November, for the 7th to the 10th are off.
        (datetime(2026, 11, 8, 10, 0, tzinfo=SHANGHAI), datetime(2026, 11, 11, 7, 0, tzinfo=SHANGHAI)),
    ],
)
def test_a_report_before_the_opening_is_not_due_before_one_of_the_evening_before(
    earlier: datetime, later: datetime
) -> None:
    by_four = Counting(cut_off=time(16))
    due_of_earlier, due_of_later = (due_in_november(Budget(4, Unit.HOURS), by_four, one) for one in (earlier, later))
    assert due_of_earlier == due_of_later == later.replace(hour=12, minute=30)


# Shifts when the clocks change


@pytest.mark.parametrize(
    ("zone", "on"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/Santiago", date(2026, 9, 6)),
        ("America/Santiago", date(2026, 4, 4)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
    ],
)
@given(borders=st.sets(st.integers(0, 16) | st.integers(92, 96), min_size=4, max_size=4).map(sorted))
@many
def test_the_shifts_of_a_night_in_which_clocks_change_do_not_overlap(zone: str, on: date, borders: list[int]) -> None:
    calendar = Calendar(ZoneInfo(zone), (shifts_between(borders),) * 7)
    spans = calendar.shifts_of(on)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(calendar.start_of(on) <= start and end <= calendar.end_of(on) for start, end in spans)


def test_a_day_whose_only_shift_is_skipped_by_a_clock_change_can_be_counted() -> None:
    # On Sunday 29 March 2026 it is never between 02:00 and 03:00 in Berlin; on Monday it is, from 00:00 UTC.
    calendar = Calendar(ZoneInfo("Europe/Berlin"), (((time(2), time(3)),),) * 7)
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    clock = Clock(Budget(1, Unit.WORKING_HOURS), Counting(cut_off=time(10)), calendar, saturday, [Run(saturday)])
    assert clock.due() == datetime(2026, 3, 30, 1, tzinfo=UTC)
