"""Rungs of a deadline: cases that have them, which happened, whom they told and how."""

from typing import Any

from clocks import REPORTED, policy_with, use, waiting_for_the_finding
from sqlalchemy import select

from models.queries import cases, deadlines
from models.tables.notices import Notice
from tasks.database import transaction

Rungs = list[dict[str, Any]]
LADDER: Rungs = [
    {"at": "+1 days", "to": "marketing_vp"},
    {"at": "100%", "to": "cs_manager"},
    {"at": "-4 hours", "to": "technology_head"},
    {"at": "80%", "to": "assignee"},
    {"at": "100%", "to": "technology_head"},
]


def waiting_with(*rungs: dict[str, Any], limit: str = "2 days", reported: str = REPORTED) -> str:
    """A case whose determination has these rungs, an hour after its report; the technician is named and silent."""
    use(policy_with({"determination": {"limit": limit, "rungs": list(rungs)}}))
    return waiting_for_the_finding(reported_at=reported)


def climbed(number: str, key: str = "determination") -> list[tuple[int, list[str]]]:
    """The rungs that happened, in the order in which they were planned, and whom they told."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return [(one.number, one.told) for one in sorted(found.rungs, key=lambda one: (one.planned_at, one.number))]


def sent_keys() -> list[str]:
    """The keys of the notices of rungs, in the order in which they were written."""
    with transaction() as session:
        return list(session.scalars(select(Notice.key).where(Notice.key.contains(":rung:")).order_by(Notice.id)))
