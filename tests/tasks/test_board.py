"""The SLA board: figures by procedure and party, whose time it was, its first rows, warnings."""

from datetime import timedelta
from typing import Any

import pytest
from boards import BRIGHTWAY, COMPANY, HENGDA, LIANGJIA, NOW, UNKNOWN, charts, digest, seen, waiting
from clocks import instant, it_is, policy_with, use
from conftest import CALENDARS
from people import CREDITED, answer, opened, play, run
from sqlalchemy import Engine

from models.calendars import load_calendar_file
from models.queries import calendars
from models.queries.urgency import Line
from tasks import board as boards
from tasks import board_page
from tasks.board import case_rows, times_text
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


# Figures


def test_each_line_counts_what_is_open_due_today_late_and_standing_the_late_in_front(numbers: dict[str, str]) -> None:
    shown = seen()
    assert shown.lines == (
        Line("BQ", LIANGJIA, open_cases=1, due_today=0, late=1, paused=0),
        Line("BQ", HENGDA, open_cases=2, due_today=1, late=0, paused=0),
        Line("BQ", BRIGHTWAY, open_cases=1, due_today=0, late=0, paused=1),
    )
    assert (shown.open_cases, shown.due_today, shown.late_deadlines, shown.paused) == (4, 1, 1, 1)


@pytest.mark.parametrize(
    ("at", "today", "late"),
    [
        ("2026-11-24T23:59:59+08:00", 0, 1),
        ("2026-11-25T00:00:00+08:00", 1, 1),
        ("2026-11-25T23:59:59+08:00", 1, 1),
        # 24:00 sharp is still in time.
        ("2026-11-26T00:00:01+08:00", 0, 2),
        ("2026-11-27T12:00:00+08:00", 1, 2),
        ("2026-11-28T00:00:01+08:00", 0, 3),
    ],
)
def test_today_ends_at_24_00_of_the_companys_zone(numbers: dict[str, str], at: str, today: int, late: int) -> None:
    shown = seen(at)
    assert (shown.due_today, shown.late_deadlines) == (today, late)


def test_what_a_sweep_has_breached_is_the_same_as_what_ran_out_before_it(numbers: dict[str, str]) -> None:
    before = seen()
    sweep(instant(NOW))
    after = seen()
    assert (after.lines, after.late) == (before.lines, before.late)


def test_a_clock_that_stands_is_neither_due_today_nor_late_however_long(numbers: dict[str, str]) -> None:
    for at in ("2026-11-26T10:00:00+08:00", "2026-12-26T10:00:00+08:00"):
        [standing] = [one for one in seen(at).lines if one.party == BRIGHTWAY]
        assert (standing.due_today, standing.late, standing.paused) == (0, 0, 1)
    it_is("2026-11-25T11:00:00+08:00")
    unpause(numbers["paused"], "determination", "chen.min")
    # It stood for two hours: due at two in the night from Thursday to Friday.
    [running] = [one for one in seen("2026-11-27T03:00:00+08:00").lines if one.party == BRIGHTWAY]
    assert (running.due_today, running.late, running.paused) == (0, 1, 0)


def test_a_clock_that_was_late_before_it_was_stopped_stays_late(numbers: dict[str, str]) -> None:
    pause(numbers["late"], "determination", "Too late", "chen.min")
    [late] = [one for one in seen().lines if one.party == LIANGJIA]
    assert (late.late, late.paused) == (1, 0)


def test_ended_cases_and_what_is_done_are_not_on_the_board(numbers: dict[str, str]) -> None:
    withdraw(numbers["late"], "Entered twice", "li.na")
    answer(numbers["today"], "site-finding", *CREDITED["site-finding"])
    shown = seen()
    assert [(one.party, one.open_cases, one.due_today, one.late) for one in shown.lines] == [
        (BRIGHTWAY, 1, 0, 0),
        # The answered case has no question yet: its run has not gone on.
        (HENGDA, 2, 0, 0),
    ]
    assert shown.late == ()


