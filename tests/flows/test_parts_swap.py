"""Manual 000 四.1 art. 6, clause by clause: what happens on each way of a parts swap."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import records
import yaml
from conftest import POLICY
from crashing import survives_every_boundary
from people import Script, answer, business_now, forward, open_tasks, play, run
from records import documents, money
from records import stock_moves as moves
from sqlalchemy import Engine, select
from swaps import checked, days_ago, decision, held, line, opened, today

from deployments.stories import parts_swap as story
from deployments.system import import_files
from models.errors import InvalidInput, NotAllowed, NotFound
from models.queries import cases, policies, questions, repairs, stations
from models.rules.warranty import Promise
from models.tables.cases import Case, Document, Step
from models.tables.goods import Product
from models.tables.ledgers import StockMove
from models.tables.notices import Notice
from models.tables.parties import Party
from models.tables.repairs import Entitlement, Repair
from models.tables.stations import StationState
from tasks.database import transaction
from tasks.opening import open_case
from tasks.parts_swap import PARTS_SWAP
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: R-01 holds 4 pieces of P-001, 6 of P-003, 2 of P-005 and 3 of P-002; B-01 12, 20, 6 and none.
SHORT = {"part": "P-002", "pieces": 3, "product": "LX-002"}


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow speaks the configured language; letters are in their recipients'."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


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


REFUSED_ISSUE = ("chen.min", {"approved": "no", "reason": "Stock comes on Friday."})


def letters(number: str, name: str) -> list[tuple[str, str]]:
    return records.letters(number, f"parts_swap/{name}")


def repaired() -> list[tuple[str, str, int, str]]:
    with transaction() as session:
        found = session.scalars(select(Repair).order_by(Repair.slip))
        return [(one.slip, one.part.code if one.part else "", one.pieces, one.entitlement) for one in found]


def candidates(number: str, key: str) -> list[str]:
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(number)[key])
        return [one.login for one in questions.candidates(session, task)]


def use(**section: Any) -> None:
    """Makes the lighting maker's policy with another section on swaps the current one."""
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"parts_swap": content["parts_swap"] | section})


def stock_comes(folder: Path, pieces: int, number: str = "ST-9") -> None:
    """Good ballasts come to B-01 by another way."""
    file = folder / "stock.csv"
    file.write_text(f"number,party,product,condition,quantity\n{number},B-01,P-002,good,{pieces}\n")
    assert import_files(file).added == 1


# Faulty for new


def test_a_faulty_part_is_swapped_for_a_good_one_piece_for_piece(company: Engine) -> None:
    number = opened()
    assert play(number, {"counter-check": checked()}) == "swapped"
    assert moves(number) == [
        ("P-001", "R-01", "good", "R-01", "with_consumer", 2),
        ("P-001", "R-01", "with_consumer", "R-01", "faulty", 2),
        ("P-001", "R-01", "faulty", "B-01", "faulty", 2),
        ("P-001", "B-01", "good", "R-01", "good", 2),
    ]
    assert repaired() == [("W-1", "P-001", 2, "in_warranty")]
    assert money(number) == []
    assert documents(number) == ["swap_slip"] * 3
    [(station, text)] = letters(number, "swapped")
    assert station == "R-01"
    assert "电子镇流器 24W 板 (P-001)" in text
    assert letters(number, "refused") == []
    assert verify() == []


@pytest.mark.parametrize(
    ("counter", "by", "asked"),
    [
        ("B-01", "zhou.hai", ["zhou.hai"]),
        ("D-01", "he.jun", ["he.jun"]),
        ("D-02", "li.na", ["li.na", "wang.fang"]),  # nobody of it has a login: the clerks answer
    ],
)
def test_the_counters_own_people_check_the_faulty_parts(
    company: Engine, counter: str, by: str, asked: list[str]
) -> None:
    number = opened(counter=counter, registered_by=by)
    run(number)
    assert candidates(number, "counter-check") == asked
    with pytest.raises(NotAllowed):
        answer(number, "counter-check", "wu.jiang", checked()[1])
    answer(number, "counter-check", asked[0], checked()[1])
    assert run(number) == "swapped"
    assert held(counter, "P-001")["faulty"] == (5 if counter == "B-01" else 2)


