"""Why nobody was told, or when, and whom it reached."""

import pytest
from clocks import DUE, instant, it_is
from people import CREDITED, answer
from sqlalchemy import Engine
from sums import reported, stands_between, told

from tasks.pausing import pause, unpause
from tasks.settings import settings
from tasks.sweeping import sweep

pytestmark = pytest.mark.usefixtures("english_with_mail")


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
