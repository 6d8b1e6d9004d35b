"""The sweep (巡检): chases what is late, answers what lapsed, wakes what was answered, sends what is queued.

It may run twice, late or beside another; a lock in the database lets one run at a time, and every effect of it
has a key that makes it happen once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from models.errors import AfterSalesError, InvalidInput
from models.forms import local_time
from models.language import N_, _
from models.queries import cases, clock
from models.rules.deadlines import has_passed
from models.tables.cases import Case, CaseState
from models.tables.deadlines import Deadline, Passing
from tasks import prefect_api
from tasks.database import connection, transaction
from tasks.deadlines import climb, open_tasks_of
from tasks.deciding import lapse
from tasks.post import deliver
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
        for number, part in enumerate((_chase, _lapse, _carry_on), 1):
            part(swept, at)
            progress(number / 4)
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


def _chase(swept: Swept, at: datetime) -> None:
    """Every rung that is due, one case after the other."""
    with transaction() as session:
        due = session.execute(
            select(Deadline.id, Deadline.case_id).where(Deadline.next_rung_at <= at).order_by(Deadline.next_rung_at)
        ).all()
        late = session.execute(
            select(Deadline.id, Deadline.case_id)
            .join(Case)
            .where(
                Deadline.met_at.is_(None),
                Deadline.breached_at.is_(None),
                Deadline.due_at < at,
                Case.withdrawn_at.is_(None),
                Case.closed_at.is_(None),
            )
        ).all()
    for deadline_id, case_id in dict.fromkeys([*due, *late]):
        with transaction() as session:
            case = cases.lock(session, case_id)
            deadline = session.get_one(Deadline, deadline_id)
            if not case.is_open or deadline.met_at is not None:
                continue
            climbed = climb(session, deadline, at)
            swept.deadlines += 1
            swept.escalated += sum(rung.escalation for rung in climbed)
            swept.reminded += sum(not rung.escalation for rung in climbed)


def _lapse(swept: Swept, at: datetime) -> None:
    """Questions whose time is over and whose policy lets silence answer."""
    with transaction() as session:
        over = session.execute(
            select(Deadline.id, Deadline.case_id).where(
                Deadline.passing == Passing.LAPSE, Deadline.met_at.is_(None), Deadline.due_at < at
            )
        ).all()
    for deadline_id, case_id in over:
        with transaction() as session:
            case = cases.lock(session, case_id)
            deadline = session.get_one(Deadline, deadline_id)
            if not case.is_open or not has_passed(deadline.due_at, at):
                continue
            for task in open_tasks_of(session, deadline):
                lapse(session, task, at)
                swept.lapsed += 1


def _carry_on(swept: Swept, at: datetime) -> None:
    """Compares open cases with Prefect: starts, wakes, withdraws what was cancelled there, names what has no run."""
    with transaction() as session:
        open_cases = cases.listed(session, only_open=True)
        states = {case.number: cases.state_of(session, case) for case in open_cases}
        carried = {case.number: (case.id, case.flow_run_id) for case in open_cases}
    try:
        known = prefect_api.runs(run_id for _, run_id in carried.values() if run_id)
        for number, (case_id, run_id) in carried.items():
            _carry_one(swept, at, number, case_id, known.get(run_id) if run_id else None, run_id, states[number])
    except AfterSalesError as error:
        swept.problems.append(error.message)


def _carry_one(
    swept: Swept,
    at: datetime,
    number: str,
    case_id: int,
    run: prefect_api.Run | None,
    run_id: UUID | None,
    state: CaseState,
) -> None:
    if run_id is None:
        started = carry(number)
        swept.started += started.flow_run_id is not None
        if started.problem:
            swept.problems.append(f"{number}: {started.problem}")
    elif run is None:
        swept.without_run.append(number)
    elif run.sleeps and state is CaseState.RUNNING:
        prefect_api.wake(run.id)
        swept.woken += 1
    elif run.was_cancelled_by_a_person:
        _withdraw(case_id, at)
        swept.withdrawn += 1
    elif not run.sleeps and not run.is_busy:
        swept.problems.append(
            _(
                N_("{number}: its run in Prefect is {state}: {message}"),
                number=number,
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
