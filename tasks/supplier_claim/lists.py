"""What the forms of a claim on a supplier are checked against, and the old parts that prove it."""

from decimal import Decimal
from typing import Any

from models.queries import goods, links, people, returns
from models.supplier_claim import ClaimedGoods, SupplierAnswer, SupplierClaimReport
from models.tables.goods import Product
from tasks.journal import Work


def registered(work: Work[SupplierClaimReport]) -> dict[str, Any]:
    """For purchasing: the amount as it was registered."""
    return {"amount": str(work.report.amount), "currency": work.report.currency}


def claimed(amount: Decimal) -> dict[str, Any]:
    """For the supplier's answer: the amount as it was claimed."""
    return {"claimed": str(amount)}


def offer(amount: Decimal, answer: SupplierAnswer, *, may_insist: bool) -> dict[str, Any]:
    """For the manager: what was claimed and what the supplier offers."""
    offered = {"offered": str(answer.amount), "reason": answer.reason}
    return {**claimed(amount), **offered, "may_insist": may_insist}


def agreed(work: Work[SupplierClaimReport], amount: Decimal) -> dict[str, Any]:
    """For finance: what the supplier owes."""
    return {"agreed": str(amount), "currency": work.report.currency}


def old_parts(work: Work[SupplierClaimReport]) -> list[tuple[ClaimedGoods, Product, int]]:
    """Each claimed line with its product and the pieces of it that the company can hand over.

    These are the pieces of that product and batch in the company's quarantine, as far as the claim goes, less those
    that another open case has brought there and still needs.
    """
    company = people.company(work.session)
    ours = {work.case.id, *(one.id for one in links.parents(work.session, work.case.id))}
    found = []
    for line in work.report.lines:
        product = goods.product_by_code(work.session, line.product)
        assert product is not None, "the claim was checked when the case was opened"
        free = returns.free_in_quarantine(work.session, product, line.batch, company, ours)
        found.append((line, product, max(0, min(line.pieces, free))))
    return found


def to_hand_over(work: Work[SupplierClaimReport]) -> dict[str, Any]:
    """For the keeper: what is to be handed over, by product and batch."""
    lines = {f"{product.code} {product.name} {line.batch}": pieces for line, product, pieces in old_parts(work)}
    return {"old_parts": {name.strip(): pieces for name, pieces in lines.items() if pieces}}
