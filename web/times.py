"""How much time is left, in words, as pages show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.language import N_, _
from models.queries import deadlines
from models.tables.deadlines import Deadline, DeadlineState

#: What is due within this time stands out.
_SOON = timedelta(days=1)


@dataclass(frozen=True)
class TimeLeft:
    """A few words, and how urgent it is: `ok`, `soon`, `late` or `paused`."""

    words: str
    urgency: str


def time_left(deadline: Deadline, at: datetime) -> TimeLeft:
    """How much time a deadline leaves at `at`, by the wall clock."""
    if deadline.is_over:
        return TimeLeft(_(N_("the time for it has ended")), "paused")
    state = deadlines.state_of(deadline, at)
    if deadline.paused_at is not None:
        return TimeLeft(_(N_("the clock stands")), "late" if state is DeadlineState.BREACHED else "paused")
    if deadline.due_at <= at:
        return TimeLeft(_(N_("{time} late"), time=words_of(at - deadline.due_at)), "late")
    left = deadline.due_at - at
    return TimeLeft(_(N_("still {time}"), time=words_of(left)), "soon" if left < _SOON else "ok")


def words_of(time: timedelta) -> str:
    """`1 day 4 hours`: the two largest units, the rest left away."""
    minutes = int(time.total_seconds() // 60)
    days, hours, rest = minutes // (24 * 60), minutes // 60 % 24, minutes % 60
    if not minutes:
        return _(N_("less than a minute"))
    parts = [_days(days), _hours(hours)] if days else [_hours(hours), _minutes(rest)]
    return " ".join(filter(None, parts))


def _days(number: int) -> str:
    return (_(N_("1 day")) if number == 1 else _(N_("{number} days"), number=number)) if number else ""


def _hours(number: int) -> str:
    return (_(N_("1 hour")) if number == 1 else _(N_("{number} hours"), number=number)) if number else ""


def _minutes(number: int) -> str:
    return (_(N_("1 minute")) if number == 1 else _(N_("{number} minutes"), number=number)) if number else ""
