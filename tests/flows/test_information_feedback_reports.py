"""The repair reports of a month come in and enter the ledger: manual 000 三 内勤 C, 一.3."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from months import ALL_ANSWER, EMPTY, QUIET, at, form, lead, opened, repair, set_clock
from people import answer, business_now, open_tasks, run
from people import opened as dispute
from records import contents, due, mails
from sqlalchemy import Engine, select, text

from models.errors import NotAllowed
from models.queries import cases, goods, people, repairs, stock
from models.tables.feedback import RepairMoney
from models.tables.ledgers import Condition
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify


def held(station: str, part: str, condition: Condition) -> int:
    with transaction() as session:
        product, party = goods.product_by_code(session, part), people.party_by_code(session, station)
        assert product
        assert party
        return stock.on_hand(session, product, party, condition)


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
    asked = [one.key for one in mails(number, "deadline_reminder") if "report-r-01" in one.key]
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
    assert [one["differences"] for one in contents(number, "station_report")] == [[], [], []]


def test_a_repair_with_more_parts_than_the_books_hold_is_recorded_and_named_as_a_difference(company: Engine) -> None:
    number = opened()
    lines = [repair("W-1", pieces=3), repair("W-2", pieces=2), repair("W-3", pieces=1)]
    lead(number, {**ALL_ANSWER, "report-r-01": ("cai.ming", {"lines": lines})}, until="analysis")
    # Of four, three are used; two more are not there; the last one is.
    assert held("R-01", "P-001", Condition.GOOD) == 0
    assert contents(number, "station_report")[0]["differences"] == [
        {"slip": "W-2", "what": "stock", "books": "1", "reported": "2"}
    ]
    assert lead(number, ALL_ANSWER) == "issued"
    assert form(number)["figures"]["products"][0]["pieces"] == 3 + 2 + 1 + 1
    assert [one["slip"] for one in form(number)["differences"]] == ["W-2"]
    assert verify() == []


def recorded_before(number: str, **other: Any) -> None:
    """W-1 of R-01 as a swap at the counter records it: without money, in another case, `number`."""
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
                "purchased_on": date(2026, 6, 1),
                "received_on": date(2026, 11, 5),
                "done_on": date(2026, 11, 6),
                "charged": 0,
                "currency": "CNY",
                "case_id": cases.by_number(session, number).id,
                "recorded_at": business_now(),
                **values,
            },
        )


def test_a_slip_that_a_swap_recorded_counts_once_and_its_fee_is_added(company: Engine) -> None:
    recorded_before(dispute())
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
    recorded_before(dispute(), pieces=1, fee=Decimal("6.00"))
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
