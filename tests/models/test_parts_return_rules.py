"""The numbers of the parts return, on both sides of each boundary. Manual 000 五 维修配件返厂、对换流程."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.parts_return import (
    ListDay,
    count_differs,
    day_of_the_list,
    month_that_is_due,
    overdue_pieces,
    taken_from,
    worth,
)

TODAY = date(2026, 11, 30)
WINDOW = 60


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("taken_in", "left", "overdue"),
    [
        ([], 0, 0),
        ([(ago(0), 3)], 3, 0),
        ([(ago(60), 3)], 3, 0),  # the sixtieth day is still in time
        ([(ago(61), 3)], 3, 3),
        ([(ago(61), 3)], 2, 2),  # one of the three was sent
        ([(ago(61), 3)], 0, 0),
        ([(ago(90), 4), (ago(10), 2)], 6, 4),
        ([(ago(90), 4), (ago(10), 2)], 5, 3),  # what was sent is taken to be the oldest
        ([(ago(90), 4), (ago(10), 2)], 2, 0),
        ([(ago(90), 4), (ago(10), 2)], 1, 0),
        ([(ago(10), 2), (ago(90), 4)], 3, 1),  # in whatever order they are named
        ([(ago(200), 1), (ago(100), 1), (ago(61), 1), (ago(60), 1)], 3, 2),
    ],
)
def test_what_is_left_is_the_newest_and_older_than_the_window_is_overdue(
    taken_in: list[tuple[date, int]], left: int, overdue: int
) -> None:
    assert overdue_pieces(taken_in, left, TODAY, WINDOW) == overdue


def test_a_window_of_one_day_lets_yesterday_pass() -> None:
    assert overdue_pieces([(ago(1), 5)], 5, TODAY, 1) == 0
    assert overdue_pieces([(ago(2), 5)], 5, TODAY, 1) == 5


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 5))), st.integers(0, 40))
def test_counting_piece_by_piece_gives_the_same(intakes: list[tuple[int, int]], sent: int) -> None:
    """The oldest `sent` pieces have gone; of the others each is asked by itself whether it is overdue."""
    ages = sorted((age for age, pieces in intakes for _piece in range(pieces)), reverse=True)
    left = ages[min(sent, len(ages)) :]
    by_piece = sum(age > WINDOW for age in left)
    assert overdue_pieces([(ago(age), pieces) for age, pieces in intakes], len(left), TODAY, WINDOW) == by_piece


@pytest.mark.parametrize(
    ("pieces", "price", "amount"),
    [
        (2, "18.50", "37.00"),
        (3, "6.80", "20.40"),
        (1, "0.005", "0.01"),  # half a cent up
        (1, "0.0049", "0.00"),
        (3, "0.335", "1.01"),  # 1.005
        (0, "18.50", "0.00"),
    ],
)
def test_pieces_are_worth_their_price_to_the_cent_half_a_cent_up(pieces: int, price: str, amount: str) -> None:
    assert worth(pieces, Decimal(price)) == Decimal(amount)


@pytest.mark.parametrize(
    ("lots", "pieces", "taken"),
    [
        ({"A": 2, "B": 3}, 0, {}),
        ({"A": 2, "B": 3}, 1, {"A": 1}),
        ({"A": 2, "B": 3}, 2, {"A": 2}),
        ({"A": 2, "B": 3}, 4, {"A": 2, "B": 2}),
        ({"A": 2, "B": 3}, 9, {"A": 2, "B": 3}),
        ({"A": 0, "B": 3}, 2, {"B": 2}),
        ({}, 2, {}),
    ],
)
def test_lots_are_used_up_in_their_order(lots: dict[str, int], pieces: int, taken: dict[str, int]) -> None:
    assert taken_from(lots, pieces) == taken


@pytest.mark.parametrize(
    ("listed", "counted", "tolerance", "differs"),
    [(3, 3, 0, False), (3, 2, 0, True), (3, 4, 0, True), (3, 2, 1, False), (3, 1, 1, True), (0, 1, 0, True)],
)
def test_a_count_differs_beyond_the_tolerance_whichever_way(
    listed: int, counted: int, tolerance: int, differs: bool
) -> None:
    assert count_differs(listed, counted, tolerance) is differs


@pytest.mark.parametrize(
    ("year", "month", "day", "falls_on"),
    [
        (2026, 11, "last", date(2026, 11, 30)),
        (2027, 2, "last", date(2027, 2, 28)),
        (2028, 2, "last", date(2028, 2, 29)),
        (2026, 12, "last", date(2026, 12, 31)),
        (2026, 11, 25, date(2026, 11, 25)),
        (2026, 2, 28, date(2026, 2, 28)),
    ],
)
def test_the_list_falls_due_on_its_day_or_the_last_one(year: int, month: int, day: ListDay, falls_on: date) -> None:
    assert day_of_the_list(year, month, day) == falls_on


@pytest.mark.parametrize(
    ("today", "day", "month"),
    [
        (date(2026, 11, 29), "last", date(2026, 10, 1)),
        (date(2026, 11, 30), "last", date(2026, 11, 1)),
        (date(2026, 12, 1), "last", date(2026, 11, 1)),
        (date(2027, 1, 5), "last", date(2026, 12, 1)),
        (date(2026, 11, 24), 25, date(2026, 10, 1)),
        (date(2026, 11, 25), 25, date(2026, 11, 1)),
        (date(2026, 3, 31), "last", date(2026, 3, 1)),
    ],
)
def test_a_month_is_due_from_its_day_on_until_the_next_is(today: date, day: ListDay, month: date) -> None:
    assert month_that_is_due(today, day) == month
