"""Parts return from list to exchange: manual 000 五 维修配件返厂、对换流程, 三 经理 B, 三 内勤 C, 四.1 art. 6."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from records import candidates, children, documents, due, facts, letter_text, money, stock_moves, told
from returns import (
    EXCHANGED,
    ZONE,
    counted,
    held,
    hold,
    judged,
    line,
    listed,
    opened,
    outcome,
    paid,
    received,
    repaired,
    script,
    use,
)
from sqlalchemy import Engine

from deployments.stories import parts_return as story
from models.queries import cases
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify


@pytest.fixture
def number(company: Engine) -> str:
    """A return of B-01, which has three faulty ballasts P-001 at 18.50, bought from V-01."""
    return opened()


def test_what_is_the_factorys_fault_is_exchanged_one_for_one(number: str) -> None:
    assert outcome(number) == "exchanged"
    assert stock_moves(number) == [
        ("P-001", "B-01", "faulty", "C-01", "in_transit", 3),
        ("P-001", "C-01", "in_transit", "C-01", "quarantine", 3),
        ("P-001", "C-01", "good", "B-01", "in_transit", 3),
        ("P-001", "B-01", "in_transit", "B-01", "good", 3),
    ]
    assert held("B-01", "P-001") == {"good": 15}
    assert verify() == []


def test_every_paper_is_filed_and_the_sender_hears_of_each_turn(number: str) -> None:
    outcome(number)
    assert documents(number) == ["return_list", "shipping_note", "verdict_sheet", "shipping_note"]
    for letter in ("opened", "list_approved", "judged", "exchange_sent"):
        assert told(number, f"parts_return/{letter}") == ["B-01"], letter


def test_the_freight_is_the_companys_or_the_senders_as_the_policy_says(number: str) -> None:
    outcome(number)
    assert money(number) == [("freight_expense", "C-01", "carrier_payable", "SF Express", Decimal("25.00"), "CNY")]
    use(freight_bearer="sender")
    hold("B-01", "P-001", 3)
    again = opened(separate=True)
    play(again, script(), until="return-shipment")
    assert facts(again, "return-shipment")["freight_bearer"] == "the sender"
    outcome(again)
    assert money(again) == []


def test_the_proposed_list_is_the_faulty_ledger_by_part_and_batch_with_where_it_came_from(company: Engine) -> None:
    hold("B-01", "P-001", 2, batch="MH260101")
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    run(number)
    asked = facts(number, "return-list")
    assert asked["ledger"] == {"P-001": {"": 3, "MH260101": 2}, "P-003": {"": 1}}
    assert asked["overdue"] == {"P-003": 1}
    assert list(asked["stations"]) == ["B-01"]


def test_the_senders_own_people_are_asked_and_the_clerks_answer_for_one_that_has_none(
    number: str, company: Engine
) -> None:
    run(number)
    assert candidates(number, "return-list") == ["zhou.hai"]
    hold("D-01", "P-003", 1)
    hold("D-02", "P-003", 1)
    other = opened(party="D-01", registered_by="he.jun")
    run(other)
    assert candidates(other, "return-list") == ["he.jun"]
    alone = opened(party="D-02", registered_by="li.na")
    run(alone)
    assert candidates(alone, "return-list") == ["li.na", "wang.fang"]
    answer(alone, "return-list", "wang.fang", listed(line("P-003", 1, station="D-02"))[1])
    run(alone)
    assert candidates(alone, "list-check") == ["li.na"]


def test_the_clerk_sees_ledger_and_repair_slips_and_may_send_the_list_back_once(company: Engine) -> None:
    hold("B-01", "P-003", 2)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Kept as samples."})), until="list-check")
    assert facts(number, "list-check")["compared"] == {
        "P-001": {"listed": 3, "ledger": 3, "taken_in": 3, "repaired": 0, "difference": 3},
        "P-003": {"listed": 0, "ledger": 2, "taken_in": 2, "repaired": 0, "difference": 2},
    }
    answer(number, "list-check", "li.na", {"state": "send_back", "comment": "The tubes belong on it."})
    run(number)
    assert facts(number, "return-list")["remark"] == "The tubes belong on it."
    answer(number, "return-list", "zhou.hai", listed(line(), line("P-003", 2))[1])
    run(number)
    assert list(open_tasks(number)) == ["list-approval"]
    two: dict[str, Any] = {"P_001": 3, "P_003": 2}
    ends = outcome(
        number,
        factory_count=counted(**two),
        inspection_verdict=judged(P_001={"own_quality": 3}, P_003={"own_quality": 2}),
        exchange_arrival=received(**two),
    )
    assert ends == "exchanged"


def test_the_manager_may_cut_lines_which_stay_with_the_sender(company: Engine) -> None:
    hold("B-01", "P-003", 2)
    number = opened()
    cut = ("chen.min", {"comment": "Without the tubes.", "cuts": [{"line": "2", "reason": "Wait for spring."}]})
    assert outcome(number, return_list=listed(line(), line("P-003", 2)), list_approval=cut) == "exchanged"
    assert held("B-01", "P-003")["faulty"] == 2
    assert "Wait for spring." in letter_text(number, "parts_return/list_approved")
    assert verify() == []


def test_nothing_is_shipped_where_every_line_is_cut_or_none_is_listed(number: str) -> None:
    cut = ("chen.min", {"comment": "Keep them.", "cuts": [{"line": "1", "reason": "Too few."}]})
    assert outcome(number, list_approval=cut) == "nothing_returned"
    again = opened()
    assert outcome(again, return_list=listed(stays={"P-001": "Needed as proof in a lawsuit."})) == "nothing_returned"
    assert stock_moves(number) == stock_moves(again) == []
    assert held("B-01", "P-001")["faulty"] == 3
    assert verify() == []


def test_each_question_has_its_time_from_when_it_is_asked(number: str) -> None:
    run(number)
    with transaction() as session:
        opened_at = cases.by_number(session, number).opened_at.astimezone(ZONE)
    due_at = due(number, "return-list").astimezone(ZONE)
    assert due_at.date() == (opened_at + timedelta(days=6)).date()
    assert (due_at.hour, due_at.minute) == (0, 0)


# Whatever happens to its process


OVERDUE = script(return_list=listed(stays={"P-001": "On holiday.", "P-003": "Lost."}), charge_settled=paid("6.80"))
DIFFERING = script(
    factory_count=counted(P_001=2, P_003=4),
    inspection_verdict=judged(P_001={"own_quality": 1, "human_cause": 1}, P_003={"repairable": 3, "own_quality": 1}),
    exchange_arrival=received(P_001=1, P_003=4),
    rework=repaired(P_003=2),
)


@pytest.mark.parametrize(
    ("way", "ends"), [(EXCHANGED, "exchanged"), (DIFFERING, "partly_exchanged")], ids=["accepted", "mixed"]
)
def test_a_return_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine, way: Any, ends: str) -> None:
    survives_every_boundary(opened, way, outcome=ends)


def test_an_overdue_charge_is_made_once_wherever_the_process_is_killed(company: Engine) -> None:
    hold("B-01", "P-003", 1, days_ago=61)
    survives_every_boundary(opened, OVERDUE, outcome="nothing_returned")


# The demo's story


def test_the_story_shows_a_difference_a_mixed_verdict_and_a_claim(company: Engine) -> None:
    number = opened(**story.request(business_now()))
    before, after = story.UNTIL_THE_COUNT, story.from_the_verdict_on(business_now())
    assert len(before) + len(after) <= 10
    play(number, {key: (who, what) for key, who, what in before}, until="inspection-verdict")
    forward(days=story.DAYS_OF_SILENCE)
    assert sweep().lapsed == 1
    assert play(number, {key: (who, what) for key, who, what in after}) == "partly_exchanged"
    assert held("B-01", "P-001") == {"good": 13, "missing": 1}
    assert len(children(number)) == 1
    assert verify() == []
