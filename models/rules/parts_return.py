"""Faulty parts returned to the factory (维修配件返厂), manual 000 五 维修配件返厂、对换流程: numbers and predicates."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

CENT = Decimal("0.01")

#: A day of the month from 1 to 28, or the last one, whichever number it has.
ListDay = int | Literal["last"]


def day_of_the_list(year: int, month: int, day: ListDay) -> date:
    """The day of a month on which its return list falls due."""
    return date(year, month, monthrange(year, month)[1] if day == "last" else day)


def month_that_is_due(today: date, day: ListDay) -> date:
    """The first day of the newest month whose list has fallen due: this one, or before its day the one before."""
    this = today.replace(day=1)
    return this if today >= day_of_the_list(today.year, today.month, day) else (this - timedelta(days=1)).replace(day=1)


def overdue_pieces(taken_in: Iterable[tuple[date, int]], left: int, today: date, window: int) -> int:
    """How many of the `left` pieces were taken in more than `window` days before `today`.

    What has gone is taken to be the oldest (first in, first out), so what is left is the newest; a piece that was taken
    in `window` days ago is still in time.
    """
    in_time = sum(pieces for day, pieces in taken_in if (today - day).days <= window)
    return max(0, left - in_time)


def worth(pieces: int, price: Decimal) -> Decimal:
    """What `pieces` cost at `price` each: to the cent, half a cent up."""
    return (pieces * price).quantize(CENT, rounding=ROUND_HALF_UP)


def taken_from(lots: Mapping[str, int], pieces: int) -> dict[str, int]:
    """`pieces` taken from lots (name to pieces) in their order, as far as they last; lots not needed are left out."""
    taken: dict[str, int] = {}
    for name, held in lots.items():
        if take := min(held, pieces - sum(taken.values())):
            taken[name] = take
    return taken


def count_differs(listed: int, counted: int, tolerance: int) -> bool:
    """Whether the sender is asked to explain a count: it is further from the list than the policy lets pass."""
    return abs(counted - listed) > tolerance
