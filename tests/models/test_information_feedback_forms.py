"""What the forms of quality information refuse, and with which sentence (manual 000 三 经理 F, 三 内勤 C and D)."""

from collections.abc import Iterator
from typing import Any

import pytest

from models.errors import InvalidInput
from models.feedback_answers import MeasuresAnswer, RepeatedBatch
from models.feedback_reports import MonthlyOfficeReport, MonthlyRepairReport
from models.forms import Form
from models.information_feedback import FiguresCheck, MonthToReport, QualityAnalysis
from models.language import speaking
from models.quality_notice import MeasureProof, NoticeMeasure, NoticeVerdict, UrgentNotice

GOODS = {"LX-001": "LX-001 lamp", "P-001": "P-001 ballast"}
STATION = {
    "month": "2026-11",
    "last_day": "2026-11-30",
    "products": {"LX-001": "LX-001 lamp"},
    "parts": {"P-001": "P-001 ballast"},
    "goods": GOODS,
}
LINE = {
    "slip": "W-1",
    "product": "LX-001",
    "part": "P-001",
    "pieces": 1,
    "fault": "Dark",
    "entitlement": "in_warranty",
    "received_on": "2026-11-05",
    "fee": "8.00",
}
ITEM = {"goods": "LX-001", "problem": "Base melts.", "urgency": "urgent"}
ASKED = {**ITEM, "department": "quality_dept", "asked": "Find the cause.", "urgency": "ordinary"}
ANALYST = {"goods": GOODS, "departments": {"quality_dept": "quality"}, "counted": {}, "repeated": [], "carried": []}
ANSWERER = {"items": {"1": "1: lamp", "2": "2: ballast"}, "carried": {"IF-2026-0001/1": "lamp"}}
ACCEPTED = {"item": "1", "verdict": "accepted", "cause": "Plastic", "answer": "Metal", "due_on": "2026-12-20"}
REJECTED = {"item": "2", "verdict": "rejected", "answer": "Not ours."}
STATUS = {"measure": "IF-2026-0001/1", "progress": "done", "answer": "Done."}
DEALERS = {"dealers": {"D-03": "Brightway"}, "received": {"D-03": 1000}, "departments": {"quality_dept": "quality"}}
DISPUTE = {"open_dispute": "yes", "dealer": "D-03", "faulty_pieces": 3, "reported_by": "Ms Shen", "reason": "Melts."}
NOTICE = {"goods": "LX-001", "fault": "Melts.", "danger": "no", "registered_by": "li.na"}
VERDICT = {"reception": "accepted", "reason": "Seen.", "department": "quality_dept", "design_defect": "no"}
MEASURE = {"cause": "Plastic", "measure": "Metal", "done_by": "2026-12-20"}
NOTICED = {"noticed_on": "2026-12-14", "comment": ""}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def refused(form: type[Form], answer: dict[str, Any], facts: dict[str, Any]) -> tuple[dict[str, str], str]:
    with pytest.raises(InvalidInput) as raised:
        form.read(answer, facts)
    return raised.value.fields, raised.value.message


def line(**other: Any) -> dict[str, Any]:
    return {"lines": [LINE | other]}


@pytest.mark.parametrize("month", ["November", "2026-13", "2026-1", "11/2026", ""])
def test_a_month_is_written_with_year_and_two_digits(month: str) -> None:
    fields, _message = refused(MonthToReport, {"month": month, "registered_by": "li.na"}, {})
    assert list(fields) == ["month"]


