"""Policies: the one that is shipped, everything that a policy file must not say, and its versions in the database."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import Engine, select

from deployments.system import load_policy
from models.calendars import load_calendar_file, read_calendar
from models.errors import InvalidInput, NotFound
from models.language import speaking
from models.limits import CountingRules, Limit, RungPlan, read_budget
from models.policy import Policy, load_policy_file, read_policy
from models.queries import policies
from models.roles import Role
from models.rules.calendars import Calendar
from models.rules.deadlines import DEFAULT_COUNTING, Budget, Clock, Counting, CountsFrom, LastDay, Run, Unit
from models.tables.audit import AuditEntry
from models.tables.policies import PolicyVersion
from tasks.database import transaction

SHIPPED = Path(__file__).parents[2] / "policies" / "lighting.yaml"
CALENDARS = SHIPPED.with_name("calendars.yaml")
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def content() -> dict[str, Any]:
    """The shipped policy as data, to be spoilt."""
    return load_policy_file(SHIPPED)


@pytest.fixture
def lighting(content: dict[str, Any]) -> Policy:
    return read_policy(content)


def put(content: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of the policy with another value at `place`, such as `batch_quality.arrival.rungs.0.at`."""
    changed = deepcopy(content)
    node: Any = changed
    *path, last = (int(part) if part.isdigit() else part for part in place.split("."))
    for part in path:
        node = node[part]
    node[last] = value
    return changed


def at(text: str) -> datetime:
    """`2026-11-03 09:00` in Shanghai; 24:00 is 00:00 of the next day."""
    day, _, clock = text.partition(" ")
    if clock == "24:00":
        return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def faults_of_file(folder: Path, text: str | bytes) -> dict[str, str]:
    """What is wrong with a policy file of this content."""
    file = folder / "company.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(file)
    return refused.value.fields


def without_line(where: str) -> str:
    """A fault's file and place; the line is looked at where the file is written by hand."""
    return re.sub(r" line [0-9]+: ", ": ", where, count=1)


# What is shipped


def test_the_shipped_policy_is_the_manuals(lighting: Policy) -> None:
    assert (lighting.name, lighting.zone, lighting.currency) == ("lighting", "Asia/Shanghai", "CNY")
    assert lighting.timezone == ZoneInfo("Asia/Shanghai")
    assert lighting.batch_quality.determination.budget == Budget(2, Unit.DAYS)
    assert lighting.batch_quality.acknowledgement.budget == Budget(4, Unit.HOURS)
    assert lighting.batch_quality.threshold_pieces == 3
    assert lighting.batch_quality.threshold_share == Decimal("0.05")
    assert lighting.batch_quality.duplicate_days == 30
    assert [role.value for role in lighting.batch_quality.told_of_recall] == [
        "marketing_dept",
        "production_dept",
        "quality_dept",
        "purchasing_dept",
        "technology_dept",
        "logistics_dept",
    ]


def test_only_the_appeal_lapses(lighting: Policy) -> None:
    limits = {name: limit.passing for name, limit in vars(lighting.batch_quality).items() if hasattr(limit, "passing")}
    assert {name for name, passing in limits.items() if passing == "lapse"} == {"appeal"}
    assert len(limits) == 13


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("MH260901A", True),
        ("MH260901", True),
        ("mh260901", False),
        ("MH26090", False),
        ("MH260901AB", False),
        ("MH260901A ", False),
    ],
)
def test_a_batch_code_is_two_letters_six_digits_and_a_shift(lighting: Policy, code: str, fits: bool) -> None:
    assert bool(re.fullmatch(lighting.batch_quality.batch_code_pattern, code)) is fits


def test_the_supervisor_is_the_post_above_and_the_manager_where_nothing_is_said(content: dict[str, Any]) -> None:
    """Manual 000 二."""
    policy = read_policy(put(content, "supervisors", {"technician": "technology_head"}))
    assert policy.supervisor_of(Role.TECHNICIAN) is Role.TECHNOLOGY_HEAD
    assert policy.supervisor_of(Role.WAREHOUSE_KEEPER) is Role.CS_MANAGER
    assert policy.supervisor_of(Role.CS_MANAGER) is Role.MARKETING_VP
    assert policy.supervisor_of(Role.MARKETING_VP) is Role.MARKETING_VP


