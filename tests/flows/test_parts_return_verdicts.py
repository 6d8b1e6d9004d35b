"""Parts return as it is judged, and what follows: manual 000 五 维修配件返厂、对换流程, 三 经理 B, 一.4."""

import pytest
from people import answer, forward, play, run
from records import candidates, children, contents, facts, letter_text, letters, stock_moves, told
from returns import (
    EXCHANGED,
    RECOVERED,
    counted,
    held,
    hold,
    judged,
    line,
    listed,
    of_b02,
    opened,
    opened_at_b02,
    outcome,
    received,
    repaired,
    use,
)
from sqlalchemy import Engine

from models.errors import InvalidInput
from models.queries import cases, policies
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify


@pytest.fixture
def number(company: Engine) -> str:
    """A return of B-01, which has three faulty ballasts P-001 at 18.50, bought from V-01."""
    return opened()


@pytest.fixture
def mixed(company: Engine) -> str:
    """A return of B-02, which has six ring tubes P-003 of the company's own make."""
    return opened_at_b02()


def test_the_verdict_is_filed_in_the_name_of_whoever_judged(number: str) -> None:
    outcome(number)
    (sheet,) = contents(number, "verdict_sheet")
    assert sheet["judged_by"] == "lin.tao"


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
    number = opened_at_b02()
    way = {key: given for key, given in of_b02().items() if key != "scrap-approval"}
    assert play(number, way) == "partly_exchanged"
    assert held("C-01", "P-003")["scrapped"] == 5


def test_good_parts_that_do_not_arrive_are_named_and_missing_at_the_company(number: str) -> None:
    assert outcome(number, exchange_arrival=received(P_001=2)) == "exchanged"
    assert held("B-01", "P-001") == {"good": 14}
    assert held("C-01", "P-001")["missing"] == 1
    assert told(number, "parts_return/exchange_short") == ["chen.min", "gao.jie"]
    assert "P-001" in letter_text(number, "parts_return/exchange_short")
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
    closed = dict(letters(number, "case_closed"))
    assert set(closed) == {"B-01", "zhou.hai"}
    assert "SC-2026-0001" in closed["zhou.hai"]


def test_a_company_that_runs_no_supplier_claims_keeps_the_pieces(company: Engine) -> None:
    with transaction() as session:
        content = dict(policies.current(session).content)
        del content["supplier_claims"]
        policies.keep(session, content)
    number = opened()
    assert outcome(number) == "exchanged"
    assert children(number) == []
    assert held("C-01", "P-001")["quarantine"] == 3
