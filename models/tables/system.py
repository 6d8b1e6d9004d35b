"""The one row that says what this database is: rehearsal or real, and how far its clock is set off."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Interval
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class System(Base):
    """A rehearsal system accepts a set clock; a real one refuses it, in the database too."""

    __tablename__ = "system"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("rehearsal OR clock_offset = INTERVAL '0'", name="real_clock_is_not_set"),
        CheckConstraint("length(link_key) >= 43", name="link_key_is_long"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Tells this system from every other, so that mails of two never share a Message-ID.
    instance: Mapped[UUID]
    rehearsal: Mapped[bool]
    clock_offset: Mapped[timedelta] = mapped_column(Interval)
    #: What links in mail are signed with; with another one, no link opens anything any more.
    link_key: Mapped[str]
    #: The business time up to which the last sweep chased; NULL before the first.
    swept_at: Mapped[datetime | None]