@pytest.mark.parametrize(
    ("supervisors", "post", "above"),
    [
        ({}, "cs_clerk", ["cs_manager", "marketing_vp"]),
        ({}, "cs_manager", ["marketing_vp"]),
        ({}, "marketing_vp", []),
        ({"technician": "technology_head"}, "technician", ["technology_head", "cs_manager", "marketing_vp"]),
        ({"technician": "technology_head"}, "technology_head", ["cs_manager", "marketing_vp"]),
        ({"cs_manager": "cs_manager"}, "cs_clerk", ["cs_manager"]),
        ({"technology_head": "technology_head"}, "technology_head", []),
        ({"technician": "technology_head", "technology_head": "technician"}, "technician", ["technology_head"]),
        (
            {"cs_clerk": "technician", "technician": "technology_head", "technology_head": "technician"},
            "cs_clerk",
            ["technician", "technology_head"],
        ),
    ],
)
def test_the_posts_above_a_post_are_listed_nearest_first_and_each_once(
    content: dict[str, Any], supervisors: dict[str, str], post: str, above: list[str]
) -> None:
    policy = read_policy(put(content, "supervisors", supervisors))
    assert [role.value for role in policy.posts_above(Role(post))] == above


@pytest.mark.parametrize(
    ("post", "above"),
    [
        ("technician", ["technology_head", "marketing_vp"]),
        ("technology_head", ["marketing_vp"]),
        ("cs_clerk", ["cs_manager", "marketing_vp"]),
        ("cs_manager", ["marketing_vp"]),
        ("marketing_vp", []),
    ],
)
def test_every_shipped_line_of_responsibility_ends_with_the_vice_president(
    lighting: Policy, post: str, above: list[str]
) -> None:
    assert [role.value for role in lighting.posts_above(Role(post))] == above


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("report", "recall-scope", True),
        ("recall-scope", "report", True),
        ("arrival", "freight-bill", True),
        ("report", "arrival", False),
        ("report", "report", False),
        ("report", "no-such-step", False),
    ],
)
def test_two_steps_of_a_pair_need_two_people(lighting: Policy, one: str, other: str, differ: bool) -> None:
    assert (other in lighting.kept_apart_from(one)) is differ


def test_a_policy_cannot_be_changed_by_its_readers(lighting: Policy) -> None:
    with pytest.raises(ValueError, match="frozen"):
        lighting.currency = "EUR"  # type: ignore[misc]


# Times


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("4 hours", Budget(4, Unit.HOURS)),
        ("1 hour", Budget(1, Unit.HOURS)),
        ("1 hours", Budget(1, Unit.HOURS)),
        ("2 working hours", Budget(2, Unit.WORKING_HOURS)),
        ("1 working hour", Budget(1, Unit.WORKING_HOURS)),
        ("1 days", Budget(1, Unit.DAYS)),
        ("1 day", Budget(1, Unit.DAYS)),
        ("9999 days", Budget(9999, Unit.DAYS)),
        ("5 working days", Budget(5, Unit.WORKING_DAYS)),
        ("5 working_days", Budget(5, Unit.WORKING_DAYS)),
        ("1 working day", Budget(1, Unit.WORKING_DAYS)),
        ("6 months", Budget(6, Unit.MONTHS)),
        ("1 month", Budget(1, Unit.MONTHS)),
    ],
)
def test_a_time_is_a_number_and_hours_days_or_months(text: str, budget: Budget) -> None:
    assert read_budget(text) == budget


BAD_TIMES = ["0 hours", "00 days", "-1 days", "+1 days", "2", "days", "2 weeks", "2days", "2  days", " 2 days",
             "1.5 days", "", "10000 days", "2 days\n", "٢ days", "2 working", "2 working  days", "2 working-days",
             "2 Days", "2 dayss", "1 month and 2 days", "half a year", "1 working month"]  # fmt: skip


