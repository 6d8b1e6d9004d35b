"""Repair-station development (维修点开发): training and certificates, activation, the first month.

Manual 000 五 维修点开发流程, 三 经理 C, D.
"""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Line,
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
from models.repair_station_setup import refuse_twice
from models.rules.stations import first_month_is_in_order


class AfterTraining(Labelled):
    """What follows a training that nobody passed."""

    GO_ON = "go_on", N_("go on with those who passed")
    REPEAT = "repeat", N_("repeat the training")
    REFUSE = "refuse", N_("refuse the candidate")


class ActivationChoice(Labelled):
    """The manager's last word before the address is published."""

    ACTIVATE = "activate", N_("activate the station and publish its address")
    REFUSE = "refuse", N_("refuse the candidate")


class FirstMonthChoice(Labelled):
    """What a first month that was not in order leads to."""

    KEEP = "keep", N_("keep the station, with a remark")
    SUSPEND = "suspend", N_("suspend the station")


class PassedRepairer(Form):
    """A repairer who passed."""

    heading: ClassVar[str] = N_("Certified repairer")

    repairer: Line = Field(title=N_("Repairer"), json_schema_extra={"choices": "repairers"})
    certificate_number: Line = Field(title=N_("Certificate number"))
    valid_until: Day = Field(title=N_("Valid until"), description=N_("Its last day."))

    @field_validator("repairer")
    @classmethod
    def is_on_the_sheet(cls, repairer: str, info: ValidationInfo) -> str:
        """Who is trained stands on the candidate sheet."""
        return one_of("repairers", repairer, info)


class TrainingResult(Form):
    """Training and certificates (manual 000 三 经理 D): who repairs has passed."""

    heading: ClassVar[str] = N_("Training of the station's repairers")

    held_on: Day = Field(title=N_("Held on"))
    passed: list[PassedRepairer] = Field(default_factory=list, title=N_("Who passed"), max_length=50)
    then: AfterTraining = Field(title=N_("What follows"))
    remark: OptionalProse = Field(default="", title=N_("Remark"))

    @field_validator("held_on")
    @classmethod
    def follows_the_signature(cls, day: Day, info: ValidationInfo) -> Day:
        """The company trains whom it has an agreement with."""
        if day.isoformat() < (signed := facts_of(info)["signed_on"]):
            raise fault(N_("The agreement was signed on {day}; the training cannot lie before."), day=signed)
        return day

    @model_validator(mode="after")
    def at_least_one_to_go_on(self) -> Self:
        """A station needs one certified repairer; certificates are given once, and for a station alone."""
        if (self.then is AfterTraining.GO_ON) != bool(self.passed):
            raise fault(
                N_("Go on if somebody passed, with at least one line; repeat or refuse if nobody did, with none.")
            )
        if any(one.valid_until < self.held_on for one in self.passed):
            raise fault(N_("A certificate cannot expire before its training."))
        refuse_twice(one.repairer for one in self.passed)
        refuse_twice(one.certificate_number for one in self.passed)
        return self


class Activation(Form):
    """The manager activates the station (manual 000 三 经理 C)."""

    heading: ClassVar[str] = N_("Activate the repair station?")

    decision: ActivationChoice = Field(title=N_("Decision"))
    reason: OptionalProse = Field(default="", title=N_("Reason"), description=N_("Needed to refuse."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What has been done for it."""
        return [
            (_(N_("Station")), facts["station"]),
            (_(N_("Certified repairers")), ", ".join(facts["repairers"])),
            (_(N_("Pieces on loan")), str(facts["on_loan"])),
            (_(N_("Shops that will be told")), str(facts["terminals"])),
        ]

    @model_validator(mode="after")
    def refusal_has_a_reason(self) -> Self:
        """The candidate is told why."""
        if self.decision is ActivationChoice.REFUSE and not self.reason:
            raise fault(N_("A refusal needs its reason."))
        return self


class FirstMonth(Form):
    """The office looks at the station's first month."""

    heading: ClassVar[str] = N_("Check of the station's first month")

    reports_on_time: YesNo = Field(title=N_("Repair reports came on time"))
    stock_agrees: YesNo = Field(title=N_("Its stock agrees with the books"))
    complaints: PiecesOrNone = Field(title=N_("Complaints about it"), description=N_("Their number."))
    remark: OptionalProse = Field(default="", title=N_("Remark"), description=N_("Needed if something was not right."))

    @property
    def in_order(self) -> bool:
        """Whether nothing was found."""
        return first_month_is_in_order(
            reports_on_time=self.reports_on_time is YesNo.YES,
            stock_agrees=self.stock_agrees is YesNo.YES,
            complaints=self.complaints,
        )

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books say of the station's parts."""
        return [(_(N_("Stock by the books")), ", ".join(facts["stock"]) or _(N_("none")))]

    @model_validator(mode="after")
    def what_was_found_is_said(self) -> Self:
        """The manager decides on it."""
        if not self.in_order and not self.remark:
            raise fault(N_("Something was not right; say in the remark what."))
        return self


class FirstMonthDecision(Form):
    """The manager decides on a first month that was not in order."""

    heading: ClassVar[str] = N_("What follows from the station's first month?")

    decision: FirstMonthChoice = Field(title=N_("Decision"))
    remark: Prose = Field(title=N_("Remark"), description=N_("The station is told."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the office found."""
        return [(_(N_("The office found")), facts["found"])]
