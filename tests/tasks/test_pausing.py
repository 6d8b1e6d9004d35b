"""Stopping clocks: who may, what stands still, by how much due moves, whose time it is, once however many try."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
import yaml
from conftest import POLICY, UsingDatabase
from people import CREDITED, answer, business_now, forward, opened, play, run
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from deployments.catcher import MailCatcher
from deployments.postgres import Cluster
from models.errors import AfterSalesError, CaseEnded, InvalidInput, NotAllowed, NotFound
from models.queries import cases, clock, deadlines, people, policies
from models.tables.audit import AuditEntry
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from tasks.database import engine, transaction
from tasks.pausing import pause, unpause
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: Reported on a Monday at eight; the second day after it, Wednesday, ends at 24:00.
REPORTED, DUE = "2026-11-23T08:00:00+08:00", "2026-11-26T00:00:00+08:00"
TECHNICIAN, HEAD = "liu.yang@minghui.example", "sun.wei@minghui.example"
VICE_PRESIDENT = "zhao.qiang@minghui.example"
NO_FAULT = {"verdict": "no_quality_fault", "pieces_inspected": 9, "report": "Wrong voltage."}


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are chased."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case reported on Monday at eight; now it is nine and the technician is on his way."""
    it_is("2026-11-23T09:00:00+08:00")
    waiting = opened(reported_at=REPORTED)
    play(waiting, until="site-finding")
    return waiting


def it_is(instant: str) -> None:
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat(instant))


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


@contextmanager
def the(number: str, key: str = "determination") -> Iterator[tuple[Session, Deadline]]:
    """A deadline of the case, in a transaction."""
    with transaction() as session:
        yield session, deadlines.of_case(session, cases.by_number(session, number).id, key)


def due(number: str, key: str = "determination") -> datetime:
    with the(number, key) as (_session, deadline):
        return deadline.due_at


def state(number: str, key: str = "determination") -> DeadlineState:
    with the(number, key) as (session, deadline):
        return deadlines.state_of(deadline, clock.now(session))


def ledger(number: str, key: str = "determination") -> list[tuple[datetime, datetime | None]]:
    with the(number, key) as (_session, deadline):
        return [(one.started_at, one.stopped_at) for one in deadline.intervals]


def rungs(number: str, key: str = "determination") -> list[int]:
    with the(number, key) as (_session, deadline):
        return [one.number for one in deadline.rungs]


def shares(number: str, key: str = "determination") -> dict[str, tuple[timedelta, timedelta]]:
    """Party to the time that went by with it, running and paused."""
    with the(number, key) as (session, deadline):
        return {one.party.code: (one.used, one.paused) for one in deadlines.shares(deadline, clock.now(session))}


def said(number: str, operation: str) -> list[tuple[str, str, Any]]:
    """Who did it, to what and how, from the audit."""
    with transaction() as session:
        entries = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.operation == operation, AuditEntry.subject.startswith(number))
            .order_by(AuditEntry.number)
        )
        return [(one.actor, one.subject, one.detail) for one in entries]


def told(number: str, template: str) -> list[str]:
    with transaction() as session:
        notices = session.scalars(
            select(Notice).join(Case).where(Case.number == number, Notice.template == template).order_by(Notice.id)
        )
        return [notice.to_address for notice in notices]


def everything() -> list[list[str]]:
    """Every row that a pause might have changed."""
    tables = ("deadline", "running_interval", "rung", "notice", "task", "audit_entry", '"case"')
    with engine().connect() as connection:
        return [list(connection.scalars(text(f"SELECT t::text FROM {one} t ORDER BY 1"))) for one in tables]


def policy_with(**changed: Any) -> dict[str, Any]:
    """The lighting maker's policy with other limits of the batch quality dispute; `policy` changes it at large."""
    content: dict[str, Any] = yaml.safe_load(POLICY.read_text("utf-8")) | changed.pop("policy", {})
    return content | {"batch_quality": content["batch_quality"] | changed}


def use(content: dict[str, Any]) -> None:
    with transaction() as session:
        policies.keep(session, content)


def stands_between(number: str, key: str, stopped: str, restarted: str) -> None:
    """A pause from and to these very instants; commands take the time that the business clock has."""
    with the(number, key) as (session, deadline):
        assert deadlines.pause(deadline, instant(stopped), "waiting", "chen.min", people.company(session))
    with the(number, key) as (_session, deadline):
        assert deadlines.resume(deadline, instant(restarted), "chen.min")


# What a pause is


