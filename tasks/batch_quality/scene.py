"""Until the technician has judged: the sale stops, and what follows if there is no quality fault."""

from models.batch_quality import BatchVerdict, CorrectedScope, DisputeReport, RulingOnAppeal, SiteFinding
from models.language import N_
from models.queries import goods, people, questions
from models.tables.cases import DocumentKind
from models.tables.ledgers import SaleStop
from models.tables.parties import Party
from tasks.batch_quality.lists import disputed
from tasks.clock_words import UNITS
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_party


def _sellers(work: Work[DisputeReport]) -> list[Party]:
    """The dealer and the shops it answers for (逐级负责, manual 000 四.1 art. 5)."""
    return [work.case.party, *people.parties_below(work.session, work.case.party)]


def _tell(work: Work[DisputeReport], letter: str, parties: list[Party], **facts: object) -> None:
    goods_facts = {"batch": work.report.batch, "product": disputed(work).product.name}
    recipients = [to_party(work.session, party, work.case) for party in parties]
    notify(
        work.session, work.case, work.at, f"batch_quality/{letter}", recipients, {**goods_facts, **facts}, key=work.key
    )


@step(N_("Dealer pointed to the ordinary warranty"))
def point_to_ordinary_warranty(work: Work[DisputeReport], verdict: BatchVerdict) -> None:
    """The dealer is shown the ordinary way: piece by piece under the service standard."""
    _tell(work, "ordinary_warranty", [work.case.party], reason=verdict.reason)


@step(N_("Sale of the batch stopped"))
def stop_sale(work: Work[DisputeReport], *, round: int = 1) -> None:
    """Nobody sells the batch until its quality is known; the dealer and its shops are told."""
    batch = disputed(work)
    work.session.add(SaleStop(case_id=work.case.id, product_id=batch.product.id, batch=batch.batch, stopped_at=work.at))
    _tell(work, "sale_stopped", _sellers(work))


@step(N_("Sale of the batch released"))
def release_sale(work: Work[DisputeReport]) -> None:
    """The batch may be sold again; those who were stopped are told."""
    for stop in goods.sale_stops_of(work.session, work.case.id):
        stop.released_at = work.at
    _tell(work, "sale_released", _sellers(work))


@step(N_("Finding report filed"))
def file_finding(work: Work[DisputeReport], technician: str, finding: SiteFinding) -> None:
    """The finding report becomes a document of the case, in the name of whoever judged: the task may have passed on."""
    judged = questions.last_decider(work.session, work.case.id, "site-finding") or technician
    file_document(work, DocumentKind.FINDING, {"technician": judged, **finding.model_dump(mode="json")})


@step(N_("Corrected scope of the recall filed"))
def file_correction(work: Work[DisputeReport], technician: str, correction: CorrectedScope) -> None:
    """So does its correction, if the manager wanted one."""
    file_document(work, DocumentKind.FINDING, {"technician": technician, **correction.model_dump(mode="json")})


@step(N_("Dealer told why it is no quality fault"))
def explain_refusal(work: Work[DisputeReport], finding: SiteFinding) -> None:
    """The dealer keeps the goods, gets the reasons, and may appeal once."""
    budget = work.policy.batch_quality.appeal.budget
    limit = {"amount": budget.amount, "text": UNITS[budget.unit]}
    _tell(work, "not_confirmed", [work.case.party], reasons=finding.report, limit=limit)


@step(N_("Ruling on the appeal sent to the dealer"))
def tell_ruling(work: Work[DisputeReport], ruling: RulingOnAppeal) -> None:
    """The ruling goes to the dealer in writing, with its reasons; it is final inside the company."""
    _tell(work, "appeal_ruled", [work.case.party], ruling=ruling.ruling.label_text, reasons=ruling.reasons)
