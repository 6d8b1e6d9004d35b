"""Calendar files: what they may say, and everything that they must not, named with file, line and place."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import CALENDARS
from shanghai import at, days_from
from wrong_files import faults_of, without_line

from models.calendars import load_calendar_file, read_calendar
from models.errors import InvalidInput
from models.rules.calendars import Day, DayKind

pytestmark = pytest.mark.usefixtures("english")

#: What is wrong with a calendar file of this content: `faults_of_file(folder, text)`.
faults_of_file = partial(faults_of, load_calendar_file)


@pytest.fixture
def content() -> dict[str, Any]:
    """The shipped calendar as it is written, to be spoilt."""
    written: dict[str, Any] = yaml.safe_load(CALENDARS.read_text("utf-8"))["calendars"]["office"]
    return written


def loaded(folder: Path, text: str | bytes) -> dict[str, dict[str, Any]]:
    file = folder / "company.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_calendar_file(file)


def file_of(content: dict[str, Any]) -> str:
    return yaml.safe_dump({"calendars": {"office": content}}, allow_unicode=True)


# What a calendar file may say


def test_a_change_of_one_day_is_written_as_the_shipped_file_shows_it(content: dict[str, Any], tmp_path: Path) -> None:
    text = file_of(content) + "    changes:\n    - {day: 2026-12-31, working: false, name: 年终盘点}\n"
    calendar = read_calendar(loaded(tmp_path, text)["office"]).for_line([])
    assert calendar.day(date(2026, 12, 30)) == Day(DayKind.WORKDAY)
    assert calendar.day(date(2026, 12, 31)) == Day(DayKind.CLOSURE, "年终盘点")


def test_a_change_of_several_days_has_a_first_and_a_last(content: dict[str, Any], tmp_path: Path) -> None:
    text = file_of(content) + "    changes:\n    - {first: '2026-11-07', last: 2026-11-08, working: true, name: rush}\n"
    calendar = read_calendar(loaded(tmp_path, text)["office"]).for_line([])
    assert [calendar.day(date(2026, 11, day)) for day in (6, 7, 8, 9)] == [
        Day(DayKind.WORKDAY),
        Day(DayKind.EXTRA, "rush"),
        Day(DayKind.EXTRA, "rush"),
        Day(DayKind.WORKDAY),
    ]


def test_a_notice_that_a_person_enters_makes_statutory_days(content: dict[str, Any], tmp_path: Path) -> None:
    # Fri 5 to Fri 12 February 2027 off, Sun 14 worked.
    content["changes"] = [
        {"first": "2027-02-05", "last": "2027-02-12", "working": False, "statutory": True, "name": "春节"},
        {"first": "2027-02-14", "last": "2027-02-14", "working": True, "statutory": True, "name": "调休上班"},
        {"first": "2027-03-01", "last": "2027-03-01", "working": False, "statutory": False, "name": "stocktaking"},
    ]
    calendar = read_calendar(loaded(tmp_path, file_of(content))["office"]).for_line([])
    assert calendar.day(date(2027, 2, 4)) == Day(DayKind.WORKDAY)
    assert {calendar.day(on) for on in days_from("2027-02-05", "2027-02-12")} == {Day(DayKind.HOLIDAY, "春节")}
    assert calendar.day(date(2027, 2, 13)) == Day(DayKind.WEEKEND)
    assert calendar.day(date(2027, 2, 14)) == Day(DayKind.MAKE_UP, "调休上班")
    assert calendar.day(date(2027, 3, 1)) == Day(DayKind.CLOSURE, "stocktaking")


def test_a_change_leaves_a_day_that_is_so_already_what_it_is(content: dict[str, Any], tmp_path: Path) -> None:
    content["changes"] = [
        {"first": "2026-09-24", "last": "2026-09-27", "working": False, "name": "typhoon"},
        {"first": "2026-11-03", "last": "2026-11-07", "working": True, "name": "rush"},
        {"first": "2026-10-10", "last": "2026-10-10", "working": True, "name": "rush"},
    ]
    calendar = read_calendar(loaded(tmp_path, file_of(content))["office"]).for_line([])
    assert calendar.day(date(2026, 9, 24)) == Day(DayKind.CLOSURE, "typhoon")
    assert calendar.day(date(2026, 9, 25)).kind is DayKind.HOLIDAY
    assert calendar.day(date(2026, 9, 27)).kind in {DayKind.HOLIDAY, DayKind.WEEKEND}
    assert calendar.day(date(2026, 11, 3)) == Day(DayKind.WORKDAY)
    assert calendar.day(date(2026, 11, 7)) == Day(DayKind.EXTRA, "rush")
    assert calendar.day(date(2026, 10, 10)).kind is DayKind.MAKE_UP


def test_a_closure_may_last_a_year(content: dict[str, Any], tmp_path: Path) -> None:
    content["changes"] = [{"first": "2026-01-01", "last": "2026-12-31", "working": False, "name": "rebuilding"}]
    calendar = read_calendar(loaded(tmp_path, file_of(content))["office"]).for_line([])
    assert calendar.working_day_after(date(2025, 12, 31)) == date(2027, 1, 4)


def test_a_file_may_hold_several_calendars(content: dict[str, Any], tmp_path: Path) -> None:
    text = yaml.safe_dump({"calendars": {"works": content, "berlin-2": content | {"zone": "Europe/Berlin"}}})
    assert {name: one["zone"] for name, one in loaded(tmp_path, text).items()} == {
        "berlin-2": "Europe/Berlin",
        "works": "Asia/Shanghai",
    }


def test_a_calendar_without_a_country_has_weekends_alone(content: dict[str, Any], tmp_path: Path) -> None:
    del content["country"]
    plain = read_calendar(loaded(tmp_path, file_of(content))["office"]).for_line([])
    assert plain.day(date(2026, 10, 1)) == Day(DayKind.WORKDAY)
    assert plain.day(date(2026, 10, 10)) == Day(DayKind.WEEKEND)
    assert plain.unknown_years(at("2026-11-03 09:00"), at("2100-12-31 09:00")) == []


# What it must not say


def change(**values: Any) -> dict[str, Any]:
    """A closure of 4 November with other values."""
    day = {"first": "2026-11-04", "last": "2026-11-04", "working": False, "name": "x"} | values
    return {"changes": [{name: value for name, value in day.items() if value is not None}]}


@pytest.mark.parametrize(
    ("changes", "place", "fragment"),
    [
        ({"hours": {"funday": ["08:30-12:00"]}}, "", "'funday' is no weekday; write monday to sunday"),
        ({"hours": {"Monday": ["08:30-12:00"]}}, "", "'Monday' is no weekday"),
        ({"hours": {"monday": ["08:30-12:00", "11:30-13:00"]}}, "hours.monday", "do not overlap"),
        ({"hours": {"monday": ["13:30-17:30", "08:30-12:00"]}}, "hours.monday", "follow each other"),
        ({"hours": {"monday": ["08:30-25:00"]}}, "hours.monday", "'25:00' is not a time of day; write for example"),
        ({"hours": {"monday": ["08:30-12:60"]}}, "hours.monday", "'12:60' is not a time of day"),
        ({"hours": {"monday": ["24:00-24:00"]}}, "hours.monday", "'24:00-24:00' is not a time from and to"),
        ({"hours": {"monday": ["8:30-12:00"]}}, "hours.monday", "'8:30' is not a time of day"),
        ({"hours": {"monday": ["T0830-12:00"]}}, "hours.monday", "'T0830' is not a time of day"),
        ({"hours": {"monday": ["0830-1200"]}}, "hours.monday", "'0830' is not a time of day"),
        ({"hours": {"monday": ["08:30 - 12:00"]}}, "hours.monday", "'08:30 ' is not a time of day"),
        ({"hours": {"monday": ["08:30–12:00"]}}, "hours.monday", "is not a time from and to; write for example"),
        ({"hours": {"monday": ["08:30"]}}, "hours.monday", "'08:30' is not a time from and to"),
        ({"hours": {"monday": ["12:00-08:30"]}}, "hours.monday", "'12:00-08:30' is not a time from and to"),
        ({"hours": {"monday": ["08:30-08:30"]}}, "hours.monday", "'08:30-08:30' is not a time from and to"),
        ({"hours": {"monday": "08:30-12:00"}}, "hours.monday", "valid tuple"),
        ({"hours": {"monday": [830]}}, "hours.monday.0", "Write text here"),
        ({"hours": {}}, "", "no weekday has working hours; write for example monday: ['08:30-12:00', '13:30-17:30']"),
        ({"hours": {"monday": [], "sunday": []}}, "", "no weekday has working hours"),
        ({"hours": None}, "hours", "object with fields"),
        ({"zone": "Asia/Beijing"}, "zone", "'Asia/Beijing' is not a time zone; write for example 'Asia/Shanghai'"),
        ({"zone": "+08:00"}, "zone", "is not a time zone"),
        ({"zone": ""}, "zone", "is not a time zone"),
        ({"zone": 8}, "zone", "Write text here"),
        ({"country": "DE"}, "country", "'CN'"),
        ({"country": "China"}, "country", "'CN'"),
        ({"country": None}, "country", "'CN'"),
        ({"title": ""}, "title", "must not be empty"),
        ({"title": "x" * 81}, "title", "At most 80 characters"),
        ({"colour": "red"}, "colour", "no such field"),
        ({"confirmed_years": ["soon"]}, "confirmed_years.0", "whole number"),
        ({"confirmed_years": 2027}, "confirmed_years", "valid tuple"),
        ({"known_years": [2027]}, "known_years", "filled in by the program; leave it out"),
        ({"statutory": {"2026-11-04": {"kind": "holiday", "name": "x"}}}, "statutory", "filled in by the program"),
        ({"changes": ["2026-11-04"]}, "changes.0", "object with fields"),
        (change(first="2026-11-05"), "changes.0", "'last' is the same day as 'first' or later, at most a year"),
        (change(last="2027-11-06"), "changes.0", "at most a year"),
        (change(first="2026-11-31", last="2026-12-01"), "changes.0.first", "Write a date such as"),
        (change(last="2026-11-31"), "changes.0.last", "Write a date such as"),
        (change(first="1999-12-31"), "changes.0.first", "2000"),
        (change(last="2101-01-01"), "changes.0.last", "2100"),
        (change(last="Friday"), "changes.0.last", "Write a date such as"),
        (change(last=None), "changes.0.last", "This field is needed"),
        (change(working=None), "changes.0.working", "This field is needed"),
        (change(working="maybe"), "changes.0.working", "Answer yes or no"),
        (change(name=None), "changes.0.name", "This field is needed"),
        (change(name=""), "changes.0.name", "must not be empty"),
        (change(name="x" * 81), "changes.0.name", "At most 80 characters"),
        (change(why="rain"), "changes.0.why", "no such field"),
        (change(statutory="perhaps"), "changes.0.statutory", "Answer yes or no"),
        ({"parties": {"B-01": change(last="2026-11-03")["changes"]}}, "parties.B-01.0", "the same day as 'first'"),
        ({"parties": {"B-01": change()["changes"][0]}}, "parties.B-01", "valid tuple"),
        ({"parties": ["B-01"]}, "parties", "object with fields"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_place(
    content: dict[str, Any], tmp_path: Path, changes: dict[str, Any], place: str, fragment: str
) -> None:
    wrong = faults_of_file(tmp_path, file_of(content | changes))
    [(where, sentence)] = wrong.items()
    assert without_line(where) == "company.yaml: calendars.office" + (f".{place}" if place else "")
    assert fragment in sentence


@pytest.mark.parametrize("missing", ["title", "zone", "hours"])
def test_a_missing_value_is_named(content: dict[str, Any], tmp_path: Path, missing: str) -> None:
    del content[missing]
    # The calendar lacks it, and its name stands on the second line.
    assert faults_of_file(tmp_path, file_of(content)) == {
        f"company.yaml line 2: calendars.office.{missing}": "This field is needed."
    }


def test_a_change_that_says_both_one_day_and_several_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    wrong = faults_of_file(tmp_path, file_of(content | change(day="2026-12-24")))
    assert [without_line(place) for place in wrong] == ["company.yaml: calendars.office.changes.0"]


def test_every_wrong_value_is_named_at_once(content: dict[str, Any], tmp_path: Path) -> None:
    wrong = faults_of_file(tmp_path, file_of(content | {"zone": "Mars", "country": "Mars"} | change(name="")))
    assert [without_line(place).removeprefix("company.yaml: calendars.office.") for place in wrong] == [
        "zone",
        "country",
        "changes.0.name",
    ]


@pytest.mark.parametrize("text", ["", "calendars", "5", "- office\n- works\n", "null", "# only a comment\n"])
def test_what_is_no_mapping_is_no_calendar(tmp_path: Path, text: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml"]
    assert "these are not calendars" in wrong["company.yaml"]


@pytest.mark.parametrize(
    ("text", "named", "fragment"),
    [
        ("calendars: {}", "company.yaml line 1: calendars", "At least 1 entry"),
        ("calendars:", "company.yaml line 1: calendars", "object with fields"),
        ("calendars: [office]", "company.yaml line 1: calendars", "object with fields"),
        ("calendars: {office: closed}", "company.yaml line 1: calendars.office", "object with fields"),
        ("{}", "company.yaml line 1: calendars", "This field is needed"),
    ],
)
def test_a_file_without_a_calendar_is_refused(tmp_path: Path, text: str, named: str, fragment: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == [named]
    assert fragment in wrong[named]


@pytest.mark.parametrize("name", ["Office", "head office", "1", "总部"])
def test_a_calendar_has_a_plain_name(content: dict[str, Any], tmp_path: Path, name: str) -> None:
    wrong = faults_of_file(tmp_path, yaml.safe_dump({"calendars": {name: content}}, allow_unicode=True))
    assert list(wrong) == [f"company.yaml line 2: calendars.{name}.[key]"]


@pytest.mark.parametrize(
    ("text", "where", "fragment"),
    [
        ("calendars: [office\nzone: x", "company.yaml line 2", "expected ',' or ']'"),
        ("calendars:\n\toffice: x", "company.yaml line 2", "cannot start any token"),
        ("calendars: 'x", "company.yaml line 1", "end of stream"),
        ("calendars: !!python/object/apply:os.getcwd []", "company.yaml line 1", "constructor"),
        (b"calendars: \xd5\xd5\xc3\xf7", "company.yaml", "utf-8"),
        ("calendars: \x00", "company.yaml", "#x0000"),
    ],
)
def test_broken_yaml_is_named_with_its_line(tmp_path: Path, text: str | bytes, where: str, fragment: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == [where]
    assert fragment in wrong[where]


def test_a_day_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    text = CALENDARS.read_text("utf-8") + "    changes:\n      - {day: 2026-13-45, working: false, name: x}\n"
    line = len(text.splitlines())
    assert faults_of_file(tmp_path, text) == {
        f"company.yaml line {line}: calendars.office.changes.0": "Write a date such as 2026-11-23."
    }


def test_a_key_that_stands_twice_is_named_with_both_lines(tmp_path: Path) -> None:
    text = "calendars:\n  office:\n    hours:\n      monday: []\n      monday: ['08:30-12:00']\n"
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml line 5: calendars.office.hours.monday"]
    assert "on line 4 and on line 5" in wrong["company.yaml line 5: calendars.office.hours.monday"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_calendar_file(tmp_path / "none.yaml")
    assert "No such file" in refused.value.fields["none.yaml"]


def test_a_wrong_calendar_from_elsewhere_is_named_by_its_place(shipped: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_calendar({**shipped, "zone": "Mars"})
    assert list(refused.value.fields) == ["calendar: zone"]
