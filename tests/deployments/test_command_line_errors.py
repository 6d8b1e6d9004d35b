"""What the command line refuses: exit code, error code, field, one JSON document, and nothing changed by it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from command_line import CHINESE, CommandLine, written
from conftest import forget
from people import business_now, opened, play
from refusals import OVER, SCOPE, SITE, Refusals
from sqlalchemy import Engine, text

from deployments.sample_company import SAMPLE_COMPANY

# A call that is wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command 'nonsense'."),
        (["clock", "back"], "No such command 'back'."),
        (["cases", "--nonsense"], "There is no option --nonsense; see --help."),
        (["--nonsense"], "There is no option --nonsense; see --help."),
        (["cases", "--data"], "There is no option --data; see --help."),
        (["clock", "forward", "-5d"], "There is no option -5; see --help."),
        (["case"], "NUMBER is missing; see --help."),
        (["start"], "CODE is missing; see --help."),
        (["start", "BQ"], "FILE is missing; see --help."),
        (["clock", "set"], "TIME is missing; see --help."),
        (["clock", "forward"], "DURATION is missing; see --help."),
        (["inbox"], "--as is missing; see --help."),
        (["decide", SCOPE, "-"], "--as is missing; see --help."),
        (["withdraw", "BQ-2026-0001", "--as", "li.na"], "--reason is missing; see --help."),
        (["reassign", SCOPE, "--reason", "x", "--as", "li.na"], "--to is missing; see --help."),
        (["inbox", "--as"], "--as: this value cannot be taken; see --help."),
        (["case", "BQ-2026-0001", "--wait"], "--wait: this value cannot be taken; see --help."),
        (["case", "BQ-2026-0001", "--wait", "soon"], "--wait: this value cannot be taken; see --help."),
        (["case", "BQ-2026-0001", "--wait", "-1"], "--wait: this value cannot be taken; see --help."),
        (["up", "--port", "70000"], "--port: this value cannot be taken; see --help."),
        (["demo", "--port", "http"], "--port: this value cannot be taken; see --help."),
    ],
)
def test_a_wrong_call_names_what_is_wrong_with_it(
    refused: Refusals, cases: Engine, arguments: list[str], message: str
) -> None:
    assert refused(2, "usage", *arguments)["message"] == message


def test_an_argument_too_many_is_a_wrong_call(refused: Refusals, cases: Engine) -> None:
    assert "one-too-many" in refused(2, "usage", "cases", "one-too-many")["message"]


def test_no_command_at_all_is_a_wrong_call(refused: Refusals) -> None:
    assert list(refused.json(2, "invalid_input")["fields"]) == ["command"]
    printed, _errors = refused.call(2)
    assert "Usage: aftersales" in printed


@pytest.mark.parametrize(
    ("arguments", "status", "code", "field"),
    [
        (["case", "BQ-2026-0099"], 4, "not_found", "number"),
        (["case", ""], 4, "not_found", "number"),
        (["case", "BQ-2026-0001' OR 1=1 --"], 4, "not_found", "number"),
        (["cases", "--procedure", "XX"], 4, "not_found", "code"),
        (["start", "XX", "INPUT"], 4, "not_found", "code"),
        (["inbox", "--as", "nobody"], 4, "not_found", "login"),
        (["decide", "BQ-2026-0001:no-such-thing:1", "INPUT", "--as", "li.na"], 4, "not_found", "ref"),
        (["decide", SCOPE, "INPUT", "--as", "nobody"], 4, "not_found", "login"),
        (["decide", SCOPE, "INPUT", "--as", ""], 4, "not_found", "login"),
        (["withdraw", "BQ-2026-0099", "--reason", "x", "--as", "li.na"], 4, "not_found", "number"),
        (["withdraw", "BQ-2026-0001", "--reason", "x", "--as", "nobody"], 4, "not_found", "login"),
        (["reassign", "BQ-2026-0001:x:1", "--to", "li.na", "--reason", "x", "--as", "li.na"], 4, "not_found", "ref"),
        (["reassign", SITE, "--to", "nobody", "--reason", "x", "--as", "sun.wei"], 4, "not_found", "login"),
        (["reassign", SITE, "--to", "tom.baker", "--reason", "x", "--as", "nobody"], 4, "not_found", "login"),
        (["reassign", SITE, "--to", "", "--reason", "x", "--as", "sun.wei"], 2, "invalid_input", "to"),
        (["reassign", SITE, "--to", "ma.chao", "--reason", "x", "--as", "sun.wei"], 2, "invalid_input", "to"),
        (["reassign", SCOPE, "--to", "li.na", "--reason", "x", "--as", "chen.min"], 2, "invalid_input", "to"),
        (["reassign", SITE, "--to", "tom.baker", "--reason", " ", "--as", "sun.wei"], 2, "invalid_input", "reason"),
        (["reassign", SITE, "--to", "tom.baker", "--reason", "x", "--as", "liu.yang"], 3, "not_allowed", "person"),
        (["reassign", OVER, "--to", "wang.fang", "--reason", "x", "--as", "chen.min"], 3, "case_ended", "number"),
        (["withdraw", "BQ-2026-0001", "--reason", "x", "--as", "sun.wei"], 3, "not_allowed", "person"),
        (["withdraw", "BQ-2026-0001", "--reason", " ", "--as", "li.na"], 2, "invalid_input", "reason"),
        (["withdraw", "BQ-2026-0001", "--reason", "a\x1b[2J", "--as", "li.na"], 2, "invalid_input", "reason"),
        (["withdraw", "BQ-2026-0001", "--reason", "x" * 4001, "--as", "li.na"], 2, "invalid_input", "reason"),
        (["withdraw", "BQ-2026-0003", "--reason", "x", "--as", "li.na"], 3, "case_ended", "number"),
        (["clock", "set", "2026-12-24T18:00:00"], 2, "invalid_input", "time"),
        (["clock", "set", "tomorrow"], 2, "invalid_input", "time"),
        (["clock", "set", "1764550800"], 2, "invalid_input", "time"),
        (["clock", "set", "9999-12-31T23:59:59-12:00"], 2, "invalid_input", "time"),
        (["clock", "set", "0001-01-01T00:00:00+14:00"], 2, "invalid_input", "time"),
        (["clock", "forward", "soon"], 2, "invalid_input", "duration"),
        (["clock", "forward", "5"], 2, "invalid_input", "duration"),
        (["clock", "forward", "5 weeks"], 2, "invalid_input", "duration"),
        (["clock", "forward", "99999999999d"], 2, "invalid_input", "duration"),
        (["clock", "forward", "999999d"], 2, "invalid_input", "time"),
        (["sweep", "--as-of", "2026-12-24T18:00:00"], 2, "invalid_input", "as_of"),
        (["sweep", "--as-of", "2026-12-24"], 2, "invalid_input", "as_of"),
        (["sweep", "--as-of", "later"], 2, "invalid_input", "as_of"),
        (["sweep", "--as-of", "9999-12-31T23:59:59-12:00"], 2, "invalid_input", "as_of"),
        (["import"], 2, "invalid_input", "file"),
        (["import", "FOLDER/nothing.xlsx"], 2, "invalid_input", "file"),
        (["import", "FOLDER"], 2, "invalid_input", "file"),
        (["import", "INPUT"], 2, "invalid_input", "file"),
        (["import", "--template", "FOLDER"], 2, "invalid_input", "template"),
        (["import", "--template", "FOLDER/nowhere/template.xlsx"], 2, "invalid_input", "template"),
    ],
)
def test_what_is_refused_changes_nothing(
    refused: Refusals, cases: Engine, tmp_path: Path, arguments: list[str], status: int, code: str, field: str
) -> None:
    names = {"INPUT": str(written(tmp_path, {})), "FOLDER": str(tmp_path)}
    given = [names.get(one, one.replace("FOLDER/", f"{tmp_path}/")) for one in arguments]
    assert field in refused(status, code, *given)["fields"]


# A real system


@pytest.fixture
def real_system(company: Engine) -> Engine:
    with company.begin() as connection:
        connection.execute(text("UPDATE system SET rehearsal = false, clock_offset = '0'"))
    return company


@pytest.mark.parametrize("arguments", [["set", "2026-12-24T18:00:00+08:00"], ["forward", "5d"]])
def test_the_clock_of_a_real_system_cannot_be_set(refused: Refusals, real_system: Engine, arguments: list[str]) -> None:
    assert "real system" in refused(3, "not_a_rehearsal", "clock", *arguments)["message"]


def test_nobody_is_chased_before_time_on_a_real_system(refused: Refusals, real_system: Engine) -> None:
    play(opened(), until="batch-verdict")
    error = refused(2, "invalid_input", "sweep", "--as-of", (business_now() + timedelta(hours=5)).isoformat())
    assert error["fields"]["as_of"].startswith("This lies in the future; now it is ")


# No database


@pytest.fixture
def forgotten() -> Iterator[None]:
    """No test after this one takes up its database."""
    yield
    forget()


def in_use(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the database is said to be there."""
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", url)
    forget()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    "arguments",
    [
        ["cases"],
        ["case", "BQ-2026-0001"],
        ["inbox", "--as", "li.na"],
        ["start", "BQ", "INPUT"],
        ["decide", SCOPE, "INPUT", "--as", "chen.min"],
        ["withdraw", "BQ-2026-0001", "--reason", "x", "--as", "li.na"],
        ["reassign", SITE, "--to", "tom.baker", "--reason", "x", "--as", "sun.wei"],
        ["import", str(SAMPLE_COMPANY)],
        ["verify"],
        ["clock"],
        ["clock", "forward", "5d"],
    ],
)
@pytest.mark.parametrize(
    ("url", "fragment"),
    [
        ("", "No database is known here."),
        ("postgresql://nobody@127.0.0.1:1/nothing", "The database does not answer: "),
    ],
)
def test_without_a_database_a_sentence_says_so(
    refused: Refusals,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    url: str,
    fragment: str,
    arguments: list[str],
) -> None:
    file = written(
        tmp_path,
        {
            "dealer": "D-01",
            "product": "LX-019",
            "batch": "MH260901A",
            "faulty_pieces": 5,
            "fault": "Does not light",
            "reported_at": "2026-11-20T09:00:00+08:00",
            "reported_by": "Mr He",
            "registered_by": "li.na",
        },
    )
    given = [one.replace("INPUT", str(file)) for one in arguments]
    in_use(url, monkeypatch)
    assert refused.json(1, "unavailable", *given)["message"].startswith(fragment)
    printed, told = refused.call(1, *given)
    assert printed == ""
    assert told.startswith(fragment)


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_sweep_without_a_database_fails_in_order(
    refused: Refusals, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    in_use(url, monkeypatch)
    printed, errors = refused.call(1, "sweep", "--json")
    assert printed == ""
    assert set(json.loads(errors)) == {"error", "message", "fields"}


@pytest.mark.usefixtures("forgotten")
def test_what_can_be_started_is_known_without_a_database(refused: Refusals, monkeypatch: pytest.MonkeyPatch) -> None:
    in_use("", monkeypatch)
    printed, _errors = refused.call(0, "procedures", "--json")
    assert "BQ" in [procedure["code"] for procedure in json.loads(printed)]


# Both languages


@pytest.mark.parametrize(
    ("arguments", "status", "code", "english", "chinese"),
    [
        (["case", "BQ-2026-0099"], 4, "not_found", "There is no case BQ-2026-0099.", "没有工单 BQ-2026-0099。"),
        (["nonsense"], 2, "usage", "No such command 'nonsense'.", "没有 'nonsense' 这个命令。"),
        (["inbox"], 2, "usage", "--as is missing; see --help.", "缺少 --as，请参阅 --help。"),
        (
            ["decide", SCOPE, "INPUT", "--as", "li.na"],
            3,
            "separation_of_duties",
            "李娜 (li.na) may not decide this, having done in the same case: report. Two different people are needed.",
            "李娜 (li.na) 不能作此决定，因其在同一工单中已办理：report。两者须由不同人员办理。",
        ),
        (
            ["decide", "BQ-2026-0001:batch-verdict:1", "INPUT", "--as", "wang.fang"],
            3,
            "already_decided",
            "李娜 (li.na) has already decided this, at 2026-12-01 09:0",
            "李娜 (li.na) 已于 2026-12-01 09:0",
        ),
        (["start", "BQ", "INPUT"], 2, "invalid_input", "This input cannot be taken: ", "输入有误，未被采纳："),
        (
            ["start", "XX", "INPUT"],
            4,
            "not_found",
            "There is no procedure XX; there are: BQ, ",
            "没有流程 XX；可用的流程：BQ",
        ),
        (["clock", "set", "tomorrow"], 2, "invalid_input", "This input cannot be taken: ", "输入有误，未被采纳："),
        (
            ["withdraw", "BQ-2026-0003", "--reason", "x", "--as", "li.na"],
            3,
            "case_ended",
            "Case BQ-2026-0003 was withdrawn.",
            "工单 BQ-2026-0003 已撤销。",
        ),
    ],
)
def test_the_same_refusal_comes_in_either_language(
    aftersales: CommandLine,
    refused: Refusals,
    cases: Engine,
    tmp_path: Path,
    arguments: list[str],
    status: int,
    code: str,
    english: str,
    chinese: str,
) -> None:
    given = [one.replace("INPUT", str(written(tmp_path, {}))) for one in arguments]
    in_english = refused(status, code, *given)
    assert in_english["message"].startswith(english)
    aftersales.language("zh_CN")
    in_chinese = refused(status, code, *given)
    assert in_chinese["message"] != in_english["message"]
    assert CHINESE.search(in_chinese["message"])
    assert in_chinese["message"].startswith(chinese)
    assert list(in_chinese["fields"]) == list(in_english["fields"])
