"""When a parts return begins, and who may begin it: manual 000 五 维修配件返厂、对换流程."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from people import answer, play, run
from records import told
from returns import SHIPMENT, ZONE, hold, line, listed, opened, paid, script, use
from sqlalchemy import Engine, select

from models.errors import AlreadyReported, InvalidInput, NotAllowed, NotFound
from models.queries import clock, people
from models.tables.cases import Case
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.opening import open_what_fell_due
from tasks.parts_return import PARTS_RETURN


@pytest.fixture
def number(company: Engine) -> str:
    """A return of B-01, which has three faulty ballasts P-001 at 18.50, bought from V-01."""
    return opened()


def on(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """The business clock is set; the instant."""
    instant = datetime(year, month, day, hour, tzinfo=ZONE)
    with transaction() as session:
        clock.set_to(session, instant)
    return instant


def due_at(instant: datetime) -> list[str]:
    """What the calendar opens: party and month, without B-01, whose first stock has no day of its own."""
    opened = open_what_fell_due(PARTS_RETURN, instant)
    with transaction() as session:
        subjects = session.scalars(select(Case.subject).where(Case.number.in_(opened)).order_by(Case.subject))
        return [one for one in subjects if not one.startswith("B-01")]


def test_the_calendar_opens_a_list_on_the_last_day_of_the_month_for_whoever_holds_faulty_parts(
    company: Engine,
) -> None:
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    hold("D-01", "P-003", 1)
    hold("R-01", "P-003", 1)
    assert due_at(on(2026, 9, 29, 23)) == []
    assert due_at(on(2026, 9, 30, 0)) == ["B-02:2026-09", "D-01:2026-09"]
    assert due_at(on(2026, 9, 30, 12)) == []
    with transaction() as session:
        case = session.scalars(select(Case).where(Case.subject == "D-01:2026-09")).one()
        assert people.person(session, "li.na").id == case.opened_by
    assert told(case.number, "parts_return/opened") == ["D-01"]


def test_a_sweep_that_comes_late_opens_the_list_for_what_was_there_on_its_day(company: Engine) -> None:
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    on(2026, 10, 2)
    hold("D-01", "P-003", 1)
    assert due_at(on(2026, 10, 4)) == ["B-02:2026-09"]


def test_the_policy_may_name_another_day(company: Engine) -> None:
    use(list_day=25)
    on(2026, 9, 20)
    hold("B-02", "P-003", 1)
    assert due_at(on(2026, 9, 24)) == []
    assert due_at(on(2026, 9, 25)) == ["B-02:2026-09"]


def test_the_calendar_waits_for_a_list_that_has_not_left_and_for_a_charge_that_is_not_paid(company: Engine) -> None:
    on(2026, 9, 20)
    hold("D-01", "P-004", 1, days_ago=90)
    hold("D-01", "P-003", 1)
    (first,) = open_what_fell_due(PARTS_RETURN, on(2026, 9, 30))
    assert due_at(on(2026, 10, 31)) == []
    way = script(
        return_list=listed(line("P-003", 1, station="D-01"), stays={"P-004": "Lost."}, by="he.jun"),
    )
    play(first, way, until="charge-settled")
    answer(first, "return-shipment", "he.jun", SHIPMENT)
    run(first)
    hold("D-01", "P-003", 1)
    assert due_at(on(2026, 10, 31, 13)) == []
    answer(first, "charge-settled", *paid("8.20"))
    assert due_at(on(2026, 10, 31, 14)) == ["D-01:2026-10"]


def test_one_return_at_a_time_until_it_has_left_then_a_separate_one_in_the_same_month(number: str) -> None:
    hold("B-01", "P-003", 1)
    for separate in (False, True):
        with pytest.raises(InvalidInput, match=number):
            opened(separate=separate)
    play(number, script(return_list=listed(line(), stays={"P-003": "Later."})), until="factory-count")
    with pytest.raises(AlreadyReported):
        opened()
    assert opened(separate=True) != number


def test_two_lists_over_the_same_pieces_are_not_opened_at_the_same_instant(company: Engine) -> None:
    months = ["2026-08", "2026-09", "2026-10"]

    def try_to_open(month: str) -> str:
        try:
            return opened(month=month)
        except InvalidInput:
            return ""

    with ThreadPoolExecutor(3) as together:
        numbers = list(together.map(try_to_open, months))
    assert sum(map(bool, numbers)) == 1


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"party": "B-99"}, "party", "no office or distributor B-99"),
        ({"party": "R-01"}, "party", "no office or distributor R-01"),
        ({"party": "D-03", "registered_by": "grace.shen"}, "party", "no faulty parts"),
        ({"month": "2026-13"}, "month", "such as 2026-11"),
        ({"month": "November"}, "month", "such as 2026-11"),
        ({"month": "2099-12"}, "month", "still to come"),
        ({"registered_by": "wu.jiang"}, "registered_by", "its own people"),
        ({"registered_by": ""}, "registered_by", "must not be empty"),
        ({"surprise": 1}, "surprise", "no such field"),
    ],
)
def test_a_wrong_request_names_its_field_and_opens_no_case(
    company: Engine, other: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(**other)
    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Notice)).all() == []


def test_only_those_whom_the_policy_names_open_a_return(company: Engine) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by="ma.chao")
    with pytest.raises(NotFound):
        opened(registered_by="nobody")
