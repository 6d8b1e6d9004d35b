"""Booking stock and money: always a move with two sides, once for its step and line."""

from decimal import Decimal
from typing import Any

from models.tables.goods import Product
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.parties import Party
from tasks.journal import Work

Place = tuple[Party, Condition]


def book_stock(work: Work[Any], line: int, product: Product, batch: str, quantity: int, frm: Place, to: Place) -> None:
    """Moves pieces from one party and condition to another; nothing is booked for zero pieces."""
    if quantity:
        work.session.add(
            StockMove(
                case_id=work.case.id,
                step=work.key,
                line=line,
                at=work.at,
                product=product,
                batch=batch,
                quantity=quantity,
                from_party=frm[0],
                from_condition=frm[1],
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
