"""Charging what a sender kept too long (逾期未返厂), and booking what it pays.

A charged piece is the sender's own from then on: it leaves the faulty ledger, and is neither listed nor charged again.
One that comes back later all the same is counted as not listed and judged like any other; its charge stays, since it
was due for the time that had passed (usual in the trade).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from models.language import N_
from models.parts_return import ChargeSettled, ReturnRequest
from models.queries import charges, people, returns
from models.roles import Role
from models.rules.parts_return import taken_from, worth
from models.tables.cases import DocumentKind
from models.tables.charges import PartsCharge
from models.tables.goods import Product
from models.tables.ledgers import Account, Condition
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party, to_role
from tasks.parts_return.lists import Listed, listed_by_part, overdue, products


@step(N_("Overdue parts charged, if there were any"))
def charge_overdue(work: Work[ReturnRequest], lots: Sequence[Listed], excused: Sequence[str]) -> bool:
    """Overdue pieces that are not on the approved list are charged at the part's price; whether there were any.

    The amount is in the policy's currency. A part without a price in it cannot be charged; the manager hears of it and
    the pieces stay in the ledger.
    """
    late = {part: pieces for part, pieces in overdue(work, listed_by_part(lots)).items() if part not in excused}
    parts = products(work, late)
    unpriced = [part for part in late if not parts[part].price or parts[part].currency != work.policy.currency]
    if unpriced:
        told = to_role(work.session, Role.CS_MANAGER)
        facts = {"parts": ", ".join(unpriced), "currency": work.policy.currency}
        notify(work.session, work.case, work.at, "parts_return/no_price", told, facts, key=f"{work.key}:no-price")
    charged = {part: pieces for part, pieces in late.items() if part not in unpriced}
    if charged:
        _take_out_of_the_ledger(work, lots, charged, parts)
        _charge(work, charged, parts)
    return bool(charged)


def _take_out_of_the_ledger(
    work: Work[ReturnRequest], lots: Sequence[Listed], charged: Mapping[str, int], parts: Mapping[str, Product]
) -> None:
    sender, line = work.case.party, 0
    listed = {(lot.part, lot.batch): lot.pieces for lot in lots}
    held = returns.faulty_lots(work.session, sender)
    for part, pieces in charged.items():
        left = {one.batch: one.pieces - listed.get((part, one.batch), 0) for one in held if one.part.code == part}
        for batch, taken in taken_from(left, pieces).items():
            line += 1
            faulty, refused = (sender, Condition.FAULTY), (sender, Condition.REFUSED)
            book_stock(work, line, parts[part], batch, taken, faulty, refused)


def _charge(work: Work[ReturnRequest], charged: Mapping[str, int], parts: Mapping[str, Product]) -> None:
    company, sender, currency = people.company(work.session), work.case.party, work.policy.currency
    lines, total = [], Decimal(0)
    for number, (part, pieces) in enumerate(charged.items(), 1):
        price = parts[part].price or Decimal(0)
        amount = worth(pieces, price)
        total += amount
        settle_money(
            work,
            number,
            amount,
            currency,
            (Account.PARTS_REVENUE, company.code),
            (Account.PARTY_RECEIVABLE, sender.code),
        )
        lines.append({"part": part, "pieces": pieces, "price": str(price), "amount": str(amount)})
    work.session.add(
        PartsCharge(
            case_id=work.case.id,
            party_id=sender.id,
            amount=total,
            currency=currency,
            charged_at=work.at,
            settled_at=None,
        )
    )
    content = {"lines": lines, "amount": str(total), "currency": currency, "window": work.policy.parts_return.window}
    file_document(work, DocumentKind.CHARGE_NOTE, content)
    facts = {**content, "blocked": work.policy.parts_return.block_on_overdue}
    told = [to_party(work.session, sender, work.case)]
    notify(work.session, work.case, work.at, "parts_return/charged", told, facts, key=work.key)


@step(N_("Payment for overdue parts booked"))
def settle_charge(work: Work[ReturnRequest], paid: ChargeSettled) -> None:
    """What the sender paid is in the bank, and it is served again."""
    charge = charges.charge_of(work.session, work.case.id)
    # The clock of a rehearsal may have been set back since.
    charge.settled_at = max(work.at, charge.charged_at)
    file_document(work, DocumentKind.SETTLEMENT, paid.model_dump(mode="json"))
    settle_money(
        work,
        1,
        charge.amount,
        charge.currency,
        (Account.PARTY_RECEIVABLE, work.case.party.code),
        (Account.BANK, people.company(work.session).code),
    )
