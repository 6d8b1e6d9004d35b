"""Commands about clocks: pause, unpause, why, board."""

from datetime import datetime
from typing import Annotated

import typer

from deployments import clock_views, output
from deployments.commands import app
from deployments.commands.cases import Login, Number, Reason
from models.forms import due_time, local_time
from models.language import N_, _
from models.queries import cases, clock, deadlines, questions
from models.tables.cases import Case
from tasks.board import board, late_head, late_rows, line_head, line_rows, times_text
from tasks.clock_words import actor
from tasks.database import transaction
from tasks.deadlines import name_of
from tasks.explaining import Why, change_lines, rung_rows, sum_rows
from tasks.explaining import why as why_due
from tasks.pausing import pause as stop_clock
from tasks.pausing import unpause as restart_clock
from tasks.states import STATES

Key = Annotated[str, typer.Argument(metavar="DEADLINE", help=_(N_("The deadline, such as determination.")))]


@app.command(help=_(N_("Stops the clock of a deadline.")))
def pause(
    number: Number,
    deadline: Key,
    login: Login,
    reason: Reason = "",
    waits_for: Annotated[
        str,
        typer.Option("--waits-for", metavar="PARTY", help=_(N_("Who has the ball meanwhile; else the other side."))),
    ] = "",
) -> None:
    """A clock that stands already stays as it is."""
    stop_clock(number, deadline, reason, login, waits_for)
    _print_deadline(number, deadline)


@app.command(help=_(N_("Lets the clock of a deadline go on.")))
def unpause(number: Number, deadline: Key, login: Login, reason: Reason = "") -> None:
    """A clock that runs stays as it is."""
    restart_clock(number, deadline, login, reason)
    _print_deadline(number, deadline)


@app.command(help=_(N_("The sum behind a due time: what counts, what does not, by which rule.")))
def why(number: Number, deadline: Key) -> None:
    """Every counted and uncounted interval, and why an escalation has not happened."""
    with transaction() as session:
        case = cases.by_number(session, number)
        found = deadlines.of_case(session, case.id, deadline)
        told = why_due(session, found, clock.now(session))
        if output.as_json:
            return output.data(clock_views.why_view(case, found, told))
        _tell_why(case, name_of(session, found), told)


@app.command("board", help=_(N_("The SLA board: open cases by procedure and party, what is due today, what is late.")))
def show_board() -> None:
    """As the nightly sweep mails it, but of now."""
    with transaction() as session:
        shown = board(session, clock.now(session))
    if output.as_json:
        return output.data(clock_views.board_view(shown))
    output.table(line_head(), line_rows(shown))
    if shown.late:
        output.table(late_head(), late_rows(shown))
    for warning in shown.warnings:
        output.warn(warning)


def _print_deadline(number: str, key: str) -> None:
    with transaction() as session:
        case = cases.by_number(session, number)
        found = deadlines.of_case(session, case.id, key)
        view = clock_views.deadline_view(case, found, name_of(session, found), clock.now(session))
        return output.data(view) if output.as_json else _tell_deadline(case, view)


def _tell_deadline(case: Case, view: clock_views.View) -> None:
    output.say(
        _(
            N_("{name} of case {number} is {state}; due {due}."),
            name=view["title"],
            number=case.number,
            state=STATES[view["state"]](),
            due=due_time(datetime.fromisoformat(view["due"])),
        )
    )
    if view["pauses"]:
        output.table(
            [_(N_("Paused from")), _(N_("Until")), _(N_("Stopped by")), _(N_("Reason")), _(N_("Waits for"))],
            [
                (_short(one["from"]), _short(one["to"]), actor(one["by"]), one["reason"], one["waits_for"])
                for one in view["pauses"]
            ],
        )


def _short(instant: str | None) -> str:
    return local_time(datetime.fromisoformat(instant)) if instant else ""


def _tell_why(case: Case, name: str, told: Why) -> None:
    zone = questions.policy_of(case).timezone
    output.say(
        _(
            N_("{number} · {name}: {budget}, counted by calendar {calendar}, due {due}, {state}."),
            number=case.number,
            name=name,
            budget=told.budget,
            calendar=told.calendar,
            due=due_time(told.due.astimezone(zone)),
            state=STATES[told.state](),
        )
    )
    head = [_(N_("From")), _(N_("Until")), _(N_("Counts")), _(N_("Why")), _(N_("Whose time"))]
    output.table(head, sum_rows(told, zone))
    head = [_(N_("Rung")), _(N_("Tells")), _(N_("Planned")), _(N_("Happened")), _(N_("Why not"))]
    output.table(head, rung_rows(told, zone))
    spent = [(one.party.name, one.used + one.paused) for one in told.shares]
    output.say(_(N_("Whose time it was: {times}"), times=times_text(spent) or "–"))
    for line in change_lines(told, zone):
        output.say(line)
    for warning in told.warnings:
        output.warn(warning)
