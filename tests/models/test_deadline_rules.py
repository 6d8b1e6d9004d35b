"""When a budget of time is used up: expected instants counted by hand from a calendar."""

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.calendars import Calendar
from models.rules.deadlines import DEFAULT_COUNTING, Budget, Clock, Run, Unit, has_passed

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")

ZONES = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])
#: From 1990 to 2100, to the microsecond.
INSTANTS = st.integers(0, 3_502_655_999_999_999).map(
    lambda microseconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
AMOUNTS = st.integers(1, 9999)
#: Monday to Friday.
PLAIN_WEEK = (*[((time(8, 30), time(12)), (time(13, 30), time(17, 30)))] * 5, (), ())


def days(amount: int) -> Budget:
    return Budget(amount, Unit.DAYS)


def hours(amount: int) -> Budget:
    return Budget(amount, Unit.HOURS)


def unpaused(budget: Budget, start: datetime, zone: ZoneInfo) -> Clock:
    """A clock that runs from its event on, without holidays."""
    return Clock(budget, DEFAULT_COUNTING, Calendar(zone, PLAIN_WEEK), start, [Run(start)])


@pytest.mark.parametrize(
    ("budget", "start", "due", "_why"),
    [
        (days(2), "2026-11-03T09:15:00+08:00", "2026-11-06T00:00:00+08:00", "day 0 is the 3rd, the 5th ends at 24:00"),
        (days(2), "2026-11-03T23:59:59+08:00", "2026-11-06T00:00:00+08:00", "the last second still belongs to day 0"),
        (days(2), "2026-11-04T00:00:00+08:00", "2026-11-07T00:00:00+08:00", "at 00:00 the next day is day 0"),
        (days(2), "2026-11-03T00:00:00+08:00", "2026-11-06T00:00:00+08:00", "a whole day 0 gives no day more or less"),
        (days(1), "2026-11-30T10:00:00+08:00", "2026-12-02T00:00:00+08:00", "November has 30 days"),
        (days(5), "2026-12-29T10:00:00+08:00", "2027-01-04T00:00:00+08:00", "over the end of the year"),
        (days(2), "2028-02-27T10:00:00+08:00", "2028-03-01T00:00:00+08:00", "2028 has a 29 February"),
        (days(2), "2026-02-27T10:00:00+08:00", "2026-03-02T00:00:00+08:00", "2026 has none"),
        (days(365), "2028-02-29T10:00:00+08:00", "2029-03-01T00:00:00+08:00", "28 February 2029 is the 365th day"),
        (days(2), "2026-11-03T15:59:00+00:00", "2026-11-06T00:00:00+08:00", "15:59 in UTC is 23:59 of the 3rd there"),
        (days(2), "2026-11-03T16:00:00+00:00", "2026-11-07T00:00:00+08:00", "16:00 in UTC is 00:00 of the 4th there"),
        (hours(4), "2026-11-03T22:30:00+08:00", "2026-11-04T02:30:00+08:00", "hours run through the night"),
        (hours(12), "2026-12-31T20:00:00+08:00", "2027-01-01T08:00:00+08:00", "and through the new year"),
        (hours(24), "2028-02-28T23:00:00+08:00", "2028-02-29T23:00:00+08:00", "and into the leap day"),
        (hours(1), "2026-11-03T23:59:59.999999+08:00", "2026-11-04T00:59:59.999999+08:00", "to the microsecond"),
    ],
)
def test_time_is_used_up_in_shanghai(budget: Budget, start: str, due: str, _why: str) -> None:
    assert unpaused(budget, datetime.fromisoformat(start), SHANGHAI).due() == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("budget", "start", "due", "_why"),
    [
        (days(2), "2026-03-27T12:00:00+01:00", "2026-03-30T00:00:00+02:00", "the 29th has 23 hours and ends at 24:00"),
        (days(1), "2026-03-27T12:00:00+01:00", "2026-03-29T00:00:00+01:00", "the 28th ends in winter time"),
        (days(2), "2026-10-23T12:00:00+02:00", "2026-10-26T00:00:00+01:00", "the 25th has 25 hours and ends at 24:00"),
        (days(1), "2026-10-23T12:00:00+02:00", "2026-10-25T00:00:00+02:00", "the 24th ends in summer time"),
        (days(1), "2026-03-29T23:30:00+02:00", "2026-03-31T00:00:00+02:00", "23:30 of the 29th is 21:30 in UTC"),
    ],
)
def test_a_day_of_berlin_ends_at_24_00_however_long_it_was(budget: Budget, start: str, due: str, _why: str) -> None:
    assert unpaused(budget, datetime.fromisoformat(start), BERLIN).due() == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # 01:30 winter time, 00:30 UTC; four hours later it is 04:30 UTC, 06:30 summer time.
        (datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), "2026-03-29T06:30:00+02:00"),
        # 01:30 summer time, 23:30 UTC of the day before; four hours later 03:30 UTC, 04:30 winter time.
        (datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN), "2026-10-25T04:30:00+01:00"),
    ],
)
def test_hours_are_hours_when_the_clocks_change(start: datetime, due: str) -> None:
    assert unpaused(hours(4), start, BERLIN).due() == datetime.fromisoformat(due)


