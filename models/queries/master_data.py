"""Bringing master data in: a line is added, changed or left as it is; a wrong one is named and nothing is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.language import N_, _
from models.master_data import (
    DeliveryRow,
    HeldStation,
    PartRow,
    PartyRow,
    PersonRow,
    ProductRow,
    Row,
    StationRow,
    StockRow,
)
from models.queries import audit, clock, stations
from models.roles import PartyKind
from models.tables.goods import Delivery, Product, ProductKind
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party, Person, RoleGrant
from models.tables.stations import Station, StationDocument, StationPaper


@dataclass(frozen=True)
class Rejected:
    """A line that was not taken: sheet, line number as the workbook shows it, field, and what is wrong."""

    sheet: str
    row: int
    field: str
    message: str


@dataclass
class Imported:
    """What an import did. With anything rejected, nothing was changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


Lines = Mapping[type[Row], list[tuple[int, Mapping[str, Any]]]]


def bring_in(session: Session, lines: Lines) -> Imported:
    """Takes all lines in the caller's transaction; if any is rejected the caller must not commit."""
    done = Imported()
    seen: set[tuple[str, str]] = set()
    for sheet, save in _SAVE.items():
        for number, values in lines.get(sheet, []):
            try:
                row = sheet.read(values)
                _refuse_twice(seen, sheet, str(getattr(row, sheet.key)))
                outcome = save(session, row)
            except InvalidInput as error:
                done.rejected += [Rejected(sheet.sheet, number, name, text) for name, text in error.fields.items()]
                continue
            setattr(done, outcome, getattr(done, outcome) + 1)
        session.flush()
    for number, values in lines.get(PartyRow, []):
        if circle := _in_a_circle(session, str(values.get("code", ""))):
            done.rejected.append(Rejected("parties", number, "superior", circle))
    if not done.rejected and done.added + done.changed:
        detail = {"added": done.added, "changed": done.changed}
        audit.record(session, clock.now(session), "operator", "imported", "master data", detail)
    return done


def _refuse_twice(seen: set[tuple[str, str]], sheet: type[Row], key: str) -> None:
    if (sheet.sheet, key) in seen:
        raise InvalidInput({sheet.key: _(N_("{key} stands twice in this sheet."), key=key)})
    seen.add((sheet.sheet, key))


def _save_party(session: Session, row: PartyRow) -> str:
    if row.superior == row.code:
        raise InvalidInput(
            {"superior": _(N_("The responsible superiors of {code} lead back to itself."), code=row.code)}
        )
    superior = _party(session, "superior", row.superior) if row.superior else None
    company = session.scalars(select(Party).where(Party.kind == "company", Party.code != row.code)).first()
    if row.kind == "company" and company is not None:
        raise InvalidInput({"kind": _(N_("There is one company, and {code} is it already."), code=company.code)})
    values = row.model_dump(mode="json", exclude={"superior"}) | {"superior_id": superior.id if superior else None}
    return _save(session, Party, Party.code == row.code, values, row)


def _save_person(session: Session, row: PersonRow) -> str:
    values = row.model_dump(mode="json", exclude={"party", "roles"}) | {
        "party_id": _party(session, "party", row.party).id
    }
    outcome = _save(session, Person, Person.login == row.login, values, row)
    person = session.scalars(select(Person).where(Person.login == row.login)).one()
    if {grant.role for grant in person.grants} == {role.value for role in row.roles}:
        return outcome
    person.grants = [RoleGrant(role=role.value) for role in sorted(set(row.roles))]
    return outcome if outcome == "added" else "changed"


def _save_product(session: Session, row: ProductRow) -> str:
    kind = ProductKind.PART if isinstance(row, PartRow) else ProductKind.PRODUCT
    other = session.scalars(select(Product).where(Product.code == row.code, Product.kind != kind)).first()
    if other is not None:
        raise InvalidInput(
            {"code": _(N_("{code} is a {kind} already."), code=row.code, kind=ProductKind(other.kind).label)}
        )
    supplier = _party(session, "supplier", row.supplier) if row.supplier else None
    values = row.model_dump(exclude={"supplier"}) | {"kind": kind, "supplier_id": supplier.id if supplier else None}
    return _save(session, Product, Product.code == row.code, values, row)


def _save_stock(session: Session, row: StockRow) -> str:
    """Opening stock is the first move of an account; what is counted later is booked, not changed here."""
    values = {
        "product_id": _product(session, row.product).id,
        "to_party_id": _party(session, "party", row.party).id,
        "to_condition": row.condition.value,
        "quantity": row.quantity,
    }
    step = f"opening:{row.number}"
    booked = session.scalars(select(StockMove).where(StockMove.case_id.is_(None), StockMove.step == step)).first()
    if booked is None:
        at, source = clock.now(session), {"from_party_id": values["to_party_id"], "from_condition": Condition.OPENING}
        session.add(StockMove(step=step, line=1, at=at, batch="", **source, **values))
        session.flush()
        return "added"
    if any(getattr(booked, name) != value for name, value in values.items()):
        raise InvalidInput({"number": _(N_("{number} is booked already, and with other values."), number=row.number)})
    return "unchanged"


