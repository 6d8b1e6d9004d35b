"""What is made and what was delivered to whom, with batch code and price."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.tables.base import Base, Id, Money, word_check
from models.tables.parties import Party


class ProductKind(Labelled):
    """Finished goods, or parts for repairs."""

    PRODUCT = "product", N_("product")
    PART = "part", N_("part")


class Product(Base):
    """A product or part; with a supplier it was bought in (外购)."""

    __tablename__ = "product"
    __table_args__ = (
        word_check("kind", ProductKind),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    #: The policy's kind of goods that its warranty terms and swap list speak of, such as `electronic_ballast`.
    goods_kind: Mapped[str] = mapped_column(default="")
    #: What one piece costs whoever has to pay for it; NULL where nobody said.
    price: Mapped[Money | None]
    currency: Mapped[str] = mapped_column(default="CNY")

    supplier: Mapped[Party | None] = relationship()


class Delivery(Base):
    """Pieces of one batch delivered to a party at a unit price."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="some_pieces"),
        CheckConstraint("unit_price >= 0", name="price_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        Index("ix_delivery_product_id_batch", "product_id", "batch"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    batch: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    currency: Mapped[str]
    delivered_on: Mapped[date]

    party: Mapped[Party] = relationship()
    product: Mapped[Product] = relationship()
