"""What a swap is about, looked up in the master data and the terms, and what its forms are checked against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.language import N_, _
from models.parts_swap import Owed, SwapLine, SwapSlip, by_part
from models.policy import Policy
from models.queries import goods, people, stock
from models.rules import warranty as rules
from models.tables.goods import Product
from models.tables.ledgers import Condition
from models.tables.parties import Party
from models.tables.repairs import Entitlement
from tasks.journal import Work


@dataclass(frozen=True)
class Claimed:
    """A repair of the slip: the goods by the master data, and where it stands under the table of terms."""

    line: SwapLine
    product: Product
    part: Product
    terms: rules.Entitlement

    @property
    def free(self) -> bool:
        """In warranty by the terms, and the station itself says so: only that is swapped."""
        in_term = self.terms.standing is rules.Standing.IN_TERM
        return in_term and self.line.entitlement is Entitlement.IN_WARRANTY

    @property
    def entitlement_if_sold(self) -> Entitlement:
        """Why the consumer paid: what is in the term and was not swapped was caused by people."""
        caused = self.line.entitlement is Entitlement.HUMAN_CAUSE or self.free
        return Entitlement.HUMAN_CAUSE if caused else Entitlement.OUT_OF_WARRANTY


def counter_of(work: Work[SwapSlip]) -> Party:
    """The office or distributor that swaps."""
    counter = people.party_by_code(work.session, work.report.counter)
    assert counter is not None, "the slip was checked when the case was opened"
    return counter


def parts_of(work: Work[SwapSlip]) -> dict[str, Product]:
    """The parts of the slip by their numbers."""
    return {code: _product(work, code) for code in sorted({line.part for line in work.report.lines})}


def claimed(work: Work[SwapSlip]) -> list[Claimed]:
    """The repairs of the slip, in its order."""
    goods_of_it = {line.product: _product(work, line.product) for line in work.report.lines} | parts_of(work)
    found = []
    for line in work.report.lines:
        product, part = goods_of_it[line.product], goods_of_it[line.part]
        found.append(Claimed(line, product, part, _terms(work.policy, line, product, part)))
    return found


def _product(work: Work[SwapSlip], code: str) -> Product:
    product = goods.product_by_code(work.session, code)
    assert product is not None, "the slip was checked when the case was opened"
    return product


def _terms(policy: Policy, line: SwapLine, product: Product, part: Product) -> rules.Entitlement:
    terms = policy.warranty
    made_on = rules.made_on(line.batch, terms.batch_code)
    since = rules.counted_from(line.purchased_on, made_on, terms.no_proof)
    return rules.entitlement(terms.table, part.goods_kind, product.goods_kind, since, line.received_on)


def to_check(work: Work[SwapSlip]) -> dict[str, Any]:
    """For the counter: each repair with what the terms say of it, and what a sale would cost."""
    lines = claimed(work)
    pieces = N_("{slip}: {pieces} × {part}")
    return {
        "slips": {
            one.line.slip: _(pieces, slip=one.line.slip, pieces=one.line.pieces, part=one.part.name) for one in lines
        },
        "lines": {one.line.slip: _facts_of(work.policy, one) for one in lines},
    }


def _facts_of(policy: Policy, one: Claimed) -> dict[str, Any]:
    term, price = policy.warranty.table.get(one.part.goods_kind), one.part.price
    ruled = one.terms.standing is not rules.Standing.NEEDS_RULING
    charge = rules.charge_beyond_term(price, policy.warranty.charge_rate) if price is not None and ruled else None
    return {
        "pieces": one.line.pieces,
        "standing": one.terms.standing.value,
        "last_day": one.terms.last_day.isoformat() if one.terms.last_day else None,
        "promise": term.promise.value if term and ruled else None,
        "claimed": one.line.entitlement.value,
        "free": one.free,
        "price": str(price) if charge is not None else None,
        "charge": str(charge) if charge is not None else None,
        "currency": one.part.currency,
    }


def lacking(work: Work[SwapSlip], owed: Sequence[Owed]) -> dict[str, Any]:
    """For the counter and the keeper: the parts that are owed, and today."""
    pieces, parts = by_part(owed), parts_of(work)
    return {
        "parts": {code: label_of(parts[code]) for code in pieces},
        "pieces": pieces,
        "today": work.at.astimezone(work.policy.timezone).date().isoformat(),
    }


def to_approve(work: Work[SwapSlip], owed: Sequence[Owed], promised_on: date) -> dict[str, Any]:
    """For the manager: what is owed, and the day that the counter promised without an issue."""
    return lacking(work, owed) | {"promised_on": promised_on.isoformat()}


def waiting(work: Work[SwapSlip], owed: Sequence[Owed]) -> dict[str, Any]:
    """For the counter that waits for stock: what is owed, and what the books say is there."""
    counter, parts = counter_of(work), parts_of(work)
    on_hand = {code: stock.on_hand(work.session, parts[code], counter, Condition.GOOD) for code in by_part(owed)}
    return lacking(work, owed) | {"on_hand": on_hand}


def label_of(product: Product) -> str:
    """A product or part as people pick it from a list."""
    return f"{product.name} ({product.code})"
