"""Proof (核对): the audit chain, the journals of cases and the ledgers agree with each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.batch_quality import GoodsArrival, Outcome
from models.language import N_, _
from models.queries import audit
from models.rules.batch_quality import credit_for
from models.tables.audit import AuditEntry
from models.tables.cases import Case, Step
from models.tables.deadlines import Deadline, RunningInterval
from models.tables.goods import Delivery
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.questions import Decision, Task, TaskState
from tasks.database import transaction


@dataclass(frozen=True)
class Finding:
    """Something that does not agree: a code, where, and a sentence."""

    code: str
    where: str
    message: str


def verify() -> list[Finding]:
    """Everything that does not agree; empty if all is in order."""
    with transaction() as session:
        return [*_audit(session), *_journals(session), *_ledgers(session)]


def _audit(session: Session) -> Iterator[Finding]:
    for number in audit.broken_entries(session):
        text = N_("The audit entry was altered, or one before it is missing.")
        yield Finding("audit_chain_broken", f"audit {number}", _(text))
    audited = select(AuditEntry.subject).where(AuditEntry.operation == "decided")
    decided = select(Task.ref).join(Decision)
    for ref in session.scalars(decided.where(Task.ref.not_in(audited))):
        yield Finding("decision_not_audited", ref, _(N_("The decision has no audit entry.")))
    for subject in session.scalars(audited.where(AuditEntry.subject.not_in(decided))):
        yield Finding("audited_decision_missing", subject, _(N_("The audit names a decision that is not there.")))


def _journals(session: Session) -> Iterator[Finding]:
    for case in session.scalars(select(Case).order_by(Case.id)):
        keys = set(session.scalars(select(Step.key).where(Step.case_id == case.id)))
        if "open" not in keys:
            yield Finding("journal_without_opening", case.number, _(N_("The journal does not begin with the opening.")))
        if (case.closed_at is not None) != ("close-case" in keys):
            yield Finding(
                "journal_and_case_differ", case.number, _(N_("Journal and case differ on whether it is closed."))
            )
        if case.is_open:
            continue
        open_tasks = select(func.count()).where(Task.case_id == case.id, Task.state == TaskState.OPEN)
        running = select(func.count()).select_from(RunningInterval).join(Deadline).where(
            Deadline.case_id == case.id, RunningInterval.stopped_at.is_(None)
        )  # fmt: skip
        if session.scalar(open_tasks) or session.scalar(running):
            yield Finding(
                "ended_case_still_runs", case.number, _(N_("The case has ended, but a task or clock is open."))
            )
    undecided = select(Task.ref).outerjoin(Decision).where(
        Task.state.in_([TaskState.DECIDED, TaskState.LAPSED]) != Decision.task_id.is_not(None)
    )  # fmt: skip
    for ref in session.scalars(undecided):
        yield Finding("task_and_decision_differ", ref, _(N_("Task and decision differ on whether it was decided.")))


def _ledgers(session: Session) -> Iterator[Finding]:
    for case in session.scalars(select(Case).where(Case.procedure == "BQ", Case.closed_at.is_not(None))):
        received = _received(session, case)
        quarantined = session.scalar(
            select(func.coalesce(func.sum(StockMove.quantity), 0)).where(
                StockMove.case_id == case.id, StockMove.to_condition == Condition.QUARANTINE
            )
        )
        if quarantined != sum(received.values()):
            yield Finding(
                "stock_differs", case.number, _(N_("What was booked into quarantine is not what was received."))
            )
        credited = session.scalar(
            select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
                MoneyMove.case_id == case.id, MoneyMove.to_account == Account.DEALER_CREDIT
            )
        )
        if credited != (_owed(session, received) if case.outcome == Outcome.CREDITED else Decimal(0)):
            yield Finding("credit_differs", case.number, _(N_("The credit is not the received pieces at their price.")))
        replaced = session.scalar(
            select(func.coalesce(func.sum(StockMove.quantity), 0)).where(
                StockMove.case_id == case.id, StockMove.from_condition == Condition.GOOD
            )
        )
        if replaced != (sum(received.values()) if case.outcome == Outcome.REPLACED else 0):
            yield Finding(
                "replacement_differs", case.number, _(N_("The replacement is not as many pieces as were received."))
            )


def _received(session: Session, case: Case) -> dict[str, int]:
    """Pieces received of each delivery, from the keeper's answers."""
    received: dict[str, int] = {}
    for task in session.scalars(select(Task).where(Task.case_id == case.id, Task.key == "arrival")):
        if task.decision is not None and task.state == TaskState.DECIDED:
            for line in GoodsArrival.read(task.decision.answer, task.facts).lines:
                received[line.delivery] = received.get(line.delivery, 0) + line.received
    return received


def _owed(session: Session, received: dict[str, int]) -> Decimal:
    deliveries = session.scalars(select(Delivery).where(Delivery.number.in_(received)))
    return sum((credit_for(received[one.number], one.unit_price) for one in deliveries), Decimal(0))
