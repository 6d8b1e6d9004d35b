"""Deadlines (时限): budgets of time being used up, the intervals they ran in, and their rungs (阶)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rules.deadlines import Unit
from models.tables.base import Base, Id, word_check
from models.tables.cases import Case


class Passing(StrEnum):
    """What passing a deadline means: people are chased, or the lapse rule answers for them."""

    RUNGS_ONLY = "rungs_only"
    LAPSE = "lapse"


class DeadlineState(StrEnum):
    """Derived from the intervals and the clock."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


class Deadline(Base):
    """A budget of time for something in a case.

    `due_at` and `next_rung_at` are projections of budget, intervals and rungs, kept for the sweep's index.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        word_check("unit", Unit),
        word_check("passing", Passing),
        CheckConstraint("amount > 0", name="some_time"),
        CheckConstraint("met_at IS NULL OR next_rung_at IS NULL", name="a_met_one_chases_nobody"),
        Index("ix_deadline_next_rung_at", "next_rung_at", postgresql_where=text("next_rung_at IS NOT NULL")),
        Index("ix_deadline_unmet_due_at", "due_at", postgresql_where=text("met_at IS NULL AND breached_at IS NULL")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    key: Mapped[str]
    amount: Mapped[int]
    unit: Mapped[str]
    zone: Mapped[str]
    passing: Mapped[str]
    #: The rungs as the policy had them when the deadline began: [{"at": "80%", "to": "assignee"}, …].
    ladder: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_rung_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    intervals: Mapped[list["RunningInterval"]] = relationship(order_by="RunningInterval.started_at")
    rungs: Mapped[list["Rung"]] = relationship(order_by="Rung.number")


class RunningInterval(Base):
    """A time in which a deadline ran; the last one is open while it runs."""

    __tablename__ = "running_interval"
    __table_args__ = (
        CheckConstraint("stopped_at IS NULL OR stopped_at >= started_at", name="runs_forward"),
        Index(
            "uq_running_interval_one_open",
            "deadline_id",
            unique=True,
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    stopped_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    stopped_by: Mapped[str] = mapped_column(default="")


class Rung(Base):
    """A reminder or escalation that happened. The key is what makes it happen at most once."""

    __tablename__ = "rung"

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    planned_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    escalation: Mapped[bool]
    told: Mapped[list[str]] = mapped_column(JSONB)
