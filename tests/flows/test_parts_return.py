"""Parts return, clause by clause: manual 000 五 维修配件返厂、对换流程, 三 经理 B, 三 内勤 C, 四.1 art. 6, 一.4."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from records import documents, letters, money, stock_moves
from returns import (
    APPROVED,
    EXCHANGED,
    RECOVERED,
    SHIPMENT,
    ZONE,
    children,
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
from sqlalchemy import Engine, select
from swaps import opened as swap_opened

from deployments.stories import parts_return as story
from models.errors import AlreadyReported, InvalidInput, NotAllowed, NotFound
from models.language import speaking
from models.queries import cases, charges, clock, deadlines, goods, people, policies, questions
from models.tables.cases import Case, Document
from models.tables.charges import PartsCharge
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.opening import open_what_fell_due
from tasks.parts_return import PARTS_RETURN
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

FIVE_WAYS = {"own_quality": 1, "repairable": 2, "human_cause": 1, "out_of_warranty": 1, "not_ours": 1}


@pytest.fixture
def number(company: Engine) -> str:
    """A return of B-01, which has three faulty ballasts P-001 at 18.50, bought from V-01."""
    return opened()


@pytest.fixture
def mixed(company: Engine) -> str:
    """A return of B-02, which has six ring tubes P-003 of the company's own make."""
    hold("B-02", "P-003", 6)
    return opened(party="B-02", registered_by="wu.jiang")


def of_b02(**other: Any) -> Any:
    """The answers on the way of `mixed`: of six one is ours, two can be repaired, three are refused."""
    theirs = {
        "return_list": listed(line("P-003", 6, station="B-02"), by="wu.jiang"),
        "return_shipment": ("wu.jiang", SHIPMENT),
        "factory_count": counted(P_003=6),
        "inspection_verdict": judged(P_003=FIVE_WAYS),
        "exchange_arrival": received("wu.jiang", P_003=3),
        "refused_choice": ("wu.jiang", {"choice": "scrap"}),
        "rework": repaired(P_003=1),
        "difference_explanation": ("wu.jiang", {"accepted": "no", "explanation": "We counted twice."}),
    }
    return script(**(theirs | other))


def facts(number: str, key: str) -> dict[str, Any]:
    with transaction() as session:
        return dict(questions.by_ref(session, open_tasks(number)[key]).facts)


def candidates(number: str, key: str) -> list[str]:
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(number)[key])
        return [one.login for one in questions.candidates(session, task)]


# From the list to the exchange


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
        assert [who for who, _text in letters(number, f"parts_return/{letter}")] == ["B-01"], letter


def test_the_freight_is_the_companys_or_the_senders_as_the_policy_says(number: str) -> None:
    outcome(number)
    assert money(number) == [("freight_expense", "C-01", "carrier_payable", "SF Express", Decimal("25.00"))]
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
    two = {"P_001": 3, "P_003": 2}
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
    assert "Wait for spring." in letters(number, "parts_return/list_approved")[0][1]
    assert verify() == []


def test_nothing_is_shipped_where_every_line_is_cut_or_none_is_listed(number: str) -> None:
    cut = ("chen.min", {"comment": "Keep them.", "cuts": [{"line": "1", "reason": "Too few."}]})
    assert outcome(number, list_approval=cut) == "nothing_returned"
    again = opened()
    assert outcome(again, return_list=listed(stays={"P-001": "Needed as proof in a lawsuit."})) == "nothing_returned"
    assert stock_moves(number) == stock_moves(again) == []
    assert held("B-01", "P-001")["faulty"] == 3
    assert verify() == []


# Counted at the factory


def test_missing_pieces_are_missing_at_the_sender_and_both_sides_hear_of_the_difference(number: str) -> None:
    ends = outcome(
        number,
        factory_count=counted(P_001=2),
        inspection_verdict=judged(P_001={"own_quality": 2}),
        exchange_arrival=received(P_001=2),
    )
    assert ends == "exchanged"
    assert ("P-001", "C-01", "in_transit", "B-01", "missing", 1) in stock_moves(number)
    assert held("B-01", "P-001") == {"good": 14, "missing": 1}
    told = letters(number, "parts_return/count_differs")
    assert [who for who, _text in told] == ["B-01", "chen.min"]
    assert "count_note" in documents(number)
    assert "One was left in the car." in letters(number, "parts_return/difference_explained")[0][1]
    assert verify() == []


