"""Manual 000 三 经理 F, 三 内勤 C, D and E, 一.3, 五 信息反馈流程: how a month's quality information goes round."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import crashing
import pytest
from crashing import survives_every_boundary
from months import (
    ACKNOWLEDGED,
    ALL_ANSWER,
    ANALYSIS,
    EMPTY,
    FIRST,
    HUMAN,
    ITEM,
    OUT,
    QUIET,
    SECOND,
    at,
    documents,
    files,
    lead,
    mails,
    opened,
    pass_by,
    repair,
    set_clock,
    without,
)
from people import Script, answer, business_now, open_tasks, run
from sqlalchemy import Engine, select, text

from deployments.stories import information_feedback as story
from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.language import speaking
from models.queries import cases, deadlines, goods, links, people, questions, repairs, stock
from models.tables.cases import Case
from models.tables.feedback import Measure, Proposal, RepairMoney
from models.tables.ledgers import Condition
from models.tables.notices import Notice
from models.tables.parties import Person
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.opening import open_case
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: A month in which everybody keeps silent.
SILENCE: Script = {}
URGENT = {"goods": "LX-005", "batch": "mh260801", "problem": "Base melts.", "pieces": 2, "urgency": "danger"}


def due(number: str, key: str) -> datetime:
    with transaction() as session:
        return deadlines.of_case(session, cases.by_number(session, number).id, key).due_at


def told(number: str, letter: str) -> list[str]:
    return [one.key.rsplit(":", 1)[1] for one in mails(number, f"information_feedback/{letter}")]


def form(number: str) -> dict[str, Any]:
    return documents(number, "feedback_form")[0]


def measures_of(number: str) -> list[tuple[int, str, str, str]]:
    with transaction() as session:
        found = select(Measure).join(Case).where(Case.number == number).order_by(Measure.number)
        return [(one.number, one.department, one.state, one.answer) for one in session.scalars(found)]


def children(number: str, code: str) -> list[str]:
    with transaction() as session:
        found = links.children(session, cases.by_number(session, number).id)
        return [one.number for one in found if one.procedure == code]


def held(station: str, part: str, condition: Condition) -> int:
    with transaction() as session:
        product, party = goods.product_by_code(session, part), people.party_by_code(session, station)
        assert product
        assert party
        return stock.on_hand(session, product, party, condition)


def facts(number: str, key: str) -> dict[str, Any]:
    with transaction() as session:
        return questions.by_ref(session, open_tasks(number)[key]).facts


# How it begins


def test_the_calendar_opens_the_month_before_once_in_the_first_days_of_a_month(company: Engine) -> None:
    set_clock("2026-11-30 23:50")
    sweep()
    assert months_opened() == []
    set_clock("2026-12-01 00:10")
    sweep()
    sweep()
    assert months_opened() == [("2026-11", "li.na", at("2026-11-30 23:59") + timedelta(seconds=59))]
    set_clock("2026-12-11 09:00")
    sweep()
    assert len(months_opened()) == 1


def test_after_the_first_days_a_person_opens_it(company: Engine) -> None:
    set_clock("2026-12-11 00:10")
    sweep()
    assert months_opened() == []
    opened(on="2026-12-11 09:00")
    assert [month for month, _by, _at in months_opened()] == ["2026-11"]


def test_a_withdrawn_month_is_not_opened_again_by_the_calendar_but_by_a_person(company: Engine) -> None:
    number = opened()
    withdraw(number, by="chen.min", reason="Tried out.")
    sweep()
    assert len(months_opened()) == 1
    opened()
    assert len(months_opened()) == 2


def months_opened() -> list[tuple[str, str, datetime]]:
    with transaction() as session:
        found = select(Case, Person.login).join(Person, Person.id == Case.opened_by).where(Case.procedure == "IF")
        return [(case.subject, login, case.reported_at) for case, login in session.execute(found.order_by(Case.id))]


@pytest.mark.parametrize("month", ["2026-12", "2027-03"])
def test_a_month_that_is_not_over_is_refused(company: Engine, month: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(month)
    assert "is not over yet" in refused.value.fields["month"]


def test_a_month_is_opened_by_clerk_or_manager_and_once(company: Engine) -> None:
    set_clock("2026-12-01 09:00")
    with pytest.raises(NotAllowed):
        open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "liu.yang"})
    number = open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "chen.min"})
    assert told(number, "opened") == ["li.na", "wang.fang", "chen.min"]
    with pytest.raises(AlreadyReported):
        opened()


def test_a_month_whose_form_went_out_is_refused(company: Engine) -> None:
    number = opened()
    assert lead(number, QUIET) == "issued"
    with pytest.raises(InvalidInput) as refused, speaking("en"):
        open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "li.na"})
    assert refused.value.fields == {"month": f"The form of 2026-11 went out with case {number}; it is made once."}


# Reports come in


def test_each_has_until_its_day_of_the_next_month(company: Engine) -> None:
    number = opened()
    run(number)
    assert list(open_tasks(number)) == ["report-r-01", "report-r-02", "report-r-03"]
    assert {due(number, key) for key in open_tasks(number)} == {at("2026-12-04 00:00")}
    lead(number, ALL_ANSWER, until="office-b-01")
    assert {due(number, key) for key in open_tasks(number)} == {at("2026-12-06 00:00")}
    lead(number, ALL_ANSWER, until="figures-check")
    assert due(number, "figures-check") == at("2026-12-09 00:00")
    lead(number, ALL_ANSWER, until="analysis")
    assert due(number, "analysis") == at("2026-12-11 00:00")


def test_only_active_stations_are_asked_and_their_own_people(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(text("UPDATE station SET state = 'suspended' WHERE party_id = (SELECT id FROM party "
                                "WHERE code = 'R-02')"))  # fmt: skip
    number = opened()
    run(number)
    assert list(open_tasks(number)) == ["report-r-01", "report-r-03"]
    with pytest.raises(NotAllowed):
        answer(number, "report-r-01", "wang.bin", EMPTY)


def test_a_station_is_reminded_before_its_time_is_over(company: Engine) -> None:
    number = opened()
    run(number)
    set_clock("2026-12-03 16:30")
    sweep()
    with transaction() as session:
        reminders = select(Notice.key).where(Notice.template == "deadline_reminder").order_by(Notice.id)
        asked = [key for key in session.scalars(reminders) if "report-r-01" in key]
    assert [key.split(":", 1)[1] for key in asked] == ["rung:report-r-01:1:cai.ming", "rung:report-r-01:2:cai.ming"]


def test_repairs_enter_the_ledger_and_their_parts_leave_the_stations_stock(company: Engine) -> None:
    number = opened()
    lead(number, ALL_ANSWER, until="office-b-01")
    with transaction() as session:
        station = people.party_by_code(session, "R-01")
        assert station
        found = repairs.of_slips(session, station, ["W-1", "W-2", "W-3"])
        assert [(one.pieces, one.fee, one.currency) for one in found.values()] == [
            (2, Decimal("8.00"), "CNY"),
            (1, Decimal("8.00"), "CNY"),
            (2, Decimal("5.50"), "CNY"),
        ]
    # R-01 had 4 of P-001 and 6 of P-003 and used 3 and 2; R-02 had 4 of P-001 and used 1.
    assert (held("R-01", "P-001", Condition.GOOD), held("R-01", "P-001", Condition.FAULTY)) == (1, 3)
    assert (held("R-01", "P-003", Condition.GOOD), held("R-01", "P-003", Condition.FAULTY)) == (4, 2)
    assert (held("R-02", "P-001", Condition.GOOD), held("R-02", "P-001", Condition.FAULTY)) == (3, 1)
    assert held("R-01", "P-001", Condition.WITH_CONSUMER) == 0
    assert [one["differences"] for one in documents(number, "station_report")] == [[], [], []]


def test_a_repair_with_more_parts_than_the_books_hold_is_recorded_and_named_as_a_difference(company: Engine) -> None:
    number = opened()
    lines = [repair("W-1", pieces=3), repair("W-2", pieces=2), repair("W-3", pieces=1)]
    lead(number, {**ALL_ANSWER, "report-r-01": ("cai.ming", {"lines": lines})}, until="analysis")
    # Of four, three are used; two more are not there; the last one is.
    assert held("R-01", "P-001", Condition.GOOD) == 0
    assert documents(number, "station_report")[0]["differences"] == [
        {"slip": "W-2", "what": "stock", "books": "1", "reported": "2"}
    ]
    assert lead(number, ALL_ANSWER) == "issued"
    assert form(number)["figures"]["products"][0]["pieces"] == 3 + 2 + 1 + 1
    assert [one["slip"] for one in form(number)["differences"]] == ["W-2"]
    assert verify() == []


def recorded_before(company: Engine, number: str, **other: Any) -> None:
    """W-1 of R-01 as a swap at the counter records it: without money, in another case."""
    values = {"slip": "W-1", "pieces": 2, "batch": "ZL260901", "fault": "Does not light", "fee": 0} | other
    with transaction() as session:
        station, part = people.party_by_code(session, "R-01"), goods.product_by_code(session, "P-001")
        product = goods.product_by_code(session, "LX-001")
        assert station
        assert part
        assert product
        repairs.record(
            session,
            {
                "station_id": station.id,
                "product_id": product.id,
                "part_id": part.id,
                "entitlement": "in_warranty",
                "purchased_on": datetime(2026, 6, 1).date(),  # noqa: DTZ001
                "received_on": datetime(2026, 11, 5).date(),  # noqa: DTZ001
                "done_on": datetime(2026, 11, 6).date(),  # noqa: DTZ001
                "charged": 0,
                "currency": "CNY",
                "case_id": cases.by_number(session, number).id,
                "recorded_at": business_now(),
                **values,
            },
        )


def test_a_slip_that_a_swap_recorded_counts_once_and_its_fee_is_added(company: Engine) -> None:
    from people import opened as dispute

    recorded_before(company, dispute())
    number = opened()
    assert lead(number, ALL_ANSWER) == "issued"
    found = form(number)
    # Five slips with 2 + 1 + 2 and 1 + 3 pieces, fees 8.00 + 8.00 + 5.50 and 8.00.
    total = found["figures"]["total"]
    assert (total["repairs"], total["pieces"], total["fee"]) == (5, 9, "29.50")
    assert found["differences"] == []
    # Nothing is booked for it: of four, one went for W-2.
    assert held("R-01", "P-001", Condition.GOOD) == 3
    with transaction() as session:
        assert [(one.fee, one.charged) for one in session.scalars(select(RepairMoney))] == [
            (Decimal("8.00"), Decimal("0.00"))
        ]
    assert verify() == []


def test_a_slip_that_says_something_else_than_the_books_is_named_and_not_counted_twice(company: Engine) -> None:
    from people import opened as dispute

    recorded_before(company, dispute(), pieces=1, fee=Decimal("6.00"))
    number = opened()
    assert lead(number, ALL_ANSWER) == "issued"
    assert [(one["what"], one["books"], one["reported"]) for one in form(number)["differences"]] == [
        ("pieces", "1", "2"),
        ("fee", "6.00", "8.00"),
    ]
    assert form(number)["figures"]["total"]["pieces"] == 9 - 1
    assert form(number)["figures"]["total"]["fee"] == "27.50"


def test_an_earlier_months_repair_told_late_counts_in_its_own_month(company: Engine) -> None:
    number = opened()
    late = repair("W-9", received_on="2026-10-30", done_on="2026-10-31", pieces=3, fee="7.00")
    over = repair("W-8", received_on="2026-10-31", done_on="2026-11-02", fee="1.00", part="", product="LX-002")
    lead(number, {**QUIET, "report-r-01": ("cai.ming", {"lines": [late, over]})})
    figures = form(number)["figures"]
    assert (figures["late"]["repairs"], figures["late"]["pieces"], figures["late"]["fee"]) == (1, 3, "7.00")
    assert (figures["before"]["pieces"], figures["total"]["pieces"]) == (3, 1)
    assert [(one["name"], one["pieces"]) for one in figures["trend"]][-3:] == [
        ("2026-09", 0),
        ("2026-10", 3),
        ("2026-11", 1),
    ]


# Silence


def test_a_silent_station_holds_up_nobody_and_is_named(company: Engine) -> None:
    number = opened()
    script = without(ALL_ANSWER, "report-r-01")
    assert lead(number, script, until="office-b-01") is None
    assert business_now() > at("2026-12-04 00:00")
    assert facts(number, "office-b-01")["silent"] == ["天河维修点"]
    assert facts(number, "office-b-01")["reported"] == ["南山维修点"]
    assert lead(number, script) == "issued_with_gaps"
    assert form(number)["gaps"] == [{"kind": "station", "who": "天河维修点"}]
    assert form(number)["figures"]["total"]["pieces"] == 4
    assert all("– 天河维修点" in one.plain for one in mails(number, "information_feedback/form"))
    assert verify() == []


def test_the_form_leaves_at_the_end_of_day_ten_though_everybody_is_silent(company: Engine) -> None:
    number = opened()
    run(number)
    while not mails(number, "information_feedback/form"):
        pass_by(number)
        run(number)
    went_out = {one.queued_at for one in mails(number, "information_feedback/form")}
    assert all(at("2026-12-11 00:00") < one < at("2026-12-11 00:05") for one in went_out)
    assert [one["kind"] for one in form(number)["gaps"]] == [*["station"] * 3, *["office"] * 2, "check", "analysis"]
    assert lead(number, SILENCE) == "issued_with_gaps"
    assert measures_of(number) == []
    assert verify() == []


def test_figures_that_do_not_agree_leave_with_the_clerks_remarks(company: Engine) -> None:
    number = opened()
    check = ("li.na", {"agree": "no", "remarks": "R-01 counts lamps twice."})
    assert lead(number, {**ALL_ANSWER, "figures-check": check}) == "issued"
    assert (form(number)["figures_agree"], form(number)["remarks"]) == (False, "R-01 counts lamps twice.")


def test_the_clerk_sees_figures_differences_and_gaps(company: Engine) -> None:
    number = opened()
    script = {**ALL_ANSWER, "report-r-02": ("peng.gang", {"lines": [repair("A-1", pieces=9)]})}
    lead(number, without(script, "report-r-03"), until="figures-check")
    shown = facts(number, "figures-check")
    assert (shown["repairs"], shown["fees"]) == (4, "29.50 CNY")
    assert shown["counted"]["parts"] == [["P-001 电子镇流器 24W 板", 12], ["P-003 环形灯管 22W", 2]]
    assert len(shown["differences"]) == len(shown["gaps"]) == 1
    assert "A-1" in shown["differences"][0]
    assert "西湖维修点" in shown["gaps"][0]


# The form


def test_the_form_goes_to_five_departments_and_the_vice_president_once_each(company: Engine) -> None:
    number = opened()
    lead(number, ALL_ANSWER, until="answer-quality-dept")
    # lin.tao is quality and production, zhao.qiang marketing and vice-president.
    assert sorted(told(number, "form")) == ["lin.tao", "sun.wei", "xie.juan", "zhao.qiang"]
    assert {one.attached == [["feedback_form", 1]] for one in mails(number, "information_feedback/form")} == {True}
    (file,) = files(number)
    assert file.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_each_gets_the_form_in_their_language(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(text("UPDATE person SET language = 'en' WHERE login = 'sun.wei'"))
    number = opened()
    lead(number, ALL_ANSWER, until="answer-quality-dept")
    languages = {one.language: one.attached for one in mails(number, "information_feedback/form")}
    assert languages == {"en": [["feedback_form", 1]], "zh_CN": [["feedback_form", 2]]}
    assert next(one.name for one in files(number)) == "Quality-information form 2026-11.xlsx"
    one, other = documents(number, "feedback_form")
    assert one == other


# What departments answer


def test_all_departments_acknowledge_and_those_with_items_answer(company: Engine) -> None:
    number = opened()
    lead(number, without(ALL_ANSWER, *ACKNOWLEDGED, "answer-quality-dept"), until="acknowledgement-quality-dept")
    assert list(open_tasks(number)) == [*ACKNOWLEDGED, "answer-quality-dept"]
    day = due(number, "acknowledgement-quality-dept")
    # Everybody answered on Tuesday 1 December: two working days are Thursday, ten the Tuesday of a fortnight later.
    assert day == at("2026-12-04 00:00")
    assert due(number, "answer-quality-dept") == at("2026-12-16 00:00")
    assert facts(number, "acknowledgement-quality-dept") == {"month": "2026-11", "items": 1, "carried": 0}


def test_an_answer_is_written_to_its_measure_and_told_to_the_offices(company: Engine) -> None:
    number = opened()
    assert lead(number, ALL_ANSWER) == "issued"
    assert measures_of(number) == [(1, "quality_dept", "open", "Old capacitor again.")]
    assert told(number, "answers") == ["B-01", "B-02", "chen.min"]
    assert all("Old capacitor again." in one.html for one in mails(number, "information_feedback/answers"))
    assert len(documents(number, "department_answer")) == 1
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
    with transaction() as session:
        escalated = select(Notice.key).join(Case).where(Case.number == number)
        escalated = escalated.where(Notice.template == "deadline_escalation")
        keys = {key.split(":", 1)[1] for key in session.scalars(escalated)}
    assert keys == {
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


# What cannot wait


def test_an_urgent_item_of_a_station_becomes_a_notice_at_once(company: Engine) -> None:
    number = opened()
    run(number)
    answer(number, "report-r-01", "cai.ming", {**FIRST, "items": [URGENT]})
    run(number)
    (notice,) = children(number, "QN")
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
    assert children(number, "QN") == []
    sweep()
    sweep()
    with transaction() as session:
        notices = [(one.number, one.party.code) for one in cases.listed(session, "QN")]
    assert [party for _number, party in notices] == ["R-02"]
    # When the report is taken in, the notice that is there belongs to it.
    lead(number, without(ALL_ANSWER, "report-r-01"), until="analysis")
    assert children(number, "QN") == [notices[0][0]]
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
    assert len(children(number, "QN")) == 2


# Repeated faults of one batch


def lamps(slip: str, pieces: int, **other: Any) -> dict[str, Any]:
    """Lamps LX-005 of batch MH260801, of which D-03 received 1000; nobody changed a part."""
    lamp = {"product": "LX-005", "part": "", "batch": "MH260801", "fault": "Base melts", "pieces": pieces}
    return repair(slip, **lamp | other)


REPEATED: Script = {
    **QUIET,
    "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 2, batch="mh260801")]}),
    "report-r-02": ("peng.gang", {"lines": [lamps("A-1", 1, entitlement=OUT, fee="0", charged="3.00")]}),
}
DISPUTE = {
    "open_dispute": "yes",
    "dealer": "D-03",
    "faulty_pieces": 40,
    "reported_by": "Ms Shen",
    "reason": "Base melts.",
}


@pytest.mark.parametrize(
    ("second", "proposed"),
    [
        (lamps("A-1", 1), True),
        (lamps("A-1", 1, entitlement=HUMAN, fee="0"), False),
        (lamps("A-1", 1, batch="MH260802"), False),
        (lamps("A-1", 1, product="LX-006"), False),
    ],
)
def test_three_pieces_of_a_batch_at_two_stations_propose_a_dispute(
    company: Engine, second: dict[str, Any], proposed: bool
) -> None:
    number = opened()
    script = {**REPEATED, "report-r-02": ("peng.gang", {"lines": [second]})}
    lead(number, script, until="acknowledgement-quality-dept")
    assert ("batch-proposal" in open_tasks(number)) is proposed
    if proposed:
        shown = facts(number, "batch-proposal")
        assert (shown["pieces"], shown["stations"], shown["fault"]) == (3, 2, "Base melts")
        assert shown["dealers"] == {"D-03": "Hangzhou Brightway Trading"}
        assert shown["received"] == {"D-03": 1000}


def test_enough_pieces_at_one_station_alone_propose_nothing(company: Engine) -> None:
    number = opened()
    script = {**QUIET, "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 30)]})}
    assert lead(number, without(script, "batch-proposal")) == "issued"


def test_an_accepted_proposal_opens_a_dispute_and_is_not_made_again(company: Engine) -> None:
    number = opened()
    assert lead(number, {**REPEATED, "batch-proposal": ("wang.fang", DISPUTE)}) == "issued"
    (dispute,) = children(number, "BQ")
    with transaction() as session:
        case = cases.by_number(session, dispute)
        assert (case.subject, case.party.code, case.input["faulty_pieces"]) == ("D-03:LX-005:MH260801", "D-03", 40)
        assert [one.number for one in links.parents(session, case.id)] == [number]
        (proposal,) = session.scalars(select(Proposal))
        assert (proposal.state, proposal.dispute_id) == ("accepted", case.id)
    december = opened("2026-12", "2027-01-01 09:00")
    assert lead(december, without(QUIET, "batch-proposal")) == "issued"
    assert len(form(december)["figures"]["repeated"]) == 1
    assert verify() == []


@pytest.mark.parametrize("answered", [True, False])
def test_a_declined_proposal_is_not_made_again_but_one_that_nobody_answered_is(company: Engine, answered: bool) -> None:
    number = opened()
    assert lead(number, REPEATED if answered else without(REPEATED, "batch-proposal")) == "issued"
    december = opened("2026-12", "2027-01-01 09:00")
    lead(december, without(QUIET, "batch-proposal"), until="batch-proposal" if not answered else "")
    assert ("batch-proposal" in open_tasks(december)) is not answered


def test_a_batch_that_is_disputed_already_is_not_proposed(company: Engine) -> None:
    from people import opened as dispute

    dispute(dealer="D-03", product="LX-005", batch="MH260801")
    number = opened()
    assert lead(number, without(REPEATED, "batch-proposal")) == "issued"


def test_repeated_faults_of_earlier_months_count_within_the_policys_months(company: Engine) -> None:
    november = opened()
    assert lead(november, {**QUIET, "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 2)]})}) == "issued"
    december = opened("2026-12", "2027-01-01 09:00")
    later = lamps("A-1", 1, received_on="2026-12-10", done_on="2026-12-10")
    script = {**QUIET, "report-r-02": ("peng.gang", {"lines": [later]})}
    lead(december, script, until="batch-proposal")
    assert facts(december, "batch-proposal")["pieces"] == 3


def test_the_story_of_the_demo_comes_to_its_end(company: Engine) -> None:
    number = opened()
    script: Script = {key: (login, given) for key, login, given in story.lines("2026-11")}
    assert lead(number, script) == "issued_with_gaps"
    assert len(script) == 8
    assert len(children(number, "BQ")) == 1
    assert verify() == []


# Killed at every boundary


@pytest.fixture
def with_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are led so that whoever is not in the script keeps silent and time passes."""
    monkeypatch.setattr(crashing, "play", lead)


def stations_again() -> None:
    """The stations of the sample company; emptying the cases takes them along."""
    from deployments.sample_company import SAMPLE_COMPANY
    from deployments.system import import_files

    import_files(SAMPLE_COMPANY)


def test_a_month_with_a_silent_station_comes_to_the_same_end_wherever_its_process_is_killed(
    company: Engine, with_silence: None
) -> None:
    def open_it() -> str:
        stations_again()
        return opened()

    script = {
        **ALL_ANSWER,
        "report-r-01": ("cai.ming", {"lines": [repair("W-1")], "items": [URGENT]}),
        "report-r-02": ("peng.gang", {"lines": [repair("A-1")]}),
    }
    survives_every_boundary(open_it, without(script, "report-r-03", "office-b-02"), outcome="issued_with_gaps")
