"""What the counter does not hold is promised, and issued from the company: manual 000 四.1 art. 6, 三 经理 B."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import Script, answer, business_now, forward, open_tasks, play, run
from records import documents, facts, letter_text, letters, money, stock_moves, told
from sqlalchemy import Engine
from swaps import checked, days_ago, decision, held, line, opened, today

from deployments.system import import_files
from models.queries import cases, questions
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify

#: R-01 holds 4 pieces of P-001, 6 of P-003, 2 of P-005 and 3 of P-002; B-01 12, 20, 6 and none.
SHORT: dict[str, Any] = {"part": "P-002", "pieces": 3, "product": "LX-002"}
REFUSED_ISSUE = ("chen.min", {"approved": "no", "reason": "Stock comes on Friday."})


def short_script(**other: Any) -> Script:
    """What is answered where the counter lacks three ballasts and the company issues them at once."""
    return {
        "counter-check": checked(decision(pieces=3)),
        "back-order-date": ("zhou.hai", {"promised_on": today().isoformat(), "note": "Asked the company."}),
        "emergency-issue": ("chen.min", {"approved": "yes", "reason": "Three consumers wait."}),
        "issue-dispatch": ("ma.chao", {"waybill": "SF1", "dispatched_at": business_now().isoformat()}),
        "issue-arrival": ("zhou.hai", {"lines": [{"part": "P-002", "received": 3}]}),
        **other,
    }


def stock_comes(folder: Path, pieces: int, number: str = "ST-9") -> None:
    """Good ballasts come to B-01 by another way."""
    file = folder / "stock.csv"
    file.write_text(f"number,party,product,condition,quantity\n{number},B-01,P-002,good,{pieces}\n")
    assert import_files(file).added == 1


def test_what_the_counter_lacks_is_promised_and_issued_the_same_day(company: Engine) -> None:
    number = opened(line(**SHORT), line("W-2", part="P-003", pieces=1))
    script = short_script(**{"counter-check": checked(decision(pieces=3), decision("W-2", pieces=1))})
    assert play(number, script) == "back_order_filled"
    assert stock_moves(number)[:6] == [
        ("P-002", "R-01", "good", "R-01", "with_consumer", 3),
        ("P-002", "R-01", "with_consumer", "R-01", "faulty", 3),
        ("P-003", "R-01", "good", "R-01", "with_consumer", 1),
        ("P-003", "R-01", "with_consumer", "R-01", "faulty", 1),
        ("P-003", "R-01", "faulty", "B-01", "faulty", 1),
        ("P-003", "B-01", "good", "R-01", "good", 1),
    ]
    assert stock_moves(number)[6:] == [
        ("P-002", "C-01", "good", "B-01", "in_transit", 3),
        ("P-002", "B-01", "in_transit", "B-01", "good", 3),
        ("P-002", "R-01", "faulty", "B-01", "faulty", 3),
        ("P-002", "B-01", "good", "R-01", "good", 3),
    ]
    [(station, promised)] = letters(number, "parts_swap/back_ordered")
    assert station == "R-01"
    assert today().isoformat() in promised
    assert "Asked the company." in promised
    assert told(number, "parts_swap/back_order_arrived") == ["R-01"]
    assert told(number, "parts_swap/swapped") == ["R-01"]
    assert sorted(documents(number)) == [
        "approval",
        "back_order",
        "count_note",
        "shipping_note",
        "swap_slip",
        "swap_slip",
        "swap_slip",
        "swap_slip",
    ]
    assert verify() == []


def test_the_counter_hands_over_what_it_has_and_owes_the_rest(company: Engine, tmp_path: Path) -> None:
    stock_comes(tmp_path, 1)
    number = opened(line(**SHORT))
    play(number, short_script(), until="back-order-date")
    assert held("R-01", "P-002") == {"good": 1, "faulty": 2, "opening": -3}
    assert facts(number, "back-order-date")["pieces"] == {"P-002": 2}
    arrived = {"issue-arrival": ("zhou.hai", {"lines": [{"part": "P-002", "received": 2}]})}
    assert play(number, short_script(**arrived)) == "back_order_filled"
    assert held("R-01", "P-002") == {"good": 3, "opening": -3}


def test_what_is_missing_on_arrival_is_booked_told_and_still_owed(company: Engine, tmp_path: Path) -> None:
    number = opened(line(**SHORT))
    two = {"lines": [{"part": "P-002", "received": 2}], "note": "The box was open."}
    play(number, short_script(**{"issue-arrival": ("zhou.hai", two)}), until="back-order-stock")
    assert held("B-01", "P-002") == {"faulty": 2, "missing": 1}
    [(keeper, text)] = letters(number, "parts_swap/issue_incomplete")
    assert keeper == "ma.chao"
    assert "The box was open." in text
    stock_comes(tmp_path, 1)
    assert play(number, {"back-order-stock": ("zhou.hai", {"news": "here"})}) == "back_order_filled"
    assert verify() == []


def test_refused_by_the_manager_the_counter_is_asked_until_stock_has_come_by_other_ways(
    company: Engine, tmp_path: Path
) -> None:
    number = opened(line(**SHORT))
    script = short_script(**{"emergency-issue": REFUSED_ISSUE})
    play(number, script, until="back-order-stock")
    later = (today() + timedelta(days=7)).isoformat()
    answer(number, "back-order-stock", "zhou.hai", {"news": "later", "promised_on": later, "note": "Next week."})
    run(number)
    assert [later in text for _to, text in letters(number, "parts_swap/back_ordered")] == [False, True]
    # The counter is wrong: the books know of nothing, so nothing is handed over and it is asked again.
    answer(number, "back-order-stock", "zhou.hai", {"news": "here"})
    run(number)
    assert list(open_tasks(number)) == ["back-order-stock"]
    stock_comes(tmp_path, 2)
    answer(number, "back-order-stock", "zhou.hai", {"news": "here"})
    run(number)
    shown = facts(number, "back-order-stock")
    assert (shown["pieces"], shown["on_hand"]) == ({"P-002": 1}, {"P-002": 0})
    stock_comes(tmp_path, 5, "ST-10")
    answer(number, "back-order-stock", "zhou.hai", {"news": "here"})
    assert run(number) == "back_order_filled"
    assert held("B-01", "P-002") == {"good": 4, "faulty": 3, "opening": -7}
    assert verify() == []


@pytest.mark.parametrize(("there", "outcome"), [(0, "not_filled"), (1, "partly_swapped")])
def test_what_never_comes_leaves_the_faulty_parts_with_the_station(
    company: Engine, tmp_path: Path, there: int, outcome: str
) -> None:
    if there:
        stock_comes(tmp_path, there)
    number = opened(line(**SHORT))
    never = {"news": "never", "note": "No longer made."}
    script = short_script(**{"emergency-issue": REFUSED_ISSUE, "back-order-stock": ("zhou.hai", never)})
    assert play(number, script) == outcome
    assert held("R-01", "P-002")["faulty"] == 3 - there
    assert "No longer made." in letter_text(number, "parts_swap/back_order_ended")
    assert verify() == []


def test_a_part_that_is_sold_may_be_owed_too_and_is_paid_when_it_comes(company: Engine) -> None:
    number = opened(line(**SHORT, purchased_on=days_ago(402)))
    script = short_script(**{"counter-check": checked(decision(decision="sell", pieces=3))})
    play(number, script, until="issue-arrival")
    assert money(number) == []
    assert play(number, script) == "back_order_filled"
    assert money(number) == [("party_receivable", "R-01", "parts_revenue", "C-01", Decimal("63.00"), "CNY")]
    assert verify() == []


# Time


def test_a_counter_that_is_silent_is_reminded_and_then_the_line_above_it_is_told(company: Engine) -> None:
    number = opened(line(**SHORT))
    run(number)
    with transaction() as session:
        case = cases.by_number(session, number)
        [clock] = [one.deadline for one in questions.all_of(session, case.id)]
        assert (clock.key, clock.limit_path, clock.amount, clock.unit) == (
            "counter-check",
            "parts_swap.counter_check",
            1,
            "working_days",
        )
        due = clock.due_at
    forward(seconds=(due - business_now()).total_seconds() + 60)
    sweep()
    assert told(number, "deadline_escalation") == ["chen.min"]
    # Silence decides nothing.
    assert list(open_tasks(number)) == ["counter-check"]


def test_every_question_has_a_time_of_its_own(company: Engine) -> None:
    number = opened(line(**SHORT))
    two = {"lines": [{"part": "P-002", "received": 2}], "note": "One is missing."}
    play(number, short_script(**{"issue-arrival": ("zhou.hai", two)}), until="back-order-stock")
    with transaction() as session:
        tasks = questions.all_of(session, cases.by_number(session, number).id)
        found = {one.deadline.key: (one.deadline.amount, one.deadline.unit) for one in tasks}
        rungs = {one.deadline.key: len(one.deadline.ladder) for one in tasks}
    assert found == {
        "counter-check": (1, "working_days"),
        "back-order-date": (1, "working_days"),
        "emergency-issue": (8, "working_hours"),
        "issue-dispatch": (1, "working_days"),
        "issue-arrival": (5, "days"),
        "back-order-stock": (7, "days"),
    }
    assert min(rungs.values()) >= 2


# Whatever happens to the process


def test_a_back_order_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine) -> None:
    two = {"lines": [{"part": "P-002", "received": 2}], "note": "One is missing."}
    never = {"news": "never", "note": "No longer made."}
    script = short_script(**{"issue-arrival": ("zhou.hai", two), "back-order-stock": ("zhou.hai", never)})
    survives_every_boundary(lambda: opened(line(**SHORT)), script, outcome="partly_swapped")
