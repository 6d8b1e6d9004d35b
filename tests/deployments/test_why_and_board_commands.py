"""The commands `why` and `board`."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from clock_commands import CLOSED, LATE, PAUSED, WHO, WITHDRAWN, policy_file
from command_line import CommandLine, instants_in
from sqlalchemy import Engine

WHY = {"budget", "unit", "calendar", "intervals", "counted", "due", "state", "rungs"}
INTERVAL = {"from", "to", "counted", "rule"}
BOARD = {"at", "open_cases", "due_today", "late_deadlines", "paused", "lines", "late", "warnings"}

#: The keys under which an instant stands, wherever they stand.
INSTANTS = {"at", "started_at", "due", "from", "to", "planned_at", "due_before", "due_after", "recorded_at", "ended_at"}


# why


def test_why_shows_the_sum_of_a_late_deadline_and_its_rungs(aftersales: CommandLine, four_clocks: Engine) -> None:
    told = aftersales.json("why", LATE, "determination")
    assert set(told) >= WHY
    assert {key: told[key] for key in ("budget", "unit", "calendar", "due", "state", "counted")} == {
        "budget": 2,
        "unit": "days",
        "calendar": "office 1",
        # Two days from Friday end with the Sunday.
        "due": "2026-11-30T00:00:00+08:00",
        "state": "breached",
        "counted": 64 * 3600,
    }
    assert all(set(one) >= INTERVAL for one in told["intervals"])
    assert [tuple(one[key] for key in ("from", "to", "counted", "rule")) for one in told["intervals"]] == [
        ("2026-11-27T08:00:00+08:00", "2026-11-28T00:00:00+08:00", 16 * 3600, "event_day"),
        ("2026-11-28T00:00:00+08:00", "2026-11-30T00:00:00+08:00", 48 * 3600, "calendar_day"),
    ]
    # 80 % of 64 hours were over at 11:12 on the Sunday; the sweep came on Wednesday.
    assert [(one["rung"], one["planned_at"], one["at"][:16], one["to"], one["why_not"]) for one in told["rungs"]] == [
        (1, "2026-11-29T11:12:00+08:00", "2026-12-02T14:00", ["liu.yang"], "The mail is queued."),
        (2, "2026-11-29T11:12:00+08:00", "2026-12-02T14:00", ["sun.wei"], "The mail is queued."),
        (3, "2026-11-30T00:00:00+08:00", "2026-12-02T14:00", ["zhao.qiang"], "The mail is queued."),
    ]


def test_why_shows_a_pause_with_its_reason_and_whose_time_it_is(aftersales: CommandLine, four_clocks: Engine) -> None:
    told = aftersales.json("why", PAUSED, "determination")
    first, stood, *rest = told["intervals"]
    assert (first["rule"], stood["rule"], stood["counted"]) == ("event_day", "pause", 0)
    assert (stood["from"][:16], stood["to"][:16]) == ("2026-12-02T10:00", "2026-12-02T14:00")
    assert stood["why"] == "paused by chen.min: The shop | is [closed]"
    assert (first["party"], stood["party"]) == ("明辉照明有限公司", "深圳亮家经销商")
    # It was due as the 5th began; it stood for four hours, give or take the seconds the commands took.
    stood_for = datetime.fromisoformat(stood["to"]) - datetime.fromisoformat(stood["from"])
    assert datetime.fromisoformat(told["due"]) == datetime.fromisoformat("2026-12-05T00:00+08:00") + stood_for
    assert told["state"] == "paused"
    assert sum(one["counted"] for one in told["intervals"]) == told["counted"] == 64 * 3600
    assert rest[-1]["to"] == told["due"]
    assert {one["why_not"] for one in told["rungs"]} == {"The clock stands; nobody is chased."}


@pytest.mark.parametrize(
    ("number", "key"),
    [(PAUSED, "determination"), (LATE, "determination"), (LATE, "acknowledgement"), (CLOSED, "settlement"),
     (CLOSED, "determination"), (CLOSED, "remedy"), (WITHDRAWN, "determination"), (WITHDRAWN, "acknowledgement")],
)  # fmt: skip
def test_every_sum_goes_from_the_event_to_due_without_a_gap(
    aftersales: CommandLine, four_clocks: Engine, number: str, key: str
) -> None:
    told = aftersales.json("why", number, key)
    parts = told["intervals"]
    assert parts[0]["from"] == told["started_at"]
    assert parts[-1]["to"] == told["due"]
    assert all(earlier["to"] == later["from"] for earlier, later in pairwise(parts))
    assert sum(one["counted"] for one in parts) == pytest.approx(told["counted"], abs=1e-5)


def test_people_read_why_in_their_language(aftersales: CommandLine, four_clocks: Engine) -> None:
    told = " ".join(aftersales("why", PAUSED, "determination").split())
    assert told.startswith(f"{PAUSED} · Determination on site: 2 days, counted by calendar office 1, due 2026-12-05 0")
    assert "Together" in told
    assert "The clock stands" in told
    aftersales.language("zh_CN")
    told = aftersales("why", PAUSED, "determination")
    assert "现场认定" in told
    assert "Together" not in told


def test_why_warns_of_an_unpublished_year_beside_what_it_prints(
    aftersales: CommandLine, one_waiting: Engine, tmp_path: Path
) -> None:
    limit = {"limit": "30 working days", "rungs": []}
    aftersales("policy", policy_file(tmp_path, determination=limit), "--apply", "--reason", "More time", *WHO)
    warning = "The holidays and make-up days of 2027 are not published yet; days of that year may move."
    assert aftersales.json("why", CLOSED, "determination")["warnings"] == [warning]
    printed = aftersales("why", CLOSED, "determination")
    assert warning not in printed
    assert aftersales.errors == f"{warning}\n"


# board


def test_the_board_counts_by_procedure_and_party(aftersales: CommandLine, four_clocks: Engine) -> None:
    shown = aftersales.json("board")
    assert set(shown) >= BOARD
    # At two both acknowledgements and the finding of the late case are late; what stands is not due.
    assert {key: shown[key] for key in ("open_cases", "due_today", "late_deadlines", "paused")} == {
        # Two disputes, and what the calendar opened at the month's end: its feedback, and the returns of two senders.
        "open_cases": 5,
        "due_today": 0,
        "late_deadlines": 3,
        "paused": 1,
    }
    assert [one for one in shown["lines"] if one["procedure"] == "BQ"] == [
        {"procedure": "BQ", "party": "广州恒达灯饰经销商", "open_cases": 1, "due_today": 0, "late": 2, "paused": 0},
        {"procedure": "BQ", "party": "深圳亮家经销商", "open_cases": 1, "due_today": 0, "late": 1, "paused": 1},
    ]
    assert [(one["case"], one["what"], one["due"]) for one in shown["late"]] == [
        (LATE, "Acknowledgement to the dealer", "2026-11-27T12:00:00+08:00"),
        (LATE, "Determination on site", "2026-11-30T00:00:00+08:00"),
        (PAUSED, "Acknowledgement to the dealer", "2026-12-02T12:00:00+08:00"),
    ]
    assert [one["name"] for one in shown["late"][0]["time_of"]] == ["明辉照明有限公司"]
    # From eight on Friday to two on Wednesday.
    assert shown["late"][1]["time_of"][0]["seconds"] == pytest.approx(126 * 3600, abs=60)
    assert shown["at"].startswith("2026-12-02T14:00:")
    assert [one[:30] for one in shown["warnings"]] == ["Calendar office does not know "]


def test_people_read_the_board_in_their_language(aftersales: CommandLine, four_clocks: Engine) -> None:
    told = aftersales("board")
    assert "Due today" in told
    assert "深圳亮家经销商" in told
    assert LATE in told
    assert aftersales.errors.startswith("Calendar office does not know 2027")
    aftersales.language("zh_CN")
    told = aftersales("board")
    assert "批量质量异议" in told
    assert "现场认定" in told
    assert "Due today" not in told


def test_an_empty_board_is_a_board(aftersales: CommandLine, company: Engine) -> None:
    shown = aftersales.json("board")
    assert (shown["open_cases"], shown["lines"], shown["late"]) == (0, [], [])
    assert aftersales("board").strip()


# All of them


@pytest.mark.parametrize(
    "arguments",
    [
        ["why", PAUSED, "determination"],
        ["why", LATE, "determination"],
        ["why", CLOSED, "settlement"],
        ["board"],
        ["calendar"],
        ["policy", "FILE"],
        ["backtest", "FILE"],
    ],
)
def test_every_instant_carries_its_offset(
    aftersales: CommandLine, four_clocks: Engine, tmp_path: Path, arguments: list[str]
) -> None:
    file = policy_file(tmp_path, determination={"limit": "1 hours"})
    instants = instants_in(aftersales.json(*(file if one == "FILE" else one for one in arguments)), INSTANTS)
    assert instants
    assert {instant.utcoffset() for instant in instants} <= {timedelta(hours=8), timedelta()}


def test_help_names_every_command(aftersales: CommandLine) -> None:
    told = aftersales("--help")
    commands = ["pause", "unpause", "why", "board", "calendar", "policy", "backtest"]
    assert [one for one in commands if f"│ {one} " not in told] == []
