"""Finding products and deliveries, and stopping and releasing the sale of a batch."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables.goods import Delivery, Product
from models.tables.ledgers import SaleStop
from models.tables.parties import Party


def product_by_code(session: Session, code: str) -> Product | None:
    """The product or part with this number, if there is one."""
    return session.scalars(select(Product).where(Product.code == code)).first()


def deliveries_of_batch(session: Session, product: Product, batch: str, party: Party) -> Sequence[Delivery]:
    """What `party` received of the batch, by delivery number."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.product_id == product.id, Delivery.batch == batch, Delivery.party_id == party.id)
        .order_by(Delivery.number)
    ).all()


def other_holders_of_batch(session: Session, product: Product, batch: str, party: Party) -> Sequence[Party]:
    """The other parties that received pieces of the batch, by number."""
    return session.scalars(
        select(Party)
        .where(
            Party.id.in_(select(Delivery.party_id).where(Delivery.product_id == product.id, Delivery.batch == batch)),
            Party.id != party.id,
        )
        .order_by(Party.code)
    ).all()


def sale_stops_of(session: Session, case_id: int) -> Sequence[SaleStop]:
    """The stops that a case has in force."""
    return session.scalars(select(SaleStop).where(SaleStop.case_id == case_id, SaleStop.released_at.is_(None))).all()
