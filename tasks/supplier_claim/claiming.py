"""The claim goes to the supplier with its evidence, the answer is filed, and the company may insist once."""

from decimal import Decimal

from models.language import N_
from models.queries import goods
from models.supplier_claim import ClaimConfirmation, ClaimDecision, SupplierAnswer, SupplierClaimReport
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_party


def _write(work: Work[SupplierClaimReport], letter: str, **facts: object) -> None:
    supplier = to_party(work.session, work.case.party, work.case)
    notify(work.session, work.case, work.at, f"supplier_claim/{letter}", [supplier], facts, key=work.key)


@step(N_("Claim letter sent to the supplier"))
def send_claim(work: Work[SupplierClaimReport], confirmed: ClaimConfirmation) -> None:
    """The claim letter (索赔函) with the list of evidence."""
    lines = []
    for line in work.report.lines:
        product = goods.product_by_code(work.session, line.product)
        assert product is not None, "the claim was checked when the case was opened"
        lines.append({"product": product.code, "name": product.name, "batch": line.batch, "pieces": line.pieces})
    claim = {"lines": lines, "amount": str(confirmed.amount), "currency": work.report.currency, "note": confirmed.note}
    file_document(work, DocumentKind.SUPPLIER_CLAIM, claim)
    _write(work, "claimed", **claim, grounds=work.report.grounds, evidence=work.report.evidence)


@step(N_("Supplier's answer filed"))
def file_answer(work: Work[SupplierClaimReport], answer: SupplierAnswer, *, round: int) -> None:
    """What the supplier said becomes a document of the case."""
    file_document(work, DocumentKind.SUPPLIER_ANSWER, answer.model_dump(mode="json"))


@step(N_("Claim insisted on"))
def insist(work: Work[SupplierClaimReport], amount: Decimal, decision: ClaimDecision) -> None:
    """The claim is made a second time, with the reasons why the answer is not taken."""
    facts = {"amount": str(amount), "currency": work.report.currency, "reason": decision.reason}
    file_document(work, DocumentKind.SUPPLIER_CLAIM, facts)
    _write(work, "insisted", **facts)
