"""How a parts swap begins: a station's swap slip at a counter, each of its repairs claimed once."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotAllowed
from models.language import N_, _
from models.parts_swap import SwapLine, SwapSlip
from models.policy import Policy
from models.queries import cases, goods, people, repairs, stations
from models.queries.charges import refuse_if_blocked
from models.roles import POST_AT, PartyKind
from models.rules.warranty import made_on
from models.sections.parts_swap import Counters
from models.tables.cases import Case, DocumentKind
from models.tables.goods import Product
from models.tables.parties import Party
from models.tables.repairs import Repair
from models.tables.stations import StationState
from tasks.documents import file_document
from tasks.journal import Work
from tasks.opening import Matter

CODE = "PS"
#: The parties that swap (向物流商或办事处更换配件).
COUNTERS = frozenset({PartyKind.BRANCH_OFFICE, PartyKind.DISTRIBUTOR})

Faults = dict[str, str]


def check(session: Session, slip: SwapSlip, policy: Policy, at: datetime) -> Matter:
    """Compares a slip with the master data and earlier swaps; raises InvalidInput that names each wrong field.

    Raises NotAllowed for a counter that still owes a charge for overdue parts.
    """
    if policy.warranty is None:
        raise NotAllowed(
            N_("The policy {policy} has no section warranty, so no swap can be judged."), policy=policy.name
        )
    station, counter = people.party_by_code(session, slip.station), people.party_by_code(session, slip.counter)
    faults = (
        _station(session, slip, policy, station)
        | _counter(slip, policy, station, counter)
        | _lines(session, slip, policy, at)
    )
    if station is not None:
        faults = _slips(session, slip, station) | faults
    if faults or station is None or counter is None or (faults := _registrar(session, slip, policy, counter)):
        raise InvalidInput(faults, SwapSlip.titles())
    refuse_if_blocked(session, counter, policy)
    return Matter(
        party=station,
        subject=f"{slip.station}:{slip.lines[0].slip}",
        reported_at=at,
        registrars=policy.parts_swap.registrars,
    )


def begin(work: Work[SwapSlip]) -> None:
    """The slip is filed as it was handed in."""
    file_document(work, DocumentKind.SWAP_SLIP, work.report.model_dump(mode="json"))


def _station(session: Session, slip: SwapSlip, policy: Policy, station: Party | None) -> Faults:
    """Only an authorised station swaps (各特约维修点): one in use, where the policy speaks of stations."""
    if station is None or station.kind != PartyKind.REPAIR_STATION:
        text = N_("There is no station {code}; use the number from the master data.")
        return {"station": _(text, code=slip.station)}
    if policy.stations is None:
        return {}
    known = stations.by_code(session, slip.station)
    if known is not None and known.state == StationState.ACTIVE:
        return {}
    state = StationState(known.state).label if known else _(N_("without an agreement"))
    return {"station": _(N_("{code} is not an active station, but {state}."), code=slip.station, state=state)}


def _counter(slip: SwapSlip, policy: Policy, station: Party | None, counter: Party | None) -> Faults:
    """A counter is an office or a distributor; the policy may want one that answers for the station."""
    if counter is None or PartyKind(counter.kind) not in COUNTERS:
        return {
            "counter": _(
                N_("There is no office or distributor {code}; use the number from the master data."), code=slip.counter
            )
        }
    anywhere = policy.parts_swap.counters is Counters.ANY
    if anywhere or station is None or counter in (above := people.superiors(station)):
        return {}
    allowed = ", ".join(one.code for one in above if PartyKind(one.kind) in COUNTERS)
    return {
        "counter": _(
            N_("{counter} does not answer for {station}; it may swap at: {allowed}."),
            counter=slip.counter,
            station=slip.station,
            allowed=allowed or "–",
        )
    }


def _registrar(session: Session, slip: SwapSlip, policy: Policy, counter: Party | None) -> Faults:
    """A counter's people register what is handed in at their own counter; clerks and managers register for any."""
    person = people.person(session, slip.registered_by)
    posts_of_counters = {POST_AT[kind] for kind in COUNTERS}
    theirs = person.roles & set(policy.parts_swap.registrars)
    if not theirs or theirs - posts_of_counters or (counter is not None and person.party_id == counter.id):
        return {}
    return {
        "registered_by": _(
            N_("{person} works for {party}, not at the counter {counter}."),
            person=person.label,
            party=person.party.name,
            counter=slip.counter,
        )
    }


