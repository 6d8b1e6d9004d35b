"""What quality information (信息反馈) leaves behind: measures asked of departments, proposals of disputes, fees."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.roles import Role
from models.tables.base import Base, Id, Money, word_check
from models.tables.cases import Case
from models.tables.goods import Product


class MeasureState(Labelled):
    """An open measure returns in each month's form until its department reports it done."""

    OPEN = "open", N_("open")
    DONE = "done", N_("done")
    REJECTED = "rejected", N_("rejected")


class Measure(Base):
    """What a department was asked to do about a product or part, under its case's number (manual 000 三 经理 F)."""

    __tablename__ = "measure"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        word_check("department", Role),
        word_check("state", MeasureState),
        CheckConstraint("number > 0", name="number_counts_from_one"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="open_until_it_ended"),
        CheckConstraint("state = 'open' OR answer <> ''", name="ended_with_an_answer"),
        Index("ix_measure_open", "department", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    department: Mapped[str]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    batch: Mapped[str]
    problem: Mapped[str]
    asked: Mapped[str]
    urgent: Mapped[bool]
    #: What the department found and does, or why it does nothing; empty until it answers.
    cause: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    state: Mapped[str]
    ended_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    product: Mapped[Product] = relationship()

    @property
    def reference(self) -> str:
        """How people name it: IF-2026-0001/2."""
        return f"{self.case.number}/{self.number}"


class ProposalState(Labelled):
    """What became of the proposal of a dispute; one that nobody answered may be made again."""

    OPEN = "open", N_("open")
    ACCEPTED = "accepted", N_("dispute opened")
    DECLINED = "declined", N_("declined")
    UNANSWERED = "unanswered", N_("not answered")


class Proposal(Base):
    """A batch that failed so often that a batch quality dispute was proposed, once for product or part and batch."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("product_id", "batch"),
        word_check("state", ProposalState),
        CheckConstraint("pieces > 0 AND stations > 0", name="something_failed_somewhere"),
        CheckConstraint("(state = 'accepted') = (dispute_id IS NOT NULL)", name="accepted_with_its_dispute"),
    )

    id: Mapped[Id]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    batch: Mapped[str]
    pieces: Mapped[int]
    stations: Mapped[int]
    #: The month's case that proposed it last.
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    proposed_at: Mapped[datetime]
    state: Mapped[str]
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))

    product: Mapped[Product] = relationship()
    case: Mapped[Case] = relationship(foreign_keys=[case_id])
    dispute: Mapped[Case | None] = relationship(foreign_keys=[dispute_id])


class RepairMoney(Base):
    """What a repair cost, from the month's report, where a swap at the counter had recorded it without (三 内勤 C)."""

    __tablename__ = "repair_money"
    __table_args__ = (CheckConstraint("fee >= 0 AND charged >= 0", name="amounts_not_negative"),)

    repair_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("repair.id"), primary_key=True)
    #: What the company owes the station for the work, and what the consumer paid; the currency is the repair's.
    fee: Mapped[Money]
    charged: Mapped[Money]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
