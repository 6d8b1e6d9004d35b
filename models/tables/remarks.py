"""What people say about a case beside its forms: remarks (备注), questions back (追问), photographs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import Task


class Remark(Base):
    """Somebody's words on a case. With `asked` a question back to that person; an answer names its question."""

    __tablename__ = "remark"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        CheckConstraint("asked_id IS NULL OR answers_id IS NULL", name="asks_or_answers"),
        CheckConstraint("asked_id <> by_id", name="not_asked_of_oneself"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    #: The question at which it was said, if it was said at one.
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str]
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    #: The question back that this answers; one is answered once.
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"), unique=True)

    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    asked: Mapped[Person | None] = relationship(foreign_keys=[asked_id])
    answers: Mapped["Remark | None"] = relationship(remote_side="Remark.id")


class Photo(Base):
    """A photograph that somebody attached to a case; checked before it is kept, and never served as a page."""

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("media_type IN ('image/jpeg', 'image/png', 'image/webp')", name="media_type_is_a_pictures"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_is_sha256"),
        CheckConstraint(r"name !~ '[/\\\x01-\x1f]' AND name <> ''", name="name_is_a_file_name"),
        CheckConstraint("length(content) <= 10485760", name="at_most_10_mib"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    name: Mapped[str]
    media_type: Mapped[str]
    #: SHA-256 of the content.
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)

    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()
    by: Mapped[Person] = relationship()
