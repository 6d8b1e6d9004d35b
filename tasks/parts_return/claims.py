"""Claims on the suppliers of bought-in parts that failed by their own quality: one for each supplier."""

from collections import defaultdict
from decimal import Decimal

from models.language import N_, _
from models.parts_inspection import InspectionVerdict
from models.parts_return import ReturnRequest
from models.rules.parts_return import worth
from models.tables.goods import Product
from tasks.journal import Work, step
from tasks.parts_return.lists import products
from tasks.supplier_claim.children import claim_on_supplier


@step(N_("Checked which suppliers to claim on"))
def claim_on_suppliers(work: Work[ReturnRequest], verdict: InspectionVerdict) -> list[str]:
    """The numbers of the claims; the old parts stay in quarantine until they are settled.

    Claimed is the part's price for each piece, to the cent; purchasing states the amount where a part has no price.
    """
    parts = products(work, verdict.own_quality)
    by_supplier: dict[tuple[str, str], list[Product]] = defaultdict(list)
    for _code, part in sorted(parts.items()):
        if part.supplier is not None:
            by_supplier[part.supplier.code, part.currency].append(part)
    claims = []
    for (supplier, currency), bought in by_supplier.items():
        pieces = {one.code: verdict.own_quality[one.code] for one in bought}
        amounts = [worth(pieces[one.code], one.price or Decimal(0)) for one in bought]
        report = {
            "supplier": supplier,
            "lines": [{"product": code, "pieces": many} for code, many in pieces.items()],
            "amount": str(sum(amounts, Decimal(0))),
            "currency": currency,
            "grounds": verdict.findings,
            "evidence": _(
                N_("The old parts in quarantine; verdict and return list of case {case}"), case=work.case.number
            ),
        }
        claims += claim_on_supplier(work, report)
    return claims
