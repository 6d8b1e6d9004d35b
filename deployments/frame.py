"""The words of the frame around our commands: typer takes them from gettext, so they come from our catalogues too."""

import gettext
import os

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
    """What is wrong with a call, in a sentence."""
    parameter = getattr(getattr(error, "param", None), "name", None)
    if option := getattr(error, "option_name", None):
        return _(N_("There is no option {option}; see --help."), option=option)
    if parameter and type(error).__name__ == "MissingParameter":
        return _(N_("{parameter} is missing; see --help."), parameter=parameter.upper())
    if parameter:
        return _(N_("{parameter}: this value cannot be taken; see --help."), parameter=parameter.upper())
    return str(getattr(error, "message", "") or error)
