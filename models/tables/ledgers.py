"""Stock and money as moves with two sides, so that the sum over all accounts is zero by construction."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.tables.base import Base, Id, Money, word_check
from models.tables.goods import Product
from models.tables.parties import Party


class Condition(Labelled):
    """The condition pieces are booked in. Party and condition together are one account of the stock ledger."""

    GOOD = "good", N_("good")
    FAULTY = "faulty", N_("faulty")
    WITH_CONSUMER = "with_consumer", N_("with the consumer")
    IN_TRANSIT = "in_transit", N_("in transit")
    QUARANTINE = "quarantine", N_("in quarantine")
    REWORK = "rework", N_("in rework")
    SCRAPPED = "scrapped", N_("scrapped")
    DISPUTED = "disputed", N_("disputed")
    UNLISTED = "unlisted", N_("not on the list")
    MISSING = "missing", N_("not found in a count")
    REFUSED = "refused", N_("refused")
    #: What was there before the books began; the other side of opening stock.
    OPENING = "opening", N_("before the books")


#: Accounts in which pieces can be touched: none of them holds fewer than none. The company's own good stock is made
#: by production, which these books do not see, so it alone may fall below zero; the others are sources and sinks.
COUNTED = frozenset({Condition.GOOD, Condition.FAULTY, Condition.IN_TRANSIT, Condition.QUARANTINE, Condition.REWORK})


class Account(Labelled):
    """The money accounts of after-sales."""

    AFTER_SALES_EXPENSE = "after_sales_expense", N_("after-sales expense")
    FREIGHT_EXPENSE = "freight_expense", N_("freight expense")
    DEALER_CREDIT = "dealer_credit", N_("credit of a party")
    CARRIER_PAYABLE = "carrier_payable", N_("owed to a carrier")
    PARTY_RECEIVABLE = "party_receivable", N_("owed by a party")
    PARTS_REVENUE = "parts_revenue", N_("revenue from parts")
    SUPPLIER_RECEIVABLE = "supplier_receivable", N_("owed by a supplier")
    SUPPLIER_RECOVERY = "supplier_recovery", N_("recovered from suppliers")
    CARRIER_RECEIVABLE = "carrier_receivable", N_("owed by a carrier to a customer")
    CUSTOMER_SETTLEMENT = "customer_settlement", N_("settled with a customer")
    DEPOSIT_HELD = "deposit_held", N_("deposits held")
    BANK = "bank", N_("bank")


class StockMove(Base):
    """`quantity` pieces leave one party and condition and enter another.

    A trigger refuses a move out of a counted account that holds too few.
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "line"),
        Index("uq_stock_move_opening", "step", unique=True, postgresql_where=text("case_id IS NULL")),
        CheckConstraint(
            "(case_id IS NULL) = (from_condition = 'opening')", name="only_opening_stock_belongs_to_no_case"
        ),
        Index("ix_stock_move_from", "product_id", "from_party_id", "from_condition"),
        Index("ix_stock_move_to", "product_id", "to_party_id", "to_condition"),
        word_check("from_condition", Condition),
        word_check("to_condition", Condition),
        CheckConstraint("quantity > 0", name="some_pieces"),
        CheckConstraint("(from_party_id, from_condition) <> (to_party_id, to_condition)", name="goes_somewhere_else"),
    )

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
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