def test_the_sentence_says_how_a_month_is_written() -> None:
    fields, _message = refused(MonthToReport, {"month": "2026-13", "registered_by": "li.na"}, {})
    assert fields["month"] == "Write the month with year and two digits, such as 2026-11."


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({}, "form", "Enter the repairs of the month, or tick «No repairs this month»."),
        (line() | {"no_repairs": True}, "form", "There are lines of repairs, but «No repairs this month» is ticked."),
        ({"lines": [LINE, LINE]}, "form", "These slips stand here twice: W-1."),
        (line(product="LX-999"), "lines.0.product", "LX-999 is not among the choices: LX-001."),
        (line(part="LX-001"), "lines.0.part", "LX-001 is not among the choices: P-001."),
        (line(pieces=0), "lines.0.pieces", "The smallest value allowed is 1."),
        (line(pieces="2"), "lines.0.pieces", "Write a whole number here."),
        (line(purchased_on="2026-11-06"), "lines.0", "Slip W-1: received before it was purchased."),
        (line(done_on="2026-11-04"), "lines.0", "Slip W-1: done before it was received."),
        (line(received_on="2026-12-01"), "lines.0", "Slip W-1: this is after the month, which ends on 2026-11-30."),
        (line(done_on="2026-12-01"), "lines.0", "Slip W-1: this is after the month, which ends on 2026-11-30."),
        (line(charged="3.00"), "lines.0", "Slip W-1: within the warranty nothing is charged to the consumer."),
        (line(entitlement="human_cause"), "lines.0", "Slip W-1: the company owes a fee only within the warranty."),
        (line(fee="8.001"), "lines.0.fee", "Write at most 2 decimal places."),
        (line(fee="-1"), "lines.0.fee", "The smallest value allowed is 0."),
        (line(received_on="20261105"), "lines.0.received_on", "Write a date such as 2026-11-23."),
        ({"no_repairs": True, "items": [ITEM | {"goods": "X"}]}, "items.0.goods",
         "X is not among the choices: LX-001, P-001."),
        (line(slip=""), "lines.0.slip", "This field must not be empty."),
    ],
)  # fmt: skip
def test_what_a_repair_report_refuses(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(MonthlyRepairReport, answer, STATION)
    assert fields == {field: sentence}


def test_a_fault_in_a_line_is_named_as_people_count_lines() -> None:
    answer = {"lines": [LINE, LINE | {"slip": "W-2", "product": "LX-999"}, LINE | {"slip": "W-3", "charged": "1"}]}
    _fields, message = refused(MonthlyRepairReport, answer, STATION)
    assert "[Repairs 2, Product] LX-999 is not among the choices: LX-001." in message
    assert "[Repairs 3] Slip W-3: within the warranty nothing is charged to the consumer." in message


def test_a_report_has_two_hundred_lines_at_most() -> None:
    many = [LINE | {"slip": f"W-{number}"} for number in range(201)]
    assert len(MonthlyRepairReport.read({"lines": many[:200]}, STATION).lines) == 200
    assert refused(MonthlyRepairReport, {"lines": many}, STATION)[0] == {"lines": "At most 200 entries are allowed."}


def test_an_empty_report_says_so_and_a_repair_of_an_earlier_month_may_be_told_late() -> None:
    assert MonthlyRepairReport.read({"no_repairs": True}, STATION).lines == []
    late = MonthlyRepairReport.read(line(received_on="2026-09-05", done_on="2026-09-06"), STATION)
    assert late.lines[0].part == "P-001"


@pytest.mark.parametrize(
    ("item", "field", "sentence"),
    [
        ({"goods": "LX-999"}, "items.0.goods", "LX-999 is not among the choices: LX-001, P-001."),
        ({"problem": ""}, "items.0.problem", "This field must not be empty."),
        ({"pieces": -1}, "items.0.pieces", "The smallest value allowed is 0."),
        ({"urgency": "very"}, "items.0.urgency", "Choose one of: 'ordinary', 'urgent' or 'danger'."),
        ({"colour": "red"}, "items.0.colour", "There is no such field."),
    ],
)
def test_what_an_office_report_refuses(item: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(MonthlyOfficeReport, {"items": [ITEM | item]}, {"goods": GOODS})[0] == {field: sentence}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({}, "agree", "This field is needed."),
        ({"agree": "perhaps"}, "agree", "Choose one of: 'yes' or 'no'."),
        ({"agree": "no"}, "form", "Say in the remarks what does not agree."),
        ({"agree": "yes", "remarks": "\x00"}, "remarks", "Control characters are not allowed; write plain text."),
        ({"agree": "yes", "remark": "typo"}, "remark", "There is no such field."),
    ],
)
def test_what_the_check_of_figures_refuses(answer: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(FiguresCheck, answer, {})[0] == {field: sentence}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({"summary": "Quiet."}, "form", "Enter at least one item, or tick «No measure is asked for»."),
        ({"summary": "Quiet.", "items": [ASKED], "nothing_to_ask": True}, "form",
         "There are items, but «No measure is asked for» is ticked."),
        ({"summary": "", "items": [ASKED]}, "summary", "This field must not be empty."),
        ({"summary": "S", "items": [ASKED | {"department": "finance_dept"}]}, "items.0.department",
         "finance_dept is not among the choices: quality_dept."),
        ({"summary": "S", "items": [ASKED | {"goods": "LX-9"}]}, "items.0.goods",
         "LX-9 is not among the choices: LX-001, P-001."),
        ({"summary": "S", "items": [ASKED | {"asked": ""}]}, "items.0.asked", "This field must not be empty."),
        ({"summary": "S", "items": [ASKED] * 21}, "items", "At most 20 entries are allowed."),
    ],
)  # fmt: skip
def test_what_the_analysis_refuses(answer: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(QualityAnalysis, answer, ANALYST)[0] == {field: sentence}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({"answers": [ACCEPTED], "carried": [STATUS]}, "form", "These are not answered: 2."),
        ({"answers": [ACCEPTED, REJECTED]}, "form", "These are not answered: IF-2026-0001/1."),
        ({"answers": [ACCEPTED, REJECTED, ACCEPTED], "carried": [STATUS]}, "form", "These are answered twice: 1."),
        ({"answers": [ACCEPTED | {"item": "3"}]}, "answers.0.item", "3 is not among the choices: 1, 2."),
        ({"answers": [ACCEPTED | {"due_on": None}]}, "answers.0",
         "Item 1: an accepted item needs cause, measure and date."),
        ({"answers": [ACCEPTED | {"cause": ""}]}, "answers.0",
         "Item 1: an accepted item needs cause, measure and date."),
        ({"answers": [REJECTED | {"answer": ""}]}, "answers.0.answer", "This field must not be empty."),
        ({"carried": [STATUS | {"progress": "still_open"}]}, "carried.0",
         "Measure IF-2026-0001/1: say by when it is to be done."),
        ({"carried": [STATUS | {"measure": "IF-2026-0009/1"}]}, "carried.0.measure",
         "IF-2026-0009/1 is not among the choices: IF-2026-0001/1."),
    ],
)  # fmt: skip
def test_what_a_departments_answer_refuses(answer: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(MeasuresAnswer, answer, ANSWERER)[0] == {field: sentence}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"dealer": ""}, "Choose the dealer whose goods are disputed."),
        ({"dealer": "D-01"}, "D-01 is not among the choices: D-03."),
        ({"faulty_pieces": 0}, "The faulty pieces must be between 1 and the 1000 that the dealer received."),
        ({"faulty_pieces": 1001}, "The faulty pieces must be between 1 and the 1000 that the dealer received."),
        ({"reported_by": ""}, "Say whom you spoke to at the dealer's."),
    ],
)
def test_a_dispute_needs_dealer_pieces_and_whom_one_spoke_to(other: dict[str, Any], sentence: str) -> None:
    assert refused(RepeatedBatch, DISPUTE | other, DEALERS)[0] == {"form": sentence}
    assert RepeatedBatch.read({**DISPUTE, **other, "open_dispute": "no"}, DEALERS)


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"goods": ""}, "goods", "This field must not be empty."),
        ({"fault": ""}, "fault", "This field must not be empty."),
        ({"danger": "maybe"}, "danger", "Choose one of: 'yes' or 'no'."),
        ({"pieces": -3}, "pieces", "The smallest value allowed is 0."),
        ({"goods": "LX\n001"}, "goods",
         "Control characters and line breaks are not allowed here; write one line of text."),
        ({"photo": "one"}, "photo", "There is no such field."),
    ],
)  # fmt: skip
def test_what_an_urgent_notice_refuses(other: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(UrgentNotice, NOTICE | other, {})[0] == {field: sentence}


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"department": ""}, "form", "Name the department that must act."),
        ({"department": "finance_dept"}, "form", "finance_dept is not among the choices: quality_dept."),
        ({"reception": "rejected"}, "form",
         "Without a quality fault there is no department, no fault of the design, no dispute."),
        ({"dispute_at": "D-01", "dispute_pieces": 1}, "form", "D-01 is not among the choices: D-03."),
        ({"dispute_at": "D-03"}, "form", "The faulty pieces must be between 1 and the 1000 that the dealer received."),
        ({"reason": ""}, "reason", "This field must not be empty."),
    ],
)  # fmt: skip
def test_what_qualitys_verdict_refuses(other: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(NoticeVerdict, VERDICT | other, DEALERS)[0] == {field: sentence}


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"cause": ""}, "cause", "This field must not be empty."),
        ({"measure": ""}, "measure", "This field must not be empty."),
        ({"done_by": "soon"}, "done_by", "Write a date such as 2026-11-23."),
        ({"done_by": "2026-12-13"}, "done_by", "This is before the notice, which came on 2026-12-14."),
        ({"done_by": "2206-12-13"}, "done_by", "Check the year of 2206-12-13."),
    ],
)
def test_what_a_measure_refuses(other: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(NoticeMeasure, MEASURE | other, NOTICED)[0] == {field: sentence}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({"comment": "Tested."}, "works", "This field is needed."),
        ({"works": "yes"}, "comment", "This field is needed."),
        ({"works": "yes", "comment": ""}, "comment", "This field must not be empty."),
        ({"works": "almost", "comment": "Tested."}, "works", "Choose one of: 'yes' or 'no'."),
        ({"works": "yes", "comment": ["Tested."]}, "comment", "Write text here."),
    ],
)
def test_what_the_proof_refuses(answer: dict[str, Any], field: str, sentence: str) -> None:
    assert refused(MeasureProof, answer, {})[0] == {field: sentence}


def test_choices_are_shown_with_number_and_name_in_every_line() -> None:
    schema = MonthlyRepairReport.schema_for(STATION, labels=True)
    shown = schema["properties"]["lines"]["items"]["properties"]
    assert (shown["product"]["enum"], shown["product"]["codes"]) == (["LX-001 lamp"], ["LX-001"])
    # A part may be left empty; a box to choose from shows that too.
    assert (shown["part"]["enum"], shown["part"]["codes"], shown["part"]["default"]) == (
        ["—", "P-001 ballast"], ["", "P-001"], "—"
    )  # fmt: skip
