"""The letters: each has a subject and a body, and says nothing outside the catalogues."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP, default
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, nodes
from people import CREDITED, forward, opened, play
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from deployments.catcher import MailCatcher
from models.queries import cases, people
from models.tables.cases import Case
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.notices import LETTERS, Letter, Recipient, notify, to_person, written
from tasks.post import message_of
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

TEMPLATES = sorted(file for file in LETTERS.rglob("*.j2") if not file.name.startswith("layout."))

_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


@pytest.fixture(params=TEMPLATES, ids=lambda file: str(file.relative_to(LETTERS)))
def letter(request: pytest.FixtureRequest) -> Path:
    """Each letter that is written to somebody."""
    return Path(request.param)


def parsed(letter: Path) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(letter.read_text(encoding="utf-8"))


def test_there_are_letters() -> None:
    assert TEMPLATES


def test_a_letter_has_a_subject_and_a_body(letter: Path) -> None:
    assert sorted(block.name for block in parsed(letter).find_all(nodes.Block)) == ["body", "subject"]


def test_a_letter_uses_no_text_outside_the_catalogues(letter: Path) -> None:
    left = letter.read_text(encoding="utf-8")
    for known in (_COMMENT, _TRANSLATED, _TAG):
        left = known.sub("", left)
    assert left.split() == []


def test_a_subject_is_one_line(letter: Path) -> None:
    (subject,) = re.findall(
        r"\{% block subject %\}(.*?)\{% endblock %\}", letter.read_text(encoding="utf-8"), re.DOTALL
    )
    assert "\n" not in subject


# What people wrote into a case


EVIL = (
    "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'{{ 7 * 7 }}{% raw %}\n"
    '</p><a href="https://evil.example">here</a>'
)
#: What the layout is made of.
TAGS = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "br", "a", "table", "tr", "th", "td", "span"}


class Markup(HTMLParser):
    """The tags of a mail, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in {"href", "src", "action"}}

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")


def evil(answer: Any) -> Any:
    """An answer with something nasty in every text that takes several lines or none in particular."""
    if not isinstance(answer, dict):
        return answer
    prose = {"reason", "report", "comment"}
    line = {"told_by", "waybill", "carrier", "bill_number"}
    lines = EVIL.replace("\n", " ")
    return {name: EVIL if name in prose else lines[:120] if name in line else value for name, value in answer.items()}


def test_no_mail_of_a_case_holds_what_somebody_wrote_but_as_text(
    company: Engine, mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_UI_URL", "https://after-sales.example")
    settings.cache_clear()
    number = opened(fault=EVIL, reported_by=EVIL.splitlines()[0][:120], separate=True)
    play(number, {key: (by, evil(answer)) for key, (by, answer) in CREDITED.items()})
    withdraw(opened(fault=EVIL, separate=True), EVIL, "li.na")
    forward(days=4)
    sweep()
    messages = mailbox.messages()
    assert len({one["Subject"].split("]")[-1] for one in messages}) >= 8  # letters of many kinds
    for message in messages:
        html = message.get_body(("html",))
        assert html is not None
        read = Markup(html.get_content())
        assert read.tags <= TAGS
        assert read.attributes <= {"style", "charset", "href", "colspan"}
        assert all(one.startswith("https://after-sales.example/") for one in read.addresses)
    shown = [one.get_body(("html",)).get_content() for one in messages]  # type: ignore[union-attr]
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in one for one in shown)
    assert any("{{ 7 * 7 }}{% raw %}" in one for one in shown)


#: Whatever some program may take for the end of a line.
BREAKS = ["\n", "\r", "\r\n", "\r\n ", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00"]
EVIL_HEADER = "{0}Bcc: all@evil.example{0}{0}Hello"


def a_notice(**changed: str) -> Notice:
    written = {
        "to_name": "李娜",
        "to_address": "li.na@minghui.example",
        "subject": "[BQ-2026-0001] Waiting",
        "message_id": "<1@aftersales.example>",
        "language": "zh_CN",
    }
    at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    return Notice(**written | changed, plain="Hello", html="<p>Hello</p>", queued_at=at)


def headers_of(notice: Notice) -> set[str] | None:
    """The headers that a mail server would read; None if nothing is sent at all."""
    try:
        sent = message_of(notice).as_bytes(policy=SMTP)
    except (ValueError, IndexError):
        return None
    return {name.lower() for name in message_from_bytes(sent, policy=default)}


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
@pytest.mark.parametrize("where", ["to_name", "to_address", "subject", "message_id", "language"])
def test_nothing_in_a_notice_adds_a_header_to_its_mail(where: str, line_break: str) -> None:
    plain = a_notice()
    evil = a_notice(**{where: getattr(plain, where) + EVIL_HEADER.format(line_break)})
    assert headers_of(evil) in (None, headers_of(plain))


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_no_setting_adds_a_header_to_every_mail(line_break: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = headers_of(a_notice())
    settings().mail_from += EVIL_HEADER.format(line_break)
    assert headers_of(a_notice()) in (None, usual)
    settings.cache_clear()


def test_a_subject_is_one_line_whatever_it_is_filled_with(company: Engine) -> None:
    opened(dealer="D-03")
    for line_break in BREAKS[:-1]:
        with transaction() as session:
            case = session.scalars(select(Case)).one()
            what = f"now{EVIL_HEADER.format(line_break)}"
            facts = {"deadline": SimpleNamespace(due_at=case.reported_at), "what": what, "waits_for": "", "refs": []}
            letter = Letter("deadline_reminder", [], facts, "try", case=case)
            subject, _plain, _html = written(letter, to_person(people.person(session, "li.na")))
        assert subject.splitlines() == [subject]
        assert "now Bcc: all@evil.example Hello" in subject


def test_the_database_keeps_no_name_that_would_be_two_lines(company: Engine) -> None:
    number = opened()
    with transaction() as session:
        case = cases.by_number(session, number)
        name = f"Li Na{EVIL_HEADER.format(chr(10))}"
        them = Recipient("li.na", name, "li.na@minghui.example", "en")
        with pytest.raises(IntegrityError, match="headers_are_one_line"):
            notify(session, case, case.opened_at, "case_closed", [them], {"outcome": "x", "still_open": []}, key="try")
        session.rollback()
