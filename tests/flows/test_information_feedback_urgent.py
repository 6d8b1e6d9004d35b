"""What a month's reports tell and cannot wait becomes a notice at once: manual 000 三 内勤 D, 一.3."""

from months import ALL_ANSWER, ANALYSIS, FIRST, ITEM, SECOND, URGENT, begun, form, lead, opened, without
from people import answer, run
from sqlalchemy import Engine

from models.queries import cases, links
from tasks.database import transaction
from tasks.sweeping import sweep


def test_an_urgent_item_of_a_station_becomes_a_notice_at_once(company: Engine) -> None:
    number = opened()
    run(number)
    answer(number, "report-r-01", "cai.ming", {**FIRST, "items": [URGENT]})
    run(number)
    (notice,) = begun(number, "QN")
    with transaction() as session:
        case = cases.by_number(session, notice)
        assert (case.subject, case.party.code, case.input["danger"]) == ("LX-005:MH260801", "R-01", "yes")
        assert [one.number for one in links.parents(session, case.id)] == [number]
    assert lead(number, {**ALL_ANSWER}) == "issued"
    assert [(one["number"], one["pieces"]) for one in form(number)["notices"]] == [(notice, 2)]


def test_the_sweep_does_not_wait_for_a_station_before_the_urgent_one(company: Engine) -> None:
    number = opened()
    run(number)
    answer(number, "report-r-02", "peng.gang", {**SECOND, "items": [URGENT]})
    run(number)
    assert begun(number, "QN") == []
    sweep()
    sweep()
    with transaction() as session:
        notices = [(one.number, one.party.code) for one in cases.listed(session, "QN")]
    assert [party for _number, party in notices] == ["R-02"]
    # When the report is taken in, the notice that is there belongs to it.
    lead(number, without(ALL_ANSWER, "report-r-01"), until="analysis")
    assert begun(number, "QN") == [notices[0][0]]
    with transaction() as session:
        assert len(cases.listed(session, "QN")) == 1


def test_urgent_items_of_office_and_manager_become_notices_too_and_the_same_one_only_once(company: Engine) -> None:
    number = opened()
    urgent_item = {**ITEM, "goods": "LX-005", "batch": "MH260801", "urgency": "urgent"}
    other_item = {**ITEM, "urgency": "danger"}
    script = {
        **ALL_ANSWER,
        "office-b-01": ("zhou.hai", {"items": [URGENT]}),
        "analysis": ("chen.min", {**ANALYSIS, "items": [urgent_item, other_item]}),
    }
    lead(number, script, until="answer-quality-dept")
    with transaction() as session:
        found = {one.subject: one.party.code for one in cases.listed(session, "QN")}
    assert found == {"LX-005:MH260801": "B-01", "P-001:ZL260901": "C-01"}
    assert len(begun(number, "QN")) == 2
