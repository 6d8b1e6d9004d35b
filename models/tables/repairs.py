"""Repairs (维修台账) as stations report them: the evidence behind parts used, fees and quality information.

Manual 000 三 内勤 C: from the repair reports the clerk counts repairs, parts used and fees, and keeps ledgers.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.tables.base import Base, Id, Money, word_check
from models.tables.cases import Case
from models.tables.goods import Product
from models.tables.parties import Party


class Entitlement(Labelled):
    """Who bears a repair (manual 000 四.1 art. 1)."""

    IN_WARRANTY = "in_warranty", N_("quality fault within the warranty")
    OUT_OF_WARRANTY = "out_of_warranty", N_("out of warranty")
    HUMAN_CAUSE = "human_cause", N_("caused by people")


class Repair(Base):
    """One repair of a station under the station's own slip number (维修单号), recorded once however often reported."""

    __tablename__ = "repair"
    __table_args__ = (
        UniqueConstraint("station_id", "slip"),
        word_check("entitlement", Entitlement),
        CheckConstraint("pieces > 0", name="some_pieces"),
        CheckConstraint("fee >= 0 AND charged >= 0", name="amounts_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("done_on IS NULL OR done_on >= received_on", name="done_after_received"),
        CheckConstraint("purchased_on IS NULL OR purchased_on <= received_on", name="received_after_purchased"),
        Index("ix_repair_received_on", "received_on"),
        Index("ix_repair_part_id_batch", "part_id", "batch"),
    )

    id: Mapped[Id]
    station_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    slip: Mapped[str]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    #: The part that was changed; none where a repair needed none.
    part_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    #: Pieces of the part changed, or of the product repaired without a part.
    pieces: Mapped[int]
    #: The batch code on the faulty part or product; empty where it could not be read.
    batch: Mapped[str]
    fault: Mapped[str]
    entitlement: Mapped[str]
    purchased_on: Mapped[date | None]
    received_on: Mapped[date]
    done_on: Mapped[date | None]
    #: What the company owes the station for the work, and what the consumer paid.
    fee: Mapped[Money]
    charged: Mapped[Money]
    currency: Mapped[str]
    #: The case that recorded it first: a swap at the counter, or a month's report.
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    recorded_at: Mapped[datetime]

    station: Mapped[Party] = relationship()
    product: Mapped[Product] = relationship(foreign_keys=[product_id])
    part: Mapped[Product | None] = relationship(foreign_keys=[part_id])
    case: Mapped[Case] = relationship()