def test_what_was_not_listed_is_taken_in_from_the_sender_and_judged_too(number: str) -> None:
    ends = outcome(
        number,
        factory_count=counted(P_001=4, P_003=1),
        inspection_verdict=judged(P_001={"own_quality": 4}, P_003={"not_ours": 1}),
        exchange_arrival=received(P_001=4),
    )
    assert ends == "partly_exchanged"
    moves = stock_moves(number)
    assert ("P-001", "B-01", "unlisted", "C-01", "quarantine", 1) in moves
    assert ("P-003", "B-01", "unlisted", "C-01", "quarantine", 1) in moves
    assert held("B-01", "P-001")["good"] == 16
    assert verify() == []


def test_the_senders_silence_accepts_the_factorys_count_and_holds_nothing_up(number: str) -> None:
    play(number, script(factory_count=counted(P_001=2)), until="difference-explanation")
    assert set(open_tasks(number)) == {"difference-explanation", "inspection-verdict"}
    forward(days=5)
    assert sweep().lapsed == 1
    ends = outcome(number, inspection_verdict=judged(P_001={"own_quality": 2}), exchange_arrival=received(P_001=2))
    assert ends == "exchanged"
    with transaction() as session:
        said = session.scalars(select(Notice).where(Notice.template == "parts_return/difference_explained")).one()
    assert said.to_address == "chen.min@minghui.example"


def test_a_sender_that_does_not_accept_the_count_is_heard_by_the_manager(mixed: str) -> None:
    play(
        mixed,
        of_b02(
            factory_count=counted(P_003=5),
            inspection_verdict=judged(P_003={"own_quality": 5}),
            exchange_arrival=received("wu.jiang", P_003=5),
        ),
    )
    ((who, text),) = letters(mixed, "parts_return/difference_explained")
    assert who == "chen.min"
    assert "We counted twice." in text
    assert held("B-02", "P-003")["missing"] == 1


def test_a_difference_within_the_policys_tolerance_is_booked_and_not_asked_about(company: Engine) -> None:
    use(difference_tolerance=1)
    number = opened()
    ends = outcome(
        number,
        factory_count=counted(P_001=2),
        inspection_verdict=judged(P_001={"own_quality": 2}),
        exchange_arrival=received(P_001=2),
    )
    assert ends == "exchanged"
    assert held("B-01", "P-001")["missing"] == 1
    assert letters(number, "parts_return/count_differs") == []


def test_where_nothing_arrives_nothing_is_judged(number: str) -> None:
    assert outcome(number, factory_count=counted(P_001=0)) == "nothing_arrived"
    assert held("B-01", "P-001") == {"good": 12, "missing": 3}
    assert verify() == []


# Judged, and what follows


def test_the_manager_may_send_the_verdict_back_once_and_then_only_confirm(number: str) -> None:
    play(number, until="verdict-review", script=EXCHANGED)
    answer(number, "verdict-review", "chen.min", {"state": "send_back", "comment": "Look at the third."})
    run(number)
    assert facts(number, "inspection-verdict")["remark"] == "Look at the third."
    second = judged(P_001={"own_quality": 2, "human_cause": 1})
    answer(number, "inspection-verdict", "lin.tao", second[1])
    run(number)
    with pytest.raises(InvalidInput):
        answer(number, "verdict-confirmation", "chen.min", {"state": "send_back", "comment": "Again."})
    assert outcome(number, exchange_arrival=received(P_001=2)) == "partly_exchanged"
    assert ("P-001", "C-01", "quarantine", "C-01", "scrapped", 1) in stock_moves(number)
    assert verify() == []


def test_a_mixed_verdict_exchanges_ours_repairs_what_can_be_and_refuses_the_rest(mixed: str) -> None:
    assert play(mixed, of_b02()) == "partly_exchanged"
    assert stock_moves(mixed) == [
        ("P-003", "B-02", "faulty", "C-01", "in_transit", 6),
        ("P-003", "C-01", "in_transit", "C-01", "quarantine", 6),
        ("P-003", "C-01", "quarantine", "C-01", "rework", 2),
        ("P-003", "C-01", "good", "B-02", "in_transit", 3),
        ("P-003", "B-02", "in_transit", "B-02", "good", 3),
        ("P-003", "C-01", "quarantine", "C-01", "scrapped", 3),
        ("P-003", "C-01", "rework", "C-01", "good", 1),
        ("P-003", "C-01", "quarantine", "C-01", "scrapped", 1),
        ("P-003", "C-01", "rework", "C-01", "scrapped", 1),
    ]
    assert held("C-01", "P-003") == {"good": 800 - 3 + 1, "scrapped": 5}
    assert children(mixed) == []
    assert verify() == []


