"""The commands `cases` and `case`: their documents, what people read, and waiting for a case."""

import time
from threading import Thread

import pytest
from command_line import CASE, CASE_LINE, DEADLINE, TASK, CommandLine
from people import opened, run
from sqlalchemy import Engine

# What the parts of a case have at least.
STEP = {"key", "state", "at", "result"}
NOTICE = {"key", "template", "to", "subject", "state", "attempts", "sent_at"}
STOCK = {"at", "party", "part", "condition", "change"}
MONEY = {"at", "account", "party", "amount", "currency"}


# cases


def test_cases_lists_all_oldest_first(aftersales: CommandLine, played: Engine) -> None:
    everything = aftersales.json("cases")
    assert all(set(case) >= CASE_LINE for case in everything)
    assert [case["opened_at"] for case in everything] == sorted(case["opened_at"] for case in everything)
    # What came out of the first case, and what the calendar opened, stand among them.
    assert {case["procedure"] for case in everything} == {"BQ", "SC", "IF", "PR"}
    listed = [case for case in everything if case["procedure"] == "BQ"]
    assert [(case["number"], case["procedure"], case["state"]) for case in listed] == [
        ("BQ-2026-0001", "BQ", "closed"),
        ("BQ-2026-0002", "BQ", "waiting"),
        ("BQ-2026-0003", "BQ", "withdrawn"),
        ("BQ-2026-0004", "BQ", "running"),
    ]
    assert [case["opened_at"][:16] for case in listed] == [
        "2026-12-01T09:00",
        "2026-12-02T09:00",
        "2026-12-03T09:00",
        "2026-12-04T09:00",
    ]
    assert [(case["closed_at"] or "open")[:10] for case in listed] == ["2026-12-01", "open", "2026-12-03", "open"]


def test_cases_can_be_narrowed_to_a_procedure(aftersales: CommandLine, played: Engine) -> None:
    assert len(aftersales.json("cases", "--procedure", "BQ")) == 4


def test_no_case_is_an_empty_list(aftersales: CommandLine, rehearsal: Engine) -> None:
    assert aftersales.json("cases") == []
    assert aftersales.json("inbox", "--as", "li.na") == []


# case


def test_a_waiting_case_is_shown_whole(aftersales: CommandLine, played: Engine) -> None:
    case = aftersales.json("case", "BQ-2026-0002")
    assert set(case) >= CASE
    assert case["opened_at"].startswith("2026-12-02T09:00:")
    assert case["opened_at"].endswith("+08:00")
    assert {key: case[key] for key in ("procedure", "policy", "state", "outcome", "closed_at", "flow_run_id")} == {
        "procedure": "BQ",
        "policy": "lighting 1",
        "state": "waiting",
        "outcome": None,
        "closed_at": None,
        "flow_run_id": None,
    }
    assert (case["stock"], case["money"]) == ([], [])


def test_the_steps_of_a_case_are_what_happened_in_order(aftersales: CommandLine, played: Engine) -> None:
    steps = aftersales.json("case", "BQ-2026-0002")["steps"]
    assert all(set(step) >= STEP for step in steps)
    assert [(step["key"], step["state"]) for step in steps] == [
        ("open", "done"),
        ("stop-sale", "done"),
        ("file-finding", "done"),
    ]
    assert steps[0]["result"] == "BQ-2026-0002"
    assert steps[0]["at"].startswith("2026-12-02T09:00:")


