"""When a rung of a limit comes, and to whom it goes."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from shanghai import at

from models.limits import RungPlan, read_budget
from models.roles import Role
from models.rules.calendars import Calendar
from models.rules.deadlines import DEFAULT_COUNTING, Budget, Clock, Run, Unit

pytestmark = pytest.mark.usefixtures("english")

BERLIN = ZoneInfo("Europe/Berlin")


def unpaused(budget: str, event: datetime, calendar: Calendar) -> Clock:
    return Clock(read_budget(budget), DEFAULT_COUNTING, calendar, event, [Run(event)])


@pytest.mark.parametrize(
    ("moment", "instant", "escalation"),
    [
        ("80%", "2026-11-03 17:00", False),
        ("1%", "2026-11-03 09:06", False),
        ("99%", "2026-11-03 18:54", False),
        ("100%", "2026-11-03 19:00", True),
        ("+3 hours", "2026-11-03 22:00", True),
        ("+5 days", "2026-11-08 19:00", True),
        ("+2 working days", "2026-11-05 19:00", True),
        ("+4 working days", "2026-11-09 19:00", True),
        ("+1 working hour", "2026-11-04 09:30", True),
        ("+1 month", "2026-12-03 19:00", True),
        ("-4 hours", "2026-11-03 15:00", False),
        ("-2 working hours", "2026-11-03 15:30", False),
        ("-5 working hours", "2026-11-03 11:00", False),
    ],
)
def test_a_rung_is_a_share_of_the_time_or_before_or_after_due(
    moment: str, instant: str, escalation: bool, office: Calendar
) -> None:
    # Tuesday 09:00 to 19:00.
    clock = unpaused("10 hours", at("2026-11-03 09:00"), office)
    rung = RungPlan(at=moment, to="assignee")
    assert rung.instant(clock, clock.due()) == at(instant)
    assert rung.is_escalation is escalation


@pytest.mark.parametrize(
    "moment", ["-10 hours", "-11 hours", "-1 day", "-1 working day", "-1 month", "-9 working hours"]
)
def test_a_rung_never_comes_before_the_event(moment: str, office: Calendar) -> None:
    clock = unpaused("10 hours", at("2026-11-03 09:00"), office)
    assert RungPlan(at=moment, to="assignee").instant(clock, clock.due()) == at("2026-11-03 09:00")


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        # Of Friday the 6th 14 hours count, and five whole days: 134 hours.
        ("80%", "2026-11-12 21:12"),
        ("50%", "2026-11-11 05:00"),
        ("100%", "2026-11-13 24:00"),
        ("-4 hours", "2026-11-13 20:00"),
        ("-1 working hour", "2026-11-13 16:30"),
        ("-1 day", "2026-11-12 24:00"),
        ("-5 days", "2026-11-08 24:00"),
        ("-1 working day", "2026-11-12 24:00"),
        ("-5 working days", "2026-11-06 24:00"),
        ("-6 working days", "2026-11-06 10:00"),
        ("+1 hour", "2026-11-14 01:00"),
        ("+1 working hour", "2026-11-16 09:30"),
        ("+1 day", "2026-11-14 24:00"),
        ("+1 working day", "2026-11-16 24:00"),
        ("+1 month", "2026-12-13 24:00"),
    ],
)
def test_a_rung_around_24_00_belongs_to_the_day_that_ends_then(moment: str, instant: str, office: Calendar) -> None:
    clock = unpaused("5 working days", at("2026-11-06 10:00"), office)
    assert clock.due() == at("2026-11-13 24:00")
    assert RungPlan(at=moment, to="assignee").instant(clock, clock.due()) == at(instant)


@pytest.mark.parametrize(
    ("budget", "event", "moment", "instant"),
    [
        ("1 working day", "2026-09-29 10:00", "+1 working day", "2026-10-08 24:00"),
        ("1 working day", "2026-09-29 10:00", "+3 working days", "2026-10-10 24:00"),
        ("1 working day", "2026-09-29 10:00", "+1 day", "2026-10-01 24:00"),
        ("3 working days", "2026-09-29 10:00", "-1 working day", "2026-10-08 24:00"),
        ("3 working days", "2026-09-29 10:00", "-2 working days", "2026-09-30 24:00"),
        ("2 working days", "2026-10-09 10:00", "-1 working day", "2026-10-10 24:00"),
        ("2 working days", "2026-09-29 10:00", "-8 working hours", "2026-09-30 17:00"),
        ("1 day", "2026-01-30 10:00", "+1 month", "2026-02-28 24:00"),
        ("1 month", "2026-02-28 10:00", "-1 month", "2026-02-28 24:00"),
        ("4 hours", "2026-10-03 10:00", "-1 working hour", "2026-10-03 10:00"),
        ("4 hours", "2026-10-03 10:00", "+1 working hour", "2026-10-08 09:30"),
    ],
)
def test_a_rung_knows_holidays_and_make_up_days(
    budget: str, event: str, moment: str, instant: str, office: Calendar
) -> None:
    clock = unpaused(budget, at(event), office)
    assert RungPlan(at=moment, to="assignee").instant(clock, clock.due()) == at(instant)


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        ("30%", "2026-11-03 12:00"),
        ("31%", "2026-11-03 14:06"),
        ("80%", "2026-11-03 19:00"),
        ("100%", "2026-11-03 21:00"),
        ("-4 hours", "2026-11-03 17:00"),
    ],
)
def test_a_pause_moves_the_rungs_that_come_after_it(moment: str, instant: str, office: Calendar) -> None:
    # Three hours of ten, two of pause, seven.
    event = at("2026-11-03 09:00")
    runs = [Run(event, at("2026-11-03 12:00")), Run(at("2026-11-03 14:00"))]
    clock = Clock(Budget(10, Unit.HOURS), DEFAULT_COUNTING, office, event, runs)
    assert RungPlan(at=moment, to="assignee").instant(clock, clock.due()) == at(instant)


@pytest.mark.parametrize("due", ["2026-03-29T00:00:00+01:00", "2026-03-28T23:00:00+00:00"])
def test_a_day_after_due_is_a_calendar_day_of_the_zone_however_due_is_written(due: str) -> None:
    week = (*[((time(8, 30), time(17, 30)),)] * 5, (), ())
    ends = datetime.fromisoformat(due)
    clock = unpaused("2 days", datetime.fromisoformat("2026-03-26T12:00:00+01:00"), Calendar(BERLIN, week))
    assert clock.due() == ends
    # The 29th has 23 hours in Berlin.
    later = RungPlan(at="+1 days", to="assignee").instant(clock, ends)
    assert later == datetime.fromisoformat("2026-03-30T00:00:00+02:00")
    hours_later = RungPlan(at="+24 hours", to="assignee").instant(clock, ends)
    assert hours_later == datetime.fromisoformat("2026-03-30T01:00:00+02:00")


@pytest.mark.parametrize(("to", "steps"), [("up 1", 1), ("up 9", 9), ("assignee", 0), ("cs_manager", 0)])
def test_a_rung_goes_to_a_role_to_the_assignee_or_up_the_line(to: str, steps: int) -> None:
    assert RungPlan(at="80%", to=to).steps_up == steps


def test_a_rung_that_hands_the_task_over_names_a_role() -> None:
    assert RungPlan(at="+1 day", to="cs_manager", hands_over=True).to is Role.CS_MANAGER
    for nobody in ("assignee", "up 1"):
        with pytest.raises(ValueError, match="a rung that hands the task over names the role that gets it"):
            RungPlan(at="+1 day", to=nobody, hands_over=True)
