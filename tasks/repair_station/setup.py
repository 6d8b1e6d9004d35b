"""The agreement makes a station: it enters the master data, gets parts on loan, and its repairers are certified."""

from sqlalchemy.orm import Session

from models.forms import YesNo
from models.language import N_
from models.queries import cases, goods, people, stations
from models.repair_station import CandidateSheet
from models.repair_station_setup import Agreement, Founding, LoanArrival, LoanDispatch
from models.repair_station_start import TrainingResult
from models.roles import PartyKind, Role
from models.rules.stations import term_end
from models.tables.cases import DocumentKind
from models.tables.goods import Product
from models.tables.ledgers import Account, Condition
from models.tables.parties import Party
from models.tables.stations import Station, StationDocument, StationPaper, StationRepairer, StationState
from tasks.climbing import done
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_role
from tasks.repair_station.lists import station_of


@step(N_("Station entered in the books, unless something stood in the way"))
def found_station(work: Work[CandidateSheet], agreement: Agreement, *, round: int) -> Founding:
    """The station enters the master data, unless something stands in its way; then nothing is changed.

    From here on it is party of its own, being set up; its area is taken.
    """
    in_the_way = _in_the_way(work, agreement)
    if in_the_way is not None:
        return in_the_way
    done(work, "agreement-signature")
    station = _enter(work, agreement)
    content = {
        **agreement.model_dump(mode="json"),
        "copies": 2,
        "term_ends_on": station.term_ends_on.isoformat(),
        "deposit": str(station.deposit),
        "currency": station.currency,
    }
    file_document(work, DocumentKind.AGREEMENT, content)
    bank, held = (Account.BANK, people.company(work.session).code), (Account.DEPOSIT_HELD, agreement.station_number)
    settle_money(work, 1, station.deposit, station.currency, bank, held)
    return Founding.DONE


def _in_the_way(work: Work[CandidateSheet], agreement: Agreement) -> Founding | None:
    session, area = work.session, work.report.area
    # Two that sign for one area, or give one number, wait for each other.
    cases.lock_subject(session, work.case.procedure, "signature")
    if people.party_by_code(session, agreement.station_number) is not None:
        return Founding.NUMBER_TAKEN
    if stations.has_agreement(session, agreement.agreement_number):
        return Founding.AGREEMENT_TAKEN
    if _is_exclusive(work) and stations.serving(session, area) is not None:
        return Founding.AREA_TAKEN
    return None


def _is_exclusive(work: Work[CandidateSheet]) -> bool:
    return work.policy.stations.exclusive_area and work.report.exception is YesNo.NO


def _enter(work: Work[CandidateSheet], agreement: Agreement) -> Station:
    """The party, its agreement, its licence, and that it begins."""
    sheet, policy, office = work.report, work.policy.stations, work.case.party
    assert agreement.signed_on is not None, "the form takes no signed agreement without its day"
    party = Party(
        code=agreement.station_number,
        name=sheet.name,
        kind=PartyKind.REPAIR_STATION,
        superior=office,
        contact=sheet.contact,
        phone=sheet.phone,
        email=sheet.email,
        language=office.language,
        area=sheet.area,
        address=sheet.address,
    )
    station = Station(
        party=party,
        state=StationState.PREPARING,
        area=sheet.area,
        exclusive=_is_exclusive(work),
        agreement_number=agreement.agreement_number,
        signed_on=agreement.signed_on,
        term_ends_on=term_end(agreement.signed_on, agreement.term_months or policy.term_months),
        deposit=policy.deposit if agreement.deposit is None else agreement.deposit,
        currency=work.policy.currency,
        case_id=work.case.id,
    )
    work.session.add(station)
    stations.record_change(work.session, station, None, work.at, N_("the agreement was signed"), work.case.id)
    licence = StationDocument(
        station_id=station.party_id,
        kind=StationPaper.LICENCE,
        number=sheet.licence_number,
        valid_until=sheet.licence_valid_until,
        recorded_at=work.at,
        case_id=work.case.id,
    )
    work.session.add(licence)
    return station


@step(N_("Opening stock on loan sent to the station"))
def lend_parts(work: Work[CandidateSheet], number: str, dispatch: LoanDispatch) -> None:
    """The opening stock leaves the company's store; on its way it is the station's to receive."""
    file_document(work, DocumentKind.LOAN_NOTE, {"station": number, **dispatch.model_dump(mode="json")})
    company, station = people.company(work.session), station_of(work, number).party
    for line, (code, pieces) in enumerate(dispatch.pieces.items(), 1):
        part = _part(work.session, code)
        book_stock(work, line, part, "", pieces, (company, Condition.GOOD), (station, Condition.IN_TRANSIT))


@step(N_("Arrival of the opening stock on loan booked"))
def receive_parts(
    work: Work[CandidateSheet], number: str, dispatch: LoanDispatch, arrival: LoanArrival
) -> dict[str, int]:
    """What arrived is the station's stock, still the company's property; returns what is missing, by part."""
    company, station = people.company(work.session), station_of(work, number).party
    transit = (station, Condition.IN_TRANSIT)
    lines = []
    for line, (code, sent) in enumerate(dispatch.pieces.items()):
        part, received = _part(work.session, code), arrival.pieces.get(code, 0)
        book_stock(work, 2 * line + 1, part, "", received, transit, (station, Condition.GOOD))
        book_stock(work, 2 * line + 2, part, "", sent - received, transit, (company, Condition.MISSING))
        lines.append({"part": code, "name": part.name, "sent": sent, "received": received, "missing": sent - received})
    file_document(work, DocumentKind.COUNT_NOTE, {"station": number, "lines": lines, "note": arrival.note})
    missing = {code: sent - arrival.pieces.get(code, 0) for code, sent in dispatch.pieces.items()}
    differing = {code: pieces for code, pieces in missing.items() if pieces}
    if differing:
        told = [*to_role(work.session, Role.WAREHOUSE_KEEPER), *to_role(work.session, Role.CS_MANAGER)]
        facts = {"station": station.name, "waybill": dispatch.waybill, "lines": lines}
        notify(work.session, work.case, work.at, "repair_station/loan_differs", told, facts, key=work.key)
    return differing


@step(N_("Certificates entered in the management file"))
def certify(work: Work[CandidateSheet], number: str, training: TrainingResult) -> None:
    """Who passed gets a certificate, which enters the management file (manual 000 三 经理 D, 三 内勤 A)."""
    station = station_of(work, number)
    file_document(work, DocumentKind.CERTIFICATE, {"station": number, **training.model_dump(mode="json")})
    work.session.add_all(
        StationRepairer(
            station_id=station.party_id,
            name=one.repairer,
            certificate_number=one.certificate_number,
            certified_on=training.held_on,
            valid_until=one.valid_until,
            case_id=work.case.id,
        )
        for one in training.passed
    )


def _part(session: Session, code: str) -> Product:
    part = goods.product_by_code(session, code)
    assert part is not None, "the form takes only parts of the master data"
    return part
