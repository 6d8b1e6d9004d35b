"""What is not exchanged, what the workshop made of it, and what is scrapped (manual 000 一.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.language import N_
from models.parts_exchange import RefusedDispatch, ReworkReport
from models.parts_inspection import InspectionVerdict, Tally
from models.parts_return import ReturnRequest
from models.queries import people
from models.tables.cases import DocumentKind
from models.tables.ledgers import Condition
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock
from tasks.notices import notify, to_party
from tasks.parts_return.lists import products


@dataclass(frozen=True)
class Scrap:
    """Pieces that nobody can use, and where they lie until they are scrapped."""

    part: str
    pieces: int
    condition: Condition


@step(N_("Refused parts sent back"))
def send_refused_back(work: Work[ReturnRequest], refused: Tally, dispatch: RefusedDispatch) -> None:
    """Refused pieces go back freight collect: the sender pays the carrier."""
    file_document(work, DocumentKind.SHIPPING_NOTE, {"pieces": refused, **dispatch.model_dump(mode="json")})
    _out_of_quarantine(work, refused, sent_back=True)
    _tell_sender(work, refused, waybill=dispatch.waybill, carrier=dispatch.carrier)


@step(N_("Refused parts scrapped"))
def scrap_refused(work: Work[ReturnRequest], refused: Tally) -> None:
    """Refused pieces are scrapped at the factory, as the sender wished or its silence left it to the policy."""
    file_document(work, DocumentKind.SCRAP_NOTE, {"pieces": refused})
    _out_of_quarantine(work, refused, sent_back=False)
    _tell_sender(work, refused, waybill="", carrier="")


def _out_of_quarantine(work: Work[ReturnRequest], refused: Tally, *, sent_back: bool) -> None:
    company, sender = people.company(work.session), work.case.party
    parts = products(work, refused)
    gone = (sender, Condition.REFUSED) if sent_back else (company, Condition.SCRAPPED)
    for number, (part, pieces) in enumerate(refused.items(), 1):
        book_stock(work, number, parts[part], "", pieces, (company, Condition.QUARANTINE), gone)


def _tell_sender(work: Work[ReturnRequest], refused: Tally, **how: str) -> None:
    facts = {"lines": [{"part": part, "pieces": pieces} for part, pieces in refused.items()], **how}
    told = [to_party(work.session, work.case.party, work.case)]
    notify(work.session, work.case, work.at, "parts_return/refused_settled", told, facts, key=work.key)


@step(N_("Repaired parts taken into good stock"))
def finish_rework(work: Work[ReturnRequest], repaired: ReworkReport) -> None:
    """What could be repaired is good stock of the company; the rest stays in the workshop for scrap."""
    company = people.company(work.session)
    parts = products(work, repaired.repaired)
    for number, (part, pieces) in enumerate(repaired.repaired.items(), 1):
        book_stock(work, number, parts[part], "", pieces, (company, Condition.REWORK), (company, Condition.GOOD))


@step(N_("Parts for scrap determined"))
def for_scrap(work: Work[ReturnRequest], verdict: InspectionVerdict, repaired: ReworkReport | None) -> list[Scrap]:
    """What nobody can use: own quality faults in the company's own make, and what the workshop could not repair.

    Bought-in pieces with a quality fault stay in quarantine: they are the proof of the claim on their supplier.
    """
    made_here = {code for code, part in products(work, verdict.own_quality).items() if part.supplier is None}
    faulty = [
        Scrap(part, pieces, Condition.QUARANTINE) for part, pieces in verdict.own_quality.items() if part in made_here
    ]
    mended = repaired.repaired if repaired else {}
    broken = {part: pieces - mended.get(part, 0) for part, pieces in verdict.repairable.items()}
    return faulty + [Scrap(part, pieces, Condition.REWORK) for part, pieces in broken.items() if pieces]


@step(N_("Parts scrapped"))
def scrap(work: Work[ReturnRequest], pieces: Sequence[Scrap]) -> None:
    """They leave the books, with a scrap note."""
    company = people.company(work.session)
    parts = products(work, {one.part for one in pieces})
    for number, one in enumerate(pieces, 1):
        place, scrapped = (company, one.condition), (company, Condition.SCRAPPED)
        book_stock(work, number, parts[one.part], "", one.pieces, place, scrapped)
    lines = [{"part": one.part, "pieces": one.pieces, "from": one.condition.value} for one in pieces]
    file_document(work, DocumentKind.SCRAP_NOTE, {"lines": lines})


def scrap_by_part(pieces: Sequence[Scrap]) -> Tally:
    """Pieces for scrap, by part, wherever they lie."""
    tally: Tally = {}
    for one in pieces:
        tally[one.part] = tally.get(one.part, 0) + one.pieces
    return tally
