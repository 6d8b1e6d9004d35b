"""The SLA board (时限看板) as Markdown, for Prefect's artifacts: figures, charts, what is late."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from models.forms import local_time
from models.language import N_, _
from tasks.board import MOST_SHOWN, Board, late_head, late_rows, line_head, line_rows, mail_figures
from tasks.charts import GREY, RED, Series, bars
from tasks.markdown import plain, table
from tasks.sweeping import Swept

_MOST_BARS = 12


def page(session: Session, shown: Board, swept: Swept) -> str:
    """The digest: figures of the board and of the sweep that was just made, and what is to be looked at."""
    queued, failed = mail_figures(session)
    figures = [
        (_(N_("Open cases")), shown.open_cases),
        (_(N_("Deadlines late")), shown.late_deadlines),
        (_(N_("Deadlines due today")), shown.due_today),
        (_(N_("Clocks that stand")), shown.paused),
        (_(N_("Reminders in this sweep")), swept.reminded),
        (_(N_("Escalations in this sweep")), swept.escalated),
        (_(N_("Answered by silence")), swept.lapsed),
        (_(N_("Cases started or woken")), swept.started + swept.woken),
        (_(N_("Cases withdrawn in Prefect")), swept.withdrawn),
        (_(N_("Notices sent")), swept.delivered),
        (_(N_("Notices waiting")), queued),
        (_(N_("Notices given up")), failed),
    ]
    at = local_time(shown.at.astimezone(shown.zone))
    parts = ["# " + _(N_("SLA board")) + f" {at}", table([_(N_("Figure")), _(N_("Count"))], figures)]
    troubles = [*_troubles(swept), *shown.warnings]
    if troubles:
        parts += ["## " + _(N_("To be looked at")), "\n".join(f"- {plain(trouble)}" for trouble in troubles)]
    if shown.lines:
        parts += ["## " + _(N_("By procedure and party")), _bars(shown), table(line_head(), line_rows(shown))]
    if shown.late:
        parts += ["## " + _(N_("Late, and whose time it was")), *_late(shown)]
    return "\n\n".join(part for part in parts if part)


def _troubles(swept: Swept) -> Iterator[str]:
    if swept.without_run:
        yield _(N_("Cases without a run in Prefect: {numbers}"), numbers=", ".join(swept.without_run))
    yield from swept.problems


def _bars(shown: Board) -> str:
    """Open cases and late deadlines of the parties that have most of them, as a chart."""
    lines = shown.lines[:_MOST_BARS]
    open_cases = Series(_(N_("Open cases")), GREY, [one.open_cases for one in lines])
    late = Series(_(N_("Deadlines late")), RED, [one.late for one in lines])
    return bars(_(N_("By procedure and party")), [one.party for one in lines], [open_cases, late])


def _late(shown: Board) -> Iterator[str]:
    spent = shown.time_by_party[:_MOST_BARS]
    hours = Series(_(N_("Hours")), GREY, [round(time.total_seconds() / 3600, 1) for _party, time in spent])
    yield bars(
        _(N_("Hours of the late deadlines, by the party that had the ball")), [one for one, _time in spent], [hours]
    )
    yield table(late_head(), late_rows(shown))
    if shown.late_deadlines > len(shown.late):
        yield _(N_("The {shown} longest late are shown."), shown=MOST_SHOWN)
