"""Whose time it was: with each task and each pause the ball passes, and the procedure stops its own clock."""

from datetime import timedelta

import pytest
from clocks import DUE, REPORTED, due, instant, it_is, policy_with, state, the, use
from pauses import ledger, rungs, shares, shares_at, stands_between
from people import CREDITED, answer, forward, opened, play, run
from sqlalchemy import Engine
from traces import audited, everything

from models.queries import clock, deadlines, people
from models.tables.deadlines import DeadlineState
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")


# Whose time it is


def test_the_time_of_the_companys_task_is_the_companys_and_in_a_pause_the_dealers(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-24T12:00:00+08:00")
    unpause(number, "determination", "chen.min")
    (_start, stopped), (restarted, _open) = ledger(number)
    assert stopped is not None
    assert timedelta(hours=2) - timedelta(seconds=30) < restarted - stopped < timedelta(hours=2, seconds=30)
    # Twenty-eight hours from eight on Monday to noon on Tuesday and two more, less what was the dealer's.
    assert shares_at(number, "determination", "2026-11-24T14:00:00+08:00") == {
        "C-01": (timedelta(hours=30) - (restarted - stopped), timedelta()),
        "D-01": (timedelta(), restarted - stopped),
    }


def test_the_time_of_a_task_for_the_dealer_is_the_dealers_and_in_a_pause_the_companys(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="remedy")
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "remedy", "We look for the price list", "chen.min")
    it_is("2026-11-24T12:00:00+08:00")
    unpause(number, "remedy", "chen.min")
    it_is("2026-11-24T14:00:00+08:00")
    found = shares(number, "remedy")
    assert list(found) == ["D-01", "C-01"]
    assert abs(found["D-01"][0] - timedelta(hours=27)) < timedelta(minutes=2)
    assert found["D-01"][1] == found["C-01"][0] == timedelta()
    assert abs(found["C-01"][1] - timedelta(hours=2)) < timedelta(minutes=1)


def test_in_a_pause_the_ball_is_with_whom_it_is_said_to_wait_for(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The supplier measures", "chen.min", "V-01")
    it_is("2026-11-24T13:00:00+08:00")
    found = shares(number)
    assert list(found) == ["C-01", "V-01"]
    assert abs(found["V-01"][1] - timedelta(hours=3)) < timedelta(minutes=1)
    assert found["V-01"][0] == timedelta()


def test_a_working_day_pause_gives_a_party_its_working_days_alone(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    stands_between(number, "determination", "2026-11-27T12:00:00+08:00", "2026-11-30T06:00:00+08:00")
    # Sixteen hours, three days, twelve hours; then four of the Monday. The pause: half of Friday, six hours of Monday.
    assert shares_at(number, "determination", "2026-11-30T10:00:00+08:00") == {
        "C-01": (timedelta(days=3, hours=32), timedelta(hours=18)),
    }


def test_the_ball_passes_to_the_party_of_the_technician_and_due_does_not_move(company: Engine) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "zhou.hai").id, role="technician"))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    script = {**CREDITED, "name-technician": ("sun.wei", {"technician": "zhou.hai"})}
    play(number, script, until="site-finding")
    with the(number) as (_session, deadline):
        first, second = deadline.intervals
        assert (first.holder.code, second.holder.code) == ("C-01", "B-01")
        assert (first.stopped_at, first.waits_for) == (second.started_at, None)
        assert second.stopped_at is None
        assert deadline.due_at == instant(DUE)
        passed = second.started_at
        until = instant("2026-11-24T10:00:00+08:00")
        found = {one.party.code: one.used for one in deadlines.shares(deadline, until)}
    assert found == {"C-01": passed - instant(REPORTED), "B-01": until - passed}
    # In a pause of the office's time the other side is the dealer.
    pause(number, "determination", "The shop is closed", "chen.min")
    with the(number) as (_session, deadline):
        waits_for = deadline.intervals[-1].waits_for
        assert waits_for is not None
        assert waits_for.code == "D-01"
    unpause(number, "determination", "chen.min")
    with the(number) as (_session, deadline):
        assert [one.holder.code for one in deadline.intervals] == ["C-01", "B-01", "B-01"]
    assert verify() == []


def test_a_ball_that_passes_while_the_clock_stands_is_the_new_holders_when_it_goes_on(company: Engine) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "zhou.hai").id, role="technician"))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="name-technician")
    it_is("2026-11-23T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-23T14:00:00+08:00")
    answer(number, "name-technician", "sun.wei", {"technician": "zhou.hai"})
    run(number)
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []
    it_is("2026-11-23T20:00:00+08:00")
    unpause(number, "determination", "chen.min")
    it_is("2026-11-23T23:00:00+08:00")
    # Two hours with the company, ten with the dealer, three with the office.
    minutes = {
        code: (round(used.seconds / 60), round(paused.seconds / 60)) for code, (used, paused) in shares(number).items()
    }
    assert minutes == {"C-01": (120, 0), "D-01": (0, 600), "B-01": (180, 0)}
    assert abs(due(number) - instant("2026-11-26T10:00:00+08:00")) < timedelta(minutes=1)
    assert len(audited("paused", number)) == len(audited("unpaused", number)) == 1
    assert verify() == []


