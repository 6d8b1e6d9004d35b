"""What the stock ledger says of faulty parts: at whoever is to return them, and in the company's quarantine."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, joinedload

from models.queries import stock
from models.queries.cases import OPEN
from models.roles import PartyKind
from models.tables.cases import Case, Step
from models.tables.goods import Product
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party
from models.tables.repairs import Repair

#: Who returns faulty parts to the factory: whoever exchanges them for stations (manual 000 四.1 art. 6).
SENDER_KINDS = frozenset({PartyKind.BRANCH_OFFICE, PartyKind.DISTRIBUTOR})
_INTO_FAULTY = StockMove.to_condition == Condition.FAULTY
_OUT_OF_FAULTY = StockMove.from_condition == Condition.FAULTY


@dataclass(frozen=True)
class FaultyLot:
    """Faulty pieces of one part and batch in a party's ledger; the batch is empty where it could not be read."""

    part: Product
    batch: str
    pieces: int


def faulty_lots(session: Session, party: Party) -> list[FaultyLot]:
    """The faulty parts that `party` holds, by part and batch."""
    into = _INTO_FAULTY & (StockMove.to_party_id == party.id)
    out = _OUT_OF_FAULTY & (StockMove.from_party_id == party.id)
    held = _signed(into)
    found = (
        select(Product, StockMove.batch, held)
        .join(Product, Product.id == StockMove.product_id)
        .where(into | out)
        .group_by(Product.id, StockMove.batch)
        .having(held > 0)
        .order_by(Product.code, StockMove.batch)
    )
    return [FaultyLot(part, batch, int(pieces)) for part, batch, pieces in session.execute(found)]


def taken_in(session: Session, party: Party, zone: ZoneInfo) -> Mapping[str, Sequence[tuple[date, int]]]:
    """When `party` took faulty pieces in, by part: days in `zone`, and pieces."""
    found = (
        select(Product.code, StockMove.at, StockMove.quantity)
        .join(Product, Product.id == StockMove.product_id)
        .where(_INTO_FAULTY, StockMove.to_party_id == party.id)
    )
    days: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for code, at, pieces in session.execute(found):
        days[code].append((at.astimezone(zone).date(), pieces))
    return days


def sources(session: Session, party: Party) -> Sequence[Party]:
    """Where the faulty parts of `party` came from: stations, and itself for its own counter and first stock."""
    came_from = select(StockMove.from_party_id).where(_INTO_FAULTY, StockMove.to_party_id == party.id)
    return session.scalars(select(Party).where(Party.id.in_(came_from)).order_by(Party.code)).all()


def repaired(session: Session, stations: Collection[Party]) -> Mapping[str, int]:
    """Pieces of each part in the repairs that these stations recorded by slip, since the books began."""
    found = (
        select(Product.code, func.sum(Repair.pieces))
        .join(Product, Product.id == Repair.part_id)
        .where(Repair.station_id.in_([one.id for one in stations]))
        .group_by(Product.code)
    )
    return {code: int(pieces) for code, pieces in session.execute(found)}


def senders_with_faulty_parts(session: Session, before: datetime) -> Sequence[Party]:
    """The offices and distributors that hold faulty parts now and did so before the instant `before`."""
    into = select(
        StockMove.to_party_id.label("party"), StockMove.product_id, StockMove.quantity.label("pieces"), StockMove.at
    ).where(_INTO_FAULTY)
    out = select(StockMove.from_party_id, StockMove.product_id, -StockMove.quantity, StockMove.at).where(_OUT_OF_FAULTY)
    sides = into.union_all(out).subquery()
    now, then = func.sum(sides.c.pieces), func.sum(sides.c.pieces).filter(sides.c.at < before)
    holding = select(sides.c.party).group_by(sides.c.party, sides.c.product_id).having((now > 0) & (then > 0))
    return session.scalars(
        select(Party).where(Party.id.in_(holding), Party.kind.in_(SENDER_KINDS)).order_by(Party.code)
    ).all()


def not_shipped(session: Session, procedure: str, shipped: str) -> Sequence[Case]:
    """Open cases of the procedure that have not done the step `shipped`, the oldest first."""
    done = select(Step.case_id).where(Step.key == shipped)
    query = select(Case).where(Case.procedure == procedure, OPEN, Case.id.not_in(done)).options(joinedload(Case.party))
    return session.scalars(query.order_by(Case.id)).all()


def free_in_quarantine(
    session: Session, product: Product, batch: str, company: Party, for_cases: Collection[int]
) -> int:
    """Pieces of a product and batch in the company's quarantine that no open case but `for_cases` still needs there."""
    into = (StockMove.to_condition == Condition.QUARANTINE) & (StockMove.to_party_id == company.id)
    out = (StockMove.from_condition == Condition.QUARANTINE) & (StockMove.from_party_id == company.id)
    held = _signed(into)
    here = select(held).where(StockMove.product_id == product.id, into | out)
    of_batch = session.scalar(here.where(StockMove.batch == batch)) or 0
    needed = here.join(Case).where(OPEN, Case.id.not_in(for_cases)).group_by(Case.id).having(held > 0).subquery()
    others = session.scalar(select(func.sum(needed.c[0]))) or 0
    return int(min(of_batch, stock.on_hand(session, product, company, Condition.QUARANTINE) - others))


def _signed(into: ColumnElement[bool]) -> ColumnElement[int]:
    """The pieces of moves into an account less those of the others."""
    return func.sum(case((into, StockMove.quantity), else_=-StockMove.quantity))
