"""Commands that are refused: the cases that they are about, and how the refusal is looked at."""

import json
from typing import Any

from command_line import CommandLine

#: Of the fixture `cases`: two open questions, and one of a case that was withdrawn.
SCOPE, SITE, OVER = "BQ-2026-0001:recall-scope:1", "BQ-2026-0002:site-finding:1", "BQ-2026-0003:batch-verdict:1"


class Refusals:
    """Calls commands that are refused, and looks at how."""

    def __init__(self, aftersales: CommandLine) -> None:
        self.aftersales = aftersales

    def call(self, status: int, *arguments: object) -> tuple[str, str]:
        """What a refused command prints on standard output and on standard error."""
        printed = self.aftersales(*arguments, status=status)
        return printed, self.aftersales.errors

    def json(self, status: int, code: str, *arguments: object) -> Any:
        """The one JSON document about the refusal; nothing is printed beside it."""
        return checked(self.aftersales.error(*arguments, status=status), code)

    def __call__(self, status: int, code: str, *arguments: object) -> Any:
        """The document about a refusal that changed nothing, with --json or without."""
        return checked(self.aftersales.refused(status, *arguments), code)


def error_of(errors: str, code: str) -> Any:
    """The document on standard error, checked as far as all errors are alike."""
    return checked(json.loads(errors), code)


def checked(error: Any, code: str) -> Any:
    assert set(error) == {"error", "message", "fields"}
    assert error["error"] == code, error
    assert error["message"].strip()
    assert all(isinstance(fault, str) for fault in error["fields"].values())
    return error
