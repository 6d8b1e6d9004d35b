"""The words of the frame around our commands: typer takes them from gettext, so they come from our catalogues too."""

import gettext
import os
from typing import Any

from models.language import DOMAIN, LOCALE_FOLDER, N_, _

#: What typer asks its catalogue for.
TEXTS = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("Error"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("[required]"),
    N_("[default: {}]"),
)


def speak_in_the_frame(language: str) -> None:
    """Makes typer find our catalogue; to be called before typer is imported."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(LOCALE_FOLDER))
    gettext.textdomain(DOMAIN)


def usage_fault(error: Exception) -> str:
    """What is wrong with a call, in a sentence that names the option or argument as it is written."""
    option, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    if option and type(error).__name__ == "NoSuchOption":
        return _(N_("There is no option {option}; see --help."), option=option)
    if option is None and parameter is None:
        return str(getattr(error, "message", "") or error)
    written = option or _as_written(parameter)
    if type(error).__name__ == "MissingParameter":
        return _(N_("{parameter} is missing; see --help."), parameter=written)
    return _(N_("{parameter}: this value cannot be taken; see --help."), parameter=written)


def _as_written(parameter: Any) -> str:
    """`--as` for an option, `NUMBER` for an argument; their names in code are nobody's business."""
    options = [name for name in parameter.opts if name.startswith("-")]
    return max(options, key=len, default="") or parameter.metavar or parameter.name.upper()
