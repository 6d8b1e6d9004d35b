"""README.md and README.zh-CN.md: every setting and every command stands in both, and both have the same shape."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from deployments.commands import app
from web.settings import WebSettings

PROJECT = Path(__file__).parent.parent.parent
PAGES = {name: (PROJECT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")}
ENGLISH, CHINESE = PAGES.values()


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_every_setting_has_a_row(text: str) -> None:
    rows = {name for row in re.findall(r"^\| `[A-Z].*", text, re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", row)}
    known = {field.validation_alias or f"AFTERSALES_{name.upper()}" for name, field in WebSettings.model_fields.items()}
    assert rows == known | {"AFTERSALES_DATA"}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_every_command_is_named(text: str) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # the application is a group
    assert len(commands) > 30
    assert [name for name in commands if not re.search(rf"aftersales (--json )?{name}\b", text)] == []


def test_both_have_the_same_sections_code_and_links() -> None:
    def shape(text: str) -> list[str]:
        """Levels of headings, rows of tables and beginnings of commands, in their order."""
        lines = re.findall(r"^(?:#+ |\| |    \S+ \S+)", text, re.MULTILINE)
        return [line for line in lines if line.isascii()]

    def targets(text: str) -> set[str]:
        return {one for one in re.findall(r"\]\(([^)#]+)\)", text) if "README" not in one}

    assert shape(ENGLISH) == shape(CHINESE)
    assert targets(ENGLISH) ^ targets(CHINESE) == {"docs/procedures.md", "docs/procedures.zh-CN.md"}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_what_is_linked_is_there(text: str) -> None:
    links = [one for one in re.findall(r"\]\(([^)#]+)\)", text) if not one.startswith("http")]
    assert links
    assert [one for one in links if not (PROJECT / one).exists()] == []
