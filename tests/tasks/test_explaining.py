"""Why a deadline is due when it is: a sum without a gap, with rules, names and parties, also of what has ended."""

from datetime import timedelta

import pytest
from clocks import DUE, REPORTED, instant, it_is, the
from conftest import CALENDARS
from people import CREDITED, answer, forward, opened, play
from sqlalchemy import Engine
from sums import COMPANY, DEALER, NOTHING, OFFICE, UNKNOWN, reported, stands_between, sums, told

from models.calendars import load_calendar_file
from models.queries import calendars, clock, deadlines, people
from models.rules.explaining import Rule
from models.tables.deadlines import DeadlineState
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.pausing import pause
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


# The sum


def test_two_days_are_the_rest_of_the_reports_day_and_two_calendar_days(number: str) -> None:
    found = told(number)
    assert sums(found) == [
        ("11-23 08:00", "11-24 00:00", 16, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("11-24 00:00", "11-26 00:00", 48, Rule.CALENDAR_DAY, "calendar days"),
    ]
    assert (found.budget, found.calendar, found.state) == ("2 days", "office 1", DeadlineState.RUNNING)
    assert (found.counted, found.due) == (timedelta(hours=64), instant(DUE))
    assert {one.holder for one in found.intervals} == {COMPANY}


def test_hours_run_round_the_clock_in_one_piece(company: Engine) -> None:
    found = told(reported(limit="30 hours"))
    assert sums(found) == [
        ("11-23 08:00", "11-24 14:00", 30, Rule.ROUND_THE_CLOCK, "hours count round the clock"),
    ]


def test_working_hours_leave_out_nights_and_noon(company: Engine) -> None:
    found = told(reported(limit="10 working hours"))
    night, work = "outside working hours", "working hours"
    assert sums(found) == [
        ("11-23 08:00", "11-23 08:30", 0, Rule.NIGHT, night),
        ("11-23 08:30", "11-23 12:00", 3.5, Rule.WORKING_HOURS, work),
        ("11-23 12:00", "11-23 13:30", 0, Rule.NIGHT, night),
        ("11-23 13:30", "11-23 17:30", 4, Rule.WORKING_HOURS, work),
        ("11-23 17:30", "11-24 08:30", 0, Rule.NIGHT, night),
        ("11-24 08:30", "11-24 11:00", 2.5, Rule.WORKING_HOURS, work),
    ]


def test_working_days_name_holidays_and_make_up_days(company: Engine) -> None:
    """National Day rests from 1 to 7 October 2026; Saturday the 10th is worked."""
    found = told(reported("2026-09-28T08:00:00+08:00", limit="5 working days"))
    holiday = "statutory holiday: "
    assert sums(found) == [
        ("09-28 08:00", "09-29 00:00", 16, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("09-29 00:00", "10-01 00:00", 48, Rule.WORKING_DAY, "working days"),
        # Sunday, and what was swapped for worked days, belong to the festival before them.
        ("10-01 00:00", "10-05 00:00", 0, Rule.HOLIDAY, holiday + "国庆节 / National Day"),
        ("10-05 00:00", "10-08 00:00", 0, Rule.HOLIDAY, holiday + "国庆节（补假） / National Day (observed)"),
        ("10-08 00:00", "10-10 00:00", 48, Rule.WORKING_DAY, "working days"),
        (
            "10-10 00:00",
            "10-11 00:00",
            24,
            Rule.MAKE_UP_DAY,
            "make-up working day: 调休上班 / make-up working day",
        ),
    ]
    assert found.budget == "5 working days"


def test_a_weekend_is_named_as_such(company: Engine) -> None:
    found = told(reported("2026-11-26T08:00:00+08:00", limit="2 working days"))
    assert sums(found) == [
        ("11-26 08:00", "11-27 00:00", 16, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("11-27 00:00", "11-28 00:00", 24, Rule.WORKING_DAY, "working days"),
        ("11-28 00:00", "11-30 00:00", 0, Rule.WEEKEND, "weekend"),
        ("11-30 00:00", "12-01 00:00", 24, Rule.WORKING_DAY, "working days"),
    ]


def test_the_companys_own_days_are_named(company: Engine) -> None:
    changes = [
        {"first": "2026-11-25", "last": "2026-11-26", "working": False, "name": "Stocktaking"},
        {"first": "2026-11-28", "last": "2026-11-28", "working": True, "name": "Saturday shift"},
    ]
    with transaction() as session:
        content = load_calendar_file(CALENDARS)["office"] | {"changes": changes}
        calendars.keep(session, "office", content, "chen.min", "Stocktaking")
    found = told(reported(limit="3 working days"))
    assert found.calendar == "office 2"
    assert [(start, counted, text) for start, _end, counted, _rule, text in sums(found)] == [
        ("11-23 08:00", 16, "day 0, the day of the event"),
        ("11-24 00:00", 24, "working days"),
        ("11-25 00:00", 0, "closed: Stocktaking"),
        ("11-27 00:00", 24, "working days"),
        ("11-28 00:00", 24, "extra working day: Saturday shift"),
    ]


def test_what_comes_after_the_cut_off_begins_on_the_next_working_day(company: Engine) -> None:
    found = told(reported("2026-11-27T16:30:00+08:00", limit="1 working days", cut_off="16:00"))
    # Friday after four counts as of Monday, which is day 0; Tuesday is the one working day.
    assert sums(found) == [
        (
            "11-27 16:30",
            "11-30 00:00",
            0,
            Rule.NOT_BEGUN,
            "counting begins later: after the cut-off, on a day off, or from the next working day",
        ),
        ("11-30 00:00", "12-01 00:00", 24, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("12-01 00:00", "12-02 00:00", 24, Rule.WORKING_DAY, "working days"),
    ]


def test_a_last_day_that_moved_says_so(company: Engine) -> None:
    # Two days from Thursday end on a Saturday; the last day moves to Monday.
    found = told(reported("2026-11-26T08:00:00+08:00", limit="2 days", last_day="next_working_day"))
    assert sums(found) == [
        ("11-26 08:00", "11-27 00:00", 16, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("11-27 00:00", "11-29 00:00", 48, Rule.CALENDAR_DAY, "calendar days"),
        (
            "11-29 00:00",
            "12-01 00:00",
            48,
            Rule.LAST_DAY_MOVED,
            "the last day was a rest day and moved to the next working day",
        ),
    ]


PAUSED = "paused by chen.min: The shop is closed"


def test_a_pause_is_an_interval_that_does_not_count_and_is_the_others(number: str) -> None:
    stands_between(number, "2026-11-24T10:00:00+08:00", "2026-11-25T12:00:00+08:00")
    found = told(number)
    assert sums(found) == [
        ("11-23 08:00", "11-24 00:00", 16, Rule.EVENT_DAY, "day 0, the day of the event"),
        ("11-24 00:00", "11-24 10:00", 10, Rule.CALENDAR_DAY, "calendar days"),
        ("11-24 10:00", "11-25 12:00", 0, Rule.PAUSE, PAUSED),
        ("11-25 12:00", "11-27 02:00", 38, Rule.CALENDAR_DAY, "calendar days"),
    ]
    assert [one.holder for one in found.intervals] == [COMPANY, COMPANY, DEALER, COMPANY]
    later = told(number, at="2026-11-25T13:00:00+08:00")
    assert [(one.party.name, one.used, one.paused) for one in later.shares] == [
        (COMPANY, timedelta(hours=27), NOTHING),
        (DEALER, NOTHING, timedelta(hours=26)),
    ]


def test_a_clock_that_stands_is_taken_to_go_on_now(number: str) -> None:
    stands_between(number, "2026-11-24T10:00:00+08:00")
    found = told(number, at="2026-11-25T12:00:00+08:00")
    assert [one[:4] for one in sums(found)[2:]] == [
        ("11-24 10:00", "11-25 12:00", 0, Rule.PAUSE),
        ("11-25 12:00", "11-27 02:00", 38, Rule.CALENDAR_DAY),
    ]
    assert found.state is DeadlineState.PAUSED
    later = told(number, at="2026-12-25T12:00:00+08:00")
    assert later.due - found.due == timedelta(days=30)
    assert later.counted == found.counted == timedelta(hours=64)


def test_the_procedures_own_pause_is_told_in_words(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="arrival")
    found = told(number, "settlement", at="2026-11-24T09:00:00+08:00")
    stood = [one for one in found.intervals if one.rule is Rule.PAUSE]
    assert [(one.why, one.holder) for one in stood] == [
        ("paused by the procedure: waiting for the dealer's goods", DEALER)
    ]


def test_whose_time_it_was_changes_with_the_ball(company: Engine) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "zhou.hai").id, role="technician"))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, {**CREDITED, "name-technician": ("sun.wei", {"technician": "zhou.hai"})}, until="site-finding")
    found = told(number)
    assert [(one.rule, one.holder) for one in found.intervals] == [
        (Rule.EVENT_DAY, COMPANY),
        (Rule.EVENT_DAY, OFFICE),
        (Rule.CALENDAR_DAY, OFFICE),
    ]


@pytest.mark.parametrize("limit", ["100 hours", "20 working hours", "4 days", "4 working days", "1 months"])
@pytest.mark.parametrize("stands", [False, True])
def test_every_sum_adds_up_after_several_pauses(company: Engine, limit: str, stands: bool) -> None:
    number = reported(limit=limit)
    stands_between(number, "2026-11-23T11:45:00+08:00", "2026-11-23T14:20:00+08:00")
    stands_between(number, "2026-11-23T14:20:00+08:00", "2026-11-23T14:20:00+08:00")
    stands_between(number, "2026-11-24T00:00:00+08:00", "2026-11-29T12:00:00+08:00")
    stands_between(number, "2026-11-30T09:00:00+08:00", "" if stands else "2026-12-03T17:45:00+08:00")
    # `told` checks the sum itself.
    found = told(number, at="2026-12-04T09:00:00+08:00")
    assert sum(one.rule is Rule.PAUSE for one in found.intervals) == 3
    assert found.state is (DeadlineState.PAUSED if stands else DeadlineState.RUNNING)


# What has ended


def test_what_was_met_in_time_shows_what_would_have_been_due(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    forward(days=30)
    found = told(number)
    assert found.state is DeadlineState.MET
    assert [one[:4] for one in sums(found)] == [
        ("11-23 08:00", "11-24 00:00", 16, Rule.EVENT_DAY),
        ("11-24 00:00", "11-26 00:00", 48, Rule.CALENDAR_DAY),
    ]
    # Its rungs were not needed.
    assert {one.why_not for one in found.rungs} == {"It was done before that."}


def test_what_was_met_late_shows_when_it_was_due(number: str) -> None:
    it_is("2026-11-27T10:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    found = told(number)
    assert found.state is DeadlineState.BREACHED
    assert (found.due, found.counted) == (instant(DUE), timedelta(hours=64))


def test_what_was_met_while_it_stood_shows_the_pause_up_to_then(number: str) -> None:
    stands_between(number, "2026-11-24T10:00:00+08:00")
    it_is("2026-12-01T10:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    forward(days=30)
    found = told(number)
    assert found.state is DeadlineState.MET
    with the(number) as (_session, deadline):
        met_at = deadline.met_at
    [stood] = [one for one in found.intervals if one.rule is Rule.PAUSE]
    assert (stood.start, stood.end, stood.holder) == (instant("2026-11-24T10:00:00+08:00"), met_at, DEALER)
    assert met_at is not None
    # 38 hours were left.
    assert found.due == met_at + timedelta(hours=38)


def test_a_breached_deadline_that_is_still_open_shows_when_it_was_due(number: str) -> None:
    it_is("2026-11-27T10:00:00+08:00")
    sweep()
    found = told(number)
    assert found.state is DeadlineState.BREACHED
    assert found.due == instant(DUE)


def test_a_pause_after_due_is_no_part_of_the_sum(number: str) -> None:
    it_is("2026-11-26T10:00:00+08:00")
    pause(number, "determination", "Too late", "chen.min")
    forward(days=3)
    found = told(number)
    assert found.due == instant(DUE)
    assert Rule.PAUSE not in {one.rule for one in found.intervals}


@pytest.mark.parametrize("stood", [False, True])
def test_what_the_cases_end_cut_off_shows_what_would_have_been_due(number: str, stood: bool) -> None:
    if stood:
        stands_between(number, "2026-11-24T10:00:00+08:00")
    it_is("2026-11-25T10:00:00+08:00")
    withdraw(number, "Entered twice", "li.na")
    with the(number) as (_session, deadline):
        ended_at = deadline.abandoned_at
        assert ended_at is not None
    forward(days=30)
    found = told(number)
    assert found.state is DeadlineState.PAUSED
    assert found.due == (ended_at + timedelta(hours=38) if stood else instant(DUE))
    assert {one.why_not for one in found.rungs} == {"The case has ended."}


@pytest.mark.parametrize("ending", ["met", "met late", "withdrawn", "met while it stood", "withdrawn while it stood"])
def test_what_has_ended_is_due_at_one_time_wherever_it_is_shown(number: str, ending: str) -> None:
    """The case's own story shows `due_of`; the sum must not end at another time."""
    if "while it stood" in ending:
        stands_between(number, "2026-11-24T10:00:00+08:00")
    it_is("2026-11-27T10:00:00+08:00" if "met" in ending and ending != "met" else "2026-11-25T10:00:00+08:00")
    if "met" in ending:
        answer(number, "site-finding", *CREDITED["site-finding"])
    else:
        withdraw(number, "Entered twice", "li.na")
    forward(days=30)
    found = told(number)
    with the(number) as (session, deadline):
        assert deadlines.due_of(deadline, clock.now(session)) == found.due


# Years that nobody knows yet


@pytest.mark.parametrize(
    ("limit", "last_day", "due", "warned"),
    [
        # Tuesday, Wednesday, Thursday: the year's last day ends at 24:00.
        ("3 working days", "kept", "2027-01-01T00:00", False),
        # Friday is New Year's Day by law; the next working day is Monday.
        ("4 working days", "kept", "2027-01-05T00:00", True),
        ("30 working hours", "kept", "2026-12-31T17:30", False),
        ("40 working hours", "kept", "2027-01-05T11:00", True),
        ("10 days", "kept", "2027-01-08T00:00", False),
        ("10 days", "next_working_day", "2027-01-08T00:00", True),
        ("300 hours", "kept", "2027-01-09T20:00", False),
    ],
)
def test_a_sum_that_reaches_into_an_unpublished_year_says_so(
    company: Engine, limit: str, last_day: str, due: str, warned: bool
) -> None:
    # Monday, 28 December.
    found = told(reported("2026-12-28T08:00:00+08:00", limit=limit, last_day=last_day))
    assert found.due == instant(f"{due}:00+08:00")
    assert found.warnings == ([UNKNOWN] if warned else [])


def test_a_year_that_the_company_confirmed_is_known(company: Engine) -> None:
    with transaction() as session:
        content = load_calendar_file(CALENDARS)["office"] | {"confirmed_years": [2027]}
        calendars.keep(session, "office", content, "chen.min", "The notice has come")
    assert told(reported("2026-12-28T08:00:00+08:00", limit="4 working days")).warnings == []
