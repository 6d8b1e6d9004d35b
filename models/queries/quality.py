"""The figures of a month's quality information (质量信息), counted in the ledgers by the database; nothing is typed.

Manual 000 三 内勤 C: repairs, parts used and repair fees are counted from the repair reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select
from sqlalchemy.orm import Session

from models.roles import DEALER_KINDS, PartyKind
from models.rules.feedback import first_day, first_day_after, last_day, month_before, months_until
from models.tables.cases import Case
from models.tables.feedback import RepairMoney
from models.tables.goods import Delivery, Product
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party
from models.tables.repairs import Entitlement, Repair

#: Faults are free text: the most frequent are listed, the others are what is missing to the total.
MOST_FAULTS = 40
_TREND = 12

#: The day to whose month a repair belongs: when it was done, or came in while it is not done.
_DAY = func.coalesce(Repair.done_on, Repair.received_on)
_FEE = func.coalesce(RepairMoney.fee, Repair.fee)
_CHARGED = func.coalesce(RepairMoney.charged, Repair.charged)


@dataclass(frozen=True)
class Counted:
    """Repairs of one product, station or month: slips, pieces by who bears them, fees owed, money from consumers."""

    code: str
    name: str
    repairs: int
    pieces: int
    in_warranty: int
    out_of_warranty: int
    human_cause: int
    fee: Decimal
    charged: Decimal


@dataclass(frozen=True)
class PartUsed:
    """Pieces of a part that repairs used, and what stations hold of it by the stock ledger now."""

    code: str
    name: str
    pieces: int
    in_warranty: int
    good: int
    faulty: int


@dataclass(frozen=True)
class Fault:
    """A fault in the stations' words: slips, pieces, stations; capitals and spaces make no difference."""

    fault: str
    repairs: int
    pieces: int
    stations: int


@dataclass(frozen=True)
class Repeated:
    """A batch of a product or part that failed at several stations, with its most frequent fault."""

    code: str
    name: str
    batch: str
    pieces: int
    stations: int
    fault: str


@dataclass(frozen=True)
class CasesOf:
    """Cases of a procedure, by its code: opened in the month, and how many of these are still open."""

    procedure: str
    opened: int
    still_open: int


@dataclass(frozen=True)
class Figures:
    """A month in figures; money is in the policy's currency. `late` are repairs of earlier months told only now."""

    month: str
    currency: str
    total: Counted
    before: Counted
    late: Counted
    products: Sequence[Counted]
    stations: Sequence[Counted]
    parts: Sequence[PartUsed]
    faults: Sequence[Fault]
    repeated: Sequence[Repeated]
    trend: Sequence[Counted]
    cases: Sequence[CasesOf]


def figures(
    session: Session,
    month: str,
    reporting: Case,
    *,
    currency: str,
    zone: ZoneInfo,
    repeated_months: int,
    repeated_pieces: int,
    repeated_stations: int,
) -> Figures:
    """The figures of `month` as the ledgers have them now; `reporting` is the case that gathers its reports."""
    repeated_since = first_day(months_until(month, repeated_months)[0])
    # A station that was silent tells its repairs with the next month: they count in their own one.
    told_late = and_(Repair.case_id == reporting.id, first_day(month) > _DAY)
    return Figures(
        month=month,
        currency=currency,
        total=_total(session, _in(month, month)),
        before=_total(session, _in(month_before(month), month_before(month))),
        late=_total(session, told_late),
        products=_by_product(session, month),
        stations=_by_station(session, month),
        parts=_parts(session, month),
        faults=_faults(session, month),
        repeated=_repeated(session, repeated_since, last_day(month), repeated_pieces, repeated_stations),
        trend=_trend(session, month),
        cases=_cases(session, month, zone),
    )


def _in(first: str, last: str) -> ColumnElement[bool]:
    """Repairs of the months from `first` to `last`."""
    # The second condition says nothing new; it lets the index on the day of receipt do its part.
    return and_(_DAY.between(first_day(first), last_day(last)), Repair.received_on <= last_day(last))


def _pieces(entitlement: Entitlement) -> ColumnElement[int]:
    return func.coalesce(func.sum(Repair.pieces).filter(Repair.entitlement == entitlement), 0)


def _sums() -> tuple[ColumnElement[Any], ...]:
    return (
        func.count(Repair.id),
        func.coalesce(func.sum(Repair.pieces), 0),
        *(_pieces(one) for one in (Entitlement.IN_WARRANTY, Entitlement.OUT_OF_WARRANTY, Entitlement.HUMAN_CAUSE)),
        func.coalesce(func.sum(_FEE), Decimal(0)),
        func.coalesce(func.sum(_CHARGED), Decimal(0)),
    )


def _counted(*named: Any) -> Select[Any]:
    money = RepairMoney.repair_id == Repair.id
    return select(*named, *_sums()).select_from(Repair).outerjoin(RepairMoney, money).group_by(*named)


def _total(session: Session, which: ColumnElement[bool]) -> Counted:
    return Counted("", "", *session.execute(_counted().where(which)).one())


