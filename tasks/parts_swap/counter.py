"""At the counter: what is accepted is recorded and fitted in the books, then swapped piece for piece."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from itertools import count

from models.language import N_
from models.parts_swap import CounterCheck, CounterCheckLine, LineDecision, Owed, SwapSlip
from models.queries import people, repairs
from models.queries.holdings import AccountKey, held_still
from models.roles import POST_AT, PartyKind, Role
from models.tables.cases import DocumentKind
from models.tables.ledgers import Account, Condition
from models.tables.repairs import Entitlement
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock, settle_money
from tasks.notices import notify, to_party, to_role
from tasks.parts_swap.lists import Claimed, claimed, counter_of, label_of, parts_of
from tasks.parts_swap.register import said_of


@dataclass(frozen=True)
class Verdict:
    """What became of a repair: pieces accepted of those claimed, and why not all, in the counter's words or the books'.

    `fitted` are the pieces that this case booked as fitted, none where a month's report had done so; `held` what the
    books say the station held, if that is less than it fitted; `recorded_in` the case that recorded the slip with
    something else.
    """

    slip: str
    part: str
    claimed: int
    decision: LineDecision
    reason: str
    accepted: int = 0
    fitted: int = 0
    held: int | None = None
    recorded_in: str = ""


@step(N_("Post that checks at the counter determined"))
def post_at_the_counter(work: Work[SwapSlip]) -> Role:
    """The post that checks the faulty parts: that of the office or of the distributor."""
    return POST_AT[PartyKind(counter_of(work).kind)]


@step(N_("The counter's check booked"))
def accept(work: Work[SwapSlip], check: CounterCheck) -> list[Owed]:
    """Each repair that the counter took is recorded once and fitted in the books; returns what is owed for them.

    The station hears what was refused and why, and the clerks where the books are behind the repairs.
    """
    station, parts = work.case.party, parts_of(work)
    held = held_still(work.session, list(parts.values()), [(station, Condition.GOOD), (station, Condition.FAULTY)])
    decided = {line.slip: line for line in check.lines}
    moves, verdicts, owed = count(1), [], []
    for one in claimed(work):
        verdict = _verdict(work, one, decided[one.line.slip], held)
        verdicts.append(verdict)
        _fit(work, one, verdict, moves)
        if verdict.accepted:
            owed.append(_owed(one, verdict))
    file_document(work, DocumentKind.SWAP_SLIP, {"checked": [asdict(one) for one in verdicts]})
    _tell_refused(work, verdicts)
    return owed


def _verdict(work: Work[SwapSlip], one: Claimed, decided: CounterCheckLine, held: dict[AccountKey, int]) -> Verdict:
    """The counter's decision, unless the books cannot bear it; what it takes is taken off `held`."""
    line, pieces = one.line, decided.pieces
    refused = Verdict(line.slip, label_of(one.part), line.pieces, decided.decision, decided.reason)
    if decided.decision is LineDecision.REFUSE:
        return refused
    earlier = repairs.of_slips(work.session, work.case.party, [line.slip]).get(line.slip)
    if earlier and repairs.differing(earlier, {**said_of(work.session, line), "pieces": earlier.pieces}):
        return replace(refused, recorded_in=earlier.case.number)
    good, faulty = ((line.part, work.case.party.code, one) for one in (Condition.GOOD, Condition.FAULTY))
    # Whoever recorded it before has booked the part as fitted, too, if the books then held it.
    if earlier and held[faulty] >= pieces:
        held[faulty] -= pieces
        return replace(refused, accepted=pieces)
    if held[good] < pieces:
        return replace(refused, held=held[good])
    held[good] -= pieces
    repairs.record(work.session, _row(work, one, decided))
    return replace(refused, accepted=pieces, fitted=pieces)


def _row(work: Work[SwapSlip], one: Claimed, decided: CounterCheckLine) -> dict[str, object]:
    """The repair as the ledger keeps it: pieces that there is evidence of; of money the month's report tells."""
    sold = decided.decision is LineDecision.SELL
    return said_of(work.session, one.line) | {
        "station_id": work.case.party.id,
        "slip": one.line.slip,
        "pieces": decided.pieces,
        "fault": one.line.fault,
        "entitlement": one.entitlement_if_sold if sold else Entitlement.IN_WARRANTY,
        "fee": Decimal(0),
        "charged": Decimal(0),
        "currency": one.part.currency,
        "case_id": work.case.id,
        "recorded_at": work.at,
    }


