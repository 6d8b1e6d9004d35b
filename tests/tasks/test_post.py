"""Mail: real SMTP conversations that go well, badly and wrong; every notice once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from people import business_now, forward, open_tasks, opened, run
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from deployments.postgres import free_port
from models.tables.deadlines import Deadline
from models.tables.notices import Notice, NoticeState
from tasks.database import transaction
from tasks.post import deliver
from tasks.settings import settings
from tasks.withdrawing import withdraw


class Moody:
    """A mail server that answers as it is told."""

    def __init__(self) -> None:
        self.to_recipient = self.to_data = "250 OK"
        self.taken: list[str] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # type: ignore[no-untyped-def]  # noqa: N802
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server, _session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
        if self.to_data.startswith("250"):
            self.taken += envelope.rcpt_tos
        return self.to_data

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


@pytest.fixture
def use_mail_server(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Points the settings to a port of this machine."""

    def use(port: int) -> None:
        monkeypatch.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("AFTERSALES_SMTP_PORT", str(port))
        settings.cache_clear()

    return use


@pytest.fixture
def moody(use_mail_server: Callable[[int], None]) -> Iterator[Moody]:
    """A mail server in use whose mood the test sets."""
    server = Moody()
    server.start()
    use_mail_server(server.port)
    yield server
    server.stop()


