"""The sweep (巡检): chases what is late, answers what lapsed, wakes what was answered, sends what is queued.

It may run twice, late or beside another; a lock in the database lets one run at a time, and every effect of it
has a key that makes it happen once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from models.errors import AfterSalesError, InvalidInput, Unavailable
from models.forms import local_time
from models.language import N_, _
from models.queries import cases, clock
from models.queries.deadlines import RUNNING
from models.rules.deadlines import has_passed
from models.tables.deadlines import Deadline, Passing, RunningInterval
from models.tables.system import System
from tasks import prefect_api
from tasks.climbing import climb_all
from tasks.database import connection, transaction
from tasks.deadlines import open_tasks_of
from tasks.deciding import lapse
from tasks.opening import open_what_fell_due
from tasks.post import deliver
from tasks.procedures import PROCEDURES
from tasks.waking import carry
from tasks.withdrawing import end_by_withdrawal

_SWEEP_LOCK = 0x5357454550  # "SWEEP"


@dataclass
class Swept:
    """What a sweep did; `problems` are sentences for the board, `without_run` the cases nothing carries."""

    deadlines: int = 0
    reminded: int = 0
    escalated: int = 0
    lapsed: int = 0
    opened: int = 0
    started: int = 0
    woken: int = 0
    withdrawn: int = 0
    delivered: int = 0
    failed: int = 0
    skipped: bool = False
    without_run: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """The result as data."""
        return asdict(self)


def sweep(as_of: datetime | None = None, progress: Callable[[float], None] = lambda share: None) -> Swept:
    """Does everything that is due at `as_of` (now, if not given). `progress` hears the share done, 0 to 1.

    Raises InvalidInput for a time in the future on a real system: nobody may be chased before time.
    """
    swept = Swept()
    with _alone() as mine:
        if not mine:
            swept.skipped = True
            return swept
        at = _instant(as_of)
        for number, part in enumerate((_chase, _lapse, _open, _carry_on), 1):
            part(swept, at)
            progress(number / 5)
        delivered = deliver(as_of=at)
        swept.delivered, swept.failed = delivered.sent, delivered.failed
        if delivered.unreachable:
            swept.problems.append(_(N_("Mail: {problem}"), problem=delivered.unreachable))
        progress(1.0)
    return swept


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other sweep runs, wherever it was called from; the lock goes with the connection."""
    with connection() as held:
        mine = bool(held.scalar(select(func.pg_try_advisory_lock(_SWEEP_LOCK))))
        # The lock belongs to the connection; no transaction needs to stay open for it.
        held.commit()
        try:
            yield mine
        finally:
            if mine:
                held.execute(select(func.pg_advisory_unlock(_SWEEP_LOCK)))
                held.commit()


def _instant(as_of: datetime | None) -> datetime:
    with transaction() as session:
        now = clock.now(session)
        if as_of is None:
            return now
        if as_of > now and not clock.is_rehearsal(session):
            raise InvalidInput({"as_of": _(N_("This lies in the future; now it is {now}."), now=local_time(now))})
        return as_of


#: Deadlines that are chased in one transaction: enough to ask the database once for many, few enough for memory.
_TOGETHER = 500


def _chase(swept: Swept, at: datetime) -> None:
    """Every rung that is due, then what ran out of time without one. Costs what is due, whatever else is open."""
    _chase_those(swept, at, Deadline.next_rung_at <= at, Deadline.next_rung_at)
    _chase_those(swept, at, RUNNING & Deadline.breached_at.is_(None) & (Deadline.due_at < at), Deadline.due_at)
    with transaction() as session:
        session.execute(update(System).values(swept_at=func.greatest(System.swept_at, at)))


def _chase_those(swept: Swept, at: datetime, which: ColumnElement[bool], order: InstrumentedAttribute[Any]) -> None:
    """Each of those deadlines leaves them by being climbed; one that could not be is not tried twice."""
    tried: set[int] = set()
    stuck: set[int] = set()
    while True:
        with transaction() as session:
            found = select(Deadline.id, Deadline.case_id).where(which, Deadline.id.not_in(stuck))
            rows = session.execute(found.order_by(order, Deadline.id).limit(_TOGETHER)).all()
        if not rows:
            return
        stuck |= {deadline_id for deadline_id, _case in rows} & tried
        new = {deadline_id: case_id for deadline_id, case_id in rows if deadline_id not in tried}
        if not new:
            continue
        tried |= set(new)
        try:
            with transaction() as session:
                _climb_together(session, swept, at, new)
        except Exception:  # noqa: BLE001  # one cannot be chased; the others are, and a person hears which it is
            for deadline_id, case_id in new.items():
                _climb_alone(swept, at, deadline_id, case_id)


