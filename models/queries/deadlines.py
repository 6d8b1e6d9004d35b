"""Starting, stopping and ending deadlines (时限), and telling their state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session, object_session

from models.errors import NotFound
from models.language import N_
from models.limits import Limit
from models.policy import Policy
from models.queries import audit, calendars, people, policies, rungs
from models.rules.calendars import Calendar
from models.rules.deadlines import (
    Budget,
    Clock,
    Counting,
    CountsFrom,
    LastDay,
    Run,
    Unit,
    counted,
    going_on,
    has_passed,
)
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState, RunningInterval
from models.tables.notices import Notice, NoticeState
from models.tables.parties import Party

#: Neither met nor abandoned, as the opposite of `Deadline.is_over`.
UNENDED = and_(Deadline.met_at.is_(None), Deadline.abandoned_at.is_(None))
#: And the clock does not stand.
RUNNING = and_(UNENDED, Deadline.paused_at.is_(None))


def start(
    session: Session, case: Case, key: str, limit: Limit, since: datetime, policy: Policy, holder: Party
) -> Deadline:
    """Begins a deadline at `since`, which may lie in the past; `holder` is the party that has the ball.

    It is counted by the calendar that is in force now, and by the limit that holds for the case now.
    Raises NotFound for a calendar that nobody recorded.
    """
    policy, limit = policies.limit_in_force(session, case, policy, limit)
    counting = policy.counting_of(limit)
    deadline = Deadline(
        case=case,
        key=key,
        limit_path=limit.path,
        amount=limit.budget.amount,
        unit=limit.budget.unit,
        calendar=calendars.current(session, policy.calendar_of(limit)),
        line=people.line_of(holder),
        cut_off=counting.cut_off,
        counts_from=counting.counts_from,
        last_day=counting.last_day,
        passing=limit.passing,
        ladder=[rung.model_dump(mode="json") for rung in limit.rungs],
        started_at=since,
        due_at=since,
        intervals=[RunningInterval(number=1, started_at=since, holder=holder)],
    )
    session.add(deadline)
    session.flush()
    project(deadline)
    session.flush()
    return deadline


def of_case(session: Session, case_id: int, key: str) -> Deadline:
    """The deadline of a case by its key; raises NotFound that names those there are."""
    if found := find(session, case_id, key):
        return found
    keys = session.scalars(select(Deadline.key).where(Deadline.case_id == case_id).order_by(Deadline.id))
    raise NotFound(
        N_("There is no deadline {key} in this case; there are: {keys}."), key=key, keys=", ".join(keys) or "–"
    )


def find(session: Session, case_id: int, key: str) -> Deadline | None:
    """The deadline of a case by its key, if it was begun."""
    return session.scalars(select(Deadline).where(Deadline.case_id == case_id, Deadline.key == key)).first()


def all_of(session: Session, case_id: int) -> Sequence[Deadline]:
    """The deadlines of a case, in the order of their beginning."""
    return session.scalars(select(Deadline).where(Deadline.case_id == case_id).order_by(Deadline.id)).all()


def budget_of(deadline: Deadline) -> Budget:
    """The amount and unit of a deadline."""
    return Budget(deadline.amount, Unit(deadline.unit))


def counting_of(deadline: Deadline) -> Counting:
    """How a deadline is counted."""
    return Counting(deadline.cut_off, CountsFrom(deadline.counts_from), LastDay(deadline.last_day))


def calendar_of(deadline: Deadline) -> Calendar:
    """The calendar by which a deadline is counted, with the closures of those who had the ball first."""
    session = object_session(deadline)
    assert session is not None, "a deadline is looked at where it was read"
    return calendars.calendar_for(session, deadline.calendar_id or deadline.calendar.id, deadline.line)


def clock_of(deadline: Deadline, at: datetime | None = None) -> Clock:
    """The clock of a deadline; with `at`, one that stands is taken to go on at that time.

    That a deadline ended is no pause: its clock shows what would have been due.
    """
    runs = [Run(one.started_at, one.stopped_at) for one in deadline.intervals]
    goes_on = deadline.met_at or deadline.abandoned_at or (at if deadline.paused_at is not None else None)
    if goes_on is not None:
        last = deadline.intervals[-1]
        runs = going_on(runs, goes_on, stood=last.waits_for_id is not None or last.waits_for is not None)
    return Clock(budget_of(deadline), counting_of(deadline), calendar_of(deadline), deadline.started_at, runs)


def due_of(deadline: Deadline, at: datetime) -> datetime:
    """When a deadline is due, seen at `at`: while it stands, what it would be if it went on now."""
    return clock_of(deadline, at).due() if deadline.paused_at is not None else deadline.due_at


def project(deadline: Deadline) -> None:
    """Derives due and the next rung anew from budget, calendar, ledger and rungs."""
    clock = clock_of(deadline)
    deadline.due_at = clock.due()
    if deadline.is_over or deadline.paused_at is not None:
        deadline.next_rung_at = None
    else:
        planned = rungs.planned(rungs.numbered(deadline.ladder), clock, deadline.due_at)
        deadline.next_rung_at = rungs.following(planned, {rung.number for rung in deadline.rungs})


def ladder(deadline: Deadline) -> list[rungs.Planned]:
    """The rungs in the order in which they happen: number, instant, plan."""
    return rungs.planned(rungs.numbered(deadline.ladder), clock_of(deadline), deadline.due_at)


def pause(deadline: Deadline, at: datetime, reason: str, by: str, waits_for: Party) -> bool:
    """Stops a running clock; `waits_for` has the ball now. A clock that stands stays as it is; whether it was stopped.

    A time before the ledger's last one, after a clock that jumped back, counts as that last one.
    """
    if deadline.is_over or deadline.paused_at is not None:
        return False
    last = deadline.intervals[-1]
    last.stopped_at = max(at, last.started_at)
    last.reason, last.stopped_by, last.waits_for = reason, by, waits_for
    deadline.paused_at = last.stopped_at
    project(deadline)
    return True


def resume(deadline: Deadline, at: datetime, by: str) -> bool:
    """Lets a clock that stands go on, with who had the ball before; whether it stood."""
    if deadline.is_over or deadline.paused_at is None:
        return False
    _run_on(deadline, max(at, deadline.paused_at), by, deadline.intervals[-1].holder)
    deadline.paused_at = None
    project(deadline)
    return True


def pass_ball(deadline: Deadline, holder: Party, at: datetime, by: str) -> None:
    """The time belongs to `holder` from now on, or from when the clock goes on; its due does not move."""
    last = deadline.intervals[-1]
    if deadline.is_over or last.holder_id == holder.id:
        return
    if deadline.paused_at is not None:
        # A moment of running says who gets the ball back; the pause goes on behind it.
        moment = max(at, deadline.paused_at)
        _run_on(deadline, moment, by, holder)
        passed = deadline.intervals[-1]
        passed.stopped_at, passed.stopped_by = moment, last.stopped_by
        passed.reason, passed.waits_for = last.reason, last.waits_for
        deadline.paused_at = moment
        project(deadline)
        return
    last.stopped_at = max(at, last.started_at)
    last.stopped_by = by
    _run_on(deadline, last.stopped_at, by, holder)


def _run_on(deadline: Deadline, at: datetime, by: str, holder: Party) -> None:
    # The old interval is closed in the database first: only one may be open.
    session = object_session(deadline)
    assert session is not None, "a deadline is changed where it was read"
    session.flush()
    number = deadline.intervals[-1].number + 1
    deadline.intervals.append(RunningInterval(number=number, started_at=at, started_by=by, holder=holder))


def meet(session: Session, deadline: Deadline, at: datetime) -> None:
    """The thing was done at `at`: the clock stops for good; done after due is recorded as a breach."""
    if deadline.met_at is not None:
        return
    if deadline.paused_at is None and has_passed(deadline.due_at, at):
        breach(session, deadline, at)
    stood = _end(session, deadline, at, "met", "")
    deadline.met_at = at
    if stood:
        project(deadline)


def breach(session: Session, deadline: Deadline, at: datetime) -> None:
    """Records, once, that the time ran out; it stays recorded unless the time itself is counted anew."""
    if deadline.breached_at is None:
        deadline.breached_at = deadline.due_at
        subject = f"{deadline.case.number}:{deadline.key}"
        audit.record(session, at, "clock", "deadline_breached", subject, {"due": deadline.due_at.isoformat()})


def _end(session: Session, deadline: Deadline, at: datetime, reason: str, by: str) -> bool:
    """Nobody is chased any more, and a reminder that has not gone out stays here; whether the clock stood."""
    stood = deadline.paused_at is not None
    deadline.next_rung_at = None
    deadline.paused_at = None
    last = deadline.intervals[-1]
    if last.stopped_at is None:
        last.stopped_at, last.reason, last.stopped_by = max(at, last.started_at), reason, by
    # One that is being sent at this moment is on its way; nobody waits for the mail server here.
    waiting = (
        select(Notice.id)
        .where(Notice.reminds_of_id == deadline.id, Notice.state == NoticeState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    session.execute(update(Notice).where(Notice.id.in_(waiting)).values(state=NoticeState.WITHDRAWN))
    return stood


def abandon_unmet(session: Session, case: Case, at: datetime, reason: str, by: str) -> None:
    """Stops every clock of a case that has ended; what was not met by then stays unmet."""
    for deadline in session.scalars(select(Deadline).where(Deadline.case_id == case.id, UNENDED)):
        stood = _end(session, deadline, at, reason, by)
        deadline.abandoned_at = at
        if stood:
            project(deadline)


def state_of(deadline: Deadline, at: datetime) -> DeadlineState:
    """Derived from what was recorded and the time `at`. A clock whose case ended without it stands: paused."""
    if deadline.breached_at is not None:
        return DeadlineState.BREACHED
    if deadline.met_at is not None:
        return DeadlineState.MET
    if deadline.paused_at is not None or deadline.abandoned_at is not None:
        return DeadlineState.PAUSED
    return DeadlineState.BREACHED if has_passed(deadline.due_at, at) else DeadlineState.RUNNING


def elapsed(deadline: Deadline, at: datetime) -> timedelta:
    """The counted time the clock has run, up to `at` or the deadline's end."""
    return clock_of(deadline).used(min(at, deadline.met_at or deadline.abandoned_at or at))


@dataclass(frozen=True)
class Share:
    """How much of a deadline's counted time went by with a party: while the clock ran, and while it stood."""

    party: Party
    used: timedelta
    paused: timedelta


def shares(deadline: Deadline, at: datetime) -> list[Share]:
    """Whose time it was, up to `at` or the deadline's end, in the order in which the parties had the ball."""
    clock = clock_of(deadline)
    until = deadline.met_at or deadline.abandoned_at or at
    used: dict[Party, list[timedelta]] = {}

    def add(party: Party, start: datetime, stop: datetime, place: int) -> None:
        begins = max(start, clock.reach.begins)
        time = counted(clock.budget.unit, clock.calendar, begins, min(stop, until))
        used.setdefault(party, [timedelta(), timedelta()])[place] += time

    for one, following in zip(deadline.intervals, [*deadline.intervals[1:], None], strict=True):
        add(one.holder, one.started_at, one.stopped_at or until, 0)
        if one.stopped_at is not None and one.waits_for is not None:
            add(one.waits_for, one.stopped_at, following.started_at if following else until, 1)
    return [Share(party, *times) for party, times in used.items()]
