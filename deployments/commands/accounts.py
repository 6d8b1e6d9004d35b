"""The command about accounts: password."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from deployments import output
from deployments.commands import app
from models.errors import InvalidInput
from models.language import N_, _
from models.queries.policies import OPERATOR
from tasks.passwords import LONGEST, invented
from tasks.signing_in import set_password


@app.command(help=_(N_("Gives somebody a password: one that is typed or piped in, or with --random a new one.")))
def password(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help=_(N_("Whose it is.")))],
    random: Annotated[bool, typer.Option("--random", help=_(N_("Make one and print it, this once.")))] = False,
    lasting: Annotated[
        bool, typer.Option("--lasting", help=_(N_("The person may keep it; otherwise they choose another one first.")))
    ] = False,
) -> None:
    """Whoever was signed in under this login is signed out. The password is never an argument: others see those."""
    chosen = invented() if random else _asked()
    set_password(login, chosen, by=OPERATOR, must_change=not lasting)
    if output.as_json:
        return output.data({"login": login, "must_change": not lasting} | ({"password": chosen} if random else {}))
    output.say(_(N_("{login} has a new password."), login=login))
    if random:
        output.say(_(N_("It is shown only now: {password}"), password=chosen))
    if not lasting:
        output.say(_(N_("At the first sign-in they choose another one.")))


def _asked() -> str:
    """The password from the terminal, twice, or the first line of standard input; raises InvalidInput."""
    if not sys.stdin.isatty():
        return _piped()
    chosen = getpass(_(N_("New password: ")))
    if getpass(_(N_("Once more: "))) != chosen:
        raise InvalidInput({"password": _(N_("This is not the same password. Write it twice."))})
    return chosen


def _piped() -> str:
    try:
        line = sys.stdin.buffer.readline(4 * LONGEST).decode()
    except UnicodeDecodeError:
        raise InvalidInput({"password": _(N_("Standard input must hold the password as UTF-8 text."))}) from None
    return line.rstrip("\r\n")
