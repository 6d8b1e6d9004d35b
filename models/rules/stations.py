"""Repair stations (特约维修点), manual 000 五 维修点开发流程: the numbers and predicates, and nothing else.

Of the article only the title survives; what it must hold follows from 三 经理 C, D and 三 内勤 A.
"""

import calendar
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
#: What a candidate can score at most in one criterion of the visit.
HIGHEST_SCORE = 10


def total_of(scores: Mapping[str, int], weights: Mapping[str, int]) -> Decimal:
    """The points of a visit out of 100: each criterion's 0 to 10 counts as much as its weight in percent says."""
    weighted = sum(scores[criterion] * weight for criterion, weight in weights.items())
    return Decimal(weighted) / HIGHEST_SCORE


def passes(total: Decimal, pass_mark: Decimal) -> bool:
    """Who scores the pass mark has passed; a candidate below it is recommended only for a reason."""
    return total >= pass_mark


def term_end(signed_on: date, months: int) -> date:
    """The last day of an agreement of `months` months: the day before the same day of the month, later on.

    Where that month is too short it is the month's last day.
    """
    month = signed_on.month - 1 + months
    year, month = signed_on.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if signed_on.day > last:
        return date(year, month, last)
    return date(year, month, signed_on.day) - timedelta(days=1)


def next_number(prefix: str, taken: Iterable[str]) -> str:
    """The number after the highest that begins with `prefix`, as wide as that one is: R-05 after R-04."""
    counted = [one.removeprefix(prefix) for one in taken if one.removeprefix(prefix).isdecimal()]
    highest = max(counted, key=int, default="00")
    return f"{prefix}{int(highest) + 1:0{len(highest)}d}"


def day_before(day: date, days: int) -> date:
    """The day that lies `days` days before `day`: on it the review for the end of a term opens."""
    return day - timedelta(days=days)


def papers_end(documents: Iterable[date], certificates: Iterable[date]) -> date | None:
    """The last day on which the papers of a station are in order; None if nobody recorded any.

    Every document counts, and of the repairers' certificates the one that is valid longest: one certified repairer
    is enough to repair.
    """
    ends = [*documents]
    if longest := max(certificates, default=None):
        ends.append(longest)
    return min(ends, default=None)


def are_in_order(papers_until: date | None, today: date) -> bool:
    """A paper is valid to the end of its last day."""
    return papers_until is None or today <= papers_until


def asks_for_suspension(upheld_complaints: int, complaints_to_suspend: int) -> bool:
    """Enough upheld complaints in a quarter that the station is to be suspended."""
    return upheld_complaints >= complaints_to_suspend


def first_month_is_in_order(*, reports_on_time: bool, stock_agrees: bool, complaints: int) -> bool:
    """A new station's first month: repair reports came on time, its stock agrees, nobody complained."""
    return reports_on_time and stock_agrees and complaints == 0


def missing_pieces(listed: int, good: int, faulty: int) -> int:
    """Parts that the books know at the station and that did not come back."""
    return listed - good - faulty


def charge_for(pieces: int, price: Decimal) -> Decimal:
    """What missing parts cost the station: their price, to the cent, half a cent up."""
    return (pieces * price).quantize(CENT, rounding=ROUND_HALF_UP)


def deposit_split(deposit: Decimal, owed: Decimal) -> tuple[Decimal, Decimal]:
    """Of a deposit: what is kept for what the station owes, and what is paid back."""
    kept = min(deposit, max(owed, Decimal(0)))
    return kept, deposit - kept
