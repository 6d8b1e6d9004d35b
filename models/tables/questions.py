"""Tasks (待办): questions to people; the decisions (决定) that answer them; the Prefect forms that showed them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.roles import Role
from models.tables.base import Base, Id, word_check
from models.tables.cases import Case
from models.tables.deadlines import Deadline
from models.tables.parties import Party, Person


class TaskState(StrEnum):
    """A task is open until it is decided, lapses, or its case is withdrawn."""

    OPEN = "open"
    DECIDED = "decided"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    """The way by which a decision came in."""

    PREFECT = "prefect"
    COMMAND_LINE = "command_line"
    INBOX = "inbox"
    MAIL_LINK = "mail_link"
    SWEEP = "sweep"


class Task(Base):
    """A question to a person, asked with `facts`, answered by a form; one row a round."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("case_id", "key", "round"),
        word_check("state", TaskState),
        word_check("role", Role),
        CheckConstraint("key ~ '^[a-z0-9-]+$'", name="key_is_plain"),
        CheckConstraint("round > 0", name="round_counts_from_one"),
        CheckConstraint("for_party_id IS NULL OR at_party_id IS NULL", name="for_a_party_or_at_one"),
        CheckConstraint("claimed_at IS NULL OR assignee_id IS NOT NULL", name="claimed_by_somebody"),
        Index("uq_task_awaited", "case_id", unique=True, postgresql_where=text("awaited")),
    )

    id: Mapped[Id]
    ref: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    key: Mapped[str]
    round: Mapped[int]
    role: Mapped[str]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    for_party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    #: The party whose people are asked; the clerks answer for one that has nobody with the role.
    at_party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    form: Mapped[str]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    #: Since when the assignee has it by taking it from the group (认领); releasing gives it back.
    claimed_at: Mapped[datetime | None]
    #: The flow sleeps on this one; others may be open beside it.
    awaited: Mapped[bool] = mapped_column(default=False)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), index=True)

    case: Mapped[Case] = relationship(foreign_keys=[case_id])
    assignee: Mapped[Person | None] = relationship()
    for_party: Mapped[Party | None] = relationship(foreign_keys=[for_party_id])
    at_party: Mapped[Party | None] = relationship(foreign_keys=[at_party_id])
    deadline: Mapped[Deadline] = relationship()
    decision: Mapped["Decision | None"] = relationship(back_populates="task")


class Decision(Base):
    """Who answered what, for whom, when and by which way. The first one counts; the key holds that."""

    __tablename__ = "decision"
    __table_args__ = (
        word_check("channel", Channel),
        CheckConstraint("(by_id IS NULL) = (channel = 'sweep')", name="only_the_sweep_has_no_name"),
        CheckConstraint("in_place_of_id <> by_id", name="not_in_place_of_oneself"),
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    answer: Mapped[dict[str, Any]]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    #: For whom a deputy (代理人) decided: B for A.
    in_place_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str]
    at: Mapped[datetime]

    task: Mapped[Task] = relationship(back_populates="decision")
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    in_place_of: Mapped[Person | None] = relationship(foreign_keys=[in_place_of_id])
    on_behalf_of: Mapped[Party | None] = relationship()


class PrefectForm(Base):
    """One showing of a task in Prefect's UI. Each showing has a Prefect key of its own, so none is ever reused."""

    __tablename__ = "prefect_form"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    flow_run_id: Mapped[UUID]
    shown_at: Mapped[datetime]