def test_refused_pieces_go_back_at_the_senders_cost_if_it_wants_them(mixed: str) -> None:
    assert play(mixed, of_b02(refused_choice=("wu.jiang", {"choice": "send_back"}))) == "partly_exchanged"
    assert ("P-003", "C-01", "quarantine", "B-02", "refused", 3) in stock_moves(mixed)
    ((who, text),) = letters(mixed, "parts_return/refused_settled")
    assert who == "B-02"
    assert "SF300" in text
    assert held("B-02", "P-003") == {"good": 23, "refused": 3}
    assert verify() == []


@pytest.mark.parametrize(("policy", "to"), [("scrap", ("C-01", "scrapped")), ("send_back", ("B-02", "refused"))])
def test_a_senders_silence_leaves_refused_pieces_to_the_policy(
    company: Engine, policy: str, to: tuple[str, str]
) -> None:
    use(refused_goods=policy)
    hold("B-02", "P-003", 1)
    number = opened(party="B-02", registered_by="wu.jiang")
    way = of_b02(
        return_list=listed(line("P-003", 1, station="B-02"), by="wu.jiang"),
        factory_count=counted(P_003=1),
        inspection_verdict=judged(P_003={"human_cause": 1}),
    )
    play(number, way, until="refused-choice")
    forward(days=11)
    sweep()
    assert play(number, way) == "refused"
    assert ("P-003", "C-01", "quarantine", *to, 1) in stock_moves(number)
    assert verify() == []


def test_scrap_takes_the_vice_presidents_approval_and_may_be_kept(mixed: str) -> None:
    play(mixed, of_b02(), until="scrap-approval")
    assert candidates(mixed, "scrap-approval") == ["zhao.qiang"]
    assert facts(mixed, "scrap-approval")["scrap"] == {"P-003": 2}
    answer(mixed, "scrap-approval", "zhao.qiang", {"decision": "keep", "comment": "For the laboratory."})
    assert play(mixed, of_b02()) == "partly_exchanged"
    assert held("C-01", "P-003") == {"good": 798, "quarantine": 1, "rework": 1, "scrapped": 3}
    assert verify() == []


def test_without_an_approver_in_the_policy_nobody_is_asked_about_scrap(company: Engine) -> None:
    use(scrap_approver=None)
    hold("B-02", "P-003", 6)
    number = opened(party="B-02", registered_by="wu.jiang")
    way = {key: given for key, given in of_b02().items() if key != "scrap-approval"}
    assert play(number, way) == "partly_exchanged"
    assert held("C-01", "P-003")["scrapped"] == 5


def test_good_parts_that_do_not_arrive_are_named_and_missing_at_the_company(number: str) -> None:
    assert outcome(number, exchange_arrival=received(P_001=2)) == "exchanged"
    assert held("B-01", "P-001") == {"good": 14}
    assert held("C-01", "P-001")["missing"] == 1
    told = letters(number, "parts_return/exchange_short")
    assert [who for who, _text in told] == ["chen.min", "gao.jie"]
    assert "P-001" in told[0][1]
    assert verify() == []


# Suppliers answer for theirs


def test_a_claim_goes_to_each_supplier_of_bought_in_parts_with_the_old_parts_as_proof(company: Engine) -> None:
    for part in ("P-002", "P-003", "P-005"):
        hold("B-01", part, 2)
    number = opened()
    all_of_them = {"P_001": 3, "P_002": 2, "P_003": 2, "P_005": 2}
    ends = outcome(
        number,
        return_list=listed(line(), line("P-002", 2), line("P-003", 2), line("P-005", 2)),
        factory_count=counted(**all_of_them),
        inspection_verdict=judged(
            P_001={"own_quality": 2, "repairable": 1},
            P_002={"own_quality": 2},
            P_003={"own_quality": 2},
            P_005={"own_quality": 1, "human_cause": 1},
        ),
        exchange_arrival=received(P_001=3, P_002=2, P_003=2, P_005=1),
        rework=repaired(P_001=1),
    )
    assert ends == "partly_exchanged"
    assert children(number) == ["SC-2026-0001", "SC-2026-0002"]
    with transaction() as session:
        claims = [cases.by_number(session, one) for one in children(number)]
        assert [(one.party.code, one.input["amount"], one.input["currency"]) for one in claims] == [
            ("V-01", "79.00", "CNY"),  # 2 × 18.50 + 2 × 21.00
            ("V-02", "12.40", "CNY"),
        ]
        assert [[(one["product"], one["pieces"]) for one in claim.input["lines"]] for claim in claims] == [
            [("P-001", 2), ("P-002", 2)],
            [("P-005", 1)],
        ]
        assert claims[0].input["grounds"] == "Capacitors bulge."
        assert number in claims[0].input["evidence"]
    assert held("C-01", "P-001")["quarantine"] == 2
    assert "quarantine" not in held("C-01", "P-003")
    assert verify() == []


