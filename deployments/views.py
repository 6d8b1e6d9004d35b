"""What the command line prints as JSON: cases, tasks and decisions, times in ISO 8601 with offset."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import Form
from models.language import _
from models.queries import cases, clock, deadlines, questions
from models.queries.deadlines import Share
from models.tables.cases import Case, Document, Step
from models.tables.deadlines import Deadline
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice
from models.tables.questions import Decision, Task
from tasks.board import Board
from tasks.explaining import Why, reason_text

View = dict[str, Any]


def case_line(session: Session, case: Case) -> View:
    """A case in a list."""
    return {
        "number": case.number,
        "procedure": case.procedure,
        "state": cases.state_of(session, case),
        "opened_at": _time(case, case.opened_at),
        "closed_at": _time(case, case.closed_at or case.withdrawn_at),
    }


def whole_case(session: Session, case: Case) -> View:
    """A case with everything that belongs to it."""
    at = clock.now(session)
    steps = session.scalars(select(Step).where(Step.case_id == case.id).order_by(Step.at, Step.key))
    tasks = session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.id))
    clocks = session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.id))
    notices = session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.id))
    documents = session.scalars(select(Document).where(Document.case_id == case.id).order_by(Document.at))
    policy = case.policy_version
    return {
        **case_line(session, case),
        "policy": f"{policy.name} {policy.version}",
        "outcome": case.outcome,
        "party": case.party.code,
        "reported_at": _time(case, case.reported_at),
        "flow_run_id": str(case.flow_run_id) if case.flow_run_id else None,
        "input": case.input,
        "steps": [
            {"key": one.key, "state": "done", "at": _time(case, one.at), "result": one.result["value"]} for one in steps
        ],
        "tasks": [whole_task(session, task) for task in tasks],
        "deadlines": [deadline_view(case, one, at) for one in clocks],
        "notices": [
            {
                "key": one.key,
                "template": one.template,
                "to": one.to_address,
                "subject": one.subject,
                "state": one.state,
                "attempts": one.attempts,
                "sent_at": _time(case, one.sent_at),
                "error": one.error,
            }
            for one in notices
        ],
        "documents": [
            {"kind": one.kind, "number": one.number, "at": _time(case, one.at), "content": one.content}
            for one in documents
        ],
        "stock": _stock(session, case),
        "money": _money(session, case),
    }


def whole_task(session: Session, task: Task) -> View:
    """A task with its form, who may decide it, and its decision if there is one."""
    is_open = task.state == "open"
    return {
        "id": task.ref,
        "case": task.case.number,
        "key": task.key,
        "round": task.round,
        "role": task.role,
        "assignee": task.assignee.login if task.assignee else None,
        "candidates": [one.login for one in questions.candidates(session, task)] if is_open else [],
        "for_party": task.for_party.code if task.for_party else None,
        "title": _(Form.named(task.form).heading),
        "form_schema": Form.named(task.form).schema_for(task.facts),
        "state": task.state,
        "opened_at": _time(task.case, task.opened_at),
        "due": _time(task.case, deadlines.due_of(task.deadline, clock.now(session))),
        "decision": _decision(task.decision) if task.decision else None,
    }


def _decision(decision: Decision) -> View:
    return {
        "answer": decision.answer,
        "by": decision.by.login if decision.by else None,
        "on_behalf_of": decision.on_behalf_of.code if decision.on_behalf_of else None,
        "channel": decision.channel,
        "at": _time(decision.task.case, decision.at),
    }


def deadline_view(case: Case, deadline: Deadline, at: datetime) -> View:
    """A deadline with its pauses and rungs; due is what it would be if a clock that stands went on now."""
    return {
        "key": deadline.key,
        "budget": deadline.amount,
        "unit": deadline.unit,
        "calendar": f"{deadline.calendar.name} {deadline.calendar.version}",
        "started_at": _time(case, deadline.started_at),
        "due": _time(case, deadlines.due_of(deadline, at)),
        "state": deadlines.state_of(deadline, at),
        "elapsed": int(deadlines.elapsed(deadline, at).total_seconds()),
        "met_at": _time(case, deadline.met_at),
        "abandoned_at": _time(case, deadline.abandoned_at),
        "pauses": _pauses(case, deadline),
        "time_of": _time_of(deadlines.shares(deadline, at)),
        "rungs": [
            {"rung": one.number, "at": _time(case, one.happened_at), "to": one.told, "escalation": one.escalation}
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
            "from": _time(case, one.stopped_at),
            "to": _time(case, after.started_at) if after else None,
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
        "started_at": _time(case, deadline.started_at),
        "intervals": [
            {
                "from": _time(case, one.start),
                "to": _time(case, one.end),
                "counted": one.counted.total_seconds(),
                "rule": one.rule,
                "why": one.why,
                "party": one.holder,
            }
            for one in told.intervals
        ],
        "counted": told.counted.total_seconds(),
        "due": _time(case, told.due),
        "state": told.state,
        "time_of": _time_of(told.shares),
        "rungs": [
            {
                "rung": one.number,
                "plan": one.plan.at,
                "for": one.plan.to,
                "planned_at": _time(case, one.planned_at),
                "at": _time(case, one.happened_at),
                "to": one.told,
                "why_not": one.why_not,
            }
            for one in told.rungs
        ],
        "changes": [
            {
                "at": _time(case, one.at),
                "by": one.by,
                "reason": one.reason,
                "cause": one.cause,
                "due_before": _time(case, one.due_before),
                "due_after": _time(case, one.due_after),
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


def _stock(session: Session, case: Case) -> list[View]:
    """Each move as its two sides."""
    moves = session.scalars(select(StockMove).where(StockMove.case_id == case.id).order_by(StockMove.id))
    return [
        {
            "at": _time(case, move.at),
            "party": party.code,
            "part": move.product.code,
            "batch": move.batch,
            "condition": condition,
            "change": change,
        }
        for move in moves
        for party, condition, change in (
            (move.from_party, move.from_condition, -move.quantity),
            (move.to_party, move.to_condition, move.quantity),
        )
    ]


def _money(session: Session, case: Case) -> list[View]:
    """Each move as its two sides; amounts as text, so that no cent is lost on the way."""
    moves = session.scalars(select(MoneyMove).where(MoneyMove.case_id == case.id).order_by(MoneyMove.id))
    return [
        {"at": _time(case, move.at), "account": account, "party": party, "amount": amount, "currency": move.currency}
        for move in moves
        for account, party, amount in (
            (move.from_account, move.from_party, f"{-move.amount:.2f}"),
            (move.to_account, move.to_party, f"{move.amount:.2f}"),
        )
    ]


def _time(case: Case, instant: datetime | None) -> str | None:
    """An instant in the zone of the case's policy."""
    return instant.astimezone(questions.policy_of(case).timezone).isoformat() if instant else None
