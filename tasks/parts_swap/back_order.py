"""What the counter does not hold: promised for a day, issued by the company at once, or waited for."""

from collections.abc import Sequence
from datetime import date

from models.language import N_
from models.parts_back_order import BackOrderStock, EmergencyIssue, IssueArrival, IssueDispatch
from models.parts_swap import Owed, SwapSlip, by_part
from models.queries import people
from models.roles import Role
from models.tables.cases import DocumentKind
from models.tables.ledgers import Condition
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock
from tasks.notices import notify, to_party, to_role
from tasks.parts_swap.lists import counter_of, label_of, parts_of


@step(N_("Back-order filed, and its day told to the station"))
def promise(work: Work[SwapSlip], owed: Sequence[Owed], promised_on: date, note: str, *, round: int = 1) -> None:
    """The back-order is filed, and the station told the day."""
    lines = _lines(work, owed)
    file_document(work, DocumentKind.BACK_ORDER, {"lines": lines, "promised_on": promised_on.isoformat()})
    _tell_station(work, "back_ordered", lines=lines, promised_on=promised_on, note=note)


@step(N_("Emergency issue sent to the counter"))
def send_issue(work: Work[SwapSlip], owed: Sequence[Owed], issue: EmergencyIssue, dispatch: IssueDispatch) -> None:
    """What the manager approved is on its way from the company to the counter."""
    company, counter, parts = people.company(work.session), counter_of(work), parts_of(work)
    lines = _lines(work, owed)
    file_document(work, DocumentKind.APPROVAL, {"lines": lines, "reason": issue.reason})
    file_document(work, DocumentKind.SHIPPING_NOTE, {"lines": lines, **dispatch.model_dump(mode="json")})
    for number, (code, pieces) in enumerate(by_part(owed).items(), 1):
        book_stock(work, number, parts[code], "", pieces, (company, Condition.GOOD), (counter, Condition.IN_TRANSIT))


@step(N_("The counter's count of the emergency issue booked"))
def count_issue(work: Work[SwapSlip], owed: Sequence[Owed], arrival: IssueArrival) -> None:
    """What the counter counted is its good stock; the rest of what was sent is missing, and the keeper is told."""
    counter, parts, sent = counter_of(work), parts_of(work), by_part(owed)
    lines = []
    for place, line in enumerate(arrival.lines):
        missing = sent[line.part] - line.received
        transit = (counter, Condition.IN_TRANSIT)
        part = parts[line.part]
        book_stock(work, 2 * place + 1, part, "", line.received, transit, (counter, Condition.GOOD))
        book_stock(work, 2 * place + 2, part, "", missing, transit, (counter, Condition.MISSING))
        lines.append({"part": label_of(part), "sent": sent[line.part], "received": line.received, "missing": missing})
    file_document(work, DocumentKind.COUNT_NOTE, {"lines": lines, "note": arrival.note})
    if any(line["missing"] for line in lines):
        keeper = to_role(work.session, Role.WAREHOUSE_KEEPER)
        facts = {"lines": lines, "counter": counter.name, "note": arrival.note}
        notify(work.session, work.case, work.at, "parts_swap/issue_incomplete", keeper, facts, key=work.key)


@step(N_("Back-order ended: nothing more will come"))
def end_back_order(work: Work[SwapSlip], owed: Sequence[Owed], news: BackOrderStock) -> list[Owed]:
    """Nothing more will come: the station keeps the faulty parts that nothing was given for. Returns what was owed."""
    lines = _lines(work, owed)
    file_document(work, DocumentKind.BACK_ORDER, {"lines": lines, "ended": news.note})
    _tell_station(work, "back_order_ended", lines=lines, note=news.note)
    return list(owed)


def _lines(work: Work[SwapSlip], owed: Sequence[Owed]) -> list[dict[str, object]]:
    parts = parts_of(work)
    return [{"slip": one.slip, "part": label_of(parts[one.part]), "pieces": one.pieces} for one in owed]


def _tell_station(work: Work[SwapSlip], letter: str, **facts: object) -> None:
    station = to_party(work.session, work.case.party, work.case)
    facts = {"counter": counter_of(work).name, **facts}
    notify(work.session, work.case, work.at, f"parts_swap/{letter}", [station], facts, key=work.key)
