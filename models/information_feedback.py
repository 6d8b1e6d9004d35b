"""Monthly information feedback (信息反馈): how it begins and ends, what clerk and manager say of a month.

Manual 000 三 经理 F, 三 内勤 C, D and E, 五 信息反馈流程.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from models.feedback_reports import BatchCode, Urgency
from models.forms import Facts, Form, Line, OptionalProse, Prose, YesNo, fault, one_of
from models.labels import Labelled
from models.language import N_, _
from models.rules.feedback import is_month


class Outcome(Labelled):
    """How a month's feedback ends: the form went out in any case."""

    ISSUED = "issued", N_("the form went out")
    ISSUED_WITH_GAPS = "issued_with_gaps", N_("the form went out, with gaps that it names")


class GapKind(Labelled):
    """What did not come in before the form went out."""

    STATION = "station", N_("no repair report came in")
    OFFICE = "office", N_("no report of the office came in")
    CHECK = "check", N_("the figures were not checked")
    ANALYSIS = "analysis", N_("there is no analysis")


@dataclass(frozen=True)
class Gap:
    """Something that the form goes out without; `who` is the station's or office's name, or the post's role."""

    kind: GapKind
    who: str


def _month(text: str) -> str:
    if not is_month(text):
        raise fault(N_("Write the month with year and two digits, such as 2026-11."))
    return text


class MonthToReport(Form):
    """The month whose information is gathered."""

    heading: ClassVar[str] = N_("Monthly information feedback")

    month: Annotated[Line, AfterValidator(_month)] = Field(
        title=N_("Month"), description=N_("The month reported on, such as 2026-11; it must be over.")
    )
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))


class FiguresCheck(Form):
    """The clerk checks the tables (统计、汇总, manual 000 三 内勤 C and D)."""

    heading: ClassVar[str] = N_("Check the month's figures")

    agree: YesNo = Field(title=N_("Do the figures agree?"))
    remarks: OptionalProse = Field(
        default="", title=N_("Remarks"), description=N_("They stand on the form; needed if the figures do not agree.")
    )

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Figures, differences and gaps."""
        return [
            (_(N_("Repairs")), str(facts["repairs"])),
            (_(N_("Fees")), facts["fees"]),
            *counted_hint(facts),
            *((_(N_("Difference")), one) for one in facts["differences"]),
            *((_(N_("Gap")), one) for one in facts["gaps"]),
        ]

    @model_validator(mode="after")
    def says_what_differs(self) -> Self:
        """Who says that something is wrong says what."""
        if self.agree is YesNo.NO and not self.remarks:
            raise fault(N_("Say in the remarks what does not agree."))
        return self


class AnalysisItem(Form):
    """An item of the form: a problem, and what the responsible department is asked for."""

    heading: ClassVar[str] = N_("Item of the form")

    goods: Line = Field(title=N_("Product or part"), json_schema_extra={"choices": "goods"})
    batch: BatchCode = Field(default="", title=N_("Batch code"))
    problem: Prose = Field(title=N_("Problem"))
    department: Line = Field(title=N_("Department responsible"), json_schema_extra={"choices": "departments"})
    asked: Prose = Field(title=N_("Measure asked for"))
    urgency: Urgency = Field(title=N_("Urgency"))

    @field_validator("goods")
    @classmethod
    def is_known(cls, code: str, info: ValidationInfo) -> str:
        """Products and parts of the master data."""
        return one_of("goods", code, info)

    @field_validator("department")
    @classmethod
    def gets_the_form(cls, role: str, info: ValidationInfo) -> str:
        """Only departments that get the form can be asked in it."""
        return one_of("departments", role, info)


class QualityAnalysis(Form):
    """The manager's analysis of the month's quality and service information (manual 000 三 经理 F)."""

    heading: ClassVar[str] = N_("Analysis for the quality-information form")

    summary: Prose = Field(title=N_("Analysis"), description=N_("It stands at the head of the form."))
    items: list[AnalysisItem] = Field(default_factory=list, title=N_("Items"), max_length=20)
    nothing_to_ask: bool = Field(
        default=False, title=N_("No measure is asked for"), description=N_("Tick this only if there is no item above.")
    )

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Figures, repeated faults, open measures of earlier months, gaps."""
        return [
            *counted_hint(facts),
            *((_(N_("Repeated fault")), one) for one in facts["repeated"]),
            *((_(N_("Measure of an earlier month")), one) for one in facts["carried"]),
            *((_(N_("Gap")), one) for one in facts["gaps"]),
        ]

    @model_validator(mode="after")
    def asks_or_says_that_it_does_not(self) -> Self:
        """A form without items is meant so."""
        if not self.items and not self.nothing_to_ask:
            raise fault(N_("Enter at least one item, or tick «No measure is asked for»."))
        if self.items and self.nothing_to_ask:
            raise fault(N_("There are items, but «No measure is asked for» is ticked."))
        return self


def counted_hint(facts: Facts) -> list[tuple[str, str]]:
    """The most frequent products, parts and faults: names and pieces."""
    titles = {"products": N_("Product"), "parts": N_("Part"), "faults": N_("Fault")}
    counted: dict[str, list[Any]] = facts["counted"]
    return [
        (_(titles[kind]), _(N_("{name}: {pieces} pieces"), name=name, pieces=pieces))
        for kind, lines in counted.items()
        for name, pieces in lines
    ]
