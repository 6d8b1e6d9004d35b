"""The SLA board (时限看板) as Markdown, for Prefect's artifacts: figures, charts, what is late."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from models.forms import due_time, local_time
from models.language import N_, _
from tasks.board import MOST_SHOWN, Board, mail_figures, times_text
from tasks.markdown import table
from tasks.procedures import PROCEDURES
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
        parts += ["## " + _(N_("To be looked at")), "\n".join(f"- {trouble}" for trouble in troubles)]
    if shown.lines:
        head = [_(N_("Procedure")), _(N_("Party")), _(N_("Open")), _(N_("Due today")), _(N_("Late")), _(N_("Paused"))]
        rows = [
            (PROCEDURES[one.procedure].name, one.party, one.open_cases, one.due_today, one.late, one.paused)
            for one in shown.lines
        ]
        parts += ["## " + _(N_("By procedure and party")), _bars(shown), table(head, rows)]
    if shown.late:
        parts += ["## " + _(N_("Late, and whose time it was")), *_late(shown)]
    return "\n\n".join(part for part in parts if part)


def _troubles(swept: Swept) -> Iterator[str]:
    if swept.without_run:
        yield _(N_("Cases without a run in Prefect: {numbers}"), numbers=", ".join(swept.without_run))
    yield from swept.problems


def _bars(shown: Board) -> str:
    """Open cases and late deadlines of the parties that have most of them, as a chart."""
    lines = [one for one in shown.lines if one.late or one.due_today or one.open_cases][:_MOST_BARS]
    names = ", ".join(f'"{_unquoted(one.party)}"' for one in lines)
    title = _unquoted(_(N_("Open cases (bars) and late deadlines (line)")))
    highest = max((max(one.open_cases, one.late) for one in lines), default=1)
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            f'    title "{title}"',
            f"    x-axis [{names}]",
            f"    y-axis 0 --> {max(highest, 1)}",
            f"    bar [{', '.join(str(one.open_cases) for one in lines)}]",
            f"    line [{', '.join(str(one.late) for one in lines)}]",
            "```",
        ]
    )


def _late(shown: Board) -> Iterator[str]:
    hours = [(party, time.total_seconds() / 3600) for party, time in shown.time_by_party]
    slices = [f'    "{_unquoted(party)}" : {spent:.1f}' for party, spent in hours if spent >= 0.1]
    if slices:
        title = _unquoted(_(N_("Hours of the late deadlines, by the party that had the ball")))
        yield "\n".join(["```mermaid", f"pie showData title {title}", *slices, "```"])
    head = [_(N_("Case")), _(N_("Party")), _(N_("What")), _(N_("Due")), _(N_("Waits for")), _(N_("Whose time"))]
    rows = [
        (
            one.case,
            one.party,
            one.what,
            _until(shown, one.due),
            one.waits_for,
            times_text(one.time_of),
        )
        for one in shown.late
    ]
    yield table(head, rows)
    if shown.late_deadlines > len(shown.late):
        yield _(N_("The {shown} longest late are shown."), shown=MOST_SHOWN)


def _until(shown: Board, due: datetime) -> str:
    return due_time(due.astimezone(shown.zone))


def _unquoted(name: str) -> str:
    """A name inside a chart, where quotes and brackets would mean something."""
    return " ".join("".join(mark for mark in name if mark not in '"[]{}`;#<>').split())
