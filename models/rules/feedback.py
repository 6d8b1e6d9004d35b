"""Information feedback (信息反馈), manual 000 三 经理 F, 三 内勤 C and D: its months and shares."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    """Whether `text` is a month of our times such as 2026-11."""
    found = _MONTH.fullmatch(text)
    return found is not None and 1990 <= int(found[1]) <= 2100


def month_of(day: date) -> str:
    """The month of a day: 2026-11."""
    return f"{day:%Y-%m}"


def first_day(month: str) -> date:
    """The first day of a month such as 2026-11."""
    return date.fromisoformat(f"{month}-01")


def first_day_after(month: str) -> date:
    """The first day of the month that follows."""
    return (first_day(month) + timedelta(days=31)).replace(day=1)


def last_day(month: str) -> date:
    """The last day of a month."""
    return first_day_after(month) - timedelta(days=1)


def month_before(month: str) -> str:
    """The month before a month."""
    return month_of(first_day(month) - timedelta(days=1))


def months_until(month: str, count: int) -> list[str]:
    """`count` months, the last of which is `month`, the oldest first."""
    months = [month]
    while len(months) < count:
        months.insert(0, month_before(months[0]))
    return months


def month_is_over(month: str, today: date) -> bool:
    """Whether the last day of `month` lies before `today`."""
    return today >= first_day_after(month)


def month_falls_due(today: date, until_day: int) -> str | None:
    """The month before `today`, in the first `until_day` days of a month; later a person must open it."""
    return month_before(month_of(today)) if today.day <= until_day else None


def running_shares(pieces: Sequence[int]) -> Iterator[float]:
    """How much of all pieces each entry and those before it make up, 0 to 1: the line of a Pareto chart."""
    total, so_far = sum(pieces), 0
    for one in pieces:
        so_far += one
        yield so_far / total