def _save_station(session: Session, row: StationRow) -> str:
    """A station that was there before the books begins with the state it has; later a review changes it."""
    party = _party(session, "party", row.party)
    held = {
        "exclusive": row.exclusive,
        "agreement_number": row.agreement_number,
        "signed_on": row.signed_on,
        "term_ends_on": row.term_ends_on,
    }
    if (known := stations.by_code(session, row.party)) is not None:
        if all(getattr(known, name) == value for name, value in held.items()):
            return "unchanged"
        raise InvalidInput(
            {"party": _(N_("{party} is in the books with other values; a review changes them."), party=row.party)}
        )
    _refuse_station(session, row, party)
    at = clock.now(session)
    station = Station(
        party=party,
        state=row.state.value,
        area=party.area,
        deposit=0,
        currency=row.currency,
        activated_at=at,
        **held,
    )
    session.add(station)
    stations.record_change(session, station, None, at, N_("it was there before the books"), None)
    session.add(
        StationDocument(
            station_id=party.id,
            kind=StationPaper.LICENCE,
            number=row.licence_number,
            valid_until=row.licence_valid_until,
            recorded_at=at,
        )
    )
    session.flush()
    return "added"


def _refuse_station(session: Session, row: StationRow, party: Party) -> None:
    """What the database would refuse, in sentences."""
    faults: dict[str, str] = {}
    serving = stations.serving(session, party.area) if row.exclusive else None
    if party.kind != PartyKind.REPAIR_STATION or not party.area:
        faults["party"] = _(N_("{party} is not a repair station with an area."), party=row.party)
    elif serving is not None and row.state is HeldStation.ACTIVE:
        faults["party"] = _(
            N_("{station} serves {area} already, and alone."), station=serving.party.code, area=party.area
        )
    if stations.has_agreement(session, row.agreement_number):
        faults["agreement_number"] = _(N_("Another station has the agreement {number}."), number=row.agreement_number)
    if row.term_ends_on < row.signed_on:
        faults["term_ends_on"] = _(N_("The agreement cannot end before it was signed."))
    if faults:
        raise InvalidInput(faults)


def _product(session: Session, code: str) -> Product:
    product = session.scalars(select(Product).where(Product.code == code)).first()
    if product is None:
        raise InvalidInput({"product": _(N_("There is no product or part {code}."), code=code)})
    return product


def _save_delivery(session: Session, row: DeliveryRow) -> str:
    values = row.model_dump(exclude={"party", "product"})
    values |= {
        "party_id": _party(session, "party", row.party).id,
        "product_id": _product(session, row.product).id,
    }
    return _save(session, Delivery, Delivery.number == row.number, values, row)


def _party(session: Session, name: str, code: str) -> Party:
    found = session.scalars(select(Party).where(Party.code == code)).first()
    if found is None:
        raise InvalidInput(
            {name: _(N_("There is no party {code}; it must stand in a line above or be known already."), code=code)}
        )
    return found


def _save(session: Session, table: Any, same: Any, values: Mapping[str, Any], row: Row) -> str:
    """Adds the row, or changes what differs; what the line does not speak of stays as it is."""
    found = session.scalars(select(table).where(same)).first()
    if found is None:
        session.add(table(**values))
        session.flush()
        return "added"
    given = {column for name in row.model_fields_set for column in (name, f"{name}_id")}
    differing = {name: value for name, value in values.items() if name in given and getattr(found, name) != value}
    for name, value in differing.items():
        setattr(found, name, value)
    return "changed" if differing else "unchanged"


def _in_a_circle(session: Session, code: str) -> str:
    """A sentence if the responsible superiors of a party lead back to it."""
    party = session.scalars(select(Party).where(Party.code == code)).first()
    above = party.superior if party else None
    for _level in range(100):
        if above is None:
            return ""
        if party is not None and above.id == party.id:
            return _(N_("The responsible superiors of {code} lead back to itself."), code=code)
        above = above.superior
    return ""


_SAVE: dict[type[Row], Callable[[Session, Any], str]] = {
    PartyRow: _save_party,
    PersonRow: _save_person,
    ProductRow: _save_product,
    PartRow: _save_product,
    DeliveryRow: _save_delivery,
    StockRow: _save_stock,
    StationRow: _save_station,
}
