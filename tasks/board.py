"""The SLA board (时限看板): open cases, whom they wait for, what is due and what is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.forms import Form, due_time
from models.language import N_, _
from models.queries import cases, deadlines, questions
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState
from models.tables.notices import Notice, NoticeState
from tasks.database import transaction
from tasks.deadlines import name_of
from tasks.procedures import PROCEDURES
from tasks.summary import STATES, table
from tasks.sweeping import Swept


@dataclass(frozen=True)
class Board:
    """The board as people see it: rows of a table, and a digest in Markdown."""

    rows: list[dict[str, str]]
    digest: str


def board(swept: Swept, at: datetime) -> Board:
    """The open cases at `at`, and what the sweep that was just made has done and found."""
    with transaction() as session:
        open_cases = cases.listed(session, only_open=True)
        rows = [_row(session, case, at) for case in open_cases]
        failed = session.scalar(select(func.count()).where(Notice.state == NoticeState.FAILED)) or 0
        queued = session.scalar(select(func.count()).where(Notice.state == NoticeState.QUEUED)) or 0
        return Board(rows, _digest(session, open_cases, swept, at, queued, failed))


def _row(session: Session, case: Case, at: datetime) -> dict[str, str]:
    zone = questions.policy_of(case).timezone
    running = _unmet(session, case)
    tasks = questions.open_in(session, case.id)
    late = [name_of(session, one) for one in running if deadlines.state_of(one, at) is DeadlineState.BREACHED]
    return {
        _(N_("Case")): case.number,
        _(N_("Procedure")): PROCEDURES[case.procedure].name,
        _(N_("Party")): case.party.name,
        _(N_("State")): STATES[cases.state_of(session, case)](),
        _(N_("Question")): "; ".join(_(Form.named(task.form).heading) for task in tasks),
        _(N_("Waits for")): "; ".join(questions.waits_for(task) for task in tasks),
        _(N_("Next due")): due_time(min(one.due_at for one in running).astimezone(zone)) if running else "",
        _(N_("Late")): "; ".join(late),
    }


def _unmet(session: Session, case: Case) -> list[Deadline]:
    unmet = select(Deadline).where(Deadline.case_id == case.id, Deadline.met_at.is_(None)).order_by(Deadline.due_at)
    return [one for one in session.scalars(unmet) if one.intervals[-1].stopped_at is None]


def _digest(session: Session, open_cases: Sequence[Case], swept: Swept, at: datetime, queued: int, failed: int) -> str:
    late, today = 0, 0
    for case in open_cases:
        zone = questions.policy_of(case).timezone
        for deadline in _unmet(session, case):
            is_late = deadlines.state_of(deadline, at) is DeadlineState.BREACHED
            late += is_late
            today += not is_late and deadline.due_at.astimezone(zone).date() <= at.astimezone(zone).date()
    figures = [
        (_(N_("Open cases")), len(open_cases)),
        (_(N_("Deadlines late")), late),
        (_(N_("Deadlines due today")), today),
        (_(N_("Reminders in this sweep")), swept.reminded),
        (_(N_("Escalations in this sweep")), swept.escalated),
        (_(N_("Answered by silence")), swept.lapsed),
        (_(N_("Cases started or woken")), swept.started + swept.woken),
        (_(N_("Cases withdrawn in Prefect")), swept.withdrawn),
        (_(N_("Notices sent")), swept.delivered),
        (_(N_("Notices waiting")), queued),
        (_(N_("Notices given up")), failed),
    ]
    parts = ["# " + _(N_("SLA board")), table([_(N_("Figure")), _(N_("Count"))], figures)]
    troubles = list(swept.problems)
    if swept.without_run:
        troubles.insert(0, _(N_("Cases without a run in Prefect: {numbers}"), numbers=", ".join(swept.without_run)))
    if troubles:
        parts += ["## " + _(N_("To be looked at")), "\n".join(f"- {trouble}" for trouble in troubles)]
    return "\n\n".join(parts)
