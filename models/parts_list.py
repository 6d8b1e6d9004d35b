"""Parts return (维修配件返厂): the return list (返厂清单), its check and its approval.

Manual 000 五 维修配件返厂、对换流程; 三 内勤 C for the check, 三 经理 B for the approval.
"""

from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import Facts, Form, Line, OptionalLine, Pieces, Prose, facts_of, fault, one_of
from models.labels import Labelled
from models.language import N_, _


class ListState(Labelled):
    """What the clerk finds; a list is sent back once."""

    IN_ORDER = "in_order", N_("in order")
    SEND_BACK = "send_back", N_("send back once for correction")


class ReturnLine(Form):
    """Faulty pieces of one part and batch that go to the factory."""

    heading: ClassVar[str] = N_("A line of the return list")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    batch: OptionalLine = Field(
        default="", title=N_("Batch code"), description=N_("As the ledger has it; empty if it could not be read.")
    )
    pieces: Pieces = Field(title=N_("Pieces"))
    fault: Line = Field(title=N_("Fault"), description=N_("In a few words."))
    station: Line = Field(title=N_("Came from"), json_schema_extra={"choices": "stations"})

    @field_validator("part")
    @classmethod
    def is_in_the_ledger(cls, part: str, info: ValidationInfo) -> str:
        """Only what the ledger has can be returned."""
        return one_of("parts", part, info)

    @field_validator("station")
    @classmethod
    def is_a_source(cls, station: str, info: ValidationInfo) -> str:
        """The ledger says from whom faulty parts came."""
        return one_of("stations", station, info)


class LeftBehind(Form):
    """The special-case statement (特殊情况说明): why pieces of a part do not go along."""

    heading: ClassVar[str] = N_("Why pieces are not returned")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    reason: Prose = Field(title=N_("Reason"))

    @field_validator("part")
    @classmethod
    def is_in_the_ledger(cls, part: str, info: ValidationInfo) -> str:
        """What the ledger does not have need not be explained."""
        return one_of("parts", part, info)


class ReturnList(Form):
    """The return list (返厂清单): all of the faulty ledger, or less with a reason, never more."""

    heading: ClassVar[str] = N_("Draw up the return list")

    lines: list[ReturnLine] = Field(default=[], title=N_("Lines"), max_length=200)
    left_behind: list[LeftBehind] = Field(
        default=[],
        title=N_("Special-case statements"),
        description=N_("For each part of which pieces are not on the list."),
        max_length=200,
    )

    def pieces_of(self, part: str, batch: str | None = None) -> int:
        """Pieces on the list of a part, or of one batch of it."""
        return sum(one.pieces for one in self.lines if one.part == part and batch in {None, one.batch})

    @model_validator(mode="after")
    def within_the_ledger(self, info: ValidationInfo) -> Self:
        """Not more of any part or batch than the ledger has; where it is less, there is a reason."""
        ledger: dict[str, dict[str, int]] = facts_of(info)["ledger"]
        for part, batch in {(one.part, one.batch) for one in self.lines}:
            held, listed = ledger[part].get(batch, 0), self.pieces_of(part, batch)
            if listed > held:
                raise fault(
                    N_("{part}, batch {batch}: {listed} pieces are listed, but the ledger has {held}."),
                    part=part,
                    batch=batch or "–",
                    listed=listed,
                    held=held,
                )
        explained = {one.part for one in self.left_behind}
        for part, batches in ledger.items():
            held, listed = sum(batches.values()), self.pieces_of(part)
            if listed < held and part not in explained:
                raise fault(
                    N_("{part}: {listed} of {held} pieces are listed; add a statement why the others stay."),
                    part=part,
                    listed=listed,
                    held=held,
                )
            if listed == held and part in explained:
                raise fault(N_("{part} is listed whole; take its statement away."), part=part)
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The faulty ledger, what of it is overdue, and what was wrong with the first list."""
        lines = [
            (
                _(N_("{part}, batch {batch}"), part=facts["parts"][part], batch=batch or "–"),
                _(N_("{pieces} pieces"), pieces=pieces),
            )
            for part, batches in facts["ledger"].items()
            for batch, pieces in batches.items()
        ]
        overdue = [
            (
                _(N_("{part}: longer than {days} days here"), part=part, days=facts["window"]),
                _(N_("{pieces} pieces; they are charged if they stay"), pieces=pieces),
            )
            for part, pieces in facts["overdue"].items()
        ]
        remark = [(_(N_("Wrong with the first list")), facts["remark"])] if facts["remark"] else []
        return [*remark, *lines, *overdue]


class ListCheck(Form):
    """The clerk compares the list with the ledger and with the repair reports (manual 000 三 内勤 C)."""

    heading: ClassVar[str] = N_("Check the return list against ledger and repair reports")

    state: ListState = Field(title=N_("The list is"))
    comment: Prose = Field(title=N_("Comment"), description=N_("When sending back: what is wrong."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Part by part: list, ledger, repairs."""
        return _compared(facts)


class CutLine(Form):
    """A line that the manager takes off the list."""

    heading: ClassVar[str] = N_("A line that does not go along")

    line: Line = Field(title=N_("Line"), json_schema_extra={"choices": "lines"})
    reason: Prose = Field(title=N_("Reason"))

    @field_validator("line")
    @classmethod
    def is_on_the_list(cls, line: str, info: ValidationInfo) -> str:
        """Only what is on the list can be cut."""
        return one_of("lines", line, info)


class ListApproval(Form):
    """The manager reviews what is returned (manual 000 三 经理 B)."""

    heading: ClassVar[str] = N_("Approve the return list")

    comment: Prose = Field(title=N_("Comment"))
    cuts: list[CutLine] = Field(default=[], title=N_("Lines to cut"), max_length=200)
    excused: list[Annotated[Line, Field(json_schema_extra={"choices": "parts"})]] = Field(
        default=[],
        title=N_("Parts that may stay without a charge"),
        description=N_("Where you accept why overdue pieces stay; all other overdue pieces are charged."),
        max_length=200,
    )

    @field_validator("excused")
    @classmethod
    def are_in_the_ledger(cls, excused: list[str], info: ValidationInfo) -> list[str]:
        """Only parts of the sender's ledger can be excused."""
        return [one_of("parts", part, info) for part in excused]

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Part by part, the statements, and what would be charged."""
        statements = [(_(N_("{part} stays"), part=part), reason) for part, reason in facts["left_behind"].items()]
        overdue = [
            (_(N_("{part}: overdue and not listed"), part=part), _(N_("{pieces} pieces"), pieces=pieces))
            for part, pieces in facts["overdue"].items()
        ]
        return [*_compared(facts), *statements, *overdue]


def _compared(facts: Facts) -> list[tuple[str, str]]:
    """One line a part: list, ledger, repairs recorded by slip, and what the two differ by."""
    return [
        (
            facts["parts"][part],
            _(
                N_(
                    "listed {listed} of {ledger} in the ledger; taken in so far {taken_in}, "
                    "repairs recorded by slip {repaired}, difference {difference}"
                ),
                **row,
            ),
        )
        for part, row in facts["compared"].items()
    ]