def notices() -> list[Notice]:
    with transaction() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_a_chinese_subject_and_both_parts_arrive_as_they_were_written(company: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    deliver()
    message = mailbox.messages()[0]
    assert message["To"] == "何老板 <hengda@dealer.example>"
    assert message["Subject"].startswith(f"[{number}] ")
    assert "批" in message["Subject"]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert number in plain.get_content()
    assert "<html>" in html.get_content()


def test_a_mail_comes_in_its_readers_language(company: Engine, mailbox: MailCatcher) -> None:
    opened(dealer="D-03")
    deliver()
    assert mailbox.messages()[0]["Subject"] == "[BQ-2026-0001] We have your report of a bad batch"


def test_markup_in_what_people_wrote_stays_text(company: Engine, mailbox: MailCatcher) -> None:
    opened(dealer="D-03", fault="<script>alert(1)</script> & {{ 7 * 7 }}")
    deliver()
    html = mailbox.messages()[0].get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert "{{ 7 * 7 }}" in html.get_content()


def test_a_party_without_an_address_is_told_by_the_clerk(company: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    run(number)
    from people import answer

    answer(number, "batch-verdict", "li.na", {"is_batch": "yes", "reason": "x"})
    run(number)
    passed_on = [one for one in mailbox.messages() if "邓店长" in str(one.get_body(("plain",)).get_content())]  # type: ignore[union-attr]
    assert [one["To"] for one in passed_on] == ["李娜 <li.na@minghui.example>"]


def test_with_the_mail_server_down_for_an_hour_the_case_moves_on_and_each_mail_goes_out_once(
    company: Engine, use_mail_server: Callable[[int], None], tmp_path: Path
) -> None:
    port = free_port()
    use_mail_server(port)
    number = opened()
    assert run(number) is None
    assert list(open_tasks(number)) == ["batch-verdict"]
    for _quarter in range(4):
        forward(minutes=15)
        assert deliver().unreachable
    assert {one.state for one in notices()} == {NoticeState.QUEUED}
    catcher = MailCatcher(tmp_path / "mail", port)
    catcher.start()
    forward(hours=1)
    sent = deliver().sent
    deliver()
    catcher.stop()
    assert sent == len(notices()) == len(catcher.messages())
    assert len({one["Message-ID"] for one in catcher.messages()}) == sent


def test_waits_between_tries_grow_and_end_at_four_hours(
    company: Engine, use_mail_server: Callable[[int], None]
) -> None:
    use_mail_server(free_port())
    opened()
    waits = []
    for _try in range(10):
        deliver()
        notice = notices()[0]
        waits.append(round((notice.next_attempt_at - business_now()).total_seconds() / 60))
        forward(seconds=(notice.next_attempt_at - business_now()).total_seconds() + 1)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]


def test_what_cannot_be_sent_for_three_days_is_given_up_and_shows(
    company: Engine, use_mail_server: Callable[[int], None]
) -> None:
    use_mail_server(free_port())
    opened()
    deliver()
    forward(days=3, hours=1)
    assert deliver().failed == 1
    assert (notices()[0].state, notices()[0].attempts) == (NoticeState.FAILED, 2)
    assert notices()[0].error


def test_an_address_that_does_not_exist_is_given_up_at_once(company: Engine, moody: Moody) -> None:
    moody.to_recipient = "550 no such user"
    opened()
    assert deliver().failed == 1
    assert "550 no such user" in notices()[0].error


def test_a_full_mailbox_is_tried_again(company: Engine, moody: Moody) -> None:
    moody.to_recipient = "452 mailbox full"
    opened()
    done = deliver()
    assert (done.sent, done.failed, done.unreachable) == (0, 0, "")
    moody.to_recipient = "250 OK"
    forward(minutes=2)
    assert deliver().sent == 1


def test_a_message_that_is_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(
    company: Engine, moody: Moody
) -> None:
    moody.to_data = "451 try later"
    opened()
    assert deliver().failed == 0
    forward(minutes=2)
    moody.to_data = "554 refused"
    assert deliver().failed == 1


def test_one_bad_address_does_not_hold_up_the_others(company: Engine, moody: Moody) -> None:
    number = opened()
    with transaction() as session:
        first = session.scalars(select(Notice)).one()
        first.to_address = "not an address"
    run(number)
    assert moody.taken == ["li.na@minghui.example", "wang.fang@minghui.example"]
    assert notices()[0].state == NoticeState.FAILED


def test_the_acknowledgement_is_met_when_its_mail_has_gone_out(
    company: Engine, use_mail_server: Callable[[int], None], tmp_path: Path
) -> None:
    opened()

    def met() -> bool:
        with transaction() as session:
            return session.scalars(select(Deadline).where(Deadline.key == "acknowledgement")).one().met_at is not None

    deliver()
    assert not met()
    catcher = MailCatcher(tmp_path / "mail")
    catcher.start()
    use_mail_server(catcher.port)
    deliver()
    catcher.stop()
    assert met()


def test_an_acknowledgement_that_goes_out_too_late_is_a_breach_that_the_manager_hears_of(
    company: Engine, mailbox: MailCatcher
) -> None:
    opened(reported_at=(business_now() - timedelta(hours=5)).isoformat())
    deliver()
    with transaction() as session:
        late = session.scalars(select(Deadline).where(Deadline.key == "acknowledgement")).one()
        assert late.breached_at == late.due_at
        told = session.scalars(select(Notice).where(Notice.template == "deadline_escalation")).one()
        assert told.to_address == "chen.min@minghui.example"


def test_a_role_nobody_holds_makes_a_notice_that_shows_as_failed(company: Engine, mailbox: MailCatcher) -> None:
    from people import play

    from models.queries import people as find

    with transaction() as session:
        find.person(session, "lin.tao").active = False
    number = opened()
    play(number)
    with transaction() as session:
        failed = session.scalars(select(Notice).where(Notice.state == NoticeState.FAILED)).all()
        assert {one.key.rsplit(":", 1)[1] for one in failed} == {"quality_dept", "production_dept"}


def test_a_mail_that_waited_goes_out_though_its_case_was_withdrawn_meanwhile(
    company: Engine, use_mail_server: Callable[[int], None], tmp_path: Path
) -> None:
    port = free_port()
    use_mail_server(port)
    number = opened()
    deliver()
    withdraw(number, "Entered twice", "li.na")
    catcher = MailCatcher(tmp_path / "mail", port)
    catcher.start()
    forward(hours=1)
    sent = deliver().sent
    catcher.stop()
    assert sent == len(catcher.messages()) == len(notices())
    with transaction() as session:
        # The acknowledgement's clock ended with the case: it went out too late to meet it.
        assert {(one.met_at, one.abandoned_at is None) for one in session.scalars(select(Deadline))} == {(None, False)}
