"""The SLA board: figures by procedure and party, whose time it was, warnings; as a page and as each manager's mail."""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
import yaml
from conftest import CALENDARS, POLICY
from markdown_it import MarkdownIt
from people import CREDITED, answer, forward, opened, play, run
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.calendars import load_calendar_file
from models.queries import calendars, clock, people, policies
from models.queries.urgency import Line
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from tasks import board as boards
from tasks import board_page
from tasks.board import Board, board, case_rows, mail_figures, times_text
from tasks.board_letter import send_board
from tasks.board_page import page
from tasks.charts import GREY, RED
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.post import deliver
from tasks.settings import settings
from tasks.sweeping import Swept, sweep
from tasks.withdrawing import withdraw

#: A Wednesday morning.
NOW = "2026-11-25T10:00:00+08:00"
COMPANY, HENGDA, LIANGJIA, BRIGHTWAY = (
    "明辉照明有限公司",
    "广州恒达灯饰经销商",
    "深圳亮家经销商",
    "Hangzhou Brightway Trading",
)
MANAGERS = ["chen.min", "zhao.qiang", "zhou.hai"]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Prefect shows pictures that stand in the page itself.
MARKDOWN.validateLink = lambda url: url.startswith("data:image/svg+xml;base64,")  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are open."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def numbers(company: Engine) -> dict[str, str]:
    """Four cases that wait for the finding: due at 24:00 today, late since Sunday, standing, due on Friday."""
    it_is("2026-11-25T09:00:00+08:00")
    with transaction() as session:
        # Of the offices one has a head here, so that it is plain who sees what.
        people.person(session, "wu.jiang").active = False
    found = {
        "today": waiting("D-01", "2026-11-23T08:00:00+08:00"),
        "late": waiting("D-02", "2026-11-20T08:00:00+08:00"),
        "paused": waiting("D-03", "2026-11-24T08:00:00+08:00"),
        "running": waiting("D-01", "2026-11-25T08:00:00+08:00", product="LX-004", batch="MH260622"),
    }
    pause(found["paused"], "determination", "The shop is closed", "chen.min")
    it_is(NOW)
    return found


def waiting(dealer: str, reported_at: str, **other: Any) -> str:
    """A case whose technician is named and silent."""
    number = opened(dealer=dealer, reported_at=reported_at, **other)
    play(number, until="site-finding")
    return number


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, instant(at))


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def seen(at: str = NOW, parties: Sequence[str] | None = None) -> Board:
    """The board at a time, of all or of the parties with these numbers."""
    with transaction() as session:
        ids = None if parties is None else [one.id for code in parties if (one := people.party_by_code(session, code))]
        return board(session, instant(at), ids)


def digest(at: str = NOW, swept: Swept | None = None) -> str:
    with transaction() as session:
        return page(session, board(session, instant(at)), swept or Swept())


def use(limits: dict[str, Any], **policy: Any) -> None:
    content = yaml.safe_load(POLICY.read_text("utf-8")) | policy
    with transaction() as session:
        policies.keep(session, content | {"batch_quality": content["batch_quality"] | limits})


def called(code: str, name: str) -> None:
    """Gives a party another name."""
    with transaction() as session:
        party = people.party_by_code(session, code)
        assert party is not None
        party.name = name


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
    use({"remedy": {"limit": "1 days"}})
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

UNKNOWN = "Calendar office does not know 2027: "


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


# The page


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


@dataclass(frozen=True)
class Chart:
    """A picture as its reader sees it: all its texts, and the bars as colour and length."""

    texts: list[str]
    bars: list[tuple[str, float]]


def charts(text: str) -> list[Chart]:
    """The pictures of a page."""
    images = [one for token in MARKDOWN.parse(text) for one in token.children or [] if one.type == "image"]
    return [drawn(str(one.attrs["src"]).removeprefix("data:image/svg+xml;base64,")) for one in images]


