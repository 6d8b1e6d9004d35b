"""Whom a clock that is stopped and restarted tells: what had come before, nobody while it stands, the rest later."""

from datetime import timedelta

import pytest
from clocks import DUE, REPORTED, instant, it_is, state, the
from pauses import rungs, stands_between
from people import CREDITED, forward, opened, play, run
from records import mails
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.queries import clock, deadlines
from models.tables.deadlines import DeadlineState
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")

TECHNICIAN, HEAD = "liu.yang@minghui.example", "sun.wei@minghui.example"
VICE_PRESIDENT = "zhao.qiang@minghui.example"
NO_FAULT = {"verdict": "no_quality_fault", "pieces_inspected": 9, "report": "Wrong voltage."}


def addresses(number: str, letter: str) -> list[str]:
    """Where a letter of a case went."""
    return [one.to_address for one in mails(number, letter)]


def test_rungs_whose_time_had_come_before_happen_at_the_pause(number: str) -> None:
    # 80 % of 64 hours are over at 11:12 on Wednesday; no sweep has run.
    it_is("2026-11-25T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    assert rungs(number) == [1, 2]
    assert addresses(number, "deadline_reminder") == [TECHNICIAN, HEAD]
    assert addresses(number, "deadline_escalation") == []
    assert state(number) is DeadlineState.PAUSED


def test_a_clock_that_ran_out_before_it_is_stopped_is_breached_and_its_escalation_goes_out(number: str) -> None:
    it_is("2026-11-26T00:00:30+08:00")
    pause(number, "determination", "Too late", "chen.min")
    assert rungs(number) == [1, 2, 3]
    assert addresses(number, "deadline_escalation") == [VICE_PRESIDENT]
    assert state(number) is DeadlineState.BREACHED
    forward(days=30)
    unpause(number, "determination", "chen.min")
    with the(number) as (_session, deadline):
        assert (deadline.due_at, deadline.breached_at) == (instant(DUE), instant(DUE))
    assert state(number) is DeadlineState.BREACHED
    assert verify() == []


def test_a_clock_that_stands_chases_nobody_however_long(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    for days in (1, 7, 90, 400):
        forward(days=days)
        swept = sweep()
        assert (swept.deadlines, swept.reminded, swept.escalated) == (0, 0, 0)
    assert rungs(number) == []
    assert state(number) is DeadlineState.PAUSED
    # 498 days went by, and due with them.
    with the(number) as (session, deadline):
        moved = deadlines.due_of(deadline, clock.now(session)) - instant(DUE)
    assert timedelta(days=498) - timedelta(minutes=1) < moved < timedelta(days=498, minutes=2)


def test_after_a_pause_its_rungs_happen_later_by_the_pause(number: str) -> None:
    stands_between(number, "determination", "2026-11-24T10:00:00+08:00", "2026-11-25T10:00:00+08:00")
    # 11:12 on Wednesday, and 24:00 of it, a day later.
    for at, expected in (
        ("2026-11-26T11:11:59+08:00", []),
        ("2026-11-26T11:12:00+08:00", [1, 2]),
        ("2026-11-26T23:59:59+08:00", [1, 2]),
        ("2026-11-27T00:00:01+08:00", [1, 2, 3]),
    ):
        sweep(instant(at))
        assert rungs(number) == expected
    with the(number) as (_session, deadline):
        assert deadline.breached_at == instant("2026-11-27T00:00:00+08:00")


def test_what_happened_before_a_pause_does_not_happen_again_after_it(number: str) -> None:
    it_is("2026-11-25T12:00:00+08:00")
    sweep()
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-30T12:00:00+08:00")
    sweep()
    unpause(number, "determination", "chen.min")
    sweep()
    assert rungs(number) == [1, 2]
    # Twelve hours were left.
    it_is("2026-12-01T00:05:00+08:00")
    sweep()
    assert rungs(number) == [1, 2, 3]
    assert (len(addresses(number, "deadline_reminder")), len(addresses(number, "deadline_escalation"))) == (2, 1)


def test_silence_answers_nothing_while_the_clock_stands(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, {**CREDITED, "site-finding": ("liu.yang", NO_FAULT)}, until="appeal")
    it_is("2026-11-25T09:00:00+08:00")
    pause(number, "appeal", "The dealer is ill", "chen.min")
    forward(days=60)
    assert sweep().lapsed == 0
    unpause(number, "appeal", "chen.min")
    # From nine on the 25th to 24:00 of the 28th: 87 hours were left.
    forward(hours=86, minutes=55)
    assert sweep().lapsed == 0
    forward(minutes=10)
    assert sweep().lapsed == 1
    assert run(number) == "not_confirmed"


def test_a_reminder_that_waits_for_working_hours_waits_on_while_its_clock_stands(
    company: Engine, mailbox: MailCatcher
) -> None:
    it_is("2026-11-26T09:00:00+08:00")
    number = opened(reported_at="2026-11-26T08:00:00+08:00")
    play(number, until="site-finding")

    def arrived() -> list[str]:
        with transaction() as session:
            ids = set(session.scalars(select(Notice.message_id).where(Notice.template == "deadline_reminder")))
        return sorted(one["To"].addresses[0].addr_spec for one in mailbox.messages() if one["Message-ID"] in ids)

    # 80 % of the time are over at 11:12 on Saturday; the rungs happen, their mails wait for Monday.
    it_is("2026-11-28T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    assert rungs(number) == [1, 2]
    it_is("2026-12-01T10:00:00+08:00")
    sweep()
    assert arrived() == []
    unpause(number, "determination", "chen.min")
    sweep()
    assert arrived() == [TECHNICIAN, HEAD]
