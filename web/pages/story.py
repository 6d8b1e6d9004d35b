"""What happened in a case and what it left behind, as its page tells it: steps, decisions, clocks, mails, books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.forms import due_time, local_time
from models.language import N_, _
from models.queries import clock, deadlines, questions
from models.tables.cases import Case, Document, DocumentFile, DocumentKind, Step
from models.tables.deadlines import Deadline
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.notices import Notice
from tasks.deadlines import name_of
from tasks.explaining import Why, change_lines, rung_rows, sum_rows, why
from tasks.states import STATES
from tasks.step_names import step_label
from web.pages.decisions import Told, made_in, told

_NOTICE_STATES = {
    "queued": N_("queued"),
    "sent": N_("sent"),
    "failed": N_("given up"),
    "withdrawn": N_("withdrawn"),
}


@dataclass(frozen=True)
class Event:
    """Something that happened: a step by its name, or a decision."""

    at: str
    step: str = ""
    decision: Told | None = None


@dataclass(frozen=True)
class Sum:
    """A deadline with the sum behind its due time (时限说明) as rows of tables."""

    key: str
    name: str
    why: Why
    state: str
    due: str
    stretches: Sequence[Sequence[str]]
    rungs: Sequence[Sequence[str]]
    remarks: list[str]


def of(session: Session, case: Case) -> dict[str, Any]:
    """What the template case.html.j2 shows of it."""
    zone = questions.policy_of(case).timezone
    return {
        "events": _events(session, case, zone),
        "sums": _sums(session, case, zone),
        "mails": _mails(session, case, zone),
        "documents": _documents(session, case, zone),
        "stock": _stock(session, case, zone),
        "money": _money(session, case, zone),
        "local": lambda instant: local_time(instant.astimezone(zone)),
    }


def _events(session: Session, case: Case, zone: ZoneInfo) -> list[Event]:
    steps = session.scalars(select(Step).where(Step.case_id == case.id))
    found: list[tuple[datetime, Event]] = [
        *((one.at, Event(_local(one.at, zone), step=step_label(case.procedure, one.key))) for one in steps),
        *((one.at, Event(_local(one.at, zone), decision=told(one))) for one in made_in(session, case)),
    ]
    return [event for _at, event in sorted(found, key=lambda one: one[0])]


def _sums(session: Session, case: Case, zone: ZoneInfo) -> list[Sum]:
    """Those still running first, as the page of the clocks in Prefect has them."""
    at = clock.now(session)
    return [
        _sum(session, one, zone, at)
        for one in sorted(deadlines.all_of(session, case.id), key=lambda one: (one.is_over, one.id))
    ]


def _sum(session: Session, deadline: Deadline, zone: ZoneInfo, at: datetime) -> Sum:
    reasons = why(session, deadline, at)
    return Sum(
        key=deadline.key,
        name=name_of(session, deadline),
        why=reasons,
        state=STATES[reasons.state](),
        due=due_time(reasons.due.astimezone(zone)),
        stretches=sum_rows(reasons, zone),
        rungs=rung_rows(reasons, zone),
        remarks=[*change_lines(reasons, zone), *reasons.warnings],
    )


def _mails(session: Session, case: Case, zone: ZoneInfo) -> list[dict[str, Any]]:
    found = session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.id))
    return [
        {
            "id": one.id,
            "at": _local(one.sent_at or one.queued_at, zone),
            "subject": one.subject,
            "to": one.to_name,
            "state": _(_NOTICE_STATES[one.state]),
            "error": one.error,
        }
        for one in found
    ]


def _documents(session: Session, case: Case, zone: ZoneInfo) -> list[dict[str, Any]]:
    found = session.scalars(
        select(Document)
        .where(Document.case_id == case.id)
        .order_by(Document.at, Document.kind, Document.number)
        .options(selectinload(Document.file).load_only(DocumentFile.name))
    )
    return [
        {
            "kind": one.kind,
            "number": one.number,
            "title": DocumentKind(one.kind).label,
            "at": _local(one.at, zone),
            "file": one.file.name if one.file else "",
        }
        for one in found
    ]


def _stock(session: Session, case: Case, zone: ZoneInfo) -> list[Sequence[str]]:
    """When, what, how many pieces, from where, to where."""
    moves = session.scalars(
        select(StockMove)
        .where(StockMove.case_id == case.id)
        .order_by(StockMove.id)
        .options(joinedload(StockMove.product), joinedload(StockMove.from_party), joinedload(StockMove.to_party))
    )
    return [
        (
            _local(one.at, zone),
            " · ".join(filter(None, (f"{one.product.code} {one.product.name}", one.batch))),
            str(one.quantity),
            f"{one.from_party.name}: {Condition(one.from_condition).label}",
            f"{one.to_party.name}: {Condition(one.to_condition).label}",
        )
        for one in moves
    ]


def _money(session: Session, case: Case, zone: ZoneInfo) -> list[Sequence[str]]:
    """When, how much, from which account, to which; with the number of the party that it concerns."""
    moves = session.scalars(select(MoneyMove).where(MoneyMove.case_id == case.id).order_by(MoneyMove.id))
    return [
        (
            _local(one.at, zone),
            f"{one.amount:,.2f} {one.currency}",
            " · ".join(filter(None, (Account(one.from_account).label, one.from_party))),
            " · ".join(filter(None, (Account(one.to_account).label, one.to_party))),
        )
        for one in moves
    ]


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return local_time(instant.astimezone(zone))
