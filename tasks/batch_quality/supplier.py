"""A batch that the company bought in: the dealer is served first, then the supplier answers (供应商索赔)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from models.batch_quality import DisputeReport, GoodsArrival, Remedy
from models.language import N_, _
from models.rules.batch_quality import credit_for
from models.tables.ledgers import Account, MoneyMove
from tasks.batch_quality.lists import disputed
from tasks.journal import Work, step
from tasks.supplier_claim.children import claim_on_supplier


@step(N_("Checked whether to claim on the supplier"))
def claim_on_supplier_for(
    work: Work[DisputeReport], arrivals: Sequence[GoodsArrival], remedy: Remedy, fault_found: str
) -> list[str]:
    """A claim for the goods that came back, at their deliveries' price; nothing for what the company made itself.

    Where the dealer was credited, the freight of the recall, which is in the policy's currency, is claimed with it.
    Deliveries in several currencies make a claim each.
    """
    batch = disputed(work)
    if batch.product.supplier is None:
        return []
    received: dict[str, int] = defaultdict(int)
    for came in (line for arrival in arrivals for line in arrival.lines):
        received[came.delivery] += came.received
    pieces: dict[str, int] = defaultdict(int)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for one in batch.deliveries:
        pieces[one.currency] += received[one.number]
        amounts[one.currency] += credit_for(received[one.number], one.unit_price)
    if remedy is Remedy.CREDIT and work.policy.currency in amounts:
        amounts[work.policy.currency] += _freight(work)
    report: dict[str, Any] = {
        "supplier": batch.product.supplier.code,
        "grounds": fault_found,
        "evidence": _(N_("The goods in quarantine; finding and recall list of case {case}"), case=work.case.number),
    }
    numbers = []
    for currency in [one for one, many in pieces.items() if many]:
        line = {"product": batch.product.code, "batch": batch.batch, "pieces": pieces[currency]}
        claim = {**report, "lines": [line], "amount": str(amounts[currency]), "currency": currency}
        numbers += claim_on_supplier(work, claim)
    return numbers


def _freight(work: Work[DisputeReport]) -> Decimal:
    """What the recall's transport cost."""
    paid = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == work.case.id, MoneyMove.from_account == Account.FREIGHT_EXPENSE
    )
    return work.session.scalar(paid) or Decimal(0)
