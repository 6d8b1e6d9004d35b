"""The numbers of the batch quality dispute, on both sides of each boundary."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.batch_quality import credit_for, looks_like_a_batch, missing_pieces
from models.rules.reports import is_the_same_report

THREE_PIECES, FIVE_PERCENT = 3, Decimal("0.05")
NEVER_BY_PIECES = 1_000_000
REPORTED = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("faulty", "delivered", "batch"),
    [
        (2, 1000, False),
        (3, 1000, True),
        (4, 1000, True),
        (1, 20, True),  # exactly 5 %
        (1, 21, False),
        (2, 40, True),
        (2, 41, False),
        (1, 1, True),
    ],
)
def test_three_pieces_or_five_percent_look_like_a_batch(faulty: int, delivered: int, batch: bool) -> None:
    assert looks_like_a_batch(faulty, delivered, THREE_PIECES, FIVE_PERCENT) is batch


@pytest.mark.parametrize(
    ("faulty", "delivered", "share", "batch"),
    [
        (7, 140, "0.05", True),
        (6, 140, "0.05", False),
        (50, 1000, "0.05", True),
        (49, 1000, "0.05", False),
        (7, 100, "0.07", True),  # 0.07 * 100 in binary floating point is a little more than 7
        (6, 100, "0.07", False),
        (200, 200, "1", True),
        (199, 200, "1", False),
    ],
)
def test_the_share_alone_is_enough_and_counted_exactly(faulty: int, delivered: int, share: str, batch: bool) -> None:
    assert looks_like_a_batch(faulty, delivered, NEVER_BY_PIECES, Decimal(share)) is batch


@pytest.mark.parametrize(
    ("apart", "same"),
    [
        (timedelta(), True),
        (timedelta(days=30), True),
        (timedelta(days=30, microseconds=1), False),
        (timedelta(days=-30), True),
        (timedelta(days=-30, microseconds=-1), False),
    ],
)
def test_a_second_report_within_thirty_days_either_way_is_the_same(apart: timedelta, same: bool) -> None:
    assert is_the_same_report(REPORTED + apart, REPORTED, 30) is same


def test_with_no_days_only_the_very_same_instant_is_the_same_report() -> None:
    assert is_the_same_report(REPORTED, REPORTED, 0)
    assert not is_the_same_report(REPORTED + timedelta(microseconds=1), REPORTED, 0)


@pytest.mark.parametrize(
    ("pieces", "price", "credit"),
    [
        (0, "46.50", "0.00"),
        (1, "46.50", "46.50"),
        (100, "46.50", "4650.00"),
        (3, "0.10", "0.30"),
        (1, "0.124", "0.12"),
        (1, "0.125", "0.13"),  # the half cent goes up; to the even cent it would be 0.12
        (1, "0.135", "0.14"),
        (3, "0.335", "1.01"),  # 1.005
        (7, "33.333", "233.33"),  # 233.331
        (10_000_000, "999999.99", "9999999900000.00"),
    ],
)
def test_credit_is_pieces_at_their_price_half_a_cent_up(pieces: int, price: str, credit: str) -> None:
    assert str(credit_for(pieces, Decimal(price))) == credit


@given(st.integers(0, 10_000_000), st.decimals(0, 999_999, places=3))
def test_credit_is_at_most_half_a_cent_off(pieces: int, price: Decimal) -> None:
    assert abs(credit_for(pieces, price) - pieces * price) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("delivered", "received", "sold", "missing"),
    [(120, 100, 20, 0), (120, 100, 0, 20), (120, 0, 0, 120), (80, 79, 0, 1), (80, 0, 80, 0)],
)
def test_what_neither_came_back_nor_was_sold_is_missing(delivered: int, received: int, sold: int, missing: int) -> None:
    assert missing_pieces(delivered, received, sold) == missing
