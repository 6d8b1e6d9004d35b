"""The SLA board by mail (时限看板邮件): to each manager after the nightly sweep, once a day."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.forms import local_time
from models.language import N_, _
from models.policy import read_policy
from models.queries import people, policies
from models.roles import PartyKind
from models.tables.notices import Notice
from models.tables.parties import Person
from tasks.board import Board, board, late_head, late_rows, line_head, line_rows
from tasks.charts import GREY, RED
from tasks.notices import Letter, queue, to_person


def send_board(session: Session, at: datetime) -> list[Notice]:
    """Queues the board to every manager whom the policy names; those of an office get the parties below it."""
    policy = read_policy(policies.current(session).content)
    managers = {one.id: one for role in policy.told_of_board for one in people.holders(session, role)}
    day = at.astimezone(policy.timezone).date()
    letters = [
        Letter("sla_board", [to_person(one)], _facts(session, at, one), f"board:{day}", zone=policy.timezone)
        for one in managers.values()
    ]
    return queue(session, at, letters)


def _facts(session: Session, at: datetime, manager: Person) -> Callable[[], dict[str, Any]]:
    def facts() -> dict[str, Any]:
        shown = board(session, at, _parties_of(session, manager))
        return {"board": shown, "at": local_time(at.astimezone(shown.zone)), "tables": _tables(shown)}

    return facts


def _parties_of(session: Session, manager: Person) -> list[int] | None:
    """All parties for the company's own people, else theirs and those below it (逐级负责)."""
    if manager.party.kind == PartyKind.COMPANY:
        return None
    return [manager.party_id, *(one.id for one in people.parties_below(session, manager.party))]


def _tables(shown: Board) -> list[dict[str, Any]]:
    """What stands under the text: titles, heads, rows; `bars` are shares of the longest row, drawn in HTML."""
    most = max((max(one.open_cases, one.late) for one in shown.lines), default=0) or 1
    by_party = {
        "title": _(N_("By procedure and party")),
        "legend": [(GREY, _(N_("Open cases"))), (RED, _(N_("Deadlines late")))],
        "head": line_head(),
        "rows": [
            {"cells": cells, "bars": [(one.open_cases / most, GREY), (one.late / most, RED)]}
            for cells, one in zip(line_rows(shown), shown.lines, strict=True)
        ],
    }
    late = {
        "title": _(N_("Late, and whose time it was")),
        "legend": [],
        # A letter is narrow: the party stands in the table above.
        "head": late_head()[:-1],
        "rows": [{"cells": cells[:-1], "bars": []} for cells in late_rows(shown)],
    }
    return [one for one in (by_party, late) if one["rows"]]