def test_the_old_parts_leave_quarantine_when_the_supplier_has_settled(number: str) -> None:
    outcome(number)
    (claim,) = children(number)
    assert held("C-01", "P-001")["quarantine"] == 3
    assert play(claim, RECOVERED) == "recovered"
    assert "quarantine" not in held("C-01", "P-001")
    assert held("V-01", "P-001") == {"faulty": 3}
    assert verify() == []


def test_the_closed_return_names_the_claim_that_goes_on(number: str) -> None:
    outcome(number)
    told = dict(letters(number, "case_closed"))
    assert set(told) == {"B-01", "zhou.hai"}
    assert "SC-2026-0001" in told["zhou.hai"]


def test_a_company_that_runs_no_supplier_claims_keeps_the_pieces(company: Engine) -> None:
    with transaction() as session:
        content = dict(policies.current(session).content)
        del content["supplier_claims"]
        policies.keep(session, content)
    number = opened()
    assert outcome(number) == "exchanged"
    assert children(number) == []
    assert held("C-01", "P-001")["quarantine"] == 3


# What came back too late


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
    assert money(number) == [("parts_revenue", "C-01", "party_receivable", "B-01", Decimal("20.40"))]
    assert stock_moves(number) == [("P-003", "B-01", "faulty", "B-01", "refused", 3)]
    assert documents(number) == ["return_list", "charge_note"]
    ((who, text),) = letters(number, "parts_return/charged")
    assert who == "B-01"
    assert "20.40" in text
    assert play(number, way) == "exchanged"
    assert money(number)[-1] == ("party_receivable", "B-01", "bank", "C-01", Decimal("20.40"))
    assert held("B-01", "P-003")["faulty"] == 2
    assert verify() == []


def test_the_return_does_not_close_before_finance_has_the_money_but_goes_on_meanwhile(company: Engine) -> None:
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
    for key in ("return-shipment", "factory-count", "inspection-verdict", "verdict-review", "exchange-dispatch"):
        answer(number, key, *EXCHANGED[key])  # type: ignore[arg-type]
        assert run(number) is None
    answer(number, "exchange-arrival", *EXCHANGED["exchange-arrival"])  # type: ignore[arg-type]
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
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
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
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
    with pytest.raises(NotAllowed, match=number):
        swap_opened()
    answer(number, "charge-settled", *paid("6.80"))
    assert swap_opened() == "PS-2026-0001"


def test_a_policy_may_let_those_who_owe_go_on(company: Engine) -> None:
    use(block_on_overdue=False)
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
    answer(number, "return-shipment", "zhou.hai", SHIPMENT)
    run(number)
    hold("B-01", "P-001", 1)
    assert opened(separate=True) != number


def test_a_withdrawn_return_blocks_nobody(company: Engine) -> None:
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
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
    assert money(first)[-1] == ("party_receivable", "B-02", "bank", "C-01", Decimal("6.80"))
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


# When it begins


