"""The command line as the contract has it: commands, their JSON documents, exit codes, both languages."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from command_line import CommandLine
from conftest import UsingDatabase, forget
from openpyxl import load_workbook
from people import CREDITED, opened, play, report, run
from sqlalchemy import Engine, create_engine, func, select, text

from deployments import output
from deployments.catcher import MailCatcher
from deployments.postgres import Cluster
from deployments.sample_company import SAMPLE_COMPANY
from models.queries import clock
from models.tables.audit import AuditEntry
from models.tables.notices import Notice
from tasks import database
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

CASE_LINE = {"number", "procedure", "state", "opened_at", "closed_at"}
CASE = CASE_LINE | {
    "policy", "outcome", "flow_run_id", "steps", "tasks", "deadlines", "notices", "stock", "money",
}  # fmt: skip
STEP = {"key", "state", "at", "result"}
TASK = {
    "id", "case", "key", "round", "role", "assignee", "candidates", "title", "form_schema", "state", "opened_at",
    "due", "decision",
}  # fmt: skip
DEADLINE = {"key", "budget", "unit", "started_at", "due", "state", "elapsed", "pauses", "rungs"}
NOTICE = {"key", "template", "to", "subject", "state", "attempts", "sent_at"}
STOCK = {"at", "party", "part", "condition", "change"}
MONEY = {"at", "account", "party", "amount", "currency"}
DECISION = {"decision", "case", "at", "by", "on_behalf_of", "channel"}
SWEEP = {"deadlines", "reminded", "escalated", "lapsed", "woken", "delivered", "failed"}
#: The keys under which an instant stands, wherever they stand.
INSTANTS = {"at", "opened_at", "closed_at", "reported_at", "started_at", "due", "met_at", "sent_at", "from", "now"}
NO_FAULT = {
    "verdict": "no_quality_fault",
    "pieces_inspected": 20,
    "pieces_faulty": 0,
    "pieces_on_hand": 100,
    "report": "They were wired wrongly.",
}


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capsys, monkeypatch, columns=80)


@pytest.fixture
def rehearsal(company: Engine) -> Engine:
    """The sample company at nine in the morning of 1 December 2026."""
    it_is("2026-12-01T09:00:00+08:00")
    return company


@pytest.fixture(scope="module")
def four_cases(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database with a closed, a waiting, a withdrawn and a running case, opened at nine on four days."""
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"four_cases_{uuid4().hex[:12]}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = cluster.url(name).render_as_string(hide_password=False)
    with UsingDatabase(url):
        it_is("2026-12-01T09:00:00+08:00")
        play(opened(dealer="D-01"))
        it_is("2026-12-02T09:00:00+08:00")
        play(opened(dealer="D-02", registered_by="wang.fang"), until="recall-scope")
        it_is("2026-12-02T11:30:00+08:00")
        sweep()
        it_is("2026-12-03T09:00:00+08:00")
        play(opened(dealer="D-03"), until="site-finding")
        withdraw("BQ-2026-0003", "Entered twice", "chen.min")
        it_is("2026-12-04T09:00:00+08:00")
        opened(dealer="D-01", product="LX-004", batch="MH260622")
    yield url
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def played(four_cases: str) -> Iterator[Engine]:
    """That database, in use, for tests that only read."""
    with UsingDatabase(four_cases):
        yield database.engine()


def it_is(instant: str) -> None:
    """Sets the business clock; it runs on from there."""
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat(instant))


def written(folder: Path, content: object) -> Path:
    """A JSON file."""
    file = folder / "input.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


def instants_in(node: Any) -> list[datetime]:
    """Every instant in a document."""
    if isinstance(node, list):
        return [instant for one in node for instant in instants_in(one)]
    if not isinstance(node, dict):
        return []
    found = [datetime.fromisoformat(value) for key, value in node.items() if key in INSTANTS and value is not None]
    return found + instants_in(list(node.values()))


# procedures


def test_procedures_lists_what_can_be_started_with_the_schema_of_its_form(aftersales: CommandLine) -> None:
    procedure = aftersales.json("procedures")[0]
    schema = procedure.pop("input_schema")
    assert procedure == {
        "code": "BQ",
        "name": "Batch quality dispute",
        "manual": "000 四.1 第三条",
        "deployment": "batch-quality-dispute/批量质量异议",
    }
    assert list(schema["properties"]) == [
        "dealer",
        "product",
        "batch",
        "faulty_pieces",
        "fault",
        "reported_at",
        "reported_by",
        "registered_by",
        "separate",
    ]
    assert schema["required"] == list(schema["properties"])[:-1]
    assert schema["properties"]["faulty_pieces"]["title"] == "Faulty pieces"


