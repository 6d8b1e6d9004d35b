"""What offices and distributors owe for faulty parts that they kept too long (逾期未返厂扣款)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id, Money
from models.tables.cases import Case
from models.tables.parties import Party


class PartsCharge(Base):
    """A sum that a return case charged to its sender, until finance has confirmed that it is paid."""

    __tablename__ = "parts_charge"
    __table_args__ = (
        UniqueConstraint("case_id"),
        CheckConstraint("amount > 0", name="some_money"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("settled_at IS NULL OR settled_at >= charged_at", name="settled_after_charged"),
        Index("ix_parts_charge_open", "party_id", postgresql_where=text("settled_at IS NULL")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    amount: Mapped[Money]
    currency: Mapped[str]
    charged_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    party: Mapped[Party] = relationship()
