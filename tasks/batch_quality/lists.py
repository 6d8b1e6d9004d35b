"""What a dispute is about, looked up in the master data, and what its forms are checked against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.batch_quality import DisputeReport, GoodsArrival
from models.language import N_, _
from models.queries import goods, people
from models.roles import Role
from models.rules.batch_quality import looks_like_a_batch
from models.tables.goods import Delivery, Product
from models.tables.parties import Party
from tasks.journal import Work


@dataclass(frozen=True)
class Disputed:
    """The disputed batch at the dealer: the goods that a recall takes back, all of them."""

    dealer: Party
    product: Product
    batch: str
    deliveries: Sequence[Delivery]

    @property
    def pieces(self) -> int:
        """Pieces of the batch that the dealer received."""
        return sum(delivery.quantity for delivery in self.deliveries)


def disputed(work: Work[DisputeReport]) -> Disputed:
    """The batch as it was delivered to the dealer."""
    product = goods.product_by_code(work.session, work.report.product)
    assert product is not None, "the report was checked when the case was opened"
    deliveries = goods.deliveries_of_batch(work.session, product, work.report.batch, work.case.party)
    return Disputed(work.case.party, product, work.report.batch, deliveries)


def proposal(work: Work[DisputeReport]) -> dict[str, Any]:
    """For the clerk: what the policy's threshold proposes."""
    delivered, limits = disputed(work).pieces, work.policy.batch_quality
    is_batch = looks_like_a_batch(work.report.faulty_pieces, delivered, limits.threshold_pieces, limits.threshold_share)
    return {"delivered": delivered, "proposal": "yes" if is_batch else "no"}


def technicians(work: Work[DisputeReport]) -> dict[str, Any]:
    """For the head of technology: who can be sent."""
    return {"technicians": {one.login: one.label for one in people.holders(work.session, Role.TECHNICIAN)}}


def delivered(work: Work[DisputeReport]) -> dict[str, Any]:
    """For the technician: how many pieces there can be at most."""
    return {"delivered": disputed(work).pieces}


def recall_list(work: Work[DisputeReport]) -> dict[str, Any]:
    """For the manager: the whole disputed batch at the dealer."""
    return {"recall": {one.number: one.quantity for one in disputed(work).deliveries}}


def still_open(work: Work[DisputeReport], arrivals: Sequence[GoodsArrival]) -> dict[str, Any]:
    """For the keeper: what of each delivery has neither come back nor been sold, after `arrivals`."""
    lines = [line for arrival in arrivals for line in arrival.lines]
    left = {
        one.number: one.quantity
        - sum(line.received + line.already_sold for line in lines if line.delivery == one.number)
        for one in disputed(work).deliveries
    }
    labels = {
        number: _(N_("{delivery} ({pieces} pieces open)"), delivery=number, pieces=pieces)
        for number, pieces in left.items()
    }
    return {"deliveries": labels, "still_open": left}