def _lines(session: Session, slip: SwapSlip, policy: Policy, at: datetime) -> Faults:
    named = {code for line in slip.lines for code in (line.product, line.part)}
    known = {code: product for code in sorted(named) if (product := goods.product_by_code(session, code))}
    today = at.astimezone(policy.timezone).date()
    faults: Faults = {}
    seen: set[str] = set()
    for place, line in enumerate(slip.lines):
        wrong = _goods(line, known, policy) | _batch(line, policy) | _days(line, today)
        if line.slip in seen:
            wrong["slip"] = _(N_("Slip {slip} stands twice; one line for one repair."), slip=line.slip)
        seen.add(line.slip)
        faults |= {f"lines.{place}.{name}": text for name, text in wrong.items()}
    return faults


def _goods(line: SwapLine, known: dict[str, Product], policy: Policy) -> Faults:
    wrong = {}
    for field, code in (("product", line.product), ("part", line.part)):
        if code not in known:
            wrong[field] = _(N_("There is no product or part {code}; use the number from the master data."), code=code)
    kinds = policy.parts_swap.swap_kinds
    if (part := known.get(line.part)) and part.goods_kind not in kinds:
        wrong["part"] = _(
            N_("{part} is of the kind «{kind}»; swapped are: {kinds}."),
            part=part.name,
            kind=part.goods_kind or "–",
            kinds=", ".join(kinds),
        )
    return wrong


def _batch(line: SwapLine, policy: Policy) -> Faults:
    """An unreadable code is left empty; one that is written must look like one, and be older than the repair."""
    if not line.batch:
        return {}
    made = made_on(line.batch, policy.warranty.batch_code)
    if made is None:
        return {
            "batch": _(
                N_("{code} is not a batch code; it must fit the pattern {pattern}, or stay empty."),
                code=line.batch,
                pattern=policy.warranty.batch_code,
            )
        }
    if made > line.received_on:
        return {"batch": _(N_("By its code it was made on {day}, after the repair."), day=made)}
    return {}


def _days(line: SwapLine, today: date) -> Faults:
    days = {"received_on": line.received_on, "done_on": line.done_on}
    text = N_("This lies in the future; today is {today}.")
    return {field: _(text, today=today) for field, day in days.items() if day > today}


def _slips(session: Session, slip: SwapSlip, station: Party) -> Faults:
    """One repair is swapped once. What an earlier swap refused may be handed in again."""
    # Two slips of one station are not checked at the same time: each would not see the other.
    cases.lock_subject(session, CODE, f"slips of {station.code}")
    numbers = [line.slip for line in slip.lines]
    taken: Faults = {}
    for case in repairs.cases_naming(session, CODE, station, numbers):
        taken |= _taken_by(session, case)
    recorded = repairs.of_slips(session, station, numbers)
    faults: Faults = {}
    for place, line in enumerate(slip.lines):
        if line.slip in taken:
            faults[f"lines.{place}.slip"] = taken[line.slip]
        elif (repair := recorded.get(line.slip)) and (wrong := _otherwise(session, repair, line)):
            faults[f"lines.{place}.slip"] = _(
                N_("Slip {slip} is recorded in case {case} with another: {fields}."),
                slip=line.slip,
                case=repair.case.number,
                fields=", ".join(wrong),
            )
    return faults


def _taken_by(session: Session, case: Case) -> Faults:
    """The slips that a case has swapped, or may still swap, each with the sentence to refuse them."""
    checked = [line for content in repairs.swap_slips_of(session, case.id) for line in content.get("checked", [])]
    if checked:
        text = N_("Slip {slip} was already swapped in case {case}.")
        slips = [line["slip"] for line in checked if line["accepted"]]
    else:
        text = N_("Slip {slip} is being checked in case {case}.")
        slips = [line["slip"] for line in case.input["lines"]] if case.is_open else []
    return {slip: _(text, slip=slip, case=case.number) for slip in slips}


def _otherwise(session: Session, repair: Repair, line: SwapLine) -> list[str]:
    """The fields in which a slip says something else than what was recorded of it."""
    columns = said_of(session, line)
    titles = SwapLine.titles()
    return [titles[name.removesuffix("_id")] for name in repairs.differing(repair, columns)]


def said_of(session: Session, line: SwapLine) -> dict[str, object]:
    """A repair as its row keeps it, as far as every report of it must agree."""
    product, part = goods.product_by_code(session, line.product), goods.product_by_code(session, line.part)
    return {
        "product_id": product.id if product else None,
        "part_id": part.id if part else None,
        "pieces": line.pieces,
        "batch": line.batch,
        "purchased_on": line.purchased_on,
        "received_on": line.received_on,
        "done_on": line.done_on,
    }