def test_fewer_faulty_parts_than_claimed_and_only_those_are_swapped(company: Engine) -> None:
    number = opened()
    few = checked(decision(pieces=1, reason="The second board is not here."))
    assert play(number, {"counter-check": few}) == "partly_swapped"
    assert [one[5] for one in moves(number)] == [1, 1, 1, 1]
    assert repaired() == [("W-1", "P-001", 1, "in_warranty")]
    [(_station, text)] = letters(number, "refused")
    assert "The second board is not here." in text
    assert verify() == []


def test_a_refused_repair_moves_nothing_and_may_be_handed_in_again(company: Engine) -> None:
    number = opened()
    refused = checked(decision(decision="refuse", pieces=0, reason="Not our board."))
    assert play(number, {"counter-check": refused}) == "refused"
    assert (moves(number), repaired(), letters(number, "swapped")) == ([], [], [])
    assert "Not our board." in letters(number, "refused")[0][1]
    again = opened()
    assert play(again, {"counter-check": checked()}) == "swapped"
    assert verify() == []


def test_out_of_warranty_nothing_is_swapped_and_the_station_may_buy_the_part_at_its_price(company: Engine) -> None:
    # 400 days after the purchase: the year is over.
    number = opened(line(purchased_on=days_ago(402)))
    run(number)
    with pytest.raises(InvalidInput) as refused:
        answer(number, "counter-check", "zhou.hai", checked()[1])
    assert "no swap" in refused.value.fields["lines.0"]
    assert play(number, {"counter-check": checked(decision(decision="sell"))}) == "sold"
    # Two at 18.50; the tenth on top is what the station may charge the consumer.
    assert money(number) == [("party_receivable", "R-01", "parts_revenue", "C-01", Decimal("37.00"))]
    assert moves(number) == [
        ("P-001", "R-01", "good", "R-01", "with_consumer", 2),
        ("P-001", "B-01", "good", "R-01", "good", 2),
    ]
    assert repaired() == [("W-1", "P-001", 2, "out_of_warranty")]
    assert "18.50" in letters(number, "swapped")[0][1]
    assert verify() == []


@pytest.mark.parametrize("claimed", ["human_cause", "out_of_warranty"])
def test_what_the_station_itself_does_not_call_a_quality_fault_is_not_swapped(company: Engine, claimed: str) -> None:
    number = opened(line(entitlement=claimed))
    run(number)
    with pytest.raises(InvalidInput):
        answer(number, "counter-check", "zhou.hai", checked()[1])
    answer(number, "counter-check", "zhou.hai", checked(decision(decision="sell"))[1])
    assert run(number) == "sold"
    assert repaired() == [("W-1", "P-001", 2, claimed)]


def test_what_the_counter_sells_though_it_is_in_warranty_was_caused_by_people(company: Engine) -> None:
    sold = checked(decision(decision="sell", reason="Water in it."))
    assert play(opened(), {"counter-check": sold}) == "sold"
    assert repaired() == [("W-1", "P-001", 2, "human_cause")]


@pytest.mark.parametrize(
    ("other", "standing"),
    [
        ({"purchased_on": None}, "no_proof"),
        ({"purchased_on": None, "batch": "made", "made": 364}, "in_term"),
        ({"purchased_on": None, "batch": "made", "made": 402}, "beyond_term"),
        ({"part": "P-003", "product": "LX-008", "purchased_on": "d100"}, "in_term"),
        ({"part": "P-003", "product": "LX-008", "purchased_on": "d190"}, "beyond_term"),
        ({"product": "LX-012"}, "needs_ruling"),  # a desk lamp: the manual speaks of ceiling and recessed lamps
    ],
)
def test_the_counter_is_told_where_each_repair_stands(company: Engine, other: dict[str, Any], standing: str) -> None:
    given = dict(other)
    if days := given.pop("made", None):
        given["batch"] = "MH" + days_ago(days).replace("-", "")[2:]
    if str(bought := given.get("purchased_on")).startswith("d"):
        given["purchased_on"] = days_ago(int(str(bought)[1:]))
    number = opened(line(**given))
    run(number)
    with transaction() as session:
        facts = questions.by_ref(session, open_tasks(number)["counter-check"]).facts
    assert facts["lines"]["W-1"]["standing"] == standing
    assert facts["lines"]["W-1"]["free"] == (standing == "in_term")