@pytest.mark.parametrize("text", BAD_TIMES)
def test_anything_else_is_no_time(text: str) -> None:
    sentence = f"{text!r} is not a time; write for example '4 hours', '2 days', '5 working days', '6 months'"
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_budget(text)


# Rungs


@pytest.fixture(scope="module")
def office() -> Calendar:
    return read_calendar(load_calendar_file(CALENDARS)["office"]).for_line([])


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


# How limits are counted


def test_a_limit_is_counted_from_the_event_by_the_office_where_nothing_is_said(content: dict[str, Any]) -> None:
    silent = {name: value for name, value in content.items() if name != "counting"}
    policy = read_policy(silent)
    arrival = policy.batch_quality.arrival
    assert policy.counting_of(arrival) == Counting(None, CountsFrom.EVENT, LastDay.KEPT)
    assert policy.calendar_of(arrival) == "office"
    assert policy.calendars == {"office"}


EVERYTHING = {
    "calendar": "works",
    "cut_off": "16:00",
    "counts_from": "next_working_day",
    "last_day": "next_working_day",
}


@pytest.mark.parametrize(
    ("own", "calendar", "counting"),
    [
        ({}, "works", Counting(time(16), CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)),
        ({"calendar": "depot"}, "depot", Counting(time(16), CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)),
        ({"cut_off": "12:30"}, "works", Counting(time(12, 30), CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)),
        ({"cut_off": "00:00"}, "works", Counting(time(0), CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)),
        ({"cut_off": "none"}, "works", Counting(None, CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)),
        ({"counts_from": "event"}, "works", Counting(time(16), CountsFrom.EVENT, LastDay.NEXT_WORKING_DAY)),
        ({"last_day": "kept"}, "works", Counting(time(16), CountsFrom.NEXT_WORKING_DAY, LastDay.KEPT)),
    ],
)
def test_a_limit_says_what_it_counts_otherwise_than_its_policy(
    content: dict[str, Any], own: dict[str, Any], calendar: str, counting: Counting
) -> None:
    arrival = content["batch_quality"]["arrival"] | own
    policy = read_policy(put(put(content, "counting", EVERYTHING), "batch_quality.arrival", arrival))
    assert policy.calendar_of(policy.batch_quality.arrival) == calendar
    assert policy.counting_of(policy.batch_quality.arrival) == counting
    assert policy.calendars == {"works", calendar}


