"""Cases (工单), the journal of their steps (步骤) and their documents."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id, word_check
from models.tables.parties import Party
from models.tables.policies import PolicyVersion


class CaseState(StrEnum):
    """What a case is doing, as people are told."""

    RUNNING = "running"
    WAITING = "waiting"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Case(Base):
    """One instance of a procedure. It is ours; a Prefect run only carries it and may be replaced at any time."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_an_outcome"),
        CheckConstraint("closed_at IS NULL OR withdrawn_at IS NULL", name="ends_once"),
        Index("ix_case_open", "procedure", postgresql_where=text("closed_at IS NULL AND withdrawn_at IS NULL")),
        Index("ix_case_subject", "procedure", "subject"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    procedure: Mapped[str]
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    #: What the case is about, as text that a second report of the same matter would repeat.
    subject: Mapped[str]
    #: The party that the case is for.
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    #: The checked start form.
    input: Mapped[dict[str, Any]]
    #: When the matter was reported, which may lie before the case was opened.
    reported_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    #: The Prefect run that carries the case now; NULL until one could be asked for.
    flow_run_id: Mapped[UUID | None] = mapped_column(unique=True)

    party: Mapped[Party] = relationship()
    policy_version: Mapped[PolicyVersion] = relationship()

    @property
    def is_open(self) -> bool:
        """Neither closed nor withdrawn."""
        return self.closed_at is None and self.withdrawn_at is None


class CaseNumber(Base):
    """The last number given out for a procedure and year; taking one locks the row, so none is given twice."""

    __tablename__ = "case_number"

    procedure: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Step(Base):
    """Something that happened once in a case. The row commits together with what it did."""

    __tablename__ = "step"
    __table_args__ = (CheckConstraint("key ~ '^[a-z0-9-]+$'", name="key_is_plain"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    result: Mapped[dict[str, Any]]


class DocumentKind(StrEnum):
    """The records that the manual or its practice asks for (manual 000 四.1 art. 3)."""

    OBJECTION = "objection"
    FINDING = "finding"
    RECALL_LIST = "recall_list"
    FREIGHT_BILL = "freight_bill"


class Document(Base):
    """A record of a case: its facts as they stood when it was made."""

    __tablename__ = "document"
    __table_args__ = (word_check("kind", DocumentKind),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
