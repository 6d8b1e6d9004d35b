"""Urgent items of a month's reports become notices by the next sweep, whichever report the month's flow waits for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.feedback_reports import MonthlyOfficeReport, MonthlyRepairReport, Urgency
from models.policy import Policy
from models.queries.cases import OPEN
from models.tables.cases import Case
from models.tables.parties import Party
from models.tables.questions import Decision, Task

_FORMS = (MonthlyRepairReport.__name__, MonthlyOfficeReport.__name__)
_URGENT = (Urgency.URGENT, Urgency.DANGER)


def falls_due(session: Session, policy: Policy, at: datetime) -> Iterator[dict[str, Any]]:
    """A start form for each urgent item that a station or office has reported in a month that is still gathered."""
    urgent = or_(*(Decision.answer.contains({"items": [{"urgency": one.value}]}) for one in _URGENT))
    found = (
        select(Decision.answer, Party.code)
        .join(Decision.task)
        .join(Task.at_party)
        .join(Case, Case.id == Task.case_id)
        .where(Task.form.in_(_FORMS), OPEN, urgent)
        .order_by(Decision.at, Decision.task_id)
    )
    for answer, seen_at in session.execute(found):
        yield from (notice_of(item, seen_at) for item in answer["items"] if item["urgency"] in _URGENT)


def notice_of(item: dict[str, Any], seen_at: str) -> dict[str, Any]:
    """The notice that an urgent item of a report or of the analysis makes; `seen_at` is a party's number or empty."""
    return {
        "goods": item["goods"],
        "batch": item["batch"],
        "fault": item["problem"],
        "pieces": item.get("pieces", 0),
        "danger": "yes" if item["urgency"] == Urgency.DANGER else "no",
        "seen_at": seen_at,
    }
