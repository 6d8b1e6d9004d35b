"""Answers to the quality-information form (质量信息反馈表): the departments', and the clerk's to a proposed dispute.

Manual 000 五 信息反馈流程; the clerk tells the areas what came of it (manual 000 三 内勤 E).
"""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Line,
    OptionalLine,
    OptionalProse,
    PiecesOrNone,
    Prose,
    YesNo,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _


class MeasureProgress(Labelled):
    """How far a department has got with a measure of an earlier month."""

    DONE = "done", N_("done")
    STILL_OPEN = "still_open", N_("still open")


class ItemVerdict(Labelled):
    """What a department says to an item of the form."""

    ACCEPTED = "accepted", N_("accepted: we take a measure")
    REJECTED = "rejected", N_("rejected, with the reason")


class FormAcknowledged(Form):
    """A department has read the form."""

    heading: ClassVar[str] = N_("Acknowledge the quality-information form")

    note: OptionalProse = Field(default="", title=N_("Note"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the form asks of the department."""
        return [
            (_(N_("Month")), facts["month"]),
            (_(N_("Items for you")), str(facts["items"])),
            (_(N_("Measures of earlier months")), str(facts["carried"])),
        ]


class ItemAnswer(Form):
    """A department's answer to one item: cause, measure and date, or why it does nothing."""

    heading: ClassVar[str] = N_("Answer to an item")

    item: Line = Field(title=N_("Item"), json_schema_extra={"choices": "items"})
    verdict: ItemVerdict = Field(title=N_("Verdict"))
    cause: OptionalProse = Field(default="", title=N_("Cause"), description=N_("If accepted."))
    answer: Prose = Field(title=N_("Measure, or reason"), description=N_("If rejected, why."))
    due_on: Day | None = Field(default=None, title=N_("To be done by"), description=N_("If accepted."))

    @field_validator("item")
    @classmethod
    def is_theirs(cls, number: str, info: ValidationInfo) -> str:
        """The items that the department is asked for."""
        return one_of("items", number, info)

    @model_validator(mode="after")
    def whole(self) -> Self:
        """A measure has a cause and a date."""
        if self.verdict is ItemVerdict.ACCEPTED and not (self.cause and self.due_on):
            raise fault(N_("Item {item}: an accepted item needs cause, measure and date."), item=self.item)
        return self


class MeasureStatus(Form):
    """How far a measure of an earlier month is."""

    heading: ClassVar[str] = N_("Measure of an earlier month")

    measure: Line = Field(title=N_("Measure"), json_schema_extra={"choices": "carried"})
    progress: MeasureProgress = Field(title=N_("State"))
    answer: Prose = Field(title=N_("What was done, or what is still to be done"))
    due_on: Day | None = Field(default=None, title=N_("To be done by"), description=N_("If it is still open."))

    @field_validator("measure")
    @classmethod
    def is_theirs(cls, reference: str, info: ValidationInfo) -> str:
        """The open measures of the department."""
        return one_of("carried", reference, info)

    @model_validator(mode="after")
    def whole(self) -> Self:
        """What is still open gets a date."""
        if self.progress is MeasureProgress.STILL_OPEN and not self.due_on:
            raise fault(N_("Measure {measure}: say by when it is to be done."), measure=self.measure)
        return self


class MeasuresAnswer(Form):
    """A department answers each of its items and each of its open measures, once."""

    heading: ClassVar[str] = N_("Answer to the quality-information form")

    answers: list[ItemAnswer] = Field(default_factory=list, title=N_("Items"), max_length=20)
    carried: list[MeasureStatus] = Field(default_factory=list, title=N_("Measures of earlier months"), max_length=200)

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The items and measures."""
        return [
            *((_(N_("Item {number}"), number=number), text) for number, text in facts["items"].items()),
            *((_(N_("Measure {reference}"), reference=one), text) for one, text in facts["carried"].items()),
        ]

    @model_validator(mode="after")
    def each_once(self, info: ValidationInfo) -> Self:
        """Nothing that was asked stays without an answer, and nothing is answered twice."""
        facts = facts_of(info)
        given = {"items": [one.item for one in self.answers], "carried": [one.measure for one in self.carried]}
        missing = [one for kind, answered in given.items() for one in facts[kind] if one not in answered]
        twice = sorted({one for answered in given.values() for one in answered if answered.count(one) > 1})
        if missing:
            raise fault(N_("These are not answered: {missing}."), missing=", ".join(missing))
        if twice:
            raise fault(N_("These are answered twice: {twice}."), twice=", ".join(twice))
        return self


class RepeatedBatch(Form):
    """The clerk decides whether repeated faults of one batch become a batch quality dispute."""

    heading: ClassVar[str] = N_("Faults of one batch repeat: open a batch quality dispute?")

    open_dispute: YesNo = Field(title=N_("Open a dispute?"))
    dealer: OptionalLine = Field(
        default="",
        title=N_("Dealer"),
        description=N_("The dealer whose goods are disputed; only if you open one."),
        json_schema_extra={"choices": "dealers"},
    )
    faulty_pieces: PiecesOrNone = Field(default=0, title=N_("Faulty pieces at this dealer"))
    reported_by: OptionalLine = Field(default="", title=N_("Whom you spoke to at the dealer's"))
    reason: Prose = Field(title=N_("Fault, or reason"), description=N_("What is disputed; or why nothing is."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The figures that propose it, and what each dealer received."""
        return [
            (_(N_("Product or part")), facts["goods"]),
            (_(N_("Batch code")), facts["batch"]),
            (_(N_("Pieces that failed")), str(facts["pieces"])),
            (_(N_("Stations")), str(facts["stations"])),
            (_(N_("Most frequent fault")), facts["fault"]),
            *(
                (name, _(N_("{pieces} pieces received"), pieces=facts["received"][code]))
                for code, name in facts["dealers"].items()
            ),
        ]

    @model_validator(mode="after")
    def names_the_dealer(self, info: ValidationInfo) -> Self:
        """A dispute is about what one dealer received."""
        if self.open_dispute is YesNo.NO:
            return self
        if not self.dealer:
            raise fault(N_("Choose the dealer whose goods are disputed."))
        one_of("dealers", self.dealer, info)
        received = facts_of(info)["received"][self.dealer]
        if not 1 <= self.faulty_pieces <= received:
            raise fault(
                N_("The faulty pieces must be between 1 and the {received} that the dealer received."),
                received=received,
            )
        if not self.reported_by:
            raise fault(N_("Say whom you spoke to at the dealer's."))
        return self
