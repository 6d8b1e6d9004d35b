"""The rules of repair stations, worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from models.rules.stations import (
    are_in_order,
    asks_for_suspension,
    charge_for,
    day_before,
    deposit_split,
    first_month_is_in_order,
    missing_pieces,
    next_number,
    papers_end,
    passes,
    term_end,
    total_of,
)

WEIGHTS = {"premises": 20, "tools": 20, "skill": 30, "location": 15, "attitude": 15}


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        ({"premises": 10, "tools": 10, "skill": 10, "location": 10, "attitude": 10}, "100"),
        ({"premises": 0, "tools": 0, "skill": 0, "location": 0, "attitude": 0}, "0"),
        # 8 x 20 + 7 x 20 + 9 x 30 + 8 x 15 + 9 x 15 = 160 + 140 + 270 + 120 + 135 = 825 of 1000.
        ({"premises": 8, "tools": 7, "skill": 9, "location": 8, "attitude": 9}, "82.5"),
        # Only the skill counts: 10 x 30 = 300 of 1000.
        ({"premises": 0, "tools": 0, "skill": 10, "location": 0, "attitude": 0}, "30"),
    ],
)
def test_the_points_of_a_visit_are_its_scores_by_their_weights(scores: dict[str, int], total: str) -> None:
    assert total_of(scores, WEIGHTS) == Decimal(total)


@pytest.mark.parametrize(("total", "passed"), [("59.9", False), ("60", True), ("60.1", True)])
def test_who_scores_the_pass_mark_has_passed(total: str, passed: bool) -> None:
    assert passes(Decimal(total), Decimal(60)) is passed


@pytest.mark.parametrize(
    ("signed", "months", "ends"),
    [
        (date(2026, 12, 1), 12, date(2027, 11, 30)),
        (date(2026, 12, 15), 12, date(2027, 12, 14)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 29)),
        # February is too short for a day before the 31st.
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_a_term_ends_on_the_day_before_its_anniversary(signed: date, months: int, ends: date) -> None:
    assert term_end(signed, months) == ends


@pytest.mark.parametrize(
    ("taken", "number"),
    [
        ([], "R-01"),
        (["R-01", "R-04", "R-02"], "R-05"),
        (["R-09"], "R-10"),
        (["R-99"], "R-100"),
        (["R-007"], "R-008"),
        (["R-north", "R-"], "R-01"),
    ],
)
def test_the_next_number_follows_the_highest(taken: list[str], number: str) -> None:
    assert next_number("R-", taken) == number


def test_a_review_opens_thirty_days_before_the_end_of_the_term() -> None:
    assert day_before(date(2028, 3, 31), 30) == date(2028, 3, 1)


@pytest.mark.parametrize(
    ("documents", "certificates", "ends"),
    [
        ([], [], None),
        ([date(2027, 1, 1)], [], date(2027, 1, 1)),
        ([date(2027, 1, 1), date(2026, 6, 1)], [], date(2026, 6, 1)),
        # One certified repairer is enough: the certificate that is valid longest counts.
        ([date(2027, 1, 1)], [date(2026, 1, 1), date(2028, 1, 1)], date(2027, 1, 1)),
        ([date(2027, 1, 1)], [date(2026, 1, 1), date(2026, 2, 1)], date(2026, 2, 1)),
    ],
)
def test_papers_end_with_the_first_document_or_the_last_certificate(
    documents: list[date], certificates: list[date], ends: date | None
) -> None:
    assert papers_end(documents, certificates) == ends


@pytest.mark.parametrize(
    ("until", "in_order"), [(date(2026, 11, 22), False), (date(2026, 11, 23), True), (date(2026, 11, 24), True)]
)
def test_a_paper_is_valid_to_the_end_of_its_last_day(until: date, in_order: bool) -> None:
    assert are_in_order(until, date(2026, 11, 23)) is in_order


def test_a_station_of_which_no_paper_was_recorded_is_in_order() -> None:
    assert are_in_order(None, date(2026, 11, 23))


@pytest.mark.parametrize(("upheld", "asked"), [(0, False), (1, False), (2, True), (3, True)])
def test_two_upheld_complaints_in_a_quarter_ask_for_suspension(upheld: int, asked: bool) -> None:
    assert asks_for_suspension(upheld, 2) is asked


@pytest.mark.parametrize(
    ("on_time", "agrees", "complaints", "in_order"),
    [(True, True, 0, True), (False, True, 0, False), (True, False, 0, False), (True, True, 1, False)],
)
def test_one_thing_amiss_is_enough_for_the_first_month(
    on_time: bool, agrees: bool, complaints: int, in_order: bool
) -> None:
    found = first_month_is_in_order(reports_on_time=on_time, stock_agrees=agrees, complaints=complaints)
    assert found is in_order


def test_missing_is_what_the_books_know_and_nobody_counted() -> None:
    assert missing_pieces(6, 3, 1) == 2
    assert missing_pieces(6, 6, 0) == 0


@pytest.mark.parametrize(
    ("pieces", "price", "charge"), [(2, "18.50", "37.00"), (0, "18.50", "0.00"), (3, "0.335", "1.01")]
)
def test_missing_parts_cost_their_price_to_the_cent_half_a_cent_up(pieces: int, price: str, charge: str) -> None:
    assert charge_for(pieces, Decimal(price)) == Decimal(charge)


@pytest.mark.parametrize(
    ("deposit", "owed", "kept", "paid_back"),
    [
        ("500", "0", "0", "500"),
        ("500", "37.00", "37.00", "463.00"),
        ("500", "500", "500", "0"),
        ("500", "620.10", "500", "0"),
        ("0", "37", "0", "0"),
        # The company owes the station: nothing of the deposit is kept.
        ("500", "-80", "0", "500"),
    ],
)
def test_a_deposit_is_kept_for_what_is_owed_and_the_rest_paid_back(
    deposit: str, owed: str, kept: str, paid_back: str
) -> None:
    assert deposit_split(Decimal(deposit), Decimal(owed)) == (Decimal(kept), Decimal(paid_back))
