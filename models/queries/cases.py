"""Finding, numbering and locking cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, and_, bindparam, cast, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, selectinload

from models.errors import NotFound
from models.language import N_
from models.tables.cases import Case, CaseNumber, CaseState
from models.tables.questions import Task, TaskState

#: The class of the advisory locks of cases, and what their second key may reach.
_CASE_LOCKS = 0x43415345  # "CASE"
_MOST = 2**31

#: Neither closed nor withdrawn, as `Case.is_open` has it.
OPEN = and_(Case.closed_at.is_(None), Case.withdrawn_at.is_(None))


def next_number(session: Session, procedure: str, at: datetime, zone: ZoneInfo) -> str:
    """The next case number such as BQ-2026-0001. Waits for others that are taking one; gaps may remain."""
    year = at.astimezone(zone).year
    first = insert(CaseNumber).values(procedure=procedure, year=year, last=1)
    counted = first.on_conflict_do_update(
        index_elements=[CaseNumber.procedure, CaseNumber.year], set_={"last": CaseNumber.last + 1}
    ).returning(CaseNumber.last)
    return f"{procedure}-{year}-{session.execute(counted).scalar_one():04d}"


def by_number(session: Session, number: str, *, lock: bool = False) -> Case:
    """The case with this number; raises NotFound. With `lock` nobody else moves it until the transaction ends."""
    if lock and (case_id := session.scalar(select(Case.id).where(Case.number == number))) is not None:
        hold(session, [case_id])
    query = select(Case).where(Case.number == number).execution_options(populate_existing=lock)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(N_("There is no case {number}."), number=number)
    return found


def by_flow_run(session: Session, flow_run_id: UUID) -> Case | None:
    """The case that a Prefect run carries, if it carries one."""
    return session.scalars(select(Case).where(Case.flow_run_id == flow_run_id)).first()


def lock(session: Session, case_id: int) -> Case:
    """The case, locked and read afresh, so that nobody else moves it until the transaction ends."""
    hold(session, [case_id])
    return session.scalars(select(Case).where(Case.id == case_id).execution_options(populate_existing=True)).one()


def hold(session: Session, case_ids: Collection[int]) -> None:
    """Locks cases without reading them, in one order, so that two who lock many never wait in a circle.

    The lock is one of PostgreSQL's advisory locks, not one of the row: a sweep locks a great many cases of which it
    changes nothing, and each lock of a row would be written to disk.
    """
    ordered = cast(bindparam("ids", [one % _MOST for one in sorted(case_ids)]), ARRAY(Integer()))
    session.execute(select(func.pg_advisory_xact_lock(_CASE_LOCKS, func.unnest(ordered)))).all()


def lock_all(session: Session, case_ids: Collection[int]) -> Sequence[Case]:
    """Many cases, locked and read afresh."""
    hold(session, case_ids)
    return session.scalars(
        select(Case)
        .where(Case.id.in_(case_ids))
        .order_by(Case.id)
        .options(selectinload(Case.party), selectinload(Case.policy_version))
        .execution_options(populate_existing=True)
    ).all()


def lock_subject(session: Session, procedure: str, subject: str) -> None:
    """Makes simultaneous starts about the same subject wait for each other until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{procedure}:{subject}", 0))))


def open_cases_about(session: Session, procedure: str, subject: str) -> Sequence[Case]:
    """Open cases of the procedure about the subject, the newest first."""
    return session.scalars(
        select(Case)
        .where(
            Case.procedure == procedure,
            Case.subject == subject,
            OPEN,
        )
        .order_by(Case.id.desc())
    ).all()


def was_ever_about(session: Session, procedure: str, subject: str) -> bool:
    """Whether any case of the procedure, open or ended, is about the subject."""
    return session.scalar(select(exists().where(Case.procedure == procedure, Case.subject == subject))) or False


def listed(session: Session, procedure: str | None = None, *, only_open: bool = False) -> Sequence[Case]:
    """Cases, the oldest first."""
    query = select(Case).order_by(Case.id)
    if procedure:
        query = query.where(Case.procedure == procedure)
    if only_open:
        query = query.where(OPEN)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Carried:
    """An open case as the sweep compares it with Prefect: its run, if it has one, and whether it waits."""

    id: int
    number: str
    flow_run_id: UUID | None
    waits: bool


def all_carried(session: Session) -> list[Carried]:
    """Every open case, the oldest first."""
    waits = select(Task.id).where(Task.case_id == Case.id, Task.awaited, Task.state == TaskState.OPEN).exists()
    rows = session.execute(select(Case.id, Case.number, Case.flow_run_id, waits).where(OPEN).order_by(Case.id))
    return [Carried(*row) for row in rows]


def state_of(session: Session, case: Case) -> CaseState:
    """Derived: a case waits while the question its flow sleeps on is open."""
    if case.withdrawn_at:
        return CaseState.WITHDRAWN
    if case.closed_at:
        return CaseState.CLOSED
    awaited = select(Task.id).where(Task.case_id == case.id, Task.awaited, Task.state == TaskState.OPEN)
    return CaseState.WAITING if session.scalar(awaited) else CaseState.RUNNING