def test_the_tasks_of_a_case_are_shown_with_form_and_decision(aftersales: CommandLine, played: Engine) -> None:
    tasks = aftersales.json("case", "BQ-2026-0002")["tasks"]
    assert all(set(task) >= TASK for task in tasks)
    verdict, _technician, finding, scope = tasks
    assert {key: verdict[key] for key in ("id", "case", "key", "round", "role", "assignee", "candidates", "state")} == {
        "id": "BQ-2026-0002:batch-verdict:1",
        "case": "BQ-2026-0002",
        "key": "batch-verdict",
        "round": 1,
        "role": "cs_clerk",
        "assignee": None,
        "candidates": [],
        "state": "decided",
    }
    decided_at = verdict["decision"].pop("at")
    assert decided_at.startswith("2026-12-02T09:00:")
    assert verdict["decision"] == {
        "answer": {"is_batch": "yes", "reason": "Five of one fault."},
        "by": "li.na",
        "in_place_of": None,
        "on_behalf_of": None,
        "channel": "command_line",
    }
    assert (finding["role"], finding["assignee"], finding["due"]) == (
        "technician",
        "liu.yang",
        "2026-12-05T00:00:00+08:00",
    )
    assert (scope["state"], scope["candidates"], scope["decision"]) == ("open", ["chen.min"], None)
    assert (scope["title"], scope["due"]) == ("Confirm the scope of the recall", "2026-12-04T00:00:00+08:00")
    assert scope["opened_at"].startswith("2026-12-02T09:00:")
    assert scope["form_schema"]["properties"]["decision"]["enum"] == ["confirm", "send_back"]
    assert scope["form_schema"]["required"] == ["decision", "comment"]


def test_the_deadlines_of_a_case_are_shown_with_their_rungs(aftersales: CommandLine, played: Engine) -> None:
    deadlines = aftersales.json("case", "BQ-2026-0002")["deadlines"]
    assert all(set(deadline) >= DEADLINE for deadline in deadlines)
    assert [(one["key"], one["budget"], one["unit"], one["state"]) for one in deadlines] == [
        ("acknowledgement", 4, "hours", "breached"),
        ("determination", 2, "days", "met"),
        ("batch-verdict", 4, "hours", "met"),
        ("name-technician", 12, "hours", "met"),
        ("recall-scope", 1, "days", "breached"),
    ]
    acknowledgement, determination, *_others = deadlines
    # Reported an hour before nine.
    assert acknowledgement["started_at"].startswith("2026-12-02T08:00:")
    assert acknowledgement["due"].startswith("2026-12-02T12:00:")
    assert determination["due"] == "2026-12-05T00:00:00+08:00"
    assert 3600 <= determination["elapsed"] < 3700
    assert (determination["pauses"], determination["rungs"]) == ([], [])
    # 80 % of four hours were over at 11:12; the sweep came at half past.
    [rung] = acknowledgement["rungs"]
    assert (rung["rung"], rung["at"][:16], rung["to"]) == (1, "2026-12-02T11:30", ["li.na", "wang.fang"])


def test_the_notices_of_a_case_are_shown_with_what_became_of_them(aftersales: CommandLine, played: Engine) -> None:
    notices = aftersales.json("case", "BQ-2026-0002")["notices"]
    assert all(set(notice) >= NOTICE for notice in notices)
    first = {key: notices[0][key] for key in NOTICE}
    assert first == {
        "key": "BQ-2026-0002:acknowledged:D-02",
        "template": "batch_quality/acknowledged",
        "to": "liangjia@dealer.example",
        "subject": "[BQ-2026-0002] 贵方的批量质量异议已受理",
        "state": "queued",
        "attempts": 0,
        "sent_at": None,
    }


def test_a_closed_case_has_its_outcome_and_no_open_task(aftersales: CommandLine, played: Engine) -> None:
    case = aftersales.json("case", "BQ-2026-0001")
    assert (case["state"], case["outcome"], case["closed_at"][:10]) == ("closed", "credited", "2026-12-01")
    assert {task["state"] for task in case["tasks"]} == {"decided"}
    assert case["steps"][-1]["key"] == "close-case"


def test_stock_is_booked_out_of_one_place_into_another(aftersales: CommandLine, played: Engine) -> None:
    stock = aftersales.json("case", "BQ-2026-0001")["stock"]
    assert all(set(line) >= STOCK for line in stock)
    assert [(line["party"], line["part"], line["condition"], line["change"]) for line in stock] == [
        ("D-01", "LX-019", "disputed", -100),
        ("C-01", "LX-019", "quarantine", 100),
        ("D-01", "LX-019", "disputed", -80),
        ("C-01", "LX-019", "quarantine", 80),
    ]


