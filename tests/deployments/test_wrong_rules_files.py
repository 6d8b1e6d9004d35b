"""Files of rules that are wrong: every command that reads them names file, line and place, and changes nothing."""

import re
from pathlib import Path

import pytest
import yaml
from clock_commands import FIVE, WHO, calendar_file, policy_file, yaml_file
from clocks import it_is
from command_line import CommandLine
from conftest import CALENDARS, POLICY
from people import opened, play
from sqlalchemy import Engine

from deployments.cli import run as run_command

COMMANDS = {
    "calendar": ["calendar", "FILE"],
    "calendar --apply": ["calendar", "FILE", "--apply", "--reason", "x", *WHO],
    "policy": ["policy", "FILE"],
    "policy --apply": ["policy", "FILE", "--apply", "--reason", "x", *WHO],
    "backtest": ["backtest", "FILE"],
    "backtest --calendars": ["backtest", str(POLICY), "--calendars", "FILE"],
}


def with_file(command: str, file: Path) -> list[str]:
    return [str(file) if one == "FILE" else one for one in COMMANDS[command]]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"5",
        b"- office",
        b"{",
        b"a: b: c",
        b"\tname: lighting",
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n",
        b"name: lighting\nname: [",
        b"1: 2",
        b"? [a, b]\n: c",
        b"a: &a [*a]",
        b"calendars: {}",
        b"name: !!python/object/apply:os.system [ls]",
        b"on: 2026-13-45",
    ],
    ids=lambda content: ascii(content.decode("latin-1")[:24]),
)
def test_a_file_that_holds_no_rules_is_named_and_changes_nothing(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, command: str, content: bytes
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(content)
    error = aftersales.refused(2, *with_file(command, file))
    assert error["error"] == "invalid_input"
    assert "rules.yaml" in error["message"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["nothing.yaml", "folder"])
def test_a_file_that_cannot_be_read_is_named(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    error = aftersales.refused(2, *with_file(command, tmp_path / name))
    assert error["error"] == "invalid_input"
    assert name in error["message"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["batch_quality", "determination", "limit"], "two days"),
        (["batch_quality", "determination", "limit"], "0 days"),
        (["batch_quality", "determination", "limit"], 2),
        (["batch_quality", "determination", "limits"], "2 days"),
        (["batch_quality", "determination", "rungs"], [{"at": "120%", "to": "assignee"}]),
        (["batch_quality", "determination", "rungs"], [{"at": "80%", "to": "up 0"}]),
        (["batch_quality", "determination", "rungs"], [{"at": "80%", "to": "assignee", "hands_over": True}]),
        (["batch_quality", "determination", "passing"], "lapse"),
        (["counting", "cut_off"], 960),
        (["zone"], "Asia/Nowhere"),
        (["clock_keepers"], ["boss"]),
    ],
)
@pytest.mark.parametrize("command", ["policy", "policy --apply", "backtest"])
def test_a_wrong_value_of_a_policy_is_named_by_its_place(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, command: str, place: list[str], value: object
) -> None:
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    inner = content
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    error = aftersales.refused(2, *with_file(command, yaml_file(tmp_path / "wrong.yaml", content)))
    assert error["fields"]
    assert all(re.match(rf"wrong\.yaml line [0-9]+: {'.'.join(place)}", field) for field in error["fields"])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["hours"], {}),
        (["hours"], {"monday": []}),
        (["hours", "monday"], ["17:00-08:00"]),
        (["hours", "monday"], ["08:00-12:00", "11:00-13:00"]),
        (["hours", "someday"], ["08:00-12:00"]),
        (["zone"], "Shanghai"),
        (["country"], "XX"),
        (["changes"], [{"day": "2026-12-03", "working": False}]),
        (["changes"], [{"first": "2026-12-04", "last": "2026-12-03", "working": False, "name": "x"}]),
        (["statutory"], {"2026-12-03": {"kind": "holiday", "name": "x"}}),
        (["known_years"], [2027]),
        (["parties"], {"B-01": "closed"}),
    ],
)
@pytest.mark.parametrize("command", ["calendar", "calendar --apply", "backtest --calendars"])
def test_a_wrong_value_of_a_calendar_is_named_by_its_place(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, command: str, place: list[str], value: object
) -> None:
    content = yaml.safe_load(CALENDARS.read_text("utf-8"))
    inner = content["calendars"]["office"]
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    error = aftersales.refused(2, *with_file(command, yaml_file(tmp_path / "wrong.yaml", content)))
    assert error["fields"]
    assert all(re.match(r"wrong\.yaml line [0-9]+: calendars\.office", field) for field in error["fields"])


@pytest.mark.parametrize("command", ["policy", "policy --apply", "backtest"])
def test_a_policy_that_counts_by_an_unknown_calendar_is_refused(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, command: str
) -> None:
    file = policy_file(tmp_path, determination={"limit": "2 days", "calendar": "factory"})
    error = aftersales.refused(2, *with_file(command, file))
    assert list(error["fields"]) == ["calendar"]
    assert "factory" in error["message"]


@pytest.mark.parametrize("command", ["calendar", "calendar --apply"])
def test_a_calendar_in_which_nobody_works_for_years_is_refused(
    aftersales: CommandLine, one_waiting: Engine, tmp_path: Path, command: str
) -> None:
    aftersales("policy", policy_file(tmp_path, determination=FIVE), "--apply", "--reason", "More time", *WHO)
    years = range(2026, 2040)
    closed = [{"first": f"{year}-01-01", "last": f"{year}-12-31", "working": False, "name": "x"} for year in years]
    error = aftersales.refused(2, *with_file(command, calendar_file(tmp_path, *closed)))
    assert error["error"] == "invalid_input"


def test_a_calendar_in_which_nobody_works_for_years_leaves_the_system_working(
    aftersales: CommandLine, one_waiting: Engine, tmp_path: Path
) -> None:
    """Whatever becomes of that call: reports are taken and sweeps run afterwards."""
    aftersales("policy", policy_file(tmp_path, determination=FIVE), "--apply", "--reason", "More time", *WHO)
    years = range(2026, 2040)
    closed = [{"first": f"{year}-01-01", "last": f"{year}-12-31", "working": False, "name": "x"} for year in years]
    run_command(["calendar", str(calendar_file(tmp_path, *closed)), "--apply", "--reason", "x", *WHO])
    number = opened(dealer="D-02")
    play(number, until="site-finding")
    it_is("2026-12-01T14:00:00+08:00")
    assert aftersales.json("sweep")["reminded"] > 0
    assert aftersales.json("verify") == {"ok": True, "findings": []}
