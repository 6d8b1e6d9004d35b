"""What the command line refuses: exit code, error code, field, one JSON document, and nothing changed by it."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from conftest import UsingDatabase, forget
from people import business_now, opened, play, report
from sqlalchemy import Engine, create_engine, text

from deployments.cli import run as run_command
from deployments.postgres import Cluster
from deployments.sample_company import SAMPLE_COMPANY
from models.queries import clock, people
from models.tables.parties import RoleGrant
from tasks import database
from tasks.database import transaction
from tasks.settings import settings
from tasks.withdrawing import withdraw

VERDICT = {"is_batch": "yes", "reason": "Five of one fault."}
CONFIRM = {"decision": "confirm", "comment": "All of it."}
FINDING = {
    "verdict": "quality_fault",
    "pieces_inspected": 20,
    "pieces_faulty": 9,
    "pieces_on_hand": 100,
    "report": "Capacitors bulge.",
}
SCOPE, SITE, OVER = "BQ-2026-0001:recall-scope:1", "BQ-2026-0002:site-finding:1", "BQ-2026-0003:batch-verdict:1"
CHINESE = re.compile("[\u4e00-\u9fff]")
#: Everything that a refused call might have changed; of a refused decision the audit trail tells.
STATE = """
    SELECT (SELECT count(*) FROM "case"), (SELECT count(*) FROM decision), (SELECT count(*) FROM task),
           (SELECT count(*) FROM audit_entry WHERE operation <> 'decision_refused'),
           (SELECT count(*) FROM notice), (SELECT count(*) FROM step),
           (SELECT count(*) FROM party), (SELECT count(*) FROM product), (SELECT count(*) FROM delivery),
           (SELECT string_agg(state || coalesce(assignee_id, 0), ',' ORDER BY id) FROM task),
           (SELECT string_agg(concat(closed_at, withdrawn_at), ',' ORDER BY id) FROM "case"),
           (SELECT clock_offset FROM system)
"""


class Refusals:
    """Calls commands that are refused, and looks at how."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        self.language("en")

    def language(self, language: str) -> None:
        self.monkeypatch.setenv("AFTERSALES_LANGUAGE", language)
        settings.cache_clear()

    def standard_input(self, content: bytes) -> None:
        self.monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))

    def call(self, status: int, *arguments: object) -> tuple[str, str]:
        """What a refused command prints on standard output and on standard error."""
        self.capsys.readouterr()
        left = run_command([str(argument) for argument in arguments])
        printed, errors = self.capsys.readouterr()
        assert left == status, errors
        assert "Traceback" not in printed + errors
        return printed, errors

    def json(self, status: int, code: str, *arguments: object) -> Any:
        """The one JSON document about the refusal; nothing is printed beside it."""
        printed, errors = self.call(status, *arguments, "--json")
        assert printed == ""
        return error_of(errors, code)

    def __call__(self, status: int, code: str, *arguments: object) -> Any:
        """The document about a refusal that changed nothing, with --json or without."""
        before = state()
        error = self.json(status, code, *arguments)
        printed, told = self.call(status, *arguments)
        assert printed == ""
        assert told.strip()
        assert not told.startswith("{")
        assert state() == before
        return error


def error_of(errors: str, code: str) -> Any:
    """The document on standard error, checked as far as all errors are alike."""
    error = json.loads(errors)
    assert set(error) == {"error", "message", "fields"}
    assert error["error"] == code, errors
    assert error["message"].strip()
    assert all(isinstance(fault, str) for fault in error["fields"].values())
    return error


def state() -> Any:
    with database.engine().connect() as connection:
        return connection.execute(text(STATE)).one()


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refusals:
    return Refusals(capsys, monkeypatch)