def test_money_is_booked_to_the_cent_from_one_account_to_another(aftersales: CommandLine, played: Engine) -> None:
    money = aftersales.json("case", "BQ-2026-0001")["money"]
    assert all(set(line) >= MONEY for line in money)
    # 100 pieces at 46.50 and 80 at 45.00.
    assert [(line["account"], line["party"], line["amount"], line["currency"]) for line in money] == [
        ("freight_expense", "C-01", "-380.50", "CNY"),
        ("carrier_payable", "SF Express", "380.50", "CNY"),
        ("after_sales_expense", "C-01", "-4650.00", "CNY"),
        ("dealer_credit", "D-01", "4650.00", "CNY"),
        ("after_sales_expense", "C-01", "-3600.00", "CNY"),
        ("dealer_credit", "D-01", "3600.00", "CNY"),
    ]


def test_a_withdrawn_case_stands_still(aftersales: CommandLine, played: Engine) -> None:
    case = aftersales.json("case", "BQ-2026-0003")
    assert (case["state"], case["outcome"], case["closed_at"][:16]) == ("withdrawn", None, "2026-12-03T09:00")
    assert [task["state"] for task in case["tasks"]] == ["decided", "decided", "withdrawn"]
    determination = next(one for one in case["deadlines"] if one["key"] == "determination")
    assert determination["abandoned_at"].startswith("2026-12-03T09:00:")
    assert (determination["met_at"], determination["pauses"]) == (None, [])


def test_people_read_a_case_in_their_language_with_every_reference_whole(
    aftersales: CommandLine, played: Engine
) -> None:
    told = aftersales("case", "BQ-2026-0002")
    assert told.splitlines()[0] == "BQ-2026-0002 · 深圳亮家经销商 · waiting for a person"
    assert "BQ-2026-0002:recall-scope:1" in told
    assert "…" not in told
    aftersales.language("zh_CN")
    told = aftersales("case", "BQ-2026-0002")
    assert told.splitlines()[0] == "BQ-2026-0002 · 深圳亮家经销商 · 等待人员处理"
    assert "BQ-2026-0002:recall-scope:1" in told


def test_people_read_the_ledgers_of_a_closed_case(aftersales: CommandLine, played: Engine) -> None:
    told = aftersales("case", "BQ-2026-0001")
    assert "quarantine" in told
    assert "+100" in told
    assert "4650.00" in told


def test_people_read_the_list_of_cases(aftersales: CommandLine, played: Engine) -> None:
    told = aftersales("cases")
    assert "waiting for a person" in told
    assert "2026-12-02 09:00" in told
    aftersales.language("zh_CN")
    assert "等待人员处理" in aftersales("cases")


@pytest.mark.parametrize("number", ["BQ-2026-0001", "BQ-2026-0002", "BQ-2026-0003"])
def test_waiting_for_a_case_that_waits_or_has_ended_returns_at_once(
    aftersales: CommandLine, played: Engine, number: str
) -> None:
    begun = time.monotonic()
    assert aftersales.json("case", number, "--wait", 30)["number"] == number
    assert time.monotonic() - begun < 5


def test_waiting_for_a_running_case_ends_with_the_time(aftersales: CommandLine, played: Engine) -> None:
    begun = time.monotonic()
    assert aftersales.json("case", "BQ-2026-0004", "--wait", 0.4)["state"] == "running"
    assert 0.4 <= time.monotonic() - begun < 5


def test_waiting_for_a_running_case_ends_when_it_comes_to_wait(aftersales: CommandLine, rehearsal: Engine) -> None:
    number = opened()
    carrier = Thread(target=run, args=[number])
    carrier.start()
    case = aftersales.json("case", number, "--wait", 30)
    carrier.join()
    assert (case["state"], [task["key"] for task in case["tasks"]]) == ("waiting", ["batch-verdict"])
