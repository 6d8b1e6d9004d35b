"""What a case left behind in the books, as tests compare it."""

from decimal import Decimal

from sqlalchemy import select

from models.tables.cases import Case, Document
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice
from tasks.database import transaction


def stock_moves(number: str) -> list[tuple[str, str, str, str, str, int]]:
    """The stock moves of a case: part, from party and condition, to party and condition, pieces."""
    with transaction() as session:
        found = session.scalars(select(StockMove).join(Case).where(Case.number == number).order_by(StockMove.id))
        return [
            (one.product.code, one.from_party.code, one.from_condition, one.to_party.code, one.to_condition,
             one.quantity)
            for one in found
        ]  # fmt: skip


def money(number: str) -> list[tuple[str, str, str, str, Decimal]]:
    """The money moves of a case: from account and party, to account and party, amount."""
    with transaction() as session:
        found = session.scalars(select(MoneyMove).join(Case).where(Case.number == number).order_by(MoneyMove.id))
        return [(one.from_account, one.from_party, one.to_account, one.to_party, one.amount) for one in found]


def documents(number: str) -> list[str]:
    """The kinds of a case's documents, in the order in which they were filed."""
    with transaction() as session:
        found = select(Document).join(Case).where(Case.number == number)
        return [one.kind for one in session.scalars(found.order_by(Document.at, Document.number))]


def letters(number: str, name: str) -> list[tuple[str, str]]:
    """To whom a letter of a case went, and its text."""
    with transaction() as session:
        found = select(Notice).join(Case).where(Case.number == number, Notice.template == name).order_by(Notice.id)
        return [(one.key.rsplit(":", 1)[1], one.plain) for one in session.scalars(found)]
