"""Urgent quality notice (质量信息反馈单): what is reported, what quality and the department say, how it can end.

Manual 000 三 内勤 D and 一.3: quality information is passed on to the departments; what is urgent does not wait for the
month's form.
"""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.feedback_reports import BatchCode
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


class NoticeOutcome(Labelled):
    """How an urgent quality notice ends."""

    SOLVED = "solved", N_("solved: the measure works")
    REJECTED = "rejected", N_("rejected: no quality fault")
    UNSOLVED = "unsolved", N_("not solved: manager and vice-president were told, the measure stays open")


class Reception(Labelled):
    """What quality says to a notice when it acknowledges it."""

    ACCEPTED = "accepted", N_("a quality fault; a department must act")
    REJECTED = "rejected", N_("no quality fault")


class UrgentNotice(Form):
    """Something about a product or part that the departments must know at once."""

    heading: ClassVar[str] = N_("Urgent quality notice")

    goods: Line = Field(title=N_("Product or part"), description=N_("The number in the master data, such as LX-019."))
    batch: BatchCode = Field(default="", title=N_("Batch code"), description=N_("As sprayed, if readable."))
    fault: Prose = Field(title=N_("Fault"), description=N_("What is wrong, and under what conditions."))
    pieces: PiecesOrNone = Field(default=0, title=N_("Pieces"), description=N_("0 if it is not known."))
    danger: YesNo = Field(title=N_("Danger to people?"))
    seen_at: OptionalLine = Field(
        default="", title=N_("Where"), description=N_("The number of the dealer, station or office, if it was there.")
    )
    photos: OptionalProse = Field(default="", title=N_("Photos"), description=N_("What they show, and where they are."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another matter than the notice already open for these goods."),
    )


class NoticeVerdict(Form):
    """Quality acknowledges the notice, judges it and names the department that must act."""

    heading: ClassVar[str] = N_("Acknowledge the urgent quality notice")

    reception: Reception = Field(title=N_("Verdict"))
    reason: Prose = Field(title=N_("Reason"))
    department: OptionalLine = Field(
        default="",
        title=N_("Department responsible"),
        description=N_("If it is a quality fault."),
        json_schema_extra={"choices": "departments"},
    )
    design_defect: YesNo = Field(title=N_("Is it a fault of the design?"))
    dispute_at: OptionalLine = Field(
        default="",
        title=N_("Open a batch quality dispute for dealer"),
        description=N_("Only if the whole batch at this dealer is in question."),
        json_schema_extra={"choices": "dealers"},
    )
    dispute_pieces: PiecesOrNone = Field(default=0, title=N_("Faulty pieces at this dealer"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What dealers received of the batch."""
        return [
            (name, _(N_("{pieces} pieces received"), pieces=facts["received"][code]))
            for code, name in facts["dealers"].items()
        ]

    @model_validator(mode="after")
    def whole(self, info: ValidationInfo) -> Self:
        """A quality fault has a department, one that is none has neither department nor dispute."""
        if self.reception is Reception.REJECTED:
            if self.department or self.dispute_at or self.design_defect is YesNo.YES:
                raise fault(N_("Without a quality fault there is no department, no fault of the design, no dispute."))
            return self
        if not self.department:
            raise fault(N_("Name the department that must act."))
        one_of("departments", self.department, info)
        if self.dispute_at:
            one_of("dealers", self.dispute_at, info)
            received = facts_of(info)["received"][self.dispute_at]
            if not 1 <= self.dispute_pieces <= received:
                raise fault(
                    N_("The faulty pieces must be between 1 and the {received} that the dealer received."),
                    received=received,
                )
        return self


class NoticeMeasure(Form):
    """The department's answer: cause, measure, date."""

    heading: ClassVar[str] = N_("Answer the urgent quality notice")

    cause: Prose = Field(title=N_("Cause"))
    measure: Prose = Field(title=N_("Measure"))
    done_by: Day = Field(title=N_("To be done by"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Why the first answer came back."""
        return [(_(N_("Quality says")), facts["comment"])] if facts["comment"] else []

    @field_validator("done_by")
    @classmethod
    def not_before_the_notice(cls, day: Day, info: ValidationInfo) -> Day:
        """A measure against a fault comes after its notice."""
        if day.isoformat() < (noticed := facts_of(info)["noticed_on"]):
            raise fault(N_("This is before the notice, which came on {day}."), day=noticed)
        return day


class MeasureProof(Form):
    """Quality checks that the measure works; it may send it back once."""

    heading: ClassVar[str] = N_("Does the measure work?")

    works: YesNo = Field(title=N_("It works"))
    comment: Prose = Field(title=N_("How it was checked, or what is missing"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Cause, measure and date."""
        return [
            (_(N_("Cause")), facts["cause"]),
            (_(N_("Measure")), facts["measure"]),
            (_(N_("To be done by")), facts["done_by"]),
        ]