def test_a_stopped_clock_stands_with_its_reason_and_its_stopper(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    assert state(number) is DeadlineState.RUNNING
    pause(number, "determination", "The dealer's shop is closed", "chen.min")
    with the(number) as (_session, deadline):
        [only] = deadline.intervals
        assert (only.reason, only.stopped_by) == ("The dealer's shop is closed", "chen.min")
        assert only.waits_for is not None
        assert only.waits_for.code == "D-01"
        assert deadline.paused_at == only.stopped_at
        assert deadline.next_rung_at is None
        assert deadline.paused_at is not None
        assert timedelta() <= deadline.paused_at - instant("2026-11-24T10:00:00+08:00") < timedelta(seconds=30)
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []


def test_a_restarted_clock_runs_on_with_who_had_the_ball_before(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-25T10:00:00+08:00")
    unpause(number, "determination", "chen.min", "It is open again")
    with the(number) as (_session, deadline):
        first, second = deadline.intervals
        assert (first.holder.code, second.holder.code) == ("C-01", "C-01")
        assert (second.started_by, second.stopped_at, deadline.paused_at) == ("chen.min", None, None)
        assert deadline.next_rung_at is not None
    assert state(number) is DeadlineState.RUNNING
    assert verify() == []


def test_both_stand_in_the_audit_once(number: str) -> None:
    for _twice in range(2):
        pause(number, "determination", "The shop is closed", "chen.min", "V-01")
    for _twice in range(2):
        unpause(number, "determination", "chen.min", "It is open again")
    subject = f"{number}:determination"
    assert said(number, "paused") == [("chen.min", subject, {"reason": "The shop is closed", "waits_for": "V-01"})]
    [(by, of, detail)] = said(number, "unpaused")
    assert (by, of, detail["reason"]) == ("chen.min", subject, "It is open again")
    assert instant(detail["due"]) == due(number)


def test_a_second_pause_changes_nothing_and_the_first_reason_stays(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=5)
    before = everything()
    pause(number, "determination", "Something else", "chen.min", "V-01")
    assert everything() == before


def test_a_second_restart_changes_nothing(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=5)
    unpause(number, "determination", "chen.min")
    forward(hours=5)
    before = everything()
    unpause(number, "determination", "chen.min")
    assert everything() == before


def test_a_clock_that_was_never_stopped_is_not_restarted(number: str) -> None:
    before = everything()
    unpause(number, "determination", "chen.min")
    assert everything() == before


def test_a_clock_is_stopped_and_restarted_as_often_as_need_be(number: str) -> None:
    for day in ("23", "24", "25"):
        it_is(f"2026-11-{day}T12:00:00+08:00")
        pause(number, "determination", "Lunch", "chen.min")
        it_is(f"2026-11-{day}T13:00:00+08:00")
        unpause(number, "determination", "chen.min")
    assert len(ledger(number)) == 4
    assert len(said(number, "paused")) == len(said(number, "unpaused")) == 3
    # Three hours later than without them, less the seconds that the commands took.
    assert abs(due(number) - instant("2026-11-26T03:00:00+08:00")) < timedelta(minutes=2)
    assert verify() == []


# By how much due moves


@pytest.mark.parametrize(
    ("limit", "stopped", "restarted", "moved", "_why"),
    [
        ("2 days", "2026-11-23T12:00", "2026-11-24T15:30", "2026-11-27T03:30", "27 hours and a half, all of them"),
        ("2 days", "2026-11-25T23:59", "2026-12-05T23:59", "2026-12-06T00:00", "the last minute waits ten days"),
        ("2 days", "2026-11-23T12:00", "2026-11-23T12:00", "2026-11-26T00:00", "no time at all"),
        ("100 hours", "2026-11-24T08:00", "2026-11-24T09:15", "2026-11-27T13:15", "12:00 of the 27th and 75 minutes"),
        ("1 months", "2026-12-01T00:00", "2026-12-02T12:00", "2026-12-25T12:00", "24:00 of 23 December and 36 hours"),
        # Four working days pass: 14 + 24 + 24 + 24 hours, and ten of the Monday. Friday, Monday, Tuesday, Wednesday.
        ("3 working days", "2026-11-24T10:00", "2026-11-30T10:00", "2026-12-03T00:00", "four working days"),
        ("3 working days", "2026-11-28T09:00", "2026-11-29T20:00", "2026-11-27T00:00", "used up before the weekend"),
        ("5 working days", "2026-11-28T09:00", "2026-11-29T20:00", "2026-12-01T00:00", "a weekend does not count"),
        # From Friday noon to Sunday noon twelve hours count; they are missing after Monday's 24:00.
        ("5 working days", "2026-11-27T12:00", "2026-11-29T12:00", "2026-12-01T12:00", "half a working day"),
        # Two hours of Friday's last twelve: from Friday 24:00 they are those of Monday until two.
        ("4 working days", "2026-11-26T20:00", "2026-11-26T22:00", "2026-11-30T02:00", "over the weekend"),
        # Five of ten hours are used at three on Monday; the rest runs on Tuesday: 09:30-12:00 and 13:30-16:00.
        ("10 working hours", "2026-11-23T15:00", "2026-11-24T09:30", "2026-11-24T16:00", "11:00, and 3:30 hours more"),
        ("10 working hours", "2026-11-23T17:30", "2026-11-24T08:30", "2026-11-24T11:00", "a night does not count"),
    ],
)
def test_due_moves_by_exactly_the_time_that_counts_in_the_pause(
    company: Engine, limit: str, stopped: str, restarted: str, moved: str, _why: str
) -> None:
    use(policy_with(determination={"limit": limit, "rungs": [{"at": "100%", "to": "cs_manager"}]}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    stands_between(number, "determination", f"{stopped}:00+08:00", f"{restarted}:00+08:00")
    assert due(number) == instant(f"{moved}:00+08:00")
    with the(number) as (_session, deadline):
        assert deadline.next_rung_at == deadline.due_at
    assert verify() == []


def test_holidays_in_a_pause_do_not_count_and_make_up_days_after_it_do(company: Engine) -> None:
    """National Day rests from 1 to 7 October 2026; Saturday the 10th is worked."""
    use(policy_with(determination={"limit": "4 working days"}))
    it_is("2026-09-28T09:00:00+08:00")
    number = opened(reported_at="2026-09-28T08:00:00+08:00")
    # Tuesday, Wednesday, Thursday the 8th, Friday the 9th.
    assert due(number) == instant("2026-10-10T00:00:00+08:00")
    # Twelve hours of the Wednesday count, nothing of the holidays; they are missing on the make-up Saturday.
    stands_between(number, "determination", "2026-09-30T12:00:00+08:00", "2026-10-06T12:00:00+08:00")
    assert due(number) == instant("2026-10-10T12:00:00+08:00")


def test_several_pauses_add_up(number: str) -> None:
    stands_between(number, "determination", "2026-11-23T10:00:00+08:00", "2026-11-23T11:00:00+08:00")
    stands_between(number, "determination", "2026-11-23T11:00:00+08:00", "2026-11-23T11:30:00+08:00")
    stands_between(number, "determination", "2026-11-25T23:00:00+08:00", "2026-11-27T00:00:00+08:00")
    # An hour, half an hour, 25 hours.
    assert due(number) == instant("2026-11-27T02:30:00+08:00")
    assert verify() == []


def test_the_commands_take_the_business_time(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-26T11:00:00+08:00")
    unpause(number, "determination", "chen.min")
    (_start, stopped), (restarted, _open) = ledger(number)
    assert stopped is not None
    assert due(number) - instant(DUE) == restarted - stopped
    assert timedelta(hours=49) - timedelta(seconds=30) < restarted - stopped < timedelta(hours=49, seconds=30)


def test_while_a_clock_stands_it_would_be_due_later_and_later(number: str) -> None:
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-24T10:00:00+08:00"), "closed", "chen.min", people.company(session))
    with the(number) as (_session, deadline):
        seen = [deadlines.due_of(deadline, instant(f"2026-11-{day}T10:00:00+08:00")) for day in (24, 25, 30)]
        assert deadline.due_at == instant(DUE)
    assert seen == [instant(DUE), instant("2026-11-27T00:00:00+08:00"), instant("2026-12-02T00:00:00+08:00")]


def test_a_standing_clock_of_working_days_would_be_due_at_the_same_time_all_weekend(company: Engine) -> None:
    use(policy_with(determination={"limit": "5 working days"}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-27T18:00:00+08:00"), "closed", "chen.min", people.company(session))
    with the(number) as (_session, deadline):
        seen = [
            deadlines.due_of(deadline, instant(one))
            for one in ("2026-11-28T09:00:00+08:00", "2026-11-29T23:00:00+08:00", "2026-11-30T01:00:00+08:00")
        ]
    # Six hours of the Friday are missing after Monday's 24:00; then one of the Monday too.
    assert seen == [instant("2026-12-01T06:00:00+08:00")] * 2 + [instant("2026-12-01T07:00:00+08:00")]


def test_the_time_used_stands_still_too(number: str) -> None:
    with the(number) as (session, deadline):
        deadlines.pause(deadline, instant("2026-11-24T10:00:00+08:00"), "closed", "chen.min", people.company(session))
        # Sixteen hours of Monday and ten of Tuesday.
        assert deadlines.elapsed(deadline, instant("2026-12-24T10:00:00+08:00")) == timedelta(hours=26)


# Who may, and what is refused


@pytest.fixture(scope="module")
def cases_of_all_states(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a database with an open case that waits for the finding, a withdrawn one and a closed one."""
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"all_states_{uuid4().hex[:12]}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = cluster.url(name).render_as_string(hide_password=False)
    with UsingDatabase(url):
        it_is("2026-11-23T09:00:00+08:00")
        play(opened(reported_at=REPORTED), until="site-finding")
        withdraw(opened(dealer="D-02"), "Entered twice", "li.na")
        no_batch = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "One piece."})}
        assert play(opened(dealer="D-03"), no_batch) == "ordinary_warranty"
        it_is("2026-11-26T09:00:00+08:00")
    yield url
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def all_states(cases_of_all_states: str) -> Iterator[Engine]:
    """That database, in use; what is refused changes nothing in it. The open case's time is over, and nobody swept."""
    with UsingDatabase(cases_of_all_states):
        yield engine()


OPEN, WITHDRAWN, CLOSED = "BQ-2026-0001", "BQ-2026-0002", "BQ-2026-0003"


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
    use(policy_with(policy={"clock_keepers": ["cs_clerk", "technology_head"]}))
    number = opened()
    with pytest.raises(NotAllowed):
        pause(number, "determination", "x", "chen.min")
    pause(number, "determination", "x", "sun.wei")
    with pytest.raises(NotAllowed):
        unpause(number, "determination", "chen.min")
    unpause(number, "determination", "wang.fang")
    assert [by for by, _of, _detail in said(number, "paused") + said(number, "unpaused")] == ["sun.wei", "wang.fang"]


def test_somebody_inactive_stops_no_clock(number: str) -> None:
    with transaction() as session:
        people.person(session, "chen.min").active = False
    with pytest.raises(NotFound):
        pause(number, "determination", "x", "chen.min")
    assert state(number) is DeadlineState.RUNNING


# Who is told


def test_rungs_whose_time_had_come_before_happen_at_the_pause(number: str) -> None:
    # 80 % of 64 hours are over at 11:12 on Wednesday; no sweep has run.
    it_is("2026-11-25T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    assert rungs(number) == [1, 2]
    assert told(number, "deadline_reminder") == [TECHNICIAN, HEAD]
    assert told(number, "deadline_escalation") == []
    assert state(number) is DeadlineState.PAUSED


def test_a_clock_that_ran_out_before_it_is_stopped_is_breached_and_its_escalation_goes_out(number: str) -> None:
    it_is("2026-11-26T00:00:30+08:00")
    pause(number, "determination", "Too late", "chen.min")
    assert rungs(number) == [1, 2, 3]
    assert told(number, "deadline_escalation") == [VICE_PRESIDENT]
    assert state(number) is DeadlineState.BREACHED
    forward(days=30)
    unpause(number, "determination", "chen.min")
    with the(number) as (_session, deadline):
        assert (deadline.due_at, deadline.breached_at) == (instant(DUE), instant(DUE))
    assert state(number) is DeadlineState.BREACHED
    assert verify() == []


def test_a_clock_that_stands_chases_nobody_however_long(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    for days in (1, 7, 90, 400):
        forward(days=days)
        swept = sweep()
        assert (swept.deadlines, swept.reminded, swept.escalated) == (0, 0, 0)
    assert rungs(number) == []
    assert state(number) is DeadlineState.PAUSED
    # 498 days went by, and due with them.
    with the(number) as (session, deadline):
        moved = deadlines.due_of(deadline, clock.now(session)) - instant(DUE)
    assert timedelta(days=498) - timedelta(minutes=1) < moved < timedelta(days=498, minutes=2)


def test_after_a_pause_its_rungs_happen_later_by_the_pause(number: str) -> None:
    stands_between(number, "determination", "2026-11-24T10:00:00+08:00", "2026-11-25T10:00:00+08:00")
    # 11:12 on Wednesday, and 24:00 of it, a day later.
    for at, expected in (
        ("2026-11-26T11:11:59+08:00", []),
        ("2026-11-26T11:12:00+08:00", [1, 2]),
        ("2026-11-26T23:59:59+08:00", [1, 2]),
        ("2026-11-27T00:00:01+08:00", [1, 2, 3]),
    ):
        sweep(instant(at))
        assert rungs(number) == expected
    with the(number) as (_session, deadline):
        assert deadline.breached_at == instant("2026-11-27T00:00:00+08:00")


def test_what_happened_before_a_pause_does_not_happen_again_after_it(number: str) -> None:
    it_is("2026-11-25T12:00:00+08:00")
    sweep()
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-30T12:00:00+08:00")
    sweep()
    unpause(number, "determination", "chen.min")
    sweep()
    assert rungs(number) == [1, 2]
    # Twelve hours were left.
    it_is("2026-12-01T00:05:00+08:00")
    sweep()
    assert rungs(number) == [1, 2, 3]
    assert (len(told(number, "deadline_reminder")), len(told(number, "deadline_escalation"))) == (2, 1)


def test_silence_answers_nothing_while_the_clock_stands(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, {**CREDITED, "site-finding": ("liu.yang", NO_FAULT)}, until="appeal")
    it_is("2026-11-25T09:00:00+08:00")
    pause(number, "appeal", "The dealer is ill", "chen.min")
    forward(days=60)
    assert sweep().lapsed == 0
    unpause(number, "appeal", "chen.min")
    # From nine on the 25th to 24:00 of the 28th: 87 hours were left.
    forward(hours=86, minutes=55)
    assert sweep().lapsed == 0
    forward(minutes=10)
    assert sweep().lapsed == 1
    assert run(number) == "not_confirmed"


def test_a_reminder_that_waits_for_working_hours_waits_on_while_its_clock_stands(
    company: Engine, mailbox: MailCatcher
) -> None:
    it_is("2026-11-26T09:00:00+08:00")
    number = opened(reported_at="2026-11-26T08:00:00+08:00")
    play(number, until="site-finding")

    def arrived() -> list[str]:
        with transaction() as session:
            ids = set(session.scalars(select(Notice.message_id).where(Notice.template == "deadline_reminder")))
        return sorted(one["To"].addresses[0].addr_spec for one in mailbox.messages() if one["Message-ID"] in ids)

    # 80 % of the time are over at 11:12 on Saturday; the rungs happen, their mails wait for Monday.
    it_is("2026-11-28T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    assert rungs(number) == [1, 2]
    it_is("2026-12-01T10:00:00+08:00")
    sweep()
    assert arrived() == []
    unpause(number, "determination", "chen.min")
    sweep()
    assert arrived() == [TECHNICIAN, HEAD]


# When it ends while it stands


def test_what_is_done_while_the_clock_stands_is_in_time_however_late(number: str) -> None:
    it_is("2026-11-25T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-12-20T10:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    with the(number) as (session, deadline):
        assert (deadline.breached_at, deadline.paused_at, deadline.next_rung_at) == (None, None, None)
        assert deadline.met_at is not None
        [only] = deadline.intervals
        assert (only.reason, only.stopped_by) == ("The shop is closed", "chen.min")
        # 50 hours ran: sixteen, twenty-four, ten; less than a minute of them went by in the commands.
        used = deadlines.elapsed(deadline, clock.now(session))
    assert timedelta(hours=50) <= used < timedelta(hours=50, minutes=1)
    assert state(number) is DeadlineState.MET
    assert told(number, "deadline_escalation") == []
    assert verify() == []
    assert play(number) == "credited"
    assert verify() == []


def test_a_case_withdrawn_while_a_clock_stands_leaves_it_standing(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    withdraw(number, "Entered twice", "li.na")
    forward(days=30)
    sweep()
    with the(number) as (_session, deadline):
        assert deadline.abandoned_at is not None
        assert (deadline.paused_at, deadline.met_at, deadline.next_rung_at) == (None, None, None)
        assert deadline.breached_at is None
        assert deadline.rungs == []
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []


def test_a_case_closed_while_a_clock_stands_ends_it(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="remedy")
    pause(number, "remedy", "The dealer thinks about it", "chen.min")
    lines = [{"delivery": one, "received": 0, "already_sold": of} for one, of in SOLD.items()]
    answer(number, "arrival", "ma.chao", {"lines": lines, "waybill": "-", "more_to_come": "no"})
    assert run(number) == "nothing_came_back"
    with the(number, "remedy") as (_session, deadline):
        assert deadline.abandoned_at is not None
        assert deadline.paused_at is None
        assert [one.reason for one in deadline.intervals] == ["The dealer thinks about it"]
    assert verify() == []


#: Everything of the batch that the dealer received.
SOLD = {"DN-2026-0001": 120, "DN-2026-0002": 80}


# A rehearsal clock that jumps back


def test_a_clock_set_back_between_pause_and_restart_loses_nothing(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=-1)
    with the(number) as (session, deadline):
        assert deadlines.due_of(deadline, clock.now(session)) == instant(DUE)
    unpause(number, "determination", "chen.min")
    (_first, stopped), (restarted, _open) = ledger(number)
    assert restarted == stopped
    assert due(number) == instant(DUE)
    assert state(number) is DeadlineState.RUNNING
    assert verify() == []


def test_a_clock_set_back_between_start_and_pause_loses_nothing(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened()
    run(number)
    [(started, _open)] = ledger(number, "batch-verdict")
    first_due = due(number, "batch-verdict")
    forward(hours=-1)
    pause(number, "batch-verdict", "Lunch", "chen.min")
    assert ledger(number, "batch-verdict") == [(started, started)]
    with the(number, "batch-verdict") as (session, deadline):
        assert deadlines.elapsed(deadline, clock.now(session)) == timedelta()
        assert deadlines.due_of(deadline, clock.now(session)) == first_due
    unpause(number, "batch-verdict", "chen.min")
    assert ledger(number, "batch-verdict") == [(started, started), (started, None)]
    assert due(number, "batch-verdict") == first_due
    assert verify() == []


def test_the_ledger_never_runs_backwards_however_the_clock_is_set(number: str) -> None:
    for hours in (5, -3, 7, -9, 1, -2):
        pause(number, "determination", "x", "chen.min")
        forward(hours=hours)
        unpause(number, "determination", "chen.min")
        forward(hours=-hours / 2)
    spans = ledger(number)
    assert len(spans) == 7
    instants = [one for span in spans for one in span if one is not None]
    assert all(earlier <= later for earlier, later in pairwise(instants))
    paused = sum(
        (after[0] - before[1] for before, after in pairwise(spans) if before[1] is not None), start=timedelta()
    )
    assert due(number) - instant(DUE) == paused
    assert verify() == []


def test_what_is_done_after_the_clock_was_set_back_ends_a_standing_clock(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    forward(hours=-1)
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert state(number) is DeadlineState.MET
    with the(number) as (_session, deadline):
        assert deadlines.clock_of(deadline).due() == instant(DUE)
    assert verify() == []


# Whose time it is


def test_the_time_of_the_companys_task_is_the_companys_and_in_a_pause_the_dealers(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-24T12:00:00+08:00")
    unpause(number, "determination", "chen.min")
    (_start, stopped), (restarted, _open) = ledger(number)
    assert stopped is not None
    assert timedelta(hours=2) - timedelta(seconds=30) < restarted - stopped < timedelta(hours=2, seconds=30)
    # Twenty-eight hours from eight on Monday to noon on Tuesday and two more, less what was the dealer's.
    assert shares_at(number, "determination", "2026-11-24T14:00:00+08:00") == {
        "C-01": (timedelta(hours=30) - (restarted - stopped), timedelta()),
        "D-01": (timedelta(), restarted - stopped),
    }


def shares_at(number: str, key: str, at: str) -> dict[str, tuple[timedelta, timedelta]]:
    with the(number, key) as (_session, deadline):
        return {one.party.code: (one.used, one.paused) for one in deadlines.shares(deadline, instant(at))}


def test_the_time_of_a_task_for_the_dealer_is_the_dealers_and_in_a_pause_the_companys(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="remedy")
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "remedy", "We look for the price list", "chen.min")
    it_is("2026-11-24T12:00:00+08:00")
    unpause(number, "remedy", "chen.min")
    it_is("2026-11-24T14:00:00+08:00")
    found = shares(number, "remedy")
    assert list(found) == ["D-01", "C-01"]
    assert abs(found["D-01"][0] - timedelta(hours=27)) < timedelta(minutes=2)
    assert found["D-01"][1] == found["C-01"][0] == timedelta()
    assert abs(found["C-01"][1] - timedelta(hours=2)) < timedelta(minutes=1)


def test_in_a_pause_the_ball_is_with_whom_it_is_said_to_wait_for(number: str) -> None:
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The supplier measures", "chen.min", "V-01")
    it_is("2026-11-24T13:00:00+08:00")
    found = shares(number)
    assert list(found) == ["C-01", "V-01"]
    assert abs(found["V-01"][1] - timedelta(hours=3)) < timedelta(minutes=1)
    assert found["V-01"][0] == timedelta()


def test_a_working_day_pause_gives_a_party_its_working_days_alone(company: Engine) -> None:
    use(policy_with(determination={"limit": "5 working days"}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    stands_between(number, "determination", "2026-11-27T12:00:00+08:00", "2026-11-30T06:00:00+08:00")
    # Sixteen hours, three days, twelve hours; then four of the Monday. The pause: half of Friday, six hours of Monday.
    assert shares_at(number, "determination", "2026-11-30T10:00:00+08:00") == {
        "C-01": (timedelta(days=3, hours=32), timedelta(hours=18)),
    }


def test_the_ball_passes_to_the_party_of_the_technician_and_due_does_not_move(company: Engine) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "zhou.hai").id, role="technician"))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    script = {**CREDITED, "name-technician": ("sun.wei", {"technician": "zhou.hai"})}
    play(number, script, until="site-finding")
    with the(number) as (_session, deadline):
        first, second = deadline.intervals
        assert (first.holder.code, second.holder.code) == ("C-01", "B-01")
        assert (first.stopped_at, first.waits_for) == (second.started_at, None)
        assert second.stopped_at is None
        assert deadline.due_at == instant(DUE)
        passed = second.started_at
        until = instant("2026-11-24T10:00:00+08:00")
        found = {one.party.code: one.used for one in deadlines.shares(deadline, until)}
    assert found == {"C-01": passed - instant(REPORTED), "B-01": until - passed}
    # In a pause of the office's time the other side is the dealer.
    pause(number, "determination", "The shop is closed", "chen.min")
    with the(number) as (_session, deadline):
        waits_for = deadline.intervals[-1].waits_for
        assert waits_for is not None
        assert waits_for.code == "D-01"
    unpause(number, "determination", "chen.min")
    with the(number) as (_session, deadline):
        assert [one.holder.code for one in deadline.intervals] == ["C-01", "B-01", "B-01"]
    assert verify() == []


def test_a_ball_that_passes_while_the_clock_stands_is_the_new_holders_when_it_goes_on(company: Engine) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "zhou.hai").id, role="technician"))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="name-technician")
    it_is("2026-11-23T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-23T14:00:00+08:00")
    answer(number, "name-technician", "sun.wei", {"technician": "zhou.hai"})
    run(number)
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []
    it_is("2026-11-23T20:00:00+08:00")
    unpause(number, "determination", "chen.min")
    it_is("2026-11-23T23:00:00+08:00")
    # Two hours with the company, ten with the dealer, three with the office.
    minutes = {
        code: (round(used.seconds / 60), round(paused.seconds / 60)) for code, (used, paused) in shares(number).items()
    }
    assert minutes == {"C-01": (120, 0), "D-01": (0, 600), "B-01": (180, 0)}
    assert abs(due(number) - instant("2026-11-26T10:00:00+08:00")) < timedelta(minutes=1)
    assert len(said(number, "paused")) == len(said(number, "unpaused")) == 1
    assert verify() == []


def test_the_time_that_went_by_with_the_parties_is_all_the_time_there_was(number: str) -> None:
    for hours in (3, 8, 30):
        forward(hours=hours)
        pause(number, "determination", "x", "chen.min")
        forward(hours=hours)
        unpause(number, "determination", "chen.min")
    with the(number) as (session, deadline):
        at = clock.now(session)
        total = sum((one.used + one.paused for one in deadlines.shares(deadline, at)), start=timedelta())
    assert total == at - instant(REPORTED)


# The procedure's own pause


def test_the_settlement_stands_while_the_dealers_goods_are_on_their_way(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="arrival")
    assert state(number, "settlement") is DeadlineState.PAUSED
    with the(number, "settlement") as (_session, deadline):
        [only] = deadline.intervals
        assert (only.holder.code, only.stopped_by, only.started_at) == ("C-01", "flow", only.stopped_at)
        assert only.waits_for is not None
        assert only.waits_for.code == "D-01"
    assert [(by, detail["waits_for"]) for by, _of, detail in said(number, "paused")] == [("flow", "D-01")]
    # The dealer takes eleven days: nobody at the company is chased for the settlement.
    it_is("2026-12-04T09:00:00+08:00")
    sweep()
    assert rungs(number, "settlement") == []
    assert verify() == []


def test_the_settlement_goes_on_with_the_last_arrival_and_is_met_by_the_credit(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="arrival")
    it_is("2026-11-26T09:00:00+08:00")
    part = {"lines": [{"delivery": "DN-2026-0001", "received": 100}], "waybill": "SF1", "more_to_come": "yes"}
    answer(number, "arrival", "ma.chao", part)
    answer(number, "remedy", *CREDITED["remedy"])
    run(number)
    assert state(number, "settlement") is DeadlineState.PAUSED
    it_is("2026-11-30T09:00:00+08:00")
    rest = {"lines": [{"delivery": "DN-2026-0002", "received": 80}], "waybill": "SF2", "more_to_come": "no"}
    answer(number, "arrival", "ma.chao", rest)
    run(number)
    assert state(number, "settlement") is DeadlineState.RUNNING
    # Monday the 23rd is day 0, so ten working days would end at 24:00 of 7 December; five of them were the dealer's.
    assert abs(due(number, "settlement") - instant("2026-12-15T00:00:00+08:00")) < timedelta(minutes=2)
    it_is("2026-12-01T09:00:00+08:00")
    answer(number, "freight-bill", *CREDITED["freight-bill"])
    assert run(number) == "credited"
    assert state(number, "settlement") is DeadlineState.MET
    assert [by for by, of, _detail in said(number, "unpaused") if of.endswith("settlement")] == ["flow"]
    found = shares(number, "settlement")
    # Five working days with the dealer, from nine to nine; one with the company.
    assert abs(found["D-01"][1] - timedelta(days=5)) < timedelta(minutes=2)
    assert abs(found["C-01"][0] - timedelta(days=1)) < timedelta(minutes=2)
    assert verify() == []


def test_replacement_goods_on_their_way_meet_the_settlement_too(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    script = {**CREDITED, "remedy": ("li.na", {"remedy": "replacement", "told_by": "Mr He"})}
    play(number, script, until="replacement-dispatch")
    assert state(number, "settlement") is DeadlineState.RUNNING
    it_is("2026-11-24T09:00:00+08:00")
    dispatched = {"waybill": "SF200", "dispatched_at": "2026-11-24T08:00:00+08:00"}
    answer(number, "replacement-dispatch", "ma.chao", dispatched)
    assert run(number) == "replaced"
    assert state(number, "settlement") is DeadlineState.MET
    assert verify() == []


def test_the_procedures_reason_stays_if_somebody_stops_its_clock_again(company: Engine) -> None:
    number = opened()
    play(number, until="arrival")
    before = everything()
    pause(number, "settlement", "Something else", "chen.min", "V-01")
    assert everything() == before


def test_the_last_arrival_lets_a_clock_go_on_that_somebody_stopped(company: Engine) -> None:
    number = opened()
    play(number, until="arrival")
    unpause(number, "settlement", "chen.min")
    pause(number, "settlement", "The accounts are closed", "chen.min")
    answer(number, "remedy", *CREDITED["remedy"])
    answer(number, "arrival", *CREDITED["arrival"])
    run(number)
    assert state(number, "settlement") is DeadlineState.RUNNING
    assert verify() == []


# Many at once


def crowd(many: int, act: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(many) as at_once:
        list(at_once.map(act, range(many)))


def test_of_four_who_stop_a_clock_at_once_one_does(number: str) -> None:
    crowd(4, lambda one: pause(number, "determination", f"Reason {one}", "chen.min"))
    with the(number) as (_session, deadline):
        [only] = deadline.intervals
        reason = only.reason
    assert [detail["reason"] for _by, _of, detail in said(number, "paused")] == [reason]
    assert verify() == []


def test_of_four_who_restart_a_clock_at_once_one_does(number: str) -> None:
    pause(number, "determination", "The shop is closed", "chen.min")
    crowd(4, lambda _one: unpause(number, "determination", "chen.min"))
    assert len(ledger(number)) == 2
    assert len(said(number, "unpaused")) == 1
    assert verify() == []


def test_stopping_and_restarting_at_once_leaves_a_ledger_in_order(number: str) -> None:
    def press(one: int) -> None:
        if one % 2:
            unpause(number, "determination", "chen.min")
        else:
            pause(number, "determination", f"Reason {one}", "chen.min")

    crowd(4, press)
    crowd(4, press)
    paused, unpaused = len(said(number, "paused")), len(said(number, "unpaused"))
    assert paused - unpaused == (state(number) is DeadlineState.PAUSED)
    assert len(ledger(number)) == 1 + unpaused
    assert verify() == []


def test_stopping_a_clock_beside_sweeps_makes_each_rung_happen_once(number: str) -> None:
    it_is("2026-11-26T09:00:00+08:00")
    crowd(4, lambda one: pause(number, "determination", "x", "chen.min") if one % 2 else sweep() and None)
    assert rungs(number) == [1, 2, 3]
    assert len(told(number, "deadline_reminder") + told(number, "deadline_escalation")) == 3
    with the(number) as (_session, deadline):
        assert deadline.paused_at is not None
    assert verify() == []


def test_stopping_a_clock_while_its_task_is_answered_leaves_it_met(number: str) -> None:
    def press(one: int) -> None:
        if one:
            answer(number, "site-finding", *CREDITED["site-finding"])
        else:
            try:
                pause(number, "determination", "x", "chen.min")
            except InvalidInput as late:
                assert list(late.fields) == ["deadline"]  # noqa: PT017  # either order is right

    crowd(2, press)
    assert state(number) is DeadlineState.MET
    assert business_now() > instant(REPORTED)
    assert verify() == []
