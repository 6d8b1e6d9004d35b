"""Calendars of a company, read from a file of `policies/`, with statutory holidays and make-up days from a library."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from models.data_files import Strict, as_ours, read_data_file
from models.errors import InvalidInput
from models.language import N_, _
from models.rules.calendars import Calendar, Day, DayKind, NeverWorked, Shift

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: How far statutory holidays are resolved, as long as most budgets reach; and the last year anybody may name.
_FIRST_YEAR, _LAST_YEAR, _FARTHEST_YEAR = 2020, 2040, 2100
_LONGEST_CLOSURE = 366
_ONE_DAY, _SATURDAY = timedelta(days=1), 5
#: How the library calls a day off that is swapped for a worked one, and what is said where no festival is near.
_SWAPPED, _DAY_OFF = "休息日", "休息日 / day off"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Country = Literal["", "CN"]


def is_zone(name: str) -> str:
    """The name of a time zone; raises ValueError with what would be right."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write for example 'Asia/Shanghai'") from None


def clock_time(text: str) -> time:
    """`08:30`, up to `24:00`; raises ValueError with what would be right."""
    if text == "24:00":
        return time.max
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is not a time of day; write for example '08:30'")
    return time.fromisoformat(text)


def read_shift(text: str) -> Shift:
    """`08:30-12:00` as its beginning and end; raises ValueError."""
    begins, dash, ends = text.partition("-")
    if not dash or clock_time(begins) >= clock_time(ends):
        raise ValueError(f"{text!r} is not a time from and to; write for example '08:30-12:00'")
    return clock_time(begins), clock_time(ends)


def _shifts_in_order(texts: tuple[str, ...]) -> tuple[str, ...]:
    shifts = [read_shift(text) for text in texts]
    if any(earlier[1] > later[0] for earlier, later in pairwise(shifts)):
        raise ValueError("working hours of a day follow each other and do not overlap")
    return texts


def _text_of_day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


Shifts = Annotated[tuple[str, ...], AfterValidator(_shifts_in_order)]
CalendarDate = Annotated[
    date, BeforeValidator(_text_of_day), Field(ge=date(2000, 1, 1), le=date(_FARTHEST_YEAR, 12, 31))
]


class Change(Strict):
    """Days that differ from the week and the statutory holidays, from `first` to `last`, both included."""

    first: CalendarDate
    last: CalendarDate
    working: bool
    #: From the yearly notice (放假通知): a statutory holiday or a make-up day, not the company's own doing.
    statutory: bool = False
    name: Annotated[str, Field(min_length=1, max_length=80)]

    @model_validator(mode="before")
    @classmethod
    def one_day(cls, value: Any) -> Any:
        """`day` names a single day."""
        if not isinstance(value, dict) or "day" not in value:
            return value
        if "first" in value or "last" in value:
            raise ValueError("write either 'day', or 'first' and 'last'")
        rest = {name: of for name, of in value.items() if name != "day"}
        return rest | {"first": value["day"], "last": value["day"]}

    @model_validator(mode="after")
    def forward(self) -> Self:
        """A change ends after it begins, within a year."""
        if not 0 <= (self.last - self.first).days <= _LONGEST_CLOSURE:
            raise ValueError("'last' is the same day as 'first' or later, at most a year")
        return self

    def days(self) -> dict[date, Day]:
        """Each day of the change."""
        kinds = (DayKind.HOLIDAY, DayKind.MAKE_UP) if self.statutory else (DayKind.CLOSURE, DayKind.EXTRA)
        day = Day(kinds[self.working], self.name)
        return {self.first + timedelta(days=number): day for number in range((self.last - self.first).days + 1)}


class StatutoryDay(Strict):
    """A holiday, or a make-up working day (调休上班), named in both languages."""

    kind: Literal[DayKind.HOLIDAY, DayKind.MAKE_UP]
    name: str


class CompanyCalendar(Strict):
    """One calendar: its week, whose holidays it keeps, the company's own days and those of single parties.

    `statutory` and `known_years` are filled from the library when the calendar is recorded, so that a deadline
    counts alike on every machine and can be explained years later.
    """

    title: Annotated[str, Field(min_length=1, max_length=80)]
    zone: Annotated[str, AfterValidator(is_zone)]
    country: Country = ""
    hours: dict[str, Shifts]
    #: What the company itself changes: stocktaking, a Saturday that is worked.
    changes: tuple[Change, ...] = ()
    #: Changes of a party (by its number) and of every party below it: a region's closure.
    parties: dict[str, tuple[Change, ...]] = Field(default_factory=dict)
    #: Years whose notice the company has entered under `changes` before the library knew it.
    confirmed_years: tuple[int, ...] = ()
    statutory: dict[date, StatutoryDay] = Field(default_factory=dict)
    known_years: tuple[int, ...] = ()

    @model_validator(mode="after")
    def somebody_works(self) -> Self:
        """Hours are given for weekdays by their names, for one at least."""
        if wrong := sorted(set(self.hours) - set(WEEKDAYS)):
            raise ValueError(f"{wrong[0]!r} is no weekday; write monday to sunday")
        if not any(self.hours.values()):
            raise ValueError("no weekday has working hours; write for example monday: ['08:30-12:00', '13:30-17:30']")
        return self

    def for_line(self, line: Sequence[str]) -> Calendar:
        """The calendar of a party, given the numbers of the party and of its superiors, nearest first."""
        statutory = {on: Day(one.kind, one.name) for on, one in self.statutory.items()}
        week = tuple(tuple(map(read_shift, self.hours.get(weekday, ()))) for weekday in WEEKDAYS)
        known_years = frozenset([*self.known_years, *self.confirmed_years])
        without = Calendar(ZoneInfo(self.zone), week, statutory, known_years)
        days = dict(statutory)
        own = [self.changes, *(self.parties.get(code, ()) for code in reversed(line))]
        for change in (change for changes in own for change in changes):
            for on, day in change.days().items():
                before = without.day(on)
                # Closing on a Saturday, or working on a Monday, leaves the day what it is by the week and the law.
                days[on] = before if before.is_worked == change.working and not change.statutory else day
        return Calendar(ZoneInfo(self.zone), week, days, known_years)


