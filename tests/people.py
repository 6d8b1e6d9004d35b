"""Scripted people: they register a report and answer tasks, as those do who hold the roles in the sample company."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from prefect import Flow
from sqlalchemy import select

from models.queries import clock
from models.tables.cases import Case
from models.tables.questions import Channel, Task, TaskState
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.carrying import Waiting
from tasks.database import transaction
from tasks.deciding import Decided, decide
from tasks.opening import open_case
from tasks.procedures import by_code

#: Who answers which task, and what, on the way to goods taken back in two parts and credited.
CREDITED: dict[str, tuple[str, dict[str, Any]]] = {
    "batch-verdict": ("li.na", {"is_batch": "yes", "reason": "Five of one fault."}),
    "name-technician": ("sun.wei", {"technician": "liu.yang"}),
    "site-finding": (
        "liu.yang",
        {
            "verdict": "quality_fault",
            "pieces_inspected": 20,
            "pieces_faulty": 9,
            "pieces_on_hand": 150,
            "report": "Capacitors bulge.",
        },
    ),
    "recall-scope": ("chen.min", {"decision": "confirm", "comment": "All of it."}),
    "remedy": ("li.na", {"remedy": "credit", "told_by": "Mr He"}),
    "arrival": (
        "ma.chao",
        {
            "lines": [
                {"delivery": "DN-2026-0001", "received": 100, "already_sold": 20},
                {"delivery": "DN-2026-0002", "received": 80},
            ],
            "waybill": "SF100",
            "more_to_come": "no",
        },
    ),
    "freight-bill": ("gao.jie", {"carrier": "SF Express", "bill_number": "F-1", "amount": "380.50"}),
    "replacement-dispatch": ("ma.chao", {"waybill": "SF200", "dispatched_at": "2026-11-20T10:00:00+08:00"}),
}


def business_now() -> datetime:
    """The business time."""
    with transaction() as session:
        return clock.now(session)


def forward(**by: float) -> datetime:
    """Moves the rehearsal clock: forward(days=2)."""
    with transaction() as session:
        return clock.forward(session, timedelta(**by))


def report(**other: Any) -> dict[str, Any]:
    """A report of a bad batch, an hour old."""
    return {
        "dealer": "D-01",
        "product": "LX-019",
        "batch": "MH260901A",
        "faulty_pieces": 5,
        "fault": "Does not light",
        "reported_at": (business_now() - timedelta(hours=1)).isoformat(),
        "reported_by": "Mr He",
        "registered_by": "li.na",
    } | other


def opened(**other: Any) -> str:
    """The number of a case opened by such a report."""
    return open_case(BATCH_QUALITY_DISPUTE, report(**other))


def flow_of(number: str) -> Flow[..., Any]:
    """The flow that carries a case: `flows.parts_return.parts_return` for the deployment `parts-return/…`."""
    stem = by_code(number.split("-", maxsplit=1)[0]).deployment.split("/")[0].replace("-", "_")
    flow: Flow[..., Any] = getattr(import_module(f"flows.{stem}"), stem)
    return flow


def run(number: str) -> str | None:
    """Runs the case without Prefect until it waits (None) or ends."""
    try:
        outcome: str = flow_of(number).fn(None, number)
    except Waiting:
        return None
    return outcome


def open_tasks(number: str) -> dict[str, str]:
    """The open tasks of a case: key to reference."""
    with transaction() as session:
        tasks = session.scalars(
            select(Task).join(Case).where(Case.number == number, Task.state == TaskState.OPEN).order_by(Task.id)
        )
        return {task.key: task.ref for task in tasks}


def answer(number: str, key: str, by: str, given: Mapping[str, Any]) -> Decided:
    """Somebody answers an open task of the case."""
    return decide(open_tasks(number)[key], dict(given), by=by, channel=Channel.COMMAND_LINE)


#: Who answers a question, and what; where it is asked in several rounds, a list of these.
Answer = tuple[str, dict[str, Any]]
Script = Mapping[str, Answer | list[Answer]]


def play(
    number: str, script: Script = CREDITED, *, until: str = "", then: Callable[[], None] = lambda: None
) -> str | None:
    """Runs the case and answers what it asks, until it ends or asks `until`; `then` is called after each answer."""
    while (outcome := run(number)) is None:
        asked = open_tasks(number)
        if until in asked:
            return None
        for key, ref in asked.items():
            given = script[key]
            by, what = given if isinstance(given, tuple) else given[int(ref.rsplit(":", 1)[1]) - 1]
            answer(number, key, by, what)
            then()
    return outcome
