"""Repair stations (特约维修点): their agreement and state, their papers, their repairers, and what became of them.

Manual 000 三 内勤 A: the clerk keeps the agreements and a management file for each station and repairer.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.tables.base import Base, Id, Money, word_check
from models.tables.cases import Case
from models.tables.parties import Party


class StationState(Labelled):
    """What a station does: it is set up, it repairs, it may not repair for a while, it never will again."""

    PREPARING = "preparing", N_("being set up")
    ACTIVE = "active", N_("active")
    SUSPENDED = "suspended", N_("suspended")
    CLOSED = "closed", N_("closed")


class StationPaper(Labelled):
    """The documents of a station that expire; certificates belong to its repairers."""

    LICENCE = "licence", N_("business licence")
    LEASE = "lease", N_("lease of the premises")


class Station(Base):
    """A party that repairs for the company under an agreement (维修点协议).

    An exclusive one is the only one of its area from the signature on, unless it is suspended or closed.
    """

    __tablename__ = "station"
    __table_args__ = (
        word_check("state", StationState),
        CheckConstraint("area <> ''", name="serves_an_area"),
        CheckConstraint("term_ends_on >= signed_on", name="ends_after_it_begins"),
        CheckConstraint("deposit >= 0", name="deposit_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("state <> 'active' OR activated_at IS NOT NULL", name="active_since_a_time"),
        CheckConstraint("suspended_until IS NULL OR state = 'suspended'", name="only_a_suspension_has_an_end"),
        Index(
            "uq_station_one_in_an_area",
            "area",
            unique=True,
            postgresql_where=text("exclusive AND state IN ('preparing', 'active')"),
        ),
    )

    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    state: Mapped[str]
    area: Mapped[str]
    #: Whether it serves its area alone; one that the vice-president approved as an exception does not.
    exclusive: Mapped[bool]
    agreement_number: Mapped[str] = mapped_column(unique=True)
    signed_on: Mapped[date]
    #: The last day of the agreement.
    term_ends_on: Mapped[date] = mapped_column(index=True)
    deposit: Mapped[Money]
    currency: Mapped[str]
    activated_at: Mapped[datetime | None]
    #: The last day of a suspension; NULL for one without an end.
    suspended_until: Mapped[date | None]
    #: The case that developed it; NULL for one that was there before the books.
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))

    party: Mapped[Party] = relationship()
    case: Mapped[Case | None] = relationship()


class StationDocument(Base):
    """A paper of a station; of several of a kind the one recorded last counts, the others are history."""

    __tablename__ = "station_document"
    __table_args__ = (word_check("kind", StationPaper), CheckConstraint("number <> ''", name="has_a_number"))

    id: Mapped[Id]
    station_id: Mapped[int] = mapped_column(ForeignKey("station.party_id"), index=True)
    kind: Mapped[str]
    number: Mapped[str]
    #: Its last day.
    valid_until: Mapped[date]
    recorded_at: Mapped[datetime]
    #: NULL for what was there before the books.
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))


class StationRepairer(Base):
    """A certificate of a repairer; one who is certified anew has several, one who left has none that counts."""

    __tablename__ = "station_repairer"
    __table_args__ = (
        UniqueConstraint("station_id", "certificate_number"),
        CheckConstraint("certificate_number <> ''", name="has_a_certificate"),
        CheckConstraint("valid_until >= certified_on", name="ends_after_it_begins"),
    )

    id: Mapped[Id]
    station_id: Mapped[int] = mapped_column(ForeignKey("station.party_id"))
    name: Mapped[str]
    certificate_number: Mapped[str]
    certified_on: Mapped[date]
    #: Its last day.
    valid_until: Mapped[date]
    #: The day on which the repairer left the station; NULL for one who works there.
    left_on: Mapped[date | None]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))


class StationChange(Base):
    """A change of a station's state: from what to what, when and why; nothing of it is ever changed."""

    __tablename__ = "station_change"
    __table_args__ = (
        word_check("from_state", StationState),
        word_check("to_state", StationState),
        CheckConstraint("from_state IS NULL OR from_state <> to_state", name="is_a_change"),
    )

    id: Mapped[Id]
    station_id: Mapped[int] = mapped_column(ForeignKey("station.party_id"), index=True)
    at: Mapped[datetime]
    #: NULL where the station begins.
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    why: Mapped[str]
    #: NULL for a station that was there before the books.
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
