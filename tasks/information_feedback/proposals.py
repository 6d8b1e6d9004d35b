"""Repeated faults of one batch propose a batch quality dispute (批量质量异议), once for the batch; the clerk decides.

Manual 000 四.1 art. 3; what a month's repairs show is passed on, 一.3.
"""

from dataclasses import asdict
from typing import Any

from models.feedback_answers import RepeatedBatch
from models.forms import YesNo
from models.information_feedback import MonthToReport
from models.language import N_
from models.queries import cases, goods, measures
from models.queries.quality import Repeated
from models.tables.feedback import Proposal, ProposalState
from models.tables.goods import Product
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.information_feedback.lists import figures_of
from tasks.journal import Work, step
from tasks.quality_notice.children import open_dispute
from tasks.quality_notice.handling import dealers_of


@step(N_("Batches with repeated faults looked for"))
def propose_disputes(work: Work[MonthToReport]) -> list[Repeated]:
    """The batches to ask the clerk about: a dealer received them, they were never disputed, nobody decided yet."""
    found = []
    for one in figures_of(work).repeated:
        product = _product(work, one.code)
        known = measures.proposal_of(work.session, product, one.batch)
        decided = known is not None and known.state in {ProposalState.ACCEPTED, ProposalState.DECLINED}
        disputed = measures.is_disputed(work.session, product, one.batch, BATCH_QUALITY_DISPUTE.code)
        if decided or disputed or not dealers_of(work, one.code, one.batch)["dealers"]:
            continue
        proposal = known or Proposal(product_id=product.id, batch=one.batch)
        proposal.pieces, proposal.stations = one.pieces, one.stations
        proposal.case_id, proposal.proposed_at, proposal.state = work.case.id, work.at, ProposalState.OPEN
        work.session.add(proposal)
        found.append(one)
    return found


def proposed(work: Work[MonthToReport], batch: Repeated) -> dict[str, Any]:
    """For the clerk: the figures, and the dealers that received the batch."""
    return {"goods": f"{batch.code} {batch.name}", **_figures(batch), **dealers_of(work, batch.code, batch.batch)}


def _figures(batch: Repeated) -> dict[str, Any]:
    return {name: value for name, value in asdict(batch).items() if name not in {"code", "name"}}


@step(N_("Proposal of a batch quality dispute decided"))
def settle_proposal(work: Work[MonthToReport], batch: Repeated, answer: RepeatedBatch | None, *, round: int) -> None:
    """A dispute is opened out of the month's case, or none; silence lets the next month propose it again."""
    proposal = measures.proposal_of(work.session, _product(work, batch.code), batch.batch)
    assert proposal is not None, "the clerk was asked about a proposal"
    if answer is None:
        proposal.state = ProposalState.UNANSWERED
    elif answer.open_dispute is YesNo.NO:
        proposal.state = ProposalState.DECLINED
    else:
        number = open_dispute(
            work, answer.dealer, batch.code, batch.batch, answer.faulty_pieces, answer.reason, answer.reported_by
        )
        proposal.state, proposal.dispute_id = ProposalState.ACCEPTED, cases.by_number(work.session, number).id


def _product(work: Work[MonthToReport], code: str) -> Product:
    product = goods.product_by_code(work.session, code)
    assert product is not None, "a repair names products and parts that there are"
    return product
