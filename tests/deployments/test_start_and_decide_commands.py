"""Commands by which people work: procedures, start, inbox, decide, reassign, withdraw."""

from pathlib import Path

import pytest
from command_line import CASE, TASK, CommandLine, written
from people import CREDITED, opened, play, report, run
from sqlalchemy import Engine, select

from models.tables.audit import AuditEntry
from tasks.database import transaction

DECISION = {"decision", "case", "at", "by", "on_behalf_of", "channel"}


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
