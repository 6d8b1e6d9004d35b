"""Stopping clocks: what a pause is, by how much due moves, and what ends while it stands."""

from datetime import timedelta

import pytest
from clocks import DUE, REPORTED, due, instant, it_is, policy_with, state, the, use
from pauses import ledger, stands_between
from people import CREDITED, answer, forward, opened, play, run
from records import told
from sqlalchemy import Engine
from traces import audited, everything

from models.queries import clock, deadlines, people
from models.tables.deadlines import DeadlineState
from tasks.pausing import pause, unpause
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


# What a pause is


def test_a_stopped_clock_stands_with_its_reason_and_its_stopper(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    assert state(number) is DeadlineState.RUNNING
    pause(number, "determination", "The dealer's shop is closed", "chen.min")
    with the(number) as (_session, deadline):
        [only] = deadline.intervals
        assert (only.reason, only.stopped_by) == ("The dealer's shop is closed", "chen.min")
        assert only.waits_for is not None
        assert only.waits_for.code == "D-01"
        assert deadline.paused_at == only.stopped_at
        assert deadline.next_rung_at is None
        assert deadline.paused_at is not None
        assert timedelta() <= deadline.paused_at - instant("2026-11-24T10:00:00+08:00") < timedelta(seconds=30)
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []


def test_a_restarted_clock_runs_on_with_who_had_the_ball_before(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-25T10:00:00+08:00")
    unpause(number, "determination", "chen.min", "It is open again")
    with the(number) as (_session, deadline):
        first, second = deadline.intervals
        assert (first.holder.code, second.holder.code) == ("C-01", "C-01")
        assert (second.started_by, second.stopped_at, deadline.paused_at) == ("chen.min", None, None)
        assert deadline.next_rung_at is not None
    assert state(number) is DeadlineState.RUNNING
    assert verify() == []


def test_both_stand_in_the_audit_once(number: str) -> None:
    for _twice in range(2):
        pause(number, "determination", "The shop is closed", "chen.min", "V-01")
    for _twice in range(2):
        unpause(number, "determination", "chen.min", "It is open again")
    subject = f"{number}:determination"
    assert audited("paused", number) == [("chen.min", subject, {"reason": "The shop is closed", "waits_for": "V-01"})]
    [(by, of, detail)] = audited("unpaused", number)
    assert (by, of, detail["reason"]) == ("chen.min", subject, "It is open again")
    assert instant(detail["due"]) == due(number)


def test_a_second_pause_changes_nothing_and_the_first_reason_stays(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=5)
    before = everything()
    pause(number, "determination", "Something else", "chen.min", "V-01")
    assert everything() == before


def test_a_second_restart_changes_nothing(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=5)
    unpause(number, "determination", "chen.min")
    forward(hours=5)
    before = everything()
    unpause(number, "determination", "chen.min")
    assert everything() == before


def test_a_clock_that_was_never_stopped_is_not_restarted(number: str) -> None:
    before = everything()
    unpause(number, "determination", "chen.min")
    assert everything() == before


def test_a_clock_is_stopped_and_restarted_as_often_as_need_be(number: str) -> None:
    for day in ("23", "24", "25"):
        it_is(f"2026-11-{day}T12:00:00+08:00")
        pause(number, "determination", "Lunch", "chen.min")
        it_is(f"2026-11-{day}T13:00:00+08:00")
        unpause(number, "determination", "chen.min")
    assert len(ledger(number)) == 4
    assert len(audited("paused", number)) == len(audited("unpaused", number)) == 3
    # Three hours later than without them, less the seconds that the commands took.
    assert abs(due(number) - instant("2026-11-26T03:00:00+08:00")) < timedelta(minutes=2)
    assert verify() == []


# By how much due moves


@pytest.mark.parametrize(
    ("limit", "stopped", "restarted", "moved", "_why"),
    [
        ("2 days", "2026-11-23T12:00", "2026-11-24T15:30", "2026-11-27T03:30", "27 hours and a half, all of them"),
        ("2 days", "2026-11-25T23:59", "2026-12-05T23:59", "2026-12-06T00:00", "the last minute waits ten days"),
        ("2 days", "2026-11-23T12:00", "2026-11-23T12:00", "2026-11-26T00:00", "no time at all"),
        ("100 hours", "2026-11-24T08:00", "2026-11-24T09:15", "2026-11-27T13:15", "12:00 of the 27th and 75 minutes"),
        ("1 months", "2026-12-01T00:00", "2026-12-02T12:00", "2026-12-25T12:00", "24:00 of 23 December and 36 hours"),
        # Four working days pass: 14 + 24 + 24 + 24 hours, and ten of the Monday. Friday, Monday, Tuesday, Wednesday.
        ("3 working days", "2026-11-24T10:00", "2026-11-30T10:00", "2026-12-03T00:00", "four working days"),
        ("3 working days", "2026-11-28T09:00", "2026-11-29T20:00", "2026-11-27T00:00", "used up before the weekend"),
        ("5 working days", "2026-11-28T09:00", "2026-11-29T20:00", "2026-12-01T00:00", "a weekend does not count"),
        # From Friday noon to Sunday noon twelve hours count; they are missing after Monday's 24:00.
        ("5 working days", "2026-11-27T12:00", "2026-11-29T12:00", "2026-12-01T12:00", "half a working day"),
        # Two hours of Friday's last twelve: from Friday 24:00 they are those of Monday until two.
        ("4 working days", "2026-11-26T20:00", "2026-11-26T22:00", "2026-11-30T02:00", "over the weekend"),
        # Five of ten hours are used at three on Monday; the rest runs on Tuesday: 09:30-12:00 and 13:30-16:00.
        ("10 working hours", "2026-11-23T15:00", "2026-11-24T09:30", "2026-11-24T16:00", "11:00, and 3:30 hours more"),
        ("10 working hours", "2026-11-23T17:30", "2026-11-24T08:30", "2026-11-24T11:00", "a night does not count"),
    ],
)
def test_due_moves_by_exactly_the_time_that_counts_in_the_pause(
    company: Engine, limit: str, stopped: str, restarted: str, moved: str, _why: str
) -> None:
    use(policy_with({"determination": {"limit": limit, "rungs": [{"at": "100%", "to": "cs_manager"}]}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    stands_between(number, "determination", f"{stopped}:00+08:00", f"{restarted}:00+08:00")
    assert due(number) == instant(f"{moved}:00+08:00")
    with the(number) as (_session, deadline):
        assert deadline.next_rung_at == deadline.due_at
    assert verify() == []


def test_holidays_in_a_pause_do_not_count_and_make_up_days_after_it_do(company: Engine) -> None:
    """National Day rests from 1 to 7 October 2026; Saturday the 10th is worked."""
    use(policy_with({"determination": {"limit": "4 working days"}}))
    it_is("2026-09-28T09:00:00+08:00")
    number = opened(reported_at="2026-09-28T08:00:00+08:00")
    # Tuesday, Wednesday, Thursday the 8th, Friday the 9th.
    assert due(number) == instant("2026-10-10T00:00:00+08:00")
    # Twelve hours of the Wednesday count, nothing of the holidays; they are missing on the make-up Saturday.
    stands_between(number, "determination", "2026-09-30T12:00:00+08:00", "2026-10-06T12:00:00+08:00")
    assert due(number) == instant("2026-10-10T12:00:00+08:00")


def test_several_pauses_add_up(number: str) -> None:
    stands_between(number, "determination", "2026-11-23T10:00:00+08:00", "2026-11-23T11:00:00+08:00")
    stands_between(number, "determination", "2026-11-23T11:00:00+08:00", "2026-11-23T11:30:00+08:00")
    stands_between(number, "determination", "2026-11-25T23:00:00+08:00", "2026-11-27T00:00:00+08:00")
    # An hour, half an hour, 25 hours.
    assert due(number) == instant("2026-11-27T02:30:00+08:00")
    assert verify() == []


def test_the_commands_take_the_business_time(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-26T11:00:00+08:00")
    unpause(number, "determination", "chen.min")
    (_start, stopped), (restarted, _open) = ledger(number)
    assert stopped is not None
    assert due(number) - instant(DUE) == restarted - stopped
    assert timedelta(hours=49) - timedelta(seconds=30) < restarted - stopped < timedelta(hours=49, seconds=30)


def test_while_a_clock_stands_it_would_be_due_later_and_later(number: str) -> None:
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-24T10:00:00+08:00"), "closed", "chen.min", people.company(session))
    with the(number) as (_session, deadline):
        seen = [deadlines.due_of(deadline, instant(f"2026-11-{day}T10:00:00+08:00")) for day in (24, 25, 30)]
        assert deadline.due_at == instant(DUE)
    assert seen == [instant(DUE), instant("2026-11-27T00:00:00+08:00"), instant("2026-12-02T00:00:00+08:00")]


def test_a_standing_clock_of_working_days_would_be_due_at_the_same_time_all_weekend(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-27T18:00:00+08:00"), "closed", "chen.min", people.company(session))
    with the(number) as (_session, deadline):
        seen = [
            deadlines.due_of(deadline, instant(one))
            for one in ("2026-11-28T09:00:00+08:00", "2026-11-29T23:00:00+08:00", "2026-11-30T01:00:00+08:00")
        ]
    # Six hours of the Friday are missing after Monday's 24:00; then one of the Monday too.
    assert seen == [instant("2026-12-01T06:00:00+08:00")] * 2 + [instant("2026-12-01T07:00:00+08:00")]


def test_the_time_used_stands_still_too(number: str) -> None:
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-24T10:00:00+08:00"), "closed", "chen.min", people.company(session))
        # Sixteen hours of Monday and ten of Tuesday.
        assert deadlines.elapsed(deadline, instant("2026-12-24T10:00:00+08:00")) == timedelta(hours=26)


# When it ends while it stands


def test_what_is_done_while_the_clock_stands_is_in_time_however_late(number: str) -> None:
    it_is("2026-11-25T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-12-20T10:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    with the(number) as (session, deadline):
        assert (deadline.breached_at, deadline.paused_at, deadline.next_rung_at) == (None, None, None)
        assert deadline.met_at is not None
        [only] = deadline.intervals
        assert (only.reason, only.stopped_by) == ("The shop is closed", "chen.min")
        # 50 hours ran: sixteen, twenty-four, ten; less than a minute of them went by in the commands.
        used = deadlines.elapsed(deadline, clock.now(session))
    assert timedelta(hours=50) <= used < timedelta(hours=50, minutes=1)
    assert state(number) is DeadlineState.MET
    assert told(number, "deadline_escalation") == []
    assert verify() == []
    assert play(number) == "credited"
    assert verify() == []


def test_a_case_withdrawn_while_a_clock_stands_leaves_it_standing(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    withdraw(number, "Entered twice", "li.na")
    forward(days=30)
    sweep()
    with the(number) as (_session, deadline):
        assert deadline.abandoned_at is not None
        assert (deadline.paused_at, deadline.met_at, deadline.next_rung_at) == (None, None, None)
        assert deadline.breached_at is None
        assert deadline.rungs == []
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []


#: Everything of the batch that the dealer received.
SOLD = {"DN-2026-0001": 120, "DN-2026-0002": 80}


def test_a_case_closed_while_a_clock_stands_ends_it(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="remedy")
    pause(number, "remedy", "The dealer thinks about it", "chen.min")
    lines = [{"delivery": one, "received": 0, "already_sold": of} for one, of in SOLD.items()]
    answer(number, "arrival", "ma.chao", {"lines": lines, "waybill": "-", "more_to_come": "no"})
    assert run(number) == "nothing_came_back"
    with the(number, "remedy") as (_session, deadline):
        assert deadline.abandoned_at is not None
        assert deadline.paused_at is None
        assert [one.reason for one in deadline.intervals] == ["The dealer thinks about it"]
    assert verify() == []
