"""Claim on a supplier (供应商索赔). Manual 000 三 经理 B; the customer is served first, then the supplier answers."""

from decimal import Decimal
from itertools import count

from models.roles import Role
from models.supplier_claim import (
    ClaimConfirmation,
    ClaimDecision,
    ClaimStep,
    MoneyReceived,
    OldPartsHandover,
    Outcome,
    Stand,
    SupplierAnswer,
    SupplierClaimReport,
)
from tasks.asking import answer_to, ask, put
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure
from tasks.supplier_claim import SUPPLIER_CLAIM
from tasks.supplier_claim.claiming import file_answer, insist, send_claim
from tasks.supplier_claim.lists import agreed, claimed, offer, registered, to_hand_over
from tasks.supplier_claim.settlement import agree, book_money, hand_over

Claim = CaseFile[SupplierClaimReport]


@procedure(SUPPLIER_CLAIM)
def supplier_claim(report: SupplierClaimReport, case: str | None = None) -> Outcome:
    """What the company bought failed, and the company has paid for it: the supplier answers for it in principle.

    Purchasing claims with the old parts as proof; what is accepted is paid, and the old parts go to the supplier.

    Args:
        report: What is claimed, on which grounds, with which evidence (索赔内容).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    claim: Claim = case_of(SUPPLIER_CLAIM, report, case)
    amount = amount_claimed(claim)
    owed = amount_agreed(claim, amount)
    if not owed:
        return closed(claim, Outcome.GIVEN_UP)
    settle(claim, owed)
    return closed(claim, Outcome.RECOVERED if owed == amount else Outcome.PARTLY_RECOVERED)


def amount_claimed(claim: Claim) -> Decimal:
    """Purchasing confirms the claim, and it goes to the supplier with the list of evidence."""
    limit = claim.policy.supplier_claims.claim_confirmation
    confirmed = ask(
        claim, "claim-confirmation", ClaimConfirmation, of=Role.PURCHASING_DEPT, limit=limit, facts=registered
    )
    send_claim(claim, confirmed)
    return confirmed.amount


def amount_agreed(claim: Claim, amount: Decimal) -> Decimal:
    """The supplier accepts, accepts a part or refuses; the manager takes that, insists once, or gives up."""
    limits = claim.policy.supplier_claims
    for round in count(1):
        answer = ask(
            claim,
            "supplier-answer",
            SupplierAnswer,
            of=Role.PURCHASING_DEPT,
            for_the_party=True,
            limit=limits.supplier_answer,
            facts=lambda work: claimed(amount),
            round=round,
        )
        file_answer(claim, answer, round=round)
        if answer.answer is Stand.ACCEPTS:
            return amount
        decision = what_follows(claim, amount, answer, round)
        if decision.decision is not ClaimStep.INSIST:
            break
        insist(claim, amount, decision)
    return answer.amount if decision.decision is ClaimStep.ACCEPT else Decimal(0)


def what_follows(claim: Claim, amount: Decimal, answer: SupplierAnswer, round: int) -> ClaimDecision:
    """Less than was claimed is the manager's to judge; the form lets the company insist the first time only."""
    return ask(
        claim,
        "claim-decision",
        ClaimDecision,
        of=Role.CS_MANAGER,
        limit=claim.policy.supplier_claims.claim_decision,
        facts=lambda work: offer(amount, answer, may_insist=round == 1),
        round=round,
    )


def settle(claim: Claim, owed: Decimal) -> None:
    """The supplier pays and gets the old parts, as far as the company still has them."""
    limits = claim.policy.supplier_claims
    old_pieces = agree(claim, owed)
    payment = put(
        claim,
        "money-received",
        MoneyReceived,
        of=Role.FINANCE_DEPT,
        limit=limits.money_received,
        facts=lambda work: agreed(work, owed),
    )
    if old_pieces:
        handover = ask(
            claim,
            "old-parts-handover",
            OldPartsHandover,
            of=Role.WAREHOUSE_KEEPER,
            limit=limits.old_parts_handover,
            facts=to_hand_over,
        )
        hand_over(claim, handover)
    book_money(claim, answer_to(payment))
