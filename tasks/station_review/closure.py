"""A station is closed: its address is withdrawn, the parts on loan are counted back, deposit and debt are settled."""

from decimal import Decimal

from models.language import N_
from models.queries import goods, people, stations
from models.roles import Role
from models.rules.stations import charge_for, deposit_split, missing_pieces
from models.station_closure import NOBODY, LastSettlement, LoanCount, LoanSentBack, NeighbourChoice
from models.station_review import ReviewRequest
from models.tables.cases import DocumentKind
from models.tables.goods import Product
from models.tables.ledgers import Account, Condition
from models.tables.stations import StationState
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party, to_role
from tasks.repair_station.states import who_answers_for
from tasks.station_review.lists import company_code, lent, on_shelves, station_of


@step(N_("Station closed"))
def close_station(work: Work[ReviewRequest], reason: str) -> bool:
    """The station repairs no more, for good; whether this review did it, and not another one before."""
    station = station_of(work)
    if not stations.change(work.session, station, StationState.CLOSED, work.at, reason, work.case.id):
        return False
    file_document(work, DocumentKind.REVIEW, {"station": station.party.code, "closed_for": reason})
    facts = {"station": station.party.name, "reason": reason}
    told = who_answers_for(work, station)
    notify(work.session, work.case, work.at, "station_review/closing", told, facts, key=work.key)
    return True


@step(N_("Station's address withdrawn"))
def withdraw_address(work: Work[ReviewRequest], choice: NeighbourChoice) -> None:
    """Every shop of the area learns that the address holds no more, and which station is next."""
    station = station_of(work)
    neighbour = None if choice.neighbour == NOBODY else people.party_by_code(work.session, choice.neighbour)
    facts = {
        "station": station.party.name,
        "area": station.area,
        "neighbour": neighbour.name if neighbour else "",
        "address": neighbour.address if neighbour else "",
        "phone": neighbour.phone if neighbour else "",
        "note": choice.note,
    }
    told = [to_party(work.session, one, work.case) for one in stations.terminals(work.session, station.area)]
    notify(work.session, work.case, work.at, "station_review/address_withdrawn", told, facts, key=work.key)


@step(N_("Parts on loan added up from the books"))
def parts_lent(work: Work[ReviewRequest]) -> int:
    """Pieces that the station holds by the books."""
    return sum(lent(work).values())


@step(N_("Parts on loan sent back"))
def send_parts_back(work: Work[ReviewRequest], sent: LoanSentBack) -> dict[str, int]:
    """Everything that the books know at the station is on its way; pieces by part."""
    station, listed = work.case.party, lent(work)
    for line, held in enumerate(on_shelves(work), 1):
        shelf, way = (station, held.condition), (station, Condition.IN_TRANSIT)
        book_stock(work, line, _part(work, held.product), "", held.pieces, shelf, way)
    file_document(work, DocumentKind.SHIPPING_NOTE, {"lines": listed, **sent.model_dump(mode="json")})
    return listed


@step(N_("Count of the parts on loan booked"))
def take_parts_back(work: Work[ReviewRequest], listed: dict[str, int], count: LoanCount) -> None:
    """What was counted is the company's again; what is missing is charged at the part's price."""
    company, station = people.company(work.session), work.case.party
    transit = (station, Condition.IN_TRANSIT)
    lines = []
    for place, (code, pieces) in enumerate(listed.items()):
        part, (good, faulty) = _part(work, code), count.of(code)
        missing = missing_pieces(pieces, good, faulty)
        book_stock(work, 3 * place + 1, part, "", good, transit, (company, Condition.GOOD))
        book_stock(work, 3 * place + 2, part, "", faulty, transit, (company, Condition.FAULTY))
        book_stock(work, 3 * place + 3, part, "", missing, transit, (station, Condition.MISSING))
        charge = charge_for(missing, part.price or Decimal(0))
        revenue, owed = (Account.PARTS_REVENUE, company.code), (Account.PARTY_RECEIVABLE, station.code)
        settle_money(work, place + 1, charge, part.currency, revenue, owed)
        line = {"part": code, "name": part.name, "listed": pieces, "good": good, "faulty": faulty, "missing": missing}
        lines.append({**line, "charge": str(charge), "currency": part.currency})
    file_document(work, DocumentKind.COUNT_NOTE, {"lines": lines, "note": count.note})
    if differing := [line for line in lines if line["missing"]]:
        told = [to_party(work.session, station, work.case), *to_role(work.session, Role.CS_MANAGER)]
        facts = {"station": station.name, "lines": differing}
        notify(work.session, work.case, work.at, "station_review/parts_missing", told, facts, key=work.key)


@step(N_("Last settlement with the station made"))
def settle_last(work: Work[ReviewRequest], settlement: LastSettlement) -> None:
    """The deposit is paid back, less what the station owes; what is kept stands to its credit against its debt."""
    station, currency = work.case.party, work.policy.currency
    deposit = stations.deposit_of(work.session, station, currency)
    owed = stations.owed_by(work.session, station, currency)
    kept, paid_back = deposit_split(deposit, owed)
    held = (Account.DEPOSIT_HELD, station.code)
    settle_money(work, 1, paid_back, currency, held, (Account.BANK, company_code(work)))
    settle_money(work, 2, kept, currency, held, (Account.DEALER_CREDIT, station.code))
    content = {"deposit": str(deposit), "owed": str(owed), "kept": str(kept), "paid_back": str(paid_back)}
    sums = {**content, "currency": currency}
    file_document(work, DocumentKind.SETTLEMENT, {**settlement.model_dump(mode="json"), **sums})
    told = [to_party(work.session, station, work.case)]
    facts = {"station": station.name, "sheet": settlement.sheet_number, **sums}
    notify(work.session, work.case, work.at, "station_review/settled", told, facts, key=work.key)


def _part(work: Work[ReviewRequest], code: str) -> Product:
    part = goods.product_by_code(work.session, code)
    assert part is not None, "the ledger knows only parts of the master data"
    return part
