"""Reminders at working hours, escalations at once, and what their readers read."""

import pytest
from clocks import instant, it_is, policy_with, use
from conftest import CALENDARS
from inboxes import arrived, plain, reads
from ladders import waiting_with
from people import CREDITED, answer, forward, opened, play
from records import mails
from sqlalchemy import Engine

from deployments.catcher import MailCatcher
from models.calendars import load_calendar_file
from models.queries import calendars
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.post import deliver
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")

#: A Thursday at eight; two days from then end on Saturday at 24:00.
THURSDAY = "2026-11-26T08:00:00+08:00"


# At working hours or at once


@pytest.mark.parametrize(
    ("swept", "goes_out", "_why"),
    [
        ("2026-11-28T12:00", "2026-11-30T08:30", "Saturday"),
        ("2026-11-29T23:59", "2026-11-30T08:30", "Sunday night"),
        ("2026-11-30T08:29", "2026-11-30T08:30", "a minute before work begins"),
        ("2026-11-30T09:15", "2026-11-30T09:15", "working hours"),
        ("2026-11-30T12:30", "2026-11-30T13:30", "the noon break"),
        ("2026-11-30T17:30", "2026-12-01T08:30", "work has just ended"),
    ],
)
def test_a_reminder_waits_for_working_hours(company: Engine, swept: str, goes_out: str, _why: str) -> None:
    number = waiting_with({"at": "10%", "to": "assignee"}, limit="9 days", reported=THURSDAY)
    sweep(instant(f"{swept}:00+08:00"))
    [reminder] = mails(number, "deadline_reminder")
    assert reminder.deliver_from == instant(f"{goes_out}:00+08:00")


def test_a_reminder_of_a_saturday_reaches_its_reader_on_monday_morning(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    assert sweep().reminded == 1
    reminders = mails(number, "deadline_reminder")
    assert [(one.state, one.deliver_from) for one in reminders] == [("queued", instant("2026-11-30T08:30:00+08:00"))]
    for early in ("2026-11-28T18:00:00+08:00", "2026-11-30T08:29:00+08:00"):
        it_is(early)
        deliver()
        assert arrived(mailbox, reminders) == []
    it_is("2026-11-30T08:30:00+08:00")
    sweep()
    [message] = arrived(mailbox, reminders)
    assert message["To"] == "刘洋 <liu.yang@minghui.example>"
    sweep()
    assert len(arrived(mailbox, reminders)) == 1


def test_an_escalation_of_a_saturday_reaches_its_reader_at_once(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "100%", "to": "cs_manager"}, reported=THURSDAY)
    it_is("2026-11-29T00:05:00+08:00")
    assert sweep().escalated == 1
    found = mails(number, "deadline_escalation")
    assert [one.state for one in found] == ["sent"]
    assert len(arrived(mailbox, found)) == 1


