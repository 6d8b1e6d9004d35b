"""Starting, ending and telling the state of deadlines (时限)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.policy import Limit, RungPlan
from models.queries import audit
from models.rules.deadlines import due_instant, has_passed
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState, RunningInterval


def start(session: Session, case: Case, key: str, limit: Limit, since: datetime, zone: ZoneInfo) -> Deadline:
    """Begins a deadline at `since`, which may lie in the past; its rungs are those the policy has now."""
    deadline = Deadline(
        case=case,
        key=key,
        amount=limit.budget.amount,
        unit=limit.budget.unit,
        zone=zone.key,
        passing=limit.passing,
        ladder=[rung.model_dump(mode="json") for rung in limit.rungs],
        started_at=since,
        due_at=due_instant(limit.budget, since, zone),
        intervals=[RunningInterval(started_at=since)],
    )
    deadline.next_rung_at = next_rung_at(deadline)
    session.add(deadline)
    session.flush()
    return deadline


def of_case(session: Session, case_id: int, key: str) -> Deadline:
    """The deadline of a case by its key."""
    return session.scalars(select(Deadline).where(Deadline.case_id == case_id, Deadline.key == key)).one()


def ladder(deadline: Deadline) -> list[tuple[int, datetime, RungPlan]]:
    """The rungs in the order in which they happen: number, instant, plan."""
    plans = [RungPlan.model_validate(rung) for rung in deadline.ladder]
    return sorted(
        (
            (number, plan.instant(deadline.started_at, deadline.due_at, ZoneInfo(deadline.zone)), plan)
            for number, plan in enumerate(plans, 1)
        ),
        key=lambda rung: (rung[1], rung[0]),
    )


def next_rung_at(deadline: Deadline) -> datetime | None:
    """When the next rung that has not happened is planned."""
    happened = {rung.number for rung in deadline.rungs}
    return next((at for number, at, _ in ladder(deadline) if number not in happened), None)


def meet(session: Session, deadline: Deadline, at: datetime) -> None:
    """The thing was done at `at`: the clock stops for good; done after due is recorded as a breach."""
    if deadline.met_at is not None:
        return
    if has_passed(deadline.due_at, at):
        breach(session, deadline, at)
    deadline.met_at = at
    deadline.next_rung_at = None
    stop(deadline, max(at, deadline.intervals[-1].started_at), "met", "")


def breach(session: Session, deadline: Deadline, at: datetime) -> None:
    """Records, once, that the time ran out; it stays recorded whatever happens later."""
    if deadline.breached_at is None:
        deadline.breached_at = deadline.due_at
        audit.record(
            session,
            at,
            "clock",
            "deadline_breached",
            f"{deadline.case.number}:{deadline.key}",
            {"due": deadline.due_at.isoformat()},
        )


def stop(deadline: Deadline, at: datetime, reason: str, by: str) -> None:
    """Closes the running interval, if one is open."""
    last = deadline.intervals[-1]
    if last.stopped_at is None:
        last.stopped_at, last.reason, last.stopped_by = at, reason, by


def abandon(deadline: Deadline, at: datetime, reason: str, by: str) -> None:
    """The case ended without it: the clock stands, nobody is chased any more."""
    deadline.next_rung_at = None
    stop(deadline, max(at, deadline.intervals[-1].started_at), reason, by)


def abandon_unmet(session: Session, case: Case, at: datetime, reason: str, by: str) -> None:
    """Stops every clock of a case that has ended; what was not met by then stays unmet."""
    for deadline in session.scalars(select(Deadline).where(Deadline.case_id == case.id, Deadline.met_at.is_(None))):
        abandon(deadline, at, reason, by)


def state_of(deadline: Deadline, at: datetime) -> DeadlineState:
    """Derived from what was recorded and the time `at`."""
    if deadline.breached_at is not None:
        return DeadlineState.BREACHED
    if deadline.met_at is not None:
        return DeadlineState.MET
    if deadline.intervals[-1].stopped_at is not None:
        return DeadlineState.PAUSED
    return DeadlineState.BREACHED if has_passed(deadline.due_at, at) else DeadlineState.RUNNING


def elapsed(deadline: Deadline, at: datetime) -> timedelta:
    """The time the clock has run, up to `at`."""
    return sum((max(timedelta(), (one.stopped_at or at) - one.started_at) for one in deadline.intervals), timedelta())
