"""The rungs of a deadline: when they happen, in which order, and once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from clocks import DUE, REPORTED, instant, it_is
from ladders import LADDER, climbed, sent_keys, waiting_with
from people import CREDITED, answer
from sqlalchemy import Engine, select
from traces import audited

from models.queries import cases, clock, deadlines
from models.tables.deadlines import Deadline, DeadlineState, Rung
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


def planned(number: str, key: str = "determination") -> dict[int, datetime]:
    """When each rung of the ladder is planned, in the order in which they happen."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return {rung: planned_at for rung, planned_at, _plan in deadlines.ladder(found)}


# When


@pytest.mark.parametrize(
    ("limit", "rung", "happens", "_why"),
    [
        ("2 days", "-4 hours", "2026-11-25T20:00", "four hours before 24:00"),
        ("2 days", "-1 days", "2026-11-25T00:00", "24:00 of the day before"),
        ("2 days", "-100 hours", "2026-11-23T08:00", "never before the report"),
        ("2 days", "-1 working hours", "2026-11-25T16:30", "the last working hour of Wednesday"),
        ("2 days", "-5 working hours", "2026-11-25T11:00", "four in the afternoon, one in the morning"),
        ("2 days", "80%", "2026-11-25T11:12", "51 hours and 12 minutes of 64"),
        ("2 days", "1%", "2026-11-23T08:38:24", "38 minutes and 24 seconds"),
        ("2 days", "+1 days", "2026-11-27T00:00", "24:00 of Thursday"),
        ("2 days", "+90 hours", "2026-11-29T18:00", "hours go on over the weekend"),
        ("2 days", "+3 working days", "2026-12-01T00:00", "Thursday, Friday, Monday at 24:00"),
        ("2 days", "+1 working hours", "2026-11-26T09:30", "an hour after work begins on Thursday"),
        ("2 days", "+1 months", "2026-12-26T00:00", "24:00 of 25 December"),
        ("4 working days", "-1 working days", "2026-11-27T00:00", "24:00 of Thursday, due on Friday"),
        ("5 working days", "-1 working days", "2026-11-28T00:00", "24:00 of Friday, due on Monday"),
        ("5 working days", "-1 days", "2026-11-30T00:00", "24:00 of Sunday"),
        # 16 hours of Monday and five days are 136 hours, half of them 68: sixteen, two days, four of the Thursday.
        ("5 working days", "50%", "2026-11-26T04:00", "of the time that counts"),
        # Of ten working hours eight: 7:30 on Monday, half an hour on Tuesday.
        ("10 working hours", "80%", "2026-11-24T09:00", "of the working hours"),
    ],
)
def test_a_rung_happens_at_its_time_and_not_a_second_earlier(
    company: Engine, limit: str, rung: str, happens: str, _why: str
) -> None:
    number = waiting_with({"at": rung, "to": "cs_manager"}, limit=limit)
    time = instant(happens).replace(tzinfo=instant(REPORTED).tzinfo)
    assert planned(number) == {1: time}
    sweep(time - timedelta(seconds=1))
    assert climbed(number) == []
    sweep(time)
    assert climbed(number) == [(1, ["chen.min"])]
    with transaction() as session:
        [happened] = session.scalars(select(Rung)).all()
        assert (happened.planned_at, happened.happened_at) == (time, time)
        assert happened.escalation == rung.startswith("+")


def test_at_24_00_sharp_nothing_is_late_yet(company: Engine) -> None:
    number = waiting_with({"at": "100%", "to": "cs_manager"}, limit="2 days")
    time = instant("2026-11-26T00:00:00+08:00")
    assert planned(number) == {1: time}
    sweep(time)
    assert climbed(number) == []
    sweep(time + timedelta(microseconds=1))
    assert climbed(number) == [(1, ["chen.min"])]
    with transaction() as session:
        [happened] = session.scalars(select(Rung)).all()
        assert (happened.planned_at, happened.escalation) == (time, True)


def test_rungs_happen_in_the_order_of_their_times_however_the_policy_lists_them(company: Engine) -> None:
    number = waiting_with(*LADDER)
    # 80 % at 11:12 on Wednesday, then 20:00, twice 24:00, 24:00 of Thursday.
    assert list(planned(number)) == [4, 3, 2, 5, 1]
    sweep(instant("2026-12-10T00:00:00+08:00"))
    in_order = [key.split(":")[3] for key in sent_keys()]
    assert in_order == ["4", "3", "2", "5", "1"]
    assert climbed(number) == [
        (4, ["liu.yang"]),
        (3, ["sun.wei"]),
        (2, ["chen.min"]),
        (5, ["sun.wei"]),
        (1, ["zhao.qiang"]),
    ]


def test_each_sweep_makes_happen_what_came_due_since_the_last(company: Engine) -> None:
    number = waiting_with(*LADDER)
    seen = []
    for time in ("2026-11-25T12:00", "2026-11-25T20:00", "2026-11-26T00:00", "2026-11-26T12:00", "2026-11-27T00:00"):
        sweep(instant(f"{time}:00+08:00"))
        seen.append([rung for rung, _told in climbed(number)])
    # At 24:00 sharp nothing is late yet.
    assert seen == [[4], [4, 3], [4, 3], [4, 3, 2, 5], [4, 3, 2, 5, 1]]


