"""What the command line prints as JSON: cases, tasks and decisions, times in ISO 8601 with offset."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.clock_views import View, deadline_view, time_in
from models.forms import Form
from models.language import _
from models.queries import cases, clock, deadlines, links, questions
from models.tables.cases import Case, Document, Step
from models.tables.deadlines import Deadline
from models.tables.ledgers import MoneyMove, StockMove
from models.tables.notices import Notice
from models.tables.questions import Decision, Task
from tasks.deadlines import name_of
from tasks.step_names import step_label


def case_line(session: Session, case: Case) -> View:
    """A case in a list."""
    return {
        "number": case.number,
        "procedure": case.procedure,
        "state": cases.state_of(session, case),
        "opened_at": time_in(case, case.opened_at),
        "closed_at": time_in(case, case.closed_at or case.withdrawn_at),
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
        "reported_at": time_in(case, case.reported_at),
        "flow_run_id": str(case.flow_run_id) if case.flow_run_id else None,
        "input": case.input,
        "steps": [
            {
                "key": one.key,
                "title": step_label(case.procedure, one.key),
                "state": "done",
                "at": time_in(case, one.at),
                "result": one.result["value"],
            }
            for one in steps
        ],
        "tasks": [whole_task(session, task) for task in tasks],
        "deadlines": [deadline_view(case, one, name_of(session, one), at) for one in clocks],
        "notices": [
            {
                "key": one.key,
                "template": one.template,
                "to": one.to_address,
                "subject": one.subject,
                "state": one.state,
                "attempts": one.attempts,
                "sent_at": time_in(case, one.sent_at),
                "error": one.error,
            }
            for one in notices
        ],
        "documents": [
            {
                "kind": one.kind,
                "number": one.number,
                "at": time_in(case, one.at),
                "content": one.content,
                "file": one.file.name if one.file else None,
            }
            for one in documents
        ],
        "linked": {
            "parents": [one.number for one in links.parents(session, case.id)],
            "children": [one.number for one in links.children(session, case.id)],
        },
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
        "claimed_at": time_in(task.case, task.claimed_at),
        "candidates": [one.login for one in questions.candidates(session, task)] if is_open else [],
        "deputies": [
            {"login": way.acts.login, "in_place_of": way.holder.login}
            for way in (questions.deputies(session, task) if is_open else [])
        ],
        "at_party": task.at_party.code if task.at_party else None,
        "for_party": task.for_party.code if task.for_party else None,
        "title": _(Form.named(task.form).heading),
        "form_schema": Form.named(task.form).schema_for(task.facts),
        "state": task.state,
        "opened_at": time_in(task.case, task.opened_at),
        "due": time_in(task.case, deadlines.due_of(task.deadline, clock.now(session))),
        "decision": _decision(task.decision) if task.decision else None,
    }


def _decision(decision: Decision) -> View:
    return {
        "answer": decision.answer,
        "by": decision.by.login if decision.by else None,
        "in_place_of": decision.in_place_of.login if decision.in_place_of else None,
        "on_behalf_of": decision.on_behalf_of.code if decision.on_behalf_of else None,
        "channel": decision.channel,
        "at": time_in(decision.task.case, decision.at),
    }


def _stock(session: Session, case: Case) -> list[View]:
    """Each move as its two sides."""
    moves = session.scalars(select(StockMove).where(StockMove.case_id == case.id).order_by(StockMove.id))
    return [
        {
            "at": time_in(case, move.at),
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
        {"at": time_in(case, move.at), "account": account, "party": party, "amount": amount, "currency": move.currency}
        for move in moves
        for account, party, amount in (
            (move.from_account, move.from_party, f"{-move.amount:.2f}"),
            (move.to_account, move.to_party, f"{move.amount:.2f}"),
        )
    ]
