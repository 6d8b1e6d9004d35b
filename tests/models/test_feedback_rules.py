"""Manual 000 三 经理 F, 三 内勤 C: months of quality information, and shares of faults."""

from datetime import date

import pytest

from models.rules.feedback import (
    first_day,
    first_day_after,
    is_month,
    last_day,
    month_before,
    month_falls_due,
    month_is_over,
    month_of,
    months_until,
    running_shares,
)


@pytest.mark.parametrize("text", ["2026-11", "1990-01", "2100-12"])
def test_a_month_has_a_year_and_two_digits(text: str) -> None:
    assert is_month(text)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-11", "2026/11", "2026-11-01", "1989-12", "2101-01"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    assert not is_month(text)


def test_a_month_goes_from_its_first_to_its_last_day_over_the_end_of_a_year_and_in_leap_years() -> None:
    assert (first_day("2026-12"), last_day("2026-12")) == (date(2026, 12, 1), date(2026, 12, 31))
    assert first_day_after("2026-12") == date(2027, 1, 1)
    assert last_day("2028-02") == date(2028, 2, 29)
    assert last_day("2027-02") == date(2027, 2, 28)
    assert month_before("2027-01") == "2026-12"
    assert month_of(date(2027, 1, 31)) == "2027-01"


def test_twelve_months_end_with_the_month_itself() -> None:
    assert months_until("2026-02", 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_a_month_is_over_on_the_first_day_of_the_next() -> None:
    assert not month_is_over("2026-11", date(2026, 11, 30))
    assert month_is_over("2026-11", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 12, 1), "2026-11"),
        (date(2026, 12, 10), "2026-11"),
        (date(2026, 12, 11), None),
        (date(2027, 1, 2), "2026-12"),
    ],
)
def test_the_month_before_falls_due_in_the_first_days_of_a_month(today: date, month: str | None) -> None:
    assert month_falls_due(today, until_day=10) == month


def test_running_shares_add_up_to_all() -> None:
    assert list(running_shares([5, 3, 2])) == [0.5, 0.8, 1.0]
    assert list(running_shares([])) == []
