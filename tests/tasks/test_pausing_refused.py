"""Who may stop and restart a clock, and what is refused."""

from collections.abc import Iterator

import pytest
from clocks import REPORTED, it_is, policy_with, state, use
from conftest import UsingDatabase
from databases import company_copied
from people import opened, play
from sqlalchemy import Engine
from traces import audited, everything

from deployments.postgres import Cluster
from models.errors import AfterSalesError, CaseEnded, InvalidInput, NotAllowed, NotFound
from models.queries import people
from models.tables.deadlines import DeadlineState
from tasks.database import engine, transaction
from tasks.pausing import pause, unpause
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")

OPEN, WITHDRAWN, CLOSED = "BQ-2026-0001", "BQ-2026-0002", "BQ-2026-0003"


@pytest.fixture(scope="module")
def cases_of_all_states(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database with an open case that waits for the finding, a withdrawn one and a closed one."""
    with company_copied(cluster, template) as url:
        with UsingDatabase(url):
            it_is("2026-11-23T09:00:00+08:00")
            play(opened(reported_at=REPORTED), until="site-finding")
            withdraw(opened(dealer="D-02"), "Entered twice", "li.na")
            no_batch = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "One piece."})}
            assert play(opened(dealer="D-03"), no_batch) == "ordinary_warranty"
            it_is("2026-11-26T09:00:00+08:00")
        yield url


@pytest.fixture
def all_states(cases_of_all_states: str) -> Iterator[Engine]:
    """That database, in use; what is refused changes nothing in it. The open case's time is over, and nobody swept."""
    with UsingDatabase(cases_of_all_states):
        yield engine()


@pytest.mark.parametrize(
    ("number", "key", "reason", "by", "waits_for", "error", "fields"),
    [
        (OPEN, "determination", "", "chen.min", "", InvalidInput, ["reason"]),
        (OPEN, "determination", " \n\t ", "chen.min", "", InvalidInput, ["reason"]),
        (OPEN, "determination", "a\x1b[2J", "chen.min", "", InvalidInput, ["reason"]),
        (OPEN, "determination", "x" * 4001, "chen.min", "", InvalidInput, ["reason"]),
        (OPEN, "determination", "x", "chen.min", "D-99", InvalidInput, ["waits_for"]),
        (OPEN, "name-technician", "x", "chen.min", "", InvalidInput, ["deadline"]),
        (OPEN, "batch-verdict", "x", "chen.min", "", InvalidInput, ["deadline"]),
        (OPEN, "determination", "x", "li.na", "", NotAllowed, ["person", "roles"]),
        (OPEN, "determination", "x", "zhao.qiang", "", NotAllowed, ["person", "roles"]),
        (OPEN, "determination", "x", "nobody", "", NotFound, ["login"]),
        (OPEN, "determination", "x", "", "", NotFound, ["login"]),
        (OPEN, "settlement", "x", "chen.min", "", NotFound, ["key", "keys"]),
        (OPEN, "Determination", "x", "chen.min", "", NotFound, ["key", "keys"]),
        (WITHDRAWN, "determination", "x", "chen.min", "", CaseEnded, ["number"]),
        (CLOSED, "determination", "x", "chen.min", "", CaseEnded, ["number"]),
        (CLOSED, "batch-verdict", "x", "chen.min", "", CaseEnded, ["number"]),
        ("BQ-2026-0099", "determination", "x", "chen.min", "", NotFound, ["number"]),
    ],
)
def test_a_pause_that_may_not_be_changes_nothing(
    all_states: Engine,
    number: str,
    key: str,
    reason: str,
    by: str,
    waits_for: str,
    error: type[AfterSalesError],
    fields: list[str],
) -> None:
    before = everything()
    with pytest.raises(error) as refused:
        pause(number, key, reason, by, waits_for)
    assert sorted(refused.value.fields) == fields
    assert everything() == before


@pytest.mark.parametrize(
    ("number", "key", "by", "reason", "error"),
    [
        (OPEN, "determination", "li.na", "", NotAllowed),
        (OPEN, "determination", "nobody", "", NotFound),
        (OPEN, "determination", "chen.min", "x" * 4001, InvalidInput),
        (OPEN, "name-technician", "chen.min", "", InvalidInput),
        (OPEN, "settlement", "chen.min", "", NotFound),
        (WITHDRAWN, "determination", "chen.min", "", CaseEnded),
        (CLOSED, "determination", "chen.min", "", CaseEnded),
        ("BQ-2026-0099", "determination", "chen.min", "", NotFound),
    ],
)
def test_a_restart_that_may_not_be_changes_nothing(
    all_states: Engine, number: str, key: str, by: str, reason: str, error: type[AfterSalesError]
) -> None:
    before = everything()
    with pytest.raises(error):
        unpause(number, key, by, reason)
    assert everything() == before


def test_who_asks_for_an_unknown_deadline_hears_which_there_are(number: str) -> None:
    with pytest.raises(NotFound) as unknown:
        pause(number, "settlement", "x", "chen.min")
    assert unknown.value.message == (
        "There is no deadline settlement in this case; there are: "
        "acknowledgement, determination, batch-verdict, name-technician."
    )


def test_the_policy_says_who_keeps_the_clocks(company: Engine) -> None:
    use(policy_with({}, clock_keepers=["cs_clerk", "technology_head"]))
    number = opened()
    with pytest.raises(NotAllowed):
        pause(number, "determination", "x", "chen.min")
    pause(number, "determination", "x", "sun.wei")
    with pytest.raises(NotAllowed):
        unpause(number, "determination", "chen.min")
    unpause(number, "determination", "wang.fang")
    assert [by for by, _of, _detail in audited("paused", number) + audited("unpaused", number)] == [
        "sun.wei",
        "wang.fang",
    ]


def test_somebody_inactive_stops_no_clock(number: str) -> None:
    with transaction() as session:
        people.person(session, "chen.min").active = False
    with pytest.raises(NotFound):
        pause(number, "determination", "x", "chen.min")
    assert state(number) is DeadlineState.RUNNING
