"""The page of the board: its figures, its tables and its charts, whatever the parties are called."""

from zoneinfo import ZoneInfo

import pytest
from boards import BRIGHTWAY, COMPANY, HENGDA, LIANGJIA, NOW, PICTURES, UNKNOWN, called, charts, digest
from clocks import instant
from pages import cells
from sqlalchemy import Engine

from models.queries import people
from models.queries.urgency import Line
from tasks.board import Board, mail_figures
from tasks.board_page import page
from tasks.charts import GREY, RED
from tasks.database import transaction
from tasks.settings import settings
from tasks.sweeping import Swept, sweep

pytestmark = pytest.mark.usefixtures("english_with_mail")


def test_the_page_has_the_figures_the_lines_and_what_is_late(numbers: dict[str, str]) -> None:
    swept = Swept(reminded=3, escalated=2, lapsed=1, started=4, woken=5, withdrawn=6, delivered=7)
    text = digest(swept=swept)
    assert text.splitlines()[0] == "# SLA board 2026-11-25 10:00"
    shown = cells(text)
    for row in (
        ["Open cases", "4"],
        ["Deadlines late", "1"],
        ["Deadlines due today", "1"],
        ["Clocks that stand", "1"],
        ["Reminders in this sweep", "3"],
        ["Escalations in this sweep", "2"],
        ["Answered by silence", "1"],
        ["Cases started or woken", "9"],
        ["Cases withdrawn in Prefect", "6"],
        ["Notices sent", "7"],
        ["Batch quality dispute", LIANGJIA, "1", "0", "1", "0"],
        ["Batch quality dispute", HENGDA, "2", "1", "0", "0"],
        ["Batch quality dispute", BRIGHTWAY, "1", "0", "0", "1"],
        [
            numbers["late"],
            "Determination on site",
            "2026-11-22 24:00",
            f"{COMPANY} 5 d 2:00 h",
            "刘洋 (liu.yang)",
            LIANGJIA,
        ],
    ):
        assert row in shown


def test_the_page_draws_open_cases_and_late_hours(numbers: dict[str, str]) -> None:
    parties, hours = charts(digest())
    assert parties.texts == [
        "By procedure and party",
        "Open cases",
        "Deadlines late",
        *(LIANGJIA, "1", "1"),
        *(HENGDA, "2", "0"),
        # Twenty letters at most.
        *("Hangzhou Brightway …", "1", "0"),
    ]
    # Two cases are the longest bar.
    assert parties.bars == [(GREY, 195), (RED, 195), (GREY, 390), (RED, 0), (GREY, 195), (RED, 0)]
    assert hours.texts == [
        "Hours of the late deadlines, by the party that had the ball",
        "Hours",
        *(COMPANY, "122"),
    ]
    assert hours.bars == [(GREY, 390)]


NAMES = (
    'He "Best" Lamps',
    "[Lamps] {and} ](x)",
    "`code` ```",
    "a | b \\ c * d _ e",
    "one; two # three !",
    "<b>& </text>",
    "{{ 7 * 7 }} {% x %}",
    "first\n\n# second",
    "![chart](data:x)",
)


def test_no_partys_name_breaks_table_or_chart(numbers: dict[str, str]) -> None:
    for name in NAMES:
        shown_safely(numbers, name)


def shown_safely(numbers: dict[str, str], name: str) -> None:
    called("D-02", name)
    called("C-01", name)
    text = digest()
    read = " ".join(name.split())
    parties, hours = charts(text)
    assert parties.texts[3:] == [read, "1", "1", HENGDA, "2", "0", "Hangzhou Brightway …", "1", "0"]
    assert hours.texts[2:] == [read, "122"]
    shown = cells(text)
    assert [row for row in shown if row[:2] == ["Batch quality dispute", read]] == [
        ["Batch quality dispute", read, "1", "0", "1", "0"]
    ]
    assert [row for row in shown if row[0] == numbers["late"]] == [
        [
            numbers["late"],
            "Determination on site",
            "2026-11-22 24:00",
            f"{read} 5 d 2:00 h",
            "刘洋 (liu.yang)",
            read,
        ],
    ]
    assert [one.tag for one in PICTURES.parse(text) if one.type == "heading_open"] == ["h1", "h2", "h2", "h2"]


def test_a_chart_shows_the_twelve_parties_that_need_it_most(company: Engine) -> None:
    shown = Board(
        at=instant(NOW),
        zone=ZoneInfo("Asia/Shanghai"),
        lines=tuple(Line("BQ", f"Dealer {one}", 1, 0, 20 - one, 0) for one in range(15)),
        late=(),
        warnings=(),
    )
    with transaction() as session:
        text = page(session, shown, Swept())
    [parties] = charts(text)
    assert parties.texts[3:] == [one for dealer in range(12) for one in (f"Dealer {dealer}", "1", str(20 - dealer))]
    # Twenty are the longest bar of 390.
    assert [length for colour, length in parties.bars if colour == RED] == [
        pytest.approx(19.5 * (20 - dealer), abs=0.05) for dealer in range(12)
    ]
    # The table has them all.
    named = [row[1] for row in cells(text) if row[0] == "Batch quality dispute"]
    assert named == [f"Dealer {one}" for one in range(15)]


def test_the_page_names_what_is_to_be_looked_at(numbers: dict[str, str]) -> None:
    text = digest(swept=Swept(without_run=["BQ-2026-0001", "BQ-2026-0002"], problems=["Mail: it is down"]))
    assert "- Cases without a run in Prefect: BQ-2026-0001, BQ-2026-0002" in text.splitlines()
    assert "- Mail: it is down" in text.splitlines()
    assert any(line.startswith(f"- {UNKNOWN}") for line in text.splitlines())


def test_a_problem_of_several_lines_stays_one_item(numbers: dict[str, str]) -> None:
    """Prefect's message of a failed run is whatever went wrong, in as many lines as it likes."""
    problem = "BQ-2026-0001: its run in Prefect is Failed: first\n\n# second\n\n| a |\n| - |\n```"
    text = digest(swept=Swept(problems=[problem]))
    tokens = PICTURES.parse(text)
    assert [one.tag for one in tokens if one.type == "heading_open"] == ["h1", "h2", "h2", "h2"]
    # The problem, and the year that nobody knows.
    assert sum(one.type == "list_item_open" for one in tokens) == 2
    assert len(charts(text)) == 2


def test_the_page_counts_the_mail_that_waits_and_that_was_given_up(
    numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AFTERSALES_SMTP_HOST")
    settings.cache_clear()
    with transaction() as session:
        assert mail_figures(session) == (0, 0)
        people.person(session, "zhao.qiang").active = False
    # Two reminders and an escalation to a post that nobody holds now.
    sweep(instant(NOW))
    with transaction() as session:
        assert mail_figures(session) == (2, 1)
    shown = cells(digest())
    assert ["Notices waiting", "2"] in shown
    assert ["Notices given up", "1"] in shown