def test_where_the_books_are_behind_that_repair_is_refused_and_the_others_go_on(company: Engine) -> None:
    number = opened(line("W-1", pieces=3), line("W-2", pieces=2), line("W-3", part="P-003", pieces=1))
    script = {"counter-check": checked(decision("W-1", pieces=3), decision("W-2"), decision("W-3", pieces=1))}
    # Four boards in the books: three were fitted, then two more.
    assert play(number, script) == "partly_swapped"
    assert repaired() == [("W-1", "P-001", 3, "in_warranty"), ("W-3", "P-003", 1, "in_warranty")]
    told = letters(number, "refused")
    assert [one for one, _text in told] == ["R-01", "li.na", "wang.fang"]
    # What was swapped in full is not among the refused: P-003 is named there by its name only.
    assert "电子镇流器 24W 板 (P-001)" in told[0][1]
    assert "环形灯管 22W (P-003)" not in told[0][1]
    with transaction() as session:
        second = session.scalars(select(Document).where(Document.kind == "swap_slip", Document.number == 2)).one()
    assert [(one["slip"], one["accepted"], one["held"]) for one in second.content["checked"]] == [
        ("W-1", 3, None),
        ("W-2", 0, 1),
        ("W-3", 1, None),
    ]
    assert verify() == []


# What the counter does not hold


def test_what_the_counter_lacks_is_promised_and_issued_the_same_day(company: Engine) -> None:
    number = opened(line(**SHORT), line("W-2", part="P-003", pieces=1))
    script = short_script(**{"counter-check": checked(decision(pieces=3), decision("W-2", pieces=1))})
    assert play(number, script) == "back_order_filled"
    assert moves(number)[:6] == [
        ("P-002", "R-01", "good", "R-01", "with_consumer", 3),
        ("P-002", "R-01", "with_consumer", "R-01", "faulty", 3),
        ("P-003", "R-01", "good", "R-01", "with_consumer", 1),
        ("P-003", "R-01", "with_consumer", "R-01", "faulty", 1),
        ("P-003", "R-01", "faulty", "B-01", "faulty", 1),
        ("P-003", "B-01", "good", "R-01", "good", 1),
    ]
    assert moves(number)[6:] == [
        ("P-002", "C-01", "good", "B-01", "in_transit", 3),
        ("P-002", "B-01", "in_transit", "B-01", "good", 3),
        ("P-002", "R-01", "faulty", "B-01", "faulty", 3),
        ("P-002", "B-01", "good", "R-01", "good", 3),
    ]
    [(station, promised)] = letters(number, "back_ordered")
    assert station == "R-01"
    assert today().isoformat() in promised
    assert "Asked the company." in promised
    assert [one for one, _text in letters(number, "back_order_arrived")] == ["R-01"]
    assert [one for one, _text in letters(number, "swapped")] == ["R-01"]
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
    with transaction() as session:
        facts = questions.by_ref(session, open_tasks(number)["back-order-date"]).facts
    assert facts["pieces"] == {"P-002": 2}
    arrived = {"issue-arrival": ("zhou.hai", {"lines": [{"part": "P-002", "received": 2}]})}
    assert play(number, short_script(**arrived)) == "back_order_filled"
    assert held("R-01", "P-002") == {"good": 3, "opening": -3}


