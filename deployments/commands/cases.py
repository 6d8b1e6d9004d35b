"""Commands about cases and tasks: procedures, start, cases, case, inbox, decide, withdraw, reassign."""

import time
from datetime import datetime
from typing import Annotated

import typer

from deployments import clock_views, output, views
from deployments.commands import app
from deployments.commands.inputs import json_object
from models.errors import InvalidInput
from models.forms import Form, due_time, local_time
from models.language import N_, _
from models.queries import cases, clock, deadlines, people, questions
from models.tables.cases import CaseState
from models.tables.ledgers import Account, Condition
from models.tables.questions import Channel
from tasks.database import transaction
from tasks.deciding import decide as decide_task
from tasks.linking import still_open
from tasks.opening import open_case
from tasks.procedures import PROCEDURES, by_code
from tasks.reassigning import reassign as reassign_task
from tasks.states import STATES
from tasks.summary import answer_text
from tasks.waking import carry, end_run, wake
from tasks.withdrawing import withdraw as withdraw_case

_LOOK_AGAIN_SECONDS = 0.2

Login = Annotated[str, typer.Option("--as", metavar="LOGIN", help=_(N_("Who does it.")))]
Reason = Annotated[str, typer.Option("--reason", help=_(N_("Why; it is kept and told.")))]
File = Annotated[str, typer.Argument(metavar="FILE", help=_(N_("A JSON file, or - for standard input.")))]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help=_(N_("The case, such as BQ-2026-0001.")))]
TaskRef = Annotated[str, typer.Argument(metavar="TASK", help=_(N_("The task, such as BQ-2026-0001:site-finding:1.")))]


@app.command(help=_(N_("What can be started.")))
def procedures() -> None:
    """Lists the procedures with the JSON schema of their start form."""
    listed = [
        {
            "code": one.code,
            "name": one.name,
            "manual": one.manual,
            "deployment": one.deployment,
            "input_schema": one.form.schema_for({}),
        }
        for one in PROCEDURES.values()
    ]
    if output.as_json:
        return output.data(listed)
    output.table(
        [_(N_("Code")), _(N_("Procedure")), _(N_("Manual")), _(N_("Deployment"))],
        [(one["code"], one["name"], one["manual"], one["deployment"]) for one in listed],
    )


@app.command(help=_(N_("Opens a case and asks Prefect to carry it.")))
def start(
    code: Annotated[str, typer.Argument(metavar="CODE", help=_(N_("The procedure, such as BQ.")))],
    file: File,
    login: Login = "",
) -> None:
    """With Prefect down the case is open all the same, and a sweep starts its run."""
    number = open_case(by_code(code), json_object(file), login)
    carried = carry(number)
    run_id = str(carried.flow_run_id) if carried.flow_run_id else None
    if output.as_json:
        return output.data({"case": number, "flow_run_id": run_id})
    output.say(_(N_("Case {number} is open."), number=number))
    if carried.problem:
        output.say(_(N_("Prefect does not carry it yet; a sweep will start it: {problem}"), problem=carried.problem))


@app.command("cases", help=_(N_("The cases.")))
def list_cases(
    only_open: Annotated[bool, typer.Option("--open", help=_(N_("Only those that are open.")))] = False,
    procedure: Annotated[str, typer.Option("--procedure", metavar="CODE")] = "",
) -> None:
    """Lists cases, the oldest first."""
    with transaction() as session:
        found = cases.listed(session, by_code(procedure).code if procedure else None, only_open=only_open)
        lines = [views.case_line(session, case) for case in found]
    if output.as_json:
        return output.data(lines)
    output.table(
        [_(N_("Case")), _(N_("State")), _(N_("Opened")), _(N_("Ended"))],
        [(one["number"], STATES[one["state"]](), _short(one["opened_at"]), _short(one["closed_at"])) for one in lines],
    )


@app.command("case", help=_(N_("One case, whole.")))
def show_case(
    number: Number,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=0, help=_(N_("First wait until it waits for a person or has ended."))
        ),
    ] = 0,
) -> None:
    """Shows a case with its steps, tasks, deadlines, notices and ledgers."""
    give_up_at = time.monotonic() + wait
    while True:
        with transaction() as session:
            case = cases.by_number(session, number)
            if cases.state_of(session, case) is not CaseState.RUNNING or time.monotonic() >= give_up_at:
                return _print_case(views.whole_case(session, case)) if output.as_json else _tell_case(number)
        time.sleep(_LOOK_AGAIN_SECONDS)


def _print_case(view: clock_views.View) -> None:
    output.data(view)


