"""Accounts of the sample company's people in tests, and the passing of real time, which no clock of ours sets."""

from datetime import timedelta

from sqlalchemy import select, update

from models.tables.accounts import Brake, SignedIn
from models.tables.audit import AuditEntry
from tasks.database import transaction
from tasks.signing_in import set_password

#: What everybody signs in with.
PASSWORD = "tarpaulin over seven crates"


def give_password(login: str, password: str = PASSWORD, *, must_change: bool = False) -> None:
    """Somebody can sign in from now on."""
    set_password(login, password, by="operator", must_change=must_change)


def time_passes(**by: float) -> None:
    """Moves sessions and brakes into the past, as if the machine's clock had gone on: time_passes(minutes=5)."""
    past = timedelta(**by)
    with transaction() as session:
        times = (SignedIn.begun_at, SignedIn.last_seen_at, SignedIn.ends_at)
        session.execute(update(SignedIn).values({one: one - past for one in times}))
        session.execute(update(Brake).values(last_at=Brake.last_at - past, blocked_until=Brake.blocked_until - past))


def audited(operation: str) -> list[AuditEntry]:
    """The audit entries of one kind, the oldest first."""
    with transaction() as session:
        found = select(AuditEntry).where(AuditEntry.operation == operation).order_by(AuditEntry.number)
        return list(session.scalars(found))