def on(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """The business clock is set; the instant."""
    instant = datetime(year, month, day, hour, tzinfo=ZONE)
    with transaction() as session:
        clock.set_to(session, instant)
    return instant


def due_at(instant: datetime) -> list[str]:
    """What the calendar opens: party and month, without B-01, whose first stock has no day of its own."""
    opened = open_what_fell_due(PARTS_RETURN, instant)
    with transaction() as session:
        subjects = session.scalars(select(Case.subject).where(Case.number.in_(opened)).order_by(Case.subject))
        return [one for one in subjects if not one.startswith("B-01")]


def test_the_calendar_opens_a_list_on_the_last_day_of_the_month_for_whoever_holds_faulty_parts(
    company: Engine,
) -> None:
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    hold("D-01", "P-003", 1)
    hold("R-01", "P-003", 1)
    assert due_at(on(2026, 9, 29, 23)) == []
    assert due_at(on(2026, 9, 30, 0)) == ["B-02:2026-09", "D-01:2026-09"]
    assert due_at(on(2026, 9, 30, 12)) == []
    with transaction() as session:
        case = session.scalars(select(Case).where(Case.subject == "D-01:2026-09")).one()
        assert people.person(session, "li.na").id == case.opened_by
    assert [who for who, _text in letters(case.number, "parts_return/opened")] == ["D-01"]


def test_a_sweep_that_comes_late_opens_the_list_for_what_was_there_on_its_day(company: Engine) -> None:
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    on(2026, 10, 2)
    hold("D-01", "P-003", 1)
    assert due_at(on(2026, 10, 4)) == ["B-02:2026-09"]


def test_the_policy_may_name_another_day(company: Engine) -> None:
    use(list_day=25)
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    assert due_at(on(2026, 9, 24)) == []
    assert due_at(on(2026, 9, 25)) == ["B-02:2026-09"]


def test_the_calendar_waits_for_a_list_that_has_not_left_and_for_a_charge_that_is_not_paid(company: Engine) -> None:
    on(2026, 9, 20)
    hold("D-01", "P-004", 1, days_ago=90)
    hold("D-01", "P-003", 1)
    (first,) = open_what_fell_due(PARTS_RETURN, on(2026, 9, 30))
    assert due_at(on(2026, 10, 31)) == []
    way = script(
        return_list=listed(line("P-003", 1, station="D-01"), stays={"P-004": "Lost."}, by="he.jun"),
    )
    play(first, way, until="charge-settled")
    answer(first, "return-shipment", "he.jun", SHIPMENT)
    run(first)
    hold("D-01", "P-003", 1)
    assert due_at(on(2026, 10, 31, 13)) == []
    answer(first, "charge-settled", *paid("8.20"))
    assert due_at(on(2026, 10, 31, 14)) == ["D-01:2026-10"]


def test_one_return_at_a_time_until_it_has_left_then_a_separate_one_in_the_same_month(number: str) -> None:
    hold("B-01", "P-003", 1)
    for separate in (False, True):
        with pytest.raises(InvalidInput, match=number):
            opened(separate=separate)
    play(number, script(return_list=listed(line(), stays={"P-003": "Later."})), until="factory-count")
    with pytest.raises(AlreadyReported):
        opened()
    assert opened(separate=True) != number


def test_two_lists_over_the_same_pieces_are_not_opened_at_the_same_instant(company: Engine) -> None:
    months = ["2026-08", "2026-09", "2026-10"]

    def try_to_open(month: str) -> str:
        try:
            return opened(month=month)
        except InvalidInput:
            return ""

    with ThreadPoolExecutor(3) as together:
        numbers = list(together.map(try_to_open, months))
    assert sum(map(bool, numbers)) == 1


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"party": "B-99"}, "party", "no office or distributor B-99"),
        ({"party": "R-01"}, "party", "no office or distributor R-01"),
        ({"party": "D-03", "registered_by": "grace.shen"}, "party", "no faulty parts"),
        ({"month": "2026-13"}, "month", "such as 2026-11"),
        ({"month": "November"}, "month", "such as 2026-11"),
        ({"month": "2099-12"}, "month", "still to come"),
        ({"registered_by": "wu.jiang"}, "registered_by", "its own people"),
        ({"registered_by": ""}, "registered_by", "must not be empty"),
        ({"surprise": 1}, "surprise", "no such field"),
    ],
)
def test_a_wrong_request_names_its_field_and_opens_no_case(
    company: Engine, other: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(**other)
    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Notice)).all() == []


def test_only_those_whom_the_policy_names_open_a_return(company: Engine) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by="ma.chao")
    with pytest.raises(NotFound):
        opened(registered_by="nobody")


def test_each_question_has_its_time_from_when_it_is_asked(number: str) -> None:
    run(number)
    with transaction() as session:
        case = cases.by_number(session, number)
        due = deadlines.of_case(session, case.id, "return-list").due_at.astimezone(ZONE)
        assert due.date() == (case.opened_at.astimezone(ZONE) + timedelta(days=6)).date()
        assert (due.hour, due.minute) == (0, 0)


def test_the_open_charges_of_all_parties_are_listed_for_whoever_asks(company: Engine) -> None:
    hold("B-01", "P-003", 1, days_ago=61)
    number = opened()
    play(number, script(return_list=listed(line(), stays={"P-003": "Lost."})), until="charge-settled")
    with transaction() as session:
        assert [(one.case.number, one.party.code, one.amount) for one in charges.open_charges(session)] == [
            (number, "B-01", Decimal("6.80"))
        ]
        other = people.party_by_code(session, "B-02")
        assert charges.open_charges(session, other) == []


def test_the_verdict_is_filed_in_the_name_of_whoever_judged(number: str) -> None:
    outcome(number)
    with transaction() as session:
        sheet = session.scalars(select(Document).where(Document.kind == "verdict_sheet")).one()
        assert sheet.content["judged_by"] == "lin.tao"


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
