"""Manual 000 五 维修点开发流程, 三 经理 D: what happens on each way of reviewing a repair station."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import answer, forward, open_tasks, play, run
from records import contents, documents, due, facts, letter_text, money, stock_moves, told
from sqlalchemy import Engine
from stations import (
    AT_R_01,
    CLERK,
    FINANCE,
    KEEPER,
    MANAGER,
    agreement,
    begin_on_monday,
    changes,
    opened_station,
    request,
    review,
    reviewing,
    set_station,
    station,
)

from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.language import _, speaking
from models.policy import read_policy
from models.queries import cases, clock, policies, stations
from models.tables.stations import StationDocument
from tasks.database import transaction
from tasks.opening import open_case
from tasks.settings import settings
from tasks.station_review import STATION_REVIEW
from tasks.station_review.register import falls_due
from tasks.sweeping import sweep
from tasks.verifying import verify

#: The clock stands on 23 November 2026: in so many days the term of R-01 ends.
IN_30_DAYS, IN_31_DAYS = date(2026, 12, 23), date(2026, 12, 24)
RENEW = {"measure": "renew", "agreement_number": "XY-2027-001", "term_ends_on": "2027-12-23"}


@pytest.fixture(autouse=True)
def on_a_monday_in_english(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences to whoever types are English; letters come in the language of who gets them."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()
    begin_on_monday()


def fallen_due() -> list[tuple[str, str]]:
    """Station and reason of the reviews that the calendar asks for now."""
    with transaction() as session:
        policy = read_policy(policies.current(session).content)
        return [(one["station"], one["reason"]) for one in falls_due(session, policy, clock.now(session))]


def opened_by_the_calendar() -> list[str]:
    sweep()
    with transaction() as session:
        return [one.number for one in cases.listed(session, "SV")]


def expired(code: str = "R-01", day: date = date(2026, 11, 22)) -> None:
    """A licence of a station whose last day was `day`."""
    with transaction() as session:
        found = stations.by_code(session, code)
        assert found is not None
        session.add(
            StationDocument(
                station_id=found.party_id,
                kind="licence",
                number="L-1",
                valid_until=day,
                recorded_at=clock.now(session),
            )
        )


def with_policy(**changed: Any) -> None:
    """Another version of the policy, with other values for stations."""
    with transaction() as session:
        now = policies.current(session).content
        policies.keep(session, {**now, "stations": {**now["stations"], **changed}})


NEW_LICENCE = (
    CLERK,
    {"kind": "licence", "number": "L-2", "valid_until": "2031-01-31"},
)


def test_the_calendar_opens_a_review_thirty_days_before_the_agreement_ends(company: Engine) -> None:
    set_station("R-01", term_ends_on=IN_31_DAYS)
    assert fallen_due() == []
    set_station("R-01", term_ends_on=IN_30_DAYS)
    assert fallen_due() == [("R-01", "term_ends")]
    [number] = opened_by_the_calendar()
    assert opened_by_the_calendar() == [number]
    assert told(number, "station_review/opened") == ["R-01", "B-01"]
    assert station("R-01").state == "active"


def test_the_time_to_renew_ends_with_the_term_even_if_the_calendar_was_looked_at_late(company: Engine) -> None:
    set_station("R-01", term_ends_on=date(2026, 12, 3))
    [number] = opened_by_the_calendar()
    play(number, reviewing(RENEW), until="review-decision")
    assert due(number, "review-decision").isoformat() == "2026-12-03T16:00:00+00:00"


def test_the_manager_renews_and_the_station_goes_on(company: Engine) -> None:
    set_station("R-01", term_ends_on=IN_30_DAYS)
    number = review("term_ends")
    assert play(number, reviewing(RENEW)) == "renewed"
    now = station("R-01")
    assert (now.state, now.agreement_number, now.term_ends_on) == ("active", "XY-2027-001", date(2027, 12, 23))
    assert changes("R-01") == [(None, "active")]
    assert contents(number, "agreement")[-1]["before"] == "XY-2025-011"
    assert told(number, "station_review/renewed") == ["R-01", "B-01"]
    letter = letter_text(number, "station_review/renewed")
    assert "XY-2027-001" in letter
    assert "2027-12-23" in letter
    assert fallen_due() == []
    assert verify() == []


def test_silence_renews_nothing_it_suspends_at_the_end_of_the_term_and_asks_again(company: Engine) -> None:
    set_station("R-01", term_ends_on=IN_30_DAYS)
    number = review("term_ends")
    play(number, reviewing(RENEW), until="review-decision")
    forward(days=30)
    sweep()
    assert run(number) is None
    assert station("R-01").state == "active"
    forward(days=1)
    sweep()
    assert run(number) is None
    assert changes("R-01") == [(None, "active"), ("active", "suspended")]
    assert told(number, "repair_station/suspended") == ["R-01", "B-01"]
    with speaking("zh_CN"):
        assert _("the agreement has ended and was not renewed") in letter_text(number, "repair_station/suspended")
    assert open_tasks(number) == {"review-decision": f"{number}:review-decision:2"}
    answer(number, "review-decision", MANAGER, {**RENEW, "reason": "Late, but sure."})
    assert run(number) == "renewed"
    assert station("R-01").state == "active"
    assert told(number, "station_review/lifted") == ["R-01", "B-01"]
    assert verify() == []


def test_without_the_clerks_note_the_manager_decides_by_the_books(company: Engine) -> None:
    number = review()
    run(number)
    forward(days=10)
    sweep()
    run(number)
    shown = facts(number, "review-decision")
    assert shown["clerk"] == ""
    assert shown["agreement"] == "XY-2025-011, until 2028-03-31"
    assert shown["stock"] == [f"{part} good {pieces}" for part, pieces in AT_R_01.items()]
    assert shown["papers"] == ["business licence 91440101MA5R01X1 → 2031-05-31"]
    assert (shown["repairs"], shown["late"]) == (0, 0)


def test_what_was_late_at_the_station_is_counted(company: Engine) -> None:
    first = review("false_claim")
    closing = reviewing({"measure": "close"})
    play(first, closing, until="station-parts-sent")
    forward(days=20)
    sweep()
    number = review_of_another_kind()
    assert facts(number, "review-facts")["late"] == 1


def review_of_another_kind() -> str:
    """A review of R-01 while another one is closing it; it was opened before the closure."""
    set_station("R-01", state="active")
    number = review("stations_request")
    run(number)
    return number


def test_an_expired_licence_suspends_at_once_and_a_new_one_lifts_that(company: Engine) -> None:
    expired(day=date(2026, 11, 23))
    assert fallen_due() == []
    forward(days=1)
    assert fallen_due() == [("R-01", "papers_expired")]
    [number] = opened_by_the_calendar()
    run(number)
    assert station("R-01").state == "suspended"
    answer(number, "new-paper", *NEW_LICENCE)
    assert run(number) == "papers_renewed"
    assert changes("R-01") == [(None, "active"), ("active", "suspended"), ("suspended", "active")]
    assert told(number, "station_review/lifted") == ["R-01", "B-01"]
    assert fallen_due() == []
    assert verify() == []


def test_whether_expiry_suspends_is_policy(company: Engine) -> None:
    with_policy(suspend_on_expiry=False)
    expired()
    number = review("papers_expired")
    run(number)
    assert station("R-01").state == "active"
    assert list(open_tasks(number)) == ["new-paper"]


@pytest.mark.parametrize("silent", [True, False])
def test_without_a_new_paper_the_manager_decides(company: Engine, silent: bool) -> None:
    expired()
    number = review("papers_expired")
    run(number)
    if silent:
        forward(days=31)
        sweep()
    else:
        answer(number, "new-paper", CLERK, {"kind": "none"})
    decision = {"measure": "suspend", "suspended_until": "2027-03-31"}
    assert play(number, reviewing(decision)) == "suspended"
    assert station("R-01").suspended_until == date(2027, 3, 31)


def test_a_suspended_station_with_expired_papers_is_not_lifted(company: Engine) -> None:
    expired()
    play(review("papers_expired"), reviewing({}), until="new-paper")
    number = review("companys_request")
    play(number, reviewing({}), until="review-decision")
    answer(number, "review-decision", MANAGER, {"measure": "lift", "reason": "They are sorry."})
    assert run(number) is None
    assert station("R-01").state == "suspended"
    assert facts(number, "review-decision")["in_the_way"] == [
        "a paper or the agreement has expired, or another station serves the area"
    ]


def test_new_papers_do_not_lift_a_suspension_for_another_reason(company: Engine) -> None:
    decision = {"measure": "suspend", "suspended_until": "2027-03-31"}
    play(review("complaints", upheld_complaints=2), reviewing(decision))
    expired()
    number = review("papers_expired")
    assert play(number, {"new-paper": NEW_LICENCE}) == "papers_renewed"
    now = station("R-01")
    assert (now.state, now.suspended_until) == ("suspended", date(2027, 3, 31))


def test_a_suspension_that_is_over_is_looked_at_anew(company: Engine) -> None:
    decision = {"measure": "suspend", "suspended_until": "2026-11-30"}
    number = review("complaints", upheld_complaints=2)
    play(number, reviewing(decision), until="review-decision")
    assert facts(number, "review-decision")["proposal"] == "suspend the station until a day"
    assert play(number, reviewing(decision)) == "suspended"
    assert "2026-11-30" in letter_text(number, "repair_station/suspended")
    forward(days=7)
    assert fallen_due() == []
    forward(days=1)
    assert fallen_due() == [("R-01", "suspension_ends")]
    anew = opened_by_the_calendar()[-1]
    assert play(anew, reviewing({"measure": "lift"})) == "lifted"
    assert station("R-01").state == "active"
    assert fallen_due() == []
    assert verify() == []


def test_a_review_may_leave_the_station_as_it_is(company: Engine) -> None:
    assert play(review("false_claim"), reviewing({"measure": "leave"})) == "unchanged"
    assert changes("R-01") == [(None, "active")]


def test_a_repairer_who_left_certifies_nobody(company: Engine) -> None:
    opened_station()
    number = review(station="R-05")
    left = (CLERK, {"file_in_order": "Feng went home.", "left": ["PX-1"]})
    assert play(number, reviewing({"measure": "leave"}, review_facts=left)) == "unchanged"
    assert fallen_due() == []
    forward(days=40)
    assert ("R-05", "papers_expired") in fallen_due()
    papers = open_case(STATION_REVIEW, request("papers_expired", station="R-05"))
    run(papers)
    certificate = {"kind": "certificate", "repairer": "Qiu Ming", "number": "PX-2", "valid_until": "2029-01-31"}
    answer(papers, "new-paper", CLERK, {**certificate})
    assert run(papers) == "papers_renewed"
    assert station("R-05").state == "active"


def test_closing_withdraws_the_address_counts_the_parts_back_and_settles(company: Engine) -> None:
    number = review("stations_request")
    counted = [{"part": "P-001", "good": 2, "faulty": 1}, {"part": "P-002", "good": 3}, {"part": "P-003", "good": 6}]
    script = reviewing({"measure": "close"}, station_parts_count=(KEEPER, {"lines": counted}))
    play(number, script, until="neighbour-station")
    assert station("R-01").state == "closed"
    neighbours = facts(number, "neighbour-station")
    assert list(neighbours["neighbours"]) == ["R-02", "R-03", "none"]
    assert neighbours["proposed"] == ["R-02"]
    assert play(number, script) == "closed"
    assert told(number, "station_review/address_withdrawn") == ["D-01", "S-01"]
    assert "南山维修点" in letter_text(number, "station_review/address_withdrawn")
    assert stock_moves(number)[:4] == [
        (part, "R-01", "good", "R-01", "in_transit", pieces) for part, pieces in AT_R_01.items()
    ]
    assert stock_moves(number)[4:] == [
        ("P-001", "R-01", "in_transit", "C-01", "good", 2),
        ("P-001", "R-01", "in_transit", "C-01", "faulty", 1),
        ("P-001", "R-01", "in_transit", "R-01", "missing", 1),
        ("P-002", "R-01", "in_transit", "C-01", "good", 3),
        ("P-003", "R-01", "in_transit", "C-01", "good", 6),
        ("P-005", "R-01", "in_transit", "R-01", "missing", 2),
    ]
    # One P-001 at 18.50, and two P-005 at 12.40.
    assert money(number) == [
        ("parts_revenue", "C-01", "party_receivable", "R-01", Decimal("18.50"), "CNY"),
        ("parts_revenue", "C-01", "party_receivable", "R-01", Decimal("24.80"), "CNY"),
    ]
    assert told(number, "station_review/parts_missing") == ["R-01", MANAGER]
    assert sorted(documents(number)) == ["count_note", "review", "review", "review", "settlement", "shipping_note"]
    assert verify() == []


def test_the_deposit_is_paid_back_less_what_the_station_owes(company: Engine) -> None:
    opened_station(station_agreement=(CLERK, agreement(deposit="100.00")))
    number = review(station="R-05")
    counted = [{"part": "P-001", "good": 2}, {"part": "P-003", "good": 6}, {"part": "P-005", "good": 2}]
    script = reviewing(
        {"measure": "close"},
        station_parts_sent=(CLERK, {"waybill": "YD-9"}),
        station_parts_count=(KEEPER, {"lines": counted}),
        last_claims=(CLERK, {"claims": "something", "detail": "Three slips of November."}),
    )
    play(number, script, until="last-settlement")
    assert facts(number, "last-settlement") == {
        "deposit": "100.00 CNY",
        "owed": "37.00 CNY",
        "paid_back": "63.00 CNY",
        "claims": "Three slips of November.",
    }
    assert play(number, script) == "closed"
    # Two P-001 at 18.50 are 37.00; of 100.00 that leaves 63.00.
    assert money(number) == [
        ("parts_revenue", "C-01", "party_receivable", "R-05", Decimal("37.00"), "CNY"),
        ("deposit_held", "R-05", "bank", "C-01", Decimal("63.00"), "CNY"),
        ("deposit_held", "R-05", "dealer_credit", "R-05", Decimal("37.00"), "CNY"),
    ]
    letter = letter_text(number, "station_review/settled")
    assert all(f"{amount} CNY" in letter for amount in ("100.00", "37.00", "63.00"))
    assert verify() == []


def test_the_last_settlement_waits_thirty_days_for_claims_and_silence_claims_nothing(company: Engine) -> None:
    number = review()
    play(number, reviewing({"measure": "close"}), until="last-claims")
    forward(days=30)
    sweep()
    run(number)
    assert list(open_tasks(number)) == ["last-claims"]
    forward(days=1)
    sweep()
    run(number)
    assert facts(number, "last-settlement")["claims"] == ""
    with pytest.raises(InvalidInput):
        answer(number, "last-settlement", FINANCE, {"sheet_number": "JS-1", "claims_settled": "no"})
    assert play(number, reviewing({})) == "closed"


def test_where_no_station_is_near_the_shops_send_consumers_to_the_office(company: Engine) -> None:
    number = review()
    play(number, reviewing({"measure": "close"}, neighbour_station=(CLERK, {"neighbour": "none"})))
    with speaking("zh_CN"):
        sentence = _("No other station is near; please send consumers to the branch office.")
    assert sentence in letter_text(number, "station_review/address_withdrawn")


def test_a_station_without_parts_need_not_send_any(company: Engine) -> None:
    play(review(), reviewing({"measure": "close"}))
    set_station("R-01", state="active")
    again = review("false_claim")
    assert play(again, reviewing({"measure": "close"})) == "closed"
    assert stock_moves(again) == []


def test_of_two_reviews_that_close_a_station_the_second_is_overtaken(company: Engine) -> None:
    numbers = [review("false_claim"), review("stations_request")]
    for number in numbers:
        play(number, reviewing({"measure": "close"}), until="review-decision")
    assert [play(number, reviewing({"measure": "close"})) for number in numbers] == ["closed", "overtaken"]
    assert changes("R-01") == [(None, "active"), ("active", "closed")]
    assert verify() == []


def test_so_is_one_that_would_renew_it(company: Engine) -> None:
    first, second = review("false_claim"), review("stations_request")
    play(second, reviewing(RENEW), until="review-decision")
    play(first, reviewing({"measure": "close"}))
    assert play(second, reviewing({**RENEW, "term_ends_on": "2029-03-31"})) == "overtaken"
    assert station("R-01").term_ends_on == date(2028, 3, 31)


def test_another_stations_agreement_number_is_not_taken(company: Engine) -> None:
    set_station("R-01", term_ends_on=IN_30_DAYS)
    number = review("term_ends")
    renewed = {**RENEW, "reason": "So it is."}
    twice = [(MANAGER, {**renewed, "agreement_number": "XY-2025-014"}), (MANAGER, renewed)]
    assert play(number, {**reviewing({}), "review-decision": twice}) == "renewed"
    assert station("R-01").agreement_number == "XY-2027-001"


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("station", {"station": "R-04"}, "There is no repair station R-04 in the books"),
        ("station", {"station": "S-01"}, "There is no repair station S-01 in the books"),
        ("reason", {"reason": "term_ends"}, "ends on 2028-03-31; its review opens on 2028-03-01"),
        ("reason", {"reason": "papers_expired"}, "are in order until 2031-05-31"),
        ("reason", {"reason": "suspension_ends"}, "is not suspended until a day that has passed"),
        ("reason", {"reason": "not_opened"}, "A station that never opened is given up"),
        ("upheld_complaints", {"reason": "complaints", "upheld_complaints": 1}, "at least 2 upheld ones"),
    ],
)
def test_a_request_that_does_not_fit_the_books_opens_nothing(
    company: Engine, field: str, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_case(STATION_REVIEW, request() | wrong)
    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]


def test_a_closed_station_is_reviewed_no_more(company: Engine) -> None:
    play(review(), reviewing({"measure": "close"}))
    with pytest.raises(InvalidInput) as refused:
        review("false_claim")
    assert "天河维修点 (R-01) is closed already" in refused.value.fields["station"]


def test_a_review_is_opened_once_and_by_those_whom_the_policy_names(company: Engine) -> None:
    review("false_claim")
    with pytest.raises(AlreadyReported):
        review("false_claim")
    with pytest.raises(NotAllowed):
        review("stations_request", registered_by="cai.ming")


def stations_anew(**values: Any) -> Callable[[], str]:
    """Opens a review where the stations, whose table refers to cases, may have been emptied away with them."""

    def open_it() -> str:
        import_files(SAMPLE_COMPANY / "stations.csv")
        set_station("R-01", **values)
        return review("term_ends" if values else "companys_request")

    return open_it


@pytest.mark.parametrize(
    ("outcome", "values", "decision"),
    [("renewed", {"term_ends_on": IN_30_DAYS}, RENEW), ("closed", {}, {"measure": "close"})],
)
def test_a_review_comes_to_the_same_end_wherever_its_process_is_killed(
    company: Engine, outcome: str, values: dict[str, Any], decision: dict[str, Any]
) -> None:
    survives_every_boundary(stations_anew(**values), reviewing(decision), outcome)
