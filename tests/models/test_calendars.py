"""Calendars: statutory days as the State Council's yearly notices have them, unknown years, working hours."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from shanghai import SHANGHAI, at, days_from

from models.calendars import CompanyCalendar, newly_published, read_calendar, years_not_published
from models.rules.calendars import Calendar, Day, DayKind, NeverWorked
from models.rules.deadlines import Budget, Clock, Counting, LastDay, Run, Unit, counted

pytestmark = pytest.mark.usefixtures("english")

PLAIN_WEEK = (*[((time(8, 30), time(12)), (time(13, 30), time(17, 30)))] * 5, (), ())

#: What the notices say is off, first and last day.
OFF = {
    2025: [
        ("2025-01-01", "2025-01-01"),
        ("2025-01-28", "2025-02-04"),
        ("2025-04-04", "2025-04-06"),
        ("2025-05-01", "2025-05-05"),
        ("2025-05-31", "2025-06-02"),
        ("2025-10-01", "2025-10-08"),
    ],
    2026: [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
}

#: The Saturdays and Sundays that they say are worked.
MADE_UP = {
    2025: ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
    2026: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
}


# Statutory days


@pytest.mark.parametrize(("first", "last"), [*OFF[2025], *OFF[2026]])
def test_each_day_of_a_holiday_is_one(office: Calendar, first: str, last: str) -> None:
    assert {on.isoformat(): office.day(on).kind for on in days_from(first, last)} == {
        on.isoformat(): DayKind.HOLIDAY for on in days_from(first, last)
    }


@pytest.mark.parametrize(("first", "last"), [*OFF[2025], *OFF[2026]])
def test_nobody_works_on_a_holiday(office: Calendar, first: str, last: str) -> None:
    assert not [on for on in days_from(first, last) if office.is_worked(on) or office.shifts_of(on)]


@pytest.mark.parametrize("on", [*MADE_UP[2025], *MADE_UP[2026]])
def test_a_make_up_day_is_worked_in_the_hours_of_a_monday(office: Calendar, on: str) -> None:
    day = date.fromisoformat(on)
    assert office.day(day) == Day(DayKind.MAKE_UP, "调休上班 / make-up working day")
    hours = [("08:30", "12:00"), ("13:30", "17:30")]
    assert office.shifts_of(day) == tuple((at(f"{on} {begins}"), at(f"{on} {ends}")) for begins, ends in hours)


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_other_day_is_as_its_weekday_says(office: Calendar, year: int) -> None:
    named = {on for first, last in OFF[year] for on in days_from(first, last)}
    named |= {date.fromisoformat(on) for on in MADE_UP[year]}
    others = [on for on in days_from(f"{year}-01-01", f"{year}-12-31") if on not in named]
    usual = [DayKind.WORKDAY] * 5 + [DayKind.WEEKEND] * 2
    assert not [on for on in others if office.day(on) != Day(usual[on.weekday()])]


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_248_working_days(office: Calendar, year: int) -> None:
    # 261 weekdays each; 18 of them off and 5 days made up in 2025, 19 and 6 in 2026.
    assert sum(office.is_worked(on) for on in days_from(f"{year}-01-01", f"{year}-12-31")) == 248


@pytest.mark.parametrize(
    ("on", "name"),
    [
        ("2026-01-01", "元旦"),
        ("2026-02-17", "春节"),
        ("2026-05-01", "劳动节"),
        ("2026-06-19", "端午节"),
        ("2026-09-25", "中秋节"),
        ("2026-10-01", "国庆节 / National Day"),
    ],
)
def test_a_holiday_is_named_in_both_languages(office: Calendar, on: str, name: str) -> None:
    named = office.day(date.fromisoformat(on)).name
    assert named.startswith(name)
    chinese, _, english = named.partition(" / ")
    assert chinese
    assert english.isascii()


def test_what_is_kept_of_a_file_reads_back_the_same(shipped: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(shipped))
    assert kept == shipped
    assert read_calendar(kept) == read_calendar(shipped)
    assert read_calendar(kept).for_line([]).day(date(2026, 10, 10)).kind is DayKind.MAKE_UP


# Years that nobody has published


@pytest.fixture
def until_2026(shipped: dict[str, Any]) -> CompanyCalendar:
    """The shipped calendar as it is before the notice for 2027."""
    return read_calendar({**shipped, "known_years": [2025, 2026]})


def test_the_years_with_a_notice_are_known(office: Calendar) -> None:
    assert {2025, 2026} <= office.known_years
    assert 2041 not in office.known_years


@pytest.mark.parametrize(
    ("instant", "years"),
    [
        ("2026-07-01 09:00", []),
        ("2026-11-01 23:59", []),
        ("2026-11-02 00:00", [2027]),
        ("2026-12-31 23:59", [2027]),
        ("2027-03-01 09:00", [2027]),
        ("2027-11-15 09:00", [2027, 2028]),
        ("2024-06-01 09:00", [2024]),
    ],
)
def test_a_year_that_comes_within_sixty_days_without_a_notice_is_reported(
    until_2026: CompanyCalendar, instant: str, years: list[int]
) -> None:
    assert years_not_published(until_2026, at(instant)) == years
    assert years_not_published(until_2026, at(instant).astimezone(UTC)) == years


def test_how_far_ahead_is_looked_can_be_said(until_2026: CompanyCalendar) -> None:
    assert years_not_published(until_2026, at("2026-12-20 09:00"), ahead=timedelta(days=10)) == []
    assert years_not_published(until_2026, at("2026-12-20 09:00"), ahead=timedelta(days=12)) == [2027]


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("2026-11-03 09:00", "2026-12-31 17:30", []),
        ("2026-12-30 09:00", "2027-01-01 00:00", []),
        ("2026-12-30 09:00", "2027-01-01 00:00:01", [2027]),
        ("2026-12-30 09:00", "2028-01-01 09:00", [2027, 2028]),
        ("2024-12-31 23:59", "2026-01-01 09:00", [2024]),
    ],
)
def test_the_unknown_years_that_a_time_reaches_into_are_named(
    until_2026: CompanyCalendar, first: str, last: str, years: list[int]
) -> None:
    assert until_2026.for_line([]).unknown_years(at(first), at(last)) == years


def test_a_year_that_the_company_has_confirmed_is_known(shipped: dict[str, Any]) -> None:
    confirmed = read_calendar({**shipped, "known_years": [2025, 2026], "confirmed_years": [2027]})
    assert years_not_published(confirmed, at("2026-12-20 09:00")) == []
    assert confirmed.for_line([]).unknown_years(at("2026-12-20 09:00"), at("2027-02-01 09:00")) == []
    assert confirmed.for_line([]).unknown_years(at("2026-12-20 09:00"), at("2028-02-01 09:00")) == [2028]


def test_a_year_that_came_out_since_is_newly_published(shipped: dict[str, Any]) -> None:
    recorded = read_calendar({**shipped, "known_years": list(range(2020, 2026))})
    assert newly_published(recorded)[0] == 2026
    assert newly_published(read_calendar(shipped)) == []
    assert newly_published(read_calendar({**shipped, "country": "", "known_years": []})) == []


def test_a_confirmed_year_that_came_out_is_newly_published_all_the_same(shipped: dict[str, Any]) -> None:
    entered = read_calendar({**shipped, "known_years": list(range(2020, 2026)), "confirmed_years": [2026]})
    assert 2026 in newly_published(entered)


# Working hours


def of_hours(shipped: dict[str, Any], **hours: list[str]) -> Calendar:
    return read_calendar({**shipped, "hours": hours}).for_line([])


def test_a_day_may_have_several_shifts(shipped: dict[str, Any]) -> None:
    calendar = of_hours(shipped, tuesday=["06:00-09:00", "09:00-12:00", "13:00-13:45", "20:00-24:00"])
    tuesday = "2026-11-03"
    assert calendar.shifts_of(date(2026, 11, 3)) == (
        (at(f"{tuesday} 06:00"), at(f"{tuesday} 09:00")),
        (at(f"{tuesday} 09:00"), at(f"{tuesday} 12:00")),
        (at(f"{tuesday} 13:00"), at(f"{tuesday} 13:45")),
        (at(f"{tuesday} 20:00"), at("2026-11-04 00:00")),
    )
    assert calendar.shifts_of(date(2026, 11, 4)) == ()
    assert calendar.day(date(2026, 11, 4)) == Day(DayKind.WEEKEND)


def test_a_make_up_day_has_the_hours_of_the_first_weekday_that_has_any(shipped: dict[str, Any]) -> None:
    calendar = of_hours(shipped, friday=["08:00-11:00"], tuesday=["09:00-10:00", "11:00-12:00"])
    assert calendar.shifts_of(date(2026, 10, 10)) == (
        (at("2026-10-10 09:00"), at("2026-10-10 10:00")),
        (at("2026-10-10 11:00"), at("2026-10-10 12:00")),
    )


@pytest.mark.parametrize("holiday", ["2026-10-03", "2026-02-21", "2026-09-26", "2025-02-01"])
def test_a_company_that_works_on_saturdays_does_not_on_those_of_a_holiday(
    shipped: dict[str, Any], holiday: str
) -> None:
    calendar = of_hours(shipped, monday=["08:30-17:30"], saturday=["09:00-12:00"])
    assert calendar.shifts_of(date(2026, 11, 7)) == ((at("2026-11-07 09:00"), at("2026-11-07 12:00")),)
    assert calendar.shifts_of(date.fromisoformat(holiday)) == ()


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-11-03 09:00", "2026-11-03 09:00"),
        ("2026-11-03 08:30", "2026-11-03 08:30"),
        ("2026-11-03 00:00", "2026-11-03 08:30"),
        ("2026-11-03 12:00", "2026-11-03 13:30"),
        ("2026-11-03 12:59", "2026-11-03 13:30"),
        ("2026-11-03 17:29:59", "2026-11-03 17:29:59"),
        ("2026-11-03 17:30", "2026-11-04 08:30"),
        ("2026-11-06 20:00", "2026-11-09 08:30"),
        ("2026-11-08 09:00", "2026-11-09 08:30"),
        ("2026-09-30 18:00", "2026-10-08 08:30"),
        ("2026-10-09 18:00", "2026-10-10 08:30"),
        ("2026-10-10 10:00", "2026-10-10 10:00"),
        ("2026-10-10 18:00", "2026-10-12 08:30"),
        ("2026-02-14 17:30", "2026-02-24 08:30"),
    ],
)
def test_it_is_open_now_or_from_the_next_opening(office: Calendar, instant: str, opens: str) -> None:
    assert office.open_from(at(instant)) == at(opens)
    assert office.open_from(at(instant).astimezone(UTC)) == at(opens)


@pytest.mark.parametrize(
    ("on", "count", "after", "before"),
    [
        ("2026-11-03", 1, "2026-11-04", "2026-11-02"),
        ("2026-11-03", 5, "2026-11-10", "2026-10-27"),
        ("2026-10-03", 1, "2026-10-08", "2026-09-30"),
        ("2026-10-09", 1, "2026-10-10", "2026-10-08"),
        ("2026-10-12", 1, "2026-10-13", "2026-10-10"),
        ("2026-10-08", 3, "2026-10-12", "2026-09-28"),
        ("2026-02-18", 2, "2026-02-25", "2026-02-13"),
    ],
)
def test_working_days_are_found_forward_and_back(
    office: Calendar, on: str, count: int, after: str, before: str
) -> None:
    assert office.working_day_after(date.fromisoformat(on), count) == date.fromisoformat(after)
    assert office.working_day_before(date.fromisoformat(on), count) == date.fromisoformat(before)


def test_a_day_begins_and_ends_by_the_clocks_of_its_zone() -> None:
    # In Santiago the 6th of September begins at 01:00: 24:00 of the 5th is 04:00 UTC, a day of 23 hours follows.
    santiago = Calendar(ZoneInfo("America/Santiago"), PLAIN_WEEK)
    assert (
        santiago.end_of(date(2026, 9, 5)) == santiago.start_of(date(2026, 9, 6)) == datetime(2026, 9, 6, 4, tzinfo=UTC)
    )
    assert santiago.end_of(date(2026, 9, 6)) == datetime(2026, 9, 7, 3, tzinfo=UTC)
    assert santiago.date_of(datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC)) == date(2026, 9, 5)
    assert santiago.date_of(datetime(2026, 9, 6, 4, tzinfo=UTC)) == date(2026, 9, 6)


# A calendar in which nobody works


def closed_for(days: int) -> Calendar:
    """Closed from Thu 1 January 2026 on for so many days."""
    first = date(2026, 1, 1)
    return Calendar(
        SHANGHAI, PLAIN_WEEK, {first + timedelta(days=number): Day(DayKind.CLOSURE) for number in range(days)}
    )


NEW_YEARS_EVE = datetime(2025, 12, 31, 17, 0, tzinfo=SHANGHAI)


def test_a_calendar_closed_for_more_than_ten_years_is_never_worked() -> None:
    closed = closed_for(4018)
    with pytest.raises(NeverWorked):
        closed.working_day_after(date(2025, 12, 31))
    with pytest.raises(NeverWorked):
        closed.working_day_before(date(2036, 12, 31))
    with pytest.raises(NeverWorked):
        closed.open_from(datetime(2026, 1, 1, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("budget", "counting"),
    [
        (Budget(1, Unit.WORKING_DAYS), Counting()),
        (Budget(1, Unit.WORKING_HOURS), Counting()),
        (Budget(1, Unit.HOURS), Counting(cut_off=time(16))),
    ],
)
def test_a_time_that_never_is_used_up_is_said_to_be(budget: Budget, counting: Counting) -> None:
    with pytest.raises(NeverWorked, match="within ten years"):
        Clock(budget, counting, closed_for(4018), NEW_YEARS_EVE, [Run(NEW_YEARS_EVE)]).due()


def test_a_week_without_any_shift_is_never_worked() -> None:
    idle = Calendar(SHANGHAI, ((),) * 7)
    monday, counting = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI), Counting(last_day=LastDay.NEXT_WORKING_DAY)
    by_law = Clock(Budget(1, Unit.DAYS), counting, idle, monday, [Run(monday)])
    with pytest.raises(NeverWorked):
        idle.open_from(monday)
    with pytest.raises(NeverWorked):
        by_law.due()
    with pytest.raises(NeverWorked):
        counted(Unit.WORKING_HOURS, idle, monday, monday + timedelta(days=4000))


def test_nine_years_of_rest_are_waited_for() -> None:
    # 3287 days from 1 January 2026 are nine years, two of them leap years; 1 January 2035 is a Monday.
    closed = closed_for(3287)
    assert closed.working_day_after(date(2025, 12, 31)) == date(2035, 1, 1)
    assert closed.open_from(NEW_YEARS_EVE + timedelta(hours=1)) == datetime(2035, 1, 1, 8, 30, tzinfo=SHANGHAI)
    clock = Clock(Budget(1, Unit.WORKING_HOURS), Counting(), closed, NEW_YEARS_EVE, [Run(NEW_YEARS_EVE)])
    assert clock.due() == datetime(2035, 1, 1, 9, 0, tzinfo=SHANGHAI)
