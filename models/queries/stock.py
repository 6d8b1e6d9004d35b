"""What the stock ledger says: pieces of a product in an account, which is a party and a condition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select, union_all
from sqlalchemy.orm import Session

from models.roles import PartyKind
from models.tables.goods import Product
from models.tables.ledgers import COUNTED, Condition, StockMove
from models.tables.parties import Party


@dataclass(frozen=True)
class Balance:
    """Pieces of a product in one account; a source, such as what was there before the books, is below zero."""

    product: str
    party: str
    condition: Condition
    pieces: int


def on_hand(session: Session, product: Product, party: Party, condition: Condition) -> int:
    """Pieces of `product` that `party` holds in `condition` now."""
    entered = (StockMove.to_party_id == party.id) & (StockMove.to_condition == condition)
    left = (StockMove.from_party_id == party.id) & (StockMove.from_condition == condition)
    moved = select(func.coalesce(func.sum(case((entered, StockMove.quantity), else_=-StockMove.quantity)), 0)).where(
        StockMove.product_id == product.id, entered | left
    )
    return session.scalar(moved) or 0


def balances(session: Session, party: str = "", product: str = "") -> Sequence[Balance]:
    """Every account that is not empty, of one party or part if named, by part, party and condition."""
    sides = union_all(_side("to", 1), _side("from", -1)).subquery()
    pieces = func.sum(sides.c.pieces)
    found = (
        select(Product.code, Party.code, sides.c.condition, pieces)
        .join(Product, Product.id == sides.c.product_id)
        .join(Party, Party.id == sides.c.party_id)
        .group_by(Product.code, Party.code, sides.c.condition)
        .having(pieces != 0)
        .order_by(Product.code, Party.code, sides.c.condition)
    )
    if party:
        found = found.where(Party.code == party)
    if product:
        found = found.where(Product.code == product)
    return [
        Balance(code, holder, Condition(condition), int(sum_))
        for code, holder, condition, sum_ in session.execute(found)
    ]


def _side(way: str, sign: int) -> Select[tuple[int, int, str, int]]:
    return select(
        StockMove.product_id.label("product_id"),
        getattr(StockMove, f"{way}_party_id").label("party_id"),
        getattr(StockMove, f"{way}_condition").label("condition"),
        (StockMove.quantity * sign).label("pieces"),
        StockMove.id.label("move_id"),
    )


def overdrawn(session: Session) -> Iterator[tuple[int, Balance]]:
    """Moves after which a counted account held fewer than none, and what it then held."""
    sides = union_all(_side("to", 1), _side("from", -1)).subquery()
    running = select(
        sides,
        func.sum(sides.c.pieces)
        .over(partition_by=[sides.c.product_id, sides.c.party_id, sides.c.condition], order_by=sides.c.move_id)
        .label("balance"),
    ).subquery()
    made_by_production = (Party.kind == PartyKind.COMPANY) & (running.c.condition == Condition.GOOD)
    found = (
        select(running.c.move_id, Product.code, Party.code, running.c.condition, running.c.balance)
        .join(Product, Product.id == running.c.product_id)
        .join(Party, Party.id == running.c.party_id)
        .where(running.c.balance < 0, running.c.condition.in_(COUNTED), ~made_by_production)
        .order_by(running.c.move_id)
    )
    for move, code, holder, condition, total in session.execute(found):
        yield move, Balance(code, holder, Condition(condition), int(total))
