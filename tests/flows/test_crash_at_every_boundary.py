"""The flow's process is killed at every boundary of the procedure; run again, the case comes to the same end.

A boundary is the instant before and the instant after each commit, and the instant between the mail server's OK
and the commit that records it. The child is a fork and is really killed.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from people import CREDITED, Script, opened, play
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from deployments.catcher import MailCatcher
from models.tables.cases import Case, Step
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice, NoticeState
from models.tables.questions import Decision, Task
from tasks import database, post
from tasks.database import transaction
from tasks.verifying import verify

REPLACED = {
    **CREDITED,
    "recall-scope": ("chen.min", {"decision": "send_back", "comment": "Count again."}),
    "scope-correction": ("liu.yang", {"pieces_on_hand": 160, "report": "Counted again."}),
    "recall-confirmation": ("chen.min", {"comment": "Now it is right."}),
    "remedy": ("li.na", {"remedy": "replacement", "told_by": "Mr He"}),
}
NOT_CONFIRMED: Script = {
    **CREDITED,
    "site-finding": (
        "liu.yang",
        {"verdict": "no_quality_fault", "pieces_inspected": 20, "pieces_on_hand": 150, "report": "Wrong voltage used."},
    ),
    "appeal": ("li.na", {"appeals": "yes", "grounds": "Voltage was right."}),
    "appeal-ruling": ("chen.min", {"ruling": "uphold_finding", "reasons": "Measured twice."}),
}
NO_BATCH: Script = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "Single pieces."})}
WAYS: dict[str, Script] = {"credited": CREDITED, "replaced": REPLACED, "not_confirmed": NOT_CONFIRMED}


class KilledAt:
    """Kills this process at its n-th boundary."""

    def __init__(self, boundary: int) -> None:
        self.boundary = boundary
        self.passed = 0
        self.events = {"after_flush": self.wrote, "before_commit": self.committing, "after_commit": self.committing}

    def wrote(self, session: Session, *_event: object) -> None:
        session.info["wrote"] = True

    def committing(self, session: Session) -> None:
        if session.info.get("wrote") or session.new or session.dirty:
            self.pass_one()

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self.boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    def __enter__(self) -> "KilledAt":
        for name, heard in self.events.items():
            event.listen(Session, name, heard)
        self._mark_sent: Callable[..., Any] = post._mark_sent
        post._mark_sent = self._sent_but_not_recorded  # type: ignore[assignment]
        return self

    def __exit__(self, *_exception: object) -> None:
        for name, heard in self.events.items():
            event.remove(Session, name, heard)
        post._mark_sent = self._mark_sent  # type: ignore[assignment]

    def _sent_but_not_recorded(self, *arguments: Any) -> None:
        self.pass_one()
        self._mark_sent(*arguments)


def in_a_child(do: Callable[[], object]) -> int:
    """The exit status of a forked child that does `do`; a killed one answers with the signal's negative number."""
    database.engine().dispose()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            database.engine.cache_clear()
            do()
            status = 0
        except BaseException as error:  # noqa: BLE001  # a fork of pytest must end here, whatever happened
            sys.__stderr__.write(f"child: {error!r}\n")
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def what_happened(number: str) -> dict[str, object]:
    """Everything about a case that must not depend on how often its process died."""
    with transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()

        def all_of(table: Any, *columns: Any) -> list[Any]:
            return sorted(session.execute(select(*columns).where(table.case_id == case.id)).all(), key=repr)

        return {
            "outcome": case.outcome,
            "steps": all_of(Step, Step.key),
            "tasks": all_of(Task, Task.key, Task.round, Task.state),
            "decisions": sorted(session.scalars(select(Task.key).join(Decision).where(Task.case_id == case.id))),
            "notices": all_of(Notice, Notice.key, Notice.state),
            "stock": all_of(StockMove, StockMove.step, StockMove.line, StockMove.quantity),
            "money": all_of(MoneyMove, MoneyMove.step, MoneyMove.line, MoneyMove.amount),
        }


def boundaries_of(script: Script) -> int:
    """How many boundaries the procedure has on this way."""
    with KilledAt(boundary=0) as counting:
        number = opened()
        play(number, script)
    return counting.passed


@pytest.fixture
def empty(company: Engine) -> Callable[[], None]:
    """Empties the cases between two runs of one test, which is quicker than a new database for each boundary."""

    def truncate() -> None:
        with transaction() as session:
            # What tests may do and nobody else: without the triggers that keep what happened.
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text('TRUNCATE "case", audit_entry, case_number RESTART IDENTITY CASCADE'))

    return truncate


@pytest.mark.parametrize("way", WAYS)
def test_a_case_comes_to_the_same_end_wherever_its_process_is_killed(
    way: str, company: Engine, empty: Callable[[], None]
) -> None:
    boundaries = boundaries_of(WAYS[way])
    expected = what_happened("BQ-2026-0001")
    assert expected["outcome"] == way
    for boundary in range(1, boundaries + 1):
        empty()
        killed_and_led_to_its_end(WAYS[way], boundary)
        assert what_happened("BQ-2026-0001") == expected, boundary
        assert verify() == [], boundary


def test_a_mail_repeats_only_between_the_servers_ok_and_the_commit_and_with_the_same_message_id(
    company: Engine, empty: Callable[[], None], mailbox: MailCatcher
) -> None:
    boundaries = boundaries_of(NO_BATCH)
    expected = what_happened("BQ-2026-0001")
    sent = Counter(message["Message-ID"] for message in mailbox.messages())
    assert set(sent.values()) == {1}
    repeated: Counter[str] = Counter()
    for boundary in range(1, boundaries + 1):
        empty()
        for kept in mailbox.folder.iterdir():
            kept.unlink()
        killed_and_led_to_its_end(NO_BATCH, boundary)
        assert what_happened("BQ-2026-0001") == expected, boundary
        received = Counter(message["Message-ID"] for message in mailbox.messages())
        assert set(received) == set(sent), boundary
        repeated += received - sent
    # Each mail twice: killed right after the server's OK, and killed right before the commit.
    assert repeated == Counter(dict.fromkeys(sent, 2))


def killed_and_led_to_its_end(script: Script, boundary: int) -> None:
    """A case whose process was killed at a boundary, and was then run again to its end by another."""

    def lead_a_case() -> None:
        with KilledAt(boundary):
            play(opened_again(), script)

    assert in_a_child(lead_a_case) == -signal.SIGKILL, boundary
    assert in_a_child(lambda: play(opened_again(), script)) == 0, boundary


def opened_again() -> str:
    """The case, opened unless the killed process had opened it already."""
    with transaction() as session:
        number = session.scalar(select(Case.number))
    return number or opened()


def test_every_notice_of_a_finished_case_was_sent(company: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    play(number)
    with transaction() as session:
        states = set(session.scalars(select(Notice.state)))
    assert states == {NoticeState.SENT}
