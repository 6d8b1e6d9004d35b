"""Policies: the one that is shipped, everything that a policy file must not say, and its versions in the database."""

import re
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import Engine, select

from deployments.system import load_policy
from models.errors import InvalidInput, NotFound
from models.policy import Policy, RungPlan, load_policy_file, read_budget, read_policy
from models.queries import policies
from models.roles import Role
from models.rules.deadlines import Budget, Unit
from models.tables.audit import AuditEntry
from models.tables.policies import PolicyVersion
from tasks.database import transaction

SHIPPED = Path(__file__).parents[2] / "policies" / "lighting.yaml"
BERLIN = ZoneInfo("Europe/Berlin")


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


def faults_of_file(folder: Path, text: str | bytes) -> dict[str, str]:
    """What is wrong with a policy file of this content."""
    file = folder / "company.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(file)
    return refused.value.fields


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
    assert len(limits) == 12


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


def test_the_supervisor_is_the_post_above_and_the_manager_where_nothing_is_said(lighting: Policy) -> None:
    assert lighting.supervisor_of(Role.TECHNICIAN) is Role.TECHNOLOGY_HEAD
    assert lighting.supervisor_of(Role.WAREHOUSE_KEEPER) is Role.CS_MANAGER
    assert lighting.supervisor_of(Role.CS_MANAGER) is Role.CS_MANAGER


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
        ("1 days", Budget(1, Unit.DAYS)),
        ("9999 days", Budget(9999, Unit.DAYS)),
    ],
)
def test_a_time_is_a_number_and_hours_or_days(text: str, budget: Budget) -> None:
    assert read_budget(text) == budget


BAD_TIMES = ["0 hours", "00 days", "-1 days", "2", "days", "2 weeks", "2days", "2  days", " 2 days", "1.5 days", "",
             "10000 days", "2 days\n", "٢ days"]  # fmt: skip


@pytest.mark.parametrize("text", BAD_TIMES)
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write for example '4 hours' or '2 days'"):
        read_budget(text)


@pytest.mark.parametrize(
    ("at", "instant", "escalation"),
    [
        ("80%", "2026-11-03T17:00:00+08:00", False),
        ("1%", "2026-11-03T09:06:00+08:00", False),
        ("99%", "2026-11-03T18:54:00+08:00", False),
        ("100%", "2026-11-03T19:00:00+08:00", True),
        ("+3 hours", "2026-11-03T22:00:00+08:00", True),
        ("+5 days", "2026-11-08T19:00:00+08:00", True),
    ],
)
def test_a_rung_is_a_share_of_the_time_or_later_than_due(at: str, instant: str, escalation: bool) -> None:
    rung = RungPlan(at=at, to="assignee")
    start = datetime.fromisoformat("2026-11-03T09:00:00+08:00")
    due = datetime.fromisoformat("2026-11-03T19:00:00+08:00")
    assert rung.instant(start, due, ZoneInfo("Asia/Shanghai")) == datetime.fromisoformat(instant)
    assert rung.is_escalation is escalation


@pytest.mark.parametrize("due", ["2026-03-29T00:00:00+01:00", "2026-03-28T23:00:00+00:00"])
def test_a_day_after_due_is_a_calendar_day_of_the_zone_however_due_is_written(due: str) -> None:
    begun, ends = datetime.fromisoformat("2026-03-26T12:00:00+01:00"), datetime.fromisoformat(due)
    # The 29th has 23 hours in Berlin.
    later = RungPlan(at="+1 days", to="assignee").instant(begun, ends, BERLIN)
    assert later == datetime.fromisoformat("2026-03-30T00:00:00+02:00")
    hours_later = RungPlan(at="+24 hours", to="assignee").instant(begun, ends, BERLIN)
    assert hours_later == datetime.fromisoformat("2026-03-30T01:00:00+02:00")


# What a policy file must not say


