"""Commands about records: import, sweep, verify, clock."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from xlsxwriter.exceptions import FileCreateError

from deployments import output
from deployments.commands import app
from deployments.commands.inputs import duration, instant
from deployments.system import import_files
from deployments.workbooks import write_template
from models.errors import InvalidInput
from models.language import N_, _
from models.queries import clock
from tasks.database import transaction
from tasks.sweeping import sweep as sweep_now
from tasks.verifying import verify as verify_all


@app.command(
    "import", help=_(N_("Brings in parties, people, products, parts and deliveries from a workbook or CSV files."))
)
def bring_in(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help=_(N_("A workbook, a CSV file, or a folder of CSV files.")))
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="FILE", help=_(N_("Write an empty workbook to fill in.")))
    ] = None,
) -> None:
    """All lines are taken or none."""
    if template is not None:
        try:
            write_template(template)
        except FileCreateError as error:
            reason = getattr(error.args[0], "strerror", error)
            raise InvalidInput(
                {"template": _(N_("{file} cannot be written: {reason}"), file=template, reason=reason)}
            ) from None
        if output.as_json:
            return output.data({"template": str(template)})
        return output.say(_(N_("Written: {file}"), file=template))
    if file is None:
        raise InvalidInput({"file": _(N_("Name a file, or --template FILE for an empty one."))})
    done = import_files(file)
    if output.as_json:
        output.data(asdict(done))
    elif done.rejected:
        output.table(
            [_(N_("Sheet")), _(N_("Line")), _(N_("Field")), _(N_("What is wrong"))],
            [(one.sheet, one.row, one.field, one.message) for one in done.rejected],
        )
    else:
        output.say(
            _(
                N_("{added} added, {changed} changed, {unchanged} unchanged."),
                added=done.added,
                changed=done.changed,
                unchanged=done.unchanged,
            )
        )
    if done.rejected:
        raise InvalidInput({"file": _(N_("{count} faults; nothing was changed."), count=len(done.rejected))})


@app.command(help=_(N_("Does now what the scheduled sweep does.")))
def sweep(
    as_of: Annotated[str, typer.Option("--as-of", metavar="TIME", help=_(N_("Chase what is due at this time.")))] = "",
) -> None:
    """Reminders, escalations, lapse rules, waking, mail."""
    swept = sweep_now(instant(as_of, "as_of") if as_of else None)
    if output.as_json:
        return output.data(swept.figures())
    if swept.skipped:
        return output.say(_(N_("Another sweep is running; nothing to do.")))
    output.table(
        [_(N_("Reminded")), _(N_("Escalated")), _(N_("Lapsed")), _(N_("Woken")), _(N_("Delivered")), _(N_("Given up"))],
        [(swept.reminded, swept.escalated, swept.lapsed, swept.woken + swept.started, swept.delivered, swept.failed)],
    )
    if swept.without_run:
        output.say(_(N_("Cases without a run in Prefect: {numbers}"), numbers=", ".join(swept.without_run)))
    for problem in swept.problems:
        output.say(problem)


@app.command(help=_(N_("Checks the audit chain, the journals and the ledgers.")))
def verify() -> int:
    """Exit status 1 if anything is found."""
    findings = verify_all()
    if output.as_json:
        output.data({"ok": not findings, "findings": [asdict(one) for one in findings]})
    elif findings:
        output.table([_(N_("Where")), _(N_("What is wrong"))], [(one.where, one.message) for one in findings])
    else:
        output.say(_(N_("Audit chain, journals and ledgers are in order.")))
    return 1 if findings else 0


clock_app = typer.Typer(help=_(N_("The business clock; it can be set on a rehearsal system alone.")))
app.add_typer(clock_app, name="clock")


@clock_app.callback(invoke_without_command=True)
def show_clock(context: typer.Context) -> None:
    """Without a subcommand: the time."""
    if context.invoked_subcommand is None:
        with transaction() as session:
            _print_now(clock.now(session).isoformat())


@clock_app.command("set", help=_(N_("Sets the clock; it runs on from there.")))
def set_clock(time: Annotated[str, typer.Argument(metavar="TIME")]) -> None:
    """On a real system this is refused."""
    with transaction() as session:
        _print_now(clock.set_to(session, instant(time, "time")).isoformat())


@clock_app.command("forward", help=_(N_("Moves the clock forward: 90m, 36h, 5d.")))
def forward_clock(by: Annotated[str, typer.Argument(metavar="DURATION")]) -> None:
    """On a real system this is refused."""
    with transaction() as session:
        _print_now(clock.forward(session, duration(by)).isoformat())


def _print_now(now: str) -> None:
    if output.as_json:
        output.data({"now": now})
    else:
        output.say(now)
