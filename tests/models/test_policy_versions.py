"""Versions of a policy in time: which is in force on which day, for new cases, for open ones, and by any clock.

Manual 000 一.1, 三 经理 A.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from alembic import command
from conftest import POLICY
from people import opened, play
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from deployments.cli import run as run_command
from deployments.postgres import Cluster
from deployments.system import load_policy
from models.errors import InvalidInput
from models.migrating import alembic_config, migrate
from models.policy import load_policy_file, read_policy
from models.queries import cases, clock, deadlines, policies
from models.tables.audit import AuditEntry
from models.tables.deadlines import Deadline
from models.tables.policies import PolicyVersion
from tasks.database import transaction
from tasks.reprojecting import apply_policy, preview_policy
from tasks.settings import settings

NEW_YEAR = "2027-01-01T00:00:00+08:00"
NEW_YEARS_EVE = "2026-12-31T12:00:00+08:00"
#: A report taken on New Year's Eve at noon; two days end on 2 January at 24:00, five on the 5th.
TWO_DAYS, FIVE_DAYS = "2027-01-03T00:00:00+08:00", "2027-01-06T00:00:00+08:00"


@pytest.fixture(autouse=True)
def new_years_eve(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is New Year's Eve, and a first version is in force, whose batches may be reported again after 30 days."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()
    it_is(NEW_YEARS_EVE)


@pytest.fixture
def content() -> dict[str, Any]:
    """The shipped policy as data."""
    return load_policy_file(POLICY)


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, instant(at))


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def policy(content: dict[str, Any], days: int, **changed: Any) -> dict[str, Any]:
    """The policy with another number of days, by which its versions are told apart here."""
    section = deepcopy(content["batch_quality"]) | {"duplicate_days": days}
    return content | {"batch_quality": section} | changed


def keep(content: dict[str, Any], days: int, **changed: Any) -> PolicyVersion:
    with transaction() as session:
        return policies.keep(session, policy(content, days, **changed))


def in_force() -> int:
    """The days of the version in force."""
    with transaction() as session:
        days: int = policies.current(session).content["batch_quality"]["duplicate_days"]
        return days


def to_come() -> list[tuple[int, datetime]]:
    with transaction() as session:
        coming = policies.to_come(session)
        return [(one.content["batch_quality"]["duplicate_days"], one.effective_from) for one in coming]


def versions() -> list[tuple[int, bool]]:
    """Number, and whether it holds for open cases, of each version in the order of their recording."""
    with transaction() as session:
        found = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))
        return [(one.version, one.for_open_cases) for one in found]


def written(folder: Path, content: dict[str, Any], name: str = "policy.yaml") -> Path:
    file = folder / name
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    return file


def with_determination(content: dict[str, Any], limit: str, **changed: Any) -> dict[str, Any]:
    changed_content = policy(content, 30, **changed)
    changed_content["batch_quality"]["determination"]["limit"] = limit
    return changed_content


def waiting_for_the_finding(dealer: str = "D-01", at: str = NEW_YEARS_EVE) -> str:
    """A case reported at this time, whose determination runs."""
    number = opened(dealer=dealer, reported_at=at)
    play(number, until="site-finding")
    return number


def due(number: str) -> datetime:
    with transaction() as session:
        found: Deadline = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        return found.due_at


# From which instant on


def test_without_a_day_a_version_holds_at_once(content: dict[str, Any]) -> None:
    version = keep(content, 31)
    assert in_force() == 31
    assert version.effective_from == version.recorded_at
    assert to_come() == []


def test_with_a_day_to_come_it_holds_from_midnight_on(content: dict[str, Any]) -> None:
    version = keep(content, 31, effective_from="2027-01-01")
    assert version.effective_from == instant(NEW_YEAR)
    assert (in_force(), to_come()) == (30, [(31, instant(NEW_YEAR))])
    it_is("2026-12-31T23:59:00+08:00")
    assert in_force() == 30
    it_is(NEW_YEAR)
    assert (in_force(), to_come()) == (31, [])
    it_is("2027-06-01T12:00:00+08:00")
    assert in_force() == 31


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Shanghai", "2027-01-01T00:00:00+08:00"),
        ("Europe/Berlin", "2027-01-01T00:00:00+01:00"),
        ("America/New_York", "2027-01-01T00:00:00-05:00"),
    ],
)
def test_it_is_the_midnight_of_the_policys_own_zone(content: dict[str, Any], zone: str, midnight: str) -> None:
    version = keep(content, 31, effective_from="2027-01-01", zone=zone)
    assert version.effective_from == instant(midnight)


@pytest.mark.parametrize("day", ["2026-12-31", "2026-12-30", "2020-01-01"])
def test_a_day_that_has_begun_is_at_once(content: dict[str, Any], day: str) -> None:
    keep(content, 31)
    version = keep(content, 32, effective_from=day)
    assert (in_force(), to_come()) == (32, [])
    assert version.effective_from == version.recorded_at


def test_a_file_may_write_the_day_with_or_without_quotes(content: dict[str, Any], tmp_path: Path) -> None:
    # YAML has a type of its own for days, JSON has none; both are kept as text.
    for quote in ("", "'"):
        file = tmp_path / "company.yaml"
        file.write_text(POLICY.read_text("utf-8") + f"\neffective_from: {quote}2027-01-01{quote}\n")
        assert load_policy_file(file) == content | {"effective_from": "2027-01-01"}


def test_the_first_policy_of_all_names_no_day_to_come(company: Engine, content: dict[str, Any]) -> None:
    with transaction() as session:
        session.query(PolicyVersion).delete()
    with pytest.raises(InvalidInput, match="No policy is in force yet"):
        keep(content, 31, effective_from="2027-01-01")
    assert versions() == []
    keep(content, 31, effective_from="2026-12-31")
    assert in_force() == 31


# Several


def test_of_two_for_one_day_the_later_recorded_holds(content: dict[str, Any]) -> None:
    keep(content, 31, effective_from="2027-01-01")
    keep(content, 32, effective_from="2027-01-01")
    assert to_come() == [(32, instant(NEW_YEAR))]
    it_is(NEW_YEAR)
    assert in_force() == 32


def test_the_first_of_two_for_one_day_comes_back_when_it_is_recorded_again(content: dict[str, Any]) -> None:
    for days in (31, 32, 31):
        keep(content, days, effective_from="2027-01-01")
    assert len(versions()) == 4
    it_is(NEW_YEAR)
    assert in_force() == 31


def test_each_holds_until_the_next_whatever_the_order_of_their_recording(content: dict[str, Any]) -> None:
    keep(content, 33, effective_from="2027-03-01")
    keep(content, 31, effective_from="2027-01-01")
    keep(content, 32, effective_from="2027-02-01")
    assert [days for days, _from in to_come()] == [31, 32, 33]
    for month, days in ((1, 31), (2, 32), (3, 33), (4, 33)):
        it_is(f"2027-{month:02}-01T00:00:00+08:00")
        assert in_force() == days


def test_what_holds_at_once_does_not_do_away_with_what_is_to_come(content: dict[str, Any]) -> None:
    keep(content, 40, effective_from="2027-01-01")
    keep(content, 31)
    assert in_force() == 31
    it_is(NEW_YEAR)
    assert in_force() == 40
    keep(content, 41)
    assert in_force() == 41


def test_what_is_to_come_is_called_off_by_another_for_the_same_day(content: dict[str, Any]) -> None:
    keep(content, 40, effective_from="2027-01-01")
    keep(content, 30, effective_from="2027-01-01")
    it_is(NEW_YEAR)
    assert in_force() == 30


# A clock that is set


def test_a_clock_set_back_before_the_day_brings_the_earlier_one_back(content: dict[str, Any]) -> None:
    keep(content, 31, effective_from="2027-01-01")
    for at, days in (
        (NEW_YEAR, 31),
        (NEW_YEARS_EVE, 30),
        ("2028-01-01T00:00:00+08:00", 31),
        ("2025-01-01T00:00:00+08:00", 30),
    ):
        it_is(at)
        assert in_force() == days


def test_without_a_day_the_later_recorded_holds_wherever_the_clock_was_set(content: dict[str, Any]) -> None:
    it_is("2030-01-01T00:00:00+08:00")
    keep(content, 31)
    it_is("2020-01-01T00:00:00+08:00")
    assert in_force() == 31
    keep(content, 32)
    for at in ("2019-01-01T00:00:00+08:00", "2026-01-01T00:00:00+08:00", "2031-01-01T00:00:00+08:00"):
        it_is(at)
        assert in_force() == 32


def test_a_day_takes_effect_over_what_was_recorded_by_a_clock_further_on(content: dict[str, Any]) -> None:
    it_is("2030-01-01T00:00:00+08:00")
    keep(content, 31)
    it_is(NEW_YEARS_EVE)
    keep(content, 32, effective_from="2027-01-01")
    assert in_force() == 31
    it_is(NEW_YEAR)
    assert in_force() == 32


# Files


def test_a_file_for_a_day_to_come_makes_one_version_however_often_it_is_loaded(
    content: dict[str, Any], tmp_path: Path
) -> None:
    file = written(tmp_path, policy(content, 31, effective_from="2027-01-01"))
    for at in (NEW_YEARS_EVE, "2026-12-31T13:00:00+08:00", NEW_YEAR, "2027-05-01T00:00:00+08:00"):
        it_is(at)
        assert load_policy(file)
    assert versions() == [(1, False), (2, False)]
    assert in_force() == 31


def test_the_file_in_force_is_no_new_version_while_another_is_to_come(content: dict[str, Any]) -> None:
    keep(content, 31, effective_from="2027-01-01")
    assert load_policy(POLICY)
    assert versions() == [(1, False), (2, False)]
    it_is(NEW_YEAR)
    assert in_force() == 31


def test_what_somebody_applied_for_a_day_stays_over_the_file_of_before(content: dict[str, Any]) -> None:
    apply_policy(policy(content, 31, effective_from="2027-01-01"), "As agreed", "chen.min")
    assert load_policy(POLICY)
    it_is(NEW_YEAR)
    assert not load_policy(POLICY)
    assert in_force() == 31
    assert versions() == [(1, False), (2, False)]


def test_a_changed_file_for_a_day_is_taken_over_what_somebody_applied(content: dict[str, Any], tmp_path: Path) -> None:
    apply_policy(policy(content, 31), "As agreed", "chen.min")
    file = written(tmp_path, policy(content, 32, effective_from="2027-01-01"))
    assert load_policy(file)
    assert load_policy(file)
    assert in_force() == 31
    it_is(NEW_YEAR)
    assert in_force() == 32


def test_the_audit_trail_tells_the_day(content: dict[str, Any]) -> None:
    keep(content, 31)
    keep(content, 32, effective_from="2027-01-01")
    with transaction() as session:
        recorded = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.operation == "policy_recorded").order_by(AuditEntry.number)
        ).all()
    assert [one.get("effective_from") for one in recorded[-2:]] == [None, NEW_YEAR]


# Cases


def test_a_case_keeps_the_version_it_began_with_and_the_next_one_gets_the_new(content: dict[str, Any]) -> None:
    keep(with_determination(content, "5 days", effective_from="2027-01-01"), 30)
    before = waiting_for_the_finding()
    it_is("2027-01-01T09:00:00+08:00")
    after = waiting_for_the_finding("D-02", "2027-01-01T08:00:00+08:00")
    with transaction() as session:
        assert cases.by_number(session, before).policy_version.version == 1
        assert cases.by_number(session, after).policy_version.version == 2
    assert due(before) == instant(TWO_DAYS)
    # Five days from 1 January end on the 6th.
    assert due(after) == instant("2027-01-07T00:00:00+08:00")


def test_a_deadline_that_begins_later_in_an_older_case_has_the_older_limit(content: dict[str, Any]) -> None:
    number = opened(reported_at=NEW_YEARS_EVE)
    keep(with_determination(content, "5 days", effective_from="2027-01-01"), 30)
    it_is(NEW_YEAR)
    with transaction() as session:
        case = cases.by_number(session, number)
        own = read_policy(case.policy_version.content)
        _policy, limit = policies.limit_in_force(session, case, own, own.batch_quality.determination)
    assert limit.limit == "2 days"


def test_limits_applied_before_a_version_took_effect_do_not_hold_for_its_cases(content: dict[str, Any]) -> None:
    keep(with_determination(content, "5 days", effective_from="2027-01-01"), 30)
    apply_policy(with_determination(content, "3 days"), "More time until then", "chen.min")
    it_is("2027-01-01T09:00:00+08:00")
    number = waiting_for_the_finding(at="2027-01-01T08:00:00+08:00")
    assert due(number) == instant("2027-01-07T00:00:00+08:00")
    apply_policy(with_determination(content, "1 days"), "Less", "chen.min")
    assert due(number) == instant("2027-01-03T00:00:00+08:00")
    later = waiting_for_the_finding("D-02", "2027-01-01T08:00:00+08:00")
    assert due(later) == instant("2027-01-03T00:00:00+08:00")


def test_a_preview_of_a_policy_to_come_moves_nothing_and_says_when_it_is(content: dict[str, Any]) -> None:
    waiting_for_the_finding()
    effect = preview_policy(with_determination(content, "5 days", effective_from="2027-01-01"))
    assert (effect.effective_from, effect.checked, effect.applied) == (instant(NEW_YEAR), 0, None)
    assert versions() == [(1, False)]


def test_a_policy_to_come_is_recorded_once_and_moves_nothing_before_or_on_its_day(content: dict[str, Any]) -> None:
    number = waiting_for_the_finding()
    changed = with_determination(content, "5 days", effective_from="2027-01-01")
    for _twice in range(2):
        effect = apply_policy(changed, "As agreed", "chen.min")
        assert (effect.effective_from, effect.checked, effect.applied) == (instant(NEW_YEAR), 0, 0)
    assert versions() == [(1, False), (2, False)]
    assert due(number) == instant(TWO_DAYS)
    it_is(NEW_YEAR)
    assert due(number) == instant(TWO_DAYS)


def test_applied_again_once_it_is_in_force_it_holds_for_open_cases_too(content: dict[str, Any]) -> None:
    number = waiting_for_the_finding()
    changed = with_determination(content, "5 days", effective_from="2027-01-01")
    apply_policy(changed, "As agreed", "chen.min")
    it_is(NEW_YEAR)
    effect = apply_policy(changed, "For all", "chen.min")
    assert effect.effective_from is None
    assert effect.later == 1
    assert due(number) == instant(FIVE_DAYS)
    assert versions() == [(1, False), (2, False), (3, True)]


# What people are told


def test_the_command_tells_what_is_in_force_and_what_is_to_come(
    content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    keep(content, 31)
    keep(content, 32, effective_from="2027-01-01")
    told = told_by(capsys, "policy")
    assert told.startswith("lighting 2: ")
    assert "To come: lighting 3, for cases that begin from 2027-01-01 00:00 on." in told
    it_is(NEW_YEAR)
    told = told_by(capsys, "policy")
    assert told.startswith("lighting 3: ")
    assert "To come" not in told


def test_the_command_tells_it_to_programs(content: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    keep(content, 31, effective_from="2027-01-01")
    it_is(NEW_YEAR)
    keep(content, 32, effective_from="2027-02-01", zone="Europe/Berlin")
    listed = yaml.safe_load(told_by(capsys, "policy", "--json"))
    assert (listed["policy"], listed["effective_from"]) == ("lighting 2", NEW_YEAR)
    assert listed["to_come"] == [{"policy": "lighting 3", "effective_from": "2027-02-01T00:00:00+01:00"}]


def test_the_command_says_that_a_policy_to_come_moves_nothing(
    content: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, policy(content, 31, effective_from="2027-01-01")))
    takes_effect = "This policy takes effect at 2027-01-01 00:00, for cases that begin from then on"
    told = told_by(capsys, "policy", file)
    assert takes_effect in told
    assert "Nothing was changed; --apply" in told
    told = told_by(capsys, "policy", file, "--apply", "--reason", "As agreed", "--as", "chen.min")
    assert takes_effect in told
    assert "It is recorded." in told
    listed = yaml.safe_load(told_by(capsys, "policy", file, "--json"))
    assert listed["effective_from"] == NEW_YEAR


def told_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_command(list(arguments)) == 0
    return capsys.readouterr().out


# Databases of before


@pytest.fixture
def of_0002(cluster: Cluster) -> Iterator[Engine]:
    """A database of the version before policies had a day, with one policy in it."""
    name = f"fresh_{uuid4().hex[:12]}"
    cluster.ensure_database(name)
    engine = create_engine(cluster.url(name))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
        connection.execute(
            text(
                "INSERT INTO policy_version (name, version, content, recorded_at, recorded_by, reason, for_open_cases) "
                "VALUES ('lighting', 1, '{}', '2026-05-04 03:02:01+00', 'operator', '', false)"
            )
        )
    yield engine
    engine.dispose()
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


def brought_up(engine: Engine) -> None:
    with engine.connect() as connection:
        migrate(connection, rehearsal=True)
        connection.commit()


def test_a_version_of_before_took_effect_when_it_was_recorded(of_0002: Engine) -> None:
    brought_up(of_0002)
    with of_0002.connect() as connection:
        [(recorded, effective)] = connection.execute(text("SELECT recorded_at, effective_from FROM policy_version"))
    assert recorded == effective == instant("2026-05-04T03:02:01+00:00")


def test_there_is_a_way_back_while_nothing_is_to_come(of_0002: Engine) -> None:
    brought_up(of_0002)
    with of_0002.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
        columns = text("SELECT count(*) FROM information_schema.columns WHERE column_name = 'effective_from'")
        assert connection.scalar(columns) == 0


def test_a_policy_to_come_stops_the_way_back(of_0002: Engine) -> None:
    brought_up(of_0002)
    with of_0002.begin() as connection:
        connection.execute(text("UPDATE policy_version SET effective_from = now() + INTERVAL '1 day'"))
    with of_0002.begin() as connection, pytest.raises(DBAPIError, match="version 0002 cannot keep"):
        command.downgrade(alembic_config(connection), "0002")
