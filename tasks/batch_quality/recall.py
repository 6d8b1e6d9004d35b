"""The recall: everything comes back at the company's cost (全部退回,并承担所有运输费用)."""

from collections.abc import Sequence

from models.batch_quality import DisputeReport, FreightBill, GoodsArrival, SiteFinding
from models.language import N_
from models.queries import deadlines, goods, people
from models.roles import Role
from models.rules.batch_quality import missing_pieces
from models.tables.cases import DocumentKind
from models.tables.ledgers import Account, Condition
from tasks.batch_quality.lists import disputed
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party, to_role
from tasks.pausing import go_on, stand_still


@step(N_("Recall ordered"))
def order_recall(work: Work[DisputeReport], finding: SiteFinding) -> None:
    """The recall list is filed; dealer, departments, other holders of the batch and the supplier are told."""
    batch = disputed(work)
    lines = [{"delivery": one.number, "pieces": one.quantity} for one in batch.deliveries]
    file_document(work, DocumentKind.RECALL_LIST, {"batch": batch.batch, "lines": lines})
    others = goods.other_holders_of_batch(work.session, batch.product, batch.batch, batch.dealer)
    facts = {
        "batch": batch.batch,
        "product": batch.product.name,
        "lines": lines,
        "pieces": batch.pieces,
        "report": finding.report,
        "others": ", ".join(party.name for party in others),
    }
    session, case, at = work.session, work.case, work.at
    departments = [one for role in work.policy.batch_quality.told_of_recall for one in to_role(session, role)]
    holders = [to_party(session, party, case) for party in others]
    supplier = batch.product.supplier
    told = {
        "recall_ordered": [to_party(session, batch.dealer, case)],
        "recall_told": departments,
        "other_holder_warned": holders,
        "supplier_told": [to_party(session, supplier, case)] if supplier else [],
    }
    for letter, recipients in told.items():
        notify(session, case, at, f"batch_quality/{letter}", recipients, facts, key=f"{work.key}:{letter}")
    # The company settles with the dealer in time; while the goods are on their way the ball is the dealer's.
    limit, company = work.policy.batch_quality.settlement, people.company(session)
    deadlines.start(session, case, "settlement", limit, at, work.policy, company)
    stand_still(work, "settlement", N_("waiting for the dealer's goods"), batch.dealer)


@step(N_("Goods that came back taken into quarantine"))
def take_in(work: Work[DisputeReport], arrival: GoodsArrival, *, round: int) -> None:
    """What arrived enters the company's quarantine; pieces that are not on the list are kept apart from them."""
    batch = disputed(work)
    company = people.company(work.session)
    for number, line in enumerate(arrival.lines, 1):
        book_stock(
            work,
            number,
            batch.product,
            batch.batch,
            line.received,
            (batch.dealer, Condition.DISPUTED),
            (company, Condition.QUARANTINE),
        )
    book_stock(
        work,
        len(arrival.lines) + 1,
        batch.product,
        batch.batch,
        arrival.not_on_list,
        (batch.dealer, Condition.UNLISTED),
        (company, Condition.UNLISTED),
    )


@step(N_("Goods that came back compared with the recall list"))
def compare_with_list(work: Work[DisputeReport], arrivals: Sequence[GoodsArrival]) -> int:
    """The pieces taken back, after the last arrival; a difference from the list goes to the dealer and the manager.

    The goods are here, so the clock of the settlement goes on.
    """
    go_on(work, "settlement")
    entered = [line for arrival in arrivals for line in arrival.lines]
    lines = []
    for delivery in disputed(work).deliveries:
        of_delivery = [line for line in entered if line.delivery == delivery.number]
        received = sum(line.received for line in of_delivery)
        sold = sum(line.already_sold for line in of_delivery)
        missing = missing_pieces(delivery.quantity, received, sold)
        lines.append(
            {
                "delivery": delivery.number,
                "pieces": delivery.quantity,
                "received": received,
                "already_sold": sold,
                "missing": missing,
            }
        )
    not_on_list = sum(arrival.not_on_list for arrival in arrivals)
    content = {"batch": work.report.batch, "lines": lines, "not_on_list": not_on_list}
    file_document(work, DocumentKind.RECALL_LIST, content)
    if not_on_list or any(line["received"] != line["pieces"] for line in lines):
        told = [to_party(work.session, work.case.party, work.case), *to_role(work.session, Role.CS_MANAGER)]
        notify(work.session, work.case, work.at, "batch_quality/goods_differ", told, content, key=work.key)
    return sum(int(str(line["received"])) for line in lines)


@step(N_("Freight booked at the company's cost"))
def pay_freight(work: Work[DisputeReport], bill: FreightBill) -> None:
    """The company bears all transport cost, whoever paid the carrier first (manual 000 四.1 art. 3)."""
    file_document(work, DocumentKind.FREIGHT_BILL, bill.model_dump(mode="json"))
    settle_money(
        work,
        1,
        bill.amount,
        work.policy.currency,
        (Account.FREIGHT_EXPENSE, people.company(work.session).code),
        (Account.CARRIER_PAYABLE, bill.carrier),
    )