def test_a_case_with_several_clocks_is_one_case(company: Engine) -> None:
    it_is("2026-11-25T09:00:00+08:00")
    number = opened(reported_at="2026-11-25T08:00:00+08:00")
    play(number, until="remedy")
    # Remedy and arrival run, the settlement stands.
    assert seen().lines == (Line("BQ", HENGDA, open_cases=1, due_today=0, late=0, paused=1),)
    assert seen("2026-12-20T10:00:00+08:00").lines == (Line("BQ", HENGDA, open_cases=1, due_today=0, late=2, paused=1),)


def test_a_board_of_some_parties_counts_theirs_alone(numbers: dict[str, str]) -> None:
    shown = seen(parties=["D-01", "D-03"])
    assert [one.party for one in shown.lines] == [HENGDA, BRIGHTWAY]
    assert (shown.open_cases, shown.late_deadlines, shown.late) == (3, 0, ())
    assert [one.case for one in seen(parties=["D-02"]).late] == [numbers["late"]]
    assert seen(parties=[]).lines == ()


def test_nothing_open_is_an_empty_board(company: Engine) -> None:
    shown = seen()
    assert (shown.lines, shown.late, shown.open_cases, shown.time_by_party) == ((), (), 0, [])
    text = digest()
    assert "| Open cases | 0 |" in text
    assert charts(text) == []


# Whose time


def test_what_is_late_is_named_with_whom_it_waits_for_and_whose_time_it_was(numbers: dict[str, str]) -> None:
    [late] = seen().late
    assert (late.case, late.party, late.what, late.waits_for) == (
        numbers["late"],
        LIANGJIA,
        "Determination on site",
        "刘洋 (liu.yang)",
    )
    # Two days from Friday end with the Sunday.
    assert late.due == instant("2026-11-23T00:00:00+08:00")
    # From eight on Friday to ten on Wednesday.
    assert late.time_of == ((COMPANY, timedelta(hours=122)),)


def test_the_time_of_a_pause_is_that_of_whom_the_clock_waited_for(company: Engine) -> None:
    it_is("2026-11-20T09:00:00+08:00")
    number = waiting("D-01", "2026-11-20T08:00:00+08:00")
    it_is("2026-11-20T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-21T10:00:00+08:00")
    unpause(number, "determination", "chen.min")
    [late] = seen().late
    found = dict(late.time_of)
    assert list(found) == [COMPANY, HENGDA]
    assert abs(found[HENGDA] - timedelta(hours=24)) < timedelta(minutes=1)
    assert found[COMPANY] + found[HENGDA] == timedelta(hours=122)


def test_the_time_of_all_that_is_late_adds_up_by_party_the_longest_first(company: Engine) -> None:
    use(policy_with({"remedy": {"limit": "1 days"}}))
    it_is("2026-11-20T09:00:00+08:00")
    waiting("D-01", "2026-11-20T08:00:00+08:00")
    waiting("D-02", "2026-11-20T08:00:00+08:00")
    play(opened(dealer="D-01", product="LX-004", batch="MH260622"), until="remedy")
    total = seen().time_by_party
    assert [party for party, _time in total] == [COMPANY, HENGDA]
    assert total[0][1] == timedelta(hours=244)
    # The remedy is the dealer's to choose, since nine on Friday.
    assert abs(total[1][1] - timedelta(hours=121)) < timedelta(minutes=1)


def test_the_longest_late_come_first(numbers: dict[str, str]) -> None:
    shown = seen("2026-11-30T10:00:00+08:00")
    assert [one.case for one in shown.late] == [numbers["late"], numbers["today"], numbers["running"]]


def test_a_question_for_a_dealer_waits_for_a_clerk_and_the_dealer(company: Engine) -> None:
    it_is("2026-11-20T09:00:00+08:00")
    play(opened(dealer="D-01"), until="remedy")
    [late] = list(seen("2026-11-30T10:00:00+08:00").late)
    assert (late.what, late.waits_for) == (
        "What does the dealer want for the goods?",
        f"customer service clerk, for {HENGDA}",
    )


def test_a_clock_of_the_case_waits_for_whoever_the_case_waits_for(company: Engine) -> None:
    """He cannot attend, and his head has not named another yet: the determination has no task of its own."""
    it_is("2026-11-20T09:00:00+08:00")
    number = waiting("D-01", "2026-11-20T08:00:00+08:00")
    answer(number, "site-finding", "liu.yang", {"verdict": "cannot_attend", "report": "Ill."})
    run(number)
    late = {one.what: one.waits_for for one in seen().late}
    assert late["Determination on site"] == "head of technology"