def test_a_day_ends_at_24_00_in_shanghai_whatever_zone_the_report_came_in() -> None:
    from_new_york = datetime(2026, 11, 3, 9, 0, tzinfo=timezone(timedelta(hours=-5)))  # 22:00 in Shanghai
    assert unpaused(days(1), from_new_york, SHANGHAI).due() == datetime(2026, 11, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "passed"),
    [
        ("2026-11-05T23:59:59.999999+08:00", False),
        ("2026-11-06T00:00:00+08:00", False),
        ("2026-11-06T00:00:00.000001+08:00", True),
        ("2026-11-05T16:00:00+00:00", False),
        ("2026-11-05T16:00:01+00:00", True),
    ],
)
def test_24_00_sharp_is_in_time_and_anything_later_is_not(at: str, passed: bool) -> None:
    assert has_passed(datetime.fromisoformat("2026-11-06T00:00:00+08:00"), datetime.fromisoformat(at)) is passed


@pytest.mark.parametrize(
    ("share", "instant"),
    [
        (0.8, "2026-11-03T17:00:00+08:00"),
        (0.66, "2026-11-03T15:36:00+08:00"),
        (0.01, "2026-11-03T09:06:00+08:00"),
        (1.0, "2026-11-03T19:00:00+08:00"),
    ],
)
def test_a_share_of_ten_hours_goes_by(share: float, instant: str) -> None:
    start = datetime.fromisoformat("2026-11-03T09:00:00+08:00")
    assert unpaused(hours(10), start, SHANGHAI).instant_of_share(share) == datetime.fromisoformat(instant)


def test_half_of_a_short_night_is_counted_in_real_hours() -> None:
    # From 22:00 to 08:00 by the clocks of Berlin, but nine hours, of which four and a half are half.
    start = datetime(2026, 3, 28, 22, 0, tzinfo=BERLIN)
    night = unpaused(hours(9), start, BERLIN)
    assert night.due() == datetime(2026, 3, 29, 8, 0, tzinfo=BERLIN)
    assert night.instant_of_share(0.5) == datetime.fromisoformat("2026-03-29T03:30:00+02:00")


@pytest.mark.parametrize("amount", [0, -1, -9999])
@pytest.mark.parametrize("unit", list(Unit))
def test_a_budget_below_one_is_refused(amount: int, unit: Unit) -> None:
    with pytest.raises(ValueError, match=f"a budget of {amount} {unit} is not a time"):
        Budget(amount, unit)


@given(st.builds(Budget, AMOUNTS, st.sampled_from(Unit)), INSTANTS, ZONES)
def test_time_is_never_used_up_before_it_began(budget: Budget, start: datetime, zone: ZoneInfo) -> None:
    assert unpaused(budget, start, zone).due() > start


@given(AMOUNTS, AMOUNTS, st.sampled_from(Unit), INSTANTS, ZONES)
def test_more_time_is_never_used_up_earlier(
    amount: int, more: int, unit: Unit, start: datetime, zone: ZoneInfo
) -> None:
    first, second = Budget(amount, unit), Budget(amount + more, unit)
    assert unpaused(second, start, zone).due() > unpaused(first, start, zone).due()


@given(AMOUNTS, INSTANTS, INSTANTS, ZONES)
def test_a_later_report_is_never_due_earlier(amount: int, one: datetime, other: datetime, zone: ZoneInfo) -> None:
    earlier, later = sorted((one, other))
    assert unpaused(days(amount), earlier, zone).due() <= unpaused(days(amount), later, zone).due()


@given(AMOUNTS, INSTANTS, ZONES)
def test_the_last_day_ends_at_midnight_of_the_zone(amount: int, start: datetime, zone: ZoneInfo) -> None:
    due = unpaused(days(amount), start, zone).due().astimezone(zone)
    assert (due.hour, due.minute, due.second) == (0, 0, 0)
    assert (due.date() - start.astimezone(zone).date()).days == amount + 1


@given(st.builds(Budget, AMOUNTS, st.sampled_from([Unit.HOURS, Unit.DAYS])), INSTANTS, ZONES, st.integers(1, 100))
def test_a_share_lies_between_start_and_due(budget: Budget, start: datetime, zone: ZoneInfo, percent: int) -> None:
    clock = unpaused(budget, start, zone)
    assert start <= clock.instant_of_share(percent / 100) <= clock.due()
