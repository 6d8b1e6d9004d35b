"""What must agree in a closed claim on a supplier: what was agreed, what was paid, what was handed over."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.language import N_
from models.supplier_claim import Outcome, SupplierClaimReport
from models.tables.cases import Case
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    owed, paid = _money(session, case, Account.SUPPLIER_RECEIVABLE), _money(session, case, Account.BANK)
    if owed != paid:
        yield "supplier_payment_differs", N_("What the supplier paid is not what it owed.")
    if (case.outcome == Outcome.GIVEN_UP) != (owed == 0):
        yield "supplier_outcome_differs", N_("Outcome and money differ on whether the supplier paid.")
    handed = select(func.coalesce(func.sum(StockMove.quantity), 0)).where(
        StockMove.case_id == case.id, StockMove.to_condition == Condition.FAULTY
    )
    if (session.scalar(handed) or 0) > sum(line.pieces for line in SupplierClaimReport.read(case.input).lines):
        yield "old_parts_exceed_claim", N_("More old parts were handed over than were claimed.")


def _money(session: Session, case: Case, account: Account) -> Decimal:
    moved = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == case.id, MoneyMove.to_account == account
    )
    return session.scalar(moved) or Decimal(0)
