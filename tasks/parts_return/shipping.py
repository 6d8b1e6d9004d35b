"""On the way to the factory, and counted there.

What is on the way is booked in transit with whoever is to get it: faulty parts with the company, good parts with the
sender. So the two never stand in one account, though they are the same part of the same sender.
"""

from collections.abc import Mapping, Sequence

from models.language import N_
from models.parts_inspection import DifferenceExplanation, FactoryCount, Tally
from models.parts_return import ReturnRequest, ReturnShipment
from models.queries import people
from models.roles import Role
from models.rules.parts_return import count_differs
from models.sections.parts_return import FreightBearer
from models.tables.cases import DocumentKind
from models.tables.ledgers import Account, Condition
from tasks.asking import Overdue
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party, to_role
from tasks.parts_return.lists import Listed, listed_by_part, products

#: What was listed and what was counted, by part, where the sender is asked to explain.
Differences = dict[str, tuple[int, int]]


@step(N_("Parts shipped to the factory"))
def ship(work: Work[ReturnRequest], lots: Sequence[Listed], shipment: ReturnShipment) -> None:
    """The approved pieces leave the sender's faulty ledger; the carrier is owed what the company bears."""
    company, sender = people.company(work.session), work.case.party
    parts = products(work, {lot.part for lot in lots})
    for number, lot in enumerate(lots, 1):
        faulty, on_the_way = (sender, Condition.FAULTY), (company, Condition.IN_TRANSIT)
        book_stock(work, number, parts[lot.part], lot.batch, lot.pieces, faulty, on_the_way)
    bearer = work.policy.parts_return.freight_bearer
    note = {"pieces": listed_by_part(lots), "freight_bearer": bearer.value, **shipment.model_dump(mode="json")}
    file_document(work, DocumentKind.SHIPPING_NOTE, note)
    if bearer is FreightBearer.COMPANY:
        settle_money(
            work,
            1,
            shipment.freight,
            work.policy.currency,
            (Account.FREIGHT_EXPENSE, company.code),
            (Account.CARRIER_PAYABLE, shipment.carrier),
        )


@step(N_("The factory's count booked"))
def take_in(work: Work[ReturnRequest], lots: Sequence[Listed], count: FactoryCount) -> Differences:
    """What was counted goes to quarantine, what is missing is missing at the sender, what is too much is not listed.

    From here on pieces are counted by part; their batches stand on the list. A difference beyond the policy's
    tolerance goes to sender and manager, and is returned for the sender to explain.
    """
    listed, arrived = listed_by_part(lots), count.arrived
    company, sender = people.company(work.session), work.case.party
    parts = products(work, {*listed, *arrived})
    line = 0
    for part in sorted(parts):
        expected, counted = listed.get(part, 0), arrived.get(part, 0)
        on_the_way, here = (company, Condition.IN_TRANSIT), (company, Condition.QUARANTINE)
        book_stock(work, line + 1, parts[part], "", min(expected, counted), on_the_way, here)
        lost = (sender, Condition.MISSING)
        book_stock(work, line + 2, parts[part], "", max(0, expected - counted), on_the_way, lost)
        surplus = (sender, Condition.UNLISTED)
        book_stock(work, line + 3, parts[part], "", max(0, counted - expected), surplus, here)
        line += 3
    differences = _differences(work, listed, arrived)
    if differences:
        _tell_differences(work, differences, count.note)
    return differences


def _differences(work: Work[ReturnRequest], listed: Mapping[str, int], arrived: Tally) -> Differences:
    pairs = {part: (listed.get(part, 0), arrived.get(part, 0)) for part in sorted({*listed, *arrived})}
    tolerance = work.policy.parts_return.difference_tolerance
    return {part: pair for part, pair in pairs.items() if count_differs(*pair, tolerance)}


def _tell_differences(work: Work[ReturnRequest], differences: Differences, note: str) -> None:
    lines = [{"part": part, "listed": listed, "counted": counted} for part, (listed, counted) in differences.items()]
    content = {"lines": lines, "note": note}
    file_document(work, DocumentKind.COUNT_NOTE, content)
    told = [to_party(work.session, work.case.party, work.case), *to_role(work.session, Role.CS_MANAGER)]
    notify(work.session, work.case, work.at, "parts_return/count_differs", told, content, key=work.key)


@step(N_("Manager told what the sender says to the difference"))
def tell_explanation(work: Work[ReturnRequest], said: DifferenceExplanation | Overdue) -> None:
    """The manager hears what the sender says to the difference; silence has accepted the count."""
    facts = {"silent": isinstance(said, Overdue), "accepted": None, "explanation": ""}
    if isinstance(said, DifferenceExplanation):
        facts |= {"accepted": said.accepted.value, "explanation": said.explanation}
    told = to_role(work.session, Role.CS_MANAGER)
    notify(work.session, work.case, work.at, "parts_return/difference_explained", told, facts, key=work.key)
