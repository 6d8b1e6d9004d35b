"""What must agree in a closed batch quality dispute: the keeper's answers, the stock and the money."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.batch_quality import GoodsArrival, Outcome
from models.language import N_
from models.rules.batch_quality import credit_for
from models.tables.cases import Case
from models.tables.goods import Delivery
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.questions import Task, TaskState


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    received = _received(session, case)
    if _moved(session, case, StockMove.to_condition == Condition.QUARANTINE) != sum(received.values()):
        yield "stock_differs", N_("What was booked into quarantine is not what was received.")
    if _credited(session, case) != (_owed(session, received) if case.outcome == Outcome.CREDITED else Decimal(0)):
        yield "credit_differs", N_("The credit is not the received pieces at their price.")
    replaced = _moved(session, case, StockMove.from_condition == Condition.GOOD)
    if replaced != (sum(received.values()) if case.outcome == Outcome.REPLACED else 0):
        yield "replacement_differs", N_("The replacement is not as many pieces as were received.")


def _received(session: Session, case: Case) -> dict[str, int]:
    """Pieces received of each delivery, from the keeper's answers."""
    received: dict[str, int] = {}
    arrivals = select(Task).where(Task.case_id == case.id, Task.key == "arrival", Task.state == TaskState.DECIDED)
    for task in session.scalars(arrivals):
        assert task.decision is not None, "a decided task has its decision"
        for line in GoodsArrival.read(task.decision.answer, task.facts).lines:
            received[line.delivery] = received.get(line.delivery, 0) + line.received
    return received


def _moved(session: Session, case: Case, which: ColumnElement[bool]) -> int:
    moved = select(func.coalesce(func.sum(StockMove.quantity), 0)).where(StockMove.case_id == case.id, which)
    return session.scalar(moved) or 0


def _credited(session: Session, case: Case) -> Decimal:
    credited = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == case.id, MoneyMove.to_account == Account.DEALER_CREDIT
    )
    return session.scalar(credited) or Decimal(0)


def _owed(session: Session, received: dict[str, int]) -> Decimal:
    deliveries = session.scalars(select(Delivery).where(Delivery.number.in_(received)))
    return sum((credit_for(received[one.number], one.unit_price) for one in deliveries), Decimal(0))
