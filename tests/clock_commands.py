"""Of commands about clocks and rules: the cases of the fixture `four_clocks`, and files of rules."""

from pathlib import Path
from typing import Any

import yaml
from clocks import policy_with
from conftest import CALENDARS

CLOSED, PAUSED, WITHDRAWN, LATE = (f"BQ-2026-000{number}" for number in (1, 2, 3, 4))
TYPHOON = {"first": "2026-12-03", "last": "2026-12-04", "working": False, "name": "台风停业"}
FIVE = {"limit": "5 working days", "rungs": [{"at": "100%", "to": "cs_manager"}]}
WHO = ("--as", "chen.min")


def policy_file(folder: Path, **limits: Any) -> Path:
    """The lighting maker's policy with other limits of the batch quality dispute."""
    return yaml_file(folder / "policy.yaml", policy_with(limits))


def calendar_file(folder: Path, *changes: dict[str, Any]) -> Path:
    """The head office's calendar with own days."""
    content = yaml.safe_load(CALENDARS.read_text("utf-8"))
    content["calendars"]["office"]["changes"] = list(changes)
    return yaml_file(folder / "calendars.yaml", content)


def yaml_file(file: Path, content: Any) -> Path:
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return file
