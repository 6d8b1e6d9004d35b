"""Manual 000 五 维修点开发流程: what happens on each way of developing a repair station."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from records import children, contents, documents, facts, letter_text, money, stock_moves, told
from sqlalchemy import Engine, delete
from stations import (
    CLERK,
    KEEPER,
    LOAN,
    MANAGER,
    OFFICE,
    PAPERS,
    POOR_SCORES,
    TRAINER,
    VICE_PRESIDENT,
    agreement,
    begin_on_monday,
    candidate,
    changes,
    opened_station,
    opening,
    reviewing,
    set_station,
    station,
    training,
    visit,
)

from deployments.stories import repair_station as story
from models.errors import AlreadyReported, InvalidInput, NotAllowed, SeparationOfDuties
from models.queries import cases, deadlines, people, stations
from models.tables.parties import Party
from tasks.database import transaction
from tasks.opening import open_case
from tasks.repair_station import REPAIR_STATION
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.verifying import verify

SEND_BACK = (CLERK, {**PAPERS, "licence": "no", "verdict": "send_back", "missing": "The licence."})
SUPPLIED = (OFFICE, {"answer": "supplied", "supplied": "The licence, by mail."})


@pytest.fixture(autouse=True)
def on_a_monday_in_english(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences to whoever types are English; letters come in the language of who gets them."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()
    begin_on_monday()


@pytest.fixture
def number(company: Engine) -> str:
    """A candidate of 广州番禺, where no station is and one shop, S-02 under D-01."""
    return candidate()


def child_of(number: str) -> str:
    """The number of the review that a case opened."""
    [child] = children(number)
    return child


def budget_of(number: str, key: str) -> tuple[int, str]:
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return found.amount, found.unit


def test_an_office_brings_a_candidate_that_becomes_the_active_station_of_its_area(number: str) -> None:
    assert told(number, "repair_station/registered") == ["B-01"]
    assert play(number, opening()) == "active"
    made = station("R-05")
    assert (made.state, made.area, made.exclusive) == ("active", "广州番禺", True)
    assert (made.agreement_number, made.term_ends_on.isoformat()) == ("XY-2026-001", "2027-11-30")
    assert changes("R-05") == [(None, "preparing"), ("preparing", "active")]
    with transaction() as session:
        party = people.party_by_code(session, "R-05")
        assert party is not None
        assert party.superior is not None
        assert (party.name, party.kind, party.superior.code) == ("Panyu Repairs", "repair_station", "B-01")
        assert (party.area, party.address, party.email) == ("广州番禺", "12 Dabei Road", "feng@station.example")
    assert verify() == []


def test_every_record_becomes_a_document(number: str) -> None:
    play(number, opening())
    assert sorted(documents(number)) == sorted(
        [
            "candidate_sheet",
            "paper_check",
            "visit_score",
            "recommendation",
            "approval",
            "agreement",
            "loan_note",
            "count_note",
            "certificate",
            "review",
        ]
    )
    score = contents(number, "visit_score")[-1]
    assert (score["total"], score["passed"], score["visited_by"]) == ("82.5", True, OFFICE)
    assert contents(number, "agreement")[-1]["copies"] == 2


def test_the_time_of_each_step_is_the_policys(company: Engine) -> None:
    number, limits = candidate(), {}
    for key in ("paper-check", "visit-decision", "station-visit", "station-recommendation", "station-approval"):
        play(number, opening(), until=key)
        limits[key] = budget_of(number, key)
    assert limits == {
        "paper-check": (3, "working_days"),
        "visit-decision": (5, "working_days"),
        "station-visit": (10, "working_days"),
        "station-recommendation": (5, "working_days"),
        "station-approval": (5, "working_days"),
    }
    play(number, opening(), until="station-agreement")
    assert budget_of(number, "agreement-signature") == (10, "working_days")
    assert budget_of(number, "station-agreement") == (60, "days")
    play(number, opening(), until="first-month-check")
    assert budget_of(number, "first-month-check") == (30, "days")


def test_the_address_goes_to_the_shops_of_the_area_and_the_dealers_above_them(number: str) -> None:
    """Manual 000 四.2 art. 1."""
    play(number, opening())
    assert told(number, "repair_station/published") == ["D-01", "S-02"]
    letter = letter_text(number, "repair_station/published")
    assert all(told in letter for told in ("Panyu Repairs", "12 Dabei Road", "020-5550405"))
    assert told(number, "repair_station/activated") == ["R-05"]


def test_papers_are_sent_back_until_they_are_complete(number: str) -> None:
    play(number, {"paper-check": SEND_BACK}, until="missing-papers")
    assert facts(number, "missing-papers") == {"missing": "The licence."}
    answer(number, "missing-papers", *SUPPLIED)
    run(number)
    assert facts(number, "paper-check")["supplied"] == "The licence, by mail."
    assert play(number, opening()) == "active"
    assert documents(number).count("paper_check") == 2


def test_only_the_office_of_the_candidate_is_asked_for_its_papers(number: str) -> None:
    play(number, {"paper-check": SEND_BACK}, until="missing-papers")
    with pytest.raises(NotAllowed):
        answer(number, "missing-papers", "wu.jiang", SUPPLIED[1])


def test_an_application_that_nobody_answers_dies_after_sixty_days(number: str) -> None:
    play(number, {"paper-check": SEND_BACK}, until="missing-papers")
    forward(days=59)
    sweep()
    assert run(number) is None
    forward(days=2)
    sweep()
    assert run(number) == "lapsed"
    assert verify() == []


def test_so_does_one_whose_agreement_nobody_signs(number: str) -> None:
    play(number, opening(), until="station-agreement")
    assert told(number, "repair_station/agreement_offered") == ["B-01"]
    forward(days=61)
    sweep()
    assert run(number) == "lapsed"
    with transaction() as session:
        assert people.party_by_code(session, "R-05") is None


REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "refused_on_papers": ("paper_check", {**PAPERS, "verdict": "refuse", "missing": "No registered entity."}),
    "refused_before_visit": ("visit_decision", {"decision": "refuse", "reason": "No goods are sold there."}),
    "not_recommended": ("station_recommendation", {"decision": "refuse", "reason": "Too small."}),
    "not_approved": ("station_approval", {"decision": "refuse", "reason": "Not this year."}),
}


@pytest.mark.parametrize("outcome", REFUSALS)
def test_who_refuses_is_told_by_the_outcome_and_nothing_is_made(number: str, outcome: str) -> None:
    key, refusal = REFUSALS[outcome]
    who = {"paper_check": CLERK, "station_approval": VICE_PRESIDENT}.get(key, MANAGER)
    assert play(number, opening(**{key: (who, refusal)})) == outcome
    assert stock_moves(number) == []
    assert told(number, "case_closed") == ["B-01"]
    with transaction() as session:
        assert stations.made_by(session, cases.by_number(session, number).id) is None
    assert verify() == []


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("missing_papers", {"answer": "withdraws", "supplied": "Has moved away."}),
        ("station_agreement", {"signature": "withdraws"}),
    ],
)
def test_the_candidate_may_withdraw_whenever_it_is_asked(number: str, key: str, answers: dict[str, Any]) -> None:
    script = opening(**{key: (OFFICE if key == "missing_papers" else CLERK, answers)})
    if key == "missing_papers":
        script["paper-check"] = SEND_BACK
    assert play(number, script) == "withdrawn_by_candidate"


def test_below_the_pass_mark_the_manager_recommends_only_with_a_reason(number: str) -> None:
    play(number, opening(station_visit=(OFFICE, visit(POOR_SCORES))), until="station-recommendation")
    assert facts(number, "station-recommendation")["total"] == "50"
    with pytest.raises(InvalidInput) as refused:
        answer(number, "station-recommendation", MANAGER, {"decision": "recommend"})
    assert "below the pass mark" in refused.value.message
    answer(number, "station-recommendation", MANAGER, {"decision": "recommend", "reason": "The only one there."})
    run(number)
    assert facts(number, "station-approval")["recommendation"] == "The only one there."


def test_the_vice_president_is_reminded_and_never_passed_by_silence(number: str) -> None:
    play(number, opening(), until="station-approval")
    forward(days=40)
    swept = sweep()
    assert swept.escalated >= 1
    assert run(number) is None
    assert "station-approval" in open_tasks(number)


def test_who_visited_does_not_recommend_and_who_recommended_does_not_approve(number: str) -> None:
    with transaction() as session:
        for login, role in ((MANAGER, "regional_manager"), (MANAGER, "marketing_vp")):
            person = people.person(session, login)
            person.party = people.party_by_code(session, "B-01") or person.party
            person.grants.append(type(person.grants[0])(role=role))
    play(number, opening(), until="station-visit")
    answer(number, "station-visit", MANAGER, visit())
    run(number)
    with pytest.raises(SeparationOfDuties):
        answer(number, "station-recommendation", MANAGER, {"decision": "recommend"})


def test_a_station_that_serves_the_area_alone_is_named_when_a_second_one_is_entered(company: Engine) -> None:
    with pytest.raises(InvalidInput) as refused:
        candidate(area="广州天河")
    assert list(refused.value.fields) == ["area"]
    assert "天河维修点 (R-01) serves 广州天河 already" in refused.value.message


def test_a_suspended_station_leaves_its_area_open(company: Engine) -> None:
    set_station("R-01", state="suspended")
    number = candidate(area="广州天河")
    assert play(number, opening()) == "active"
    assert told(number, "repair_station/published") == ["D-01", "S-01"]


def test_an_exception_is_asked_for_with_a_reason_and_approved_for_itself(company: Engine) -> None:
    number = candidate(area="广州天河", exception="yes", exception_reason="R-01 has a queue of three weeks.")
    run(number)
    play(number, opening(), until="visit-decision")
    assert facts(number, "visit-decision")["served_by"] == "天河维修点 (R-01)"
    play(number, opening(), until="station-approval")
    with pytest.raises(InvalidInput) as refused:
        answer(number, "station-approval", VICE_PRESIDENT, {"decision": "approve"})
    assert "second station in the area" in refused.value.message
    answer(number, "station-approval", VICE_PRESIDENT, {"decision": "approve", "second_in_the_area": "yes"})
    assert play(number, opening()) == "active"
    assert [station(code).exclusive for code in ("R-01", "R-05")] == [True, False]
    assert verify() == []


def test_of_two_candidates_for_one_area_the_first_that_signs_gets_it(number: str) -> None:
    second = candidate(name="Another")
    play(second, opening(), until="station-agreement")
    play(number, opening(), until="loan-dispatch")
    other = agreement(agreement_number="XY-2026-002", station_number="R-06")
    assert play(second, opening(station_agreement=(CLERK, other))) == "area_taken"
    assert changes("R-05") == [(None, "preparing")]


def test_the_same_candidate_is_one_case(number: str) -> None:
    with pytest.raises(AlreadyReported):
        candidate()


def test_a_number_that_was_given_meanwhile_is_asked_for_again(number: str) -> None:
    play(number, opening(), until="station-agreement")
    assert facts(number, "station-agreement")["next_number"] == "R-05"
    with transaction() as session:
        session.add(Party(code="R-05", name="Another", kind="repair_station", language="en"))
    answer(number, "station-agreement", CLERK, agreement())
    run(number)
    again = facts(number, "station-agreement")
    assert again["next_number"] == "R-06"
    assert again["in_the_way"] == ["the number of the station was given to another party"]
    answer(number, "station-agreement", CLERK, agreement(station_number="R-06", agreement_number="XY-2025-011"))
    run(number)
    assert facts(number, "station-agreement")["in_the_way"] == ["another station has this agreement number"]
    answer(number, "station-agreement", CLERK, agreement(station_number="R-06"))
    script = opening(loan_arrival=(CLERK, {"lines": LOAN}))
    assert play(number, script) == "active"


def test_a_deposit_is_booked_and_the_term_is_the_agreements(number: str) -> None:
    play(number, opening(station_agreement=(CLERK, agreement(deposit="500.00", term_months=24))))
    assert money(number) == [("bank", "C-01", "deposit_held", "R-05", Decimal("500.00"), "CNY")]
    assert station("R-05").term_ends_on.isoformat() == "2028-11-30"
    assert verify() == []


def test_the_opening_stock_goes_on_loan_and_what_is_missing_is_named(number: str) -> None:
    arrived = [{"part": "P-001", "pieces": 4}, {"part": "P-003", "pieces": 5}]
    play(number, opening(loan_arrival=(CLERK, {"lines": arrived, "note": "One broken, one parcel lost."})))
    assert stock_moves(number) == [
        ("P-001", "C-01", "good", "R-05", "in_transit", 4),
        ("P-003", "C-01", "good", "R-05", "in_transit", 6),
        ("P-005", "C-01", "good", "R-05", "in_transit", 2),
        ("P-001", "R-05", "in_transit", "R-05", "good", 4),
        ("P-003", "R-05", "in_transit", "R-05", "good", 5),
        ("P-003", "R-05", "in_transit", "C-01", "missing", 1),
        ("P-005", "R-05", "in_transit", "C-01", "missing", 2),
    ]
    assert told(number, "repair_station/loan_differs") == [KEEPER, MANAGER]
    letter = letter_text(number, "repair_station/loan_differs")
    assert all(told in letter for told in ("P-003", "环形灯管 22W", "P-005"))
    assert "P-001" not in letter
    assert verify() == []


def test_another_opening_stock_than_the_policy_proposes_needs_a_reason(number: str) -> None:
    play(number, opening(), until="loan-dispatch")
    given = {"lines": [{"part": "P-001", "pieces": 3}], "waybill": "YD-1"}
    with pytest.raises(InvalidInput) as refused:
        answer(number, "loan-dispatch", KEEPER, given)
    assert "differs from what the policy proposes" in refused.value.message
    answer(number, "loan-dispatch", KEEPER, {**given, "note": "No tubes in store."})


def test_the_manager_sees_what_was_done_before_the_activation(number: str) -> None:
    play(number, opening(), until="station-activation")
    assert facts(number, "station-activation") == {
        "station": "Panyu Repairs (R-05), 12 Dabei Road",
        "repairers": ["Feng Liang"],
        "on_loan": 12,
        "terminals": 2,
    }


def test_a_training_that_nobody_passed_is_repeated(number: str) -> None:
    rounds = [(TRAINER, training(then="repeat")), (TRAINER, training("Feng Liang", "Qiu Ming"))]
    play(number, opening(station_training=rounds))
    with transaction() as session:
        made = stations.by_code(session, "R-05")
        assert made is not None
        certified = stations.repairers(session, made)
        assert [(one.name, one.certificate_number) for one in certified] == [
            ("Feng Liang", "PX-1"),
            ("Qiu Ming", "PX-2"),
        ]


@pytest.mark.parametrize(
    ("outcome", "key", "given"),
    [
        ("not_certified", "station_training", (TRAINER, training(then="refuse"))),
        ("not_activated", "station_activation", (MANAGER, {"decision": "refuse", "reason": "The premises burnt."})),
    ],
)
def test_a_station_that_never_opens_gives_parts_and_deposit_back_in_a_case_of_its_own(
    number: str, outcome: str, key: str, given: Any
) -> None:
    deposit = (CLERK, agreement(deposit="500.00"))
    assert play(number, opening(station_agreement=deposit, **{key: given})) == outcome
    assert told(number, "repair_station/published") == []
    child = child_of(number)
    script = reviewing(
        {},
        station_parts_sent=(CLERK, {"waybill": "YD-9"}),
        station_parts_count=(KEEPER, {"lines": [{"part": one["part"], "good": one["pieces"]} for one in LOAN]}),
        last_claims=(CLERK, {"claims": "nothing", "detail": "Mr Feng."}),
    )
    assert play(child, script) == "closed"
    assert changes("R-05") == [(None, "preparing"), ("preparing", "suspended"), ("suspended", "closed")]
    assert money(child) == [("deposit_held", "R-05", "bank", "C-01", Decimal("500.00"), "CNY")]
    assert [move[1:] for move in stock_moves(child)][3:] == [
        ("R-05", "in_transit", "C-01", "good", 4),
        ("R-05", "in_transit", "C-01", "good", 6),
        ("R-05", "in_transit", "C-01", "good", 2),
    ]
    assert told(child, "station_review/address_withdrawn") == []
    assert verify() == []


BAD_MONTH = (OFFICE, {"reports_on_time": "no", "stock_agrees": "yes", "complaints": 1, "remark": "Two weeks late."})


@pytest.mark.parametrize(
    ("decision", "outcome", "state"), [("keep", "active_with_remark", "active"), ("suspend", "suspended", "suspended")]
)
def test_on_a_first_month_that_was_not_in_order_the_manager_decides(
    number: str, decision: str, outcome: str, state: str
) -> None:
    last = (MANAGER, {"decision": decision, "remark": "Reports in time from now on."})
    assert play(number, opening(first_month_check=BAD_MONTH, first_month_decision=last)) == outcome
    assert station("R-05").state == state
    assert told(number, "repair_station/suspended") == (["R-05", "B-01"] if state == "suspended" else [])
    assert verify() == []


def test_a_first_month_in_order_is_not_decided_on(company: Engine) -> None:
    number = opened_station()
    assert contents(number, "review")[-1]["complaints"] == 0


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("office", {"office": "D-01"}, "There is no branch office D-01"),
        ("office", {"office": "B-99"}, "There is no branch office B-99"),
        ("licence_valid_until", {"licence_valid_until": "2026-01-31"}, "The licence has expired"),
        ("reported_at", {"reported_at": "2099-01-01T08:00:00+08:00"}, "This lies in the future"),
    ],
)
def test_a_sheet_that_does_not_fit_the_master_data_opens_nothing(
    company: Engine, field: str, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        candidate(**wrong)
    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert cases.listed(session) == []


def test_a_candidate_is_entered_by_office_or_clerk_and_nobody_else(company: Engine) -> None:
    with pytest.raises(NotAllowed):
        candidate(registered_by="he.jun")


def test_the_story_of_the_demo_leads_to_a_published_station(company: Engine) -> None:
    applied = business_now() - timedelta(hours=3)
    until = (applied + timedelta(days=1500)).date().isoformat()
    report = {**story.SHEET, "reported_at": applied.isoformat(), "licence_valid_until": until}
    number = open_case(REPAIR_STATION, report)
    answered = story.lines(business_now().date().isoformat(), until)
    for key, login, given in answered:
        run(number)
        answer(number, key, login, given)
    assert run(number) is None
    assert told(number, "repair_station/published") == ["D-01", "S-02"]
    for key, login, given in story.AFTER_A_MONTH:
        answer(number, key, login, given)
    assert run(number) == "active"


def opened_anew(**other: Any) -> Callable[[], str]:
    """Opens a candidate where the station of an earlier one, whose case was emptied away, may be left."""

    def open_it() -> str:
        with transaction() as session:
            session.execute(delete(Party).where(Party.code == "R-05"))
        return candidate(**other)

    return open_it


WAYS: dict[str, dict[str, Any]] = {
    "active": {
        "paper_check": [SEND_BACK, (CLERK, {**PAPERS, "verdict": "complete"})],
        "missing_papers": SUPPLIED,
        "station_agreement": (CLERK, agreement(deposit="500.00")),
        "loan_arrival": (CLERK, {"lines": LOAN[:2]}),
    },
    "not_certified": {"station_training": (TRAINER, training(then="refuse"))},
    "suspended": {
        "first_month_check": BAD_MONTH,
        "first_month_decision": (MANAGER, {"decision": "suspend", "remark": "Late."}),
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_development_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine, way: str) -> None:
    reported = (business_now() - timedelta(hours=1)).isoformat()
    survives_every_boundary(opened_anew(reported_at=reported), opening(**WAYS[way]), way)
