"""Policies in the database: same and changed content, names, the audit trail."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import POLICY
from policy_texts import put
from sqlalchemy import Engine, select

from deployments.system import load_policy
from models.errors import InvalidInput, NotFound
from models.policy import read_policy
from models.queries import policies
from models.tables.audit import AuditEntry
from models.tables.policies import PolicyVersion
from tasks.database import transaction

pytestmark = pytest.mark.usefixtures("english")


def versions() -> list[tuple[str, int]]:
    with transaction() as session:
        kept = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))
        return [(one.name, one.version) for one in kept]


def keep(content: dict[str, Any]) -> None:
    with transaction() as session:
        policies.keep(session, content)


def test_the_same_content_stays_one_version(company: Engine, content: dict[str, Any]) -> None:
    keep(content)
    load_policy(POLICY)
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
