"""When a budget of time is used up (时限). The counting is this product's default where the manuals only say "days"."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Unit(StrEnum):
    """What a budget is counted in. A day is a calendar day, not 24 hours."""

    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True)
class Budget:
    """An amount of time that may be used up: `Budget(2, Unit.DAYS)`; the amount is at least 1."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a budget of {self.amount} {self.unit} is not a time")


def due_instant(budget: Budget, start: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which `budget`, running unpaused since `start`, is used up; `start` carries a zone.

    Hours run round the clock. The day of the event is day 0 and the last day ends at 24:00 in `zone`,
    so a report of 09:15 on the 3rd with two days is due when the 5th ends.
    """
    if budget.unit is Unit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=budget.amount)
    last_day_ends = start.astimezone(zone).date() + timedelta(days=budget.amount + 1)
    return datetime(last_day_ends.year, last_day_ends.month, last_day_ends.day, tzinfo=zone)


def has_passed(due: datetime, at: datetime) -> bool:
    """The due instant itself still belongs to the time: 24:00 sharp is in time, anything later is not."""
    return at > due


def instant_of_share(start: datetime, due: datetime, share: float) -> datetime:
    """When `share` (0.8 for 80 %) of the time between `start` and `due` has gone by."""
    begun = start.astimezone(UTC)
    return begun + (due.astimezone(UTC) - begun) * share
