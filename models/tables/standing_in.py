"""Standing in (代理): somebody acts for somebody else for a while."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.roles import Role
from models.tables.base import Base, Id
from models.tables.parties import Person


class Delegation(Base):
    """`deputy` may do what `principal` may, from a day to a day; in one role or procedure alone where it is named."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("principal_id <> deputy_id", name="not_to_oneself"),
        CheckConstraint("until_at > from_at", name="ends_after_it_begins"),
        CheckConstraint(
            "role IS NULL OR role IN (" + ", ".join(f"'{role.value}'" for role in Role) + ")", name="role_is_known"
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name="ends_after_it_was_made"),
    )

    id: Mapped[Id]
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    #: NULL: in every role that the principal holds.
    role: Mapped[str | None]
    #: NULL: in every procedure.
    procedure: Mapped[str | None]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: When it was ended before its time.
    ended_at: Mapped[datetime | None]

    principal: Mapped[Person] = relationship(foreign_keys=[principal_id])
    deputy: Mapped[Person] = relationship(foreign_keys=[deputy_id])
    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])
