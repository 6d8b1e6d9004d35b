"""Finding repair stations (特约维修点), their papers, and what the company knows of them.

Manual 000 一.2, 四 维修服务网点的建设: the network of stations is planned, built and looked after.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import case, distinct, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from models.queries import people
from models.roles import DEALER_KINDS, PartyKind
from models.rules.stations import papers_end
from models.tables.deadlines import Deadline
from models.tables.goods import Product, ProductKind
from models.tables.ledgers import Account, MoneyMove
from models.tables.parties import Party
from models.tables.repairs import Repair
from models.tables.stations import (
    Station,
    StationChange,
    StationDocument,
    StationPaper,
    StationRepairer,
    StationState,
)

#: The states in which an exclusive station has its area for itself.
HOLDS_ITS_AREA = (StationState.PREPARING, StationState.ACTIVE)
#: The states in which terms and papers run out.
IN_THE_NETWORK = (StationState.ACTIVE, StationState.SUSPENDED)


def of_party(session: Session, party: Party) -> Station:
    """The station that a party is."""
    return session.get_one(Station, party.id)


def by_code(session: Session, code: str) -> Station | None:
    """The station with this number, if there is one; a party that never had an agreement is none."""
    return session.scalars(select(Station).join(Station.party).where(Party.code == code)).first()


def serving(session: Session, area: str, besides: str = "") -> Station | None:
    """The station that serves an area alone, or is being set up to; `besides` is a number that does not count."""
    return session.scalars(
        select(Station)
        .join(Station.party)
        .where(Station.area == area, Station.exclusive, Station.state.in_(HOLDS_ITS_AREA), Party.code != besides)
    ).first()


def active_in(session: Session, area: str) -> Sequence[Station]:
    """The active stations of an area, by number."""
    return [one for one in listed(session, area) if one.state == StationState.ACTIVE]


def listed(session: Session, area: str = "", states: Iterable[StationState] = tuple(StationState)) -> Sequence[Station]:
    """Stations by number, of one area if named."""
    found = select(Station).join(Station.party).options(joinedload(Station.party)).order_by(Party.code)
    found = found.where(Station.state.in_(tuple(states)))
    return session.scalars(found.where(Station.area == area) if area else found).all()


def has_agreement(session: Session, number: str) -> bool:
    """Whether an agreement with this number is in the books."""
    return session.scalars(select(Station).where(Station.agreement_number == number)).first() is not None


def change(session: Session, station: Station, to: StationState, at: datetime, why: str, case_id: int | None) -> bool:
    """Brings a station into a state and writes it down; whether that was a change. The end of a suspension goes."""
    before = StationState(station.state)
    if before is to:
        return False
    station.state, station.suspended_until = to, None
    record_change(session, station, before, at, why, case_id)
    return True


def record_change(
    session: Session, station: Station, before: StationState | None, at: datetime, why: str, case_id: int | None
) -> None:
    """Writes down that a station, which was in `before`, is now in its state."""
    session.flush()
    session.add(
        StationChange(
            station_id=station.party_id, at=at, from_state=before, to_state=station.state, why=why, case_id=case_id
        )
    )


def last_change(session: Session, station: Station) -> StationChange | None:
    """What brought a station into its state."""
    return session.scalars(
        select(StationChange).where(StationChange.station_id == station.party_id).order_by(StationChange.id.desc())
    ).first()


@dataclass(frozen=True)
class Paper:
    """A paper that counts: a document of its kind, or a repairer's certificate, with its last day.

    The certificate of a repairer who left ended that day.
    """

    station_id: int
    name: str
    number: str
    valid_until: date
    is_certificate: bool
    has_left: bool = False


def papers(session: Session, station_ids: Collection[int]) -> Sequence[Paper]:
    """The papers of stations: of each kind of document the one recorded last, and every certificate."""
    documents = session.scalars(
        select(StationDocument)
        .where(StationDocument.station_id.in_(station_ids))
        .ext(distinct_on(StationDocument.station_id, StationDocument.kind))
        .order_by(StationDocument.station_id, StationDocument.kind, StationDocument.id.desc())
    )
    certificates = session.scalars(
        select(StationRepairer)
        .where(StationRepairer.station_id.in_(station_ids))
        .order_by(StationRepairer.station_id, StationRepairer.id)
    )
    return [
        *(Paper(one.station_id, StationPaper(one.kind).label, one.number, one.valid_until, False) for one in documents),
        *map(_certificate, certificates),
    ]


def _certificate(one: StationRepairer) -> Paper:
    until = min(one.valid_until, one.left_on) if one.left_on else one.valid_until
    return Paper(one.station_id, one.name, one.certificate_number, until, True, has_left=one.left_on is not None)


def end_of(found: Sequence[Paper]) -> date | None:
    """The last day on which the papers of one station are in order; None if nobody recorded any."""
    return papers_end(
        [one.valid_until for one in found if not one.is_certificate],
        [one.valid_until for one in found if one.is_certificate],
    )


def papers_until(session: Session, stations: Sequence[Station]) -> dict[int, date | None]:
    """The same for many stations at once, by the key of their party."""
    found = papers(session, [one.party_id for one in stations])
    return {one.party_id: end_of([paper for paper in found if paper.station_id == one.party_id]) for one in stations}


def repairers(session: Session, station: Station) -> Sequence[StationRepairer]:
    """The certificates of the repairers who work at a station, in the order in which they were recorded."""
    return session.scalars(
        select(StationRepairer)
        .where(StationRepairer.station_id == station.party_id, StationRepairer.left_on.is_(None))
        .order_by(StationRepairer.id)
    ).all()


def terminals(session: Session, area: str) -> Sequence[Party]:
    """Who must be able to tell a consumer the station's address (manual 000 四.2 art. 1).

    These are the shops and sub-distributors of the area, and the dealers that answer for them.
    """
    there = session.scalars(select(Party).where(Party.area == area, Party.kind.in_(DEALER_KINDS))).all()
    dealers = (above for one in there for above in people.superiors(one) if PartyKind(above.kind) in DEALER_KINDS)
    return sorted({one.id: one for one in (*there, *dealers)}.values(), key=lambda party: party.code)


def made_by(session: Session, case_id: int) -> Station | None:
    """The station that a case developed, if it came so far."""
    return session.scalars(select(Station).where(Station.case_id == case_id)).first()


def numbers_like(session: Session, prefix: str) -> Sequence[str]:
    """The numbers of parties that begin with `prefix`."""
    return session.scalars(select(Party.code).where(Party.code.startswith(prefix, autoescape=True))).all()


def parts_of_kinds(session: Session, kinds: Collection[str]) -> Sequence[Product]:
    """The parts of these kinds of goods, by number."""
    return session.scalars(
        select(Product).where(Product.kind == ProductKind.PART, Product.goods_kind.in_(kinds)).order_by(Product.code)
    ).all()


def repairs_since(session: Session, party: Party, day: date) -> int:
    """Repairs that a station reported and that came in on `day` or later."""
    found = select(func.count()).where(Repair.station_id == party.id, Repair.received_on >= day)
    return session.scalar(found) or 0


def cases_late_since(session: Session, party: Party, at: datetime) -> int:
    """Cases in which a time that was the station's ran out at `at` or later."""
    found = select(func.count(distinct(Deadline.case_id))).where(
        Deadline.line[0].astext == party.code, Deadline.breached_at >= at
    )
    return session.scalar(found) or 0


def owed_by(session: Session, party: Party, currency: str) -> Decimal:
    """What a party owes the company by the books, less its credit, in one currency; below zero the company owes."""
    charged = _balance(session, Account.PARTY_RECEIVABLE, party, currency)
    return charged - _balance(session, Account.DEALER_CREDIT, party, currency)


def deposit_of(session: Session, party: Party, currency: str) -> Decimal:
    """What the company holds of a party's money as a deposit, in one currency."""
    return _balance(session, Account.DEPOSIT_HELD, party, currency)


def _balance(session: Session, account: Account, party: Party, currency: str) -> Decimal:
    entered = (MoneyMove.to_account == account) & (MoneyMove.to_party == party.code)
    left = (MoneyMove.from_account == account) & (MoneyMove.from_party == party.code)
    moved = select(func.coalesce(func.sum(case((entered, MoneyMove.amount), else_=-MoneyMove.amount)), 0)).where(
        MoneyMove.currency == currency, or_(entered, left)
    )
    return session.scalar(moved) or Decimal(0)