def test_what_is_missing_on_arrival_is_booked_told_and_still_owed(company: Engine, tmp_path: Path) -> None:
    number = opened(line(**SHORT))
    two = {"lines": [{"part": "P-002", "received": 2}], "note": "The box was open."}
    play(number, short_script(**{"issue-arrival": ("zhou.hai", two)}), until="back-order-stock")
    assert held("B-01", "P-002") == {"faulty": 2, "missing": 1}
    [(keeper, text)] = letters(number, "issue_incomplete")
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
    assert [later in text for _to, text in letters(number, "back_ordered")] == [False, True]
    # The counter is wrong: the books know of nothing, so nothing is handed over and it is asked again.
    answer(number, "back-order-stock", "zhou.hai", {"news": "here"})
    run(number)
    assert list(open_tasks(number)) == ["back-order-stock"]
    stock_comes(tmp_path, 2)
    answer(number, "back-order-stock", "zhou.hai", {"news": "here"})
    run(number)
    with transaction() as session:
        facts = questions.by_ref(session, open_tasks(number)["back-order-stock"]).facts
    assert (facts["pieces"], facts["on_hand"]) == ({"P-002": 1}, {"P-002": 0})
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
    assert "No longer made." in letters(number, "back_order_ended")[0][1]
    assert verify() == []


def test_a_part_that_is_sold_may_be_owed_too_and_is_paid_when_it_comes(company: Engine) -> None:
    number = opened(line(**SHORT, purchased_on=days_ago(402)))
    script = short_script(**{"counter-check": checked(decision(decision="sell", pieces=3))})
    play(number, script, until="issue-arrival")
    assert money(number) == []
    assert play(number, script) == "back_order_filled"
    assert money(number) == [("party_receivable", "R-01", "parts_revenue", "C-01", Decimal("63.00"))]
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
    with transaction() as session:
        told = select(Notice.key).join(Case).where(Case.number == number, Notice.template == "deadline_escalation")
        assert [key.rsplit(":", 1)[1] for key in session.scalars(told)] == ["chen.min"]
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


# One repair, once


def test_a_slip_that_was_swapped_is_not_swapped_again(company: Engine) -> None:
    first = opened()
    play(first, {"counter-check": checked()})
    with pytest.raises(InvalidInput) as refused:
        opened(line("W-0"), line("W-1", pieces=1))
    assert refused.value.fields == {"lines.1.slip": f"Slip W-1 was already swapped in case {first}."}
    other_station = opened(station="R-02")
    assert play(other_station, {"counter-check": checked()}) == "swapped"


def test_a_slip_that_is_being_checked_is_not_handed_in_at_another_counter(company: Engine) -> None:
    first = opened()
    with pytest.raises(InvalidInput) as refused:
        opened(counter="D-01", registered_by="he.jun")
    assert refused.value.fields == {"lines.0.slip": f"Slip W-1 is being checked in case {first}."}
    withdraw(first, "Opened at the wrong counter.", "li.na")
    assert opened(counter="D-01", registered_by="he.jun") != first


def reported(number: str, **other: Any) -> None:
    """A month's report has recorded the slip before, and booked the part that it used."""
    with transaction() as session:
        case = cases.by_number(session, number)
        station = session.scalars(select(Party).where(Party.code == "R-01")).one()
        goods = {one.code: one.id for one in session.scalars(select(Product))}
        repair = {
            "station_id": station.id,
            "slip": "W-7",
            "product_id": goods["LX-001"],
            "part_id": goods["P-001"],
            "pieces": 2,
            "batch": "",
            "fault": "Dark",
            "entitlement": Entitlement.IN_WARRANTY,
            "purchased_on": today() - timedelta(days=100),
            "received_on": today() - timedelta(days=2),
            "done_on": today() - timedelta(days=1),
            "fee": Decimal(5),
            "charged": Decimal(0),
            "currency": "CNY",
            "case_id": case.id,
            "recorded_at": business_now(),
        }
        repairs.record(session, repair | other)
        for place, (frm, to) in enumerate([("good", "with_consumer"), ("with_consumer", "faulty")]):
            session.add(
                StockMove(
                    case_id=case.id, step="month", line=place, at=business_now(), product_id=goods["P-001"], batch="",
                    quantity=2, from_party_id=station.id, from_condition=frm, to_party_id=station.id, to_condition=to,
                )
            )  # fmt: skip


