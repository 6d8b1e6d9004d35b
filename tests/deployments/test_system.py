"""What `up` takes from the company's files: new calendars and changed policies, but nothing against somebody's word."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, select

from deployments.system import load_calendars, load_policy
from models.errors import InvalidInput
from models.policy import load_policy_file
from models.queries import calendars, policies
from models.tables.calendars import CalendarVersion
from models.tables.policies import PolicyVersion
from tasks.database import transaction
from tasks.reprojecting import apply_policy

POLICIES = Path(__file__).parent.parent.parent / "policies"


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of the shipped calendar file, and what is in it."""
    return tmp_path / "calendars.yaml", yaml.safe_load((POLICIES / "calendars.yaml").read_text())


@pytest.fixture
def policy(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of the shipped policy file, and what is in it."""
    return tmp_path / "policy.yaml", yaml.safe_load((POLICIES / "lighting.yaml").read_text())


def written(file: Path, content: dict[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    return file


def versions() -> list[tuple[str, int]]:
    with transaction() as session:
        found = session.scalars(select(CalendarVersion).order_by(CalendarVersion.id))
        return [(one.name, one.version) for one in found]


def policy_in_force() -> tuple[int, str]:
    with transaction() as session:
        current = policies.current(session)
        return current.version, current.content["batch_quality"]["arrival"]["limit"]


def test_calendars_that_are_there_and_the_same_are_left_alone(company: Engine) -> None:
    assert load_calendars(POLICIES / "calendars.yaml") == []
    assert versions() == [("office", 1)]


def test_a_new_calendar_is_recorded_and_a_changed_one_only_named(
    company: Engine, office: tuple[Path, dict[str, Any]]
) -> None:
    file, content = office
    content["calendars"]["works"] = {**content["calendars"]["office"], "title": "Works"}
    content["calendars"]["office"]["changes"] = [{"day": "2026-12-31", "working": False, "name": "stocktaking"}]
    assert load_calendars(written(file, content)) == ["office"]
    assert versions() == [("office", 1), ("works", 1)]
    with transaction() as session:
        assert calendars.content_of(session, calendars.current(session, "office").id).changes == ()


def test_a_changed_policy_file_is_for_new_cases(company: Engine, policy: tuple[Path, dict[str, Any]]) -> None:
    file, content = policy
    content["batch_quality"]["arrival"]["limit"] = "20 days"
    assert load_policy(written(file, content))
    assert policy_in_force() == (2, "20 days")


def test_an_applied_policy_stays_while_the_file_is_as_it_was(
    company: Engine, policy: tuple[Path, dict[str, Any]]
) -> None:
    file, content = policy
    before = load_policy_file(written(file, content))
    assert load_policy(file)
    content["batch_quality"]["arrival"]["limit"] = "20 days"
    apply_policy(load_policy_file(written(file, content)), "longer ways", "chen.min")
    applied = policy_in_force()
    written(file, before)
    assert not load_policy(file)
    assert policy_in_force() == applied


def test_a_file_that_changed_since_is_taken_over_the_applied_one(
    company: Engine, policy: tuple[Path, dict[str, Any]]
) -> None:
    file, content = policy
    load_policy(written(file, content))
    content["batch_quality"]["arrival"]["limit"] = "20 days"
    apply_policy(load_policy_file(written(file, content)), "longer ways", "chen.min")
    content["batch_quality"]["arrival"]["limit"] = "25 days"
    assert load_policy(written(file, content))
    assert policy_in_force()[1] == "25 days"


def test_a_policy_that_counts_by_an_unknown_calendar_is_refused_and_the_old_one_stays(
    company: Engine, policy: tuple[Path, dict[str, Any]]
) -> None:
    file, content = policy
    before = policy_in_force()
    content["counting"]["calendar"] = "moon"
    with pytest.raises(InvalidInput, match="There is no calendar moon; there are: office"):
        load_policy(written(file, content))
    assert policy_in_force() == before
    with transaction() as session:
        assert len(session.scalars(select(PolicyVersion)).all()) == before[0]
