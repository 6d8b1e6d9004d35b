"""What the command line prints of clocks as JSON: deadlines, the sum behind a due time, the SLA board."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from models.queries import deadlines, questions
from models.queries.deadlines import Share
from models.tables.cases import Case
from models.tables.deadlines import Deadline
from tasks.board import Board
from tasks.clock_words import reason_text
from tasks.explaining import Why

View = dict[str, Any]


def deadline_view(case: Case, deadline: Deadline, title: str, at: datetime) -> View:
    """A deadline with the name that people read, its pauses and rungs.

    Due is what it would be if a clock that stands went on now.
    """
    return {
        "key": deadline.key,
        "title": title,
        "budget": deadline.amount,
        "unit": deadline.unit,
        "calendar": f"{deadline.calendar.name} {deadline.calendar.version}",
        "started_at": time_in(case, deadline.started_at),
        "due": time_in(case, deadlines.due_of(deadline, at)),
        "state": deadlines.state_of(deadline, at),
        "elapsed": int(deadlines.elapsed(deadline, at).total_seconds()),
        "met_at": time_in(case, deadline.met_at),
        "abandoned_at": time_in(case, deadline.abandoned_at),
        "pauses": _pauses(case, deadline),
        "time_of": _time_of(deadlines.shares(deadline, at)),
        "rungs": [
            {"rung": one.number, "at": time_in(case, one.happened_at), "to": one.told, "escalation": one.escalation}
            for one in deadline.rungs
        ],
    }


def _time_of(shares: Sequence[Share]) -> list[View]:
    """Whose time it was, in seconds of counted time."""
    return [
        {
            "party": one.party.code,
            "name": one.party.name,
            "running": int(one.used.total_seconds()),
            "paused": int(one.paused.total_seconds()),
        }
        for one in shares
    ]


def _pauses(case: Case, deadline: Deadline) -> list[View]:
    """What lies between two running intervals; where only the ball passed nothing lies."""
    following = [*deadline.intervals[1:], None]
    return [
        {
            "from": time_in(case, one.stopped_at),
            "to": time_in(case, after.started_at) if after else None,
            "reason": reason_text(one.reason),
            "by": one.stopped_by,
            "resumed_by": after.started_by if after else None,
            "waits_for": one.waits_for.code if one.waits_for else None,
        }
        for one, after in zip(deadline.intervals, following, strict=True)
        if one.waits_for is not None
    ]


def why_view(case: Case, deadline: Deadline, told: Why) -> View:
    """The sum behind a due time. `counted` is in seconds, of each interval and of all together."""
    return {
        "case": case.number,
        "deadline": deadline.key,
        "budget": deadline.amount,
        "unit": deadline.unit,
        "calendar": told.calendar,
        "started_at": time_in(case, deadline.started_at),
        "intervals": [
            {
                "from": time_in(case, one.start),
                "to": time_in(case, one.end),
                "counted": one.counted.total_seconds(),
                "rule": one.rule,
                "why": one.why,
                "party": one.holder,
            }
            for one in told.intervals
        ],
        "counted": told.counted.total_seconds(),
        "due": time_in(case, told.due),
        "state": told.state,
        "time_of": _time_of(told.shares),
        "rungs": [
            {
                "rung": one.number,
                "plan": one.plan.at,
                "for": one.plan.to,
                "planned_at": time_in(case, one.planned_at),
                "at": time_in(case, one.happened_at),
                "to": one.told,
                "why_not": one.why_not,
            }
            for one in told.rungs
        ],
        "changes": [
            {
                "at": time_in(case, one.at),
                "by": one.by,
                "reason": one.reason,
                "cause": one.cause,
                "due_before": time_in(case, one.due_before),
                "due_after": time_in(case, one.due_after),
            }
            for one in told.changes
        ],
        "warnings": told.warnings,
    }


def board_view(shown: Board) -> View:
    """The SLA board; times in seconds."""
    return {
        "at": shown.at.astimezone(shown.zone).isoformat(),
        "open_cases": shown.open_cases,
        "due_today": shown.due_today,
        "late_deadlines": shown.late_deadlines,
        "paused": shown.paused,
        "lines": [asdict(one) for one in shown.lines],
        "late": [
            {
                "case": one.case,
                "party": one.party,
                "what": one.what,
                "due": one.due.astimezone(shown.zone).isoformat(),
                "waits_for": one.waits_for,
                "time_of": [{"name": party, "seconds": int(time.total_seconds())} for party, time in one.time_of],
            }
            for one in shown.late
        ],
        "warnings": list(shown.warnings),
    }


def time_in(case: Case, instant: datetime | None) -> str | None:
    """An instant in the zone of the case's policy."""
    return instant.astimezone(questions.policy_of(case).timezone).isoformat() if instant else None