def _by_product(session: Session, month: str) -> list[Counted]:
    found = _counted(Product.code, Product.name).join(Product, Product.id == Repair.product_id)
    found = found.where(_in(month, month)).order_by(func.sum(Repair.pieces).desc(), Product.code)
    return [Counted(*row) for row in session.execute(found)]


def _by_station(session: Session, month: str) -> list[Counted]:
    found = _counted(Party.code, Party.name).join(Party, Party.id == Repair.station_id)
    return [Counted(*row) for row in session.execute(found.where(_in(month, month)).order_by(Party.code))]


def _trend(session: Session, month: str) -> list[Counted]:
    """The twelve months that end with `month`, those without repairs too."""
    months = months_until(month, _TREND)
    name = func.to_char(_DAY, "YYYY-MM")
    rows = session.execute(_counted(name).where(_in(months[0], month)))
    found = {row[0]: Counted("", *row) for row in rows}
    nothing = Decimal("0.00")
    return [found.get(one, Counted("", one, 0, 0, 0, 0, 0, nothing, nothing)) for one in months]


def _parts(session: Session, month: str) -> list[PartUsed]:
    at_stations = select(Party.id).where(Party.kind == PartyKind.REPAIR_STATION)

    def held(condition: Condition) -> ColumnElement[int]:
        entered = StockMove.to_party_id.in_(at_stations) & (StockMove.to_condition == condition)
        left = StockMove.from_party_id.in_(at_stations) & (StockMove.from_condition == condition)
        signed = case((entered & ~left, StockMove.quantity), (left & ~entered, -StockMove.quantity), else_=0)
        moved = select(func.coalesce(func.sum(signed), 0)).where(StockMove.product_id == Product.id)
        return moved.correlate(Product).scalar_subquery()

    pieces = func.sum(Repair.pieces)
    found = (
        select(
            Product.code,
            Product.name,
            pieces,
            _pieces(Entitlement.IN_WARRANTY),
            held(Condition.GOOD),
            held(Condition.FAULTY),
        )
        .select_from(Repair)
        .join(Product, Product.id == Repair.part_id)
        .where(_in(month, month))
        .group_by(Product.id)
        .order_by(pieces.desc(), Product.code)
    )
    return [PartUsed(*row) for row in session.execute(found)]


def _faults(session: Session, month: str) -> list[Fault]:
    alike = func.lower(func.regexp_replace(func.btrim(Repair.fault), r"\s+", " ", "g"))
    pieces = func.sum(Repair.pieces)
    found = (
        select(func.min(Repair.fault), func.count(), pieces, func.count(distinct(Repair.station_id)))
        .where(_in(month, month))
        .group_by(alike)
        .order_by(pieces.desc(), alike)
        .limit(MOST_FAULTS)
    )
    return [Fault(*row) for row in session.execute(found)]


def _repeated(session: Session, since: date, until: date, pieces: int, stations: int) -> list[Repeated]:
    """Batches of what failed (the part, or the product without one), not counting what people caused."""
    failed = func.coalesce(Repair.part_id, Repair.product_id)
    batch, total, places = func.upper(Repair.batch), func.sum(Repair.pieces), func.count(distinct(Repair.station_id))
    found = (
        select(
            Product.code,
            Product.name,
            batch,
            total,
            places,
            func.mode().within_group(Repair.fault),
        )
        .join(Product, Product.id == failed)
        .where(_DAY.between(since, until), Repair.received_on <= until)
        .where(Repair.batch != "", Repair.entitlement != Entitlement.HUMAN_CAUSE)
        .group_by(Product.code, Product.name, batch)
        .having(and_(total >= pieces, places >= stations))
        .order_by(total.desc(), Product.code, batch)
    )
    return [Repeated(*row) for row in session.execute(found)]


def _cases(session: Session, month: str, zone: ZoneInfo) -> list[CasesOf]:
    since, until = (datetime.combine(day, time.min, zone) for day in (first_day(month), first_day_after(month)))
    still_open = func.count().filter(Case.closed_at.is_(None), Case.withdrawn_at.is_(None))
    found = (
        select(Case.procedure, func.count(), still_open)
        .where(Case.opened_at >= since, Case.opened_at < until)
        .group_by(Case.procedure)
        .order_by(Case.procedure)
    )
    return [CasesOf(*row) for row in session.execute(found)]


def received_by_dealers(session: Session, code: str, batch: str) -> dict[str, tuple[str, int]]:
    """Which dealers received a batch: number, name and pieces; nobody where the deliveries do not name it."""
    found = (
        select(Party.code, Party.name, func.sum(Delivery.quantity))
        .join(Delivery.party)
        .join(Delivery.product)
        .where(Product.code == code, Delivery.batch == batch, Party.kind.in_(DEALER_KINDS))
        .group_by(Party.code, Party.name)
        .order_by(Party.code)
    )
    return {party: (name, int(pieces)) for party, name, pieces in session.execute(found)}
