"""Manual 000 四.1 art. 1: terms to the day, charges to the cent, and nothing promised that the table does not name."""

from datetime import date
from decimal import Decimal

import pytest

from models.rules.warranty import (
    Entitlement,
    NoProof,
    Promise,
    Standing,
    Term,
    charge_beyond_term,
    counted_from,
    entitlement,
    last_day_of_term,
    made_on,
    repair_fee,
)

TERMS = {
    "electronic_ballast": Term(Promise.REPAIR, 12, ("ceiling_lamp", "recessed_lamp")),
    "ring_tube": Term(Promise.REPLACE, 6),
    "plastic_part": Term(Promise.NONE, 0),
}
CODE = "[A-Z]{2}(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})[A-Z]?"
TENTH = Decimal("0.10")


@pytest.mark.parametrize(
    ("bought", "months", "last"),
    [
        (date(2026, 3, 15), 6, date(2026, 9, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),  # no 31 February: the month's last day
        (date(2027, 8, 31), 6, date(2028, 2, 29)),  # a leap year
        (date(2026, 2, 28), 6, date(2026, 8, 28)),  # not the last of August
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_a_term_ends_on_the_same_day_of_the_month_or_with_the_month(bought: date, months: int, last: date) -> None:
    assert last_day_of_term(bought, months) == last


@pytest.mark.parametrize(
    ("brought", "standing"),
    [
        (date(2026, 3, 15), Standing.IN_TERM),
        (date(2026, 9, 14), Standing.IN_TERM),
        (date(2026, 9, 15), Standing.IN_TERM),  # the anniversary is still inside
        (date(2026, 9, 16), Standing.BEYOND_TERM),
    ],
)
def test_a_tube_is_replaced_for_half_a_year_from_the_purchase(brought: date, standing: Standing) -> None:
    found = entitlement(TERMS, "ring_tube", "lamp", date(2026, 3, 15), brought)
    assert found == Entitlement(standing, date(2026, 9, 15))


@pytest.mark.parametrize("lamp", ["ceiling_lamp", "recessed_lamp"])
def test_a_ballast_of_a_ceiling_or_recessed_lamp_is_repaired_for_a_year(lamp: str) -> None:
    bought = date(2025, 11, 20)
    inside = entitlement(TERMS, "electronic_ballast", lamp, bought, date(2026, 11, 20))
    outside = entitlement(TERMS, "electronic_ballast", lamp, bought, date(2026, 11, 21))
    assert (inside.standing, outside.standing) == (Standing.IN_TERM, Standing.BEYOND_TERM)


def test_plastic_parts_have_no_warranty_however_new() -> None:
    today = date(2026, 11, 20)
    assert entitlement(TERMS, "plastic_part", "lamp", today, today).standing is Standing.NOT_COVERED


@pytest.mark.parametrize(("kind", "lamp"), [("starter", "ceiling_lamp"), ("", ""), ("electronic_ballast", "lamp")])
def test_what_the_table_does_not_name_needs_a_ruling(kind: str, lamp: str) -> None:
    today = date(2026, 11, 20)
    assert entitlement(TERMS, kind, lamp, today, today) == Entitlement(Standing.NEEDS_RULING)
    assert entitlement(TERMS, kind, lamp, None, today) == Entitlement(Standing.NEEDS_RULING)


def test_without_proof_of_purchase_the_day_of_making_counts_if_it_can_be_read() -> None:
    bought, made = date(2026, 3, 15), date(2026, 1, 2)
    assert counted_from(bought, made, NoProof.BATCH_DATE) == bought
    assert counted_from(None, made, NoProof.BATCH_DATE) == made
    assert counted_from(None, None, NoProof.BATCH_DATE) is None
    assert counted_from(None, made, NoProof.OUT_OF_WARRANTY) is None
    assert counted_from(bought, made, NoProof.OUT_OF_WARRANTY) == bought


def test_without_proof_and_without_a_readable_code_it_is_out_of_warranty() -> None:
    found = entitlement(TERMS, "ring_tube", "lamp", None, date(2026, 11, 20))
    assert found == Entitlement(Standing.NO_PROOF)


@pytest.mark.parametrize(
    ("batch", "day"),
    [
        ("MH260901A", date(2026, 9, 1)),
        ("MH260815", date(2026, 8, 15)),
        ("MH280229", date(2028, 2, 29)),
        ("MH270229", None),  # no such day
        ("MH261301", None),
        ("MH2609", None),
        ("", None),
        ("no code", None),
    ],
)
def test_a_batch_code_tells_its_day_or_nothing(batch: str, day: date | None) -> None:
    assert made_on(batch, CODE) == day


def test_a_year_may_be_written_in_four_digits() -> None:
    assert made_on("20260901", "(?P<year>[0-9]{4})(?P<month>..)(?P<day>..)") == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("price", "fee", "charge"),
    [
        ("18.50", "1.85", "20.35"),
        ("6.80", "0.68", "7.48"),
        ("12.45", "1.25", "13.70"),  # 1.245: half a cent goes up
        ("12.44", "1.24", "13.68"),
        ("0.05", "0.01", "0.06"),  # 0.005
        ("0.04", "0.00", "0.04"),
        ("0.00", "0.00", "0.00"),
        ("999999999.95", "100000000.00", "1099999999.95"),
    ],
)
def test_beyond_the_term_the_parts_and_a_tenth_of_their_price_may_be_charged(price: str, fee: str, charge: str) -> None:
    assert repair_fee(Decimal(price), TENTH) == Decimal(fee)
    assert str(charge_beyond_term(Decimal(price), TENTH)) == charge
