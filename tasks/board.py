"""The SLA board (时限看板): open cases by procedure and party, what is due today, what is late, whose time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.calendars import newly_published, years_not_published
from models.forms import Form, due_time
from models.language import N_, _
from models.policy import read_policy
from models.queries import calendars, cases, deadlines, policies, projecting, questions, urgency
from models.queries.urgency import Line
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState
from models.tables.notices import Notice, NoticeState
from tasks.clock_words import duration_text
from tasks.deadlines import name_of
from tasks.procedures import PROCEDURES
from tasks.states import STATES

#: What one page can show; beyond it the figures count all the same.
MOST_SHOWN = 200


@dataclass(frozen=True)
class LateOne:
    """A late deadline: of which case and party, what for, since when, whom it waits for, and whose time it was."""

    case: str
    party: str
    what: str
    due: datetime
    waits_for: str
    #: Party and the counted time that went by with it, running or paused.
    time_of: tuple[tuple[str, timedelta], ...]


@dataclass(frozen=True)
class Board:
    """The board of some or all parties at one time; times of day are those of `zone`."""

    at: datetime
    zone: ZoneInfo
    lines: tuple[Line, ...]
    late: tuple[LateOne, ...]
    #: What people must look at besides.
    warnings: tuple[str, ...]

    @property
    def open_cases(self) -> int:
        """How many cases are open."""
        return sum(line.open_cases for line in self.lines)

    @property
    def due_today(self) -> int:
        """How many deadlines end today and are not late yet."""
        return sum(line.due_today for line in self.lines)

    @property
    def late_deadlines(self) -> int:
        """How many deadlines are late, shown or not."""
        return sum(line.late for line in self.lines)

    @property
    def paused(self) -> int:
        """How many clocks stand."""
        return sum(line.paused for line in self.lines)

    @property
    def time_by_party(self) -> list[tuple[str, timedelta]]:
        """Whose time the late deadlines were, the longest first."""
        total: dict[str, timedelta] = defaultdict(timedelta)
        for one in self.late:
            for party, time in one.time_of:
                total[party] += time
        return sorted(total.items(), key=lambda item: item[1], reverse=True)


def board(session: Session, at: datetime, parties: Collection[int] | None = None) -> Board:
    """The board at `at`, in the language in force; of all parties, or of those with these ids."""
    zone = read_policy(policies.current(session).content).timezone
    day_ends = datetime.combine(at.astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone)
    late = urgency.late_ones(session, at, MOST_SHOWN, parties)
    return Board(
        at=at,
        zone=zone,
        lines=tuple(urgency.lines(session, at, day_ends, parties)),
        late=tuple(_late(session, one, at) for one in late),
        warnings=tuple(_warnings(session, at)),
    )


def _late(session: Session, deadline: Deadline, at: datetime) -> LateOne:
    asked = questions.open_in(session, deadline.case_id)
    # A clock of the case waits for whoever the case waits for.
    tasks = [one for one in asked if one.deadline_id == deadline.id] or asked
    return LateOne(
        case=deadline.case.number,
        party=deadline.case.party.name,
        what=name_of(session, deadline),
        due=deadline.due_at,
        waits_for="; ".join(questions.waits_for(task) for task in tasks),
        time_of=tuple((one.party.name, one.used + one.paused) for one in deadlines.shares(deadline, at)),
    )


def _warnings(session: Session, at: datetime) -> Iterator[str]:
    """Calendars that do not know a year, that could know more, or by which not everything counts yet."""
    for version in calendars.all_current(session):
        calendar = calendars.content_of(session, version.id)
        for year in years_not_published(calendar, at):
            yield _(
                N_(
                    "Calendar {name} does not know {year}: its holidays and make-up days are not published yet. "
                    "Working days of that year are provisional; enter the notice or update the program."
                ),
                name=version.name,
                year=year,
            )
        if years := newly_published(calendar):
            yield _(
                N_("The holidays of {years} are known now; count anew with: aftersales calendar FILE --apply"),
                years=", ".join(map(str, years)),
            )
    for name, count in projecting.still_counted_by_older(session).items():
        yield _(
            N_("{count} open deadlines still count by an earlier version of calendar {name}."), count=count, name=name
        )


def case_rows(session: Session, at: datetime) -> list[dict[str, str]]:
    """The open cases as rows of a table, the most urgent first."""
    return [_row(session, case, at) for case in urgency.urgent_cases(session, MOST_SHOWN)]


def _row(session: Session, case: Case, at: datetime) -> dict[str, str]:
    zone = questions.policy_of(case).timezone
    unended = [one for one in deadlines.all_of(session, case.id) if not one.is_over]
    running = [one.due_at for one in unended if one.paused_at is None]
    tasks = questions.open_in(session, case.id)
    late = [name_of(session, one) for one in unended if deadlines.state_of(one, at) is DeadlineState.BREACHED]
    paused = [name_of(session, one) for one in unended if one.paused_at is not None]
    return {
        _(N_("Case")): case.number,
        _(N_("Procedure")): PROCEDURES[case.procedure].name,
        _(N_("Party")): case.party.name,
        _(N_("State")): STATES[cases.state_of(session, case)](),
        _(N_("Question")): "; ".join(_(Form.named(task.form).heading) for task in tasks),
        _(N_("Waits for")): "; ".join(questions.waits_for(task) for task in tasks),
        _(N_("Next due")): due_time(min(running).astimezone(zone)) if running else "",
        _(N_("Late")): "; ".join(late),
        _(N_("Paused")): "; ".join(paused),
    }


def mail_figures(session: Session) -> tuple[int, int]:
    """How many notices wait, and how many were given up."""
    by_state = select(Notice.state, func.count()).group_by(Notice.state)
    counts = {state: count for state, count in session.execute(by_state)}  # noqa: C416
    return counts.get(NoticeState.QUEUED, 0), counts.get(NoticeState.FAILED, 0)


def times_text(times: Collection[tuple[str, timedelta]]) -> str:
    """`Company 2 d 3:00 h, dealer 5:00 h`."""
    return ", ".join(f"{party} {duration_text(time)}" for party, time in times if time)


def line_rows(shown: Board) -> list[tuple[str, str, int, int, int, int]]:
    """Procedure, party, open, due today, late, paused."""
    return [
        (PROCEDURES[one.procedure].name, one.party, one.open_cases, one.due_today, one.late, one.paused)
        for one in shown.lines
    ]


def line_head() -> list[str]:
    """The titles of `line_rows`."""
    return [_(N_("Procedure")), _(N_("Party")), _(N_("Open")), _(N_("Due today")), _(N_("Late")), _(N_("Paused"))]


def late_rows(shown: Board) -> list[tuple[str, str, str, str, str, str]]:
    """Case, what, due, whose time, waits for, party: what matters most stands where narrow pages do not cut it off."""
    return [
        (
            one.case,
            one.what,
            due_time(one.due.astimezone(shown.zone)),
            times_text(one.time_of),
            one.waits_for,
            one.party,
        )
        for one in shown.late
    ]


def late_head() -> list[str]:
    """The titles of `late_rows`."""
    return [_(N_("Case")), _(N_("What")), _(N_("Due")), _(N_("Whose time")), _(N_("Waits for")), _(N_("Party"))]
