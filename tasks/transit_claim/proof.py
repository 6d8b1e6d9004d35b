"""What must agree in a closed claim on a carrier: the outcome, the money, the letters, what it led to."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.language import N_
from models.queries import links, questions
from models.tables.cases import Case, Document, DocumentKind
from models.tables.ledgers import Account, MoneyMove
from models.transit_claim import CarrierPayment, Outcome

_PAID = {Outcome.SETTLED.value, Outcome.SETTLED_IN_PART.value}


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    task = questions.asked(session, case.id, "settlement-received", 1)
    received = Decimal(0)
    if task is not None and task.decision is not None:
        received = CarrierPayment.read(task.decision.answer, task.facts).amount
    if (received > 0) != (case.outcome in _PAID):
        yield (
            "outcome_differs",
            N_("A claim on a carrier is settled if the customer has received money, else not."),
        )
    booked = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == case.id, MoneyMove.to_account == Account.CUSTOMER_SETTLEMENT
    )
    if (session.scalar(booked) or Decimal(0)) != received:
        yield "settlement_differs", N_("What was booked is not what the customer received.")
    letters = select(func.count()).where(Document.case_id == case.id, Document.kind == DocumentKind.CLAIM_LETTER)
    if case.outcome in _PAID and not session.scalar(letters):
        yield "letter_missing", N_("The carrier paid, but there is no claim letter.")
    if case.outcome != Outcome.PACKING_FAULT and links.children(session, case.id):
        yield "child_differs", N_("Only a packing fault goes on as a claim.")
