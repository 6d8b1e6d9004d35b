"""Recording repairs (维修台账): each slip of a station once, however often it is reported.

A swap at the counter may report a slip before the month does; then the month's report must agree with it. Manual 000
三 内勤 C: repairs, parts used and fees are counted from the stations' reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.language import N_
from models.queries import repairs
from models.queries.holdings import AccountKey, held_still
from models.tables.feedback import RepairMoney
from models.tables.goods import Product
from models.tables.ledgers import Condition
from models.tables.parties import Party
from models.tables.repairs import Entitlement, Repair
from tasks.journal import Work
from tasks.ledgers import book_stock


@dataclass(frozen=True)
class Slip:
    """One repair under the station's own number; `pieces` are those of the part, or of the product without one.

    `fee` is what the company owes the station, `charged` what the consumer paid, both in the policy's currency.
    """

    number: str
    product: Product
    part: Product | None
    pieces: int
    batch: str
    fault: str
    entitlement: Entitlement
    received_on: date
    purchased_on: date | None = None
    done_on: date | None = None
    fee: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)


@dataclass(frozen=True)
class Difference:
    """Where a slip does not agree with the books: `what` is a key of `WHAT`, then what the books say and the slip."""

    slip: str
    what: str
    books: str
    reported: str


#: What a slip and the books can differ in, as people read it.
WHAT = {
    "product": N_("product"),
    "part": N_("part"),
    "pieces": N_("pieces"),
    "batch": N_("batch"),
    "entitlement": N_("who bears it"),
    "received_on": N_("received on"),
    "fee": N_("fee"),
    "charged": N_("charged"),
    "stock": N_("good pieces at the station"),
}
_NOTHING = "–"


def record_repairs(work: Work[Any], station: Party, slips: Sequence[Slip]) -> list[Difference]:
    """In a step: records each slip of `station` that the ledger does not have, and books the parts it used.

    A good part goes to the consumer and the faulty one comes from there. Where the station's books hold too few good
    parts, nothing is booked for the slip. Returns what does not agree; nothing is raised for it.
    """
    parts = [slip.part for slip in slips if slip.part]
    held = held_still(work.session, parts, [(station, Condition.GOOD)])
    known = repairs.of_slips(work.session, station, {slip.number for slip in slips})
    found: list[Difference] = []
    for line, slip in enumerate(slips, 1):
        repair = known.get(slip.number) or repairs.record(work.session, _values(work, station, slip))
        if repair.case_id != work.case.id:
            found += _compared(work, repair, slip)
        elif slip.number not in known and slip.part:
            found += _part_used(work, station, slip, slip.part, held, line)
    work.session.flush()
    return found


def _values(work: Work[Any], station: Party, slip: Slip) -> dict[str, Any]:
    return {
        "station_id": station.id,
        "slip": slip.number,
        "product_id": slip.product.id,
        "part_id": slip.part.id if slip.part else None,
        "pieces": slip.pieces,
        "batch": slip.batch,
        "fault": slip.fault,
        "entitlement": slip.entitlement.value,
        "purchased_on": slip.purchased_on,
        "received_on": slip.received_on,
        "done_on": slip.done_on,
        "fee": slip.fee,
        "charged": slip.charged,
        "currency": work.policy.currency,
        "case_id": work.case.id,
        "recorded_at": work.at,
    }


def _part_used(
    work: Work[Any], station: Party, slip: Slip, part: Product, held: dict[AccountKey, int], line: int
) -> Iterator[Difference]:
    account = (part.code, station.code, Condition.GOOD)
    if held[account] < slip.pieces:
        yield Difference(slip.number, "stock", str(held[account]), str(slip.pieces))
        return
    held[account] -= slip.pieces
    consumer = (station, Condition.WITH_CONSUMER)
    book_stock(work, 2 * line - 1, part, "", slip.pieces, (station, Condition.GOOD), consumer)
    book_stock(work, 2 * line, part, slip.batch, slip.pieces, consumer, (station, Condition.FAULTY))


def _compared(work: Work[Any], repair: Repair, slip: Slip) -> Iterator[Difference]:
    """A swap at the counter does not know what the work costs: the report adds it. All else must agree."""
    money = work.session.get(RepairMoney, repair.id)
    if money is None and not (repair.fee or repair.charged) and (slip.fee or slip.charged):
        money = RepairMoney(repair_id=repair.id, fee=slip.fee, charged=slip.charged, case_id=work.case.id)
        work.session.add(money)
    fee, charged = (money.fee, money.charged) if money else (repair.fee, repair.charged)
    pairs = {
        "product": (repair.product.code, slip.product.code),
        "part": (repair.part.code if repair.part else _NOTHING, slip.part.code if slip.part else _NOTHING),
        "pieces": (repair.pieces, slip.pieces),
        "batch": (repair.batch.upper() or _NOTHING, slip.batch.upper() or _NOTHING),
        "entitlement": (Entitlement(repair.entitlement), slip.entitlement),
        "received_on": (repair.received_on, slip.received_on),
        "fee": (f"{fee:.2f}", f"{slip.fee:.2f}"),
        "charged": (f"{charged:.2f}", f"{slip.charged:.2f}"),
    }
    for what, (books, reported) in pairs.items():
        if books != reported:
            yield Difference(slip.number, what, str(books), str(reported))
