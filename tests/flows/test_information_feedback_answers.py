"""What departments answer to the month's form, until it is done: manual 000 三 经理 F, 三 内勤 E, 五 信息反馈流程."""

from months import ACKNOWLEDGED, ALL_ANSWER, QUIET, at, form, lead, measures_of, opened, without
from people import answer, open_tasks, run
from records import contents, due, facts, mails, told
from sqlalchemy import Engine

from tasks.verifying import verify


def test_all_departments_acknowledge_and_those_with_items_answer(company: Engine) -> None:
    number = opened()
    lead(number, without(ALL_ANSWER, *ACKNOWLEDGED, "answer-quality-dept"), until="acknowledgement-quality-dept")
    assert list(open_tasks(number)) == [*ACKNOWLEDGED, "answer-quality-dept"]
    # Everybody answered on Tuesday 1 December: two working days are Thursday, ten the Tuesday of a fortnight later.
    assert due(number, "acknowledgement-quality-dept") == at("2026-12-04 00:00")
    assert due(number, "answer-quality-dept") == at("2026-12-16 00:00")
    assert facts(number, "acknowledgement-quality-dept") == {"month": "2026-11", "items": 1, "carried": 0}


def test_an_answer_is_written_to_its_measure_and_told_to_the_offices(company: Engine) -> None:
    number = opened()
    assert lead(number, ALL_ANSWER) == "issued"
    assert measures_of(number) == [(1, "quality_dept", "open", "Old capacitor again.")]
    assert told(number, "information_feedback/answers") == ["B-01", "B-02", "chen.min"]
    assert all("Old capacitor again." in one.html for one in mails(number, "information_feedback/answers"))
    assert len(contents(number, "department_answer")) == 1
    assert verify() == []


def test_a_department_may_reject_with_a_reason_and_that_ends_the_item(company: Engine) -> None:
    rejected = {"answers": [{"item": "1", "verdict": "rejected", "answer": "Used at 110 volts."}]}
    number = opened()
    assert lead(number, {**ALL_ANSWER, "answer-quality-dept": ("lin.tao", rejected)}) == "issued"
    assert measures_of(number) == [(1, "quality_dept", "rejected", "Used at 110 volts.")]


def test_a_month_is_not_closed_before_the_form_is_acknowledged_or_the_time_for_it_is_over(company: Engine) -> None:
    number = opened()
    script = without(ALL_ANSWER, "acknowledgement-technology-dept")
    lead(number, script, until="acknowledgement-technology-dept")
    for key in list(open_tasks(number)):
        if key in script:
            answer(number, key, *script[key])
    assert run(number) is None
    assert list(open_tasks(number)) == ["acknowledgement-technology-dept"]
    assert lead(number, script) == "issued"


def test_a_silent_department_is_reported_and_its_measure_stays_open(company: Engine) -> None:
    number = opened()
    assert lead(number, without(ALL_ANSWER, "answer-quality-dept", "acknowledgement-quality-dept")) == "issued"
    assert measures_of(number) == [(1, "quality_dept", "open", "")]
    assert {one.key.split(":", 1)[1] for one in mails(number, "deadline_escalation")} == {
        "rung:acknowledgement-quality-dept:2:chen.min",
        "rung:answer-quality-dept:4:zhao.qiang",
    }
    assert verify() == []


def test_open_measures_return_in_the_next_months_form_until_they_are_done(company: Engine) -> None:
    november = opened()
    assert lead(november, ALL_ANSWER) == "issued"
    reference = f"{november}/1"
    december = opened("2026-12", "2027-01-01 09:00")
    lead(december, QUIET, until="analysis")
    assert [one.split(":")[0] for one in facts(december, "analysis")["carried"]] == [reference]
    still_open = {"measure": reference, "progress": "still_open", "answer": "Half done.", "due_on": "2027-02-15"}
    script = {**QUIET, "answer-quality-dept": ("lin.tao", {"carried": [still_open]})}
    assert lead(december, script) == "issued"
    assert [(one["reference"], one["answer"]) for one in form(december)["carried"]] == [
        (reference, "Old capacitor again.")
    ]
    assert measures_of(november) == [(1, "quality_dept", "open", "Half done.")]

    january = opened("2027-01", "2027-02-01 09:00")
    done = {"measure": reference, "progress": "done", "answer": "Changed back on 28 January."}
    assert lead(january, {**QUIET, "answer-quality-dept": ("lin.tao", {"carried": [done]})}) == "issued"
    assert measures_of(november) == [(1, "quality_dept", "done", "Changed back on 28 January.")]

    february = opened("2027-02", "2027-03-01 09:00")
    assert lead(february, QUIET) == "issued"
    assert form(february)["carried"] == []
    assert verify() == []
