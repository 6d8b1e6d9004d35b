"""A month's quality information: two stations report, one is silent, and a batch of lamps fails at both."""

from datetime import datetime, time

from deployments.stories.playing import Line, closes, days_pass, go_through, hours_pass, now, opened_by_the_calendar
from models.queries import policies
from models.rules.feedback import first_day_after, month_of
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK


def play() -> str:
    """The number of the case."""
    zone = policy_zone()
    month = month_of(now().astimezone(zone).date())
    begins = datetime.combine(first_day_after(month), time(9), zone)
    hours_pass((begins - now()).total_seconds() / 3600)
    number = opened_by_the_calendar(INFORMATION_FEEDBACK.code)
    said = lines(month)
    go_through(number, said[:2])
    # The third station keeps silent until the third day is over, the second office until the fifth.
    days_pass(3)
    go_through(number, said[2:3])
    days_pass(2)
    go_through(number, said[3:])
    # The other departments do not acknowledge in time; two working days may lie about a weekend or the holidays.
    days_pass(12)
    closes(number)
    return number
