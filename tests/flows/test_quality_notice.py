"""Manual 000 三 内勤 D, 一.3: urgent quality information reaches the departments at once, until it is solved."""

from datetime import timedelta
from typing import Any

import pytest
from crashing import survives_every_boundary
from months import QUIET, lead, set_clock
from months import opened as month_opened
from people import Script, answer, business_now, open_tasks, play, run
from records import children, contents, due, mails, told
from sqlalchemy import Engine, select, text

from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.queries import cases, links, questions
from models.tables.feedback import Measure
from tasks.database import transaction
from tasks.opening import open_case
from tasks.quality_notice import QUALITY_NOTICE
from tasks.verifying import verify

ACCEPTED = {
    "reception": "accepted",
    "reason": "Seen in the laboratory.",
    "department": "purchasing_dept",
    "design_defect": "no",
}
MEASURE = {"cause": "Cheaper plastic.", "measure": "Old plastic again.", "done_by": "2026-12-20"}
WORKS = ("lin.tao", {"works": "yes", "comment": "Burnt for 48 hours."})
WORKS_NOT = ("lin.tao", {"works": "no", "comment": "Still soft at 90 degrees."})
SOLVED: Script = {
    "notice-verdict": ("lin.tao", ACCEPTED),
    "notice-measure": ("xie.juan", MEASURE),
    "notice-proof": WORKS,
}
#: Design, danger, a dispute, an answer that comes back once.
THE_LONG_WAY: Script = {
    "notice-verdict": (
        "lin.tao",
        {**ACCEPTED, "design_defect": "yes", "dispute_at": "D-03", "dispute_pieces": 12},
    ),
    "notice-measure": [("xie.juan", MEASURE), ("xie.juan", {**MEASURE, "measure": "Metal."})],
    "notice-proof": [WORKS_NOT, WORKS],
}

#: The heads of the departments, and the manager.
EVERYBODY = {"zhao.qiang", "lin.tao", "xie.juan", "sun.wei", "chen.min"}


def notice(**other: Any) -> dict[str, Any]:
    """Lamps LX-005 of batch MH260801, of which D-03 received 1000, whose base melts."""
    return {
        "goods": "LX-005",
        "batch": "MH260801",
        "fault": "The base melts.",
        "pieces": 2,
        "danger": "no",
        "seen_at": "S-05",
        "photos": "Two photos of the base, sent by mail.",
        "registered_by": "zhou.hai",
    } | other


def opened(**other: Any) -> str:
    set_clock("2026-12-14 09:00")
    return open_case(QUALITY_NOTICE, notice(**other))


def test_the_departments_and_the_manager_are_told_as_it_is_opened(company: Engine) -> None:
    number = opened()
    assert set(told(number, "quality_notice/noticed")) == EVERYBODY
    assert len(contents(number, "quality_notice")) == 1
    with transaction() as session:
        case = cases.by_number(session, number)
        assert (case.party.code, case.subject) == ("S-05", "LX-005:MH260801")


def test_of_danger_the_vice_president_is_told_at_once_and_the_subject_says_so(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(text("UPDATE person SET language = 'en' WHERE login = 'sun.wei'"))
    number = opened(danger="yes")
    assert set(told(number, "quality_notice/noticed")) >= {"zhao.qiang", "chen.min"}
    (english,) = (one for one in mails(number, "quality_notice/noticed") if one.language == "en")
    assert english.subject == f"[{number}] Danger to people: 节能灯 11W (LX-005)"


@pytest.mark.parametrize("login", ["zhou.hai", "liu.yang", "li.na", "xie.juan", "ma.chao"])
def test_anybody_of_the_company_or_an_office_may_report(company: Engine, login: str) -> None:
    assert opened(registered_by=login).startswith("QN-")


@pytest.mark.parametrize("login", ["he.jun", "liang.bo", "cai.ming"])
def test_dealers_and_stations_report_to_their_office(company: Engine, login: str) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by=login)


def test_what_the_master_data_does_not_know_is_named(company: Engine) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(goods="LX-999", seen_at="S-99")
    assert refused.value.fields == {
        "goods": "There is no product or part LX-999; use the number from the master data.",
        "seen_at": "There is no party S-99; use the number from the master data, or leave it empty.",
    }


def test_the_same_goods_and_batch_belong_to_the_notice_that_is_open(company: Engine) -> None:
    opened()
    with pytest.raises(AlreadyReported):
        opened(fault="Base is hot.", batch="mh260801")
    assert opened(separate=True).endswith("0002")
    assert opened(batch="MH260802").endswith("0003")


def test_quality_acknowledges_within_two_hours(company: Engine) -> None:
    number = opened()
    run(number)
    with transaction() as session:
        reported_at = cases.by_number(session, number).reported_at
    assert due(number, "notice-verdict") == reported_at + timedelta(hours=2)
    assert list(open_tasks(number)) == ["notice-verdict"]
    with pytest.raises(NotAllowed):
        answer(number, "notice-verdict", "xie.juan", ACCEPTED)


def test_a_measure_that_works_solves_it_and_everybody_hears(company: Engine) -> None:
    number = opened()
    assert play(number, SOLVED) == "solved"
    assert set(told(number, "quality_notice/solved")) == {*EVERYBODY, "S-05"}
    assert [one["department"] for one in contents(number, "department_answer")] == ["purchasing_dept"]
    assert told(number, "quality_notice/design_defect") == told(number, "quality_notice/unsolved") == []
    assert verify() == []


