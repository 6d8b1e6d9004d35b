"""Final ruling (最终裁定): what is asked for, how it is ruled, how it can end. Manual 000 四.1 art. 7, 一.5."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from models.forms import (
    Amount,
    Day,
    Facts,
    Form,
    Instant,
    Line,
    OptionalLine,
    OptionalProse,
    Prose,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _
from models.tables.claims import RuledFor

_COMMA = re.compile("[,，、;；]")
#: The longest time that a ruling can give for what is to be done.
_LONGEST = timedelta(days=366)
#: Who must act if nobody must.
NOBODY = "nobody"


def _or_none(value: Any) -> Any:
    return None if value == "" else value


#: A day, or nothing where none need be said.
OptionalDay = Annotated[Day | None, BeforeValidator(_or_none), WithJsonSchema({"type": "string", "format": "date"})]


class Outcome(Labelled):
    """How a final ruling ends."""

    FOR_THE_CLAIMANT = "for_the_claimant", N_("ruled for the claimant")
    AGAINST_THE_CLAIM = "against_the_claim", N_("ruled against the claim")
    IN_PART = "in_part", N_("ruled for each side in part")


#: The outcome that follows from a ruling.
FOLLOWS = {
    RuledFor.CLAIMANT: Outcome.FOR_THE_CLAIMANT,
    RuledFor.OTHER_SIDE: Outcome.AGAINST_THE_CLAIM,
    RuledFor.IN_PART: Outcome.IN_PART,
}


class RulingRequest(Form):
    """A dispute that no level could settle; from a claim it comes with its file."""

    heading: ClassVar[str] = N_("Request for a final ruling")
    aside: ClassVar[frozenset[str]] = Form.aside | {"party", "reported_at"}

    party: Line = Field(
        title=N_("Where it arose"), description=N_("The number of the dealer or station in the master data.")
    )
    other_party: OptionalLine = Field(
        default="",
        title=N_("Party on the other side"),
        description=N_("Its number in the master data; leave empty if it is the company."),
    )
    about: OptionalLine = Field(
        default="",
        title=N_("Case it comes from"),
        description=N_("The number of the case in dispute, if there is one, such as BQ-2026-0001."),
    )
    claimant: Line = Field(title=N_("Claimant"))
    claimant_contact: Line = Field(title=N_("How the claimant is reached"), description=N_("Telephone or address."))
    matter: Prose = Field(title=N_("Matter"))
    demand: Prose = Field(title=N_("Demand"), description=N_("What the claimant wants."))
    claimant_position: OptionalProse = Field(
        default="",
        title=N_("Position of the claimant"),
        description=N_("Together with the other position and the evidence, or leave all of it to the clerk."),
    )
    other_position: OptionalProse = Field(default="", title=N_("Position of the other side"))
    established: OptionalProse = Field(default="", title=N_("What is established"))
    evidence: OptionalProse = Field(default="", title=N_("Evidence"))
    reported_at: Instant = Field(title=N_("Reported at"), description=N_("It may lie before now, not after."))
    reported_by: Line = Field(title=N_("Reported by"), description=N_("Who asks for the ruling."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login; you cannot rule yourself."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another matter than the one already open."),
    )

    @property
    def has_its_file(self) -> bool:
        """Whether both positions and the evidence are there already."""
        return bool(self.claimant_position)

    @model_validator(mode="after")
    def file_is_whole(self) -> Self:
        """Half a file would have the manager hear one side."""
        if len({bool(one) for one in (self.claimant_position, self.other_position, self.evidence)}) > 1:
            raise fault(N_("Write both positions and the evidence, or none of them: then the clerk collects them."))
        return self


class RulingFile(Form):
    """The clerk files both positions and the evidence (双方意见与证据)."""

    heading: ClassVar[str] = N_("File both positions and the evidence")

    claimant_position: Prose = Field(title=N_("Position of the claimant"))
    other_position: Prose = Field(title=N_("Position of the other side"))
    established: OptionalProse = Field(
        default="", title=N_("What is established"), description=N_("The facts that nobody disputes.")
    )
    evidence: Prose = Field(title=N_("Evidence"), description=N_("Receipts, photos, repair records, witnesses."))


class Ruling(Form):
    """The manager rules in writing; it is final inside the company (最终解释和裁定)."""

    heading: ClassVar[str] = N_("Rule on the dispute")

    ruled_for: RuledFor = Field(title=N_("The ruling is"))
    article: Line = Field(
        title=N_("Article of the manual"),
        description=N_("The one that the ruling rests on."),
        json_schema_extra={"choices": "articles"},
    )
    reasons: Prose = Field(title=N_("Reasons"), description=N_("They go to both sides in writing."))
    by_whom: Line = Field(title=N_("Who must act"), json_schema_extra={"choices": "actors"})
    to_do: OptionalProse = Field(default="", title=N_("What is to be done"))
    until: OptionalDay = Field(default=None, title=N_("Until when"), description=N_("The last day for it."))
    amount: Amount = Field(
        default=Decimal(0),
        title=N_("Amount that the company pays"),
        description=N_("In the currency of the policy; leave 0 if it pays nothing."),
    )
    headnote: Line = Field(
        title=N_("Headnote"), description=N_("The rule for the collection, in a sentence that later cases can cite.")
    )
    keywords: Line = Field(title=N_("Keywords"), description=N_("For finding it again, with commas between them."))

    @field_validator("article")
    @classmethod
    def is_an_article(cls, article: str, info: ValidationInfo) -> str:
        """A ruling rests on an article of the manual."""
        return one_of("articles", article, info)

    @field_validator("by_whom")
    @classmethod
    def is_one_of_the_sides(cls, code: str, info: ValidationInfo) -> str:
        """The company or a side of the dispute can be told to act, nobody else."""
        return one_of("actors", code, info)

    @model_validator(mode="after")
    def says_who_does_what_until_when(self, info: ValidationInfo) -> Self:
        """A duty needs all three; without one there is none of them."""
        facts = facts_of(info)
        if self.by_whom == NOBODY and (self.to_do or self.until or self.amount):
            raise fault(N_("Name who must act, or leave empty what is to be done, until when and the amount."))
        if self.by_whom != NOBODY and not (self.to_do and self.until):
            raise fault(N_("Write what is to be done and until when."))
        today = date.fromisoformat(facts["today"])
        if self.until and not today < self.until <= today + _LONGEST:
            raise fault(N_("The last day must lie after {today}, and within a year."), today=today)
        if self.amount and self.by_whom != facts["company"]:
            raise fault(N_("An amount is paid by the company: choose the company as who must act, or leave 0."))
        return self

    @property
    def subjects(self) -> list[str]:
        """The keywords one by one, whichever comma stands between them."""
        return [word for word in map(str.strip, _COMMA.split(self.keywords)) if word]

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """That it is the last word inside the company."""
        return [(_(N_("Effect")), _(N_("final inside the company; the way to the courts stays open")))]


class Execution(Form):
    """Whoever had to act confirms that it was done."""

    heading: ClassVar[str] = N_("Confirm that the ruling was carried out")

    what: Prose = Field(title=N_("What was done"))
    done_on: Day = Field(title=N_("Done on"))
    proof: OptionalProse = Field(default="", title=N_("Proof"), description=N_("Receipt, bank note, waybill."))

    @model_validator(mode="after")
    def after_the_ruling(self, info: ValidationInfo) -> Self:
        """Nothing is carried out before it was ruled."""
        ruled_on = facts_of(info)["ruled_on"]
        if self.done_on < date.fromisoformat(ruled_on):
            raise fault(N_("It was ruled on {day}; this cannot have been done before."), day=ruled_on)
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was ruled."""
        return [(_(N_("To be done")), facts["to_do"])]