def test_procedures_are_named_in_the_configured_language(aftersales: CommandLine) -> None:
    aftersales.language("zh_CN")
    procedures = aftersales.json("procedures")
    procedure = procedures[0]
    assert procedure["name"] == "批量质量异议"
    assert procedure["input_schema"]["properties"]["dealer"]["title"] == "经销商"
    assert "批量质量异议" in aftersales("procedures")


def test_every_procedure_of_the_manual_can_be_started(aftersales: CommandLine) -> None:
    listed = aftersales.json("procedures")
    assert [one["code"] for one in listed] == ["BQ", "RS", "SV", "PS", "PR", "SC", "IF", "QN", "CL", "FR", "TC"]
    assert all("registered_by" in one["input_schema"]["properties"] for one in listed)


# start


def test_start_opens_a_case_though_prefect_is_down(aftersales: CommandLine, rehearsal: Engine, tmp_path: Path) -> None:
    started = aftersales.json("start", "BQ", written(tmp_path, report()))
    assert started == {"case": "BQ-2026-0001", "flow_run_id": None}
    case = aftersales.json("case", "BQ-2026-0001")
    assert (case["state"], case["flow_run_id"], case["tasks"]) == ("running", None, [])


def test_start_tells_people_that_a_sweep_will_start_the_run(
    aftersales: CommandLine, rehearsal: Engine, tmp_path: Path
) -> None:
    told = aftersales("start", "BQ", written(tmp_path, report()))
    assert told.splitlines()[0] == "Case BQ-2026-0001 is open."
    assert told.splitlines()[1].startswith("Prefect does not carry it yet; a sweep will start it: ")


def test_start_takes_its_form_from_standard_input(aftersales: CommandLine, rehearsal: Engine) -> None:
    aftersales.standard_input(report(reported_by="何老板"))
    assert aftersales.json("start", "BQ", "-")["case"] == "BQ-2026-0001"
    assert aftersales.json("case", "BQ-2026-0001")["input"]["reported_by"] == "何老板"


@pytest.mark.parametrize("in_the_form", ["li.na", None])
def test_start_as_somebody_overrides_who_registers(
    aftersales: CommandLine, rehearsal: Engine, tmp_path: Path, in_the_form: str | None
) -> None:
    form = {key: value for key, value in report(registered_by=in_the_form).items() if value is not None}
    aftersales.json("start", "BQ", written(tmp_path, form), "--as", "wang.fang")
    assert aftersales.json("case", "BQ-2026-0001")["input"]["registered_by"] == "wang.fang"
    with transaction() as session:
        opening = session.scalars(select(AuditEntry).where(AuditEntry.operation == "case_opened")).one()
        assert (opening.actor, opening.subject) == ("wang.fang", "BQ-2026-0001")


def test_a_second_report_opens_a_case_of_its_own_if_a_separate_one_is_asked_for(
    aftersales: CommandLine, rehearsal: Engine, tmp_path: Path
) -> None:
    aftersales.json("start", "BQ", written(tmp_path, report()))
    assert aftersales.json("start", "BQ", written(tmp_path, report(separate=True)))["case"] == "BQ-2026-0002"


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
    instants = instants_in(aftersales.json(*arguments))
    assert instants
    assert all(instant.utcoffset() is not None for instant in instants)


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


# inbox


def test_the_inbox_has_what_is_due_first_in_front(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(dealer="D-01"), until="remedy")  # five days
    play(opened(dealer="D-02"), until="batch-verdict")  # four hours
    inbox = aftersales.json("inbox", "--as", "li.na")
    assert all(set(task) >= TASK for task in inbox)
    assert [(task["id"], task["due"][:10]) for task in inbox] == [
        ("BQ-2026-0002:batch-verdict:1", "2026-12-01"),
        ("BQ-2026-0001:remedy:1", "2026-12-07"),
    ]
    assert [(task["state"], task["candidates"], task["decision"]) for task in inbox] == [
        ("open", ["li.na", "wang.fang"], None)
    ] * 2
    assert [task["for_party"] for task in inbox] == [None, "D-01"]
    assert [task["id"] for task in aftersales.json("inbox", "--as", "wang.fang")] == [task["id"] for task in inbox]


