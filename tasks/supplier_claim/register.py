"""How a claim on a supplier begins: by people, or out of a return or a dispute that found the supplier's fault."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.language import N_, _
from models.policy import Policy
from models.queries import goods, people
from models.roles import PartyKind
from models.supplier_claim import SupplierClaimReport
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work
from tasks.opening import Matter


def check(session: Session, report: SupplierClaimReport, policy: Policy, at: datetime) -> Matter:
    """Compares a claim with the master data; raises InvalidInput that names each wrong field."""
    faults: dict[str, str] = {}
    supplier = people.party_by_code(session, report.supplier)
    if supplier is None or supplier.kind != PartyKind.SUPPLIER:
        faults["supplier"] = _(
            N_("There is no supplier {code}; use the number from the master data."), code=report.supplier
        )
    for number, line in enumerate(report.lines):
        product = goods.product_by_code(session, line.product)
        if product is None:
            faults[f"lines.{number}.product"] = _(
                N_("There is no part or product {code}; use the number from the master data."), code=line.product
            )
        elif product.supplier is None or product.supplier.code != report.supplier:
            bought_from = product.supplier.code if product.supplier else _(N_("nobody: the company makes it itself"))
            faults[f"lines.{number}.product"] = _(
                N_("{product} is not bought from {supplier}; it is bought from {bought_from}."),
                product=line.product,
                supplier=report.supplier,
                bought_from=bought_from,
            )
    if faults or supplier is None:
        raise InvalidInput(faults, SupplierClaimReport.titles())
    goods_claimed = sorted(f"{line.product}/{line.batch}" for line in report.lines)
    return Matter(
        party=supplier,
        subject=f"{report.supplier}:{','.join(goods_claimed)}",
        reported_at=at,
        repeated_within_days=policy.supplier_claims.duplicate_days,
        separate=report.separate,
        registrars=policy.supplier_claims.registrars,
    )


def begin(work: Work[SupplierClaimReport]) -> None:
    """What is claimed and by which proof is filed; purchasing hears of it by its question."""
    content = work.report.model_dump(mode="json", include={"lines", "amount", "currency", "grounds", "evidence"})
    file_document(work, DocumentKind.EVIDENCE_LIST, content)
