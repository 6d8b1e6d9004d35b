"""Parts return as the factory counts it, against the list: manual 000 五 维修配件返厂、对换流程."""

import pytest
from people import forward, open_tasks, play
from records import documents, letter_text, letters, mails, stock_moves, told
from returns import counted, held, judged, of_b02, opened, opened_at_b02, outcome, received, script, use
from sqlalchemy import Engine

from tasks.sweeping import sweep
from tasks.verifying import verify


@pytest.fixture
def number(company: Engine) -> str:
    """A return of B-01, which has three faulty ballasts P-001 at 18.50, bought from V-01."""
    return opened()


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
    assert told(number, "parts_return/count_differs") == ["B-01", "chen.min"]
    assert "count_note" in documents(number)
    assert "One was left in the car." in letter_text(number, "parts_return/difference_explained")
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
    (said,) = mails(number, "parts_return/difference_explained")
    assert said.to_address == "chen.min@minghui.example"


def test_a_sender_that_does_not_accept_the_count_is_heard_by_the_manager(company: Engine) -> None:
    number = opened_at_b02()
    play(
        number,
        of_b02(
            factory_count=counted(P_003=5),
            inspection_verdict=judged(P_003={"own_quality": 5}),
            exchange_arrival=received("wu.jiang", P_003=5),
        ),
    )
    ((who, text),) = letters(number, "parts_return/difference_explained")
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
    assert told(number, "parts_return/count_differs") == []


def test_where_nothing_arrives_nothing_is_judged(number: str) -> None:
    assert outcome(number, factory_count=counted(P_001=0)) == "nothing_arrived"
    assert held("B-01", "P-001") == {"good": 12, "missing": 3}
    assert verify() == []
