"""The business clock (业务时钟). Nothing else reads the time."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotARehearsal, Unavailable
from models.language import N_, _
from models.queries import audit
from models.tables.system import System

#: A rehearsal further away than this is a typing error.
_FARTHEST = timedelta(days=36_500)


def now(session: Session) -> datetime:
    """The business time: PostgreSQL's clock, and on a rehearsal system what it is set off by. Carries a zone."""
    instant: datetime | None = session.scalar(select(func.clock_timestamp() + System.clock_offset))
    if instant is None:
        raise Unavailable(N_("This database has not been set up; run «aftersales up» first."))
    return instant


def is_rehearsal(session: Session) -> bool:
    """Whether this system's clock may be set."""
    return bool(session.scalar(select(System.rehearsal)))


def set_to(session: Session, instant: datetime) -> datetime:
    """Sets a rehearsal clock to `instant`; it runs on from there. Raises NotARehearsal on a real system."""
    return forward(session, instant - now(session))


def forward(session: Session, by: timedelta) -> datetime:
    """Moves a rehearsal clock by `by`; a negative time moves it back. Raises NotARehearsal on a real system."""
    if abs(by) > _FARTHEST:
        raise InvalidInput({"time": _(N_("This is too far from now; at most {days} days."), days=_FARTHEST.days)})
    system = session.scalars(select(System).with_for_update()).one()
    if not system.rehearsal:
        raise NotARehearsal(N_("This is a real system; its clock cannot be set. Use a rehearsal system (--rehearsal)."))
    system.clock_offset += by
    session.flush()
    instant = now(session)
    audit.record(
        session,
        instant,
        "operator",
        "clock_set",
        "system",
        {"offset_seconds": str(system.clock_offset.total_seconds())},
    )
    return instant