class CalendarFile(Strict):
    """The calendars of one company, by the names that policies use."""

    calendars: Annotated[dict[Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")], CompanyCalendar], Field(min_length=1)]


def read_calendar(content: Mapping[str, Any]) -> CompanyCalendar:
    """A checked calendar from data; raises InvalidInput that names each wrong value by its place."""
    try:
        return CompanyCalendar.model_validate(content)
    except ValidationError as error:
        raise as_ours(error, "calendar") from None


def load_calendar_file(path: Path) -> dict[str, dict[str, Any]]:
    """The calendars of a file as they are kept, holidays resolved; raises InvalidInput naming file, line and place."""
    file = read_data_file(path, _(N_("these are not calendars: a mapping of names to calendars is expected")))
    try:
        read = CalendarFile.model_validate(file.content)
    except ValidationError as error:
        raise file.faults(error) from None
    wrong = {
        file.at("calendars", name, place): _(N_("This is filled in by the program; leave it out."))
        for name, one in read.calendars.items()
        for place in ("statutory", "known_years")
        if getattr(one, place)
    }
    if wrong:
        raise InvalidInput(wrong)
    found = {name: resolved(one) for name, one in sorted(read.calendars.items())}
    if idle := {file.at("calendars", name): place for name, one in found.items() if (place := _idle(one))}:
        raise InvalidInput(
            {
                name: _(N_("In {place} nobody works for ten years; check the changes."), place=of)
                for name, of in idle.items()
            }
        )
    return {name: one.model_dump(mode="json") for name, one in found.items()}


def _idle(calendar: CompanyCalendar) -> str:
    """Where, and from which year on, no day is worked for ten years; empty if people work everywhere."""
    for code in ("", *calendar.parties):
        line = calendar.for_line([code] if code else [])
        for year in range(_FIRST_YEAR, _FARTHEST_YEAR):
            try:
                line.working_day_after(date(year, 1, 1))
            except NeverWorked:
                return f"{code or 'changes'} {year}"
    return ""


def resolved(calendar: CompanyCalendar) -> CompanyCalendar:
    """The calendar with the statutory days that the library knows now."""
    if not calendar.country:
        # Without a country there are no statutory holidays that could be unknown.
        return calendar.model_copy(update={"known_years": tuple(range(_FIRST_YEAR, _FARTHEST_YEAR + 1))})
    return calendar.model_copy(
        update={"statutory": statutory_days(calendar.country), "known_years": published_years(calendar.country)}
    )


@cache
def statutory_days(country: Country) -> dict[date, StatutoryDay]:
    """Holidays and make-up working days. In years not yet published: the dates fixed by law, without make-up days."""
    from holidays import country_holidays

    years = range(_FIRST_YEAR, _LAST_YEAR + 1)
    chinese, english = (country_holidays(country, years=years, language=one) for one in ("zh_CN", "en_US"))
    worked = {on for on in chinese.weekend_workdays if on.year in years}
    days = {on: StatutoryDay(kind=DayKind.MAKE_UP, name="调休上班 / make-up working day") for on in worked}
    for period in _periods(set(chinese), worked):
        # A day that was swapped, or a weekend within, belongs to the festival before it, else to the one after.
        festivals = {
            on: f"{chinese[on]} / {english[on]}" for on in period if on in chinese and _SWAPPED not in chinese[on]
        }
        name = next(iter(festivals.values()), _DAY_OFF)
        for on in period:
            name = festivals.get(on, name)
            days[on] = StatutoryDay(kind=DayKind.HOLIDAY, name=name)
    return dict(sorted(days.items()))


def _periods(holidays: set[date], worked: set[date]) -> Iterator[list[date]]:
    """Holidays with the weekends that touch them, day by day without a gap, as the yearly notice names them."""

    def is_off(on: date) -> bool:
        return on in holidays or (on.weekday() >= _SATURDAY and on not in worked)

    done: set[date] = set()
    for holiday in sorted(holidays):
        if holiday in done:
            continue
        first = last = holiday
        while is_off(first - _ONE_DAY):
            first -= _ONE_DAY
        while is_off(last + _ONE_DAY):
            last += _ONE_DAY
        period = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        done.update(period)
        yield period


@cache
def published_years(country: Country) -> tuple[int, ...]:
    """The years whose yearly notice (国务院办公厅通知) the library has; its other years are the law's dates alone."""
    from holidays import country_holidays

    found = country_holidays(country, years=_FIRST_YEAR)
    return tuple(sorted(year for year in found.special_public_holidays if year >= _FIRST_YEAR))


def newly_published(calendar: CompanyCalendar) -> list[int]:
    """Years that the library has come to know since the calendar was recorded."""
    if not calendar.country:
        return []
    return sorted(set(published_years(calendar.country)) - set(calendar.known_years))


def years_not_published(calendar: CompanyCalendar, at: datetime, ahead: timedelta = timedelta(days=60)) -> list[int]:
    """Years within reach of `at` whose holidays and make-up days nobody knows yet."""
    known = {*calendar.known_years, *calendar.confirmed_years}
    zone = ZoneInfo(calendar.zone)
    near = {at.astimezone(zone).year, (at.astimezone(UTC) + ahead).astimezone(zone).year}
    return sorted(near - known)
