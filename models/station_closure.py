"""Closing a repair station (维修点撤销): its neighbour, its parts, its last settlement.

Manual 000 五 维修点开发流程, 四.2 art. 1.
"""

from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from models.forms import Facts, Form, Line, OptionalProse, PiecesOrNone, Prose, YesNo, facts_of, fault, one_of
from models.labels import Labelled
from models.language import N_, _
from models.repair_station_setup import refuse_twice
from models.rules.stations import missing_pieces

#: What is answered where no station is near.
NOBODY = "none"


class NeighbourChoice(Form):
    """The station to which consumers are sent from now on."""

    heading: ClassVar[str] = N_("Name the neighbouring station")

    neighbour: Line = Field(title=N_("Neighbouring station"), json_schema_extra={"choices": "neighbours"})
    note: OptionalProse = Field(default="", title=N_("Note to the shops"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Those that the same office answers for."""
        return [(_(N_("Of the same office")), ", ".join(facts["proposed"]) or "–")]

    @field_validator("neighbour")
    @classmethod
    def is_active(cls, neighbour: str, info: ValidationInfo) -> str:
        """A consumer is sent to a station that repairs."""
        return one_of("neighbours", neighbour, info)


class LoanSentBack(Form):
    """The station sends back what it had on loan."""

    heading: ClassVar[str] = N_("Send back the parts on loan")

    waybill: Line = Field(title=N_("Waybill number"))
    note: OptionalProse = Field(default="", title=N_("Note"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books know at the station."""
        return [(_(N_("Stock by the books")), ", ".join(facts["stock"]))]


class CountedLoan(Form):
    """What came back of one part."""

    heading: ClassVar[str] = N_("What came back of one part")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    good: PiecesOrNone = Field(title=N_("Good pieces"))
    faulty: PiecesOrNone = Field(default=0, title=N_("Faulty pieces"))

    @field_validator("part")
    @classmethod
    def is_listed(cls, part: str, info: ValidationInfo) -> str:
        """Only what the books knew at the station can come back from it."""
        return one_of("parts", part, info)


class LoanCount(Form):
    """The keeper counts what came back; what is not named did not come."""

    heading: ClassVar[str] = N_("Count the parts that came back from the station")

    lines: list[CountedLoan] = Field(title=N_("Parts"), max_length=200)
    note: OptionalProse = Field(default="", title=N_("Note"))

    def of(self, part: str) -> tuple[int, int]:
        """Good and faulty pieces of a part."""
        return next(((line.good, line.faulty) for line in self.lines if line.part == part), (0, 0))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the station should have sent."""
        listed = facts["listed"].items()
        return [(facts["parts"][part], _(N_("{pieces} pieces"), pieces=pieces)) for part, pieces in listed]

    @field_validator("lines")
    @classmethod
    def not_more_than_listed(cls, lines: list[CountedLoan], info: ValidationInfo) -> list[CountedLoan]:
        """One line a part, and no piece that the books did not know there."""
        refuse_twice(line.part for line in lines)
        for line in lines:
            listed = facts_of(info)["listed"][line.part]
            if missing_pieces(listed, line.good, line.faulty) < 0:
                raise fault(
                    N_("By the books the station had {listed} pieces of {part}, good and faulty together."),
                    listed=listed,
                    part=line.part,
                )
        return lines


class Claimed(Labelled):
    """Whether the station wants something yet."""

    SOMETHING = "something", N_("the station claims something")
    NOTHING = "nothing", N_("the station claims nothing more")


class LastClaims(Form):
    """What the station still wants from the company; silence is nothing."""

    heading: ClassVar[str] = N_("What does the station still claim?")

    claims: Claimed = Field(title=N_("Answer"))
    detail: Prose = Field(title=N_("In detail"), description=N_("Repair slips, fees, amounts; or who said so."))


class LastSettlement(Form):
    """Finance confirms the last settlement; deposit and debt are booked as the books have them."""

    heading: ClassVar[str] = N_("Confirm the last settlement with the station")

    sheet_number: Line = Field(title=N_("Settlement sheet"), description=N_("Its number."))
    claims_settled: YesNo = Field(title=N_("All claims of the station are settled"))
    remark: OptionalProse = Field(default="", title=N_("Remark"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books say, and what the station claims."""
        return [
            (_(N_("Deposit held")), facts["deposit"]),
            (_(N_("The station owes")), facts["owed"]),
            (_(N_("Of the deposit paid back")), facts["paid_back"]),
            (_(N_("The station claims")), facts["claims"] or "–"),
        ]

    @field_validator("claims_settled")
    @classmethod
    def nothing_is_left(cls, settled: YesNo) -> YesNo:
        """The deposit goes back with the last settlement, not before."""
        if settled is YesNo.NO:
            raise fault(N_("Settle the station's claims first; then confirm."))
        return settled
