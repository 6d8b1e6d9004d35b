"""How people prove who they are: accounts, sessions, and the brake on guessing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, Id
from models.tables.parties import Person


class Account(Base):
    """The password of a person, hashed; whoever signs in elsewhere (OpenID Connect) needs none."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]
    #: Somebody else set the password; the person chooses another one before anything else.
    must_change: Mapped[bool]

    person: Mapped[Person] = relationship()


class SignedIn(Base):
    """One session of a person in a browser. Only the hash of its token is kept; what is stolen here opens nothing."""

    __tablename__ = "signed_in"
    __table_args__ = (
        CheckConstraint("ends_at > begun_at", name="ends_after_it_begins"),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_is_hashed"),
    )

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    begun_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: The session ends then whatever happens; it ends earlier if it is not used.
    ends_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Brake(Base):
    """Failed tries to sign in, counted by login and by address, so that guessing becomes slow."""

    __tablename__ = "brake"
    __table_args__ = (CheckConstraint("failures > 0", name="counts_failures"),)

    #: `login:li.na` or `address:192.0.2.7`.
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    #: No try counts before this time, right password or not.
    blocked_until: Mapped[datetime]