def test_a_policy_without_a_cut_off_may_say_so(content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(yaml.safe_dump(content | {"counting": {}}).replace("counting: {}", "counting: {cut_off: none}"))
    policy = read_policy(load_policy_file(file))
    assert policy.counting_of(policy.batch_quality.arrival) == DEFAULT_COUNTING


def test_a_limit_may_count_alone_in_a_policy_that_says_nothing() -> None:
    limit = Limit.model_validate({"limit": "5 days"} | EVERYTHING)
    assert limit.counting(CountingRules()) == Counting(time(16), CountsFrom.NEXT_WORKING_DAY, LastDay.NEXT_WORKING_DAY)


@pytest.mark.parametrize("written", ["'16:00'", '"16:00"'])
def test_a_cut_off_is_written_in_quotes(content: dict[str, Any], tmp_path: Path, written: str) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(
        yaml.safe_dump(content | {"counting": {}}).replace("counting: {}", f"counting: {{cut_off: {written}}}")
    )
    policy = read_policy(load_policy_file(file))
    assert policy.counting.cut_off == time(16)


def test_an_unquoted_cut_off_is_named_with_what_would_be_right(content: dict[str, Any], tmp_path: Path) -> None:
    text = yaml.safe_dump(content | {"counting": {}}).replace("counting: {}", "counting: {cut_off: 16:00}")
    [(where, sentence)] = faults_of_file(tmp_path, text).items()
    assert without_line(where) == "company.yaml: counting.cut_off"
    assert sentence == "write a time of day in quotes, for example '16:00'"


def test_every_limit_knows_its_place(lighting: Policy) -> None:
    keys = ["acknowledgement", "determination", "batch_verdict", "name_technician", "recall_scope", "scope_correction",
            "remedy", "arrival", "replacement_dispatch", "freight_bill", "appeal", "appeal_ruling",
            "settlement"]  # fmt: skip
    of_the_dispute = [place for place in lighting.limits if place.startswith("batch_quality.")]
    assert sorted(of_the_dispute) == sorted(f"batch_quality.{key}" for key in keys)
    assert all(limit.path == path for path, limit in lighting.limits.items())
    assert lighting.limits["batch_quality.name_technician"] is lighting.batch_quality.name_technician


def test_each_procedure_of_the_manual_has_its_section(lighting: Policy) -> None:
    sections = {place.partition(".")[0] for place in lighting.limits}
    assert sections == {
        "batch_quality",
        "stations",
        "parts_swap",
        "parts_return",
        "supplier_claims",
        "feedback",
        "claims",
        "transit_claims",
    }


def test_a_policy_recorded_before_settlements_had_a_limit_has_one_all_the_same(content: dict[str, Any]) -> None:
    content["batch_quality"].pop("settlement", None)
    settlement = read_policy(content).limits["batch_quality.settlement"]
    assert settlement.path == "batch_quality.settlement"
    assert settlement.budget == Budget(10, Unit.WORKING_DAYS)


# What a policy file must not say

HANDED_OVER = {"at": "+1 days", "to": "cs_manager", "hands_over": True}


@pytest.mark.parametrize(
    ("place", "value", "named", "fragment"),
    [
        ("batch_quality.arrival.limit", "0 days", "batch_quality.arrival.limit", "'0 days' is not a time"),
        ("batch_quality.arrival.limit", "3 weeks", "batch_quality.arrival.limit", "'3 weeks' is not a time"),
        ("batch_quality.arrival.limit", "99999999 days", "batch_quality.arrival.limit", "is not a time"),
        ("batch_quality.arrival.limit", 15, "batch_quality.arrival.limit", "Write text here"),
        ("batch_quality.arrival.limit", None, "batch_quality.arrival.limit", "Write text here"),
        ("batch_quality.arrival.rungs.0.at", "101%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "0%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "80", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "+0 days", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "-0 days", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "- 4 hours", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "-4", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "4 hours", "batch_quality.arrival.rungs.0.at", "'-4 hours' before due"),
        ("batch_quality.arrival.rungs.0.at", "-80%", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.hands_over", True, "batch_quality.arrival.rungs.0", "names the role"),
        (
            "batch_quality.arrival.rungs.0.hands_over",
            "x",
            "batch_quality.arrival.rungs.0.hands_over",
            "Answer yes or no",
        ),
        ("batch_quality.arrival.rungs", [HANDED_OVER, HANDED_OVER], "batch_quality.arrival", "one rung at most"),
        (
            "batch_quality.arrival.calendar",
            "Head Office",
            "batch_quality.arrival.calendar",
            "does not have the right form",
        ),
        ("batch_quality.arrival.cut_off", 960, "batch_quality.arrival.cut_off", "in quotes, for example '16:00'"),
        ("batch_quality.arrival.cut_off", "4pm", "batch_quality.arrival.cut_off", "'4pm' is not a time of day"),
        ("batch_quality.arrival.cut_off", "25:00", "batch_quality.arrival.cut_off", "'25:00' is not a time of day"),
        ("batch_quality.arrival.counts_from", "now", "batch_quality.arrival.counts_from", "next_working_day"),
        ("batch_quality.arrival.last_day", "moved", "batch_quality.arrival.last_day", "next_working_day"),
        ("counting", {"cut_off": "None"}, "counting.cut_off", "'None' is not a time of day"),
        ("counting", {"cut_off": 16}, "counting.cut_off", "in quotes, for example '16:00'"),
        ("counting", {"calendar": ""}, "counting.calendar", "does not have the right form"),
        ("counting", {"counts_from": 1}, "counting.counts_from", "next_working_day"),
        ("counting", {"last_day": None, "limit": "5 days"}, "counting.limit", "no such field"),
        ("counting", "office", "counting", "object with fields"),
        ("clock_keepers", ["everybody"], "clock_keepers.0", "cs_manager"),
        ("batch_quality.arrival.passing", "lapse", "batch_quality.arrival.passing", "rungs_only"),
        ("batch_quality.determination.passing", "lapse", "batch_quality.determination.passing", "rungs_only"),
        ("batch_quality.appeal.passing", "silence", "batch_quality.appeal.passing", "lapse"),
        ("batch_quality.arrival.colour", "red", "batch_quality.arrival.colour", "no such field"),
        ("batch_quality.colour", "red", "batch_quality.colour", "no such field"),
        ("colour", "red", "colour", "no such field"),
        ("batch_quality.threshold_pieces", 0, "batch_quality.threshold_pieces", "smallest value allowed is 1"),
        ("batch_quality.threshold_pieces", 2.5, "batch_quality.threshold_pieces", "whole number"),
        ("batch_quality.threshold_share", "1.01", "batch_quality.threshold_share", "largest value allowed is 1"),
        ("batch_quality.threshold_share", 5, "batch_quality.threshold_share", "largest value allowed is 1"),
        ("batch_quality.threshold_share", "0", "batch_quality.threshold_share", "greater than 0"),
        ("batch_quality.threshold_share", "5%", "batch_quality.threshold_share", "Write an amount"),
        ("batch_quality.threshold_share", float("nan"), "batch_quality.threshold_share", "Write an amount"),
        ("batch_quality.duplicate_days", -1, "batch_quality.duplicate_days", "smallest value allowed is 0"),
        ("batch_quality.batch_code_pattern", "[A-Z", "batch_quality.batch_code_pattern", "not a regular expression"),
        ("batch_quality.batch_code_pattern", "a{9999999999}", "batch_quality.batch_code_pattern", "not a regular"),
        ("batch_quality.told_of_recall.1", "board", "batch_quality.told_of_recall.1", "production_dept"),
        ("zone", "Asia/Beijing", "zone", "'Asia/Beijing' is not a time zone"),
        ("zone", "+08:00", "zone", "is not a time zone"),
        ("zone", "../localtime", "zone", "is not a time zone"),
        ("zone", "Asia", "zone", "is not a time zone"),
        ("zone", "", "zone", "is not a time zone"),
        ("currency", "RMB¥", "currency", "does not have the right form"),
        ("currency", "cny", "currency", "does not have the right form"),
        ("name", "Lighting Maker", "name", "does not have the right form"),
        ("registrars.0", "everybody", "registrars.0", "cs_clerk"),
        ("withdrawers", "cs_clerk", "withdrawers", "tuple"),
        ("supervisors", {"boss": "cs_manager"}, "supervisors.boss.[key]", "cs_manager"),
        ("supervisors.technician", "boss", "supervisors.technician", "cs_manager"),
        ("separate_people.0", ["report"], "", "pairs of two different steps"),
        ("separate_people.0", ["report", "report"], "", "pairs of two different steps"),
        ("separate_people.0", ["report", "arrival", "remedy"], "", "pairs of two different steps"),
        ("separate_people.0", [], "", "pairs of two different steps"),
        ("separate_people.0", "ab", "separate_people.0", "write a pair of steps"),
        ("separate_people.0", 5, "separate_people.0", "write a pair of steps"),
        ("separate_people.0", [["report"], "arrival"], "separate_people.0", "write a pair of steps"),
        ("separate_people", 5, "separate_people", "tuple"),
        ("separate_people", None, "separate_people", "tuple"),
        ("batch_quality", None, "batch_quality", "object with fields"),
        ("batch_quality.appeal", "5 days", "batch_quality.appeal", "object with fields"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_place(
    content: dict[str, Any], tmp_path: Path, place: str, value: Any, named: str, fragment: str
) -> None:
    wrong = faults_of_file(tmp_path, yaml.safe_dump(put(content, place, value), allow_unicode=True))
    [(where, sentence)] = wrong.items()
    assert without_line(where) == (f"company.yaml: {named}" if named else "company.yaml")
    assert fragment in sentence


@pytest.mark.parametrize("nobody", ["boss", "up 0", "up 10", "up", "Up 1", "up one"])
def test_a_rung_for_nobody_known_is_named_with_all_that_could_be_told(
    content: dict[str, Any], tmp_path: Path, nobody: str
) -> None:
    changed = put(content, "batch_quality.arrival.rungs.2.to", nobody)
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    [(where, said)] = wrong.items()
    assert without_line(where) == "company.yaml: batch_quality.arrival.rungs.2.to"
    assert "'marketing_vp'" in said
    assert f"{nobody!r} is not somebody to tell; write a role, 'assignee', or 'up 1'" in said


@pytest.mark.parametrize("place", ["zone", "batch_quality.appeal_ruling", "batch_quality.appeal.limit"])
def test_a_missing_value_is_named(content: dict[str, Any], tmp_path: Path, place: str) -> None:
    changed = deepcopy(content)
    node: Any = changed
    *path, last = place.split(".")
    for part in path:
        node = node[part]
    del node[last]
    [(where, sentence)] = faults_of_file(tmp_path, yaml.safe_dump(changed)).items()
    assert (without_line(where), sentence) == (f"company.yaml: {place}", "This field is needed.")


def test_every_wrong_value_is_named_at_once(content: dict[str, Any], tmp_path: Path) -> None:
    changed = put(put(content, "zone", "Mars"), "batch_quality.arrival.limit", "never")
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    assert list(map(without_line, wrong)) == ["company.yaml: zone", "company.yaml: batch_quality.arrival.limit"]


@pytest.mark.parametrize("text", ["", "lighting", "5", "- zone\n- name\n", "null", "# only a comment\n"])
def test_what_is_no_mapping_is_no_policy(tmp_path: Path, text: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml"]
    assert "this is not a policy" in wrong["company.yaml"]


@pytest.mark.parametrize(
    ("text", "where", "fragment"),
    [
        ("zone: [Asia/Shanghai\nname: x", "company.yaml line 2", "expected ',' or ']'"),
        ("name: x\n\tzone: y", "company.yaml line 2", "cannot start any token"),
        ("name: 'x", "company.yaml line 1", "end of stream"),
        ("name: x\nzone: !!python/object/apply:os.getcwd []", "company.yaml line 2", "constructor"),
        ("name: x\n---\nname: y", "company.yaml line 2", "single document"),
        ("name: &a x\nzone: *b", "company.yaml line 2", "undefined alias"),
        (b"title: \xd5\xd5\xc3\xf7", "company.yaml", "utf-8"),
        ("title: \x00", "company.yaml", "#x0000"),
    ],
)
def test_what_is_no_yaml_is_named_with_its_line(tmp_path: Path, text: str | bytes, where: str, fragment: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == [where]
    assert fragment in wrong[where]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(tmp_path / "none.yaml")
    assert "No such file" in refused.value.fields["none.yaml"]


def test_a_limit_may_say_that_its_passing_only_chases(content: dict[str, Any]) -> None:
    policy = read_policy(put(content, "batch_quality.arrival.passing", "rungs_only"))
    assert policy.batch_quality.arrival.passing == "rungs_only"


def test_a_limit_may_chase_nobody(content: dict[str, Any]) -> None:
    assert read_policy(put(content, "batch_quality.arrival.rungs", [])).batch_quality.arrival.rungs == ()


# On which line

#: The first line is empty, so that `name` stands on line 2.
WRITTEN = """
name: company
title: Company
zone: Asia/Shanghai
currency: CNY
registrars:
  - cs_clerk
  - cs_manager
withdrawers: [cs_manager]
supervisors: {technician: technology_head}
separate_people: []
counting:
  calendar: office
  cut_off: "16:00"
"""


def test_what_is_written_by_hand_here_is_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(WRITTEN)
    assert load_policy_file(file)["name"] == "company"


@pytest.mark.parametrize(
    ("right", "wrong", "where", "sentence"),
    [
        ("Asia/Shanghai", "Mars", "line 4: zone", "'Mars' is not a time zone; write for example 'Asia/Shanghai'"),
        ("title: Company", "title: 5", "line 3: title", "Write text here."),
        ("title: Company", "title: >-\n  2026\ncolour: red", "line 5: colour", "There is no such field."),
        ("- cs_manager", "- 5", "line 8: registrars.1", "Choose one of: 'marketing_vp'"),
        ("[cs_manager]", "[cs_manager,\n  boss]", "line 10: withdrawers.1", "Choose one of: 'marketing_vp'"),
        ("technology_head", "boss", "line 10: supervisors.technician", "Choose one of: 'marketing_vp'"),
        ("{technician:", "{boss:", "line 10: supervisors.boss.[key]", "Choose one of: 'marketing_vp'"),
        ("calendar: office", "calender: office", "line 13: counting.calender", "There is no such field."),
        ('"16:00"', '"4pm"', "line 14: counting.cut_off", "'4pm' is not a time of day; write for example '08:30'"),
        ("currency: CNY\n", "", "line 2: currency", "This field is needed."),
        (
            "counting:",
            "batch_quality: {arrival: {}}\ncounting:",
            "line 12: batch_quality.arrival.limit",
            "This field is needed.",
        ),
        ("currency: CNY", "currency: CNY\neffective_from: soon", "line 6: effective_from", "Write a date such as"),
        (
            "currency: CNY",
            "currency: CNY\neffective_from: 2027-02-29",
            "line 6: effective_from",
            "Write a date such as",
        ),
        ("currency: CNY", "currency: CNY\neffective_from: 2027", "line 6: effective_from", "Write a date such as"),
        ("currency: CNY", "currency: CNY\neffective_from: 2207-01-01", "line 6: effective_from", "Check the year"),
        (
            "currency: CNY",
            "currency: CNY\neffective_from: 2027-01-01 08:00:00",
            "line 6: effective_from",
            "Write a date such as",
        ),
    ],
)
def test_a_fault_is_named_with_the_line_of_the_deepest_part_that_is_there(
    tmp_path: Path, right: str, wrong: str, where: str, sentence: str
) -> None:
    assert WRITTEN.count(right) == 1
    faults = faults_of_file(tmp_path, WRITTEN.replace(right, wrong))
    assert faults[f"company.yaml {where}"].startswith(sentence)


def test_the_line_is_that_of_the_very_place_in_the_shipped_file(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    lines = text.splitlines()
    scope = lines.index("  recall_scope:")
    assert lines[scope + 1] == "    limit: 1 days"
    lines[scope + 1] = "    limit: 3 weeks"
    assert faults_of_file(tmp_path, "\n".join(lines)) == {
        f"company.yaml line {scope + 2}: batch_quality.recall_scope.limit": (
            "'3 weeks' is not a time; write for example '4 hours', '2 days', '5 working days', '6 months'"
        )
    }


@pytest.mark.parametrize(
    ("right", "wrong", "places"),
    [
        ("title: Company", "title: Company\ntitle: Other", {"line 4: title": (3, 4)}),
        ('"16:00"', '"16:00"\n  calendar: works', {"line 15: counting.calendar": (13, 15)}),
        ("{technician:", "{technician: cs_manager, technician:", {"line 10: supervisors.technician": (10, 10)}),
        (
            "currency: CNY",
            "currency: CNY\ncurrency: EUR\ncurrency: USD\nzone: Mars",
            {"line 6: currency": (5, 6), "line 7: currency": (5, 7), "line 8: zone": (4, 8)},
        ),
        ("separate_people: []", "separate_people: [{a: b, a: c}]", {"line 11: separate_people.0.a": (11, 11)}),
    ],
)
def test_a_key_that_stands_twice_is_named_with_both_lines(
    tmp_path: Path, right: str, wrong: str, places: dict[str, tuple[int, int]]
) -> None:
    assert WRITTEN.count(right) == 1
    assert faults_of_file(tmp_path, WRITTEN.replace(right, wrong)) == {
        f"company.yaml {where}": f"This stands here twice, on line {first} and on line {second}; keep one."
        for where, (first, second) in places.items()
    }


def test_what_an_alias_names_again_stands_there_once(tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(WRITTEN.replace("[cs_manager]", "&who [cs_manager]") + "clock_keepers: *who\n")
    assert load_policy_file(file)["clock_keepers"] == ["cs_manager"]


def test_a_sentence_comes_in_the_language_in_force(tmp_path: Path) -> None:
    with speaking("zh_CN"):
        faults = faults_of_file(tmp_path, WRITTEN.replace("title: Company", "title: 5"))
    assert "Write text here." not in faults.values()


# Versions


def versions() -> list[tuple[str, int]]:
    with transaction() as session:
        kept = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))
        return [(one.name, one.version) for one in kept]


def keep(content: dict[str, Any]) -> None:
    with transaction() as session:
        policies.keep(session, content)


def test_the_same_content_stays_one_version(company: Engine, content: dict[str, Any]) -> None:
    keep(content)
    load_policy(SHIPPED)
    assert versions() == [("lighting", 1)]


def test_changed_content_becomes_the_next_version(company: Engine, content: dict[str, Any]) -> None:
    changed = put(content, "batch_quality.arrival.limit", "20 days")
    keep(changed)
    keep(changed)
    assert versions() == [("lighting", 1), ("lighting", 2)]
    with transaction() as session:
        assert policies.current(session).content["batch_quality"]["arrival"]["limit"] == "20 days"


def test_content_that_comes_back_is_a_version_of_its_own(company: Engine, content: dict[str, Any]) -> None:
    keep(put(content, "currency", "EUR"))
    keep(content)
    assert versions() == [("lighting", 1), ("lighting", 2), ("lighting", 3)]
    with transaction() as session:
        assert policies.current(session).content["currency"] == "CNY"


def test_another_name_counts_from_one(company: Engine, content: dict[str, Any]) -> None:
    keep(put(content, "name", "lamps"))
    keep(content)
    assert versions() == [("lighting", 1), ("lamps", 1), ("lighting", 2)]


def test_the_same_content_for_open_cases_too_is_a_version_of_its_own(company: Engine, content: dict[str, Any]) -> None:
    with transaction() as session:
        policies.keep(session, content, "li.na", "as agreed", for_open_cases=True)
    with transaction() as session:
        kept = policies.current(session)
        assert (kept.version, kept.recorded_by, kept.reason, kept.for_open_cases) == (2, "li.na", "as agreed", True)


def test_a_policy_that_counts_by_an_unknown_calendar_is_not_kept(company: Engine, content: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="There is no calendar depot; there are: office"):
        keep(put(content, "batch_quality.arrival.calendar", "depot"))
    assert versions() == [("lighting", 1)]


def test_what_was_kept_reads_back_as_the_same_policy(company: Engine, content: dict[str, Any]) -> None:
    with transaction() as session:
        assert read_policy(policies.current(session).content) == read_policy(content)


def test_each_version_is_in_the_audit_trail_once(company: Engine, content: dict[str, Any]) -> None:
    keep(put(content, "currency", "EUR"))
    keep(put(content, "currency", "EUR"))
    with transaction() as session:
        recorded = session.scalars(
            select(AuditEntry.subject).where(AuditEntry.operation == "policy_recorded").order_by(AuditEntry.number)
        ).all()
    assert recorded == ["lighting 1", "lighting 2"]


def test_a_wrong_policy_leaves_the_current_one(company: Engine, content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(yaml.safe_dump(put(content, "zone", "Mars")))
    with pytest.raises(InvalidInput, match="Mars"):
        load_policy(file)
    assert versions() == [("lighting", 1)]


def test_without_any_policy_that_is_said(company: Engine) -> None:
    with transaction() as session:
        session.query(PolicyVersion).delete()
        with pytest.raises(NotFound, match="No policy is loaded"):
            policies.current(session)