def drawn(encoded: str) -> Chart:
    root = ElementTree.fromstring(b64decode(encoded, validate=True))  # noqa: S314  # our own picture
    texts = [" ".join("".join(one.itertext()).split()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    boxes = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    # All bars begin at one place.
    return Chart(texts, [(one.attrib["fill"], float(one.attrib["width"])) for one in boxes if one.get("x") == "260"])


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
    assert [one.tag for one in MARKDOWN.parse(text) if one.type == "heading_open"] == ["h1", "h2", "h2", "h2"]


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
    tokens = MARKDOWN.parse(text)
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


# The mail


def sent(at: str = NOW) -> dict[str, Notice]:
    """The board's notices that were queued by one call, by the login of who gets it."""
    with transaction() as session:
        return {one.key.rpartition(":")[2]: one for one in send_board(session, instant(at))}


def reads(login: str, language: str) -> None:
    with transaction() as session:
        people.person(session, login).language = language


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Reading(HTMLParser):
    """The tags and the text of a page, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.styles += [value or "" for name, value in attrs if name == "style"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_manager_gets_the_board_once_a_day(numbers: dict[str, str]) -> None:
    assert sorted(sent()) == MANAGERS
    assert sent() == {}
    assert sent("2026-11-25T23:59:59+08:00") == {}
    assert sorted(sent("2026-11-26T00:00:00+08:00")) == MANAGERS
    with transaction() as session:
        keys = session.scalars(select(Notice.key).where(Notice.template == "sla_board").order_by(Notice.id)).all()
    assert sorted(keys) == [f"board:2026-11-{day}:{login}" for day in (25, 26) for login in MANAGERS]


def test_the_board_reaches_them_by_mail(numbers: dict[str, str], mailbox: MailCatcher) -> None:
    queued = sent()
    deliver()
    ids = {one.message_id: login for login, one in queued.items()}
    arrived = {ids[one["Message-ID"]]: one for one in mailbox.messages() if one["Message-ID"] in ids}
    assert sorted(arrived) == MANAGERS
    assert arrived["zhou.hai"]["To"] == "周海 <zhou.hai@minghui.example>"
    for message in arrived.values():
        assert LIANGJIA in body(message, "plain")
        assert LIANGJIA in body(message, "html")


def test_the_policy_says_who_is_told(numbers: dict[str, str]) -> None:
    use({}, told_of_board=["cs_clerk", "planning_dept"])
    assert sorted(sent()) == ["li.na", "wang.fang"]


def test_who_has_left_is_not_told(numbers: dict[str, str]) -> None:
    with transaction() as session:
        people.person(session, "zhao.qiang").active = False
    assert sorted(sent()) == ["chen.min", "zhou.hai"]


def test_the_head_of_an_office_sees_its_own_parties_alone(numbers: dict[str, str]) -> None:
    """B-01 answers for D-01 and D-02, B-02 for D-03."""
    with transaction() as session:
        person, office = people.person(session, "gao.jie"), people.party_by_code(session, "B-02")
        assert office is not None
        person.party = office
        session.add(RoleGrant(person_id=person.id, role="regional_manager"))
    found = sent()
    everybody = {HENGDA, LIANGJIA, BRIGHTWAY}
    assert {login: {name for name in everybody if name in one.plain} for login, one in found.items()} == {
        "chen.min": everybody,
        "zhao.qiang": everybody,
        "zhou.hai": {HENGDA, LIANGJIA},
        "gao.jie": {BRIGHTWAY},
    }
    assert {login: {name for name in everybody if name in one.html} for login, one in found.items()} == {
        "chen.min": everybody,
        "zhao.qiang": everybody,
        "zhou.hai": {HENGDA, LIANGJIA},
        "gao.jie": {BRIGHTWAY},
    }
    assert numbers["late"] in found["zhou.hai"].plain
    assert numbers["late"] not in found["gao.jie"].plain + found["gao.jie"].html


def test_its_figures_are_those_of_its_parties_too(numbers: dict[str, str]) -> None:
    with transaction() as session:
        person, office = people.person(session, "gao.jie"), people.party_by_code(session, "B-02")
        assert office is not None
        person.party, person.language = office, "en"
        session.add(RoleGrant(person_id=person.id, role="office_manager"))
    reads("chen.min", "en")
    reads("zhou.hai", "en")
    found = sent()
    assert {login: figures(found[login].plain) for login in ("chen.min", "zhou.hai", "gao.jie")} == {
        "chen.min": "Open cases: 4. Deadlines due today: 1. Late: 1. Clocks that stand: 1.",
        "zhou.hai": "Open cases: 3. Deadlines due today: 1. Late: 1. Clocks that stand: 0.",
        "gao.jie": "Open cases: 1. Deadlines due today: 0. Late: 0. Clocks that stand: 1.",
    }
    assert found["gao.jie"].subject == "SLA board 2026-11-25 10:00: 0 late, 0 due today"


def figures(plain: str) -> str:
    [line] = [one for one in plain.splitlines() if one.startswith("Open cases: ")]
    return line


def test_shops_below_a_dealer_belong_to_the_office_too(company: Engine) -> None:
    it_is("2026-11-25T09:00:00+08:00")
    run(opened(dealer="S-01", product="LX-001", batch="MH260815"))
    reads("zhou.hai", "en")
    found = sent()["zhou.hai"]
    assert "天河专卖店" in found.plain
    assert figures(found.plain).startswith("Open cases: 1. ")


def test_each_manager_reads_the_board_in_their_own_language(numbers: dict[str, str]) -> None:
    reads("zhao.qiang", "en")
    found = sent()
    english, chinese = found["zhao.qiang"], found["chen.min"]
    assert english.subject == "SLA board 2026-11-25 10:00: 1 late, 1 due today"
    assert f"Batch quality dispute | {LIANGJIA} | 1 | 0 | 1" in english.plain
    assert f"{numbers['late']} | Determination on site | 2026-11-22 24:00" in english.plain
    assert "批量质量异议" not in english.plain + english.html
    assert f"批量质量异议 | {LIANGJIA} | 1 | 0 | 1" in chinese.plain
    assert f"{numbers['late']} | 现场认定 | 2026-11-22 24:00" in chinese.plain
    assert "Batch quality dispute" not in chinese.plain + chinese.html
    assert "Determination on site" not in chinese.plain + chinese.html


def test_the_mail_draws_a_bar_for_each_line_as_long_as_it_has_cases(numbers: dict[str, str]) -> None:
    styles = Reading(sent()["chen.min"].html).styles
    bars = [re.findall(r"background:(#\w+);width:([\d.]+)%", one) for one in styles]
    # One of two and late; two of two; one of two.
    assert [bar for [bar] in filter(None, bars)] == [
        (GREY, "50.0"),
        (RED, "50.0"),
        (GREY, "100.0"),
        (RED, "0.0"),
        (GREY, "50.0"),
        (RED, "0.0"),
    ]


def test_markup_in_a_partys_name_stays_text(numbers: dict[str, str]) -> None:
    name = '<script>alert(1)</script> & "x" <img src=x onerror=alert(1)>'
    called("D-02", name)
    found = sent()["chen.min"]
    read = Reading(found.html)
    assert "script" not in read.tags
    assert "img" not in read.tags
    # Once in the lines; what is late is named by its case.
    assert read.text.count(name) == 1
    assert "<script>" not in found.html
    assert name in found.plain


def test_a_warning_stands_in_the_mail(numbers: dict[str, str]) -> None:
    reads("chen.min", "en")
    assert UNKNOWN in sent()["chen.min"].plain


def test_a_manager_of_nothing_gets_a_mail_without_tables(company: Engine) -> None:
    reads("chen.min", "en")
    found = sent()["chen.min"]
    assert figures(found.plain) == "Open cases: 0. Deadlines due today: 0. Late: 0. Clocks that stand: 0."
    assert "table" not in Reading(found.html).tags


def test_a_board_that_is_late_is_of_the_day_that_it_is_for(numbers: dict[str, str]) -> None:
    """The nightly sweep of the 25th that ran after midnight of the 26th."""
    forward(days=1)
    assert {one.key for one in sent(NOW).values()} == {f"board:2026-11-25:{login}" for login in MANAGERS}
    reads("chen.min", "en")
    assert sent("2026-11-26T02:00:00+08:00")["chen.min"].subject.startswith("SLA board 2026-11-26 02:00: ")