def test_the_time_that_went_by_with_the_parties_is_all_the_time_there_was(number: str) -> None:
    for hours in (3, 8, 30):
        forward(hours=hours)
        pause(number, "determination", "x", "chen.min")
        forward(hours=hours)
        unpause(number, "determination", "chen.min")
    with the(number) as (session, deadline):
        at = clock.now(session)
        total = sum((one.used + one.paused for one in deadlines.shares(deadline, at)), start=timedelta())
    assert total == at - instant(REPORTED)


# The procedure's own pause


def test_the_settlement_stands_while_the_dealers_goods_are_on_their_way(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="arrival")
    assert state(number, "settlement") is DeadlineState.PAUSED
    with the(number, "settlement") as (_session, deadline):
        [only] = deadline.intervals
        assert (only.holder.code, only.stopped_by, only.started_at) == ("C-01", "flow", only.stopped_at)
        assert only.waits_for is not None
        assert only.waits_for.code == "D-01"
    assert [(by, detail["waits_for"]) for by, _of, detail in audited("paused", number)] == [("flow", "D-01")]
    # The dealer takes eleven days: nobody at the company is chased for the settlement.
    it_is("2026-12-04T09:00:00+08:00")
    sweep()
    assert rungs(number, "settlement") == []
    assert verify() == []


def test_the_settlement_goes_on_with_the_last_arrival_and_is_met_by_the_credit(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="arrival")
    it_is("2026-11-26T09:00:00+08:00")
    part = {"lines": [{"delivery": "DN-2026-0001", "received": 100}], "waybill": "SF1", "more_to_come": "yes"}
    answer(number, "arrival", "ma.chao", part)
    answer(number, "remedy", *CREDITED["remedy"])
    run(number)
    assert state(number, "settlement") is DeadlineState.PAUSED
    it_is("2026-11-30T09:00:00+08:00")
    rest = {"lines": [{"delivery": "DN-2026-0002", "received": 80}], "waybill": "SF2", "more_to_come": "no"}
    answer(number, "arrival", "ma.chao", rest)
    run(number)
    assert state(number, "settlement") is DeadlineState.RUNNING
    # Monday the 23rd is day 0, so ten working days would end at 24:00 of 7 December; five of them were the dealer's.
    assert abs(due(number, "settlement") - instant("2026-12-15T00:00:00+08:00")) < timedelta(minutes=2)
    it_is("2026-12-01T09:00:00+08:00")
    answer(number, "freight-bill", *CREDITED["freight-bill"])
    assert run(number) == "credited"
    assert state(number, "settlement") is DeadlineState.MET
    assert [by for by, of, _detail in audited("unpaused", number) if of.endswith("settlement")] == ["flow"]
    found = shares(number, "settlement")
    # Five working days with the dealer, from nine to nine; one with the company.
    assert abs(found["D-01"][1] - timedelta(days=5)) < timedelta(minutes=2)
    assert abs(found["C-01"][0] - timedelta(days=1)) < timedelta(minutes=2)
    assert verify() == []


def test_replacement_goods_on_their_way_meet_the_settlement_too(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    script = {**CREDITED, "remedy": ("li.na", {"remedy": "replacement", "told_by": "Mr He"})}
    play(number, script, until="replacement-dispatch")
    assert state(number, "settlement") is DeadlineState.RUNNING
    it_is("2026-11-24T09:00:00+08:00")
    dispatched = {"waybill": "SF200", "dispatched_at": "2026-11-24T08:00:00+08:00"}
    answer(number, "replacement-dispatch", "ma.chao", dispatched)
    assert run(number) == "replaced"
    assert state(number, "settlement") is DeadlineState.MET
    assert verify() == []


def test_the_procedures_reason_stays_if_somebody_stops_its_clock_again(company: Engine) -> None:
    number = opened()
    play(number, until="arrival")
    before = everything()
    pause(number, "settlement", "Something else", "chen.min", "V-01")
    assert everything() == before


def test_the_last_arrival_lets_a_clock_go_on_that_somebody_stopped(company: Engine) -> None:
    number = opened()
    play(number, until="arrival")
    unpause(number, "settlement", "chen.min")
    pause(number, "settlement", "The accounts are closed", "chen.min")
    answer(number, "remedy", *CREDITED["remedy"])
    answer(number, "arrival", *CREDITED["arrival"])
    run(number)
    assert state(number, "settlement") is DeadlineState.RUNNING
    assert verify() == []
