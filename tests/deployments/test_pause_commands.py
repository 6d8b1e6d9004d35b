"""The commands `pause` and `unpause`, and what they and `why` refuse."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from clock_commands import CLOSED, PAUSED, WHO, WITHDRAWN
from clocks import it_is
from command_line import DEADLINE, CommandLine
from conftest import CALENDARS, POLICY
from people import CREDITED
from sqlalchemy import Engine
from traces import everything

PAUSE = {"from", "to", "reason", "by"}


def test_pause_stops_a_clock_and_prints_the_deadline(aftersales: CommandLine, one_waiting: Engine) -> None:
    it_is("2026-12-01T10:00:00+08:00")
    stopped = aftersales.json("pause", CLOSED, "determination", "--reason", "The shop is closed", *WHO)
    assert set(stopped) >= DEADLINE
    assert {key: stopped[key] for key in ("key", "budget", "unit", "started_at", "state", "rungs")} == {
        "key": "determination",
        "budget": 2,
        "unit": "days",
        "started_at": "2026-12-01T08:00:00+08:00",
        "state": "paused",
        "rungs": [],
    }
    [only] = stopped["pauses"]
    assert set(only) >= PAUSE
    assert only["from"].startswith("2026-12-01T10:00:")
    assert (only["to"], only["reason"], only["by"], only["waits_for"]) == (
        None,
        "The shop is closed",
        "chen.min",
        "D-01",
    )
    assert 7200 <= stopped["elapsed"] < 7230
    # Two days end with the 3rd, and as much later as it stands.
    assert stopped["due"].startswith("2026-12-04T00:00:")


def test_unpause_lets_it_go_on_and_prints_the_deadline(aftersales: CommandLine, one_waiting: Engine) -> None:
    it_is("2026-12-01T10:00:00+08:00")
    aftersales("pause", CLOSED, "determination", "--reason", "The shop is closed", "--waits-for", "V-01", *WHO)
    it_is("2026-12-02T11:30:00+08:00")
    running = aftersales.json("unpause", CLOSED, "determination", *WHO)
    assert set(running) >= DEADLINE
    assert running["state"] == "running"
    [only] = running["pauses"]
    assert (only["from"][:16], only["to"][:16], only["waits_for"]) == ("2026-12-01T10:00", "2026-12-02T11:30", "V-01")
    moved = datetime.fromisoformat(running["due"]) - datetime.fromisoformat("2026-12-04T00:00:00+08:00")
    assert moved == datetime.fromisoformat(only["to"]) - datetime.fromisoformat(only["from"])
    assert [(one["party"], one["running"] // 60, one["paused"] // 60) for one in running["time_of"]] == [
        ("C-01", 120, 0),
        # Twenty-five hours and a half; a second's part is cut off.
        ("V-01", 0, pytest.approx(1530, abs=1)),
    ]


def test_stopping_twice_and_restarting_twice_change_nothing_more(aftersales: CommandLine, one_waiting: Engine) -> None:
    stop = ["pause", CLOSED, "determination", "--reason"]
    first = aftersales.json(*stop, "First", *WHO)
    before = everything()
    second = aftersales.json(*stop, "Second", *WHO)
    assert everything() == before
    assert second["pauses"] == first["pauses"]
    aftersales("unpause", CLOSED, "determination", *WHO)
    before = everything()
    again = aftersales.json("unpause", CLOSED, "determination", *WHO)
    assert everything() == before
    assert again["state"] == "running"


def test_unpause_before_any_pause_changes_nothing(aftersales: CommandLine, one_waiting: Engine) -> None:
    before = everything()
    running = aftersales.json("unpause", CLOSED, "determination", "--reason", "Nothing to wait for", *WHO)
    assert (running["state"], running["pauses"]) == ("running", [])
    assert everything() == before


def test_pausing_is_told_in_sentences(aftersales: CommandLine, one_waiting: Engine) -> None:
    aftersales.window(240)
    it_is("2026-12-01T10:00:00+08:00")
    told = aftersales("pause", CLOSED, "determination", "--reason", "The [red]shop[/red] is closed", *WHO)
    assert told.startswith(f"Determination on site of case {CLOSED} is paused; due ")
    assert "The [red]shop[/red] is closed" in " ".join(told.split())
    assert "2026-12-01 10:00" in told
    told = aftersales("unpause", CLOSED, "determination", *WHO)
    assert told.startswith(f"Determination on site of case {CLOSED} is running; due ")
    aftersales.language("zh_CN")
    told = aftersales("pause", CLOSED, "determination", "--reason", "门店停业", *WHO)
    assert CLOSED in told
    assert "现场认定" in told
    assert "门店停业" in told
    assert "Determination" not in told


def test_the_case_shows_its_pauses_too(aftersales: CommandLine, four_clocks: Engine) -> None:
    deadlines = {one["key"]: one for one in aftersales.json("case", PAUSED)["deadlines"]}
    assert deadlines["determination"]["state"] == "paused"
    [only] = deadlines["determination"]["pauses"]
    assert (only["from"][:16], only["to"], only["reason"], only["by"]) == (
        "2026-12-02T10:00",
        None,
        "The shop | is [closed]",
        "chen.min",
    )


def test_what_is_met_is_told_with_its_pauses(aftersales: CommandLine, one_waiting: Engine, tmp_path: Path) -> None:
    aftersales("pause", CLOSED, "determination", "--reason", "The shop is closed", *WHO)
    file = tmp_path / "finding.json"
    file.write_text(json.dumps(CREDITED["site-finding"][1]), "utf-8")
    aftersales("decide", f"{CLOSED}:site-finding:1", file, "--as", "liu.yang")
    deadlines = {one["key"]: one for one in aftersales.json("case", CLOSED)["deadlines"]}
    assert (deadlines["determination"]["state"], len(deadlines["determination"]["pauses"])) == ("met", 1)
    assert aftersales.json("verify") == {"ok": True, "findings": []}


@pytest.mark.parametrize(
    ("arguments", "status", "code", "field"),
    [
        (["pause", PAUSED, "acknowledgement", "--as", "chen.min"], 2, "invalid_input", "reason"),
        (["pause", PAUSED, "acknowledgement", "--reason", " ", "--as", "chen.min"], 2, "invalid_input", "reason"),
        (["pause", PAUSED, "acknowledgement", "--reason", "a\x1b[2J", *WHO], 2, "invalid_input", "reason"),
        (["pause", PAUSED, "acknowledgement", "--reason", "x" * 4001, *WHO], 2, "invalid_input", "reason"),
        (["pause", PAUSED, "batch-verdict", "--reason", "x", *WHO], 2, "invalid_input", "deadline"),
        (["pause", PAUSED, "acknowledgement", "--reason", "x", "--waits-for", "D-99", *WHO], 2, "invalid_input",
         "waits_for"),
        (["pause", PAUSED, "acknowledgement", "--reason", "x", "--as", "li.na"], 3, "not_allowed", "person"),
        (["pause", PAUSED, "acknowledgement", "--reason", "x", "--as", "nobody"], 4, "not_found", "login"),
        (["pause", PAUSED, "settlement", "--reason", "x", *WHO], 4, "not_found", "key"),
        (["pause", PAUSED, "", "--reason", "x", *WHO], 4, "not_found", "key"),
        (["pause", "BQ-2026-0099", "determination", "--reason", "x", *WHO], 4, "not_found", "number"),
        (["pause", CLOSED, "determination", "--reason", "x", *WHO], 3, "case_ended", "number"),
        (["pause", WITHDRAWN, "determination", "--reason", "x", *WHO], 3, "case_ended", "number"),
        (["unpause", PAUSED, "determination", "--as", "li.na"], 3, "not_allowed", "person"),
        (["unpause", PAUSED, "determination", "--as", "nobody"], 4, "not_found", "login"),
        (["unpause", PAUSED, "determination", "--reason", "x" * 4001, *WHO], 2, "invalid_input", "reason"),
        (["unpause", PAUSED, "batch-verdict", *WHO], 2, "invalid_input", "deadline"),
        (["unpause", PAUSED, "settlement", *WHO], 4, "not_found", "key"),
        (["unpause", CLOSED, "determination", *WHO], 3, "case_ended", "number"),
        (["unpause", "BQ-2026-0099", "determination", *WHO], 4, "not_found", "number"),
        (["why", "BQ-2026-0099", "determination"], 4, "not_found", "number"),
        (["why", PAUSED, "settlement"], 4, "not_found", "key"),
        (["why", PAUSED, "determination' OR 1=1 --"], 4, "not_found", "key"),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    aftersales: CommandLine, four_clocks: Engine, arguments: list[str], status: int, code: str, field: str
) -> None:
    error = aftersales.refused(status, *arguments)
    assert (error["error"], field in error["fields"]) == (code, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pause"], "NUMBER is missing; see --help."),
        (["pause", PAUSED], "DEADLINE is missing; see --help."),
        (["unpause", PAUSED], "DEADLINE is missing; see --help."),
        (["why", PAUSED], "DEADLINE is missing; see --help."),
        (["backtest"], "FILE is missing; see --help."),
        (["why", PAUSED, "determination", "--as", "li.na"], "There is no option --as; see --help."),
        (["board", "--open"], "There is no option --open; see --help."),
        (["pause", PAUSED, "determination", "--reason"], "--reason: this value cannot be taken; see --help."),
        (["calendar", "FILE", "--as"], "--as: this value cannot be taken; see --help."),
    ],
)
def test_a_wrong_call_names_what_is_wrong_with_it(
    aftersales: CommandLine, four_clocks: Engine, arguments: list[str], message: str
) -> None:
    error = aftersales.refused(2, *arguments)
    assert (error["error"], error["message"]) == ("usage", message)


@pytest.mark.parametrize(
    "arguments",
    [
        ["pause", PAUSED, "acknowledgement", "--reason", "x"],
        ["unpause", PAUSED, "determination"],
        ["calendar", "CALENDARS", "--apply", "--reason", "x"],
        ["policy", "POLICY", "--apply", "--reason", "x"],
    ],
)
def test_who_does_not_say_who_they_are_called_wrongly(
    aftersales: CommandLine, four_clocks: Engine, arguments: list[str]
) -> None:
    """As with every other command that asks for --as: a wrong call, and not somebody who is not there."""
    files = {"CALENDARS": str(CALENDARS), "POLICY": str(POLICY)}
    error = aftersales.refused(2, *(files.get(one, one) for one in arguments))
    assert "--as" in error["message"]
