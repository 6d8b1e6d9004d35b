"""What is claimed from whom, looked up in the master data, and what the forms are checked against."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.queries import people
from models.queries.claims import delivery_by_number
from models.rules.claims import value_of
from models.tables.goods import Delivery
from models.tables.parties import Party
from models.transit_claim import TransitReport
from tasks.journal import Work


@dataclass(frozen=True)
class Claimed:
    """The goods and the amount that the customer claims for, and the carrier; `carrier_party` if we know it."""

    delivery: Delivery
    carrier: str
    carrier_party: Party | None
    #: In the currency of the delivery's price.
    amount: Decimal

    @property
    def carrier_code(self) -> str:
        """The carrier as the ledger names it."""
        return self.carrier_party.code if self.carrier_party else self.carrier


def claimed(work: Work[TransitReport]) -> Claimed:
    """What this case is about."""
    report = work.report
    delivery = delivery_by_number(work.session, report.delivery)
    assert delivery is not None, "the report was checked when the case was opened"
    party = people.party_by_code(work.session, report.carrier)
    amount = report.value or value_of(report.pieces, delivery.unit_price)
    return Claimed(delivery, party.name if party else report.carrier, party, amount)


def what_is_claimed(work: Work[TransitReport]) -> dict[str, Any]:
    """For whoever deals with the carrier: amount and currency."""
    found = claimed(work)
    return {"claimed": f"{found.amount:.2f}", "currency": found.delivery.currency}


def receipt(work: Work[TransitReport]) -> dict[str, Any]:
    """For the clerk: the day before which nothing can have been sent."""
    return {"received_on": work.report.received_at.astimezone(work.policy.timezone).date().isoformat()}


def the_offer(work: Work[TransitReport], offered: Decimal, round: int) -> dict[str, Any]:
    """For the customer: what is offered, and whether another offer is waited for."""
    is_last = round >= work.policy.transit_claims.offer_rounds
    return {**what_is_claimed(work), "offered": f"{offered:.2f}", "is_last": is_last}


def agreed(work: Work[TransitReport], amount: Decimal | None) -> dict[str, Any]:
    """For the clerk: what the carrier owes now; without an amount all that was claimed."""
    found = claimed(work)
    return {"agreed": f"{found.amount if amount is None else amount:.2f}", "currency": found.delivery.currency}
