"""What a policy says on access: policies of before can be read, and what holds is what is in force now."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import POLICY
from people import opened
from sqlalchemy import Engine

from models.errors import InvalidInput
from models.language import speaking
from models.policy import load_policy_file, read_policy
from models.queries import cases, policies, questions
from models.queries.access import access
from models.roles import Role
from models.sections.access import AccessPolicy, LinkUse
from tasks.database import transaction


@pytest.fixture
def content() -> dict[str, Any]:
    return deepcopy(load_policy_file(POLICY))


def test_a_policy_recorded_before_there_was_access_reads_as_the_shipped_one(content: dict[str, Any]) -> None:
    shipped = read_policy(content).access
    del content["access"], content["sources"]["access"]
    assert read_policy(content).access == shipped == AccessPolicy()


def test_who_may_do_what_as_it_is_shipped(content: dict[str, Any]) -> None:
    shipped = read_policy(content).access
    assert shipped.auditors == (Role.AUDITOR,)
    assert shipped.administrators == (Role.ADMINISTRATOR,)
    assert Role.CS_CLERK in shipped.operators
    assert Role.CS_MANAGER in shipped.managers
    assert shipped.links is LinkUse.LOGIN


def test_nobody_of_a_dealer_or_station_gets_into_prefect_as_it_is_shipped(content: dict[str, Any]) -> None:
    shipped = read_policy(content).access
    let_in = {*shipped.operators, *shipped.managers, *shipped.auditors, *shipped.administrators}
    theirs = {Role.LOGISTICS_DISTRIBUTOR, Role.EXCLUSIVE_SHOP, Role.SUB_DISTRIBUTOR, Role.REPAIR_STATION}
    assert let_in & theirs == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("links", "open"),
        ("link_hours", 0),
        ("session_hours", 0),
        ("idle_minutes", -1),
        ("longest_chain", 0),
        ("longest_chain", 6),
        ("delegators", ["boss"]),
        ("guests", ["cs_clerk"]),
    ],
)
def test_a_wrong_value_is_named_by_its_place(content: dict[str, Any], tmp_path: Path, name: str, value: Any) -> None:
    content["access"][name] = value
    file = tmp_path / "company.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with speaking("en"), pytest.raises(InvalidInput) as refused:
        load_policy_file(file)
    assert [place.split(": ")[1].startswith(f"access.{name}") for place in refused.value.fields] == [True]


def test_it_holds_as_it_is_in_force_now_though_a_case_keeps_its_own_policy(
    company: Engine, content: dict[str, Any]
) -> None:
    number = opened()
    with transaction() as session:
        policies.keep(session, content | {"access": content["access"] | {"longest_chain": 4}})
    with transaction() as session:
        assert access(session).longest_chain == 4
        assert questions.policy_of(cases.by_number(session, number)).access.longest_chain == 2


def test_where_the_policy_in_force_says_nothing_the_defaults_hold(company: Engine, content: dict[str, Any]) -> None:
    del content["access"], content["sources"]["access"]
    with transaction() as session:
        policies.keep(session, content)
    with transaction() as session:
        assert access(session) == AccessPolicy()
