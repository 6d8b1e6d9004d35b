"""Batch quality objections (批量质量异议), manual 000 四.1 art. 3: the numbers and predicates, and nothing else."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def looks_like_a_batch(faulty: int, delivered: int, threshold_pieces: int, threshold_share: Decimal) -> bool:
    """Enough pieces of one model with one fault, or enough of the delivery, to propose "batch" to the clerk.

    The manual gives no threshold; both numbers are policy, and the clerk decides.
    """
    return faulty >= threshold_pieces or Decimal(faulty) >= threshold_share * delivered


def credit_for(pieces: int, unit_price: Decimal) -> Decimal:
    """What the dealer is credited for `pieces` at the delivery's price: to the cent, half a cent up."""
    return (pieces * unit_price).quantize(CENT, rounding=ROUND_HALF_UP)


def missing_pieces(delivered: int, received: int, already_sold: int) -> int:
    """Pieces of the recall list that neither came back nor were sold to consumers before."""
    return delivered - received - already_sold
