"""What steps (步骤) are called, for people who read the journal of a case."""

import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from models.language import _
from tasks.journal import EVERY_PROCEDURE, LABELS, in_round
from tasks.procedures import PROCEDURES

#: The modules that name the steps of every procedure.
_OF_EVERY_PROCEDURE = ("tasks.opening", "tasks.closing")
_LATER_ROUND = re.compile(r"(?P<key>.+)-(?P<round>[0-9]+)")


def step_label(procedure: str, key: str) -> str:
    """What a row of the journal says was done, in the language in force; the key itself where nothing is known of it.

    `procedure` is the code of the case's procedure.
    """
    package = PROCEDURES[procedure].package
    _import_steps_of(package)
    label, round = _known(package, key), 1
    if label is None and (later := _LATER_ROUND.fullmatch(key)):
        label, round = _known(package, later["key"]), int(later["round"])
    return in_round(_(label), round) if label else key


def _known(package: str, key: str) -> str | None:
    return LABELS.get((package, key)) or LABELS.get((EVERY_PROCEDURE, key))


@cache
def _import_steps_of(package: str) -> None:
    """Only its flow may have imported them, and whoever reads a case on the command line runs no flow."""
    of_the_procedure = [one.name for one in iter_modules(import_module(package).__path__, f"{package}.")]
    for module in (*_OF_EVERY_PROCEDURE, *of_the_procedure):
        import_module(module)