def test_times_are_read_party_by_party() -> None:
    times = [("We", timedelta(days=2, hours=3)), ("Nobody", timedelta()), ("They", timedelta(hours=5))]
    assert times_text(times) == "We 2 d 3:00 h, They 5:00 h"


# A great many


def test_what_is_not_shown_counts_all_the_same(numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (boards, board_page):
        monkeypatch.setattr(place, "MOST_SHOWN", 2)
    at = "2026-11-30T10:00:00+08:00"
    shown = seen(at)
    assert [one.case for one in shown.late] == [numbers["late"], numbers["today"]]
    assert (shown.late_deadlines, shown.open_cases) == (3, 4)
    text = digest(at)
    assert "| Deadlines late | 3 |" in text
    assert text.endswith("The 2 longest late are shown.")
    with transaction() as session:
        assert len(case_rows(session, instant(at))) == 2


def test_where_all_is_shown_nothing_is_said_of_a_limit(numbers: dict[str, str]) -> None:
    assert "longest late" not in digest("2026-11-30T10:00:00+08:00")


# The table of cases


def test_the_most_urgent_case_is_the_first_row(numbers: dict[str, str]) -> None:
    with transaction() as session:
        rows = case_rows(session, instant(NOW))
    assert [(row["Case"], row["Next due"], row["Late"], row["Paused"]) for row in rows] == [
        (numbers["late"], "2026-11-22 24:00", "Determination on site", ""),
        (numbers["today"], "2026-11-25 24:00", "", ""),
        (numbers["running"], "2026-11-27 24:00", "", ""),
        (numbers["paused"], "", "", "Determination on site"),
    ]
    assert {key: rows[0][key] for key in ("Procedure", "Party", "State", "Question", "Waits for")} == {
        "Procedure": "Batch quality dispute",
        "Party": LIANGJIA,
        "State": "waiting for a person",
        "Question": "Finding on site",
        "Waits for": "刘洋 (liu.yang)",
    }


# Warnings


@pytest.mark.parametrize(
    ("at", "warned"),
    [
        # 60 days from 1 November lie in 2026, from the second in the morning the 61st day is the new year's first.
        ("2026-10-15T10:00:00+08:00", False),
        ("2026-11-01T10:00:00+08:00", False),
        ("2026-11-02T10:00:00+08:00", True),
        ("2026-12-31T23:00:00+08:00", True),
        ("2027-03-01T10:00:00+08:00", True),
    ],
)
def test_near_the_years_end_the_board_warns_of_a_year_that_nobody_knows(company: Engine, at: str, warned: bool) -> None:
    found = seen(at).warnings
    assert [one[: len(UNKNOWN)] for one in found] == ([UNKNOWN] if warned else [])


def test_a_year_that_the_company_confirmed_is_no_warning(company: Engine) -> None:
    keep_office({"confirmed_years": [2027]})
    assert seen().warnings == ()


def keep_office(changed: dict[str, Any]) -> None:
    """Another version of the office's calendar; nothing is counted anew by it."""
    with transaction() as session:
        content = load_calendar_file(CALENDARS)["office"] | changed
        calendars.keep(session, "office", content, "chen.min", "Changed")


def test_a_year_that_has_become_known_since_is_named(company: Engine) -> None:
    keep_office({"known_years": [2020, 2021, 2022, 2023, 2024, 2025]})
    assert list(seen("2026-06-01T10:00:00+08:00").warnings) == [
        "Calendar office does not know 2026: its holidays and make-up days are not published yet. "
        "Working days of that year are provisional; enter the notice or update the program.",
        "The holidays of 2026 are known now; count anew with: aftersales calendar FILE --apply",
    ]


def test_what_still_counts_by_an_earlier_calendar_is_counted(numbers: dict[str, str]) -> None:
    keep_office({"confirmed_years": [2027]})
    assert seen().warnings == ("4 open deadlines still count by an earlier version of calendar office.",)
