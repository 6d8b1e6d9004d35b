"""Links in mail: each opens one question for one person, once and for a while, and is nowhere but in its mail."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from command_line import CommandLine
from links import access, mails_to, text_of, token_for, tokens_in
from people import CREDITED, answer, business_now, forward, open_tasks, opened, play, run
from sqlalchemy import Engine, func, select, text

from deployments.catcher import MailCatcher
from deployments.postgres import free_port
from models.errors import AfterSalesError, AlreadyDecided, CaseEnded, InvalidInput, NotAllowed, NotFound
from models.queries import answer_links as queries
from models.queries import people, questions
from models.tables import Base
from models.tables.answer_links import AnswerLink
from models.tables.audit import AuditEntry
from models.tables.notices import Notice
from models.tables.questions import Decision
from tasks import answer_links
from tasks.answer_links import decide_by
from tasks.answer_links import opened as opened_by
from tasks.database import transaction
from tasks.post import deliver
from tasks.reassigning import reassign
from tasks.settings import settings
from tasks.standing_in import delegate
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

ADDRESS = "https://after-sales.example"
VERDICT = {"is_batch": "yes", "reason": "Five of one fault."}


@pytest.fixture(autouse=True)
def address(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """People reach this system."""
    monkeypatch.setenv("AFTERSALES_UI_URL", ADDRESS)
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(mailbox: MailCatcher) -> str:
    """A case that waits for a clerk's verdict, of which the clerks have mail."""
    found = opened()
    run(found)
    return found


@pytest.fixture
def ref(number: str) -> str:
    return open_tasks(number)["batch-verdict"]


@pytest.fixture
def token(mailbox: MailCatcher, ref: str) -> str:
    """What Li Na was sent."""
    return token_for(mailbox, "li.na")


def links() -> list[AnswerLink]:
    with transaction() as session:
        return list(session.scalars(select(AnswerLink).order_by(AnswerLink.id)))


def decisions() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Decision)) or 0


def spent(token: str) -> str:
    """Why a link opens nothing any more; empty if it does."""
    with transaction() as session:
        try:
            answer_links.refuse_if_spent(session, opened_by(session, token))
        except AfterSalesError as error:
            return f"{type(error).__name__}: {error.message}"
    return ""


def audited() -> list[tuple[str, str, str]]:
    with transaction() as session:
        found = select(AuditEntry).where(AuditEntry.operation.in_(["link_used", "decided", "decision_refused"]))
        return [(one.operation, one.actor, one.subject) for one in session.scalars(found.order_by(AuditEntry.number))]


# In the mail


def test_each_who_may_answer_gets_a_link_of_their_own(mailbox: MailCatcher, number: str) -> None:
    [li_na], [wang_fang] = mails_to(mailbox, "li.na"), mails_to(mailbox, "wang.fang")
    assert len(tokens_in(li_na)) == len(tokens_in(wang_fang)) == 1
    assert tokens_in(li_na) != tokens_in(wang_fang)
    assert tokens_in(li_na, "html") == tokens_in(li_na)
    with transaction() as session:
        for message, login in ((li_na, "li.na"), (wang_fang, "wang.fang")):
            found = opened_by(session, tokens_in(message)[0])
            assert (found.person.login, found.task.ref) == (login, f"{number}:batch-verdict:1")


def test_whoever_is_only_told_gets_no_link(mailbox: MailCatcher, number: str) -> None:
    others = [one for one in mailbox.messages() if one["To"].addresses[0].username not in {"li.na", "wang.fang"}]
    assert others
    assert [tokens_in(one) for one in others] == [[]] * len(others)


def test_the_page_of_the_question_stands_in_the_mail_too(mailbox: MailCatcher, ref: str) -> None:
    [message] = mails_to(mailbox, "li.na")
    for kind in ("plain", "html"):
        assert f"{ADDRESS}/tasks/{ref}" in text_of(message, kind)


