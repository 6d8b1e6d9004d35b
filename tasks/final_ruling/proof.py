"""What must agree in a closed final ruling: the manager's answer, the collection and the money."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.final_ruling import FOLLOWS, Ruling
from models.language import N_
from models.queries import questions
from models.tables.cases import Case
from models.tables.claims import Precedent
from models.tables.ledgers import Account, MoneyMove
from tasks.final_ruling.separation import RULING


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    task = questions.asked(session, case.id, RULING, 1)
    if task is None or task.decision is None:
        yield "closed_without_a_ruling", N_("The case is closed, but nobody ruled.")
        return
    ruling = Ruling.read(task.decision.answer, task.facts)
    if FOLLOWS[ruling.ruled_for] != case.outcome:
        yield "outcome_differs", N_("The outcome is not what was ruled.")
    kept = session.scalars(select(Precedent).where(Precedent.case_id == case.id)).first()
    if kept is None or (kept.article, kept.reasons) != (ruling.article, ruling.reasons):
        yield "precedent_differs", N_("The collection of precedents does not have the ruling as it was made.")
    paid = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == case.id, MoneyMove.to_account == Account.DEALER_CREDIT
    )
    if (session.scalar(paid) or Decimal(0)) != ruling.amount:
        yield "payment_differs", N_("What the company paid is not what was ruled.")
