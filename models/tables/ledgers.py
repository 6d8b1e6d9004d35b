"""Stock and money as moves with two sides, so that the sum over all accounts is zero by construction."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id, Money, word_check
from models.tables.goods import Product
from models.tables.parties import Party


class Condition(StrEnum):
    """The condition pieces are booked in."""

    GOOD = "good"
    DISPUTED = "disputed"
    QUARANTINE = "quarantine"
    UNLISTED = "unlisted"


class Account(StrEnum):
    """The money accounts of after-sales."""

    AFTER_SALES_EXPENSE = "after_sales_expense"
    FREIGHT_EXPENSE = "freight_expense"
    DEALER_CREDIT = "dealer_credit"
    CARRIER_PAYABLE = "carrier_payable"


class StockMove(Base):
    """`quantity` pieces leave one party and condition and enter another."""

    __tablename__ = "stock_move"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "line"),
        word_check("from_condition", Condition),
        word_check("to_condition", Condition),
        CheckConstraint("quantity > 0", name="some_pieces"),
        CheckConstraint("(from_party_id, from_condition) <> (to_party_id, to_condition)", name="goes_somewhere_else"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    step: Mapped[str]
    line: Mapped[int]
    at: Mapped[datetime]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    batch: Mapped[str]
    quantity: Mapped[int]
    from_party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    from_condition: Mapped[str]
    to_party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    to_condition: Mapped[str]

    product: Mapped[Product] = relationship()
    from_party: Mapped[Party] = relationship(foreign_keys=[from_party_id])
    to_party: Mapped[Party] = relationship(foreign_keys=[to_party_id])


class MoneyMove(Base):
    """`amount` leaves one account and enters another; `party` is whom it concerns on the other side."""

    __tablename__ = "money_move"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "line"),
        word_check("from_account", Account),
        word_check("to_account", Account),
        CheckConstraint("amount > 0", name="some_money"),
        CheckConstraint("from_account <> to_account", name="goes_somewhere_else"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    step: Mapped[str]
    line: Mapped[int]
    at: Mapped[datetime]
    amount: Mapped[Money]
    currency: Mapped[str]
    from_account: Mapped[str]
    from_party: Mapped[str]
    to_account: Mapped[str]
    to_party: Mapped[str]


class SaleStop(Base):
    """The sale of a batch is stopped by a case until it is released."""

    __tablename__ = "sale_stop"
    __table_args__ = (
        Index(
            "uq_sale_stop_in_force",
            "case_id",
            "product_id",
            "batch",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        CheckConstraint("released_at IS NULL OR released_at >= stopped_at", name="released_after_stopped"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    batch: Mapped[str]
    stopped_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
