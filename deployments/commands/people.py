"""Commands about who does what for whom: delegate, delegations, delegation end, claim, release."""

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic_core import PydanticCustomError

from deployments import output, views
from deployments.commands import app
from deployments.commands.cases import Login, Reason, TaskRef
from models.errors import InvalidInput
from models.forms import due_time, in_our_times, local_time
from models.language import N_, _
from models.queries import clock, questions, standing_in
from models.roles import Role
from models.standing_in import whole_days
from models.tables.standing_in import Delegation
from tasks import claiming
from tasks.database import transaction
from tasks.standing_in import delegate as let_stand_in
from tasks.standing_in import end_delegation, state_of, zone

delegation = typer.Typer(no_args_is_help=True, help=_(N_("One delegation: who stands in for whom.")))
app.add_typer(delegation, name="delegation")


@app.command(help=_(N_("Lets somebody stand in for somebody, from a day to a day.")))
def delegate(
    principal: Annotated[str, typer.Argument(metavar="LOGIN", help=_(N_("Who is stood in for.")))],
    to: Annotated[str, typer.Option("--to", metavar="LOGIN", help=_(N_("The deputy.")))],
    first: Annotated[str, typer.Option("--from", metavar="DAY", help=_(N_("The first day, such as 2026-11-23.")))],
    last: Annotated[str, typer.Option("--until", metavar="DAY", help=_(N_("The last day, itself counted.")))],
    reason: Reason,
    login: Login,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=_(N_("Only in this role.")))] = "",
    procedure: Annotated[str, typer.Option("--procedure", metavar="CODE", help=_(N_("Only in this procedure.")))] = "",
) -> None:
    """Days begin and end in the zone of the policy."""
    with transaction() as session:
        local = zone(session)
    from_at, until_at = whole_days(_day(first, "--from"), _day(last, "--until"), local)
    number = let_stand_in(principal, to, from_at, until_at, reason, login, role, procedure)
    _print(number, N_("{deputy} stands in for {principal}: delegation {number}."))


@app.command(help=_(N_("Who stands in for whom, now and in time to come.")))
def delegations(
    everything: Annotated[bool, typer.Option("--all", help=_(N_("Those that are over, too.")))] = False,
) -> None:
    """Those that begin first in front."""
    with transaction() as session:
        at, local = clock.now(session), zone(session)
        found = standing_in.all_of(session) if everything else standing_in.not_over(session, at)
        listed = [_view(one, at, local) for one in found]
        rows = [
            (
                one.id,
                one.principal.label,
                one.deputy.label,
                local_time(one.from_at.astimezone(local)),
                due_time(one.until_at.astimezone(local)),
                Role(one.role).label if one.role else "",
                one.procedure or "",
                state_of(one, at).label,
            )
            for one in found
        ]
    if output.as_json:
        return output.data(listed)
    output.table(
        [
            _(N_("Delegation")),
            _(N_("In place of")),
            _(N_("Deputy")),
            _(N_("From")),
            _(N_("Until")),
            _(N_("Role")),
            _(N_("Procedure")),
            _(N_("State")),
        ],
        rows,
    )


@delegation.command("end", help=_(N_("Ends a delegation before its time.")))
def end(
    number: Annotated[int, typer.Argument(metavar="ID", help=_(N_("Its number, as «delegations» lists it.")))],
    login: Login,
) -> None:
    """Who was stood in for may, and those whom the policy names."""
    _print(end_delegation(number, login), N_("{deputy} no longer stands in for {principal}: delegation {number}."))


@app.command(help=_(N_("Takes a task from the group.")))
def claim(task: TaskRef, login: Login) -> None:
    """The others of the group are told."""
    _print_task(claiming.claim(task, login), N_("{task} is now with {login}."))


@app.command(help=_(N_("Gives a task back to the group.")))
def release(task: TaskRef, login: Login) -> None:
    """The group is told that it waits again."""
    _print_task(claiming.release(task, login), N_("{task} waits for the group again."))


def _print_task(ref: str, sentence: str) -> None:
    with transaction() as session:
        task = questions.by_ref(session, ref)
        if output.as_json:
            return output.data(views.whole_task(session, task))
        assignee = task.assignee.login if task.assignee else ""
    output.say(_(sentence, task=ref, login=assignee))


def _print(number: int, sentence: str) -> None:
    with transaction() as session:
        one = standing_in.by_id(session, number)
        if output.as_json:
            return output.data(_view(one, clock.now(session), zone(session)))
        said = _(sentence, deputy=one.deputy.label, principal=one.principal.label, number=number)
    output.say(said)


def _view(one: Delegation, at: datetime, local: ZoneInfo) -> dict[str, Any]:
    return {
        "id": one.id,
        "principal": one.principal.login,
        "deputy": one.deputy.login,
        "from": one.from_at.astimezone(local).isoformat(),
        "until": one.until_at.astimezone(local).isoformat(),
        "role": one.role,
        "procedure": one.procedure,
        "reason": one.reason,
        "state": state_of(one, at),
        "made_at": one.made_at.astimezone(local).isoformat(),
        "made_by": one.made_by.login,
        "ended_at": one.ended_at.astimezone(local).isoformat() if one.ended_at else None,
    }


def _day(text: str, field: str) -> date:
    try:
        return in_our_times(date.fromisoformat(text))
    except ValueError:
        raise InvalidInput({field: _(N_("Write a date such as 2026-11-23."))}) from None
    except PydanticCustomError as error:
        raise InvalidInput({field: error.message()}) from None
