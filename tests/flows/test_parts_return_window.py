"""Parts that were kept beyond their 60 days are charged: manual 000 五 维修配件返厂、对换流程, 一.4."""

from decimal import Decimal

import pytest
from people import answer, forward, open_tasks, play, run
from records import documents, facts, letters, money, stock_moves
from returns import (
    APPROVED,
    EXCHANGED,
    SHIPMENT,
    counted,
    held,
    hold,
    judged,
    line,
    listed,
    of_b02,
    opened,
    outcome,
    paid,
    received,
    repaired,
    script,
    use,
)
from sqlalchemy import Engine, select
from swaps import opened as swap_opened

from models.errors import InvalidInput, NotAllowed
from models.language import speaking
from models.queries import charges, goods, people
from models.tables.charges import PartsCharge
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw


def charged() -> str:
    """A return of B-01, which owes 6.80 for a ring tube P-003 that it had for 61 days and lost."""
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
    return number


def test_what_was_kept_too_long_and_is_not_sent_is_charged_at_the_parts_price(company: Engine) -> None:
    hold("B-01", "P-003", 4, days_ago=90)
    hold("B-01", "P-003", 2, days_ago=10)
    number = opened()
    # One of six is sent, and it counts as the oldest: five stay, of which three are older than 60 days.
    way = script(
        return_list=listed(line(), line("P-003", 1), stays={"P-003": "No time to pack them."}),
        factory_count=counted(P_001=3, P_003=1),
        inspection_verdict=judged(P_001={"own_quality": 3}, P_003={"repairable": 1}),
        exchange_arrival=received(P_001=3, P_003=1),
        rework=repaired(P_003=1),
        charge_settled=paid("20.40"),
    )
    play(number, way, until="return-shipment")
    assert money(number) == [("parts_revenue", "C-01", "party_receivable", "B-01", Decimal("20.40"), "CNY")]
    assert stock_moves(number) == [("P-003", "B-01", "faulty", "B-01", "refused", 3)]
    assert documents(number) == ["return_list", "charge_note"]
    ((who, text),) = letters(number, "parts_return/charged")
    assert who == "B-01"
    assert "20.40" in text
    assert play(number, way) == "exchanged"
    assert money(number)[-1] == ("party_receivable", "B-01", "bank", "C-01", Decimal("20.40"), "CNY")
    assert held("B-01", "P-003")["faulty"] == 2
    assert verify() == []


def test_the_return_does_not_close_before_finance_has_the_money_but_goes_on_meanwhile(company: Engine) -> None:
    number = charged()
    for key in ("return-shipment", "factory-count", "inspection-verdict", "verdict-review", "exchange-dispatch"):
        answer(number, key, *EXCHANGED[key])
        assert run(number) is None
    answer(number, "exchange-arrival", *EXCHANGED["exchange-arrival"])
    assert run(number) is None
    assert list(open_tasks(number)) == ["charge-settled"]
    forward(days=16)
    assert sweep().escalated > 0
    with pytest.raises(InvalidInput, match=r"6\.80"):
        answer(number, "charge-settled", *paid("6.00"))
    answer(number, "charge-settled", *paid("6.80"))
    assert run(number) == "exchanged"
    assert verify() == []


def test_who_owes_a_charge_gets_no_further_return_until_finance_confirms_it(company: Engine) -> None:
    number = charged()
    answer(number, "return-shipment", "zhou.hai", SHIPMENT)
    run(number)
    hold("B-01", "P-001", 1)
    with pytest.raises(NotAllowed) as refused:
        opened(separate=True)
    with speaking("en"):
        for said in ("6.80", number, "finance"):
            assert said in refused.value.message
    # The flow waits for the count, and the block is lifted all the same.
    answer(number, "charge-settled", *paid("6.80"))
    assert opened(separate=True) != number


