"""Repair-station development (维修点开发): the agreement, and the parts that the station gets on loan.

Manual 000 五 维修点开发流程, 三 内勤 A. Training and start stand in `models.repair_station_start`.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

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
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _

_NUMBER = r"^$|^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Signature(Labelled):
    """What the candidate does with the agreement."""

    SIGNED = "signed", N_("signed, both copies")
    WITHDRAWS = "withdraws", N_("the candidate withdraws")


class Founding(Labelled):
    """Whether a signed agreement made a station, or what stood in its way."""

    DONE = "done", N_("the station is in the books")
    NUMBER_TAKEN = "number_taken", N_("the number of the station was given to another party")
    AGREEMENT_TAKEN = "agreement_taken", N_("another station has this agreement number")
    AREA_TAKEN = "area_taken", N_("another station serves the area alone")


class Agreement(Form):
    """The agreement (维修点协议) in two copies, and the numbers under which the station enters the books."""

    heading: ClassVar[str] = N_("Agreement with the repair station")

    signature: Signature = Field(title=N_("Signature"))
    agreement_number: OptionalLine = Field(default="", title=N_("Agreement number"))
    signed_on: Day | None = Field(default=None, title=N_("Signed on"))
    term_months: Annotated[int, Field(ge=1, le=120, strict=True)] | None = Field(
        default=None, title=N_("Term in months"), description=N_("Empty: as the policy says.")
    )
    deposit: Amount | None = Field(
        default=None, title=N_("Deposit received"), description=N_("In the currency of the policy; empty: as it says.")
    )
    station_number: OptionalLine = Field(
        default="",
        pattern=_NUMBER,
        max_length=40,
        title=N_("Number of the station"),
        description=N_("Under it the station enters the master data; it stays for ever."),
    )
    note: OptionalProse = Field(default="", title=N_("Note"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the policy proposes, the next number, and what stood in the way of the last answer."""
        return [
            (_(N_("Next free number of a station")), facts["next_number"]),
            (_(N_("Term in months")), str(facts["term_months"])),
            (_(N_("Deposit")), facts["deposit"]),
            *((_(N_("In the way")), one) for one in facts["in_the_way"]),
        ]

    @field_validator("station_number")
    @classmethod
    def is_free(cls, number: str, info: ValidationInfo) -> str:
        """A number is given once."""
        if number in facts_of(info)["taken_numbers"]:
            raise fault(
                N_("{number} is taken; the next free number is {next}."),
                number=number,
                next=facts_of(info)["next_number"],
            )
        return number

    @field_validator("signed_on")
    @classmethod
    def follows_the_application(cls, day: Day | None, info: ValidationInfo) -> Day | None:
        """The agreement is the last thing that is signed."""
        if day is not None and day.isoformat() < (applied := facts_of(info)["applied_on"]):
            raise fault(N_("The candidate applied on {day}; the agreement cannot lie before."), day=applied)
        return day

    @model_validator(mode="after")
    def signed_has_its_numbers(self) -> Self:
        """A signed agreement has a number and a day, and makes a station."""
        if self.signature is Signature.SIGNED and not (
            self.agreement_number and self.signed_on and self.station_number
        ):
            raise fault(N_("A signed agreement needs its number, its day and the number of the station."))
        return self


class PartOnLoan(Form):
    """Pieces of one part."""

    heading: ClassVar[str] = N_("Part on loan")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    pieces: Pieces = Field(title=N_("Pieces"))

    @field_validator("part")
    @classmethod
    def is_a_part_for_stations(cls, part: str, info: ValidationInfo) -> str:
        """Only the kinds of parts that the policy lends."""
        return one_of("parts", part, info)


class LoanDispatch(Form):
    """The keeper sends the opening stock, which stays the company's."""

    heading: ClassVar[str] = N_("Send the opening stock on loan")

    lines: list[PartOnLoan] = Field(title=N_("Parts"), min_length=1, max_length=100)
    waybill: Line = Field(title=N_("Waybill number"))
    note: OptionalProse = Field(
        default="", title=N_("Note"), description=N_("Why it differs from what the policy proposes.")
    )

    @property
    def pieces(self) -> dict[str, int]:
        """Pieces by part."""
        return {line.part: line.pieces for line in self.lines}

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the policy proposes, by kind of part."""
        return [(kind, _(N_("{pieces} pieces"), pieces=pieces)) for kind, pieces in facts["proposed"].items()]

    @field_validator("lines")
    @classmethod
    def each_part_once(cls, lines: list[PartOnLoan]) -> list[PartOnLoan]:
        """One line a part, or the arrival could not be compared with it."""
        refuse_twice(line.part for line in lines)
        return lines

    @model_validator(mode="after")
    def a_difference_has_a_reason(self, info: ValidationInfo) -> Self:
        """The policy proposes; who sends something else says why."""
        facts = facts_of(info)
        sent: Counter[str] = Counter()
        for line in self.lines:
            sent[facts["kinds"][line.part]] += line.pieces
        if dict(sent) != facts["proposed"] and not self.note:
            raise fault(N_("This differs from what the policy proposes; say why in the note."))
        return self


class ReceivedPart(Form):
    """What came of one part."""

    heading: ClassVar[str] = N_("What arrived of one part")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    pieces: PiecesOrNone = Field(title=N_("Pieces received"))

    @field_validator("part")
    @classmethod
    def was_sent(cls, part: str, info: ValidationInfo) -> str:
        """Only what the keeper sent can arrive."""
        return one_of("parts", part, info)


class LoanArrival(Form):
    """The station counts what it got; a part that it does not name did not come."""

    heading: ClassVar[str] = N_("Arrival of the opening stock at the station")

    lines: list[ReceivedPart] = Field(title=N_("Parts"), min_length=1, max_length=100)
    note: OptionalProse = Field(default="", title=N_("Note"))

    @property
    def pieces(self) -> dict[str, int]:
        """Pieces by part."""
        return {line.part: line.pieces for line in self.lines}

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the keeper sent."""
        return [(facts["parts"][part], _(N_("{pieces} pieces"), pieces=sent)) for part, sent in facts["sent"].items()]

    @field_validator("lines")
    @classmethod
    def not_more_than_was_sent(cls, lines: list[ReceivedPart], info: ValidationInfo) -> list[ReceivedPart]:
        """One line a part, and no piece that nobody sent."""
        refuse_twice(line.part for line in lines)
        for line in lines:
            if line.pieces > (sent := facts_of(info)["sent"][line.part]):
                raise fault(N_("Of {part} only {sent} pieces were sent."), part=line.part, sent=sent)
        return lines


def refuse_twice(names: Iterable[str]) -> None:
    """Raises a fault for a name that stands in two lines, of which nobody would know which one counts."""
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise fault(N_("{name} stands here twice."), name=twice[0])
