"""Killing the process of a flow at every boundary, and leading its case to its end all the same.

A boundary is the instant before and the instant after each commit, and the instant between the mail server's OK
and the commit that records it. The child is a fork and is really killed.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from people import Script, play
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from models.tables.cases import Case, CaseLink, Document, Step
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice
from models.tables.questions import Decision, Task
from tasks import database, post
from tasks.database import transaction
from tasks.verifying import verify


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
    """The exit status of a forked child that does `do`; a killed one answers with the signal's negative number.

    The child has our engine with its compiled statements, and connections of its own.
    """
    database.engine().dispose()
    child = os.fork()
    if child == 0:
        # A collection would touch every object, and each page that is touched is copied.
        gc.disable()
        status = 70
        try:
            do()
            status = 0
        except BaseException as error:  # noqa: BLE001  # a fork of pytest must end here, whatever happened
            sys.__stderr__.write(f"child: {error!r}\n")
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


#: What every commit of a flow leaves more of, or further on. Setting the clock is the test's own doing.
_TRACES = text(
    """
    SELECT (SELECT count(*) FROM step), (SELECT count(*) FROM task), (SELECT count(*) FROM decision),
           (SELECT count(*) FROM audit_entry WHERE operation <> 'clock_set'), (SELECT count(*) FROM notice),
           (SELECT count(*) FROM notice WHERE state = 'sent'), (SELECT max(id) FROM task WHERE awaited)
    """
)


def traces() -> tuple[int, ...]:
    """Tells whether a process left anything behind."""
    with database.engine().connect() as connection:
        return tuple(connection.execute(_TRACES).one())


def what_happened() -> dict[str, dict[str, object]]:
    """Everything about all cases that must not depend on how often their process died."""
    with transaction() as session:
        return {case.number: _what_happened_in(session, case) for case in session.scalars(select(Case))}


def _what_happened_in(session: Session, case: Case) -> dict[str, object]:
    def all_of(table: Any, *columns: Any) -> list[Any]:
        return sorted(session.execute(select(*columns).where(table.case_id == case.id)).all(), key=repr)

    return {
        "outcome": case.outcome,
        "steps": all_of(Step, Step.key),
        "tasks": all_of(Task, Task.key, Task.round, Task.state),
        "decisions": sorted(session.scalars(select(Task.key).join(Decision).where(Task.case_id == case.id))),
        "notices": all_of(Notice, Notice.key, Notice.state),
        "documents": all_of(Document, Document.kind, Document.number),
        "stock": all_of(StockMove, StockMove.step, StockMove.line, StockMove.quantity),
        "money": all_of(MoneyMove, MoneyMove.step, MoneyMove.line, MoneyMove.amount),
        "children": sorted(session.scalars(select(CaseLink.step).where(CaseLink.parent_id == case.id))),
    }


#: What refers to cases and also holds rows that came with the master data, under no case.
_BEFORE_ALL_CASES = ("stock_move", "station", "station_document", "station_change")


def remember() -> None:
    """Keeps what came with the master data as it is now, once, for `empty` to bring back."""
    with transaction() as session:
        for table in _BEFORE_ALL_CASES:
            rows = f"SELECT * FROM {table} WHERE case_id IS NULL"
            session.execute(text(f"CREATE TABLE IF NOT EXISTS kept_{table} AS {rows}"))


def empty() -> None:
    """Empties the cases, which is quicker than a new database; what came with the master data is as it came."""
    remember()
    with transaction() as session:
        # What tests may do and nobody else: without the triggers that keep what happened.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text('TRUNCATE "case", audit_entry, case_number RESTART IDENTITY CASCADE'))
        for table in _BEFORE_ALL_CASES:
            session.execute(text(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{table}"))
            if table != "station":
                numbered = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}"
                session.execute(text(numbered))


def killed_at_every_boundary(open_it: Callable[[], str], script: Script) -> int:
    """Leads a case to its end by processes of which each is killed; how many were.

    Each gets one boundary further than the last one that left a trace: before the next commit, then after it. So
    every boundary of the whole case is died at, in the state in which it is first reached.
    """

    def lead(boundary: int) -> None:
        with KilledAt(boundary):
            with transaction() as session:
                number = session.scalar(select(Case.number).order_by(Case.id).limit(1))
            play(number or open_it(), script)

    killed, boundary, before = 0, 1, traces()
    while (status := in_a_child(partial(lead, boundary))) == -signal.SIGKILL:
        killed += 1
        after = traces()
        boundary, before = (1, after) if after != before else (boundary + 1, before)
        assert boundary < 20, "no process gets any further"
    assert status == 0, "a process ended by itself, but not well"
    return killed


def survives_every_boundary(open_it: Callable[[], str], script: Script, outcome: str) -> None:
    """Asserts that a case ends alike whether nothing happens to its processes or they are killed at every boundary."""
    remember()
    assert play(open_it(), script) == outcome
    expected = what_happened()
    assert verify() == []
    empty()
    killed = killed_at_every_boundary(open_it, script)
    assert what_happened() == expected
    assert verify() == []
    # Each step, question and decision has a boundary before and after its commit.
    committed = sum(len(one["steps"]) + len(one["tasks"]) + len(one["decisions"]) for one in expected.values())  # type: ignore[arg-type]
    assert killed >= committed
