"""What a call leaves behind anywhere: the rows that it might have changed, and what was audited."""

from typing import Any

from sqlalchemy import select, text

from models.tables.audit import AuditEntry
from tasks.database import engine, transaction

#: Of cases and their clocks, of rules, of master data, and the clock of a rehearsal.
TABLES = (
    "case", "task", "decision", "step", "notice", "deadline", "deadline_change", "running_interval", "rung",
    "audit_entry", "calendar_version", "policy_version", "party", "product", "delivery", "system",
)  # fmt: skip
#: What a refusal itself leaves: the audit trail tells of a refused decision.
TOLD = {"audit_entry": "WHERE operation <> 'decision_refused'"}


def everything(*tables: str) -> dict[str, list[str]]:
    """Every row that a call might have changed, of all tables or of these."""
    with engine().connect() as connection:
        return {
            one: list(connection.scalars(text(f'SELECT t::text FROM "{one}" t {TOLD.get(one, "")} ORDER BY 1')))
            for one in tables or TABLES
        }


def audited(operation: str, about: str = "") -> list[tuple[str, str, Any]]:
    """Who did it, to what and how; of one case where its number is given."""
    with transaction() as session:
        entries = (
            select(AuditEntry)
            .where(AuditEntry.operation == operation, AuditEntry.subject.startswith(about))
            .order_by(AuditEntry.number)
        )
        return [(one.actor, one.subject, one.detail) for one in session.scalars(entries)]