@pytest.mark.parametrize(
    ("place", "value", "named", "fragment"),
    [
        ("batch_quality.arrival.limit", "0 days", "batch_quality.arrival.limit", "'0 days' is not a time"),
        ("batch_quality.arrival.limit", "3 weeks", "batch_quality.arrival.limit", "'3 weeks' is not a time"),
        ("batch_quality.arrival.limit", "99999999 days", "batch_quality.arrival.limit", "is not a time"),
        ("batch_quality.arrival.limit", 15, "batch_quality.arrival.limit", "valid string"),
        ("batch_quality.arrival.limit", None, "batch_quality.arrival.limit", "valid string"),
        ("batch_quality.arrival.rungs.0.at", "101%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "0%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "80", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "+0 days", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "-1 days", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.passing", "lapse", "batch_quality.arrival.passing", "rungs_only"),
        ("batch_quality.determination.passing", "lapse", "batch_quality.determination.passing", "rungs_only"),
        ("batch_quality.appeal.passing", "silence", "batch_quality.appeal.passing", "lapse"),
        ("batch_quality.arrival.colour", "red", "batch_quality.arrival.colour", "not permitted"),
        ("batch_quality.colour", "red", "batch_quality.colour", "not permitted"),
        ("colour", "red", "colour", "not permitted"),
        ("batch_quality.threshold_pieces", 0, "batch_quality.threshold_pieces", "greater than or equal to 1"),
        ("batch_quality.threshold_pieces", 2.5, "batch_quality.threshold_pieces", "integer"),
        ("batch_quality.threshold_share", "1.01", "batch_quality.threshold_share", "less than or equal to 1"),
        ("batch_quality.threshold_share", 5, "batch_quality.threshold_share", "less than or equal to 1"),
        ("batch_quality.threshold_share", "0", "batch_quality.threshold_share", "greater than 0"),
        ("batch_quality.threshold_share", "5%", "batch_quality.threshold_share", "decimal"),
        ("batch_quality.threshold_share", float("nan"), "batch_quality.threshold_share", "finite"),
        ("batch_quality.duplicate_days", -1, "batch_quality.duplicate_days", "greater than or equal to 0"),
        ("batch_quality.batch_code_pattern", "[A-Z", "batch_quality.batch_code_pattern", "not a regular expression"),
        ("batch_quality.batch_code_pattern", "a{9999999999}", "batch_quality.batch_code_pattern", "not a regular"),
        ("batch_quality.told_of_recall.1", "board", "batch_quality.told_of_recall.1", "production_dept"),
        ("zone", "Asia/Beijing", "zone", "'Asia/Beijing' is not a time zone"),
        ("zone", "+08:00", "zone", "is not a time zone"),
        ("zone", "../localtime", "zone", "is not a time zone"),
        ("zone", "Asia", "zone", "is not a time zone"),
        ("zone", "", "zone", "is not a time zone"),
        ("currency", "RMB¥", "currency", "pattern"),
        ("currency", "cny", "currency", "pattern"),
        ("name", "Lighting Maker", "name", "pattern"),
        ("registrars.0", "everybody", "registrars.0", "cs_clerk"),
        ("withdrawers", "cs_clerk", "withdrawers", "tuple"),
        ("supervisors", {"boss": "cs_manager"}, "supervisors.boss.[key]", "cs_manager"),
        ("supervisors.technician", "boss", "supervisors.technician", "cs_manager"),
        ("separate_people.0", ["report"], "policy", "pairs of two different steps"),
        ("separate_people.0", ["report", "report"], "policy", "pairs of two different steps"),
        ("separate_people.0", ["report", "arrival", "remedy"], "policy", "pairs of two different steps"),
        ("separate_people.0", [], "policy", "pairs of two different steps"),
        ("separate_people.0", "ab", "separate_people.0", "write a pair of steps"),
        ("separate_people.0", 5, "separate_people.0", "write a pair of steps"),
        ("separate_people.0", [["report"], "arrival"], "separate_people.0", "write a pair of steps"),
        ("separate_people", 5, "separate_people", "tuple"),
        ("separate_people", None, "separate_people", "tuple"),
        ("batch_quality", None, "batch_quality", "dictionary"),
        ("batch_quality.appeal", "5 days", "batch_quality.appeal", "dictionary"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_place(
    content: dict[str, Any], tmp_path: Path, place: str, value: Any, named: str, fragment: str
) -> None:
    wrong = faults_of_file(tmp_path, yaml.safe_dump(put(content, place, value), allow_unicode=True))
    assert list(wrong) == [f"company.yaml: {named}"]
    assert fragment in wrong[f"company.yaml: {named}"]


def test_a_rung_for_nobody_known_is_named_with_the_roles_and_the_assignee(
    content: dict[str, Any], tmp_path: Path
) -> None:
    changed = put(content, "batch_quality.arrival.rungs.2.to", "boss")
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    assert all(place.startswith("company.yaml: batch_quality.arrival.rungs.2.to") for place in wrong)
    assert {word for word in ("marketing_vp", "assignee", "boss") if word in " ".join(wrong.values())} == {
        "marketing_vp",
        "assignee",
    }


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("zone", "zone"),
        ("batch_quality.appeal_ruling", "batch_quality.appeal_ruling"),
        ("batch_quality.appeal.limit", "batch_quality.appeal.limit"),
    ],
)
def test_a_missing_value_is_named(content: dict[str, Any], tmp_path: Path, place: str, named: str) -> None:
    changed = deepcopy(content)
    node: Any = changed
    *path, last = place.split(".")
    for part in path:
        node = node[part]
    del node[last]
    assert faults_of_file(tmp_path, yaml.safe_dump(changed)) == {f"company.yaml: {named}": "Field required"}


def test_every_wrong_value_is_named_at_once(content: dict[str, Any], tmp_path: Path) -> None:
    changed = put(put(content, "zone", "Mars"), "batch_quality.arrival.limit", "never")
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    assert list(wrong) == ["company.yaml: zone", "company.yaml: batch_quality.arrival.limit"]


@pytest.mark.parametrize("text", ["", "lighting", "5", "- zone\n- name\n", "null", "# only a comment\n"])
def test_what_is_no_mapping_is_no_policy(tmp_path: Path, text: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml"]
    assert "this is not a policy" in wrong["company.yaml"]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("zone: [Asia/Shanghai\nname: x", "line 2"),
        ("name: x\n\tzone: y", "line 2"),
        ("name: 'x", "line 1"),
        ("name: !!python/object/apply:os.getcwd []", "line 1"),
        ("title: 2026-13-45", "month"),
        (b"title: \xd5\xd5\xc3\xf7", "utf-8"),
        ("title: \x00", "#x0000"),
    ],
)
def test_broken_yaml_is_named_with_its_place(tmp_path: Path, text: str | bytes, fragment: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml"]
    assert fragment in wrong["company.yaml"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(tmp_path / "none.yaml")
    assert "No such file" in refused.value.fields["none.yaml"]


def test_a_limit_may_say_that_its_passing_only_chases(content: dict[str, Any]) -> None:
    policy = read_policy(put(content, "batch_quality.arrival.passing", "rungs_only"))
    assert policy.batch_quality.arrival.passing == "rungs_only"


def test_a_limit_may_chase_nobody(content: dict[str, Any]) -> None:
    assert read_policy(put(content, "batch_quality.arrival.rungs", [])).batch_quality.arrival.rungs == ()


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
