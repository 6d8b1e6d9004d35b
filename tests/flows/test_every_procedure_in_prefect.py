"""Every procedure in Prefect: started from its start form, its first question answered in Prefect's resume form.

The people here pick labels and fill in fields as the browser sends them, defaults of what they left alone included. A
procedure of the registry without a row here fails.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from claimants import POSITIONS, an_hour_ago
from months import repair
from people import business_now, open_tasks, report
from returns import line, listed
from returns import request as return_request
from sqlalchemy import func, select
from stations import PAPERS, sheet
from stations import request as review_request
from swaps import checked, slip
from swaps import line as swapped

from models.forms import Form
from models.queries import cases, questions
from models.queries.questions import by_ref
from models.tables.cases import Case, CaseState
from models.tables.questions import Decision, Task
from tasks.database import transaction
from tasks.opening import Procedure, open_case
from tasks.procedures import PROCEDURES
from tasks.waking import carry

CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Row:
    """A case from its start form to its second question; forms hold codes, as programs know them."""

    report: Callable[[], dict[str, Any]]
    #: A field of the report, a value that only the master data can refuse, and the field's title.
    wrong: tuple[str, Any, str]
    #: The first question, its field with choices and these, and who may answer it.
    asks: str
    choices: tuple[str, list[str]] | None
    deciders: list[str]
    answer: tuple[str, dict[str, Any]]
    #: The question that follows, with its round.
    then: str


CLERKS = ["李娜 (li.na)", "王芳 (wang.fang)"]
YES_OR_NO = ["是", "否"]


#: A consumer who has a claim on the sub-distributor X-02.
CLAIMANT = {
    "party": "X-02",
    "claimant": "黄女士",
    "claimant_contact": "0755-5550911",
    "matter": "镇流器八个月即烧坏。",
    "demand": "免费更换镇流器。",
}


def told_by(who: str) -> dict[str, Any]:
    return {"reported_at": an_hour_ago(), "reported_by": who, "registered_by": "li.na"}


def what_the_counter_lacks() -> dict[str, Any]:
    """Ballasts P-002, of which the station R-01 had three and the counter B-01 has none."""
    return slip(swapped(part="P-002"))


def claim_on_supplier() -> dict[str, Any]:
    return {
        "supplier": "V-01",
        "lines": [{"product": "P-001", "pieces": 3}],
        "amount": "55.50",
        "grounds": "电容鼓包。",
        "evidence": "旧件三只。",
        "registered_by": "xie.juan",
    }


def urgent_notice() -> dict[str, Any]:
    return {"goods": "LX-005", "batch": "MH260801", "fault": "灯头熔化。", "danger": "no", "registered_by": "zhou.hai"}


def claim() -> dict[str, Any]:
    return {**CLAIMANT, **told_by("黄女士"), "came_in": "at_the_party", "kind": "goods", "product": "LX-001"}


def ruling_request() -> dict[str, Any]:
    return {**CLAIMANT, **told_by("黄女士"), "other_party": "S-03"}


def damage_report() -> dict[str, Any]:
    """Twenty of the 120 pieces of the delivery, at their full price: the field of the amount is left alone."""
    return {
        **told_by("何老板"),
        "customer": "D-01",
        "delivery": "DN-2026-0001",
        "waybill": "YD20260077",
        "carrier": "K-01",
        "received_at": (business_now() - timedelta(hours=5)).isoformat(),
        "mishap": "damage",
        "pieces": 20,
        "reserve_noted": "yes",
        "photos": "纸箱照片五张。",
    }


ROWS = {
    "BQ": Row(
        report,
        ("dealer", "D-99", "经销商"),
        "batch-verdict",
        ("is_batch", YES_OR_NO),
        CLERKS,
        ("li.na", {"is_batch": "yes", "reason": "五只同一故障"}),
        "name-technician:1",
    ),
    "RS": Row(
        sheet,
        ("office", "B-99", "负责办事处"),
        "paper-check",
        ("verdict", ["齐全", "发还补充资料", "否决该候选维修点"]),
        CLERKS,
        ("li.na", {**PAPERS, "verdict": "complete"}),
        "visit-decision:1",
    ),
    "SV": Row(
        review_request,
        ("station", "R-99", "维修点"),
        "review-facts",
        None,
        CLERKS,
        ("wang.fang", {"file_in_order": "协议、执照、合格证齐全。"}),
        "review-decision:1",
    ),
    "PS": Row(
        what_the_counter_lacks,
        ("counter", "B-99", "对换单位"),
        "counter-check",
        ("lines.decision", ["属本公司配件、确有故障且在保修期内：对换", "不予对换：由维修点购买配件", "不同意"]),
        ["周海 (zhou.hai)"],
        checked(),
        "back-order-date:1",
    ),
    "PR": Row(
        return_request,
        ("party", "B-99", "返厂单位"),
        "return-list",
        ("lines.part", ["P-001 电子镇流器 24W 板"]),
        ["周海 (zhou.hai)"],
        listed(line()),
        "list-check:1",
    ),
    "SC": Row(
        claim_on_supplier,
        ("supplier", "V-99", "供应商"),
        "claim-confirmation",
        None,
        ["谢娟 (xie.juan)"],
        ("xie.juan", {"amount": "55.50"}),
        "supplier-answer:1",
    ),
    "IF": Row(
        lambda: {"month": "2026-10", "registered_by": "li.na"},
        ("month", "2026-11", "月份"),
        "report-r-01",
        ("lines.entitlement", ["保修期内的质量问题", "保修期外", "人为损坏"]),
        ["蔡明 (cai.ming)"],
        ("cai.ming", {"lines": [repair("W-1", received_on="2026-10-12", done_on="2026-10-13")]}),
        "report-r-02:1",
    ),
    "QN": Row(
        urgent_notice,
        ("goods", "LX-999", "产品或配件"),
        "notice-verdict",
        ("reception", ["属于质量问题，须由责任部门处理", "非质量问题"]),
        ["林涛 (lin.tao)"],
        (
            "lin.tao",
            {"reception": "accepted", "reason": "已复现。", "department": "purchasing_dept", "design_defect": "no"},
        ),
        "notice-measure:1",
    ),
    "CL": Row(
        claim,
        ("product", "LX-999", "产品"),
        "level",
        ("accepted", YES_OR_NO),
        ["许兰 (xu.lan)"],
        ("xu.lan", {"handling": "not_settled", **POSITIONS}),
        "level:2",
    ),
    "FR": Row(
        ruling_request,
        ("other_party", "S-99", "对方单位"),
        "ruling-file",
        None,
        CLERKS,
        ("wang.fang", {**POSITIONS, "evidence": "照片三张。"}),
        "final-ruling:1",
    ),
    "TC": Row(
        damage_report,
        ("delivery", "DN-2026-9999", "发货单"),
        "transit-cause",
        ("cause", ["运输途中造成", "工厂包装不当"]),
        ["高洁 (gao.jie)"],
        ("gao.jie", {"cause": "transit", "carrier_chosen_by": "company", "reason": "外箱有压痕。"}),
        "transit-file:1",
    ),
}


every_procedure = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=list(PROCEDURES))


def shown_fields(schema: dict[str, Any], path: str = "") -> dict[str, dict[str, Any]]:
    """All fields of a form in their order, those of the lines of its lists too: `lines.part`."""
    found = {}
    for name, one in sorted(schema["properties"].items(), key=lambda field: field[1]["position"]):
        found[f"{path}{name}"] = one
        if "properties" in one.get("items", {}):
            found |= shown_fields(one["items"], f"{path}{name}.")
    return found


def not_in_chinese(fields: dict[str, dict[str, Any]]) -> set[str]:
    """The fields whose title is not Chinese, or that offer a code."""
    return {
        name
        for name, one in fields.items()
        if not CHINESE.search(one["title"]) or set(one.get("enum", [])) & set(one.get("codes", []))
    }


@every_procedure
def test_the_start_form_has_the_reports_fields_with_titles_and_labels(prefect: Any, procedure: Procedure) -> None:
    row, form = ROWS[procedure.code], prefect.start_form(procedure)
    assert set(form["properties"]) == {"report", "case"}
    assert form["required"] == ["report"]
    fields = shown_fields(form["properties"]["report"])
    # Who is signed in registers the case; the gateway says so.
    assert [name for name in fields if "." not in name] == [
        name for name in procedure.form.model_fields if name != "registered_by"
    ]
    assert "registered_by" not in form["properties"]["report"]["required"]
    assert not_in_chinese(fields) == set()
    name, _value, title = row.wrong
    assert fields[name]["title"] == title


@every_procedure
def test_a_case_starts_from_the_form_and_its_first_question_is_answered_in_prefect(
    prefect: Any, procedure: Procedure
) -> None:
    row = ROWS[procedure.code]
    run_id = prefect.start_from_form(procedure, row.report())
    assert prefect.run(run_id).name == "Suspended"
    number = prefect.read(run_id).name
    assert number == f"{procedure.code}-2026-0001"
    with transaction() as session:
        assert cases.state_of(session, cases.by_number(session, number)) is CaseState.WAITING

    with transaction() as session:
        asked = by_ref(session, f"{number}:{row.asks}:1")
        assert [one.label for one in questions.candidates(session, asked)] == row.deciders
    form = prefect.shown(run_id, "schema")["properties"]
    assert list(form) == [f"{row.asks}-1"]
    fields = shown_fields(form[f"{row.asks}-1"])
    assert not_in_chinese(fields) == set()
    if row.choices:
        name, labels = row.choices
        assert fields[name]["enum"] == labels

    by, given = row.answer
    assert prefect.pick_and_submit(run_id, by, given) == ""
    asleep = prefect.run(run_id)
    with transaction() as session:
        decision = session.scalars(select(Decision)).one()
        asked = session.get_one(Task, decision.task_id)
        assert asked.ref == f"{number}:{row.asks}:1"
        assert decision.by is not None
        assert (decision.by.login, decision.channel) == (by, "prefect")
        taken = Form.named(asked.form)
        assert taken.read(decision.answer, asked.facts) == taken.read(given, asked.facts)
    assert asleep.name == "Suspended"
    assert f"{number}:{row.then}" in open_tasks(number).values()
    assert asleep.state_details.pause_key == f"{row.then.replace(':', '-')}-1"


@every_procedure
def test_a_report_with_one_wrong_value_fails_with_a_sentence_and_opens_no_case(
    prefect: Any, procedure: Procedure
) -> None:
    row = ROWS[procedure.code]
    name, value, title = row.wrong
    failed = prefect.run(prefect.start_from_form(procedure, row.report() | {name: value}))
    assert failed.name == "Failed"
    assert f"[{title}]" in failed.message
    assert value in failed.message
    assert "Traceback" not in failed.message
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


@every_procedure
def test_a_case_opened_elsewhere_gets_its_run(prefect: Any, procedure: Procedure) -> None:
    prefect.deploy(procedure)
    number = open_case(procedure, ROWS[procedure.code].report())
    carried = carry(number)
    assert carried.problem == ""
    assert prefect.read(carried.flow_run_id).name == number
