"""Good parts for faulty ones, one for one (manual 000 四.1 art. 6): sent by the factory, confirmed by the sender."""

from models.language import N_
from models.parts_exchange import ExchangeArrival, ExchangeDispatch
from models.parts_inspection import Tally
from models.parts_return import ReturnRequest
from models.queries import people
from models.roles import Role
from models.tables.cases import DocumentKind
from models.tables.ledgers import Condition
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock
from tasks.notices import notify, to_party, to_role
from tasks.parts_return.lists import products


@step(N_("Good parts sent in exchange"))
def dispatch_good_parts(work: Work[ReturnRequest], exchanged: Tally, dispatch: ExchangeDispatch) -> None:
    """As many good pieces as were accepted are on their way, and the sender has the waybill."""
    company, sender = people.company(work.session), work.case.party
    parts = products(work, exchanged)
    for number, (part, pieces) in enumerate(exchanged.items(), 1):
        good, on_the_way = (company, Condition.GOOD), (sender, Condition.IN_TRANSIT)
        book_stock(work, number, parts[part], "", pieces, good, on_the_way)
    file_document(work, DocumentKind.SHIPPING_NOTE, {"pieces": exchanged, **dispatch.model_dump(mode="json")})
    lines = [{"part": part, "name": parts[part].name, "pieces": pieces} for part, pieces in exchanged.items()]
    facts = {
        "lines": lines,
        "waybill": dispatch.waybill,
        "carrier": dispatch.carrier,
        "dispatched_at": dispatch.dispatched_at,
    }
    told = [to_party(work.session, sender, work.case)]
    notify(work.session, work.case, work.at, "parts_return/exchange_sent", told, facts, key=work.key)


@step(N_("Arrival of the good parts booked"))
def receive_good_parts(work: Work[ReturnRequest], exchanged: Tally, arrival: ExchangeArrival) -> None:
    """What arrived is the sender's good stock; what did not is missing at the company, which answers for its parcel."""
    company, sender = people.company(work.session), work.case.party
    parts = products(work, exchanged)
    missing = {part: sent - arrival.received[part] for part, sent in exchanged.items()}
    for number, part in enumerate(exchanged):
        on_the_way, good, lost = (
            (sender, Condition.IN_TRANSIT),
            (sender, Condition.GOOD),
            (company, Condition.MISSING),
        )
        book_stock(work, 2 * number + 1, parts[part], "", arrival.received[part], on_the_way, good)
        book_stock(work, 2 * number + 2, parts[part], "", missing[part], on_the_way, lost)
    if any(missing.values()):
        lines = [{"part": part, "pieces": pieces} for part, pieces in missing.items() if pieces]
        told = [one for role in (Role.CS_MANAGER, Role.LOGISTICS_DEPT) for one in to_role(work.session, role)]
        notify(work.session, work.case, work.at, "parts_return/exchange_short", told, {"lines": lines}, key=work.key)
