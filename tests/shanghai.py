"""Days and times in Shanghai as people write them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """`2026-11-03 09:00` in Shanghai; 24:00 is 00:00 of the next day."""
    day, _, clock = text.partition(" ")
    if clock == "24:00":
        return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def days_from(first: str, last: str) -> Iterator[date]:
    """Every day from the first to the last."""
    on = date.fromisoformat(first)
    while on <= date.fromisoformat(last):
        yield on
        on += timedelta(days=1)
