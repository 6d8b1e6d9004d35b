"""Rules that change under open cases: other calendars and limits, and what they did to a deadline."""

from typing import Any

from clocks import FEW_PIECES, policy_with
from conftest import CALENDARS
from sqlalchemy import select

from models.calendars import load_calendar_file
from models.queries import cases, deadlines
from models.tables.deadlines import Deadline, DeadlineChange
from tasks.database import transaction
from tasks.reprojecting import Effect

#: Five working days from `REPORTED`: Tuesday to Friday, and Monday, 24:00.
FIVE = "2026-12-01T00:00:00+08:00"

#: With Wednesday and Thursday closed: Tuesday, Friday, Monday, Tuesday, Wednesday.
FIVE_CLOSED = "2026-12-03T00:00:00+08:00"
WEDNESDAY_AND_THURSDAY = {"first": "2026-11-25", "last": "2026-11-26", "working": False, "name": "Typhoon"}
LADDER = [{"at": "80%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}]
#: As people answer for a dealer who received few pieces.
OF_D_02: dict[str, tuple[str, dict[str, Any]]] = {
    "site-finding": ("liu.yang", {**FEW_PIECES, "pieces_on_hand": 100}),
    "arrival": (
        "ma.chao",
        {"lines": [{"delivery": "DN-2026-0003", "received": 150}], "waybill": "SF1", "more_to_come": "no"},
    ),
}


def determination(limit: str, *rungs: dict[str, Any]) -> dict[str, Any]:
    """A policy with another determination."""
    return policy_with({"determination": {"limit": limit, "rungs": list(rungs)}})


def closed(*changes: dict[str, Any], **parties: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The head office's calendar with these days closed, for all or for a party and those below it."""
    content = load_calendar_file(CALENDARS)["office"]
    return {
        "office": content
        | {"changes": list(changes), "parties": {code.replace("_", "-"): of for code, of in parties.items()}}
    }


def as_it_is(number: str, key: str = "determination") -> Deadline:
    """A deadline as it is now, with its intervals, rungs and calendar."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        _loaded = found.intervals, found.rungs, found.calendar.version, found.case.number
        return found


def changes(number: str, key: str = "determination") -> list[DeadlineChange]:
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        query = select(DeadlineChange).where(DeadlineChange.deadline_id == found.id).order_by(DeadlineChange.number)
        return list(session.scalars(query))


def figures(effect: Effect) -> tuple[int, int, int, int | None]:
    return effect.checked, effect.earlier, effect.later, effect.applied
