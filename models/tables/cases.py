"""Cases (工单), the journal of their steps (步骤) and their documents."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
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


class CaseLink(Base):
    """A case that came out of another: a supplier claim out of a dispute, a dispute out of a month's feedback."""

    __tablename__ = "case_link"
    __table_args__ = (CheckConstraint("parent_id <> child_id", name="not_its_own_child"),)

    parent_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True, index=True)
    #: The step of the parent that opened the child.
    step: Mapped[str]
    at: Mapped[datetime]

    parent: Mapped[Case] = relationship(foreign_keys=[parent_id])
    child: Mapped[Case] = relationship(foreign_keys=[child_id])


class DocumentKind(Labelled):
    """The records that the manual or its practice asks for."""

    OBJECTION = "objection", N_("objection")
    FINDING = "finding", N_("finding report")
    RECALL_LIST = "recall_list", N_("recall list")
    FREIGHT_BILL = "freight_bill", N_("freight bill")
    CANDIDATE_SHEET = "candidate_sheet", N_("candidate sheet")
    PAPER_CHECK = "paper_check", N_("paper check")
    VISIT_SCORE = "visit_score", N_("score sheet of the visit")
    RECOMMENDATION = "recommendation", N_("recommendation")
    APPROVAL = "approval", N_("approval")
    AGREEMENT = "agreement", N_("station agreement")
    LOAN_NOTE = "loan_note", N_("opening stock on loan")
    CERTIFICATE = "certificate", N_("certificate")
    REVIEW = "review", N_("review")
    COUNT_NOTE = "count_note", N_("count with differences")
    SETTLEMENT = "settlement", N_("settlement")
    SWAP_SLIP = "swap_slip", N_("swap slip")
    BACK_ORDER = "back_order", N_("back-order")
    RETURN_LIST = "return_list", N_("return list")
    SHIPPING_NOTE = "shipping_note", N_("shipping note")
    VERDICT_SHEET = "verdict_sheet", N_("inspection verdict")
    CHARGE_NOTE = "charge_note", N_("charge note")
    SCRAP_NOTE = "scrap_note", N_("scrap note")
    SUPPLIER_CLAIM = "supplier_claim", N_("claim on the supplier")
    SUPPLIER_ANSWER = "supplier_answer", N_("answer of the supplier")
    STATION_REPORT = "station_report", N_("repair report of a station")
    OFFICE_REPORT = "office_report", N_("report of an office")
    FEEDBACK_FORM = "feedback_form", N_("quality-information form")
    DEPARTMENT_ANSWER = "department_answer", N_("answer of a department")
    QUALITY_NOTICE = "quality_notice", N_("urgent quality notice")
    POSITION = "position", N_("position of a party")
    RULING = "ruling", N_("ruling")
    DAMAGE_REPORT = "damage_report", N_("damage report")
    CLAIM_FILE = "claim_file", N_("claim file")
    CLAIM_LETTER = "claim_letter", N_("claim letter")
    EVIDENCE_LIST = "evidence_list", N_("evidence list")
    CARRIER_ANSWER = "carrier_answer", N_("answer of the carrier")


class Document(Base):
    """A record of a case: its facts as they stood when it was made."""

    __tablename__ = "document"
    __table_args__ = (word_check("kind", DocumentKind),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]]

    file: Mapped["DocumentFile | None"] = relationship(back_populates="document")


class DocumentFile(Base):
    """A document as a file that people open, print and send: made once from its facts, and kept as it was sent."""

    __tablename__ = "document_file"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "kind", "number"], ["document.case_id", "document.kind", "document.number"]),
        CheckConstraint(r"name !~ '[/\\\x01-\x1f]' AND name <> ''", name="name_is_a_file_name"),
    )

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes]

    document: Mapped[Document] = relationship(back_populates="file")