def _fit(work: Work[SwapSlip], one: Claimed, verdict: Verdict, moves: Iterator[int]) -> None:
    """The station fitted a good part of its stock; the faulty one that it handed in came from the consumer."""
    station, pieces = work.case.party, verdict.fitted
    at_the_consumer = (station, Condition.WITH_CONSUMER)
    book_stock(work, next(moves), one.part, "", pieces, (station, Condition.GOOD), at_the_consumer)
    if verdict.decision is LineDecision.SWAP:
        faulty = (station, Condition.FAULTY)
        book_stock(work, next(moves), one.part, one.line.batch, pieces, at_the_consumer, faulty)


def _owed(one: Claimed, verdict: Verdict) -> Owed:
    sold = verdict.decision is LineDecision.SELL
    price = one.part.price if sold else None
    return Owed(one.line.slip, one.part.code, verdict.accepted, sold, price, one.part.currency)


def _tell_refused(work: Work[SwapSlip], verdicts: Sequence[Verdict]) -> None:
    refused = [asdict(one) for one in verdicts if one.accepted < one.claimed]
    if not refused:
        return
    clerks = to_role(work.session, Role.CS_CLERK) if any(one.held is not None for one in verdicts) else []
    told = [to_party(work.session, work.case.party, work.case), *clerks]
    facts = {"lines": refused, "counter": counter_of(work).name, "station": work.case.party.name}
    notify(work.session, work.case, work.at, "parts_swap/refused", told, facts, key=work.key)


@step(N_("Parts handed over, as far as in stock"))
def hand_over(work: Work[SwapSlip], owed: Sequence[Owed], *, round: int = 1) -> list[Owed]:
    """As much of what is owed as the counter holds: a good part for a faulty one, or sold. Returns what is left."""
    station, counter = work.case.party, counter_of(work)
    places = [(counter, Condition.GOOD), (station, Condition.FAULTY)]
    held = held_still(work.session, list(parts_of(work).values()), places)
    moves, handed_over, left = count(1), [], []
    for one in owed:
        good = held[one.part, counter.code, Condition.GOOD]
        pieces = min(one.pieces, good if one.sold else min(good, held[one.part, station.code, Condition.FAULTY]))
        held[one.part, counter.code, Condition.GOOD] -= pieces
        if not one.sold:
            held[one.part, station.code, Condition.FAULTY] -= pieces
        if pieces:
            _exchange(work, one, pieces, moves)
            handed_over.append(one.less(one.pieces - pieces))
        if pieces < one.pieces:
            left.append(one.less(pieces))
    if handed_over:
        _tell_handed_over(work, handed_over, "parts_swap/swapped" if round == 1 else "parts_swap/back_order_arrived")
    return left


def _exchange(work: Work[SwapSlip], one: Owed, pieces: int, moves: Iterator[int]) -> None:
    """No faulty part, no new part: in comes the faulty one, or the station owes the price; out goes the good one."""
    station, counter, part = work.case.party, counter_of(work), parts_of(work)[one.part]
    number = next(moves)
    if one.sold and one.unit_price is not None:
        buyer, seller = (
            (Account.PARTY_RECEIVABLE, station.code),
            (Account.PARTS_REVENUE, people.company(work.session).code),
        )
        settle_money(work, number, pieces * one.unit_price, one.currency, buyer, seller)
    else:
        batch = next(line.batch for line in work.report.lines if line.slip == one.slip)
        book_stock(work, number, part, batch, pieces, (station, Condition.FAULTY), (counter, Condition.FAULTY))
    book_stock(work, next(moves), part, "", pieces, (counter, Condition.GOOD), (station, Condition.GOOD))


def _tell_handed_over(work: Work[SwapSlip], handed_over: Sequence[Owed], letter: str) -> None:
    parts = parts_of(work)
    lines = [asdict(one) | {"part": label_of(parts[one.part])} for one in handed_over]
    file_document(work, DocumentKind.SWAP_SLIP, {"handed_over": [_written(line) for line in lines]})
    station = to_party(work.session, work.case.party, work.case)
    facts = {"lines": lines, "counter": counter_of(work).name}
    notify(work.session, work.case, work.at, letter, [station], facts, key=work.key)


def _written(line: dict[str, object]) -> dict[str, object]:
    """Prices as text, so that no cent is lost on the way."""
    price = line["unit_price"]
    return line | {"unit_price": None if price is None else str(price)}
