"""The ledger of repairs (维修台账): one row for a station's slip, whichever case reported it first."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.tables.cases import Case, Document, DocumentKind
from models.tables.parties import Party
from models.tables.repairs import Repair


def of_slips(session: Session, station: Party, slips: Collection[str]) -> dict[str, Repair]:
    """The repairs of a station that are recorded under these slip numbers."""
    found = session.scalars(select(Repair).where(Repair.station_id == station.id, Repair.slip.in_(slips)))
    return {one.slip: one for one in found}


def record(session: Session, values: Mapping[str, Any]) -> Repair:
    """The repair as it is recorded: with these values of its columns, or as it stood under its slip already."""
    # A report of the same slip that is under way is waited for, and then stands.
    session.execute(
        insert(Repair).values(**values).on_conflict_do_nothing(index_elements=[Repair.station_id, Repair.slip])
    )
    same = (Repair.station_id == values["station_id"], Repair.slip == values["slip"])
    return session.scalars(select(Repair).where(*same)).one()


def differing(repair: Repair, said: Mapping[str, Any]) -> list[str]:
    """The columns in which a recorded repair says something else than `said`."""
    return [name for name, value in said.items() if getattr(repair, name) != value]


def cases_naming(session: Session, procedure: str, station: Party, slips: Collection[str]) -> Sequence[Case]:
    """The cases of a procedure for a station whose start form names one of these slips in its lines, oldest first."""
    named = or_(*(Case.input.contains({"lines": [{"slip": slip}]}) for slip in slips))
    return session.scalars(
        select(Case).where(Case.procedure == procedure, Case.party_id == station.id, named).order_by(Case.id)
    ).all()


def swap_slips_of(session: Session, case_id: int) -> list[dict[str, Any]]:
    """What the swap slips of a case say, as they were filed one after the other."""
    filed = select(Document).where(Document.case_id == case_id, Document.kind == DocumentKind.SWAP_SLIP)
    return [one.content for one in session.scalars(filed.order_by(Document.number))]
