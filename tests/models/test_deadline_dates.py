"""When times are due by the shipped calendar: dates worked out by hand from the yearly notices of the State Council.

2025: off 1 Jan, 28 Jan–4 Feb, 4–6 Apr, 1–5 May, 31 May–2 Jun, 1–8 Oct; worked Sun 26 Jan, Sat 8 Feb, Sun 27 Apr,
Sun 28 Sep, Sat 11 Oct. 2026: off 1–3 Jan, 15–23 Feb, 4–6 Apr, 1–5 May, 19–21 Jun, 25–27 Sep, 1–7 Oct; worked
Sun 4 Jan, Sat 14 Feb, Sat 28 Feb, Sat 9 May, Sun 20 Sep, Sat 10 Oct. Hours are 08:30–12:00 and 13:30–17:30, that is
seven and a half a day. 3 November 2026 is a Tuesday; nothing is off in that month but weekends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.calendars import load_calendar_file, read_calendar
from models.limits import read_budget
from models.rules.calendars import Calendar
from models.rules.deadlines import Clock, Counting, CountsFrom, LastDay, Run, counted

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHIPPED = Path(__file__).parents[2] / "policies" / "calendars.yaml"

PLAIN = Counting()
CUT_OFF = Counting(cut_off=time(16))
NEXT_DAY = Counting(counts_from=CountsFrom.NEXT_WORKING_DAY)
LAW = Counting(last_day=LastDay.NEXT_WORKING_DAY)
CUT_OFF_AND_NEXT_DAY = Counting(cut_off=time(16), counts_from=CountsFrom.NEXT_WORKING_DAY)
CUT_OFF_AND_LAW = Counting(cut_off=time(16), last_day=LastDay.NEXT_WORKING_DAY)
NEXT_DAY_AND_LAW = Counting(counts_from=CountsFrom.NEXT_WORKING_DAY, last_day=LastDay.NEXT_WORKING_DAY)

#: A line of responsibility: a dealer, its branch office, the company.
LINE = ("D-01", "B-01", "C-01")


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    return load_calendar_file(SHIPPED)["office"]


@pytest.fixture(scope="module")
def office(shipped: dict[str, Any]) -> Calendar:
    return read_calendar(shipped).for_line([])


def at(text: str) -> datetime:
    """`2026-11-03 09:00` in Shanghai; 24:00 is 00:00 of the next day."""
    day, _, clock = text.partition(" ")
    if clock == "24:00":
        return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def ledger(event: datetime, pauses: Sequence[tuple[str, str]]) -> list[Run]:
    """The times between pauses; the last one is open."""
    starts = [event, *(at(until) for _since, until in pauses)]
    stops = [*(at(since) for since, _until in pauses), None]
    return [Run(start, stop) for start, stop in zip(starts, stops, strict=True)]


def due(
    budget: str, counting: Counting, event: str, calendar: Calendar, pauses: Sequence[tuple[str, str]] = ()
) -> datetime:
    begun = at(event)
    return Clock(read_budget(budget), counting, calendar, begun, ledger(begun, pauses)).due()


# Each unit over weekends, National Day, Spring Festival and their make-up days

DATES: list[tuple[str, Counting, str, str, str]] = [
    # Hours run round the clock; only where they begin can depend on working days.
    ("4 hours", PLAIN, "2026-09-30 22:30", "2026-10-01 02:30", "hours run through the night into a holiday"),
    ("72 hours", PLAIN, "2026-09-30 12:00", "2026-10-03 12:00", "and through National Day"),
    ("8 hours", PLAIN, "2026-02-17 03:00", "2026-02-17 11:00", "and begin on the day of the New Year itself"),
    ("1 hour", PLAIN, "2026-11-03 23:59", "2026-11-04 00:59", "and pass midnight"),
    ("24 hours", PLAIN, "2026-11-07 00:00", "2026-11-08 00:00", "a Saturday has 24"),
    ("4 hours", CUT_OFF, "2026-09-30 15:59", "2026-09-30 19:59", "before the cut-off nothing changes"),
    ("4 hours", CUT_OFF, "2026-09-30 16:00", "2026-09-30 20:00", "16:00 sharp is not later than 16:00"),
    ("4 hours", CUT_OFF, "2026-09-30 16:00:01", "2026-10-08 12:30", "a second later it is one of the 8th, from 08:30"),
    ("4 hours", CUT_OFF, "2026-10-03 10:00", "2026-10-08 12:30", "so is one in the holiday week"),
    ("4 hours", CUT_OFF, "2026-11-04 00:30", "2026-11-04 12:30", "with a cut-off hours begin at the opening"),
    ("4 hours", CUT_OFF, "2026-11-03 16:30", "2026-11-04 12:30", "as do those of the evening before"),
    ("4 hours", CUT_OFF, "2026-11-03 12:30", "2026-11-03 16:30", "but not at lunch"),
    ("4 hours", PLAIN, "2026-11-04 00:30", "2026-11-04 04:30", "without one they do not wait"),
    ("4 hours", CUT_OFF, "2026-11-08 10:00", "2026-11-09 12:30", "and a Sunday's is one of the Monday"),
    ("4 hours", CUT_OFF, "2026-10-10 09:00", "2026-10-10 13:00", "but that Saturday is worked"),
    ("4 hours", CUT_OFF, "2026-10-09 17:00", "2026-10-10 12:30", "and is the working day after the Friday"),
    ("4 hours", NEXT_DAY, "2026-11-03 09:00", "2026-11-04 12:30", "from the opening of the Wednesday"),
    ("4 hours", NEXT_DAY, "2026-11-06 09:00", "2026-11-09 12:30", "from the opening of the Monday"),
    ("4 hours", CUT_OFF_AND_NEXT_DAY, "2026-11-05 17:00", "2026-11-09 12:30", "as of Friday, so from the Monday"),
    ("30 hours", NEXT_DAY, "2026-02-14 10:00", "2026-02-25 14:30", "24 Feb 08:30 is the next opening"),
    # Working hours stand at lunch, in the night and on days off.
    ("3 working hours", PLAIN, "2026-11-03 09:00", "2026-11-03 12:00", "used up when lunch begins, not when it ends"),
    ("4 working hours", PLAIN, "2026-11-03 09:00", "2026-11-03 14:30", "three before lunch, one after it"),
    ("1 working hour", PLAIN, "2026-11-03 12:30", "2026-11-03 14:30", "lunch counts nothing"),
    ("1 working hour", PLAIN, "2026-11-03 07:00", "2026-11-03 09:30", "the morning before the opening neither"),
    ("1 working hour", PLAIN, "2026-11-03 17:00", "2026-11-04 09:00", "half an hour each on two days"),
    ("1 working hour", PLAIN, "2026-11-03 17:30", "2026-11-04 09:30", "17:30 is closed"),
    ("1 working hour", PLAIN, "2026-11-03 16:30", "2026-11-03 17:30", "the last hour of the day"),
    ("8 working hours", PLAIN, "2026-11-03 08:30", "2026-11-04 09:00", "a day has seven and a half"),
    ("15 working hours", PLAIN, "2026-11-02 08:30", "2026-11-03 17:30", "two whole days end at the closing"),
    ("1 working hour", PLAIN, "2026-11-06 17:00", "2026-11-09 09:00", "over a weekend"),
    ("1 working hour", PLAIN, "2026-11-06 20:00", "2026-11-09 09:30", "a Friday evening counts nothing"),
    ("2 working hours", PLAIN, "2026-11-08 12:00", "2026-11-09 10:30", "nor does a Sunday"),
    ("4 working hours", PLAIN, "2026-09-30 16:00", "2026-10-08 11:00", "1.5 before National Day, 2.5 after it"),
    ("4 working hours", PLAIN, "2026-10-01 00:00", "2026-10-08 14:00", "all of it after National Day: 3.5 and 0.5"),
    ("10 working hours", PLAIN, "2026-10-09 16:00", "2026-10-12 09:30", "Fri 1.5, make-up Sat 7.5, Mon 1"),
    ("2 working hours", PLAIN, "2026-10-10 17:00", "2026-10-12 10:00", "make-up Sat 0.5, Mon 1.5"),
    ("2 working hours", PLAIN, "2026-09-20 11:00", "2026-09-20 14:30", "a make-up Sunday has the hours of a Monday"),
    ("20 working hours", PLAIN, "2026-02-12 13:30", "2026-02-24 09:30", "Thu 4, Fri 7.5, make-up Sat 7.5, 24 Feb 1"),
    ("9 working hours", PLAIN, "2025-02-07 16:30", "2025-02-10 09:00", "Fri 1, make-up Sat 7.5, Mon 0.5"),
    ("1 working hour", PLAIN, "2025-01-27 17:00", "2025-02-05 09:00", "over Spring Festival 2025"),
    ("2 working hours", CUT_OFF, "2026-11-03 16:30", "2026-11-04 10:30", "what is left of the Tuesday counts nothing"),
    ("2 working hours", CUT_OFF, "2026-11-03 16:00", "2026-11-04 09:00", "at the cut-off sharp 1.5 of it count"),
    ("2 working hours", NEXT_DAY, "2026-11-03 09:00", "2026-11-04 10:30", "the Tuesday counts nothing"),
    # Days are calendar days.
    ("2 days", PLAIN, "2026-09-30 10:00", "2026-10-02 24:00", "days run through a holiday"),
    ("2 days", PLAIN, "2026-09-30 23:59", "2026-10-02 24:00", "a report at 23:59 belongs to the 30th"),
    ("2 days", PLAIN, "2026-10-01 00:00", "2026-10-03 24:00", "one at 00:00 to the 1st"),
    ("2 days", PLAIN, "2026-09-30 24:00", "2026-10-03 24:00", "24:00 of the 30th is 00:00 of the 1st"),
    ("1 day", PLAIN, "2026-12-31 23:59", "2027-01-01 24:00", "over the end of the year"),
    ("2 days", PLAIN, "2028-02-27 10:00", "2028-02-29 24:00", "into a leap day"),
    ("1 day", PLAIN, "2028-02-29 10:00", "2028-03-01 24:00", "out of it"),
    ("180 days", PLAIN, "2026-03-01 10:00", "2026-08-28 24:00", "30+30+31+30+31 to the end of July, then 28"),
    ("2 days", LAW, "2026-09-30 10:00", "2026-10-08 24:00", "the last day, 2 Oct, is a holiday"),
    ("1 day", LAW, "2026-10-06 10:00", "2026-10-08 24:00", "7 Oct is the last day of the holiday"),
    ("2 days", LAW, "2026-10-06 10:00", "2026-10-08 24:00", "8 Oct is worked anyway"),
    ("3 days", LAW, "2026-11-03 10:00", "2026-11-06 24:00", "a Friday is kept"),
    ("4 days", LAW, "2026-11-03 10:00", "2026-11-09 24:00", "a Saturday moves to the Monday"),
    ("5 days", LAW, "2026-11-03 10:00", "2026-11-09 24:00", "so does a Sunday"),
    ("4 days", PLAIN, "2026-11-03 10:00", "2026-11-07 24:00", "by the company's own counting a Saturday is kept"),
    ("4 days", LAW, "2026-10-06 10:00", "2026-10-10 24:00", "a make-up Saturday is kept"),
    ("5 days", LAW, "2026-10-06 10:00", "2026-10-12 24:00", "the Sunday after it moves"),
    ("2 days", LAW, "2026-09-18 10:00", "2026-09-20 24:00", "a make-up Sunday is kept"),
    ("1 day", LAW, "2026-09-18 10:00", "2026-09-20 24:00", "the Saturday before it moves to the Sunday"),
    ("3 days", LAW, "2026-02-11 10:00", "2026-02-14 24:00", "the Saturday before Spring Festival is kept"),
    ("4 days", LAW, "2026-02-11 10:00", "2026-02-24 24:00", "the day after it moves behind the holiday"),
    ("30 days", LAW, "2026-09-01 10:00", "2026-10-08 24:00", "the 30th day is 1 Oct"),
    ("2 days", CUT_OFF, "2026-09-30 16:00", "2026-10-02 24:00", "at the cut-off the 30th is day 0"),
    ("2 days", CUT_OFF, "2026-09-30 16:01", "2026-10-10 24:00", "after it 8 Oct is"),
    ("2 days", CUT_OFF, "2026-10-03 10:00", "2026-10-10 24:00", "a report in the holiday week is one of the 8th"),
    ("2 days", CUT_OFF, "2026-10-03 23:00", "2026-10-10 24:00", "however late in the day"),
    ("2 days", CUT_OFF, "2026-11-07 10:00", "2026-11-11 24:00", "one of a Saturday is one of the Monday"),
    ("2 days", CUT_OFF, "2026-10-10 10:00", "2026-10-12 24:00", "one of a make-up Saturday is not"),
    ("2 days", NEXT_DAY, "2026-11-03 10:00", "2026-11-05 24:00", "Wed is the first day, Thu the second"),
    ("2 days", NEXT_DAY, "2026-11-06 10:00", "2026-11-10 24:00", "Mon is the first day, Tue the second"),
    ("2 days", NEXT_DAY, "2026-11-08 10:00", "2026-11-10 24:00", "so after a Sunday"),
    ("2 days", NEXT_DAY, "2026-09-30 10:00", "2026-10-09 24:00", "8 Oct is the first day"),
    ("2 days", CUT_OFF_AND_NEXT_DAY, "2026-11-05 17:00", "2026-11-10 24:00", "as of Fri, so Mon is the first day"),
    ("2 days", CUT_OFF_AND_NEXT_DAY, "2026-11-07 10:00", "2026-11-11 24:00", "as of Mon, so Tue is the first day"),
    ("1 day", NEXT_DAY_AND_LAW, "2026-10-09 10:00", "2026-10-10 24:00", "a make-up Saturday is the first day"),
    ("2 days", NEXT_DAY_AND_LAW, "2026-10-09 10:00", "2026-10-12 24:00", "the second, a Sunday, moves"),
    ("2 days", CUT_OFF_AND_LAW, "2026-11-05 17:00", "2026-11-09 24:00", "as of Fri the last day is a Sunday"),
    # Working days.
    ("1 working day", PLAIN, "2026-11-03 10:00", "2026-11-04 24:00", "Tuesday is day 0"),
    ("1 working day", PLAIN, "2026-11-03 23:59", "2026-11-04 24:00", "to its last minute"),
    ("1 working day", PLAIN, "2026-11-04 00:00", "2026-11-05 24:00", "and not longer"),
    ("1 working day", PLAIN, "2026-11-06 10:00", "2026-11-09 24:00", "over a weekend"),
    ("5 working days", PLAIN, "2026-11-06 10:00", "2026-11-13 24:00", "a week of them"),
    ("1 working day", PLAIN, "2026-11-07 10:00", "2026-11-09 24:00", "a Saturday is day 0 too; Monday is the first"),
    ("3 working days", PLAIN, "2026-09-30 10:00", "2026-10-10 24:00", "8, 9 and the make-up Sat 10 Oct"),
    ("4 working days", PLAIN, "2026-09-30 10:00", "2026-10-12 24:00", "then Mon 12"),
    ("1 working day", PLAIN, "2026-10-03 10:00", "2026-10-08 24:00", "from the midst of the holiday"),
    ("3 working days", PLAIN, "2026-10-08 23:59", "2026-10-12 24:00", "9, 10, 12"),
    ("3 working days", PLAIN, "2026-10-09 00:00", "2026-10-13 24:00", "10, 12, 13"),
    ("1 working day", PLAIN, "2026-10-10 10:00", "2026-10-12 24:00", "from a make-up Saturday"),
    ("1 working day", PLAIN, "2026-10-11 10:00", "2026-10-12 24:00", "from the Sunday after it"),
    ("2 working days", PLAIN, "2026-09-18 10:00", "2026-09-21 24:00", "make-up Sun 20, Mon 21"),
    ("5 working days", PLAIN, "2026-09-18 10:00", "2026-09-24 24:00", "20, 21, 22, 23, 24, right before Mid-Autumn"),
    ("6 working days", PLAIN, "2026-09-18 10:00", "2026-09-28 24:00", "25 to 27 are off"),
    ("3 working days", PLAIN, "2026-02-12 10:00", "2026-02-24 24:00", "Fri 13, make-up Sat 14, Tue 24"),
    ("7 working days", PLAIN, "2026-02-12 10:00", "2026-02-28 24:00", "13, 14, 24, 25, 26, 27, make-up Sat 28"),
    ("8 working days", PLAIN, "2026-02-12 10:00", "2026-03-02 24:00", "then Mon 2 Mar"),
    ("2 working days", PLAIN, "2025-01-24 10:00", "2025-01-27 24:00", "make-up Sun 26, Mon 27"),
    ("3 working days", PLAIN, "2025-01-24 10:00", "2025-02-05 24:00", "28 Jan to 4 Feb are off"),
    ("4 working days", PLAIN, "2025-02-04 10:00", "2025-02-08 24:00", "5, 6, 7, make-up Sat 8"),
    ("2 working days", PLAIN, "2025-09-26 10:00", "2025-09-29 24:00", "make-up Sun 28, Mon 29"),
    ("6 working days", PLAIN, "2025-09-26 10:00", "2025-10-11 24:00", "28, 29, 30 Sep, 9, 10, make-up Sat 11 Oct"),
    ("7 working days", PLAIN, "2025-09-26 10:00", "2025-10-13 24:00", "then Mon 13"),
    ("10 working days", PLAIN, "2025-04-22 10:00", "2025-05-08 24:00", "23, 24, 25, 27 to 30 Apr, 6, 7, 8 May"),
    ("2 working days", PLAIN, "2025-12-31 10:00", "2026-01-05 24:00", "make-up Sun 4 Jan, Mon 5"),
    ("4 working days", PLAIN, "2026-04-30 10:00", "2026-05-09 24:00", "6, 7, 8, make-up Sat 9 May"),
    ("1 working day", PLAIN, "2026-04-03 10:00", "2026-04-07 24:00", "over Qingming"),
    ("1 working day", PLAIN, "2026-06-18 10:00", "2026-06-22 24:00", "over Dragon Boat"),
    ("1 working day", PLAIN, "2025-05-30 10:00", "2025-06-03 24:00", "over Dragon Boat 2025"),
    ("1 working day", CUT_OFF, "2026-11-03 15:59", "2026-11-04 24:00", "before the cut-off"),
    ("1 working day", CUT_OFF, "2026-11-03 16:00", "2026-11-04 24:00", "at the cut-off"),
    ("1 working day", CUT_OFF, "2026-11-03 16:01", "2026-11-05 24:00", "after it Wednesday is day 0"),
    ("1 working day", CUT_OFF, "2026-11-07 10:00", "2026-11-10 24:00", "as of Monday, unlike without a cut-off"),
    ("1 working day", CUT_OFF, "2026-10-10 10:00", "2026-10-12 24:00", "the make-up Saturday is day 0"),
    ("1 working day", CUT_OFF, "2026-10-10 17:00", "2026-10-13 24:00", "after its cut-off Monday is"),
    ("1 working day", NEXT_DAY, "2026-11-03 10:00", "2026-11-04 24:00", "the first counted day is the only one"),
    ("1 working day", NEXT_DAY, "2026-11-07 10:00", "2026-11-09 24:00", "so after a Saturday"),
    ("3 working days", NEXT_DAY, "2026-09-30 10:00", "2026-10-10 24:00", "8, 9, make-up Sat 10"),
    ("1 working day", CUT_OFF_AND_NEXT_DAY, "2026-11-03 17:00", "2026-11-05 24:00", "as of Wed, so Thu is the first"),
    ("1 working day", LAW, "2026-11-06 10:00", "2026-11-09 24:00", "a working day is never a rest day"),
    # Months end on the same day of the month.
    ("1 month", PLAIN, "2026-01-31 10:00", "2026-02-28 24:00", "February has no 31st"),
    ("1 month", PLAIN, "2028-01-31 10:00", "2028-02-29 24:00", "in a leap year it has a 29th"),
    ("1 month", PLAIN, "2026-02-28 10:00", "2026-03-28 24:00", "the end of February is not that of March"),
    ("1 month", PLAIN, "2026-03-31 23:59", "2026-04-30 24:00", "to the last minute of March"),
    ("1 month", PLAIN, "2026-04-01 00:00", "2026-05-01 24:00", "and April begins"),
    ("1 month", PLAIN, "2026-12-31 10:00", "2027-01-31 24:00", "over the end of the year"),
    ("3 months", PLAIN, "2026-11-30 10:00", "2027-02-28 24:00", "February 2027 has no 30th"),
    ("6 months", PLAIN, "2026-03-15 10:00", "2026-09-15 24:00", "half a year: the day itself is inside"),
    ("6 months", PLAIN, "2026-08-31 10:00", "2027-02-28 24:00", "half a year from the end of August"),
    ("6 months", PLAIN, "2027-08-31 10:00", "2028-02-29 24:00", "and in a leap year"),
    ("12 months", PLAIN, "2028-02-29 10:00", "2029-02-28 24:00", "a year from a leap day"),
    ("48 months", PLAIN, "2028-02-29 10:00", "2032-02-29 24:00", "four years from a leap day"),
    ("1 month", LAW, "2026-09-01 10:00", "2026-10-08 24:00", "1 Oct moves behind National Day"),
    ("1 month", LAW, "2026-01-15 10:00", "2026-02-24 24:00", "15 Feb moves behind Spring Festival"),
    ("1 month", LAW, "2026-01-31 10:00", "2026-02-28 24:00", "28 Feb is a make-up Saturday and kept"),
    ("6 months", LAW, "2026-05-08 10:00", "2026-11-09 24:00", "8 Nov is a Sunday"),
    ("6 months", PLAIN, "2026-05-08 10:00", "2026-11-08 24:00", "kept by the company's own counting"),
    ("1 month", CUT_OFF, "2026-01-30 17:00", "2026-03-02 24:00", "as of Mon 2 Feb"),
    ("1 month", NEXT_DAY, "2026-07-31 10:00", "2026-09-02 24:00", "the month from Mon 3 Aug on"),
]


@pytest.mark.parametrize(("budget", "counting", "event", "ends", "_why"), DATES)
def test_time_is_used_up(budget: str, counting: Counting, event: str, ends: str, _why: str, office: Calendar) -> None:
    assert due(budget, counting, event, office) == at(ends)


# Pauses

PAUSED: list[tuple[str, Counting, str, list[tuple[str, str]], str, str]] = [
    ("4 hours", PLAIN, "2026-11-03 10:00", [("2026-11-03 11:00", "2026-11-03 13:00")], "2026-11-03 16:00",
     "two hours of pause, two hours later"),
    ("4 hours", PLAIN, "2026-11-03 10:00", [("2026-11-03 10:00", "2026-11-03 12:00")], "2026-11-03 16:00",
     "stopped in the instant it began"),
    ("4 hours", PLAIN, "2026-11-06 16:00", [("2026-11-06 18:00", "2026-11-09 08:00")], "2026-11-09 10:00",
     "a pause over a weekend counts whole for hours"),
    ("12 hours", PLAIN, "2026-11-03 08:00",
     [("2026-11-03 09:00", "2026-11-03 10:00"), ("2026-11-03 12:00", "2026-11-03 12:30"),
      ("2026-11-03 19:00", "2026-11-03 21:00")], "2026-11-03 23:30", "three pauses of 1, 0.5 and 2 hours"),
    ("4 hours", PLAIN, "2026-11-03 10:00", [("2026-11-03 11:00", "2026-11-03 11:00")], "2026-11-03 14:00",
     "a pause of no length"),
    ("4 hours", PLAIN, "2026-11-03 10:00", [("2026-11-03 14:00", "2026-11-03 16:00")], "2026-11-03 14:00",
     "what stops when the time is used up changes nothing"),
    ("4 hours", PLAIN, "2026-11-03 10:00", [("2026-11-03 13:59", "2026-11-03 16:00")], "2026-11-03 16:01",
     "a minute before that it does"),
    ("4 hours", CUT_OFF, "2026-11-07 10:00", [("2026-11-07 12:00", "2026-11-09 08:30")], "2026-11-09 12:30",
     "counting begins on Mon 08:30; what stood before does not count"),
    ("4 hours", CUT_OFF, "2026-11-07 10:00", [("2026-11-07 12:00", "2026-11-09 10:00")], "2026-11-09 14:00",
     "of this pause 1.5 hours"),
    # Working hours
    ("4 working hours", PLAIN, "2026-11-03 09:00", [("2026-11-03 12:00", "2026-11-03 13:30")], "2026-11-03 14:30",
     "a pause over lunch counts nothing"),
    ("4 working hours", PLAIN, "2026-11-03 09:00", [("2026-11-03 11:00", "2026-11-03 14:00")], "2026-11-03 16:00",
     "an hour before lunch and half an hour after it"),
    ("4 working hours", PLAIN, "2026-11-03 15:00", [("2026-11-03 17:30", "2026-11-04 08:30")], "2026-11-04 10:00",
     "nor does one over the night"),
    ("4 working hours", PLAIN, "2026-11-03 15:00", [("2026-11-03 17:00", "2026-11-04 09:00")], "2026-11-04 11:00",
     "half an hour each of two days"),
    ("4 working hours", PLAIN, "2026-11-06 16:00", [("2026-11-06 20:00", "2026-11-09 07:00")], "2026-11-09 11:00",
     "over a weekend nothing"),
    ("4 working hours", PLAIN, "2026-09-30 16:00", [("2026-09-30 17:00", "2026-10-08 09:30")], "2026-10-08 14:00",
     "over National Day 0.5 and 1; from 11:00 one to lunch, half after it"),
    ("2 working hours", PLAIN, "2026-10-09 17:00", [("2026-10-10 08:00", "2026-10-10 24:00")], "2026-10-12 10:00",
     "the make-up Saturday is left out: Fri 0.5, Mon 1.5"),
    # Working days: whole days count
    ("5 working days", PLAIN, "2026-11-06 10:00", [("2026-11-07 00:00", "2026-11-09 00:00")], "2026-11-13 24:00",
     "a weekend counts nothing"),
    ("5 working days", PLAIN, "2026-11-06 10:00", [("2026-11-06 18:00", "2026-11-09 06:00")], "2026-11-16 12:00",
     "six hours each of Friday and Monday, then over the weekend"),
    ("1 working day", PLAIN, "2026-11-03 10:00", [("2026-11-04 09:00", "2026-11-05 09:00")], "2026-11-05 24:00",
     "24 hours are a working day"),
    ("3 working days", PLAIN, "2026-09-30 10:00", [("2026-09-30 24:00", "2026-10-08 00:00")], "2026-10-10 24:00",
     "National Day counts nothing"),
    ("3 working days", PLAIN, "2026-09-30 10:00", [("2026-10-01 12:00", "2026-10-09 00:00")], "2026-10-12 24:00",
     "of this pause the 8th"),
    ("1 working day", PLAIN, "2026-10-09 10:00", [("2026-10-10 08:00", "2026-10-10 16:00")], "2026-10-12 08:00",
     "eight hours of a make-up Saturday, given back on Monday"),
    ("1 working day", PLAIN, "2026-11-03 10:00", [("2026-11-03 12:00", "2026-11-03 15:00")], "2026-11-05 03:00",
     "three hours of the event's own day"),
    ("2 working days", PLAIN, "2026-11-05 10:00",
     [("2026-11-05 20:00", "2026-11-06 02:00"), ("2026-11-07 10:00", "2026-11-08 10:00"),
      ("2026-11-09 00:00", "2026-11-09 06:00")], "2026-11-10 12:00", "six hours, a Saturday for nothing, six hours"),
    ("1 working day", CUT_OFF, "2026-11-03 17:00", [("2026-11-03 18:00", "2026-11-04 06:00")], "2026-11-06 06:00",
     "counting begins at 00:00 of the 4th; six hours of the pause count"),
    # Days and months: all time counts
    ("2 days", PLAIN, "2026-11-03 10:00", [("2026-11-03 11:00", "2026-11-03 12:00")], "2026-11-06 01:00",
     "an hour of the event's own day"),
    ("2 days", PLAIN, "2026-11-03 10:00", [("2026-11-04 10:00", "2026-11-04 14:00")], "2026-11-06 04:00",
     "four hours of the first day"),
    ("2 days", PLAIN, "2026-11-05 10:00", [("2026-11-07 00:00", "2026-11-09 00:00")], "2026-11-09 24:00",
     "a pause over a weekend counts whole for days"),
    ("2 days", PLAIN, "2026-09-30 10:00", [("2026-10-01 00:00", "2026-10-08 00:00")], "2026-10-09 24:00",
     "so does one over National Day"),
    ("2 days", LAW, "2026-09-30 10:00", [("2026-10-01 00:00", "2026-10-02 00:00")], "2026-10-09 24:00",
     "unpaused it is 8 Oct, and a day more"),
    ("3 days", LAW, "2026-11-03 10:00", [("2026-11-04 00:00", "2026-11-05 00:00")], "2026-11-07 24:00",
     "a pause moves Friday to Saturday and no further"),
    ("2 days", NEXT_DAY, "2026-11-06 10:00", [("2026-11-07 00:00", "2026-11-08 00:00")], "2026-11-10 24:00",
     "a pause before the first counted day"),
    ("1 month", PLAIN, "2026-01-31 10:00", [("2026-02-10 00:00", "2026-02-20 00:00")], "2026-03-10 24:00",
     "ten days from 28 Feb"),
    ("6 months", PLAIN, "2026-03-15 10:00", [("2026-04-01 12:00", "2026-04-01 18:00")], "2026-09-16 06:00",
     "six hours in half a year"),
]  # fmt: skip


@pytest.mark.parametrize(("budget", "counting", "event", "pauses", "ends", "_why"), PAUSED)
def test_a_pause_moves_due_by_what_would_have_counted_in_it(
    budget: str, counting: Counting, event: str, pauses: list[tuple[str, str]], ends: str, _why: str, office: Calendar
) -> None:
    assert due(budget, counting, event, office, pauses) == at(ends)


@pytest.mark.parametrize(
    ("budget", "event", "stopped", "ends"),
    [
        ("4 hours", "2026-11-03 10:00", "2026-11-03 11:00", "2026-11-03 14:00"),
        ("4 working hours", "2026-11-06 16:00", "2026-11-06 17:30", "2026-11-09 11:00"),
        ("1 working day", "2026-11-06 10:00", "2026-11-06 18:00", "2026-11-09 24:00"),
        ("2 days", "2026-11-03 10:00", "2026-11-03 18:00", "2026-11-05 24:00"),
    ],
)
def test_a_clock_that_stands_is_due_as_if_it_went_on_where_it_stopped(
    budget: str, event: str, stopped: str, ends: str, office: Calendar
) -> None:
    standing = Clock(read_budget(budget), PLAIN, office, at(event), [Run(at(event), at(stopped))])
    assert standing.due() == at(ends)


@pytest.mark.parametrize(
    ("budget", "start", "end", "time_counted"),
    [
        ("1 hour", "2026-09-30 12:00", "2026-10-08 12:00", timedelta(days=8)),
        ("1 day", "2026-09-30 12:00", "2026-10-08 12:00", timedelta(days=8)),
        ("1 month", "2026-09-30 12:00", "2026-10-08 12:00", timedelta(days=8)),
        ("1 working day", "2026-09-30 12:00", "2026-10-08 12:00", timedelta(hours=24)),
        ("1 working day", "2026-10-09 00:00", "2026-10-12 00:00", timedelta(hours=48)),
        ("1 working day", "2026-10-01 00:00", "2026-10-07 24:00", timedelta()),
        ("1 working hour", "2026-09-30 12:00", "2026-10-08 12:00", timedelta(hours=7, minutes=30)),
        ("1 working hour", "2026-10-09 09:00", "2026-10-12 09:00", timedelta(hours=15)),
        ("1 working hour", "2026-11-03 17:30", "2026-11-04 08:30", timedelta()),
        ("1 working hour", "2026-11-03 10:00", "2026-11-03 10:00", timedelta()),
        ("1 hour", "2026-11-03 10:00", "2026-11-03 09:00", timedelta()),
    ],
)
def test_between_two_instants_so_much_counts(
    budget: str, start: str, end: str, time_counted: timedelta, office: Calendar
) -> None:
    assert counted(read_budget(budget).unit, office, at(start), at(end)) == time_counted


# The days of the company and of single parties


def closed(first: str, last: str = "") -> dict[str, Any]:
    """A change as the file has it."""
    return {"first": first, "last": last or first, "working": False, "name": "closed"}


def worked(first: str, last: str = "") -> dict[str, Any]:
    return closed(first, last) | {"working": True, "name": "worked"}


STOCKTAKING = {"changes": [closed("2026-11-04")]}
SUNDAY = {"changes": [worked("2026-11-08")]}
TYPHOON = {"parties": {"B-01": [closed("2026-09-21", "2026-09-22")]}}

CLOSED: list[tuple[dict[str, Any], Sequence[str], str, Counting, str, str, str]] = [
    (STOCKTAKING, (), "1 working day", PLAIN, "2026-11-03 10:00", "2026-11-05 24:00", "nobody works on the 4th"),
    (STOCKTAKING, LINE, "1 working day", PLAIN, "2026-11-03 10:00", "2026-11-05 24:00", "nor does a party"),
    (STOCKTAKING, (), "1 working hour", PLAIN, "2026-11-03 17:00", "2026-11-05 09:00", "the 4th has no hours"),
    (STOCKTAKING, (), "1 hour", PLAIN, "2026-11-04 10:00", "2026-11-04 11:00", "hours run through it"),
    (STOCKTAKING, (), "1 day", PLAIN, "2026-11-03 10:00", "2026-11-04 24:00", "so do days"),
    (STOCKTAKING, (), "1 day", LAW, "2026-11-03 10:00", "2026-11-04 24:00", "the law knows no closures of companies"),
    (STOCKTAKING, (), "1 day", CUT_OFF, "2026-11-04 10:00", "2026-11-06 24:00", "a report on it is one of the 5th"),
    (STOCKTAKING, (), "1 day", CUT_OFF, "2026-11-03 17:00", "2026-11-06 24:00", "and so is one of the evening before"),
    (STOCKTAKING, (), "1 day", NEXT_DAY, "2026-11-03 10:00", "2026-11-05 24:00", "the 5th is the first day counted"),
    ({"changes": [closed("2026-11-07", "2026-11-08")]}, (), "1 working day", PLAIN, "2026-11-06 10:00",
     "2026-11-09 24:00", "a weekend that is closed is not closed twice"),
    ({"changes": [closed("2026-10-10")]}, (), "3 working days", PLAIN, "2026-09-30 10:00", "2026-10-12 24:00",
     "the company closes on a make-up Saturday"),
    ({"changes": [closed("2026-09-24", "2026-09-27")]}, (), "3 days", LAW, "2026-09-23 10:00", "2026-09-28 24:00",
     "26 Sep is Mid-Autumn, whether the company closes besides or not"),
    ({"changes": [closed("2026-11-05", "2026-11-08")]}, (), "4 days", LAW, "2026-11-03 10:00", "2026-11-09 24:00",
     "a Saturday is a rest day, whether the company closes besides or not"),
    ({"changes": [closed("2026-11-09", "2026-11-10")]}, (), "4 days", LAW, "2026-11-03 10:00", "2026-11-09 24:00",
     "the day after the rest, though the company is closed on it"),
    ({"changes": [closed("2026-11-09", "2026-11-10")]}, (), "6 days", LAW, "2026-11-03 10:00", "2026-11-09 24:00",
     "which is no rest day of the law itself"),
    ({"changes": [closed("2026-10-08")]}, (), "2 days", LAW, "2026-09-30 10:00", "2026-10-08 24:00",
     "so after National Day"),
    ({"changes": [closed("2026-11-04") | {"statutory": True}]}, (), "1 day", LAW, "2026-11-03 10:00",
     "2026-11-05 24:00", "a holiday that was entered by hand is one of the law"),
    (SUNDAY, (), "1 working day", PLAIN, "2026-11-06 10:00", "2026-11-08 24:00", "the company works on that Sunday"),
    (SUNDAY, (), "2 working hours", PLAIN, "2026-11-06 17:00", "2026-11-08 10:00", "in the hours of a Monday"),
    (SUNDAY, (), "1 day", CUT_OFF, "2026-11-08 10:00", "2026-11-09 24:00", "a report on it is one of its own day"),
    (SUNDAY, (), "5 days", LAW, "2026-11-03 10:00", "2026-11-08 24:00", "worked, it is no rest day"),
    (SUNDAY, (), "4 days", LAW, "2026-11-03 10:00", "2026-11-08 24:00", "the Saturday before moves to it"),
    ({"changes": [worked("2026-10-07")]}, (), "1 working day", PLAIN, "2026-09-30 10:00", "2026-10-07 24:00",
     "the company works on a day of National Day"),
    (TYPHOON, LINE, "1 working day", PLAIN, "2026-09-20 10:00", "2026-09-23 24:00", "B-01's region is closed"),
    (TYPHOON, ("B-01", "C-01"), "1 working day", PLAIN, "2026-09-20 10:00", "2026-09-23 24:00", "so is B-01 itself"),
    (TYPHOON, ("C-01",), "1 working day", PLAIN, "2026-09-20 10:00", "2026-09-21 24:00", "the company is not"),
    (TYPHOON, ("D-09", "B-02", "C-01"), "1 working day", PLAIN, "2026-09-20 10:00", "2026-09-21 24:00",
     "nor is another region"),
    (TYPHOON, (), "1 working day", PLAIN, "2026-09-20 10:00", "2026-09-21 24:00", "nor is nobody's calendar"),
    ({"parties": {"B-01": [closed("2026-11-04", "2026-11-06")], "D-01": [worked("2026-11-05")]}}, LINE,
     "1 working day", PLAIN, "2026-11-03 10:00", "2026-11-05 24:00", "the dealer works while its region is closed"),
    ({"parties": {"D-01": [worked("2026-11-05")], "B-01": [closed("2026-11-04", "2026-11-06")]}},
     ("D-02", "B-01"), "1 working day", PLAIN, "2026-11-03 10:00", "2026-11-09 24:00", "its neighbour does not"),
    ({"parties": {"D-01": [closed("2026-11-08", "2026-11-09")], "B-01": [worked("2026-11-08")]}}, LINE,
     "1 working day", PLAIN, "2026-11-06 10:00", "2026-11-10 24:00", "the dealer is closed while its region works"),
    ({"changes": [closed("2026-11-04")], "parties": {"B-01": [worked("2026-11-04")]}}, LINE,
     "1 working day", PLAIN, "2026-11-03 10:00", "2026-11-04 24:00", "the region works while the company is closed"),
    ({"changes": [worked("2026-11-08")], "parties": {"C-01": [closed("2026-11-08")]}}, LINE,
     "1 working day", PLAIN, "2026-11-06 10:00", "2026-11-09 24:00", "the company as a party wins over the calendar"),
    ({"changes": [closed("2026-11-04", "2026-11-06"), worked("2026-11-05")]}, (), "1 working day", PLAIN,
     "2026-11-03 10:00", "2026-11-05 24:00", "what is said later of a day holds"),
]  # fmt: skip


@pytest.mark.parametrize(("days", "line", "budget", "counting", "event", "ends", "_why"), CLOSED)
def test_days_of_the_company_and_of_parties_count(
    days: Mapping[str, Any],
    line: Sequence[str],
    budget: str,
    counting: Counting,
    event: str,
    ends: str,
    _why: str,
    shipped: dict[str, Any],
) -> None:
    calendar = read_calendar({**shipped, **days}).for_line(line)
    assert due(budget, counting, event, calendar) == at(ends)


@pytest.mark.parametrize(
    ("budget", "pause", "ends"),
    [
        ("1 working day", ("2026-11-04 00:00", "2026-11-04 24:00"), "2026-11-05 24:00"),
        ("1 working day", ("2026-11-04 12:00", "2026-11-05 12:00"), "2026-11-06 12:00"),
        ("8 working hours", ("2026-11-03 17:30", "2026-11-05 08:30"), "2026-11-05 10:30"),
        ("8 working hours", ("2026-11-03 17:00", "2026-11-05 09:00"), "2026-11-05 11:30"),
        ("2 days", ("2026-11-04 00:00", "2026-11-04 24:00"), "2026-11-06 24:00"),
    ],
)
def test_a_pause_on_a_closed_day_counts_for_days_and_not_for_working_time(
    budget: str, pause: tuple[str, str], ends: str, shipped: dict[str, Any]
) -> None:
    # Eight working hours from Tue 10:00 are six of that day and two of Thu.
    calendar = read_calendar({**shipped, **STOCKTAKING}).for_line([])
    assert due(budget, PLAIN, "2026-11-03 10:00", calendar, [pause]) == at(ends)