def _tell_case(number: str) -> None:
    with transaction() as session:
        case = cases.by_number(session, number)
        view = views.whole_case(session, case)
        output.say(f"{number} · {case.party.name} · {STATES[view['state']]()}")
        output.table([_(N_("Step")), _(N_("At"))], [(one["title"], _short(one["at"])) for one in view["steps"]])
        answers = {
            one.ref: answer_text(one.decision) if one.decision else "" for one in questions.all_of(session, case.id)
        }
        output.table(
            [_(N_("Task")), _(N_("Question")), _(N_("State")), _(N_("May decide")), _(N_("Due")), _(N_("Answer"))],
            [
                (
                    one["id"],
                    one["title"],
                    TASK_STATES[one["state"]](),
                    ", ".join(one["candidates"]),
                    _short_due(one["due"]),
                    answers[one["id"]],
                )
                for one in view["tasks"]
            ],
        )
        output.table(
            [_(N_("Deadline")), _(N_("For")), _(N_("Due")), _(N_("State")), _(N_("Rungs"))],
            [
                (one["key"], one["title"], _short_due(one["due"]), STATES[one["state"]](), len(one["rungs"]))
                for one in view["deadlines"]
            ],
        )
        output.table(
            [_(N_("Notice")), _(N_("To")), _(N_("State"))],
            [(one["subject"], one["to"], TASK_STATES[one["state"]]()) for one in view["notices"]],
        )
        if view["stock"]:
            output.table(
                [_(N_("Party")), _(N_("Product")), _(N_("Condition")), _(N_("Change"))],
                [
                    (one["party"], one["part"], Condition(one["condition"]).label, f"{one['change']:+d}")
                    for one in view["stock"]
                ],
            )
        if view["money"]:
            output.table(
                [_(N_("Account")), _(N_("Party")), _(N_("Amount")), _(N_("Currency"))],
                [
                    (Account(one["account"]).label, one["party"], one["amount"], one["currency"])
                    for one in view["money"]
                ],
            )


def _short(instant: str | None) -> str:
    return local_time(datetime.fromisoformat(instant)) if instant else ""


def _short_due(instant: str) -> str:
    return due_time(datetime.fromisoformat(instant))


TASK_STATES = {
    "open": lambda: _(N_("open")),
    "decided": lambda: _(N_("decided")),
    "lapsed": lambda: _(N_("lapsed")),
    "withdrawn": lambda: _(N_("withdrawn")),
    "queued": lambda: _(N_("queued")),
    "sent": lambda: _(N_("sent")),
    "failed": lambda: _(N_("given up")),
}


@app.command(help=_(N_("What a person may decide now.")))
def inbox(login: Login) -> None:
    """The open tasks of a person, the one due first in front."""
    with transaction() as session:
        mine, at = questions.inbox(session, people.person(session, login)), clock.now(session)
        if output.as_json:
            return output.data([views.whole_task(session, task) for task in mine])
        output.table(
            [_(N_("Task")), _(N_("Question")), _(N_("Party")), _(N_("Due"))],
            [
                (
                    task.ref,
                    _(Form.named(task.form).heading),
                    task.case.party.name,
                    due_time(deadlines.due_of(task.deadline, at).astimezone(questions.policy_of(task.case).timezone)),
                )
                for task in mine
            ],
        )


@app.command(help=_(N_("Answers a task.")))
def decide(task: TaskRef, file: File, login: Login) -> None:
    """Records the answer; with Prefect down it is safe, and a sweep wakes the case."""
    decided = decide_task(task, json_object(file), by=login, channel=Channel.COMMAND_LINE)
    wake(decided.case_id)
    if output.as_json:
        with transaction() as session:
            recorded = views.whole_task(session, questions.by_ref(session, task))
        decision = recorded["decision"]
        return output.data(
            {
                "decision": decided.task_ref,
                "case": decided.case_number,
                "at": decision["at"],
                "by": decision["by"],
                "in_place_of": decision["in_place_of"],
                "on_behalf_of": decision["on_behalf_of"],
                "channel": decision["channel"],
                "answer": decision["answer"],
            }
        )
    output.say(_(N_("Recorded: {task} by {by}."), task=decided.task_ref, by=decided.by))


@app.command(help=_(N_("Ends a case that was opened by mistake.")))
def withdraw(number: Number, reason: Reason, login: Login) -> None:
    """People who had a task in it are told; what was booked stays booked."""
    _number, run_id = withdraw_case(number, reason, login)
    end_run(run_id, reason)
    with transaction() as session:
        case = cases.by_number(session, number)
        if output.as_json:
            return output.data(views.whole_case(session, case))
        going_on = still_open(session, case)
    output.say(_(N_("Case {number} was withdrawn."), number=number))
    if going_on:
        output.say(_(N_("What came out of it goes on: {numbers}."), numbers=", ".join(going_on)))


@app.command(help=_(N_("Gives a task to somebody else.")))
def reassign(
    task: TaskRef,
    to: Annotated[str, typer.Option("--to", metavar="LOGIN", help=_(N_("Who gets it.")))],
    reason: Reason,
    login: Login,
) -> None:
    """The person must hold the task's role."""
    if not to:
        raise InvalidInput({"to": _(N_("This field must not be empty."))})
    ref = reassign_task(task, to, reason, login)
    if output.as_json:
        with transaction() as session:
            return output.data(views.whole_task(session, questions.by_ref(session, ref)))
    output.say(_(N_("{task} is now with {login}."), task=ref, login=to))
