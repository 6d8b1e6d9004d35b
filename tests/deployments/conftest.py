"""The command line in use, and companies with cases in them that several files of tests look at.

A database that many tests look at is made once in a process; who uses one changes nothing in it.
"""

from collections.abc import Iterator

import pytest
from clock_commands import PAUSED
from clocks import it_is
from command_line import CommandLine
from conftest import UsingDatabase
from databases import company_copied
from people import opened, play
from refusals import Refusals
from sqlalchemy import Engine

from deployments.postgres import Cluster
from models.language import speak
from models.queries import people
from models.tables.parties import RoleGrant
from tasks import database
from tasks.database import transaction
from tasks.pausing import pause
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capsys, monkeypatch, columns=80)


@pytest.fixture
def refused(aftersales: CommandLine) -> Refusals:
    return Refusals(aftersales)


@pytest.fixture
def in_english() -> None:
    speak("en")


@pytest.fixture
def rehearsal(company: Engine) -> Engine:
    """The sample company at nine in the morning of 1 December 2026."""
    it_is("2026-12-01T09:00:00+08:00")
    return company


@pytest.fixture
def one_waiting(company: Engine) -> Engine:
    """The sample company on a Tuesday at nine with a case reported at eight, whose technician is silent."""
    it_is("2026-12-01T09:00:00+08:00")
    play(opened(reported_at="2026-12-01T08:00:00+08:00"), until="site-finding")
    return company


@pytest.fixture(scope="session")
def four_cases(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database with a closed, a waiting, a withdrawn and a running case, opened at nine on four days."""
    with company_copied(cluster, template) as url:
        with UsingDatabase(url):
            it_is("2026-12-01T09:00:00+08:00")
            play(opened(dealer="D-01"))
            it_is("2026-12-02T09:00:00+08:00")
            play(opened(dealer="D-02", registered_by="wang.fang"), until="recall-scope")
            it_is("2026-12-02T11:30:00+08:00")
            sweep()
            it_is("2026-12-03T09:00:00+08:00")
            play(opened(dealer="D-03"), until="site-finding")
            withdraw("BQ-2026-0003", "Entered twice", "chen.min")
            it_is("2026-12-04T09:00:00+08:00")
            opened(dealer="D-01", product="LX-004", batch="MH260622")
        yield url


@pytest.fixture
def played(four_cases: str) -> Iterator[Engine]:
    """That database, in use."""
    with UsingDatabase(four_cases):
        yield database.engine()


@pytest.fixture(scope="session")
def three_cases(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database at nine on 1 December 2026: one case waits for the recall's scope, one for a finding,
    one is withdrawn; li.na, who registered them, is customer service manager too.
    """
    with company_copied(cluster, template) as url:
        with UsingDatabase(url):
            it_is("2026-12-01T09:00:00+08:00")
            with transaction() as session:
                session.add(RoleGrant(person_id=people.person(session, "li.na").id, role="cs_manager"))
            play(opened(dealer="D-01"), until="recall-scope")
            play(opened(dealer="D-02"), until="site-finding")
            play(opened(dealer="D-03"), until="batch-verdict")
            withdraw("BQ-2026-0003", "Entered twice", "chen.min")
        yield url


@pytest.fixture
def cases(three_cases: str) -> Iterator[Engine]:
    """That database, in use; what is refused changes nothing in it."""
    with UsingDatabase(three_cases):
        yield database.engine()


@pytest.fixture(scope="session")
def clocks_played(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database with a closed case, one whose clock stands, a withdrawn one, and one that is late.

    No mail server is known, so that the acknowledgements of the open ones run on. It is Wednesday, two o'clock.
    """
    with company_copied(cluster, template) as url:
        with UsingDatabase(url):
            it_is("2026-12-01T09:00:00+08:00")
            play(opened(dealer="D-01", reported_at="2026-12-01T06:30:00+08:00"))
            it_is("2026-12-02T09:00:00+08:00")
            play(opened(dealer="D-02", reported_at="2026-12-02T08:00:00+08:00"), until="site-finding")
            withdraw(opened(dealer="D-03"), "Entered twice", "chen.min")
            play(
                opened(dealer="D-01", product="LX-004", batch="MH260622", reported_at="2026-11-27T08:00:00+08:00"),
                until="site-finding",
            )
            it_is("2026-12-02T10:00:00+08:00")
            pause(PAUSED, "determination", "The shop | is [closed]", "chen.min")
            it_is("2026-12-02T14:00:00+08:00")
            sweep()
        yield url


@pytest.fixture
def four_clocks(clocks_played: str) -> Iterator[Engine]:
    """That database, in use."""
    with UsingDatabase(clocks_played):
        it_is("2026-12-02T14:00:00+08:00")
        yield database.engine()


@pytest.fixture(scope="session")
def copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a copy of the sample company as it is."""
    with company_copied(cluster, template) as url:
        yield url


@pytest.fixture
def untouched(copied: str) -> Iterator[Engine]:
    """That copy, in use."""
    with UsingDatabase(copied):
        yield database.engine()
