"""Notices (通知): the outbox. A row is written with its cause and sent later."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id, word_check
from models.tables.cases import Case


class NoticeState(StrEnum):
    """Queued until the mail server took it, or given up where people see it, or taken back as no longer true."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Notice(Base):
    """A message to one address, written out when it was caused; `key` makes it unique, `message_id` stays the same."""

    __tablename__ = "notice"
    __table_args__ = (
        word_check("state", NoticeState),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint("(task_id IS NULL) = (person_id IS NULL)", name="asks_a_person_a_question"),
        CheckConstraint(r"subject !~ '[\x01-\x1f]' AND to_name !~ '[\x01-\x1f]'", name="headers_are_one_line"),
        Index("ix_notice_queued", "next_attempt_at", postgresql_where=text("state = 'queued'")),
        Index(
            "ix_notice_reminding",
            "reminds_of_id",
            postgresql_where=text("state = 'queued' AND reminds_of_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    to_name: Mapped[str]
    #: Empty if nobody could be found to tell; such a notice is failed from the start.
    to_address: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    plain: Mapped[str]
    html: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    #: Not before this time: an ordinary reminder waits for working hours.
    deliver_from: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    error: Mapped[str] = mapped_column(default="")
    #: The documents of the case that go along as files: kind and number of each.
    attached: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list)
    #: The question that this notice puts to its reader, and who that is. The link that opens it is made when the mail
    #: goes out, and stands nowhere but there.
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: The deadline that is met when this notice has gone out.
    meets_deadline_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"))
    #: The deadline of which this notice reminds; when that ends before it went out, it is withdrawn.
    reminds_of_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"))

    case: Mapped[Case | None] = relationship()
