"""Parties (往来单位), the people who work for them, and the posts those hold."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.roles import PartyKind, Role
from models.tables.base import Base, Id, word_check


class Party(Base):
    """A company, office, dealer, station, carrier or supplier, under the number people use for it."""

    __tablename__ = "party"
    __table_args__ = (
        word_check("kind", PartyKind),
        CheckConstraint("superior_id <> id", name="not_its_own_superior"),
        Index("uq_party_one_company", "kind", unique=True, postgresql_where=text("kind = 'company'")),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    #: The area in which consumers look for it, such as a city district; empty where that says nothing.
    area: Mapped[str] = mapped_column(default="", index=True)
    address: Mapped[str] = mapped_column(default="")

    superior: Mapped["Party | None"] = relationship(remote_side="Party.id")


class Person(Base):
    """Somebody with a login. People are never deleted: decisions name them; they become inactive."""

    __tablename__ = "person"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    party: Mapped[Party] = relationship()
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="RoleGrant.role"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """The posts this person holds; none while inactive."""
        return frozenset(Role(grant.role) for grant in self.grants) if self.active else frozenset()

    @property
    def label(self) -> str:
        """Name and login, as people pick somebody from a list."""
        return f"{self.name} ({self.login})"


class RoleGrant(Base):
    """A person holds a post (岗位)."""

    __tablename__ = "role_grant"
    __table_args__ = (word_check("role", Role),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True, index=True)

    person: Mapped[Person] = relationship(back_populates="grants")
