"""What the dealer gets for the goods taken back: credit at the delivery's price, or replacement goods."""

from collections.abc import Sequence

from models.batch_quality import DisputeReport, GoodsArrival, ReplacementDispatch
from models.language import N_
from models.queries import people
from models.rules.batch_quality import credit_for
from models.tables.ledgers import Account, Condition
from tasks.batch_quality.lists import disputed
from tasks.climbing import done
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party


@step(N_("Goods that came back credited to the dealer"))
def credit(work: Work[DisputeReport], arrivals: Sequence[GoodsArrival]) -> None:
    """Each delivery's received pieces at its own price, to the dealer's account."""
    done(work, "settlement")
    entered = [line for arrival in arrivals for line in arrival.lines]
    company = people.company(work.session)
    lines = []
    for number, delivery in enumerate(disputed(work).deliveries, 1):
        pieces = sum(line.received for line in entered if line.delivery == delivery.number)
        amount = credit_for(pieces, delivery.unit_price)
        settle_money(
            work,
            number,
            amount,
            delivery.currency,
            (Account.AFTER_SALES_EXPENSE, company.code),
            (Account.DEALER_CREDIT, work.case.party.code),
        )
        lines.append(
            {
                "delivery": delivery.number,
                "pieces": pieces,
                "unit_price": delivery.unit_price,
                "amount": amount,
                "currency": delivery.currency,
            }
        )
    dealer = to_party(work.session, work.case.party, work.case)
    notify(work.session, work.case, work.at, "batch_quality/credited", [dealer], {"lines": lines}, key=work.key)


@step(N_("Replacement goods sent to the dealer"))
def replace(work: Work[DisputeReport], pieces: int, dispatch: ReplacementDispatch) -> None:
    """As many good pieces as came back have left for the dealer."""
    done(work, "settlement")
    batch = disputed(work)
    company = people.company(work.session)
    book_stock(work, 1, batch.product, "", pieces, (company, Condition.GOOD), (batch.dealer, Condition.GOOD))
    facts = {
        "pieces": pieces,
        "product": batch.product.name,
        "waybill": dispatch.waybill,
        "dispatched_at": dispatch.dispatched_at,
    }
    dealer = to_party(work.session, batch.dealer, work.case)
    notify(work.session, work.case, work.at, "batch_quality/replaced", [dealer], facts, key=work.key)
