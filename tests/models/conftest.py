"""What tests of forms and rules begin with, and a database with a row of every table."""

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import CALENDARS, POLICY, UsingDatabase
from databases import company_copied
from rows import add_what_no_case_left
from sqlalchemy import Connection, Engine, create_engine

from deployments.postgres import Cluster
from models.calendars import load_calendar_file, read_calendar
from models.language import speaking
from models.policy import Policy, load_policy_file, read_policy
from models.rules.calendars import Calendar


@pytest.fixture
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def content() -> dict[str, Any]:
    """The shipped policy as data, to be spoilt."""
    return load_policy_file(POLICY)


@pytest.fixture
def lighting(content: dict[str, Any]) -> Policy:
    return read_policy(content)


@pytest.fixture(scope="session")
def shipped() -> dict[str, Any]:
    """The shipped calendar as it is kept."""
    return load_calendar_file(CALENDARS)["office"]


@pytest.fixture(scope="session")
def office(shipped: dict[str, Any]) -> Calendar:
    return read_calendar(shipped).for_line([])


@pytest.fixture(scope="session")
def one_of_each(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with one case played to its end and one that waits, with a rung climbed, and a row of every table."""
    # Prefect is imported with these; the other tests here need none of them.
    import swaps
    from people import forward, opened, play

    from tasks.sweeping import sweep

    with company_copied(cluster, template) as url:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AFTERSALES_DATA", str(tmp_path_factory.mktemp("settings")))
            with UsingDatabase(url):
                play(opened())
                play(opened(dealer="D-02", batch="MH260901A"), until="remedy")
                play(swaps.opened(), {"counter-check": swaps.checked()})
                forward(hours=5)
                sweep()
        engine = create_engine(url)
        with engine.begin() as connection:
            add_what_no_case_left(connection)
        yield engine
        engine.dispose()


@pytest.fixture
def database(one_of_each: Engine) -> Iterator[Connection]:
    """A connection whose changes are forgotten."""
    with one_of_each.connect() as connection:
        yield connection
        connection.rollback()