def test_without_an_address_nothing_leads_anywhere(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERSALES_UI_URL")
    settings.cache_clear()
    run(opened())
    [message] = mails_to(mailbox, "li.na")
    assert "aftersales decide BQ-2026-0001:batch-verdict:1" in text_of(message)
    assert "/links/" not in text_of(message)
    assert links() == []


@pytest.mark.parametrize(("use", "says"), [("decide", "without signing in"), ("login", "you sign in first")])
def test_the_mail_says_what_the_link_is_good_for_and_until_when(mailbox: MailCatcher, use: str, says: str) -> None:
    access(links=use, link_hours=24)
    # To somebody who reads English.
    number = opened()
    play(number, until="name-technician")
    answer(number, "name-technician", "sun.wei", {"technician": "tom.baker"})
    run(number)
    [message] = mails_to(mailbox, "tom.baker")
    # The tests begin on 22 November at 18:00 in Shanghai; a day later by the clock there.
    [line] = [one for one in text_of(message).splitlines() if "until" in one]
    assert says in line
    assert "until 2026-11-23 18:0" in line


def test_what_somebody_wrote_into_a_report_puts_no_link_elsewhere(mailbox: MailCatcher) -> None:
    run(opened(fault="<!-- answer link --> https://evil.example/links/x", separate=True))
    [message] = mails_to(mailbox, "li.na")
    html = text_of(message, "html")
    assert "&lt;!-- answer link --&gt;" in html
    assert len([one for one in tokens_in(message, "html") if one != "x"]) == 1
    assert "<!-- answer link -->" not in html


def test_a_reminder_has_a_new_link_for_who_may_answer_and_none_for_the_post_above(
    mailbox: MailCatcher, number: str
) -> None:
    play(number, until="site-finding")
    first = token_for(mailbox, "liu.yang")
    # The two days end at 24:00 on the 24th; 80 % of the time from the report at 17:00 on the 22nd are over at 13:00.
    forward(hours=44)
    sweep()
    reminder, to_head = mails_to(mailbox, "liu.yang")[-1], mails_to(mailbox, "sun.wei")[-1]
    [second] = tokens_in(reminder)
    assert second != first
    assert tokens_in(to_head) == []
    for message in (reminder, to_head):
        assert f"{ADDRESS}/tasks/{number}:site-finding:1" in text_of(message)
    assert (spent(first), spent(second)) == ("", "")
    decide_by(second, CREDITED["site-finding"][1])
    assert spent(first).startswith("AlreadyDecided")


def test_a_deputy_has_a_link_of_their_own_and_it_is_recorded_for_whom(mailbox: MailCatcher) -> None:
    now = business_now()
    delegate("li.na", "tom.baker", now - timedelta(hours=1), now + timedelta(days=2), "On leave", "li.na")
    number = opened()
    run(number)
    decided = decide_by(token_for(mailbox, "tom.baker"), VERDICT)
    assert (decided.by, decided.in_place_of) == ("tom.baker", "li.na")


# Nowhere else


def test_a_copy_of_the_database_holds_no_link(company: Engine, token: str) -> None:
    signature, code = token.split(".")
    decide_by(token, VERDICT)
    with company.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = str([tuple(row) for row in connection.execute(select(table))])
            assert code not in rows, table.name
            assert signature not in rows, table.name
    [mine] = [one for one in links() if one.used_at]
    assert len(mine.code_hash) == 64


def test_a_link_stands_in_no_view_of_its_case(
    number: str, token: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    aftersales = CommandLine(capsys, monkeypatch)
    assert "/links/" not in aftersales("case", number, "--json") + aftersales("case", number)
    with transaction() as session:
        assert not any("/links/" in one.plain + one.html for one in session.scalars(select(Notice)))


class Looking:
    """A mail server that looks, before it takes a mail, whether its link is known."""

    def __init__(self) -> None:
        self.known: list[int] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server, _session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
        message = message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if tokens_in(message):
            self.known.append(len(links()))
        return "250 OK"

    def __enter__(self) -> "Looking":
        self._controller.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._controller.stop()


def test_a_link_is_known_before_its_mail_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with Looking() as server:
        monkeypatch.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("AFTERSALES_SMTP_PORT", str(server.port))
        settings.cache_clear()
        run(opened())
    assert server.known == [1, 2]


# How long


def test_a_link_is_good_for_the_hours_of_the_policy_by_the_business_clock(mailbox: MailCatcher) -> None:
    access(link_hours=5)
    run(opened())
    token = token_for(mailbox, "li.na")
    forward(hours=4, minutes=59)
    assert spent(token) == ""
    forward(minutes=2)
    assert spent(token) == "NotAllowed: This link opens nothing any more. Sign in to answer."
    with pytest.raises(NotAllowed):
        decide_by(token, VERDICT)
    assert decisions() == 0


def test_its_time_begins_when_its_mail_goes_out(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    access(link_hours=24)
    monkeypatch.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("AFTERSALES_SMTP_PORT", str(port := free_port()))
    settings.cache_clear()
    run(opened())
    forward(days=2)
    catcher = MailCatcher(tmp_path / "mail", port)
    catcher.start()
    deliver()
    catcher.stop()
    token = token_for(catcher, "li.na")
    assert spent(token) == ""
    forward(hours=23)
    decide_by(token, VERDICT)


def test_a_mail_that_goes_out_when_its_question_is_answered_has_no_link(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("AFTERSALES_SMTP_PORT", str(port := free_port()))
    settings.cache_clear()
    number = opened()
    run(number)
    answer(number, "batch-verdict", "li.na", VERDICT)
    forward(hours=5)
    catcher = MailCatcher(tmp_path / "mail", port)
    catcher.start()
    deliver()
    catcher.stop()
    assert [tokens_in(one) for one in mails_to(catcher, "wang.fang")] == [[]]


# Once


def test_a_decision_by_a_link_is_its_persons_and_uses_it_up(ref: str, token: str) -> None:
    decided = decide_by(token, VERDICT)
    assert (decided.task_ref, decided.by, decided.channel.value) == (ref, "li.na", "mail_link")
    assert [one.used_at == decided.at for one in links() if one.used_at] == [True]
    assert audited() == [("link_used", "li.na", ref), ("decided", "li.na", ref)]


def test_a_second_use_hears_who_decided(token: str, mailbox: MailCatcher) -> None:
    decide_by(token, VERDICT)
    for other in (token, token_for(mailbox, "wang.fang")):
        with pytest.raises(AlreadyDecided, match="李娜"):
            decide_by(other, {**VERDICT, "is_batch": "no"})
        assert "李娜" in spent(other)
    assert decisions() == 1


def test_of_eight_at_once_with_one_link_one_decides(token: str) -> None:
    def press(_press: int) -> str:
        try:
            return decide_by(token, VERDICT).by
        except AfterSalesError as error:
            return error.code

    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(press, range(8))) == Counter({"already_decided": 7, "li.na": 1})
    assert decisions() == 1
    assert len([one for one in links() if one.used_at]) == 1


def test_the_row_itself_is_used_once_whatever_stands_around_it(ref: str, token: str) -> None:
    def use() -> str:
        with transaction() as session:
            link = opened_by(session, token)
            task, person = questions.by_ref(session, ref), people.person(session, "li.na")
            try:
                queries.use(session, link.id, task, person, business_now())
            except NotAllowed as error:
                session.rollback()
                return error.text
            return "used"

    with ThreadPoolExecutor(4) as crowd:
        assert Counter(crowd.map(lambda _press: use(), range(4))) == Counter({"used": 1, queries.SPENT: 3})


def test_a_link_serves_no_other_question_or_person(mailbox: MailCatcher, ref: str, token: str) -> None:
    other = opened(dealer="D-02", batch="MH260901A")
    run(other)
    with transaction() as session:
        link = opened_by(session, token)
        li_na, wang_fang = (people.person(session, one) for one in ("li.na", "wang.fang"))
        this, that = (questions.by_ref(session, one) for one in (ref, open_tasks(other)["batch-verdict"]))
        for task, person in ((that, li_na), (this, wang_fang)):
            with pytest.raises(NotAllowed):
                queries.use(session, link.id, task, person, business_now())


def test_an_answer_that_does_not_fit_leaves_the_link_as_it_was(token: str) -> None:
    with pytest.raises(InvalidInput):
        decide_by(token, {"is_batch": "maybe"})
    assert (spent(token), decisions()) == ("", 0)
    decide_by(token, VERDICT)


# Not any more


def test_a_question_that_was_decided_otherwise_is_open_to_no_link(number: str, token: str) -> None:
    answer(number, "batch-verdict", "wang.fang", VERDICT)
    with pytest.raises(AlreadyDecided, match="王芳"):
        decide_by(token, VERDICT)
    assert "王芳" in spent(token)


def test_a_withdrawn_case_is_open_to_no_link(number: str, token: str) -> None:
    withdraw(number, "entered twice", "li.na")
    with pytest.raises(CaseEnded):
        decide_by(token, VERDICT)
    assert spent(token).startswith("CaseEnded")


def test_who_has_the_question_no_more_has_a_link_that_opens_it_no_more(
    mailbox: MailCatcher, ref: str, token: str
) -> None:
    reassign(ref, "wang.fang", "Li Na is ill", "chen.min")
    deliver()
    with pytest.raises(NotAllowed, match="王芳"):
        decide_by(token, VERDICT)
    assert spent(token).startswith("NotAllowed")
    assert decide_by(token_for(mailbox, "wang.fang"), VERDICT).by == "wang.fang"


def test_who_has_left_has_no_link(token: str) -> None:
    with transaction() as session:
        people.person(session, "li.na").active = False
    with pytest.raises(NotFound) as refused:
        decide_by(token, VERDICT)
    assert refused.value.text == answer_links.NO_LINK


# Tampering


def test_nothing_but_the_whole_link_opens_anything_and_nothing_is_learnt(token: str, mailbox: MailCatcher) -> None:
    signature, code = token.split(".")
    other_signature, other_code = token_for(mailbox, "wang.fang").split(".")
    changed = [
        token[:place] + ("b" if token[place] == "a" else "a") + token[place + 1 :] for place in range(len(token))
    ]
    invented = [
        "",
        ".",
        code,
        f".{code}",
        f"{signature}.",
        f"{token}a",
        f"{token}.",
        token.upper(),
        f"{code}.{signature}",
    ]
    crossed = [f"{signature}.{other_code}", f"{other_signature}.{code}", f"{code}.{signature}"]
    odd = ["灯.灯", "\x00.\x00", "%2e", "../" + token, "a" * 100_000, f" {token}"]
    heard = set()
    # A change of the last mark of a signature may be one of bits that base64 does not use: it is the same signature.
    for one in [*changed[: len(signature) - 1], *changed[len(signature) :], *invented, *crossed, *odd]:
        with pytest.raises(NotFound) as refused:
            decide_by(one, VERDICT)
        heard.add(refused.value.message)
    assert heard == {answer_links.NO_LINK}
    assert decisions() == 0


def test_a_link_of_another_system_opens_nothing_here(company: Engine, token: str) -> None:
    with company.begin() as connection:
        connection.execute(text("UPDATE system SET link_key = repeat('k', 43)"))
    with pytest.raises(NotFound):
        decide_by(token, VERDICT)


def test_a_code_that_somebody_signed_but_nobody_sent_opens_nothing(token: str) -> None:
    with transaction() as session:
        forged = f"{answer_links._signer(session).get_signature('0' * 64).decode()}.{'0' * 64}"
        with pytest.raises(NotFound):
            opened_by(session, forged)
