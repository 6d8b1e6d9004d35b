"""Deadlines (时限): budgets of time being used up, the intervals they ran in, and their rungs (阶)."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rules.deadlines import CountsFrom, LastDay, Unit
from models.tables.base import Base, Id, word_check
from models.tables.calendars import CalendarVersion
from models.tables.cases import Case
from models.tables.parties import Party


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

    `due_at`, `next_rung_at` and `paused_at` are projections of budget, calendar, ledger and rungs, kept for the
    sweep's index. While the clock stands, `due_at` is what it would be if it went on from where it stopped.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        word_check("unit", Unit),
        word_check("passing", Passing),
        word_check("counts_from", CountsFrom),
        word_check("last_day", LastDay),
        CheckConstraint("amount > 0", name="some_time"),
        CheckConstraint("met_at IS NULL OR abandoned_at IS NULL", name="ends_once"),
        CheckConstraint(
            "next_rung_at IS NULL OR (met_at IS NULL AND abandoned_at IS NULL AND paused_at IS NULL)",
            name="chases_only_while_it_runs",
        ),
        CheckConstraint(
            "paused_at IS NULL OR (met_at IS NULL AND abandoned_at IS NULL)", name="an_ended_one_is_not_paused"
        ),
        Index("ix_deadline_next_rung_at", "next_rung_at", postgresql_where=text("next_rung_at IS NOT NULL")),
        Index(
            "ix_deadline_to_breach",
            "due_at",
            postgresql_where=text(
                "met_at IS NULL AND abandoned_at IS NULL AND paused_at IS NULL AND breached_at IS NULL"
            ),
        ),
        Index(
            "ix_deadline_to_lapse",
            "due_at",
            postgresql_where=text(
                "met_at IS NULL AND abandoned_at IS NULL AND paused_at IS NULL AND passing = 'lapse'"
            ),
        ),
        Index("ix_deadline_unended", "limit_path", postgresql_where=text("met_at IS NULL AND abandoned_at IS NULL")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    key: Mapped[str]
    #: The policy's limit that it comes from, such as `batch_quality.determination`.
    limit_path: Mapped[str]
    amount: Mapped[int]
    unit: Mapped[str]
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar_version.id"), index=True)
    #: Whose closures count: the numbers of the party that had the ball first and of its superiors, nearest first.
    line: Mapped[list[str]] = mapped_column(JSONB)
    cut_off: Mapped[time | None]
    counts_from: Mapped[str]
    last_day: Mapped[str]
    passing: Mapped[str]
    #: The rungs as the policy had them when the deadline began: [{"at": "80%", "to": "assignee"}, …]. After a change
    #: of the limit they carry numbers, since those that happened keep theirs.
    ladder: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_rung_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    #: The case ended without it.
    abandoned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    calendar: Mapped[CalendarVersion] = relationship()
    intervals: Mapped[list["RunningInterval"]] = relationship(order_by="RunningInterval.number")
    rungs: Mapped[list["Rung"]] = relationship(order_by="Rung.number")

    @property
    def is_over(self) -> bool:
        """Met, or the case ended without it."""
        return self.met_at is not None or self.abandoned_at is not None


class RunningInterval(Base):
    """A time in which a deadline ran; the last one is open while it runs. What lies between two is a pause.

    `holder` is the party that had the ball while it ran; who stopped it, why, and which party has the ball in the
    pause that follows stands with the interval that ended.
    """

    __tablename__ = "running_interval"
    __table_args__ = (
        CheckConstraint("number > 0", name="counts_from_one"),
        CheckConstraint("stopped_at IS NULL OR stopped_at >= started_at", name="runs_forward"),
        Index(
            "uq_running_interval_one_open",
            "deadline_id",
            unique=True,
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(default="")
    holder_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    stopped_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    stopped_by: Mapped[str] = mapped_column(default="")
    waits_for_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))

    holder: Mapped[Party] = relationship(foreign_keys=[holder_id])
    waits_for: Mapped[Party | None] = relationship(foreign_keys=[waits_for_id])


class DeadlineChange(Base):
    """A deadline that was counted anew because a calendar or a limit changed: what it was, what it is, why."""

    __tablename__ = "deadline_change"

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
    #: What changed: `calendar office 2`, `policy lighting 3`.
    cause: Mapped[str]
    due_before: Mapped[datetime]
    due_after: Mapped[datetime]
    budget_before: Mapped[str]
    budget_after: Mapped[str]


class Rung(Base):
    """A reminder or escalation that happened. The key is what makes it happen at most once."""

    __tablename__ = "rung"

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    planned_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    escalation: Mapped[bool]
    told: Mapped[list[str]] = mapped_column(JSONB)
