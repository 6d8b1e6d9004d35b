"""The rungs of deadlines (阶): when each is planned, and writing what happened to many at once."""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.limits import RungPlan
from models.rules.deadlines import Clock
from models.tables.deadlines import Deadline, Rung

#: A rung's number, when it is planned, and its plan.
Planned = tuple[int, datetime, RungPlan]


def numbered(rungs: Iterable[Mapping[str, Any]]) -> list[tuple[int, RungPlan]]:
    """The plans of a ladder with the numbers of their rungs."""
    return [
        (
            rung.get("number", place),
            RungPlan.model_validate({name: of for name, of in rung.items() if name != "number"}),
        )
        for place, rung in enumerate(rungs, 1)
    ]


def planned(plans: Iterable[tuple[int, RungPlan]], clock: Clock, due: datetime) -> list[Planned]:
    """When each rung happens for a clock that is due at `due`, in the order in which they happen."""
    rungs = [(number, plan.instant(clock, due), plan) for number, plan in plans]
    return sorted(rungs, key=lambda rung: (rung[1], rung[0]))


def following(ladder: Iterable[Planned], happened: Container[int]) -> datetime | None:
    """When the next rung is planned that has not happened."""
    return next((at for number, at, _plan in ladder if number not in happened), None)


def mark(
    session: Session,
    touched: Sequence[Deadline],
    climbed: Sequence[Rung],
    following: Mapping[int, datetime | None],
    late: Sequence[Deadline],
) -> None:
    """Writes what climbing did to many deadlines at once: rungs that happened, the next ones, what ran out of time."""
    session.flush()
    if climbed:
        columns = ("deadline_id", "number", "planned_at", "happened_at", "escalation")
        given = {name: [getattr(rung, name) for rung in climbed] for name in columns}
        session.execute(_INSERT_RUNGS, given | {"told": [json.dumps(rung.told) for rung in climbed]})
    breached = {one.id for one in late}
    moved = [one for one in touched if one.id in breached or one.next_rung_at != following[one.id]]
    if moved:
        session.execute(
            _UPDATE_DEADLINES,
            {
                "ids": [one.id for one in moved],
                "nexts": [following[one.id] for one in moved],
                "late": [one.id in breached for one in moved],
            },
        )
    # What was written by hand is read into what we hold.
    by_deadline: dict[int, list[Rung]] = {}
    for rung in climbed:
        by_deadline.setdefault(rung.deadline_id, []).append(rung)
    for one in touched:
        set_committed_value(one, "next_rung_at", following[one.id])
        if one.id in breached:
            set_committed_value(one, "breached_at", one.due_at)
        if one.id in by_deadline:
            session.expire(one, ["rungs"])


_INSERT_RUNGS = text(
    """
    INSERT INTO rung (deadline_id, number, planned_at, happened_at, escalation, told)
    SELECT deadline_id, number, planned_at, happened_at, escalation, CAST(told AS jsonb)
    FROM unnest(CAST(:deadline_id AS bigint[]), CAST(:number AS integer[]), CAST(:planned_at AS timestamptz[]),
                CAST(:happened_at AS timestamptz[]), CAST(:escalation AS boolean[]), CAST(:told AS text[]))
         AS new (deadline_id, number, planned_at, happened_at, escalation, told)
    """
)
_UPDATE_DEADLINES = text(
    """
    UPDATE deadline
    SET next_rung_at = new.next, breached_at = CASE WHEN new.late THEN due_at ELSE breached_at END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:nexts AS timestamptz[]), CAST(:late AS boolean[]))
         AS new (id, next, late)
    WHERE deadline.id = new.id
    """
)
