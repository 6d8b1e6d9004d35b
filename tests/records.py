"""What a case left behind in the books, and what it asks, as tests compare it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from people import open_tasks
from sqlalchemy import select

from models.queries import cases, deadlines, links, people, questions
from models.tables.cases import Case, Document
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice
from tasks.database import transaction

# What was booked


def stock_moves(number: str) -> list[tuple[str, str, str, str, str, int]]:
    """The stock moves of a case: part, from party and condition, to party and condition, pieces."""
    with transaction() as session:
        found = session.scalars(select(StockMove).join(Case).where(Case.number == number).order_by(StockMove.id))
        return [
            (one.product.code, one.from_party.code, one.from_condition, one.to_party.code, one.to_condition,
             one.quantity)
            for one in found
        ]  # fmt: skip


def money(number: str) -> list[tuple[str, str, str, str, Decimal, str]]:
    """The money moves of a case: from account and party, to account and party, amount, currency."""
    with transaction() as session:
        found = session.scalars(select(MoneyMove).join(Case).where(Case.number == number).order_by(MoneyMove.id))
        return [
            (one.from_account, one.from_party, one.to_account, one.to_party, one.amount, one.currency) for one in found
        ]


# What was filed


def documents(number: str) -> list[str]:
    """The kinds of a case's documents, in the order in which they were filed."""
    return [kind for kind, _which in numbered_documents(number)]


def numbered_documents(number: str) -> list[tuple[str, int]]:
    """The documents of a case in that order: kind, and number among those of its kind."""
    with transaction() as session:
        found = select(Document).join(Case).where(Case.number == number)
        return [(one.kind, one.number) for one in session.scalars(found.order_by(Document.at, Document.number))]


def contents(number: str, kind: str) -> list[dict[str, Any]]:
    """What the documents of a kind say, the first one first."""
    with transaction() as session:
        found = select(Document.content).join(Case).where(Case.number == number, Document.kind == kind)
        return list(session.scalars(found.order_by(Document.number)))


# What was written to whom


def mails(number: str, letter: str) -> list[Notice]:
    """The notices of a case that a letter made: a template such as `claim/settled`."""
    with transaction() as session:
        found = select(Notice).join(Case).where(Case.number == number, Notice.template == letter)
        return list(session.scalars(found.order_by(Notice.id)))


def told(number: str, letter: str) -> list[str]:
    """Whom a letter of a case went to: a party's number or a person's login."""
    return [who for who, _text in letters(number, letter)]


def letters(number: str, letter: str) -> list[tuple[str, str]]:
    """To whom a letter of a case went, and its plain text."""
    return [(one.key.rsplit(":", 1)[1], one.plain) for one in mails(number, letter)]


def letter_text(number: str, letter: str) -> str:
    """The plain text of a letter of a case, as the first who got it read it."""
    return mails(number, letter)[0].plain


# What it asks, and what came out of it


def facts(number: str, key: str) -> dict[str, Any]:
    """What an open question of a case shows to whoever answers it."""
    with transaction() as session:
        return dict(questions.by_ref(session, open_tasks(number)[key]).facts)


def candidates(number: str, key: str) -> list[str]:
    """The logins of those who may answer an open question of a case."""
    with transaction() as session:
        return people.logins(questions.candidates(session, questions.by_ref(session, open_tasks(number)[key])))


def due(number: str, key: str) -> datetime:
    """When a deadline of a case is due."""
    with transaction() as session:
        return deadlines.of_case(session, cases.by_number(session, number).id, key).due_at


def children(number: str) -> list[str]:
    """The cases that came out of a case."""
    with transaction() as session:
        return [one.number for one in links.children(session, cases.by_number(session, number).id)]
