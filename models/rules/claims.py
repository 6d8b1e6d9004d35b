"""Who answers for whom (逐级负责), manual 000 四.1 art. 5 and 7, and claims on carriers, art. 4: the rules alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

BRANCH_OFFICE = "branch_office"


@dataclass(frozen=True)
class Level:
    """A party that answers for the one below it: its number in the master data, and its kind."""

    party: str
    kind: str


def levels_above(superiors: Iterable[Level], answering: Collection[str]) -> list[Level]:
    """Who has a claim one after the other: each superior of the party where it arose, nearest first.

    `answering` are the kinds of party that answer for others; the line ends below the company, whose customer service
    comes after the last of them.
    """
    return list(takewhile(lambda level: level.kind in answering, superiors))


def mediates(level: Level) -> bool:
    """Offices and their regional managers must mediate (妥善调解); a dealer just answers for the one it supplies."""
    return level.kind == BRANCH_OFFICE


def value_of(pieces: int, unit_price: Decimal) -> Decimal:
    """What pieces lost or damaged in transit cost the customer, in the currency of the delivery's price."""
    return pieces * unit_price


def is_settled_in_full(received: Decimal, claimed: Decimal) -> bool:
    """The carrier paid all that was claimed."""
    return received >= claimed
