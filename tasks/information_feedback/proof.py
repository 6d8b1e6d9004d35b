"""What must agree in a closed month: the reports, the ledger of repairs, the stock and the form."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.information_feedback import Outcome
from models.language import N_
from models.tables.cases import Case, Document, DocumentKind
from models.tables.feedback import Measure
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party
from models.tables.repairs import Repair


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    reports = _filed(session, case, DocumentKind.STATION_REPORT)
    reported = {(one["code"], line["slip"]) for one in reports for line in one["report"]["lines"]}
    ledger = select(Party.code, Repair.slip).join(Repair.station).where(Party.code.in_({code for code, _ in reported}))
    if not reported <= {(code, slip) for code, slip in session.execute(ledger)}:
        yield "repairs_missing", N_("A repair that a station reported is not in the ledger.")
    if _used(session, case) != _booked(session, case, reports):
        yield "parts_differ", N_("The parts that left the stations' stock are not those that the repairs used.")
    forms = _filed(session, case, DocumentKind.FEEDBACK_FORM)
    if not forms or bool(forms[0]["gaps"]) != (case.outcome == Outcome.ISSUED_WITH_GAPS):
        yield "gaps_differ", N_("The form and the outcome differ on whether something is missing.")
    measures = session.scalar(select(func.count()).where(Measure.case_id == case.id))
    if forms and measures != len(forms[0]["items"]):
        yield "measures_differ", N_("The measures are not the items of the form.")


def _filed(session: Session, case: Case, kind: DocumentKind) -> list[dict[str, Any]]:
    found = select(Document.content).where(Document.case_id == case.id, Document.kind == kind)
    return list(session.scalars(found.order_by(Document.number)))


def _used(session: Session, case: Case) -> int:
    """Pieces of parts that the repairs of this case used."""
    used = select(func.coalesce(func.sum(Repair.pieces), 0)).where(
        Repair.case_id == case.id, Repair.part_id.is_not(None)
    )
    return session.scalar(used) or 0


def _booked(session: Session, case: Case, reports: list[dict[str, Any]]) -> int:
    """Pieces that left the stations' good stock, and those that their books could not give."""
    moved = select(func.coalesce(func.sum(StockMove.quantity), 0)).where(
        StockMove.case_id == case.id, StockMove.from_condition == Condition.GOOD
    )
    lacking = sum(int(one["reported"]) for report in reports for one in report["differences"] if one["what"] == "stock")
    return (session.scalar(moved) or 0) + lacking
