"""Who answers for whom, and what a claim on a carrier is worth: the rules alone."""

from decimal import Decimal

import pytest

from models.rules.claims import Level, is_settled_in_full, levels_above, mediates, value_of

SHOP = Level("S-03", "shop")
DISTRIBUTOR = Level("D-02", "distributor")
OFFICE = Level("B-01", "branch_office")
COMPANY = Level("C-01", "company")
ANSWERING = {"shop", "distributor", "branch_office", "sub_distributor", "repair_station"}


@pytest.mark.parametrize(
    ("superiors", "levels"),
    [
        ([SHOP, DISTRIBUTOR, OFFICE, COMPANY], [SHOP, DISTRIBUTOR, OFFICE]),
        ([OFFICE, COMPANY], [OFFICE]),
        ([COMPANY], []),
        ([], []),
        ([SHOP], [SHOP]),
        ([SHOP, COMPANY, OFFICE], [SHOP]),
    ],
)
def test_a_claim_climbs_from_the_nearest_superior_to_the_last_below_the_company(
    superiors: list[Level], levels: list[Level]
) -> None:
    assert levels_above(superiors, ANSWERING) == levels


def test_offices_mediate_and_dealers_answer() -> None:
    assert mediates(OFFICE)
    assert not mediates(SHOP)
    assert not mediates(DISTRIBUTOR)


@pytest.mark.parametrize(
    ("pieces", "price", "value"), [(20, "46.50", "930.00"), (1, "0.80", "0.80"), (1_000_000, "9.80", "9800000.00")]
)
def test_the_value_is_pieces_at_the_price_of_the_delivery(pieces: int, price: str, value: str) -> None:
    assert value_of(pieces, Decimal(price)) == Decimal(value)


@pytest.mark.parametrize(
    ("received", "claimed", "in_full"), [("930.00", "930.00", True), ("929.99", "930.00", False), ("0", "0.01", False)]
)
def test_in_full_is_to_the_cent(received: str, claimed: str, in_full: bool) -> None:
    assert is_settled_in_full(Decimal(received), Decimal(claimed)) is in_full
