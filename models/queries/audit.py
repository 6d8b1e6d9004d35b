"""Writing and checking the audit trail (审计)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import audit_file
from models.audit_file import FIRST
from models.tables.audit import AuditEntry

_CHAIN_LOCK = 0x4155444954  # "AUDIT"
#: How many entries are read at a time where all are.
_AT_ONCE = 500


def digest_of(entry: AuditEntry) -> str:
    """The SHA-256 over the entry's content and the digest before it."""
    return audit_file.digest_of(_content(entry))


def line_of(entry: AuditEntry) -> str:
    """The entry as a line of an exported file, as it stands in the database."""
    return audit_file.entry_line(_content(entry), entry.digest)


def _content(entry: AuditEntry) -> list[object]:
    return [
        entry.number,
        time_text(entry.at),
        entry.actor,
        entry.operation,
        entry.subject,
        entry.detail,
        entry.previous,
    ]


def digest_of_rules(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a policy or calendar as it was recorded, so that the trail tells if it is altered later."""
    return sha256(audit_file.canonical(content).encode()).hexdigest()


def time_text(at: datetime) -> str:
    """A time as it stands in the chain: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
    for entry in entries_after(session, 0):
        if entry.number != expected or entry.previous != previous or entry.digest != digest_of(entry):
            yield entry.number
        previous, expected = entry.digest, entry.number + 1


def entries_after(session: Session, number: int) -> Iterator[AuditEntry]:
    """The entries after this one in their order, as they stand now; a few are in memory at a time."""
    later = select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number)
    return iter(session.scalars(later.execution_options(yield_per=_AT_ONCE)))


def last_number(session: Session) -> int:
    """The number of the last entry; 0 before there is one."""
    return session.scalar(select(func.max(AuditEntry.number))) or 0


def times(session: Session, operation: str, subject: str) -> int:
    """How often something was done to a subject."""
    counted = select(func.count()).where(AuditEntry.operation == operation, AuditEntry.subject == subject)
    return session.scalar(counted) or 0