@pytest.fixture(scope="module")
def three_cases(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database at nine on 1 December 2026: one case waits for the recall's scope, one for a finding,
    one is withdrawn; li.na, who registered them, is customer service manager too.
    """
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"three_cases_{uuid4().hex[:12]}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = cluster.url(name).render_as_string(hide_password=False)
    with UsingDatabase(url):
        with transaction() as session:
            clock.set_to(session, datetime.fromisoformat("2026-12-01T09:00:00+08:00"))
            session.add(RoleGrant(person_id=people.person(session, "li.na").id, role="cs_manager"))
        play(opened(dealer="D-01"), until="recall-scope")
        play(opened(dealer="D-02"), until="site-finding")
        play(opened(dealer="D-03"), until="batch-verdict")
        withdraw("BQ-2026-0003", "Entered twice", "chen.min")
    yield url
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def cases(three_cases: str) -> Iterator[Engine]:
    """That database, in use; what is refused changes nothing in it."""
    with UsingDatabase(three_cases):
        yield database.engine()


@pytest.fixture
def real_system(company: Engine) -> Engine:
    with company.begin() as connection:
        connection.execute(text("UPDATE system SET rehearsal = false, clock_offset = '0'"))
    return company


def written(folder: Path, content: object) -> Path:
    """A JSON file."""
    file = folder / "input.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


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


# A file that is no form


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"dealer: D-01",
        b"{",
        b'{"dealer": "D-01"}}',
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n",
        b"[" * 100_000,
        b"x" * 1_000_000,
        b" " * 5_000_000,
        b'{"faulty_pieces": ' + b"9" * 5000 + b"}",
        b"[]",
        b'[{"dealer": "D-01"}]',
        b'"D-01"',
        b"5",
        b"null",
        b"true",
    ],
    ids=lambda content: str(content[:24]),
)
def test_a_file_that_holds_no_json_object_is_refused(
    refused: Refusals, cases: Engine, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "input.json"
    file.write_bytes(content)
    for command in (["start", "BQ", file], ["decide", SCOPE, file, "--as", "chen.min"]):
        error = refused(2, "invalid_input", *command)
        assert list(error["fields"]) == ["file"]
        assert str(file) in error["message"]


@pytest.mark.parametrize("name", ["nothing.json", "", "."])
def test_a_file_that_cannot_be_read_is_refused(refused: Refusals, cases: Engine, tmp_path: Path, name: str) -> None:
    error = refused(2, "invalid_input", "start", "BQ", tmp_path / name)
    assert list(error["fields"]) == ["file"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{"])
def test_standard_input_that_holds_no_json_object_is_refused(refused: Refusals, cases: Engine, content: bytes) -> None:
    refused.standard_input(content)
    assert list(refused.json(2, "invalid_input", "start", "BQ", "-")["fields"]) == ["file"]


# A report that is wrong


@pytest.mark.parametrize(
    ("wrong", "field", "fragment"),
    [
        ({"dealer": "D-99"}, "dealer", "There is no dealer D-99"),
        ({"dealer": "B-01"}, "dealer", "There is no dealer B-01"),
        ({"dealer": ""}, "dealer", "This field must not be empty."),
        ({"dealer": None}, "dealer", "Write text here."),
        ({"dealer": ["D-01"]}, "dealer", "Write text here."),
        ({"dealer": "D-01\u0000"}, "dealer", "Control characters"),
        ({"dealer": "\ud800"}, "dealer", ""),
        ({"product": "LX-999"}, "product", "There is no product LX-999"),
        ({"batch": "lamp"}, "batch", "lamp is not a batch code"),
        ({"batch": "mh260901a"}, "batch", "mh260901a is not a batch code"),
        ({"batch": "ZZ260901"}, "batch", "never received"),
        ({"faulty_pieces": 0}, "faulty_pieces", "The smallest value allowed is 1."),
        ({"faulty_pieces": -5}, "faulty_pieces", "The smallest value allowed is 1."),
        ({"faulty_pieces": 201}, "faulty_pieces", "Only 200 pieces of this batch were delivered."),
        ({"faulty_pieces": 10**30}, "faulty_pieces", "The largest value allowed is 10000000."),
        ({"faulty_pieces": 5.5}, "faulty_pieces", "Write a whole number here."),
        ({"faulty_pieces": "5"}, "faulty_pieces", "Write a whole number here."),
        ({"faulty_pieces": True}, "faulty_pieces", "Write a whole number here."),
        ({"faulty_pieces": float("nan")}, "faulty_pieces", "Write a whole number here."),
        ({"fault": "x" * 1_000_000}, "fault", "At most 4000 characters are allowed."),
        ({"fault": " \n "}, "fault", "This field must not be empty."),
        ({"fault": "bell\u0007"}, "fault", "Control characters are not allowed"),
        ({"reported_at": "2026-12-01T09:00:00"}, "reported_at", "Write date and time with zone"),
        ({"reported_at": "yesterday"}, "reported_at", "Write date and time with zone"),
        ({"reported_at": 1764550800}, "reported_at", "Write date and time with zone"),
        ({"reported_at": "1026-12-01T08:00:00+08:00"}, "reported_at", "Check the year"),
        ({"reported_at": "2026-12-02T09:00:00+08:00"}, "reported_at", "This lies in the future"),
        ({"reported_by": "Mr He\u0007"}, "reported_by", "Control characters and line breaks are not allowed here"),
        ({"reported_by": "Mr He\nBcc: all@dealer.example"}, "reported_by", "Control characters and line breaks"),
        ({"reported_by": "x" * 121}, "reported_by", "At most 120 characters are allowed."),
        ({"separate": "perhaps"}, "separate", "Answer yes or no."),
        ({"colour": "red"}, "colour", "There is no such field."),
    ],
    ids=lambda value: repr(value)[:48],
)
def test_a_wrong_report_names_the_field(
    refused: Refusals, cases: Engine, tmp_path: Path, wrong: dict[str, Any], field: str, fragment: str
) -> None:
    error = refused(2, "invalid_input", "start", "BQ", written(tmp_path, report() | wrong))
    assert list(error["fields"]) == [field]
    assert fragment in error["fields"][field]
    assert error["fields"][field] in error["message"]


def test_every_wrong_field_is_named_at_once(refused: Refusals, cases: Engine, tmp_path: Path) -> None:
    assert set(refused(2, "invalid_input", "start", "BQ", written(tmp_path, {"batch": ""}))["fields"]) == {
        "dealer",
        "product",
        "batch",
        "faulty_pieces",
        "fault",
        "reported_at",
        "reported_by",
        "registered_by",
    }
    wrong = written(tmp_path, report(dealer="D-99", product="LX-999", batch="lamp"))
    assert set(refused(2, "invalid_input", "start", "BQ", wrong)["fields"]) == {"dealer", "product", "batch"}


def test_a_report_that_nobody_registers_is_refused(refused: Refusals, cases: Engine, tmp_path: Path) -> None:
    form = report()
    del form["registered_by"]
    error = refused(2, "invalid_input", "start", "BQ", written(tmp_path, form))
    assert error["fields"] == {"registered_by": "This field is needed."}


@pytest.mark.parametrize(
    ("login", "status", "code", "field"),
    [("nobody", 4, "not_found", "login"), ("sun.wei", 3, "not_allowed", "person")],
)
def test_only_those_register_whom_the_policy_names(
    refused: Refusals, cases: Engine, tmp_path: Path, login: str, status: int, code: str, field: str
) -> None:
    by_the_form = refused(status, code, "start", "BQ", written(tmp_path, report(registered_by=login)))
    by_option = refused(status, code, "start", "BQ", written(tmp_path, report()), "--as", login)
    assert field in by_the_form["fields"]
    assert by_the_form == by_option


def test_what_is_reported_already_names_the_case(refused: Refusals, cases: Engine, tmp_path: Path) -> None:
    error = refused(3, "already_reported", "start", "BQ", written(tmp_path, report(reported_by="Ms Luo")))
    assert error["fields"]["case"] == "BQ-2026-0001"
    assert error["message"].startswith("This is already open as case BQ-2026-0001, reported at 2026-12-01 08:00.")


# A decision that may not be


@pytest.mark.parametrize(
    ("task", "login", "answer", "code", "message"),
    [
        (
            SCOPE,
            "sun.wei",
            CONFIRM,
            "not_allowed",
            "孙伟 (sun.wei) may not decide this: it takes the role customer service manager.",
        ),
        (
            SITE,
            "tom.baker",
            FINDING,
            "not_allowed",
            "Tom Baker (tom.baker) may not decide this: it is assigned to 刘洋 (liu.yang).",
        ),
        (
            SCOPE,
            "li.na",
            CONFIRM,
            "separation_of_duties",
            "李娜 (li.na) may not decide this, having done in the same case: report. Two different people are needed.",
        ),
        (
            "BQ-2026-0001:batch-verdict:1",
            "wang.fang",
            VERDICT,
            "already_decided",
            "李娜 (li.na) has already decided this, at 2026-12-01 09:0",
        ),
        (
            "BQ-2026-0001:batch-verdict:1",
            "li.na",
            {"is_batch": "no", "reason": "I have changed my mind."},
            "already_decided",
            "李娜 (li.na) has already decided this, at 2026-12-01 09:0",
        ),
        (OVER, "wang.fang", VERDICT, "case_ended", "Case BQ-2026-0003 was withdrawn."),
    ],
)
def test_a_decision_that_a_rule_forbids_says_why(
    refused: Refusals,
    cases: Engine,
    tmp_path: Path,
    task: str,
    login: str,
    answer: dict[str, Any],
    code: str,
    message: str,
) -> None:
    error = refused(3, code, "decide", task, written(tmp_path, answer), "--as", login)
    assert error["message"].startswith(message)
    assert error["fields"]


@pytest.mark.parametrize("login", ["sun.wei", "li.na"])
def test_a_rule_is_told_before_the_faults_of_the_answer(
    refused: Refusals, cases: Engine, tmp_path: Path, login: str
) -> None:
    code = {"sun.wei": "not_allowed", "li.na": "separation_of_duties"}[login]
    refused(3, code, "decide", SCOPE, written(tmp_path, {"nonsense": 1}), "--as", login)


@pytest.mark.parametrize(
    ("task", "login", "answer", "field"),
    [
        (SCOPE, "chen.min", {}, "decision"),
        (SCOPE, "chen.min", CONFIRM | {"decision": "refuse"}, "decision"),
        (SCOPE, "chen.min", CONFIRM | {"decision": "confirm the scope"}, "decision"),
        (SCOPE, "chen.min", CONFIRM | {"comment": ""}, "comment"),
        (SCOPE, "chen.min", CONFIRM | {"comment": "a\u0000b"}, "comment"),
        (SCOPE, "chen.min", CONFIRM | {"by": "li.na"}, "by"),
        (SITE, "liu.yang", FINDING | {"pieces_inspected": 151}, "form"),
        (SITE, "liu.yang", FINDING | {"pieces_faulty": 21}, "form"),
        (SITE, "liu.yang", FINDING | {"pieces_on_hand": "100"}, "pieces_on_hand"),
    ],
)
def test_an_answer_that_does_not_fit_names_the_field(
    refused: Refusals, cases: Engine, tmp_path: Path, task: str, login: str, answer: dict[str, Any], field: str
) -> None:
    error = refused(2, "invalid_input", "decide", task, written(tmp_path, answer), "--as", login)
    assert field in error["fields"]


# A real system


@pytest.mark.parametrize("arguments", [["set", "2026-12-24T18:00:00+08:00"], ["forward", "5d"]])
def test_the_clock_of_a_real_system_cannot_be_set(refused: Refusals, real_system: Engine, arguments: list[str]) -> None:
    assert "real system" in refused(3, "not_a_rehearsal", "clock", *arguments)["message"]


def test_nobody_is_chased_before_time_on_a_real_system(refused: Refusals, real_system: Engine) -> None:
    play(opened(), until="batch-verdict")
    error = refused(2, "invalid_input", "sweep", "--as-of", (business_now() + timedelta(hours=5)).isoformat())
    assert error["fields"]["as_of"].startswith("This lies in the future; now it is ")


# An import that is wrong


def test_an_import_with_wrong_lines_names_each_and_takes_none(refused: Refusals, cases: Engine, tmp_path: Path) -> None:
    good = "LX-900,Desk lamp,V-01\n"
    (tmp_path / "products.csv").write_text(f"code,name,supplier\n{good}LX 901,Lamp,\nLX-902,,V-99\n", "utf-8")
    before = state()
    printed, errors = refused.call(2, "import", tmp_path, "--json")
    done = json.loads(printed)
    rejected = done.pop("rejected")
    assert done == {"added": 0, "changed": 0, "unchanged": 0}
    assert all(set(line) == {"sheet", "row", "field", "message"} for line in rejected)
    assert [(line["sheet"], line["row"], line["field"]) for line in rejected] == [
        ("products", 3, "code"),
        ("products", 4, "name"),
    ]
    assert rejected[1]["message"] == "This field is needed."
    assert error_of(errors, "invalid_input")["fields"] == {"file": "2 faults; nothing was changed."}
    told, errors = refused.call(2, "import", tmp_path)
    assert "This field is needed." in told
    assert "2 faults; nothing was changed." in errors
    assert state() == before


def test_one_wrong_line_among_the_sample_company_keeps_all_of_it_out(
    refused: Refusals, cases: Engine, tmp_path: Path
) -> None:
    for file in SAMPLE_COMPANY.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "deliveries.csv").open("a", encoding="utf-8") as deliveries:
        deliveries.write("DN-9001,D-01,LX-019,MH261101,100,46.50,CNY,2026-11-01\n")
        deliveries.write("DN-9002,D-99,LX-019,MH261101,0,46.50,CNY,2026-11-01\n")
    before = state()
    printed, errors = refused.call(2, "import", tmp_path, "--json")
    assert [(line["sheet"], line["row"], line["field"]) for line in json.loads(printed)["rejected"]] == [
        ("deliveries", 33, "quantity")
    ]
    error_of(errors, "invalid_input")
    assert state() == before


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("lamps.csv", "code,name\n", "sheet"),
        ("products.csv", "code,name,colour\nLX-900,Lamp,red\n", "products"),
        ("products.csv", "code\nLX-900\n", "products"),
        ("products.xlsx", "this is no workbook", "file"),
    ],
)
def test_a_file_that_is_no_master_data_is_refused(
    refused: Refusals, cases: Engine, tmp_path: Path, name: str, content: str, field: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert list(refused(2, "invalid_input", "import", tmp_path / name)["fields"]) == [field]


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
    refused.language("zh_CN")
    in_chinese = refused(status, code, *given)
    assert in_chinese["message"] != in_english["message"]
    assert CHINESE.search(in_chinese["message"])
    assert in_chinese["message"].startswith(chinese)
    assert list(in_chinese["fields"]) == list(in_english["fields"])