def _climb_alone(swept: Swept, at: datetime, deadline_id: int, case_id: int) -> None:
    try:
        with transaction() as session:
            _climb_together(session, swept, at, {deadline_id: case_id})
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not keep the sweep from the rest
        with transaction() as session:
            deadline = session.get_one(Deadline, deadline_id)
            swept.problems.append(
                _(
                    N_("{number}: its deadline {key} cannot be chased: {error}"),
                    number=deadline.case.number,
                    key=deadline.key,
                    error=repr(error),
                )
            )


def _climb_together(session: Session, swept: Swept, at: datetime, chosen: Mapping[int, int]) -> None:
    locked = {case.id: case for case in cases.lock_all(session, set(chosen.values()))}
    found = session.scalars(
        select(Deadline)
        .where(Deadline.id.in_(chosen))
        .order_by(Deadline.id)
        .options(selectinload(Deadline.intervals).joinedload(RunningInterval.holder), selectinload(Deadline.rungs))
    ).all()
    open_ones = [one for one in found if locked[one.case_id].is_open and not one.is_over]
    climbed = climb_all(session, open_ones, at)
    session.commit()
    swept.deadlines += len(open_ones)
    swept.escalated += sum(rung.escalation for rung in climbed)
    swept.reminded += sum(not rung.escalation for rung in climbed)


def _lapse(swept: Swept, at: datetime) -> None:
    """Questions whose time is over and whose policy lets silence answer."""
    with transaction() as session:
        over = session.execute(
            select(Deadline.id, Deadline.case_id)
            .where(RUNNING, Deadline.passing == Passing.LAPSE, Deadline.due_at < at)
            .order_by(Deadline.due_at)
        ).all()
    for deadline_id, case_id in over:
        with transaction() as session:
            case = cases.lock(session, case_id)
            deadline = session.get_one(Deadline, deadline_id)
            if not case.is_open or deadline.is_over or deadline.paused_at or not has_passed(deadline.due_at, at):
                continue
            for task in open_tasks_of(session, deadline):
                lapse(session, task, at)
                swept.lapsed += 1


def _open(swept: Swept, at: datetime) -> None:
    """What the calendar asks for: a month's feedback, a month's return list, a station's renewal."""
    for procedure in PROCEDURES.values():
        try:
            swept.opened += len(open_what_fell_due(procedure, at))
        except Unavailable:
            raise
        except AfterSalesError as error:
            swept.problems.append(f"{procedure.name}: {error.message}")


def _carry_on(swept: Swept, at: datetime) -> None:
    """Compares open cases with Prefect: starts, wakes, withdraws what was cancelled there, names what has no run."""
    with transaction() as session:
        carried = cases.all_carried(session)
    try:
        known = prefect_api.runs(one.flow_run_id for one in carried if one.flow_run_id)
        for one in carried:
            _carry_one(swept, at, one, known.get(one.flow_run_id) if one.flow_run_id else None)
    except AfterSalesError as error:
        swept.problems.append(error.message)


def _carry_one(swept: Swept, at: datetime, case: cases.Carried, run: prefect_api.Run | None) -> None:
    if case.flow_run_id is None:
        started = carry(case.number)
        swept.started += started.flow_run_id is not None
        if started.problem:
            swept.problems.append(f"{case.number}: {started.problem}")
    elif run is None:
        swept.without_run.append(case.number)
    elif run.sleeps and not case.waits:
        prefect_api.wake(run.id)
        swept.woken += 1
    elif run.was_cancelled_by_a_person:
        _withdraw(case.id, at)
        swept.withdrawn += 1
    elif not run.sleeps and not run.is_busy:
        swept.problems.append(
            _(
                N_("{number}: its run in Prefect is {state}: {message}"),
                number=case.number,
                state=run.state_name,
                message=run.message,
            )
        )


def _withdraw(case_id: int, at: datetime) -> None:
    """A run cancelled in Prefect's UI ends its case; people are told."""
    with transaction() as session:
        case = cases.lock(session, case_id)
        if case.is_open:
            end_by_withdrawal(session, case, at, _(N_("Its run was cancelled in Prefect.")), None)
