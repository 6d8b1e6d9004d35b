"""Calling `aftersales` in this process, as somebody whose language is English unless set otherwise."""

import json
import sys
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from deployments.cli import run as run_command
from tasks.settings import settings


class CommandLine:
    """`aftersales("cases", "--open")` is what the command prints; `errors` is what it last wrote to standard error."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *before: str, columns: int = 240
    ) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        self.before = before
        self.errors = ""
        monkeypatch.setenv("COLUMNS", str(columns))
        self.language("en")

    def language(self, language: str) -> None:
        self.monkeypatch.setenv("AFTERSALES_LANGUAGE", language)
        settings.cache_clear()

    def __call__(self, *arguments: object, status: int = 0) -> str:
        self.capsys.readouterr()
        left = run_command([*self.before, *map(str, arguments)])
        printed, self.errors = self.capsys.readouterr()
        assert left == status, self.errors
        assert "Traceback" not in printed + self.errors
        return printed

    def json(self, *arguments: object, status: int = 0) -> Any:
        """The one JSON document that a command prints."""
        return json.loads(self(*arguments, "--json", status=status))

    def error(self, *arguments: object, status: int) -> Any:
        """The one JSON document about what went wrong; nothing else is printed."""
        assert self(*arguments, "--json", status=status) == ""
        return json.loads(self.errors)

    def standard_input(self, content: object) -> None:
        self.monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(json.dumps(content).encode())))
