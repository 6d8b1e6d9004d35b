"""A running system and a browser before it, one of each for a file of tests."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from chromium import Seats, chromium, seats
from playwright.sync_api import Browser
from systems import System

from deployments.sample_company import SAMPLE_COMPANY

#: Two clerks, the technology department's head, a technician, the customer service manager, a shop's clerk.
PEOPLE = ("li.na", "wang.fang", "sun.wei", "tom.baker", "chen.min", "liang.bo")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def system(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The sample company as it is shipped; without a browser it is not started at all."""
    running = System(tmp_path_factory.mktemp("browsed") / "data", language="zh_CN")
    assert running.up()[-1] == {"ready": "all"}
    running.call("import", str(SAMPLE_COMPANY))
    with ThreadPoolExecutor(2) as two:
        list(two.map(running.give_password, PEOPLE))
    yield running
    running.stop()


@pytest.fixture
def seat(browser: Browser, system: System) -> Iterator[Seats]:
    """`seat(PHONE)` is somebody's browser, with nobody signed in yet."""
    with seats(browser, system.address) as take:
        yield take
