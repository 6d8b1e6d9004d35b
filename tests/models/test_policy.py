"""The shipped policy, its times, and how its limits are counted."""

import re
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from policy_texts import put

from models.limits import CountingRules, Limit, read_budget
from models.policy import Policy, load_policy_file, read_policy
from models.roles import Role
from models.rules.deadlines import DEFAULT_COUNTING, Budget, Counting, CountsFrom, LastDay, Unit

pytestmark = pytest.mark.usefixtures("english")


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
        lighting.currency = "EUR"


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


def test_a_limit_may_say_that_its_passing_only_chases(content: dict[str, Any]) -> None:
    policy = read_policy(put(content, "batch_quality.arrival.passing", "rungs_only"))
    assert policy.batch_quality.arrival.passing == "rungs_only"


def test_a_limit_may_chase_nobody(content: dict[str, Any]) -> None:
    assert read_policy(put(content, "batch_quality.arrival.rungs", [])).batch_quality.arrival.rungs == ()