def test_a_reminder_waits_for_the_working_hours_of_its_deadlines_own_calendar(company: Engine) -> None:
    """A Monday on which the company takes stock."""
    content = load_calendar_file(CALENDARS)["office"]
    closed = {"first": "2026-11-30", "last": "2026-11-30", "working": False, "name": "Stocktaking"}
    with transaction() as session:
        calendars.keep(session, "office", content | {"changes": [closed]}, "chen.min", "Stocktaking")
    number = waiting_with({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    sweep(instant("2026-11-28T12:00:00+08:00"))
    assert [one.deliver_from for one in mails(number, "deadline_reminder")] == [instant("2026-12-01T08:30:00+08:00")]


def test_a_reminder_of_what_was_answered_meanwhile_stays_here(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    sweep()
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert [one.state for one in mails(number, "deadline_reminder")] == ["withdrawn"]
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert arrived(mailbox, mails(number, "deadline_reminder")) == []


def test_a_reminder_in_a_case_that_was_withdrawn_meanwhile_stays_here(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    sweep()
    withdraw(number, "Entered twice", "li.na")
    assert [one.state for one in mails(number, "deadline_reminder")] == ["withdrawn"]
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert arrived(mailbox, mails(number, "deadline_reminder")) == []


def test_what_was_answered_takes_back_its_own_reminder_alone(company: Engine, mailbox: MailCatcher) -> None:
    first = waiting_with({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    second = opened(dealer="D-02", reported_at=THURSDAY)
    play(second, until="site-finding")
    it_is("2026-11-28T12:00:00+08:00")
    assert sweep().reminded == 2
    answer(first, "site-finding", *CREDITED["site-finding"])
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert [one.state for one in mails(first, "deadline_reminder")] == ["withdrawn"]
    assert len(arrived(mailbox, mails(second, "deadline_reminder"))) == 1


def test_a_reminder_that_went_out_stays_sent_when_the_answer_comes(company: Engine) -> None:
    number = waiting_with({"at": "80%", "to": "assignee"})
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert [one.state for one in mails(number, "deadline_reminder")] == ["sent"]


# What they read


def test_an_escalation_shows_the_sum_behind_the_due_time(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "100%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    [message] = arrived(mailbox, mails(number, "deadline_escalation"))
    assert message["Subject"] == f"[{number}] Late: Determination on site"
    text = plain(message)
    assert "This was due by 2026-11-25 24:00 and is late: Determination on site" in text
    # Sixteen hours of the report's day, then two whole days.
    for line in (
        "2026-11-23 08:00 – 2026-11-23 24:00: 16:00 h (day 0, the day of the event)",
        "2026-11-24 00:00 – 2026-11-25 24:00: 2 d 0:00 h (calendar days)",
        "Together 2 d 16:00 h: 2 days.",
    ):
        assert line in text
    html = message.get_body(("html",))
    assert html is not None
    assert "Together 2 d 16:00 h: 2 days." in html.get_content()


def test_an_escalation_after_a_pause_says_who_paused_it_and_why(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with({"at": "100%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The dealer's shop is closed", "chen.min")
    it_is("2026-11-25T10:00:00+08:00")
    unpause(number, "determination", "chen.min")
    it_is("2026-11-27T09:00:00+08:00")
    sweep()
    [message] = arrived(mailbox, mails(number, "deadline_escalation"))
    lines = [one for one in plain(message).splitlines() if "paused by" in one]
    assert lines == [
        "2026-11-24 10:00 – 2026-11-25 10:00: does not count (paused by chen.min: The dealer's shop is closed)"
    ]
    assert "Together 2 d 16:00 h: 2 days." in plain(message)


def test_a_reminder_has_no_sum(company: Engine) -> None:
    number = waiting_with({"at": "80%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    [notice] = mails(number, "deadline_reminder")
    assert notice.subject == f"[{number}] Reminder: Determination on site is due by 2026-11-25 24:00"
    assert "Together" not in notice.plain


def test_each_reader_reads_what_is_late_in_their_own_language(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_with(
        {"at": "80%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}, {"at": "100%", "to": "technology_head"}
    )
    reads("sun.wei", "en")
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    escalations = mails(number, "deadline_escalation")
    got = {one["To"].addresses[0].username: one for one in arrived(mailbox, escalations)}
    assert "Determination on site" in got["sun.wei"]["Subject"]
    assert "现场认定" not in got["sun.wei"]["Subject"] + plain(got["sun.wei"])
    chinese = [got["chen.min"], *arrived(mailbox, mails(number, "deadline_reminder"))]
    assert len(chinese) == 2
    for mail in chinese:
        assert "现场认定" in mail["Subject"]
        assert "Determination on site" not in mail["Subject"] + plain(mail)


def test_a_question_is_named_by_its_form_in_the_readers_language(company: Engine) -> None:
    use(policy_with({"remedy": {"limit": "5 days", "rungs": [{"at": "100%", "to": "cs_manager"}]}}))
    number = opened()
    play(number, until="remedy")
    forward(days=6)
    sweep()
    [notice] = [one for one in mails(number, "deadline_escalation") if ":rung:remedy:" in one.key]
    assert "经销商" in notice.subject
    assert "What does the dealer want" not in notice.subject + notice.plain
