"""Links in mail that open one question for one person."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id
from models.tables.parties import Person
from models.tables.questions import Task


class AnswerLink(Base):
    """A link is used by the decision that came through it; only the hash of its code is kept."""

    __tablename__ = "answer_link"
    __table_args__ = (
        CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name="code_is_hashed"),
        CheckConstraint("expires_at > made_at", name="expires_after_it_was_made"),
    )

    id: Mapped[Id]
    code_hash: Mapped[str] = mapped_column(unique=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    person: Mapped[Person] = relationship()
