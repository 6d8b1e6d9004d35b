"""Calling `aftersales` in this process, as somebody whose language is English unless set otherwise."""

import json
import re
import sys
from datetime import datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from traces import everything

from deployments.cli import run as run_command
from tasks.settings import settings

CHINESE = re.compile("[\u4e00-\u9fff]")
# What the documents of several commands have at least.
TASK = {
    "id", "case", "key", "round", "role", "assignee", "candidates", "title", "form_schema", "state", "opened_at",
    "due", "decision",
}  # fmt: skip
DEADLINE = {"key", "budget", "unit", "started_at", "due", "state", "elapsed", "pauses", "rungs"}
CASE_LINE = {"number", "procedure", "state", "opened_at", "closed_at"}
CASE = CASE_LINE | {
    "policy", "outcome", "flow_run_id", "steps", "tasks", "deadlines", "notices", "stock", "money",
}  # fmt: skip


class CommandLine:
    """`aftersales("cases", "--open")` is what the command prints; `errors` is what it last wrote to standard error."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *before: str, columns: int = 240
    ) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        self.before = before
        self.errors = ""
        self.window(columns)
        self.language("en")

    def window(self, columns: int) -> None:
        """How wide the window of whoever reads it is."""
        self.monkeypatch.setenv("COLUMNS", str(columns))

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
        """The one JSON document that a command prints; it has nothing else to say."""
        printed = self(*arguments, "--json", status=status)
        assert self.errors == ""
        return json.loads(printed)

    def error(self, *arguments: object, status: int) -> Any:
        """The one JSON document about what went wrong; nothing else is printed."""
        assert self(*arguments, "--json", status=status) == ""
        return json.loads(self.errors)

    def refused(self, status: int, *arguments: object) -> Any:
        """The document about a refusal that changed nothing, with --json or without."""
        before = everything()
        error = self.error(*arguments, status=status)
        assert set(error) == {"error", "message", "fields"}
        assert self(*arguments, status=status) == ""
        assert self.errors.strip()
        assert not self.errors.startswith("{")
        assert everything() == before
        return error

    def standard_input(self, content: object) -> None:
        """What the next command reads: bytes as they are, anything else as JSON."""
        given = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given)))


def written(folder: Path, content: object) -> Path:
    """A JSON file."""
    file = folder / "input.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


def instants_in(node: Any, under: set[str]) -> list[datetime]:
    """Every instant in a document that stands under one of these keys, wherever it stands."""
    if isinstance(node, list):
        return [instant for one in node for instant in instants_in(one, under)]
    if not isinstance(node, dict):
        return []
    # Whom a rung told stands under `to` as well, as a list.
    held = [value for key, value in node.items() if key in under and not isinstance(value, list | None)]
    return [datetime.fromisoformat(value) for value in held] + instants_in(list(node.values()), under)
