"""What comes of the claim: the carrier's answers, and the money that goes from it to the customer."""

from models.language import N_
from models.rules.claims import is_settled_in_full
from models.tables.cases import DocumentKind
from models.tables.ledgers import Account
from models.transit_claim import CarrierAnswer, CarrierPayment, Outcome, TransitReport
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import settle_money
from tasks.notices import notify, to_party
from tasks.transit_claim.lists import claimed


@step(N_("Carrier's answer filed and told to the customer"))
def tell_answer(work: Work[TransitReport], answer: CarrierAnswer, *, round: int) -> None:
    """The carrier's answer is filed and told to the customer, whose decision it is."""
    file_document(work, DocumentKind.CARRIER_ANSWER, answer.model_dump(mode="json"))
    facts = {
        "reply": answer.reply.value,
        "offered": f"{answer.offered:.2f}",
        "currency": claimed(work).delivery.currency,
        "reasons": answer.reasons,
    }
    customer = to_party(work.session, work.case.party, work.case)
    notify(work.session, work.case, work.at, "transit_claim/answered", [customer], facts, key=work.key)


@step(N_("Carrier's payment booked"))
def book_payment(work: Work[TransitReport], payment: CarrierPayment) -> Outcome:
    """From what the carrier owed to what the customer has: it passes the company's books and is not its money."""
    found = claimed(work)
    settle_money(
        work,
        1,
        payment.amount,
        found.delivery.currency,
        (Account.CARRIER_RECEIVABLE, found.carrier_code),
        (Account.CUSTOMER_SETTLEMENT, work.case.party.code),
    )
    file_document(work, DocumentKind.SETTLEMENT, payment.model_dump(mode="json"))
    return Outcome.SETTLED if is_settled_in_full(payment.amount, found.amount) else Outcome.SETTLED_IN_PART
