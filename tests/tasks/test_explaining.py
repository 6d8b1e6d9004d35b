"""Why a deadline is due when it is: a sum without a gap, with rules, names and parties, and why nobody was told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml
from conftest import CALENDARS, POLICY
from markdown_it import MarkdownIt
from people import CREDITED, answer, forward, opened, play
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deployments.catcher import MailCatcher
from models.calendars import load_calendar_file
from models.queries import calendars, cases, clock, deadlines, people, policies
from models.rules.explaining import Rule
from models.tables.deadlines import Deadline, DeadlineState
from models.tables.parties import RoleGrant
from tasks.clock_words import duration_text
from tasks.database import transaction
from tasks.explaining import Why, why
from tasks.pausing import pause, unpause
from tasks.reprojecting import apply_calendars
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.why_page import why_page
from tasks.withdrawing import withdraw

#: A Monday at eight; two days from then end on Wednesday at 24:00.
REPORTED, DUE = "2026-11-23T08:00:00+08:00", "2026-11-26T00:00:00+08:00"
COMPANY, DEALER, OFFICE = "明辉照明有限公司", "广州恒达灯饰经销商", "华南办事处"
NOTHING = timedelta()


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are chased."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case reported on Monday at eight whose technician is silent; it is nine."""
    return reported()


def reported(at: str = REPORTED, **limit: Any) -> str:
    """A case that waits for the finding, an hour after its report, counted by another limit if one is given."""
    if limit:
        use({"determination": {"rungs": [], **limit}})
    it_is((instant(at) + timedelta(hours=1)).isoformat())
    number = opened(reported_at=at)
    play(number, until="site-finding")
    return number


def use(limits: dict[str, Any]) -> None:
    """Makes the lighting maker's policy with other limits the current one."""
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"batch_quality": content["batch_quality"] | limits})


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, instant(at))


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


@contextmanager
def the(number: str, key: str = "determination") -> Iterator[tuple[Session, Deadline]]:
    """A deadline of the case, in a transaction."""
    with transaction() as session:
        yield session, deadlines.of_case(session, cases.by_number(session, number).id, key)


def told(number: str, key: str = "determination", at: str = "") -> Why:
    """The sum seen at a time, now if none is given, checked for what holds of every sum."""
    with the(number, key) as (session, deadline):
        seen_at = instant(at) if at else clock.now(session)
        found = why(session, deadline, seen_at)
        assert found.intervals[0].start == deadline.started_at
        assert all(earlier.end == later.start for earlier, later in pairwise(found.intervals))
        assert all(one.start < one.end for one in found.intervals)
        assert found.intervals[-1].end == found.due
        assert all(one.counted in (NOTHING, one.end - one.start) for one in found.intervals)
        assert sum((one.counted for one in found.intervals), start=NOTHING) == found.counted
        assert found.counted == deadlines.clock_of(deadline).size()
        assert deadline.is_over or found.due == deadlines.due_of(deadline, seen_at)
        return found


def sums(found: Why) -> list[tuple[str, str, float, Rule, str]]:
    """Each interval as people read it: from, to (both in Shanghai), hours that count, rule, words."""
    zone = instant(REPORTED).tzinfo
    return [
        (
            f"{one.start.astimezone(zone):%m-%d %H:%M}",
            f"{one.end.astimezone(zone):%m-%d %H:%M}",
            one.counted / timedelta(hours=1),
            one.rule,
            one.why,
        )
        for one in found.intervals
    ]


def stands_between(number: str, stopped: str, restarted: str = "", reason: str = "The shop is closed") -> None:
    """A pause from and to these very instants; commands take the time that the business clock has."""
    with the(number) as (session, deadline):
        dealer = people.party_by_code(session, "D-01")
        assert dealer is not None
        assert deadlines.pause(deadline, instant(stopped), reason, "chen.min", dealer)
    if restarted:
        with the(number) as (_session, deadline):
            assert deadlines.resume(deadline, instant(restarted), "chen.min")


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


# Why nobody was told


def whys(number: str, key: str = "determination") -> list[tuple[int, bool, str]]:
    """Each rung: its number, whether it happened, and what is said of it."""
    return [(one.number, one.happened_at is not None, one.why_not) for one in told(number, key).rungs]


def test_a_rung_whose_time_has_not_come(number: str) -> None:
    sweep()
    assert whys(number) == [(one, False, "Its time has not come.") for one in (1, 2, 3)]


def test_a_rung_whose_time_came_before_any_sweep(number: str) -> None:
    it_is("2026-11-25T12:00:00+08:00")
    assert whys(number) == [
        (1, False, "No sweep has run yet."),
        (2, False, "No sweep has run yet."),
        (3, False, "Its time has not come."),
    ]


