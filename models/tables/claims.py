"""Precedents (裁定案例): what was ruled and why, to be found and cited when the like comes up again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.labels import Labelled
from models.language import N_
from models.tables.base import Base, word_check
from models.tables.cases import Case
from models.tables.parties import Person


class RuledFor(Labelled):
    """For whom customer service rules."""

    CLAIMANT = "claimant", N_("for the claimant")
    OTHER_SIDE = "other_side", N_("against the claim")
    IN_PART = "in_part", N_("for each side in part")


class Precedent(Base):
    """A final ruling in the collection by which the policy is interpreted (manual 000 一.5); never changed."""

    __tablename__ = "precedent"
    __table_args__ = (
        word_check("ruled_for", RuledFor),
        CheckConstraint("number ~ '^PC-[0-9]{4}-[0-9]{4,}$'", name="number_is_a_precedents"),
        CheckConstraint("article <> '' AND headnote <> '' AND reasons <> ''", name="says_something"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    #: The article of the manual that the ruling rests on, such as `四.1 第七条`.
    article: Mapped[str] = mapped_column(index=True)
    #: The rule that later cases may take from it, in a sentence.
    headnote: Mapped[str]
    keywords: Mapped[list[str]] = mapped_column(JSONB)
    ruled_for: Mapped[str]
    reasons: Mapped[str]
    ruled_at: Mapped[datetime]
    ruled_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    case: Mapped[Case] = relationship()
    ruled_by: Mapped[Person] = relationship()