def test_the_check_is_due_five_working_days_after_the_promised_day(company: Engine) -> None:
    number = opened()
    play(number, SOLVED, until="notice-proof")
    # Promised for Sunday 20 December: Monday to Friday are five working days.
    assert due(number, "notice-proof").isoformat() == "2026-12-25T16:00:00+00:00"


def test_what_is_no_quality_fault_is_rejected_with_the_reason(company: Engine) -> None:
    number = opened()
    rejected = {"reception": "rejected", "reason": "A cover was used.", "design_defect": "no"}
    assert play(number, {"notice-verdict": ("lin.tao", rejected)}) == "rejected"
    assert set(told(number, "quality_notice/rejected")) == {*EVERYBODY, "S-05"}
    assert all("A cover was used." in one.plain for one in mails(number, "quality_notice/rejected"))
    assert verify() == []


def test_quality_sends_an_answer_back_once_with_the_reason(company: Engine) -> None:
    number = opened()
    script = {**SOLVED, "notice-proof": [WORKS_NOT, WORKS]}
    run(number)
    answer(number, "notice-verdict", *SOLVED["notice-verdict"])
    run(number)
    answer(number, "notice-measure", *SOLVED["notice-measure"])
    run(number)
    answer(number, "notice-proof", *WORKS_NOT)
    run(number)
    with transaction() as session:
        again = questions.by_ref(session, open_tasks(number)["notice-measure"])
        assert (again.round, again.facts["comment"]) == (2, "Still soft at 90 degrees.")
    assert play(number, {**script, "notice-measure": [("xie.juan", MEASURE)] * 2}) == "solved"


def test_what_a_second_measure_does_not_solve_goes_up_and_returns_in_the_months_form(company: Engine) -> None:
    number = opened()
    script = {**SOLVED, "notice-proof": [WORKS_NOT, WORKS_NOT], "notice-measure": [("xie.juan", MEASURE)] * 2}
    assert play(number, script) == "unsolved"
    assert set(told(number, "quality_notice/unsolved")) == {"chen.min", "zhao.qiang"}
    with transaction() as session:
        (measure,) = session.scalars(select(Measure))
        assert (measure.department, measure.state, measure.answer) == ("purchasing_dept", "open", "Old plastic again.")
    assert verify() == []
    month = month_opened("2026-12", "2027-01-01 09:00")
    done = {"measure": f"{number}/1", "progress": "done", "answer": "Metal since 3 January."}
    answers: Script = {**QUIET, "answer-purchasing-dept": ("xie.juan", {"carried": [done]})}
    assert lead(month, answers) == "issued"
    (form,) = contents(month, "feedback_form")
    assert [one["reference"] for one in form["carried"]] == [f"{number}/1"]
    assert [(one["number"], one["outcome"]) for one in form["notices"]] == [(number, "unsolved")]
    with transaction() as session:
        assert session.scalars(select(Measure.state)).all() == ["done"]
    assert verify() == []


def test_a_fault_of_the_design_is_told_to_technology_and_the_vice_president(company: Engine) -> None:
    number = opened()
    play(number, {"notice-verdict": ("lin.tao", {**ACCEPTED, "design_defect": "yes"})}, until="notice-measure")
    assert set(told(number, "quality_notice/design_defect")) == {"sun.wei", "zhao.qiang"}


def test_quality_may_open_a_dispute_for_a_dealer_that_received_the_batch(company: Engine) -> None:
    number = opened()
    verdict = {**ACCEPTED, "dispute_at": "D-03", "dispute_pieces": 12}
    play(number, {"notice-verdict": ("lin.tao", verdict)}, until="notice-measure")
    with transaction() as session:
        case = cases.by_number(session, number)
        (dispute,) = links.children(session, case.id)
        assert (dispute.procedure, dispute.subject) == ("BQ", "D-03:LX-005:MH260801")
        assert dispute.input["faulty_pieces"] == 12
        assert [one.number for one in links.parents(session, dispute.id)] == [number]
    assert verify() == []


def test_a_dispute_that_is_open_already_is_linked(company: Engine) -> None:
    from people import opened as dispute_opened

    set_clock("2026-12-14 08:00")
    known = dispute_opened(dealer="D-03", product="LX-005", batch="MH260801")
    number = opened()
    verdict = {**ACCEPTED, "dispute_at": "D-03", "dispute_pieces": 12}
    play(number, {"notice-verdict": ("lin.tao", verdict)}, until="notice-measure")
    assert children(number) == [known]


def test_a_notice_without_a_batch_knows_the_fault_by_its_words(company: Engine) -> None:
    number = opened(batch="", seen_at="")
    with transaction() as session:
        case = cases.by_number(session, number)
        assert (case.subject, case.party.code) == ("LX-005:the base melts.", "B-01")
    assert business_now() > case.opened_at
    long = opened(batch="", fault="灯头" * 2000)
    with transaction() as session:
        assert cases.by_number(session, long).subject == "LX-005:" + "灯头" * 30


def test_a_notice_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine) -> None:
    survives_every_boundary(lambda: opened(danger="yes"), THE_LONG_WAY, outcome="solved")