# Once


def test_a_second_sweep_of_the_same_time_does_nothing(company: Engine) -> None:
    number = waiting_with(*LADDER)
    time = instant("2026-12-10T00:00:00+08:00")
    first = sweep(time)
    assert (first.deadlines, first.reminded, first.escalated) == (1, 2, 3)
    second = sweep(time)
    assert (second.deadlines, second.reminded, second.escalated) == (0, 0, 0)
    assert len(climbed(number)) == len(sent_keys()) == 5


def test_four_sweeps_at_once_make_each_rung_happen_once(company: Engine) -> None:
    number = waiting_with(*LADDER)
    time = instant("2026-12-10T00:00:00+08:00")
    with ThreadPoolExecutor(4) as crowd:
        swept = [*crowd.map(lambda _one: sweep(time), range(4)), sweep(time)]
    assert (sum(one.reminded for one in swept), sum(one.escalated for one in swept)) == (2, 3)
    assert len(climbed(number)) == len(sent_keys()) == 5
    assert len(audited("rungs_climbed")) == 1


def test_three_missed_nights_are_made_up_by_one_sweep(company: Engine) -> None:
    number = waiting_with(*LADDER)
    it_is("2026-11-28T02:00:00+08:00")
    sweep()
    assert [rung for rung, _told in climbed(number)] == [4, 3, 2, 5, 1]
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert (found.breached_at, found.next_rung_at) == (instant(DUE), None)
        assert all(instant("2026-11-28T02:00:00+08:00") <= one.happened_at for one in found.rungs)


TIMES = {"2026-11-25T19:00": [4], "2026-11-26T00:01": [4, 3, 2, 5], "2026-11-27T00:00": [4, 3, 2, 5, 1]}


@pytest.mark.parametrize("order", [*permutations(TIMES)], ids=lambda order: " ".join(one[8:] for one in order))
def test_sweeps_in_any_order_make_the_same_rungs_happen(company: Engine, order: tuple[str, ...]) -> None:
    """Sweeps as of yesterday and tomorrow: what was due by the latest of them has happened, each once, and no more."""
    number = waiting_with(*LADDER)
    for place, time in enumerate(order, 1):
        sweep(instant(f"{time}:00+08:00"))
        assert [rung for rung, _told in climbed(number)] == TIMES[max(order[:place])]
    assert len(sent_keys()) == 5
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert found.breached_at == instant(DUE)
        assert found.next_rung_at is None


def test_a_deadline_without_rungs_is_breached_all_the_same(company: Engine) -> None:
    number = waiting_with()
    # 24:00 sharp is in time.
    sweep(instant(DUE))
    with transaction() as session:
        assert deadlines.of_case(session, cases.by_number(session, number).id, "determination").breached_at is None
    sweep(instant(DUE) + timedelta(microseconds=1))
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert found.breached_at == instant(DUE)
    assert sent_keys() == []
    [(_by, subject, detail)] = audited("rungs_climbed")
    assert subject == f"{number}:determination"
    assert [one for one, _due in detail["breached"]] == [f"{number}:determination"]
    sweep(instant(DUE) + timedelta(days=9))
    assert len(audited("rungs_climbed")) == 1


def test_after_due_rung_follows_rung_to_the_last(company: Engine) -> None:
    number = waiting_with(*({"at": f"+{days} days", "to": "cs_manager"} for days in range(1, 13)))
    sweep(instant(DUE) + timedelta(days=11, hours=23))
    assert [rung for rung, _told in climbed(number)] == list(range(1, 12))
    sweep(instant(DUE) + timedelta(days=12))
    assert [rung for rung, _told in climbed(number)] == list(range(1, 13))


# Met late


def test_who_answers_late_before_a_sweep_climbs_the_escalations_and_not_the_reminders(company: Engine) -> None:
    number = waiting_with(*LADDER)
    it_is("2026-11-26T12:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert climbed(number) == [(2, ["chen.min"]), (5, ["sun.wei"])]
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert (found.breached_at, found.next_rung_at) == (instant(DUE), None)
        assert deadlines.state_of(found, clock.now(session)) is DeadlineState.BREACHED
    it_is("2026-12-26T12:00:00+08:00")
    assert sweep().escalated == 0


def test_a_case_that_has_ended_is_chased_no_more(company: Engine) -> None:
    number = waiting_with(*LADDER)
    withdraw(number, "Entered twice", "li.na")
    swept = sweep(instant(DUE) + timedelta(days=30))
    assert (swept.deadlines, swept.reminded, swept.escalated) == (0, 0, 0)
    with transaction() as session:
        assert session.scalars(select(Deadline).where(Deadline.next_rung_at.is_not(None))).all() == []
    assert climbed(number) == []
