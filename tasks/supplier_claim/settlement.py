"""Settling with the supplier: what is owed, the old parts as proof, the money received."""

from decimal import Decimal

from models.language import N_
from models.queries import people
from models.supplier_claim import MoneyReceived, OldPartsHandover, SupplierClaimReport
from models.tables.cases import DocumentKind
from models.tables.ledgers import Account, Condition
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party
from tasks.supplier_claim.lists import old_parts


@step(N_("Amount agreed with the supplier booked"))
def agree(work: Work[SupplierClaimReport], amount: Decimal) -> int:
    """The supplier owes `amount`, in the claim's currency, and hears of it; the pieces that can be handed over."""
    company, supplier = people.company(work.session), work.case.party
    settle_money(
        work,
        1,
        amount,
        work.report.currency,
        (Account.SUPPLIER_RECOVERY, company.code),
        (Account.SUPPLIER_RECEIVABLE, supplier.code),
    )
    pieces = sum(held for _line, _product, held in old_parts(work))
    facts = {"amount": str(amount), "currency": work.report.currency, "pieces": pieces}
    told = [to_party(work.session, supplier, work.case)]
    notify(work.session, work.case, work.at, "supplier_claim/agreed", told, facts, key=work.key)
    return pieces


@step(N_("Old parts handed over to the supplier"))
def hand_over(work: Work[SupplierClaimReport], handover: OldPartsHandover) -> None:
    """The old parts leave the company's quarantine for the supplier, with a shipping note."""
    company, supplier = people.company(work.session), work.case.party
    lines = []
    for number, (line, product, pieces) in enumerate(old_parts(work), 1):
        book_stock(
            work,
            number,
            product,
            line.batch,
            pieces,
            (company, Condition.QUARANTINE),
            (supplier, Condition.FAULTY),
        )
        lines.append({"product": product.code, "batch": line.batch, "claimed": line.pieces, "handed_over": pieces})
    file_document(work, DocumentKind.SHIPPING_NOTE, {"lines": lines, **handover.model_dump(mode="json")})


@step(N_("Supplier's payment booked"))
def book_money(work: Work[SupplierClaimReport], received: MoneyReceived) -> None:
    """What the supplier owed is in the bank."""
    file_document(work, DocumentKind.SETTLEMENT, received.model_dump(mode="json"))
    settle_money(
        work,
        1,
        received.amount,
        work.report.currency,
        (Account.SUPPLIER_RECEIVABLE, work.case.party.code),
        (Account.BANK, people.company(work.session).code),
    )