def test_an_assigned_task_is_in_its_assignees_inbox_alone(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    [task] = aftersales.json("inbox", "--as", "liu.yang")
    assert (task["id"], task["assignee"], task["candidates"]) == (
        "BQ-2026-0001:site-finding:1",
        "liu.yang",
        ["liu.yang"],
    )
    assert aftersales.json("inbox", "--as", "tom.baker") == []


def test_a_task_leaves_the_inbox_with_its_answer(aftersales: CommandLine, rehearsal: Engine, tmp_path: Path) -> None:
    play(opened(), until="batch-verdict")
    [task] = aftersales.json("inbox", "--as", "wang.fang")
    aftersales("decide", task["id"], written(tmp_path, CREDITED["batch-verdict"][1]), "--as", "li.na")
    assert aftersales.json("inbox", "--as", "wang.fang") == []


def test_people_read_their_inbox_with_every_reference_whole(aftersales: CommandLine, played: Engine) -> None:
    told = aftersales("inbox", "--as", "chen.min")
    assert "BQ-2026-0002:recall-scope:1" in told
    assert "…" not in told
    # The third of December ends at 24:00.
    assert "2026-12-03" in told
    assert "24:00" in told
    aftersales.language("zh_CN")
    told = aftersales("inbox", "--as", "chen.min")
    assert "BQ-2026-0002:recall-scope:1" in told
    assert "确认退回范围" in told


# decide


def test_decide_records_who_when_and_by_which_way(aftersales: CommandLine, rehearsal: Engine, tmp_path: Path) -> None:
    play(opened(), until="batch-verdict")
    file = written(tmp_path, {"is_batch": "yes", "reason": "Five of one fault."})
    decided = aftersales.json("decide", "BQ-2026-0001:batch-verdict:1", file, "--as", "li.na")
    assert set(decided) >= DECISION
    at = decided.pop("at")
    assert at.startswith("2026-12-01T09:00:")
    assert at.endswith("+08:00")
    assert {key: decided[key] for key in DECISION - {"at"}} == {
        "decision": "BQ-2026-0001:batch-verdict:1",
        "case": "BQ-2026-0001",
        "by": "li.na",
        "on_behalf_of": None,
        "channel": "command_line",
    }
    [task] = aftersales.json("case", "BQ-2026-0001")["tasks"]
    assert (task["state"], task["decision"]["by"], task["decision"]["at"]) == ("decided", "li.na", at)


def test_decide_for_the_dealer_says_so(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="remedy")
    aftersales.standard_input({"remedy": "credit", "told_by": "Mr He"})
    decided = aftersales.json("decide", "BQ-2026-0001:remedy:1", "-", "--as", "wang.fang")
    assert (decided["by"], decided["on_behalf_of"]) == ("wang.fang", "D-01")


def test_a_decided_case_runs_until_it_asks_again(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="batch-verdict")
    aftersales.standard_input(CREDITED["batch-verdict"][1])
    told = aftersales("decide", "BQ-2026-0001:batch-verdict:1", "-", "--as", "li.na")
    assert told == "Recorded: BQ-2026-0001:batch-verdict:1 by li.na.\n"
    assert aftersales.json("case", "BQ-2026-0001")["state"] == "running"
    run("BQ-2026-0001")
    assert aftersales.json("case", "BQ-2026-0001")["state"] == "waiting"


# reassign, withdraw


def test_reassign_gives_a_task_to_somebody_else_and_prints_it(aftersales: CommandLine, rehearsal: Engine) -> None:
    """Manual 000 三 内勤 G."""
    play(opened(), until="site-finding")
    arguments = ["reassign", "BQ-2026-0001:site-finding:1", "--to", "tom.baker", "--reason", "Ill", "--as", "sun.wei"]
    task = aftersales.json(*arguments)
    assert set(task) >= TASK
    assert (task["id"], task["assignee"], task["candidates"], task["state"]) == (
        "BQ-2026-0001:site-finding:1",
        "tom.baker",
        ["tom.baker"],
        "open",
    )
    assert [one["id"] for one in aftersales.json("inbox", "--as", "tom.baker")] == ["BQ-2026-0001:site-finding:1"]
    assert aftersales.json("inbox", "--as", "liu.yang") == []
    assert aftersales(*arguments) == "BQ-2026-0001:site-finding:1 is now with tom.baker.\n"


def test_withdraw_ends_a_case_and_prints_it_whole(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    case = aftersales.json("withdraw", "BQ-2026-0001", "--reason", "Entered twice", "--as", "li.na")
    assert set(case) >= CASE
    assert (case["number"], case["state"], case["outcome"]) == ("BQ-2026-0001", "withdrawn", None)
    assert aftersales.json("cases", "--open") == []
    assert aftersales.json("inbox", "--as", "liu.yang") == []


def test_withdraw_tells_people_in_a_sentence(aftersales: CommandLine, rehearsal: Engine) -> None:
    aftersales.language("zh_CN")
    told = aftersales("withdraw", opened(), "--reason", "重复登记", "--as", "li.na")
    assert told == "工单 BQ-2026-0001 已撤销。\n"


# sweep


def test_sweep_tells_its_figures(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    swept = aftersales.json("sweep", "--as-of", "2026-12-04T00:00:01+08:00")
    assert set(swept) >= SWEEP
    # The acknowledgement (80 % clerk, 100 % manager) and the two days (80 % technician and head, 100 % vice-president).
    assert {key: swept[key] for key in SWEEP} == {
        "deadlines": 2,
        "reminded": 3,
        "escalated": 2,
        "lapsed": 0,
        "woken": 0,
        "delivered": 0,
        "failed": 0,
    }
    again = aftersales.json("sweep", "--as-of", "2026-12-04T00:00:02+08:00")
    assert (again["reminded"], again["escalated"]) == (0, 0)
    deadlines = {one["key"]: one for one in aftersales.json("case", "BQ-2026-0001")["deadlines"]}
    assert [(rung["rung"], rung["at"]) for rung in deadlines["determination"]["rungs"]] == [
        (number, "2026-12-04T00:00:01+08:00") for number in (1, 2, 3)
    ]
    assert [rung["to"] for rung in deadlines["determination"]["rungs"]] == [["liu.yang"], ["sun.wei"], ["zhao.qiang"]]


def test_sweep_without_a_time_takes_the_business_clock(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    assert aftersales.json("sweep")["reminded"] == 0
    it_is("2026-12-01T11:30:00+08:00")
    assert aftersales.json("sweep")["reminded"] == 1


def test_sweep_counts_what_lapsed(aftersales: CommandLine, rehearsal: Engine) -> None:
    number = opened()
    play(number, CREDITED | {"site-finding": ("liu.yang", NO_FAULT)}, until="appeal")
    assert aftersales.json("sweep", "--as-of", "2026-12-07T00:00:01+08:00")["lapsed"] == 1
    appeal = aftersales.json("case", number)["tasks"][-1]
    assert (appeal["key"], appeal["state"]) == ("appeal", "lapsed")
    assert (appeal["decision"]["by"], appeal["decision"]["channel"]) == (None, "sweep")


def test_sweep_delivers_what_is_queued(aftersales: CommandLine, rehearsal: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    swept = aftersales.json("sweep")
    with transaction() as session:
        queued = session.scalar(select(func.count()).select_from(Notice))
    assert (swept["delivered"], swept["failed"]) == (queued, 0)
    [notice] = aftersales.json("case", number)["notices"]
    assert (notice["state"], notice["attempts"], notice["sent_at"][:16]) == ("sent", 1, "2026-12-01T09:00")
    acknowledgement = aftersales.json("case", number)["deadlines"][0]
    assert (acknowledgement["key"], acknowledgement["state"]) == ("acknowledgement", "met")


def test_a_sweep_beside_another_does_nothing(aftersales: CommandLine, rehearsal: Engine) -> None:
    opened()
    with rehearsal.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(357946443088)"))  # the letters SWEEP
        swept = aftersales.json("sweep", "--as-of", "2026-12-09T00:00:00+08:00")
        assert {swept[key] for key in SWEEP} == {0}
        assert aftersales("sweep") == "Another sweep is running; nothing to do.\n"


def test_people_read_what_a_sweep_did(aftersales: CommandLine, rehearsal: Engine) -> None:
    opened()
    told = aftersales("sweep")
    assert "Reminded" in told
    assert "BQ-2026-0001: No Prefect server is known here." in told
    aftersales.language("zh_CN")
    assert "提醒" in aftersales("sweep")


# verify


def test_verify_finds_nothing_where_all_is_in_order(aftersales: CommandLine, played: Engine) -> None:
    assert aftersales.json("verify") == {"ok": True, "findings": []}
    assert aftersales("verify") == "Audit chain, journals and ledgers are in order.\n"


@pytest.mark.parametrize(
    ("tampering", "code", "where"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE number = 2", "audit_chain_broken", "audit 2"),
        (
            """UPDATE audit_entry SET detail = '{"input": {}}' WHERE operation = 'case_opened'""",
            "audit_chain_broken",
            "audit 5",
        ),
        ("DELETE FROM stock_move WHERE line = 1", "stock_differs", "BQ-2026-0001"),
        ("UPDATE money_move SET amount = amount + 0.01", "credit_differs", "BQ-2026-0001"),
    ],
)
def test_verify_finds_what_was_tampered_with(
    aftersales: CommandLine, rehearsal: Engine, tampering: str, code: str, where: str
) -> None:
    play(opened())
    with rehearsal.begin() as connection:
        for table in ("audit_entry", "stock_move", "money_move"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        connection.execute(text(tampering))
    verified = aftersales.json("verify", status=1)
    assert verified["ok"] is False
    assert all(set(finding) >= {"code", "where", "message"} for finding in verified["findings"])
    assert (verified["findings"][0]["code"], verified["findings"][0]["where"]) == (code, where)
    assert aftersales.errors == ""
    assert where in aftersales("verify", status=1)


# clock


def test_the_clock_of_a_rehearsal_is_set_and_runs_on(aftersales: CommandLine, company: Engine) -> None:
    moved = aftersales.json("clock", "set", "2026-12-24T18:00:00+08:00")
    shown = aftersales.json("clock")
    assert (list(moved), list(shown)) == (["now"], ["now"])
    before, after = datetime.fromisoformat(moved["now"]), datetime.fromisoformat(shown["now"])
    assert datetime.fromisoformat("2026-12-24T18:00:00+08:00") <= before < after
    assert after - before < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("duration", "then"),
    [
        ("45s", "2026-12-01T09:00:45+08:00"),
        ("90m", "2026-12-01T10:30:00+08:00"),
        ("36h", "2026-12-02T21:00:00+08:00"),
        ("5d", "2026-12-06T09:00:00+08:00"),
        ("1 day", "2026-12-02T09:00:00+08:00"),
        ("2 hours", "2026-12-01T11:00:00+08:00"),
    ],
)
def test_the_clock_of_a_rehearsal_goes_forward(
    aftersales: CommandLine, rehearsal: Engine, duration: str, then: str
) -> None:
    now = datetime.fromisoformat(aftersales.json("clock", "forward", duration)["now"])
    assert timedelta() <= now - datetime.fromisoformat(then) < timedelta(seconds=30)


def test_people_read_the_clock_too(aftersales: CommandLine, rehearsal: Engine) -> None:
    now = datetime.fromisoformat(aftersales("clock").strip())
    assert timedelta() <= now - datetime.fromisoformat("2026-12-01T09:00:00+08:00") < timedelta(seconds=30)


# import


def test_the_sample_company_imported_again_is_unchanged(aftersales: CommandLine, played: Engine) -> None:
    # 22 parties, 22 people, 20 products, 10 parts, 30 deliveries, 31 counts of stock, 3 stations.
    done = {"added": 0, "changed": 0, "unchanged": 138, "rejected": []}
    assert aftersales.json("import", SAMPLE_COMPANY) == done
    assert aftersales("import", SAMPLE_COMPANY) == "0 added, 0 changed, 138 unchanged.\n"


def test_import_counts_what_it_adds_and_changes(aftersales: CommandLine, rehearsal: Engine, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("code,name\nLX-001,Ceiling light\nLX-002,吸顶灯 36W\nLX-900,Desk lamp\n", "utf-8")
    assert aftersales.json("import", file) == {"added": 1, "changed": 1, "unchanged": 1, "rejected": []}


@pytest.mark.parametrize(("language", "sheet"), [("en", "Repair stations"), ("zh_CN", "特约维修点")])
def test_import_writes_a_template_in_the_configured_language(
    aftersales: CommandLine, tmp_path: Path, language: str, sheet: str
) -> None:
    file = tmp_path / "template.xlsx"
    aftersales.language(language)
    assert aftersales.json("import", "--template", file) == {"template": str(file)}
    assert load_workbook(file).sheetnames[-1] == sheet
    assert str(file) in aftersales("import", "--template", file)


def test_the_template_can_be_imported_as_it_is(aftersales: CommandLine, played: Engine, tmp_path: Path) -> None:
    aftersales("import", "--template", tmp_path / "template.xlsx")
    done = {"added": 0, "changed": 0, "unchanged": 0, "rejected": []}
    assert aftersales.json("import", tmp_path / "template.xlsx") == done


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