def test_a_slip_that_a_months_report_recorded_is_neither_recorded_nor_fitted_twice(company: Engine) -> None:
    month = opened(line("W-6"))
    reported(month)
    number = opened(line("W-7"))
    assert play(number, {"counter-check": checked(decision("W-7"))}) == "swapped"
    assert [one[2:] for one in moves(number)] == [("faulty", "B-01", "faulty", 2), ("good", "R-01", "good", 2)]
    with transaction() as session:
        [kept] = session.scalars(select(Repair).where(Repair.slip == "W-7"))
        assert (kept.case.number, kept.fee) == (month, Decimal("5.00"))
    assert held("R-01", "P-001") == {"good": 4, "opening": -4}
    assert verify() == []


def test_a_slip_that_was_recorded_with_something_else_names_what_differs(company: Engine) -> None:
    month = opened(line("W-6"))
    reported(month, pieces=3, batch="MH260901A")
    with pytest.raises(InvalidInput) as refused:
        opened(line("W-7"))
    assert refused.value.fields == {
        "lines.0.slip": f"Slip W-7 is recorded in case {month} with another: Pieces, Batch code."
    }


def test_a_report_that_was_quicker_and_says_something_else_refuses_only_that_repair(company: Engine) -> None:
    number = opened(line("W-7"), line("W-8", pieces=1))
    month = opened(line("W-6"))
    reported(month, done_on=today() - timedelta(days=2))
    script = {"counter-check": checked(decision("W-7"), decision("W-8", pieces=1))}
    assert play(number, script) == "partly_swapped"
    assert month in letters(number, "refused")[0][1]
    assert verify() == []


# The slip


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"station": "R-99"}, "station", "There is no station R-99"),
        ({"station": "D-01"}, "station", "There is no station D-01"),
        # R-04 is in the master data, but no agreement was ever signed with it.
        ({"station": "R-04"}, "station", "R-04 is not an active station, but without an agreement."),
        ({"counter": "S-01"}, "counter", "There is no office or distributor S-01"),
        ({"counter": "C-01"}, "counter", "There is no office or distributor C-01"),
        ({"product": "LX-999"}, "lines.0.product", "There is no product or part LX-999"),
        ({"part": "P-999"}, "lines.0.part", "There is no product or part P-999"),
        (
            {"part": "P-006"},
            "lines.0.part",
            "is of the kind «plastic_part»; swapped are: electronic_ballast, ring_tube",
        ),
        ({"batch": "no code"}, "lines.0.batch", "no code is not a batch code"),
        ({"batch": "MH991231"}, "lines.0.batch", "By its code it was made on 2099-12-31, after the repair."),
        ({"received_on": "2099-01-01", "done_on": "2099-01-01"}, "lines.0.received_on", "This lies in the future"),
        ({"registered_by": "he.jun"}, "registered_by", "not at the counter B-01"),
        ({"registered_by": "wu.jiang"}, "registered_by", "not at the counter B-01"),
    ],
)
def test_a_wrong_slip_names_its_field_and_opens_no_case(
    company: Engine, other: dict[str, Any], field: str, sentence: str
) -> None:
    of_the_line = {name: value for name, value in other.items() if name in line()}
    with pytest.raises(InvalidInput) as refused:
        opened(line(**of_the_line), **{name: value for name, value in other.items() if name not in of_the_line})
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []


def test_every_fault_of_a_slip_is_named_at_once(company: Engine) -> None:
    twice = [line("W-1", part="P-999"), line("W-1", product="LX-999", batch="?"), line("W-2")]
    with pytest.raises(InvalidInput) as refused:
        opened(*twice, station="R-99", counter="D-99")
    assert set(refused.value.fields) == {
        "station",
        "counter",
        "lines.0.part",
        "lines.1.product",
        "lines.1.batch",
        "lines.1.slip",
    }
    assert "[Line 2, Batch code]" in refused.value.message


