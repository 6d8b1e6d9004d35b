"""What stations and offices report of a month (维修报表): repairs, what users said, what the departments should know.

Manual 000 三 内勤 C and D, 一.3.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Amount,
    Day,
    Facts,
    Form,
    Line,
    OptionalLine,
    OptionalProse,
    Pieces,
    PiecesOrNone,
    Prose,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _
from models.tables.repairs import Entitlement


class Urgency(Labelled):
    """Whether something can wait for the month's form; what cannot becomes an urgent notice at once."""

    ORDINARY = "ordinary", N_("can wait for the month's form")
    URGENT = "urgent", N_("urgent: the departments must know at once")
    DANGER = "danger", N_("urgent: danger to people")


#: The code on goods as people type it; codes are printed in capitals.
BatchCode = Annotated[OptionalLine, AfterValidator(str.upper)]


class ReportedItem(Form):
    """Something that a station or an office wants the departments to know."""

    heading: ClassVar[str] = N_("Observation")

    goods: Line = Field(title=N_("Product or part"), json_schema_extra={"choices": "goods"})
    batch: BatchCode = Field(default="", title=N_("Batch code"))
    problem: Prose = Field(title=N_("What was observed"))
    pieces: PiecesOrNone = Field(default=0, title=N_("Pieces"))
    urgency: Urgency = Field(title=N_("Urgency"))

    @field_validator("goods")
    @classmethod
    def is_known(cls, code: str, info: ValidationInfo) -> str:
        """Products and parts of the master data."""
        return one_of("goods", code, info)


class ReportedRepair(Form):
    """One line of the repair report (维修报表): a slip of the station."""

    heading: ClassVar[str] = N_("Repair")

    slip: Line = Field(title=N_("Slip number"), description=N_("The station's own number; each stands here once."))
    product: Line = Field(title=N_("Product"), json_schema_extra={"choices": "products"})
    part: OptionalLine = Field(
        default="",
        title=N_("Part changed"),
        description=N_("Empty if none was changed."),
        json_schema_extra={"choices": "parts"},
    )
    pieces: Pieces = Field(title=N_("Pieces"), description=N_("Of the part, or of the product if no part was changed."))
    batch: OptionalLine = Field(default="", title=N_("Batch code"), description=N_("Of the faulty piece, if readable."))
    fault: Line = Field(title=N_("Fault"))
    entitlement: Entitlement = Field(title=N_("Who bears it"))
    purchased_on: Day | None = Field(default=None, title=N_("Purchased on"))
    received_on: Day = Field(title=N_("Received on"))
    done_on: Day | None = Field(default=None, title=N_("Done on"), description=N_("Empty if it is not done yet."))
    fee: Amount = Field(default=Decimal(0), title=N_("Fee"), description=N_("What the company owes for the work."))
    charged: Amount = Field(default=Decimal(0), title=N_("Charged"), description=N_("What the consumer paid."))

    @field_validator("product")
    @classmethod
    def is_a_product(cls, code: str, info: ValidationInfo) -> str:
        """Products of the master data."""
        return one_of("products", code, info)

    @field_validator("part")
    @classmethod
    def is_a_part(cls, code: str, info: ValidationInfo) -> str:
        """Parts of the master data, or none."""
        return one_of("parts", code, info) if code else code

    @model_validator(mode="after")
    def days_follow_each_other(self, info: ValidationInfo) -> Self:
        """Bought, received, done; nothing after the month. An earlier month's repair may be reported late."""
        if self.purchased_on and self.purchased_on > self.received_on:
            raise fault(N_("Slip {slip}: received before it was purchased."), slip=self.slip)
        if self.done_on and self.done_on < self.received_on:
            raise fault(N_("Slip {slip}: done before it was received."), slip=self.slip)
        last = date.fromisoformat(facts_of(info)["last_day"])
        if max(self.received_on, self.done_on or self.received_on) > last:
            raise fault(N_("Slip {slip}: this is after the month, which ends on {last}."), slip=self.slip, last=last)
        return self

    @model_validator(mode="after")
    def paid_by_one_side(self) -> Self:
        """Within the warranty the company bears it, beyond it the consumer (manual 000 四.1 art. 1)."""
        if self.entitlement is Entitlement.IN_WARRANTY and self.charged:
            raise fault(N_("Slip {slip}: within the warranty nothing is charged to the consumer."), slip=self.slip)
        if self.entitlement is not Entitlement.IN_WARRANTY and self.fee:
            raise fault(N_("Slip {slip}: the company owes a fee only within the warranty."), slip=self.slip)
        return self


class MonthlyRepairReport(Form):
    """The repair report of a station (维修报表), with what users said (manual 000 一.3)."""

    heading: ClassVar[str] = N_("Repair report of the month")

    lines: list[ReportedRepair] = Field(default_factory=list, title=N_("Repairs"), max_length=200)
    no_repairs: bool = Field(
        default=False, title=N_("No repairs this month"), description=N_("Tick this only if there is no line above.")
    )
    opinions: OptionalProse = Field(default="", title=N_("What users said"))
    items: list[ReportedItem] = Field(
        default_factory=list,
        title=N_("Observations"),
        max_length=20,
        description=N_("What is urgent goes to the departments as soon as this report is taken in."),
    )

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Which month is meant."""
        return [(_(N_("Month")), facts["month"])]

    @model_validator(mode="after")
    def says_so_if_there_were_none(self) -> Self:
        """An empty report is said to be empty, and each slip stands in it once."""
        if not self.lines and not self.no_repairs:
            raise fault(N_("Enter the repairs of the month, or tick «No repairs this month»."))
        if self.lines and self.no_repairs:
            raise fault(N_("There are lines of repairs, but «No repairs this month» is ticked."))
        slips = [line.slip for line in self.lines]
        if twice := sorted({slip for slip in slips if slips.count(slip) > 1}):
            raise fault(N_("These slips stand here twice: {slips}."), slips=", ".join(twice))
        return self


class MonthlyOfficeReport(Form):
    """What an office adds to the reports of its stations."""

    heading: ClassVar[str] = N_("Report of the office on the month")

    remarks: OptionalProse = Field(default="", title=N_("Remarks"), description=N_("Also on stations that are silent."))
    items: list[ReportedItem] = Field(default_factory=list, title=N_("Observations"), max_length=20)

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Which stations of the office reported, and which did not."""
        return [
            (_(N_("Month")), facts["month"]),
            (_(N_("Stations that reported")), ", ".join(facts["reported"]) or "–"),
            (_(N_("Stations without a report")), ", ".join(facts["silent"]) or "–"),
        ]
