"""Why a deadline is due when it is (为什么): the sum behind it, for the command, the case's story and the mails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import due_time, local_time
from models.language import N_, _
from models.limits import RungPlan
from models.queries import deadlines, questions, rungs
from models.queries.deadlines import Share
from models.rules.deadlines import CountsFrom, LastDay, Unit
from models.rules.explaining import Rule, stretches
from models.tables.deadlines import Deadline, DeadlineChange, DeadlineState, Rung
from models.tables.notices import Notice, NoticeState
from models.tables.system import System
from tasks.clock_words import RULES, actor, addressee, budget_text, duration_text, reason_text


@dataclass(frozen=True)
class Interval:
    """One stretch of the sum: from, to, what of it counts, by which rule, in words, and whose time it is."""

    start: datetime
    end: datetime
    counted: timedelta
    rule: Rule
    why: str
    holder: str


@dataclass(frozen=True)
class RungNews:
    """A rung: when it is planned, whom it tells, and when it happened or why it has not."""

    number: int
    plan: RungPlan
    planned_at: datetime
    happened_at: datetime | None
    told: list[str]
    why_not: str


@dataclass(frozen=True)
class Why:
    """The whole sum. `counted` is what counts from the event to `due`, which is the size of the budget."""

    budget: str
    calendar: str
    intervals: list[Interval]
    counted: timedelta
    due: datetime
    state: DeadlineState
    rungs: list[RungNews]
    shares: list[Share]
    changes: list[DeadlineChange]
    warnings: list[str]


def why(session: Session, deadline: Deadline, at: datetime) -> Why:
    """The sum behind a due time, seen at `at`: a clock that stands is taken to go on now."""
    clock = deadlines.clock_of(deadline, at)
    due = clock.due()
    intervals = [
        Interval(
            one.start,
            one.end,
            one.counted,
            one.rule,
            _in_words(deadline, one.rule, one.name, one.run),
            _holder(deadline, one.rule, one.run),
        )
        for one in stretches(clock, due)
    ]
    calendar = deadline.calendar
    unknown = clock.calendar.unknown_years(deadline.started_at, due)
    warnings = [
        _(
            N_("The holidays and make-up days of {year} are not published yet; days of that year may move."),
            year=year,
        )
        for year in unknown
        if _needs_holidays(deadline)
    ]
    return Why(
        budget=budget_text(deadline),
        calendar=f"{calendar.name} {calendar.version}",
        intervals=intervals,
        counted=sum((one.counted for one in intervals), timedelta()),
        due=due,
        state=deadlines.state_of(deadline, at),
        rungs=[
            _rung_news(session, deadline, at, *rung)
            for rung in rungs.planned(rungs.numbered(deadline.ladder), clock, due)
        ],
        shares=deadlines.shares(deadline, at),
        changes=list(
            session.scalars(
                select(DeadlineChange).where(DeadlineChange.deadline_id == deadline.id).order_by(DeadlineChange.number)
            )
        ),
        warnings=warnings,
    )


def _needs_holidays(deadline: Deadline) -> bool:
    """Whether working days matter for a deadline at all."""
    return (
        deadline.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
        or deadline.cut_off is not None
        or deadline.counts_from != CountsFrom.EVENT
        or deadline.last_day != LastDay.KEPT
    )


def _in_words(deadline: Deadline, rule: Rule, name: str, run: int) -> str:
    text = f"{_(RULES[rule])}: {name}" if name else _(RULES[rule])
    if rule is not Rule.PAUSE:
        return text
    stopped = deadline.intervals[run]
    return _(N_("paused by {by}: {reason}"), by=actor(stopped.stopped_by), reason=reason_text(stopped.reason))


def _holder(deadline: Deadline, rule: Rule, run: int) -> str:
    if run >= len(deadline.intervals):
        return deadline.intervals[-1].holder.name
    interval = deadline.intervals[run]
    party = interval.waits_for if rule is Rule.PAUSE else interval.holder
    return party.name if party else ""


def _rung_news(
    session: Session, deadline: Deadline, at: datetime, number: int, plan_at: datetime, plan: RungPlan
) -> RungNews:
    happened = next((rung for rung in deadline.rungs if rung.number == number), None)
    if happened is not None:
        return RungNews(
            number,
            plan,
            happened.planned_at,
            happened.happened_at,
            happened.told,
            _undelivered(session, deadline, happened),
        )
    return RungNews(number, plan, plan_at, None, [], _why_not(session, deadline, at, plan_at))


def _why_not(session: Session, deadline: Deadline, at: datetime, planned_at: datetime) -> str:
    """Why a rung has not happened."""
    if deadline.is_over:
        return _why_never(deadline, planned_at)
    if deadline.paused_at is not None:
        return _(N_("The clock stands; nobody is chased."))
    if planned_at > at:
        return _(N_("Its time has not come."))
    swept_at = session.get_one(System, 1).swept_at
    if swept_at is None:
        return _(N_("No sweep has run yet."))
    return _(
        N_("Its time has come, but no sweep has run since; the last one chased up to {at}."),
        at=local_time(swept_at.astimezone(_zone(deadline))),
    )


def _why_never(deadline: Deadline, planned_at: datetime) -> str:
    if deadline.met_at is None:
        return _(N_("The case has ended."))
    if deadline.met_at < planned_at:
        return _(N_("It was done before that."))
    return _(N_("It was done before a sweep came to this; only escalations are made up for."))


def _undelivered(session: Session, deadline: Deadline, rung: Rung) -> str:
    """Why a rung that happened has not reached anybody: its notices wait, or could not be sent."""
    prefix = f"{deadline.case.number}:rung:{deadline.key}:{rung.number}:"
    waiting = session.scalars(
        select(Notice).where(Notice.case_id == deadline.case_id, Notice.key.startswith(prefix, autoescape=True))
    ).all()
    for notice in waiting:
        if notice.state == NoticeState.QUEUED and notice.deliver_from > notice.queued_at:
            until = local_time(notice.deliver_from.astimezone(_zone(deadline)))
            return _(N_("The reminder waits for working hours, from {at}."), at=until)
        if notice.state == NoticeState.QUEUED:
            return _(N_("The mail is queued."))
        if notice.state == NoticeState.FAILED:
            return _(N_("The mail could not be sent: {error}"), error=notice.error)
    return ""


def _zone(deadline: Deadline) -> ZoneInfo:
    """In which people read times."""
    return questions.policy_of(deadline.case).timezone


def change_lines(told: Why, zone: ZoneInfo) -> list[str]:
    """How the deadline was counted anew, a sentence each time."""
    return [
        _(
            N_("Counted anew on {at} by {by} ({cause}): due {before} became {after}. Reason: {reason}"),
            at=local_time(change.at.astimezone(zone)),
            by=change.by,
            cause=change.cause,
            before=due_time(change.due_before.astimezone(zone)),
            after=due_time(change.due_after.astimezone(zone)),
            reason=" ".join(change.reason.split()),
        )
        for change in told.changes
    ]


def sum_rows(told: Why, zone: ZoneInfo) -> list[tuple[str, str, str, str, str]]:
    """The sum as rows of a table: from, until, what counts, why, whose time; the last row is the total."""
    rows = [
        (
            local_time(one.start.astimezone(zone)),
            due_time(one.end.astimezone(zone)),
            duration_text(one.counted) if one.counted else _(N_("does not count")),
            one.why,
            one.holder,
        )
        for one in told.intervals
    ]
    return [*rows, (_(N_("Together")), "", duration_text(told.counted), told.budget, "")]


def rung_rows(told: Why, zone: ZoneInfo) -> list[tuple[str, str, str, str, str]]:
    """The rungs as rows of a table: when by the plan, whom it tells, planned, happened, why not."""
    return [
        (
            one.plan.at,
            ", ".join(one.told) or addressee(one.plan),
            due_time(one.planned_at.astimezone(zone)),
            local_time(one.happened_at.astimezone(zone)) if one.happened_at else "",
            one.why_not,
        )
        for one in told.rungs
    ]


def sum_lines(told: Why, zone: ZoneInfo) -> list[str]:
    """The sum as lines of plain text, for a mail."""
    *stretches_of_it, _total = sum_rows(told, zone)
    lines = [
        _(N_("{start} – {end}: {counted} ({why})"), start=start, end=end, counted=counted, why=reason)
        for start, end, counted, reason, _holder in stretches_of_it
    ]
    return [*lines, _(N_("Together {counted}: {budget}."), counted=duration_text(told.counted), budget=told.budget)]
