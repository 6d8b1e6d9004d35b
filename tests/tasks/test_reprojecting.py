"""Changed rules: a preview first, then every open deadline once, by who may, however it is interrupted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import yaml
from changed_rules import (
    FIVE,
    FIVE_CLOSED,
    LADDER,
    OF_D_02,
    WEDNESDAY_AND_THURSDAY,
    changes,
    closed,
    determination,
    figures,
)
from clocks import REPORTED, due, instant, it_is, policy_with, state, use, waiting_for_the_finding
from conftest import CALENDARS, POLICY
from people import CREDITED, answer, opened, play, run
from sqlalchemy import Engine
from traces import audited, everything

from models.calendars import load_calendar_file
from models.errors import AfterSalesError, InvalidInput, NotAllowed, NotFound
from models.queries import calendars, people, projecting
from models.tables.deadlines import DeadlineState
from models.tables.parties import RoleGrant
from tasks.backtesting import BackTest, back_test
from tasks.database import transaction
from tasks.pausing import pause
from tasks.reprojecting import Effect, apply_calendars, apply_policy, preview_calendars, preview_policy
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")


# A preview


def test_a_preview_of_a_closure_says_what_would_move_and_changes_nothing(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    before = everything()
    effect = preview_calendars(closed(WEDNESDAY_AND_THURSDAY))
    assert figures(effect) == (1, 0, 1, None)
    assert (effect.most_later, effect.most_earlier) == (timedelta(days=2), timedelta())
    [one] = effect.farthest
    assert (one.number, one.key, one.due_before, one.due_after) == (
        number,
        "determination",
        instant(FIVE),
        instant(FIVE_CLOSED),
    )
    assert (effect.would_be_late, effect.no_longer_late) == ([], [])
    assert everything() == before


def test_a_preview_of_a_limit_says_what_would_move_and_changes_nothing(company: Engine) -> None:
    number = waiting_for_the_finding()
    before = everything()
    effect = preview_policy(determination("1 days"))
    assert figures(effect) == (1, 1, 0, None)
    assert (effect.most_later, effect.most_earlier) == (timedelta(), timedelta(days=-1))
    [one] = effect.farthest
    assert (one.number, one.budget_before, one.budget_after) == (number, "2 days", "1 days")
    assert everything() == before


@pytest.mark.parametrize("paused", [False, True])
def test_rules_that_did_not_change_move_nothing(company: Engine, paused: bool) -> None:
    number = waiting_for_the_finding()
    # And one whose settlement the procedure itself has stopped: remedy, arrival, settlement.
    play(opened(dealer="D-02", reported_at=REPORTED), {**CREDITED, **OF_D_02}, until="arrival")
    if paused:
        it_is("2026-11-24T10:11:12.345678+08:00")
        pause(number, "determination", "The shop is closed", "chen.min")
    assert figures(preview_calendars(load_calendar_file(CALENDARS))) == (4, 0, 0, None)
    assert figures(preview_policy(yaml.safe_load(POLICY.read_text("utf-8")))) == (4, 0, 0, None)
    before = everything("deadline")
    assert apply_calendars(load_calendar_file(CALENDARS), "Nothing new", "chen.min").applied == 0
    assert apply_policy(yaml.safe_load(POLICY.read_text("utf-8")), "Nothing new", "chen.min").applied == 0
    assert everything("deadline") == before


def test_a_preview_names_the_farthest_moves_first_and_twenty_at_most(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}, "batch_verdict": {"limit": "2 working days"}}))
    first = waiting_for_the_finding()
    for number in range(21):
        run(opened(dealer="D-02", separate=bool(number), reported_at=REPORTED))
    # Each of the 21 has its own determination and verdict; two working days from Monday would end on Wednesday.
    effect = preview_calendars(closed({**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24"}))
    assert (effect.checked, effect.later) == (1 + 21 * 2, 1 + 21 * 2)
    moves = [one.due_after - one.due_before for one in effect.farthest]
    assert len(moves) == 20
    assert moves == sorted(moves, reverse=True)
    # Five: Friday, Monday to Thursday instead of to Monday. Two: Friday and Monday instead of Tuesday and Wednesday.
    assert effect.most_later == timedelta(days=5)
    assert {one.key for one in effect.farthest} == {"batch-verdict"}
    assert first not in {one.number for one in effect.farthest}


def test_progress_is_heard_to_the_last(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 2)
    it_is("2026-11-23T09:00:00+08:00")
    for dealer in ("D-01", "D-02", "D-03"):
        run(opened(dealer=dealer, reported_at=REPORTED))
    heard: list[int] = []
    assert preview_calendars(closed(WEDNESDAY_AND_THURSDAY), heard.append).checked == 6
    assert heard == [2, 4, 6]
    heard.clear()
    assert apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", heard.append).checked == 6
    assert heard == [2, 4, 6]


# Who may, and what is refused


Apply = Callable[[str, str], object]


def apply_a_calendar(reason: str, by: str) -> object:
    return apply_calendars(closed(WEDNESDAY_AND_THURSDAY), reason, by)


def apply_a_policy(reason: str, by: str) -> object:
    return apply_policy(determination("3 days", *LADDER), reason, by)


@pytest.mark.parametrize("applied", [apply_a_calendar, apply_a_policy])
@pytest.mark.parametrize(
    ("reason", "by", "error", "field"),
    [
        ("", "chen.min", InvalidInput, "reason"),
        (" \n ", "chen.min", InvalidInput, "reason"),
        ("a\x00", "chen.min", InvalidInput, "reason"),
        ("x" * 4001, "chen.min", InvalidInput, "reason"),
        ("Typhoon", "li.na", NotAllowed, "person"),
        ("Typhoon", "zhao.qiang", NotAllowed, "person"),
        ("Typhoon", "nobody", NotFound, "login"),
        ("Typhoon", "", NotFound, "login"),
    ],
)
def test_what_may_not_be_applied_changes_nothing(
    company: Engine, applied: Apply, reason: str, by: str, error: type[AfterSalesError], field: str
) -> None:
    run(opened())
    before = everything()
    with pytest.raises(error) as refused:
        applied(reason, by)
    assert field in refused.value.fields
    assert everything() == before


def test_the_policy_in_force_says_who_may(company: Engine) -> None:
    use(policy_with({}, rule_keepers=["marketing_vp", "administrator"]))
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "xie.juan").id, role="administrator"))
    with pytest.raises(NotAllowed):
        apply_a_calendar("Typhoon", "chen.min")
    # A policy does not make its own keepers.
    with pytest.raises(NotAllowed):
        apply_policy(policy_with({}, rule_keepers=["cs_manager"]), "Me too", "chen.min")
    apply_a_calendar("Typhoon", "zhao.qiang")
    apply_a_policy("More time", "xie.juan")
    assert [by for by, _of, _detail in audited("deadlines_counted_anew")] == ["zhao.qiang", "xie.juan"]


@pytest.mark.parametrize("where", ["limit", "policy"])
def test_a_policy_that_counts_by_an_unknown_calendar_is_refused(company: Engine, where: str) -> None:
    waiting_for_the_finding()
    if where == "limit":
        content = policy_with({"determination": {"limit": "2 days", "calendar": "factory"}})
    else:
        content = policy_with({}, counting={"calendar": "factory"})
    before = everything()
    tries: tuple[Callable[[], Effect | BackTest], ...] = (
        lambda: preview_policy(content),
        lambda: apply_policy(content, "As the factory", "chen.min"),
        lambda: back_test(content),
    )
    for attempt in tries:
        with pytest.raises(InvalidInput) as refused:
            attempt()
        assert list(refused.value.fields) == ["calendar"]
        assert "There is no calendar factory" in refused.value.message
    assert everything() == before


# Interrupted


class Interrupted(Exception):
    """Somebody pulled the plug."""


def interrupt_after(many: int) -> Callable[[int], None]:
    def hear(done: int) -> None:
        if done > many:
            raise Interrupted

    return hear


@pytest.mark.parametrize("change", ["calendar", "policy"])
def test_an_interrupted_change_goes_on_when_it_is_made_again(
    company: Engine, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    numbers = [waiting_for_the_finding(dealer) for dealer in ("D-01", "D-02", "D-03")]

    def apply(progress: Callable[[int], None] = lambda done: None) -> Effect:
        if change == "calendar":
            return apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", progress)
        return apply_policy(determination("7 working days", *LADDER), "Typhoon", "chen.min", progress)

    with pytest.raises(Interrupted):
        apply(interrupt_after(1))
    # Seven working days from Monday: to Friday, to Wednesday.
    assert [due(number) for number in numbers] == [instant(FIVE_CLOSED), instant(FIVE), instant(FIVE)]
    assert verify() == []
    effect = apply()
    assert (effect.checked, effect.moved, effect.applied) == (3, 2, 2)
    assert {due(number) for number in numbers} == {instant(FIVE_CLOSED)}
    assert [len(changes(number)) for number in numbers] == [1, 1, 1]
    assert verify() == []


def test_what_was_not_reached_by_an_interrupted_change_is_counted_as_before(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    waiting_for_the_finding("D-01")
    waiting_for_the_finding("D-02")
    counted = everything("deadline", "deadline_change")
    before = everything()
    with pytest.raises(Interrupted):
        preview_calendars(closed(WEDNESDAY_AND_THURSDAY), interrupt_after(1))
    assert everything() == before
    with pytest.raises(Interrupted):
        apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", interrupt_after(0))
    # The calendar is recorded; no deadline counts by it yet.
    assert everything("deadline", "deadline_change") == counted
    with transaction() as session:
        assert calendars.current(session, "office").version == 2
        assert projecting.still_counted_by_older(session) == {"office": 2}


def test_answers_pauses_and_sweeps_beside_a_change_leave_all_in_order(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    numbers = [waiting_for_the_finding(dealer) for dealer in ("D-01", "D-02", "D-03")]
    it_is("2026-11-30T09:00:00+08:00")
    work: list[Callable[[], object]] = [
        lambda: apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min"),
        lambda: answer(numbers[0], "site-finding", *CREDITED["site-finding"]),
        lambda: pause(numbers[1], "determination", "The shop is closed", "chen.min"),
        sweep,
    ]
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda one: one(), work))
    assert state(numbers[0]) is DeadlineState.MET
    assert state(numbers[1]) is DeadlineState.PAUSED
    assert due(numbers[2]) == instant(FIVE_CLOSED)
    assert verify() == []
