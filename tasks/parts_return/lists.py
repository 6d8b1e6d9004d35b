"""What the forms of a parts return are checked against, and what a list says once it is approved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.language import N_, _
from models.parts_inspection import InspectionVerdict, Tally
from models.parts_list import ReturnList
from models.parts_return import ReturnRequest
from models.queries import charges, people, returns
from models.roles import PartyKind
from models.rules.parts_return import overdue_pieces
from models.tables.goods import Product, ProductKind
from tasks.journal import Work


@dataclass(frozen=True)
class Listed:
    """Pieces of one part and batch on the approved list."""

    part: str
    batch: str
    pieces: int


def listed_by_part(lots: Iterable[Listed]) -> Tally:
    """Pieces on a list, by part."""
    tally: Tally = {}
    for lot in lots:
        tally[lot.part] = tally.get(lot.part, 0) + lot.pieces
    return tally


def products(work: Work[ReturnRequest], codes: Iterable[str]) -> dict[str, Product]:
    """The parts with these numbers."""
    return {one.code: one for one in work.session.scalars(select(Product).where(Product.code.in_(list(codes))))}


def names(work: Work[ReturnRequest], codes: Iterable[str]) -> dict[str, str]:
    """Number and name of parts, as people pick them."""
    return {code: f"{code} {one.name}" for code, one in sorted(products(work, codes).items())}


def ledger_rows(work: Work[ReturnRequest]) -> list[dict[str, Any]]:
    """The sender's faulty parts, for its letter."""
    lots = returns.faulty_lots(work.session, work.case.party)
    return [{"part": one.part.code, "name": one.part.name, "batch": one.batch, "pieces": one.pieces} for one in lots]


def overdue(work: Work[ReturnRequest], listed: Mapping[str, int]) -> Tally:
    """Pieces by part that the sender has had for longer than the window, if those in `listed` are sent."""
    zone, window = work.policy.timezone, work.policy.parts_return.window
    taken_in = returns.taken_in(work.session, work.case.party, zone)
    today = work.at.astimezone(zone).date()
    late = {
        part: overdue_pieces(taken_in[part], pieces - listed.get(part, 0), today, window)
        for part, pieces in _held(work).items()
    }
    return {part: pieces for part, pieces in late.items() if pieces}


def _held(work: Work[ReturnRequest]) -> Tally:
    """The sender's faulty pieces, by part."""
    lots = returns.faulty_lots(work.session, work.case.party)
    return listed_by_part(Listed(lot.part.code, lot.batch, lot.pieces) for lot in lots)


def faulty_ledger(work: Work[ReturnRequest], remark: str) -> dict[str, Any]:
    """For the sender: what its ledger has, by part and batch, and from whom it came; `remark` is the clerk's."""
    ledger: dict[str, Tally] = {}
    for lot in returns.faulty_lots(work.session, work.case.party):
        ledger.setdefault(lot.part.code, {})[lot.batch] = lot.pieces
    return {
        "parts": names(work, ledger),
        "ledger": ledger,
        "stations": {one.code: f"{one.code} {one.name}" for one in returns.sources(work.session, work.case.party)},
        "overdue": overdue(work, {}),
        "window": work.policy.parts_return.window,
        "remark": remark,
    }


def compared(work: Work[ReturnRequest], drawn_up: ReturnList) -> dict[str, Any]:
    """For the clerk: part by part what is listed, what the ledger has, and what stations recorded as repaired."""
    session, sender, held = work.session, work.case.party, _held(work)
    below = [one for one in people.parties_below(session, sender) if one.kind == PartyKind.REPAIR_STATION]
    repaired = returns.repaired(session, {*returns.sources(session, sender), *below})
    intakes = returns.taken_in(session, sender, work.policy.timezone)
    taken_in = {part: sum(pieces for _day, pieces in days) for part, days in intakes.items()}
    rows = {
        part: {
            "listed": drawn_up.pieces_of(part),
            "ledger": pieces,
            "taken_in": taken_in[part],
            "repaired": repaired.get(part, 0),
            "difference": taken_in[part] - repaired.get(part, 0),
        }
        for part, pieces in held.items()
    }
    return {"parts": names(work, held), "compared": rows}


def for_approval(work: Work[ReturnRequest], drawn_up: ReturnList) -> dict[str, Any]:
    """For the manager: the same, the lines that can be cut, the statements, and what is overdue and not listed."""
    facts = compared(work, drawn_up)
    lines = {
        str(number): _(
            N_("{part}: {pieces} pieces, batch {batch}, from {station}, {fault}"),
            part=line.part,
            pieces=line.pieces,
            batch=line.batch or "–",
            station=line.station,
            fault=line.fault,
        )
        for number, line in enumerate(drawn_up.lines, 1)
    }
    listed = {part: drawn_up.pieces_of(part) for part in facts["parts"]}
    statements = {one.part: one.reason for one in drawn_up.left_behind}
    return {**facts, "lines": lines, "left_behind": statements, "overdue": overdue(work, listed)}


def shipped(work: Work[ReturnRequest], lots: Sequence[Listed]) -> dict[str, Any]:
    """For the sender: what was approved, and who pays the carrier."""
    known = names(work, {one.part for one in lots})
    approved = {known[part]: _(N_("{pieces} pieces"), pieces=pieces) for part, pieces in listed_by_part(lots).items()}
    return {"approved": approved, "freight_bearer": work.policy.parts_return.freight_bearer.label_text}


def to_count(work: Work[ReturnRequest], lots: Sequence[Listed]) -> dict[str, Any]:
    """For the keeper: the list; parts that are not on it may have come too."""
    all_parts = work.session.scalars(select(Product.code).where(Product.kind == ProductKind.PART))
    return {"parts": names(work, all_parts), "listed": listed_by_part(lots)}


def to_judge(work: Work[ReturnRequest], arrived: Tally, remark: str) -> dict[str, Any]:
    """For quality: what was counted; `remark` is what the manager wants looked at again."""
    return {"parts": names(work, arrived), "counted": arrived, "remark": remark}


def judged(work: Work[ReturnRequest], verdict: InspectionVerdict) -> dict[str, Any]:
    """For the manager: the verdict."""
    return {"verdict": verdict.told()}


def of_parts(work: Work[ReturnRequest], name: str, tally: Tally) -> dict[str, Any]:
    """For a form about some parts: their names, and their pieces under `name`."""
    return {"parts": names(work, tally), name: tally}


def charge(work: Work[ReturnRequest]) -> dict[str, Any]:
    """For finance: what the sender owes."""
    owed = charges.charge_of(work.session, work.case.id)
    return {"amount": f"{owed.amount:.2f}", "currency": owed.currency}
