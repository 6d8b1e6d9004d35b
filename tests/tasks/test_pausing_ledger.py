"""The ledger of a clock stays in order: however the rehearsal clock is set, however many press at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from clocks import DUE, REPORTED, due, instant, it_is, state, the
from pauses import ledger, rungs
from people import CREDITED, answer, business_now, forward, opened, run
from records import told
from sqlalchemy import Engine
from traces import audited

from models.errors import InvalidInput
from models.queries import clock, deadlines
from models.tables.deadlines import DeadlineState
from tasks.pausing import pause, unpause
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")


# A rehearsal clock that jumps back


def test_a_clock_set_back_between_pause_and_restart_loses_nothing(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=-1)
    with the(number) as (session, deadline):
        assert deadlines.due_of(deadline, clock.now(session)) == instant(DUE)
    unpause(number, "determination", "chen.min")
    (_first, stopped), (restarted, _open) = ledger(number)
    assert restarted == stopped
    assert due(number) == instant(DUE)
    assert state(number) is DeadlineState.RUNNING
    assert verify() == []


def test_a_clock_set_back_between_start_and_pause_loses_nothing(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened()
    run(number)
    [(started, _open)] = ledger(number, "batch-verdict")
    first_due = due(number, "batch-verdict")
    forward(hours=-1)
    pause(number, "batch-verdict", "Lunch", "chen.min")
    assert ledger(number, "batch-verdict") == [(started, started)]
    with the(number, "batch-verdict") as (session, deadline):
        assert deadlines.elapsed(deadline, clock.now(session)) == timedelta()
        assert deadlines.due_of(deadline, clock.now(session)) == first_due
    unpause(number, "batch-verdict", "chen.min")
    assert ledger(number, "batch-verdict") == [(started, started), (started, None)]
    assert due(number, "batch-verdict") == first_due
    assert verify() == []


def test_the_ledger_never_runs_backwards_however_the_clock_is_set(number: str) -> None:
    for hours in (5, -3, 7, -9, 1, -2):
        pause(number, "determination", "x", "chen.min")
        forward(hours=hours)
        unpause(number, "determination", "chen.min")
        forward(hours=-hours / 2)
    spans = ledger(number)
    assert len(spans) == 7
    instants = [one for span in spans for one in span if one is not None]
    assert all(earlier <= later for earlier, later in pairwise(instants))
    paused = sum(
        (after[0] - before[1] for before, after in pairwise(spans) if before[1] is not None), start=timedelta()
    )
    assert due(number) - instant(DUE) == paused
    assert verify() == []


def test_what_is_done_after_the_clock_was_set_back_ends_a_standing_clock(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=-1)
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert state(number) is DeadlineState.MET
    with the(number) as (_session, deadline):
        assert deadlines.clock_of(deadline).due() == instant(DUE)
    assert verify() == []


# Many at once


def crowd(many: int, act: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(many) as at_once:
        list(at_once.map(act, range(many)))


def test_of_four_who_stop_a_clock_at_once_one_does(number: str) -> None:
    crowd(4, lambda one: pause(number, "determination", f"Reason {one}", "chen.min"))
    with the(number) as (_session, deadline):
        [only] = deadline.intervals
        reason = only.reason
    assert [detail["reason"] for _by, _of, detail in audited("paused", number)] == [reason]
    assert verify() == []


def test_of_four_who_restart_a_clock_at_once_one_does(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    crowd(4, lambda _one: unpause(number, "determination", "chen.min"))
    assert len(ledger(number)) == 2
    assert len(audited("unpaused", number)) == 1
    assert verify() == []


def test_stopping_and_restarting_at_once_leaves_a_ledger_in_order(number: str) -> None:
    def press(one: int) -> None:
        if one % 2:
            unpause(number, "determination", "chen.min")
        else:
            pause(number, "determination", f"Reason {one}", "chen.min")

    crowd(4, press)
    crowd(4, press)
    paused, unpaused = len(audited("paused", number)), len(audited("unpaused", number))
    assert paused - unpaused == (state(number) is DeadlineState.PAUSED)
    assert len(ledger(number)) == 1 + unpaused
    assert verify() == []


def test_stopping_a_clock_beside_sweeps_makes_each_rung_happen_once(number: str) -> None:
    it_is("2026-11-26T09:00:00+08:00")
    crowd(4, lambda one: pause(number, "determination", "x", "chen.min") if one % 2 else sweep() and None)
    assert rungs(number) == [1, 2, 3]
    assert len(told(number, "deadline_reminder") + told(number, "deadline_escalation")) == 3
    with the(number) as (_session, deadline):
        assert deadline.paused_at is not None
    assert verify() == []


def test_stopping_a_clock_while_its_task_is_answered_leaves_it_met(number: str) -> None:
    def press(one: int) -> None:
        if one:
            answer(number, "site-finding", *CREDITED["site-finding"])
        else:
            try:
                pause(number, "determination", "x", "chen.min")
            except InvalidInput as late:
                assert list(late.fields) == ["deadline"]  # noqa: PT017  # either order is right

    crowd(2, press)
    assert state(number) is DeadlineState.MET
    assert business_now() > instant(REPORTED)
    assert verify() == []
