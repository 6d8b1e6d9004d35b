"""What must agree in a closed parts return: list, count, verdict, stock and money (ledgers of factory and sender)."""

from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.forms import Form
from models.language import N_
from models.parts_exchange import ReworkReport
from models.parts_inspection import FactoryCount, InspectionVerdict
from models.queries import charges
from models.tables.cases import Case, Document, DocumentKind
from models.tables.charges import PartsCharge
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.questions import Task, TaskState

F = TypeVar("F", bound=Form)


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    shipped = _moved(session, case, _from(Condition.FAULTY) & _to(Condition.IN_TRANSIT))
    if shipped != (_approved(session, case) if _answer(session, case, "factory-count", FactoryCount) else 0):
        yield "return_shipment_differs", N_("What was shipped is not what was approved.")
    count = _answer(session, case, "factory-count", FactoryCount)
    if _moved(session, case, _to(Condition.QUARANTINE)) != sum(count.arrived.values() if count else ()):
        yield "return_count_differs", N_("What was booked into quarantine is not what was counted.")
    if _moved(session, case, _to(Condition.IN_TRANSIT)) != _moved(session, case, _from(Condition.IN_TRANSIT)):
        yield "return_still_in_transit", N_("Pieces of this case are still in transit.")
    verdict = _answer(session, case, "inspection-verdict", InspectionVerdict)
    good = _moved(session, case, _from(Condition.GOOD))
    if good != sum(verdict.exchanged.values() if verdict else ()):
        yield "exchange_differs", N_("The good parts are not as many as were accepted.")
    refused = _moved(session, case, StockMove.step.in_(["send-refused-back", "scrap-refused"]))
    if refused != sum(verdict.refused.values() if verdict else ()):
        yield "refused_differs", N_("The refused parts are not as many as were judged so.")
    report = _answer(session, case, "rework", ReworkReport)
    repaired = _moved(session, case, _from(Condition.REWORK) & _to(Condition.GOOD))
    if repaired != sum(report.repaired.values() if report else ()):
        yield "rework_differs", N_("The repaired parts are not as many as the workshop reported.")
    yield from _charge(session, case)


def _charge(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """What was charged was booked and is paid: a return does not close before."""
    if not session.scalar(select(PartsCharge.id).where(PartsCharge.case_id == case.id)):
        return
    charge = charges.charge_of(session, case.id)
    booked = select(func.sum(MoneyMove.amount)).where(MoneyMove.case_id == case.id)
    charged = session.scalar(booked.where(MoneyMove.to_account == Account.PARTY_RECEIVABLE))
    paid = session.scalar(booked.where(MoneyMove.to_account == Account.BANK))
    if not (charge.amount == charged == paid and charge.settled_at):
        yield "charge_differs", N_("The charge for overdue parts is not what was booked and paid.")


def _from(condition: Condition) -> ColumnElement[bool]:
    return StockMove.from_condition == condition


def _to(condition: Condition) -> ColumnElement[bool]:
    return StockMove.to_condition == condition


def _moved(session: Session, case: Case, which: ColumnElement[bool]) -> int:
    moved = select(func.coalesce(func.sum(StockMove.quantity), 0)).where(StockMove.case_id == case.id, which)
    return session.scalar(moved) or 0


def _approved(session: Session, case: Case) -> int:
    """Pieces on the approved list."""
    lists = select(Document).where(Document.case_id == case.id, Document.kind == DocumentKind.RETURN_LIST)
    lines = [line for document in session.scalars(lists) for line in document.content["lines"]]
    return sum(line["pieces"] for line in lines if not line["cut"])


def _answer(session: Session, case: Case, key: str, form: type[F]) -> F | None:
    """The last answer to a question of the case, if it was asked."""
    asked = select(Task).where(Task.case_id == case.id, Task.key == key, Task.state == TaskState.DECIDED)
    task = session.scalars(asked.order_by(Task.round.desc())).first()
    return form.read(task.decision.answer, task.facts) if task and task.decision else None
