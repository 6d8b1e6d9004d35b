"""Loss or damage in transit (承运方索赔). Manual 000, 四.1 售后服务标准, art. 4."""

from decimal import Decimal
from itertools import count

from models.forms import YesNo
from models.roles import Role
from models.transit_claim import (
    CarrierAnswer,
    CarrierChosenBy,
    CarrierPayment,
    CarrierReply,
    Cause,
    CauseFinding,
    ClaimSent,
    OfferAnswer,
    OfferDecision,
    Outcome,
    TransitFile,
    TransitPapers,
    TransitReport,
)
from tasks.asking import answer_to, ask, put
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure
from tasks.transit_claim import TRANSIT_CLAIM
from tasks.transit_claim.carrier import book_payment, tell_answer
from tasks.transit_claim.filing import file_claim, pass_on_as_claim
from tasks.transit_claim.lists import agreed, receipt, the_offer, what_is_claimed

Transit = CaseFile[TransitReport]


@procedure(TRANSIT_CLAIM)
def transit_claim(report: TransitReport, case: str | None = None) -> Outcome:
    """Goods were lost or damaged on their way to the customer.

    The customer claims on the carrier; customer service and logistics help with the file and the letters. The company
    promises no compensation, and what the carrier pays is the customer's. Goods needed urgently are a new order.

    Args:
        report: The customer's report (客户的运输损失报告).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    transit: Transit = case_of(TRANSIT_CLAIM, report, case)

    limit = transit.policy.transit_claims.transit_cause
    finding = ask(transit, "transit-cause", CauseFinding, of=Role.LOGISTICS_DEPT, limit=limit)
    if finding.cause is Cause.FACTORY_PACKING:
        pass_on_as_claim(transit, finding)
        return closed(transit, Outcome.PACKING_FAULT)
    if not claim_was_sent(transit):
        return closed(transit, Outcome.NOT_PURSUED)
    return closed(transit, what_comes_of_it(transit, finding))


def claim_was_sent(transit: Transit) -> bool:
    """Logistics and clerk complete the file; the letters go to the customer, who signs and sends them."""
    limits = transit.policy.transit_claims
    carriage = put(transit, "transit-papers", TransitPapers, of=Role.LOGISTICS_DEPT, limit=limits.transit_papers)
    file = ask(transit, "transit-file", TransitFile, of=Role.CS_CLERK, within="filing", facts=what_is_claimed)
    if file.pursues is YesNo.NO:
        return False
    file_claim(transit, answer_to(carriage), file)
    sent = ask(
        transit,
        "claim-sent",
        ClaimSent,
        of=Role.CS_CLERK,
        for_the_party=True,
        limit=limits.claim_sent,
        facts=receipt,
    )
    return sent.sent is YesNo.YES


def what_comes_of_it(transit: Transit, finding: CauseFinding) -> Outcome:
    """The carrier pays, offers less or refuses; whether an offer is enough is for the customer alone to say."""
    limits = transit.policy.transit_claims
    for round in count(1):
        answer = carrier_answer(transit, finding, round)
        tell_answer(transit, answer, round=round)
        if answer.reply is CarrierReply.REFUSES:
            return Outcome.REFUSED_BY_CARRIER
        if answer.reply is CarrierReply.ACCEPTS:
            return paid(transit, None)
        decision = ask(
            transit,
            "offer",
            OfferDecision,
            of=Role.CS_CLERK,
            for_the_party=True,
            limit=limits.offer,
            facts=lambda work, offered=answer.offered, round=round: the_offer(work, offered, round),
            round=round,
        )
        if decision.answer is OfferAnswer.ACCEPT:
            return paid(transit, answer.offered)
        if decision.answer is OfferAnswer.GIVE_UP:
            break
    return Outcome.NOT_PURSUED


def carrier_answer(transit: Transit, finding: CauseFinding, round: int) -> CarrierAnswer:
    """A carrier that the company recommended is dealt with by its logistics, any other by the customer, with help."""
    limits = transit.policy.transit_claims
    recommended = finding.carrier_chosen_by is CarrierChosenBy.COMPANY
    return ask(
        transit,
        "carrier-answer",
        CarrierAnswer,
        of=limits.recommended_carrier if recommended else Role.CS_CLERK,
        for_the_party=not recommended,
        limit=limits.carrier_answer,
        facts=what_is_claimed,
        round=round,
    )


def paid(transit: Transit, offered: Decimal | None) -> Outcome:
    """The customer confirms the carrier's money, all that was claimed or what was offered."""
    payment = ask(
        transit,
        "settlement-received",
        CarrierPayment,
        of=Role.CS_CLERK,
        for_the_party=True,
        limit=transit.policy.transit_claims.settlement_received,
        facts=lambda work: agreed(work, offered),
    )
    return book_payment(transit, payment)