def test_a_counter_that_owes_a_charge_does_not_swap_until_finance_confirms_it(company: Engine) -> None:
    number = charged()
    with pytest.raises(NotAllowed, match=number):
        swap_opened()
    answer(number, "charge-settled", *paid("6.80"))
    assert swap_opened() == "PS-2026-0001"


def test_a_policy_may_let_those_who_owe_go_on(company: Engine) -> None:
    use(block_on_overdue=False)
    number = charged()
    answer(number, "return-shipment", "zhou.hai", SHIPMENT)
    run(number)
    hold("B-01", "P-001", 1)
    assert opened(separate=True) != number


def test_a_withdrawn_return_blocks_nobody(company: Engine) -> None:
    number = charged()
    withdraw(number, "opened by mistake", "chen.min")
    assert opened() != number


def test_the_manager_may_accept_why_overdue_pieces_stay(company: Engine) -> None:
    hold("B-01", "P-003", 2, days_ago=61)
    number = opened()
    way = script(
        return_list=listed(line(), stays={"P-003": "Seized by the market inspection."}),
        list_approval=("chen.min", {"comment": "Understood.", "excused": ["P-003"]}),
    )
    play(number, way, until="list-approval")
    assert facts(number, "list-approval")["overdue"] == {"P-003": 2}
    assert play(number, way) == "exchanged"
    assert documents(number).count("charge_note") == 0
    assert held("B-01", "P-003")["faulty"] == 2


def test_a_charged_piece_is_not_listed_again_and_keeps_its_charge_when_it_comes_late(company: Engine) -> None:
    hold("B-02", "P-003", 1, days_ago=61)
    hold("B-02", "P-004", 1)
    first = opened(party="B-02", registered_by="wu.jiang")
    way = of_b02(
        return_list=listed(line("P-004", 1, station="B-02"), stays={"P-003": "Lost."}, by="wu.jiang"),
        factory_count=counted(P_004=1, P_003=1),
        inspection_verdict=judged(P_004={"own_quality": 1}, P_003={"own_quality": 1}),
        exchange_arrival=received("wu.jiang", P_004=1, P_003=1),
        charge_settled=paid("6.80"),
    )
    assert play(first, way) == "exchanged"
    assert ("P-003", "B-02", "unlisted", "C-01", "quarantine", 1) in stock_moves(first)
    assert money(first)[-1] == ("party_receivable", "B-02", "bank", "C-01", Decimal("6.80"), "CNY")
    with speaking("en"), pytest.raises(InvalidInput, match="no faulty parts"):
        opened(party="B-02", registered_by="wu.jiang")


def test_a_part_without_a_price_is_not_charged_and_the_manager_hears_of_it(company: Engine) -> None:
    with transaction() as session:
        part = goods.product_by_code(session, "P-003")
        assert part is not None
        part.price = None
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    assert outcome(number, return_list=listed(line(), stays={"P-003": "Lost."})) == "exchanged"
    ((who, text),) = letters(number, "parts_return/no_price")
    assert (who, "P-003" in text) == ("chen.min", True)
    assert held("B-01", "P-003")["faulty"] == 1


def test_pieces_of_the_sixtieth_day_are_in_time_even_if_the_list_takes_its_time(company: Engine) -> None:
    hold("B-01", "P-003", 1, days_ago=59)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Later."})), until="list-approval")
    answer(number, "list-approval", *APPROVED)
    run(number)
    assert list(open_tasks(number)) == ["return-shipment"]
    with transaction() as session:
        assert session.scalars(select(PartsCharge)).all() == []


def test_the_open_charges_of_all_parties_are_listed_for_whoever_asks(company: Engine) -> None:
    number = charged()
    with transaction() as session:
        assert [(one.case.number, one.party.code, one.amount) for one in charges.open_charges(session)] == [
            (number, "B-01", Decimal("6.80"))
        ]
        other = people.party_by_code(session, "B-02")
        assert charges.open_charges(session, other) == []
