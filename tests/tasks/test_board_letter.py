"""The mail of the board: whom it reaches, once a day, with their own parties, in their own language."""

import re
from html.parser import HTMLParser

import pytest
from boards import BRIGHTWAY, HENGDA, LIANGJIA, NOW, UNKNOWN, called
from clocks import instant, it_is, policy_with, use
from inboxes import body, reads
from people import forward, opened, run
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.queries import people
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from tasks.board_letter import send_board
from tasks.charts import GREY, RED
from tasks.database import transaction
from tasks.post import deliver

pytestmark = pytest.mark.usefixtures("english_with_mail")

MANAGERS = ["chen.min", "zhao.qiang", "zhou.hai"]


def sent(at: str = NOW) -> dict[str, Notice]:
    """The board's notices that were queued by one call, by the login of who gets it."""
    with transaction() as session:
        return {one.key.rpartition(":")[2]: one for one in send_board(session, instant(at))}


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
    use(policy_with({}, told_of_board=["cs_clerk", "planning_dept"]))
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
