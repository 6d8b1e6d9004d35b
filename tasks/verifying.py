"""Proof (核对): the audit chain, the journals of cases and the ledgers agree with each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.language import N_, _
from models.queries import audit, deadlines, stock
from models.tables.audit import AuditEntry
from models.tables.calendars import CalendarVersion
from models.tables.cases import Case, Step
from models.tables.deadlines import Deadline, RunningInterval
from models.tables.policies import PolicyVersion
from models.tables.questions import Decision, Task, TaskState
from tasks.database import transaction
from tasks.procedures import PROCEDURES

_POLICY, _CALENDAR = "policy_recorded", "calendar_recorded"


@dataclass(frozen=True)
class Finding:
    """Something that does not agree: a code, where, and a sentence."""

    code: str
    where: str
    message: str


def verify() -> list[Finding]:
    """Everything that does not agree; empty if all is in order."""
    with transaction() as session:
        return [*_audit(session), *_rules(session), *_journals(session), *_clocks(session), *_ledgers(session)]


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


def _rules(session: Session) -> Iterator[Finding]:
    """Policies and calendars say what they said when they were recorded; the oldest entries do not tell."""
    entries = session.scalars(select(AuditEntry).where(AuditEntry.operation.in_([_POLICY, _CALENDAR])))
    recorded = {(entry.operation, entry.subject): entry.detail.get("content") for entry in entries}
    versions: list[tuple[str, PolicyVersion | CalendarVersion]] = [
        *((_POLICY, one) for one in session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))),
        *((_CALENDAR, one) for one in session.scalars(select(CalendarVersion).order_by(CalendarVersion.id))),
    ]
    for operation, version in versions:
        subject = f"{version.name} {version.version}"
        if recorded.get((operation, subject)) not in {None, audit.digest_of_rules(version.content)}:
            yield Finding("rules_altered", subject, _(N_("It does not say any more what was recorded.")))


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


def _clocks(session: Session) -> Iterator[Finding]:
    """What is kept of a deadline for the sweep's index must follow from its budget, calendar and ledger."""
    unended = select(Deadline).where(deadlines.UNENDED).order_by(Deadline.id)
    for deadline in session.scalars(unended.execution_options(yield_per=500)):
        where = f"{deadline.case.number}:{deadline.key}"
        if deadlines.clock_of(deadline).due() != deadline.due_at:
            yield Finding("due_differs", where, _(N_("The due time does not follow from budget, calendar and pauses.")))
        stopped = deadline.intervals[-1].stopped_at
        if deadline.paused_at != stopped:
            yield Finding("pause_differs", where, _(N_("The deadline and its ledger differ on whether it stands.")))


def _ledgers(session: Session) -> Iterator[Finding]:
    """Nobody ever held fewer pieces than none, and each procedure proves its own closed cases."""
    for move, held in stock.overdrawn(session):
        text = N_("After move {move} {party} held {pieces} pieces in the condition «{condition}».")
        told = _(text, move=move, party=held.party, pieces=held.pieces, condition=held.condition.label)
        yield Finding("stock_overdrawn", held.product, told)
    for case in session.scalars(select(Case).where(Case.closed_at.is_not(None)).order_by(Case.id)):
        for code, text in PROCEDURES[case.procedure].prove(session, case):
            yield Finding(code, case.number, _(text))
