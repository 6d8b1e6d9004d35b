"""What must agree in a closed review of a station: the parts that came back, the deposit, the station's state."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from models.language import N_
from models.queries import stations
from models.station_review import Outcome
from models.tables.cases import Case
from models.tables.ledgers import Account, MoneyMove
from models.tables.stations import StationState
from tasks.repair_station.proof import booked, nothing_is_on_its_way


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    station, is_closed = stations.of_party(session, case.party), case.outcome == Outcome.CLOSED
    if not nothing_is_on_its_way(session, case):
        yield "parts_differ", N_("What the station sent back is not what was counted and what was missing.")
    released = booked(session, case, MoneyMove.from_account == Account.DEPOSIT_HELD)
    if released != (station.deposit if is_closed else 0):
        yield "deposit_differs", N_("The deposit that was settled is not the deposit of the agreement.")
    if is_closed and station.state != StationState.CLOSED:
        yield "closure_differs", N_("The review closed the station, but it is not closed.")
