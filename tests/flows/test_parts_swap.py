"""Manual 000 四.1 art. 6, clause by clause: faulty parts are swapped for good ones at the counter, refused or sold."""

from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import answer, business_now, play, run
from records import candidates, contents, documents, facts, letter_text, letters, money, stock_moves, told
from sqlalchemy import Engine, select
from swaps import checked, days_ago, decision, held, line, opened

from deployments.stories import parts_swap as story
from models.errors import InvalidInput, NotAllowed
from models.tables.cases import Step
from models.tables.repairs import Repair
from tasks.database import transaction
from tasks.opening import open_case
from tasks.parts_swap import PARTS_SWAP
from tasks.settings import settings
from tasks.verifying import verify


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow speaks the configured language; letters are in their recipients'."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


def repaired() -> list[tuple[str, str, int, str]]:
    with transaction() as session:
        found = session.scalars(select(Repair).order_by(Repair.slip))
        return [(one.slip, one.part.code if one.part else "", one.pieces, one.entitlement) for one in found]


def test_a_faulty_part_is_swapped_for_a_good_one_piece_for_piece(company: Engine) -> None:
    number = opened()
    assert play(number, {"counter-check": checked()}) == "swapped"
    assert stock_moves(number) == [
        ("P-001", "R-01", "good", "R-01", "with_consumer", 2),
        ("P-001", "R-01", "with_consumer", "R-01", "faulty", 2),
        ("P-001", "R-01", "faulty", "B-01", "faulty", 2),
        ("P-001", "B-01", "good", "R-01", "good", 2),
    ]
    assert repaired() == [("W-1", "P-001", 2, "in_warranty")]
    assert money(number) == []
    assert documents(number) == ["swap_slip"] * 3
    [(station, text)] = letters(number, "parts_swap/swapped")
    assert station == "R-01"
    assert "电子镇流器 24W 板 (P-001)" in text
    assert told(number, "parts_swap/refused") == []
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
    assert [one[5] for one in stock_moves(number)] == [1, 1, 1, 1]
    assert repaired() == [("W-1", "P-001", 1, "in_warranty")]
    [(_station, text)] = letters(number, "parts_swap/refused")
    assert "The second board is not here." in text
    assert verify() == []


def test_a_refused_repair_moves_nothing_and_may_be_handed_in_again(company: Engine) -> None:
    number = opened()
    refused = checked(decision(decision="refuse", pieces=0, reason="Not our board."))
    assert play(number, {"counter-check": refused}) == "refused"
    assert (stock_moves(number), repaired(), told(number, "parts_swap/swapped")) == ([], [], [])
    assert "Not our board." in letter_text(number, "parts_swap/refused")
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
    assert money(number) == [("party_receivable", "R-01", "parts_revenue", "C-01", Decimal("37.00"), "CNY")]
    assert stock_moves(number) == [
        ("P-001", "R-01", "good", "R-01", "with_consumer", 2),
        ("P-001", "B-01", "good", "R-01", "good", 2),
    ]
    assert repaired() == [("W-1", "P-001", 2, "out_of_warranty")]
    assert "18.50" in letter_text(number, "parts_swap/swapped")
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
    shown = facts(number, "counter-check")
    assert shown["lines"]["W-1"]["standing"] == standing
    assert shown["lines"]["W-1"]["free"] == (standing == "in_term")


def test_where_the_books_are_behind_that_repair_is_refused_and_the_others_go_on(company: Engine) -> None:
    number = opened(line("W-1", pieces=3), line("W-2", pieces=2), line("W-3", part="P-003", pieces=1))
    script = {"counter-check": checked(decision("W-1", pieces=3), decision("W-2"), decision("W-3", pieces=1))}
    # Four boards in the books: three were fitted, then two more.
    assert play(number, script) == "partly_swapped"
    assert repaired() == [("W-1", "P-001", 3, "in_warranty"), ("W-3", "P-003", 1, "in_warranty")]
    assert told(number, "parts_swap/refused") == ["R-01", "li.na", "wang.fang"]
    # What was swapped in full is not among the refused: P-003 is named there by its name only.
    text = letter_text(number, "parts_swap/refused")
    assert "电子镇流器 24W 板 (P-001)" in text
    assert "环形灯管 22W (P-003)" not in text
    second = contents(number, "swap_slip")[1]
    assert [(one["slip"], one["accepted"], one["held"]) for one in second["checked"]] == [
        ("W-1", 3, None),
        ("W-2", 0, 1),
        ("W-3", 1, None),
    ]
    assert verify() == []


# Whatever happens to the process


def test_a_swap_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine) -> None:
    lines = [line("W-1"), line("W-2", pieces=1, purchased_on=days_ago(402)), line("W-3", pieces=1)]
    refused = decision("W-3", "refuse", 0, "Not ours.")
    script = {"counter-check": checked(decision("W-1"), decision("W-2", "sell", 1), refused)}
    survives_every_boundary(lambda: opened(*lines), script, outcome="partly_swapped")


def test_a_finished_swap_run_again_does_nothing_more(company: Engine) -> None:
    number = opened()
    play(number, {"counter-check": checked()})
    with transaction() as session:
        before = session.scalars(select(Step.at)).all()
    assert run(number) == "swapped"
    with transaction() as session:
        assert session.scalars(select(Step.at)).all() == before


# The demo's story


def test_the_story_of_the_demo_comes_to_its_end(company: Engine) -> None:
    number = open_case(PARTS_SWAP, story.slip(business_now()))
    for key, login, given in story.lines(business_now()):
        run(number)
        answer(number, key, login, given)
    assert run(number) == "back_order_filled"
    assert verify() == []