def test_a_rung_whose_time_came_after_the_last_sweep(number: str) -> None:
    sweep(instant("2026-11-24T10:00:00+08:00"))
    it_is("2026-11-25T12:00:00+08:00")
    text = "Its time has come, but no sweep has run since; the last one chased up to 2026-11-24 10:00."
    assert whys(number)[:2] == [(1, False, text), (2, False, text)]


def test_a_rung_of_a_clock_that_stands(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-30T12:00:00+08:00")
    sweep()
    assert whys(number) == [(one, False, "The clock stands; nobody is chased.") for one in (1, 2, 3)]
    unpause(number, "determination", "chen.min")
    assert whys(number) == [(one, False, "Its time has not come.") for one in (1, 2, 3)]


def test_the_rungs_of_a_clock_that_stands_are_planned_as_if_it_went_on_now(number: str) -> None:
    stands_between(number, "2026-11-24T10:00:00+08:00")
    # A day and two hours later: so much later it would be due, at two on Friday, and 80 % would be over at 13:12.
    found = told(number, at="2026-11-25T12:00:00+08:00")
    assert found.due == instant("2026-11-27T02:00:00+08:00")
    assert [one.planned_at for one in found.rungs] == [
        instant("2026-11-26T13:12:00+08:00"),
        instant("2026-11-26T13:12:00+08:00"),
        instant("2026-11-27T02:00:00+08:00"),
    ]


def test_a_rung_that_happened_and_reached_its_reader(number: str) -> None:
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    found = told(number)
    assert [(one.number, one.told, one.why_not) for one in found.rungs] == [
        (1, ["liu.yang"], ""),
        (2, ["sun.wei"], ""),
        (3, [], "Its time has not come."),
    ]
    assert [one.planned_at for one in found.rungs] == [
        instant("2026-11-25T11:12:00+08:00"),
        instant("2026-11-25T11:12:00+08:00"),
        instant(DUE),
    ]
    assert [one.happened_at and one.happened_at >= instant("2026-11-25T14:00:00+08:00") for one in found.rungs] == [
        True,
        True,
        None,
    ]


def test_a_reminder_that_waits_for_working_hours(company: Engine) -> None:
    number = reported("2026-11-26T08:00:00+08:00", limit="2 days", rungs=[{"at": "80%", "to": "assignee"}])
    it_is("2026-11-28T12:00:00+08:00")
    sweep()
    assert whys(number) == [(1, True, "The reminder waits for working hours, from 2026-11-30 08:30.")]
    it_is("2026-11-30T08:30:00+08:00")
    sweep()
    assert whys(number) == [(1, True, "")]


def test_a_mail_that_waits_for_its_server(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERSALES_SMTP_HOST")
    settings.cache_clear()
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    assert whys(number) == [(one, True, "The mail is queued.") for one in (1, 2, 3)]


def test_a_mail_to_a_post_that_nobody_holds(company: Engine) -> None:
    number = reported(limit="2 days", rungs=[{"at": "100%", "to": "planning_dept"}])
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    assert whys(number) == [
        (1, True, "The mail could not be sent: Nobody with a mail address holds this role."),
    ]


def test_what_was_done_late_is_not_said_to_have_been_done_before_its_reminder(number: str) -> None:
    """No sweep ran, so the reminders of Wednesday did not happen; the answer came on Thursday."""
    it_is("2026-11-26T12:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    found = {one.number: one for one in told(number).rungs}
    assert found[3].happened_at is not None
    for reminder in (found[1], found[2]):
        assert reminder.happened_at is None
        assert reminder.planned_at == instant("2026-11-25T11:12:00+08:00")
        assert reminder.why_not
        assert reminder.why_not != "It was done before that."


# Years that nobody knows yet

UNKNOWN = "The holidays and make-up days of 2027 are not published yet; days of that year may move."


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


# As a page

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def page(number: str, at: str = "") -> str:
    with transaction() as session:
        case = cases.by_number(session, number)
        return why_page(session, case, instant(at) if at else clock.now(session))


def cells(text: str) -> list[list[str]]:
    """The rows of every table of a page, each cell as its reader sees it, without any mark that means something."""
    rows: list[list[str]] = []
    for token in MARKDOWN.parse(text):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and token.level == 4 and rows:
            children = token.children or []
            assert {one.type for one in children} <= {"text", "text_special"}, token.content
            rows[-1].append("".join(one.content for one in children))
    return rows


def headings(text: str) -> list[str]:
    tokens = MARKDOWN.parse(text)
    return [f"{one.tag} {inline.content}" for one, inline in pairwise(tokens) if one.type == "heading_open"]


def test_the_page_shows_every_clock_the_running_ones_first(number: str) -> None:
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    text = page(number, "2026-11-25T14:00:00+08:00")
    assert headings(text) == [
        f"h1 The clocks of {number}, at 2026-11-25 14:00",
        "h2 Determination on site",
        "h2 Acknowledgement to the dealer",
        "h2 Is this a batch quality matter?",
        "h2 Name the technician who goes to the site",
    ]
    assert "2 days, counted by calendar office 1, due **2026-11-25 24:00**, running." in text
    shown = cells(text)
    assert ["2026-11-23 08:00", "2026-11-23 24:00", "16:00 h", "day 0, the day of the event", COMPANY] in shown
    assert ["2026-11-24 00:00", "2026-11-25 24:00", "2 d 0:00 h", "calendar days", COMPANY] in shown
    assert ["Together", "", "2 d 16:00 h", "2 days", ""] in shown
    assert ["80%", "liu.yang", "2026-11-25 11:12", "2026-11-25 14:00", ""] in shown
    assert ["100%", "marketing vice-president", "2026-11-25 24:00", "", "Its time has not come."] in shown


def test_the_page_warns_of_an_unpublished_year(company: Engine) -> None:
    number = reported("2026-12-28T08:00:00+08:00", limit="4 working days")
    assert f"> {UNKNOWN}" in page(number).splitlines()


REASONS = [
    "a | b | c",
    "first\nsecond",
    "first\n\n# A heading\n\n| a |\n| - |\n| b |",
    "```\ncode\n```",
    "`code`",
    "*one* **two** _three_ __four__",
    "~~gone~~",
    "[a link](https://example.org) ![a picture](x.png) <https://example.org>",
    "<script>alert(1)</script>",
    "back\\slash \\| and \\",
    "> quoted",
    "- one\n- two",
    "1 < 2 && 3 > 2 &lt;b&gt; &amp;",
    "{braces} {0} %s %(name)s",
    "---",
    "| --- | --- |",
    "!",
]


def test_no_reason_breaks_the_page(number: str) -> None:
    # Stands a day and runs a minute, time and again, so that all of it lies before due.
    at = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
    for reason in REASONS:
        stands_between(number, at.isoformat(), reason=reason)
        it_is((at + timedelta(days=1)).isoformat())
        unpause(number, "determination", "chen.min")
        at += timedelta(days=1, minutes=1)
    text = page(number, at.isoformat())
    assert len([one for one in headings(text) if one.startswith("h1")]) == 1
    assert len(headings(text)) == 5
    stood = [row for row in cells(text) if len(row) == 5 and row[3].startswith("paused by")]
    assert [row[3:] for row in stood] == [[f"paused by chen.min: {' '.join(one.split())}", DEALER] for one in REASONS]


def test_no_reason_of_a_change_breaks_the_page(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    for version, reason in enumerate(REASONS, 2):
        content = load_calendar_file(CALENDARS)["office"] | {"confirmed_years": [2025 + version]}
        apply_calendars({"office": content}, reason, "chen.min")
    text = page(number)
    assert len(headings(text)) == 5
    quoted = [one for one in MARKDOWN.parse(text) if one.type == "inline" and "Counted anew" in one.content]
    children = [child for one in quoted for child in one.children or []]
    assert {one.type for one in children} <= {"text", "text_special", "softbreak"}
    shown = "".join(one.content for one in children)
    for version, reason in enumerate(REASONS, 2):
        assert (
            f"by chen.min (calendar office {version}): due 2026-11-25 24:00 became "
            f"2026-11-25 24:00. Reason: {' '.join(reason.split())}"
        ) in shown


def test_no_partys_name_breaks_the_page(number: str) -> None:
    name = "A|B `C` [D](e) *F*\nG"
    with transaction() as session:
        dealer = people.party_by_code(session, "D-01")
        assert dealer is not None
        dealer.name = name
    stands_between(number, "2026-11-24T10:00:00+08:00")
    shown = cells(page(number, "2026-11-25T10:00:00+08:00"))
    [stood] = [row for row in shown if row[0] == "2026-11-24 10:00"]
    assert stood[-1] == "A|B `C` [D](e) *F* G"
    assert len(stood) == 5


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(), "0:00 h"),
        (timedelta(minutes=5), "0:05 h"),
        (timedelta(hours=23, minutes=59), "23:59 h"),
        (timedelta(hours=24), "1 d 0:00 h"),
        (timedelta(days=2, hours=14, minutes=45), "2 d 14:45 h"),
        (timedelta(hours=23, minutes=59, seconds=45), "1 d 0:00 h"),
    ],
)
def test_a_duration_is_read_in_days_and_hours(company: Engine, time: timedelta, text: str) -> None:
    assert duration_text(time) == text
