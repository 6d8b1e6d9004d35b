"""`aftersales delegate`, `delegations`, `delegation end`, `claim` and `release`: what they print and refuse."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from people import open_tasks, opened, play, run
from sqlalchemy import Engine

from deployments import output
from models.queries import clock
from tasks.database import transaction

MADE = ("delegate", "chen.min", "--to", "lin.tao", "--from", "2026-11-23", "--until", "2026-11-25")
WHY = ("--reason", "At the fair", "--as", "chen.min")


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, company: Engine) -> CommandLine:
    monkeypatch.setattr(output, "as_json", False)
    return CommandLine(capsys, monkeypatch)


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat(at))


def test_a_delegation_lasts_from_the_beginning_of_a_day_to_the_end_of_another(aftersales: CommandLine) -> None:
    made = aftersales.json(*MADE, *WHY, "--role", "cs_manager", "--procedure", "BQ")
    assert made.pop("made_at").startswith("2026-11-22T18:")
    assert made == {
        "id": 1,
        "principal": "chen.min",
        "deputy": "lin.tao",
        "from": "2026-11-23T00:00:00+08:00",
        "until": "2026-11-26T00:00:00+08:00",
        "role": "cs_manager",
        "procedure": "BQ",
        "reason": "At the fair",
        "state": "to_come",
        "made_by": "chen.min",
        "ended_at": None,
    }


def test_people_read_a_sentence_and_a_table(aftersales: CommandLine) -> None:
    assert aftersales(*MADE, *WHY) == "林涛 (lin.tao) stands in for 陈敏 (chen.min): delegation 1.\n"
    line = aftersales("delegations").splitlines()[-2]
    for said in ("陈敏 (chen.min)", "林涛 (lin.tao)", "2026-11-23 00:00", "2026-11-25 24:00", "to come"):
        assert said in line


def test_those_that_are_over_are_listed_if_asked_for(aftersales: CommandLine) -> None:
    aftersales(*MADE, *WHY)
    aftersales("delegate", "li.na", "--to", "gao.jie", "--from", "2026-11-22", "--until", "2026-12-31", *WHY)
    it_is("2026-11-26T00:00:00+08:00")
    assert [(one["id"], one["state"]) for one in aftersales.json("delegations")] == [(2, "in_force")]
    assert {one["id"]: one["state"] for one in aftersales.json("delegations", "--all")} == {1: "over", 2: "in_force"}
    ended = aftersales.json("delegation", "end", 2, "--as", "li.na")
    assert ended["state"] == "ended"
    assert ended["ended_at"].startswith("2026-11-26T00:")
    assert aftersales.json("delegations") == []


def test_the_end_of_one_is_told_in_a_sentence(aftersales: CommandLine) -> None:
    aftersales(*MADE, *WHY)
    told = aftersales("delegation", "end", 1, "--as", "chen.min")
    assert told == "林涛 (lin.tao) no longer stands in for 陈敏 (chen.min): delegation 1.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "code", "field"),
    [
        ((*MADE[:5], "23 November", *MADE[6:], *WHY), 2, "invalid_input", "--from"),
        ((*MADE[:5], "0001-01-01", *MADE[6:], *WHY), 2, "invalid_input", "--from"),
        ((*MADE[:7], "2026-13-01", *WHY), 2, "invalid_input", "--until"),
        ((*MADE[:7], "2026-11-20", *WHY), 2, "invalid_input", "until_at"),
        ((*MADE[:3], "chen.min", *MADE[4:], *WHY), 2, "invalid_input", "deputy"),
        ((*MADE, *WHY, "--role", "boss"), 2, "invalid_input", "role"),
        ((*MADE, *WHY, "--procedure", "XX"), 2, "invalid_input", "procedure"),
        ((*MADE, "--reason", " ", "--as", "chen.min"), 2, "invalid_input", "reason"),
        ((*MADE, "--reason", "x", "--as", "li.na"), 3, "not_allowed", "person"),
        ((*MADE, "--reason", "x", "--as", "nobody"), 4, "not_found", "login"),
        (("delegation", "end", "1", "--as", "chen.min"), 4, "not_found", "number"),
        (("delegation", "end", "0", "--as", "chen.min"), 4, "not_found", "number"),
        (("delegation", "end", str(2**70), "--as", "chen.min"), 4, "not_found", "number"),
        (("claim", "BQ-2026-0099:x:1", "--as", "li.na"), 4, "not_found", "ref"),
        (("release", "BQ-2026-0099:x:1", "--as", "li.na"), 4, "not_found", "ref"),
    ],
)
def test_what_is_refused_says_why(
    aftersales: CommandLine, arguments: tuple[str, ...], status: int, code: str, field: str
) -> None:
    wrong = aftersales.error(*arguments, status=status)
    assert wrong["error"] == code
    assert field in wrong["fields"]
    assert aftersales.json("delegations", "--all") == []


def test_a_task_is_taken_and_given_back(aftersales: CommandLine) -> None:
    number = opened()
    run(number)
    ref = open_tasks(number)["batch-verdict"]
    taken = aftersales.json("claim", ref, "--as", "wang.fang")
    assert (taken["id"], taken["assignee"], taken["candidates"]) == (ref, "wang.fang", ["wang.fang"])
    assert aftersales.error("claim", ref, "--as", "li.na", status=3)["error"] == "not_allowed"
    assert aftersales("release", ref, "--as", "wang.fang") == f"{ref} waits for the group again.\n"
    assert aftersales("claim", ref, "--as", "li.na") == f"{ref} is now with li.na.\n"
    given: Any = aftersales.json("release", ref, "--as", "li.na")
    assert (given["assignee"], given["claimed_at"]) == (None, None)


def test_a_deputys_decision_says_in_whose_place(aftersales: CommandLine, tmp_path: Path) -> None:
    number = opened()
    play(number, until="recall-scope")
    it_is("2026-11-23T09:00:00+08:00")
    aftersales(*MADE, *WHY)
    ref = open_tasks(number)["recall-scope"]
    assert [one["id"] for one in aftersales.json("inbox", "--as", "lin.tao")] == [ref]
    aftersales.standard_input({"decision": "confirm", "comment": "All of it."})
    decided = aftersales.json("decide", ref, "-", "--as", "lin.tao")
    assert (decided["by"], decided["in_place_of"], decided["on_behalf_of"]) == ("lin.tao", "chen.min", None)
