"""Writing and checking the audit trail (审计)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.tables.audit import AuditEntry

_CHAIN_LOCK = 0x4155444954  # "AUDIT"
FIRST = "0" * 64


def digest_of(entry: AuditEntry) -> str:
    """The SHA-256 over the entry's content and the digest before it."""
    content = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.operation,
        entry.subject,
        entry.detail,
        entry.previous,
    ]
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def record(session: Session, at: datetime, actor: str, operation: str, subject: str, detail: dict[str, Any]) -> None:
    """Appends an entry; writers wait for each other until they commit, so the chain has no fork."""
    session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).first()
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=at,
        actor=actor,
        operation=operation,
        subject=subject,
        detail=detail,
        previous=last.digest if last else FIRST,
    )
    entry.digest = digest_of(entry)
    session.add(entry)
    session.flush()


def broken_entries(session: Session) -> Iterator[int]:
    """Numbers of entries that are altered, missing or out of order, walking the chain from its beginning."""
    previous, expected = FIRST, 1
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=1000)):
        if entry.number != expected or entry.previous != previous or entry.digest != digest_of(entry):
            yield entry.number
        previous, expected = entry.digest, entry.number + 1


def times(session: Session, operation: str, subject: str) -> int:
    """How often something was done to a subject."""
    counted = select(func.count()).where(AuditEntry.operation == operation, AuditEntry.subject == subject)
    return session.scalar(counted) or 0
