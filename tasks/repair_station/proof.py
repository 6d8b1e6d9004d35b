"""What must agree in a closed development of a station: the parts on loan, the deposit, the station's state."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.language import N_
from models.queries import stations
from models.repair_station import Outcome
from models.tables.cases import Case
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove

_OPENED = {Outcome.ACTIVE, Outcome.ACTIVE_WITH_REMARK, Outcome.SUSPENDED}


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    station = stations.made_by(session, case.id)
    if not nothing_is_on_its_way(session, case):
        yield "loan_differs", N_("What was sent on loan is not what arrived and what was missing.")
    if booked(session, case, MoneyMove.to_account == Account.DEPOSIT_HELD) != (station.deposit if station else 0):
        yield "deposit_differs", N_("The deposit in the books is not the deposit of the agreement.")
    if (case.outcome in _OPENED) != (station is not None and station.activated_at is not None):
        yield "activation_differs", N_("Case and station differ on whether it was activated.")


def nothing_is_on_its_way(session: Session, case: Case) -> bool:
    """Whether the parts that a case put in transit have all left it again."""
    pieces = func.coalesce(func.sum(StockMove.quantity), 0)
    entered, left = (
        session.scalar(select(pieces).where(StockMove.case_id == case.id, side == Condition.IN_TRANSIT))
        for side in (StockMove.to_condition, StockMove.from_condition)
    )
    return entered == left


def booked(session: Session, case: Case, which: ColumnElement[bool]) -> Decimal:
    """The money of a case's moves that fit."""
    found = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(MoneyMove.case_id == case.id, which)
    return session.scalar(found) or Decimal(0)
