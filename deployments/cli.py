"""The command line `aftersales`: one place where options, language and errors are dealt with for all commands."""

import os
import sys
from collections.abc import Sequence

from models.errors import AfterSalesError, InvalidInput
from models.language import N_, _, speak

USAGE, OTHER, INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process: 0 done, 2 wrong input, 3 refused, 4 no such thing, 1 anything else."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """The exit status of a command. `--json` and `--data DIR` may stand anywhere in it."""
    from deployments import output

    output.as_json = _take_flag(arguments, "--json")
    try:
        if (data := _take_value(arguments, "--data")) is not None:
            os.environ["AFTERSALES_DATA"] = data
        return _run(arguments)
    except AfterSalesError as error:
        output.failed(error.code, error.message, error.fields)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OTHER
    except Exception as error:
        if os.environ.get("AFTERSALES_DEBUG"):
            raise
        output.failed("internal_error", _(N_("Something went wrong that should not: {error}"), error=repr(error)), {})
        return OTHER


def _run(arguments: list[str]) -> int:
    from tasks.settings import settings

    speak(settings().language)
    # Help texts are made when the commands are imported, so the language comes first.
    from deployments.frame import speak_in_the_frame, usage_fault

    speak_in_the_frame(settings().language)
    from typer.exceptions import TyperException
    from typer.main import get_command

    from deployments import output
    from deployments.commands import app

    if output.as_json and not arguments:
        raise InvalidInput({"command": _(N_("This field is needed."))})
    try:
        status = get_command(app).main(arguments, prog_name="aftersales", standalone_mode=False)
    except TyperException as error:
        output.failed("usage", usage_fault(error), {})
        return USAGE
    return status if isinstance(status, int) else 0


def _take_flag(arguments: list[str], name: str) -> bool:
    if name not in arguments:
        return False
    arguments.remove(name)
    return True


def _take_value(arguments: list[str], name: str) -> str | None:
    for place, argument in enumerate(arguments):
        if argument == name and place + 1 < len(arguments):
            del arguments[place]
            return arguments.pop(place)
        if argument.startswith(f"{name}="):
            return arguments.pop(place).partition("=")[2]
    return None
