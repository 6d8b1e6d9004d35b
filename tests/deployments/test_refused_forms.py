"""Reports and decisions that the command line refuses: no form, a wrong field, a rule that forbids it."""

from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, written
from people import report
from refusals import OVER, SCOPE, SITE, Refusals
from sqlalchemy import Engine

VERDICT = {"is_batch": "yes", "reason": "Five of one fault."}
CONFIRM = {"decision": "confirm", "comment": "All of it."}
FINDING = {
    "verdict": "quality_fault",
    "pieces_inspected": 20,
    "pieces_faulty": 9,
    "pieces_on_hand": 100,
    "report": "Capacitors bulge.",
}


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
def test_standard_input_that_holds_no_json_object_is_refused(
    aftersales: CommandLine, refused: Refusals, cases: Engine, content: bytes
) -> None:
    aftersales.standard_input(content)
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
