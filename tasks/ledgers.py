"""Booking stock and money: always a move with two sides, once for its step and line."""

from decimal import Decimal
from typing import Any

from models.errors import NotInStock
from models.language import N_
from models.queries import stock
from models.roles import PartyKind
from models.tables.goods import Product
from models.tables.ledgers import COUNTED, Account, Condition, MoneyMove, StockMove
from models.tables.parties import Party
from tasks.journal import Work

Place = tuple[Party, Condition]


def book_stock(work: Work[Any], line: int, product: Product, batch: str, quantity: int, frm: Place, to: Place) -> None:
    """Moves pieces from one party and condition to another; nothing is booked for zero pieces.

    Raises NotInStock if a counted account holds too few; the database would refuse it too.
    """
    if not quantity:
        return
    party, condition = frm
    made_by_production = party.kind == PartyKind.COMPANY and condition == Condition.GOOD
    if condition in COUNTED and not made_by_production:
        work.session.flush()
        held = stock.on_hand(work.session, product, party, condition)
        if held < quantity:
            raise NotInStock(
                N_("{party} holds {held} pieces of {product} in the condition «{condition}», not {quantity}."),
                party=party.name,
                held=held,
                product=product.code,
                condition=condition.label,
                quantity=quantity,
            )
    work.session.add(
        StockMove(
            case_id=work.case.id,
            step=work.key,
            line=line,
            at=work.at,
            product=product,
            batch=batch,
            quantity=quantity,
            from_party=party,
            from_condition=condition,
            to_party=to[0],
            to_condition=to[1],
        )
    )


def settle_money(
    work: Work[Any], line: int, amount: Decimal, currency: str, frm: tuple[Account, str], to: tuple[Account, str]
) -> None:
    """Moves an amount in `currency` from one account to another, each with its party; zero is not booked."""
    if amount:
        work.session.add(
            MoneyMove(
                case_id=work.case.id,
                step=work.key,
                line=line,
                at=work.at,
                amount=amount,
                currency=currency,
                from_account=frm[0],
                from_party=frm[1],
                to_account=to[0],
                to_party=to[1],
            )
        )
