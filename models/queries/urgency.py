"""What is open, due today and late, by procedure and party; counted by PostgreSQL, since there may be a great many."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.queries.cases import OPEN
from models.queries.deadlines import RUNNING, UNENDED
from models.tables.cases import Case
from models.tables.deadlines import Deadline, RunningInterval
from models.tables.parties import Party


@dataclass(frozen=True)
class Line:
    """The open cases of one procedure and party, and how many of their deadlines are due today, late or paused."""

    procedure: str
    party: str
    open_cases: int
    due_today: int
    late: int
    paused: int


def is_late(at: datetime) -> ColumnElement[bool]:
    """Out of time at `at`, as `models.queries.deadlines.state_of` has it."""
    return or_(Deadline.breached_at.is_not(None), and_(Deadline.paused_at.is_(None), Deadline.due_at < at))


def lines(session: Session, at: datetime, day_ends: datetime, parties: Collection[int] | None = None) -> list[Line]:
    """By procedure and party, the most late first; of all parties or of these."""
    late = is_late(at)
    today = and_(~late, Deadline.paused_at.is_(None), Deadline.due_at <= day_ends)

    def number(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((which, Deadline.id)))

    found = (
        select(
            Case.procedure,
            Party.name,
            func.count(Case.id.distinct()),
            number(today),
            number(late),
            number(and_(~late, Deadline.paused_at.is_not(None))),
        )
        .select_from(Case)
        .join(Party, Party.id == Case.party_id)
        .outerjoin(Deadline, and_(Deadline.case_id == Case.id, UNENDED))
        .where(OPEN, *_among(parties))
        .group_by(Case.procedure, Party.id)
        .order_by(number(late).desc(), number(today).desc(), Party.name, Party.id)
    )
    return [Line(*row) for row in session.execute(found)]


def late_ones(session: Session, at: datetime, limit: int, parties: Collection[int] | None = None) -> Sequence[Deadline]:
    """The late deadlines of open cases, the longest late first, `limit` at most."""
    return session.scalars(
        select(Deadline)
        .join(Deadline.case)
        .where(OPEN, UNENDED, is_late(at), *_among(parties))
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit)
        .options(
            joinedload(Deadline.case).joinedload(Case.party),
            selectinload(Deadline.intervals).options(
                joinedload(RunningInterval.holder), joinedload(RunningInterval.waits_for)
            ),
        )
    ).all()


def urgent_cases(session: Session, limit: int) -> Sequence[Case]:
    """The open cases, those with a clock that runs out first in front, `limit` at most."""
    next_due = select(func.min(Deadline.due_at)).where(Deadline.case_id == Case.id, RUNNING).scalar_subquery()
    return session.scalars(
        select(Case).where(OPEN).order_by(next_due.nulls_last(), Case.id).limit(limit).options(joinedload(Case.party))
    ).all()


def _among(parties: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if parties is None else [Case.party_id.in_(parties)]
