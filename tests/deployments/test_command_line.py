"""What holds for every command: options anywhere, one JSON document, instants with their offset, plain text, help."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine, instants_in
from conftest import forget
from people import opened, play, report
from sqlalchemy import Engine

from deployments import output
from tasks import database

#: The keys under which an instant stands, wherever they stand.
INSTANTS = {"at", "opened_at", "closed_at", "reported_at", "started_at", "due", "met_at", "sent_at", "from", "now"}


# --json and --data


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "cases", "--open", "--procedure", "BQ"],
        ["cases", "--json", "--open", "--procedure", "BQ"],
        ["cases", "--open", "--procedure", "BQ", "--json"],
    ],
)
def test_json_may_stand_anywhere(aftersales: CommandLine, played: Engine, arguments: list[str]) -> None:
    printed = aftersales(*arguments, "--procedure", "BQ")
    assert [case["number"] for case in json.loads(printed)] == ["BQ-2026-0002", "BQ-2026-0004"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data", "DIR", "--json", "cases", "--open"],
        ["--json", "--data=DIR", "cases", "--open"],
        ["cases", "--data", "DIR", "--open", "--json"],
        ["cases", "--json", "--open", "--data", "DIR"],
        ["cases", "--json", "--open", "--data=DIR"],
    ],
)
def test_data_names_the_system_and_may_stand_anywhere(
    aftersales: CommandLine, played: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    system = tmp_path / "another system"
    system.mkdir()
    (system / "running.json").write_text(json.dumps({"database_url": os.environ["AFTERSALES_DATABASE_URL"]}), "utf-8")
    with monkeypatch.context() as elsewhere:
        elsewhere.delenv("AFTERSALES_DATABASE_URL")
        forget()
        printed = aftersales(*(argument.replace("DIR", str(system)) for argument in [*arguments, "--procedure", "BQ"]))
        database.engine().dispose()
    forget()
    assert [case["number"] for case in json.loads(printed)] == ["BQ-2026-0002", "BQ-2026-0004"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["cases"],
        ["case", "BQ-2026-0001"],
        ["case", "BQ-2026-0002"],
        ["case", "BQ-2026-0003"],
        ["inbox", "--as", "chen.min"],
        ["clock"],
    ],
)
def test_every_instant_carries_its_offset(aftersales: CommandLine, played: Engine, arguments: list[str]) -> None:
    instants = instants_in(aftersales.json(*arguments), INSTANTS)
    assert instants
    assert all(instant.utcoffset() is not None for instant in instants)


# What people read


def test_control_characters_are_shown_and_not_obeyed(aftersales: CommandLine) -> None:
    output.say("a\x1b[31mb\x07")
    output.table(["Fault"], [["\x1b]0;title\x07"]])
    printed = aftersales.capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert r"a\x1b[31mb\x07" in printed


def test_what_looks_like_markup_is_text(aftersales: CommandLine) -> None:
    output.say("[BQ-2026-0001] [red]x[/red] [/]")
    assert aftersales.capsys.readouterr().out == "[BQ-2026-0001] [red]x[/red] [/]\n"


def test_help_is_for_people_and_names_every_command(aftersales: CommandLine) -> None:
    told = aftersales("--help")
    commands = ["up", "demo", "procedures", "start", "import", "withdraw", "reassign", "cases", "case", "inbox"]
    assert [one for one in [*commands, "decide", "sweep", "verify", "clock"] if f"│ {one} " not in told] == []


# The installed command


def installed(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in a process of its own."""
    return subprocess.run(
        [Path(sys.executable).parent / "aftersales", *arguments],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=os.environ | {"AFTERSALES_LANGUAGE": "zh_CN"},
    )


def test_the_installed_command_reads_standard_input_and_prints_one_document(rehearsal: Engine) -> None:
    done = installed("start", "BQ", "-", "--json", given=json.dumps(report(fault="不亮"), ensure_ascii=False))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"case": "BQ-2026-0001", "flow_run_id": None}


def test_the_installed_command_leaves_with_the_status_of_the_error(rehearsal: Engine) -> None:
    play(opened(), until="batch-verdict")
    refused = installed("decide", "BQ-2026-0001:batch-verdict:1", "-", "--as", "sun.wei", "--json", given="{}")
    assert (refused.returncode, refused.stdout) == (3, "")
    error = json.loads(refused.stderr)
    assert (set(error), error["error"]) == ({"error", "message", "fields"}, "not_allowed")
    assert error["message"] == "孙伟 (sun.wei) 不能作此决定：须由客户服务部内勤决定。"


def test_the_installed_command_tells_people_what_is_wrong_on_standard_error(rehearsal: Engine) -> None:
    unknown = installed("case", "BQ-2026-0099")
    assert (unknown.returncode, unknown.stdout, unknown.stderr) == (4, "", "没有工单 BQ-2026-0099。\n")