@pytest.mark.parametrize("login", ["cai.ming", "liu.yang", "gao.jie"])
def test_neither_the_station_nor_others_register_a_slip(company: Engine, login: str) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by=login)


def test_nobody_unknown_registers_a_slip(company: Engine) -> None:
    with pytest.raises(NotFound):
        opened(registered_by="nobody")


def test_a_clerk_registers_for_any_counter(company: Engine) -> None:
    assert opened(registered_by="li.na").startswith("PS-")


def test_a_company_may_want_the_counter_that_answers_for_the_station(company: Engine) -> None:
    use(counters="superior")
    with pytest.raises(InvalidInput) as refused:
        opened(counter="B-02", registered_by="wu.jiang")
    assert refused.value.fields == {"counter": "B-02 does not answer for R-01; it may swap at: B-01."}
    assert opened()
    use(counters="any")
    assert opened(line("W-2"), counter="B-02", registered_by="wu.jiang")


def test_a_company_without_terms_cannot_swap(company: Engine) -> None:
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    del content["warranty"]
    content["sources"] = {}
    with transaction() as session:
        policies.keep(session, content)
    with pytest.raises(NotAllowed):
        opened()


def test_the_terms_of_the_shipped_policy_are_the_manuals(company: Engine) -> None:
    number = opened()
    with transaction() as session:
        policy = questions.policy_of(cases.by_number(session, number))
    terms = {kind: (term.promise, term.months) for kind, term in policy.warranty.table.items()}
    assert terms == {
        "electronic_ballast": (Promise.REPAIR, 12),
        "ring_tube": (Promise.REPLACE, 6),
        "planar_tube": (Promise.REPLACE, 6),
        "plastic_part": (Promise.NONE, 0),
        "energy_saving_lamp": (Promise.REPLACE, 12),
    }
    assert policy.warranty.charge_rate == Decimal("0.10")


# Whatever happens to the process


def test_a_swap_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine) -> None:
    lines = [line("W-1"), line("W-2", pieces=1, purchased_on=days_ago(402)), line("W-3", pieces=1)]
    refused = decision("W-3", "refuse", 0, "Not ours.")
    script = {"counter-check": checked(decision("W-1"), decision("W-2", "sell", 1), refused)}
    survives_every_boundary(lambda: opened(*lines), script, outcome="partly_swapped")


def test_a_back_order_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine) -> None:
    two = {"lines": [{"part": "P-002", "received": 2}], "note": "One is missing."}
    never = {"news": "never", "note": "No longer made."}
    script = short_script(**{"issue-arrival": ("zhou.hai", two), "back-order-stock": ("zhou.hai", never)})
    survives_every_boundary(lambda: opened(line(**SHORT)), script, outcome="partly_swapped")


def test_a_finished_swap_run_again_does_nothing_more(company: Engine) -> None:
    number = opened()
    play(number, {"counter-check": checked()})
    with transaction() as session:
        before = session.scalars(select(Step.at)).all()
    assert run(number) == "swapped"
    with transaction() as session:
        assert session.scalars(select(Step.at)).all() == before


def test_the_story_of_the_demo_comes_to_its_end(company: Engine) -> None:
    number = open_case(PARTS_SWAP, story.slip(business_now()))
    for key, login, given in story.lines(business_now()):
        run(number)
        answer(number, key, login, given)
    assert run(number) == "back_order_filled"
    assert verify() == []


def test_a_suspended_station_swaps_nothing_until_it_may_repair_again(company: Engine) -> None:
    with transaction() as session:
        suspended = stations.by_code(session, "R-01")
        assert suspended is not None
        suspended.state = StationState.SUSPENDED
    with pytest.raises(InvalidInput) as refused:
        opened()
    assert refused.value.fields["station"] == "R-01 is not an active station, but suspended."
    with transaction() as session:
        again = stations.by_code(session, "R-01")
        assert again is not None
        again.state = StationState.ACTIVE
    assert opened()
