"""The page of why: each clock with its sum, and nothing that somebody wrote breaks it."""

from datetime import datetime, timedelta

import pytest
from clocks import instant, it_is
from conftest import CALENDARS
from pages import MARKDOWN, cells, headings
from sqlalchemy import Engine
from sums import COMPANY, DEALER, UNKNOWN, reported, stands_between

from models.calendars import load_calendar_file
from models.queries import cases, clock, people
from tasks.clock_words import duration_text
from tasks.database import transaction
from tasks.pausing import unpause
from tasks.reprojecting import apply_calendars
from tasks.sweeping import sweep
from tasks.why_page import why_page

pytestmark = pytest.mark.usefixtures("english_with_mail")


def page(number: str, at: str = "") -> str:
    with transaction() as session:
        case = cases.by_number(session, number)
        return why_page(session, case, instant(at) if at else clock.now(session))


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
