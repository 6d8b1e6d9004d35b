"""Parts return (维修配件返厂), at the factory: the count and the verdict.

Manual 000 五 维修配件返厂、对换流程.
"""

from collections.abc import Iterable
from typing import ClassVar, Protocol, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
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

Tally = dict[str, int]


class VerdictState(Labelled):
    """The manager confirms a verdict, or sends it back once."""

    CONFIRM = "confirm", N_("confirm the verdict")
    SEND_BACK = "send_back", N_("send back once")


class _OfAPart(Protocol):
    @property
    def part(self) -> str: ...


def each_part_once(lines: Iterable[_OfAPart], expected: Iterable[str]) -> None:
    """Raises a fault if a part stands in two lines, or one of `expected` in none."""
    parts = [line.part for line in lines]
    for part in parts:
        if parts.count(part) > 1:
            raise fault(N_("{part} stands in two lines; add them up."), part=part)
    for part in expected:
        if part not in parts:
            raise fault(N_("{part} is missing; enter it too, with 0 if there is none."), part=part)


def not_more_than(most: Tally, entered: Tally) -> None:
    """Raises a fault if more pieces of a part were entered than there can be."""
    for part, pieces in entered.items():
        if pieces > most[part]:
            raise fault(
                N_("{part}: {entered} pieces are entered; at most {most} are possible."),
                part=part,
                entered=pieces,
                most=most[part],
            )


def tally(facts: Facts, name: str) -> list[tuple[str, str]]:
    """Part and pieces of the tally `name` of the facts, as people read them."""
    return [(facts["parts"][part], _(N_("{pieces} pieces"), pieces=pieces)) for part, pieces in facts[name].items()]


class PartLine(Form):
    """A line about one part, of those that the question is about."""

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})

    @field_validator("part")
    @classmethod
    def is_asked_for(cls, part: str, info: ValidationInfo) -> str:
        """Only parts that the question names."""
        return one_of("parts", part, info)


class CountedPart(PartLine):
    """What the factory counted of one part."""

    heading: ClassVar[str] = N_("Counted of one part")

    counted: PiecesOrNone = Field(title=N_("Pieces counted"))


class FactoryCount(Form):
    """The factory's warehouse counts against the list; what is not on it is counted as well."""

    heading: ClassVar[str] = N_("Count what arrived against the return list")

    lines: list[CountedPart] = Field(title=N_("Lines"), min_length=1, max_length=200)
    note: OptionalProse = Field(default="", title=N_("Note"))

    @property
    def arrived(self) -> Tally:
        """Pieces that are here, by part."""
        return {line.part: line.counted for line in self.lines if line.counted}

    @model_validator(mode="after")
    def everything_listed_is_counted(self, info: ValidationInfo) -> Self:
        """A part that did not come is counted with none."""
        each_part_once(self.lines, facts_of(info)["listed"])
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The list."""
        return tally(facts, "listed")


class DifferenceExplanation(Form):
    """The sender explains a difference; silence accepts the factory's count."""

    heading: ClassVar[str] = N_("Explain why the factory's count differs from your list")

    accepted: YesNo = Field(title=N_("Do you accept the factory's count?"))
    explanation: Prose = Field(title=N_("Explanation"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was listed, what was counted."""
        return [
            (part, _(N_("{listed} listed, {counted} counted"), listed=listed, counted=counted))
            for part, (listed, counted) in facts["differences"].items()
        ]


class PartVerdict(PartLine):
    """What quality finds of one part; the five add up to the count."""

    heading: ClassVar[str] = N_("Verdict on one part")

    own_quality: PiecesOrNone = Field(default=0, title=N_("Our quality fault"))
    repairable: PiecesOrNone = Field(default=0, title=N_("Repairable"))
    human_cause: PiecesOrNone = Field(default=0, title=N_("Caused by people"))
    out_of_warranty: PiecesOrNone = Field(default=0, title=N_("Out of warranty"))
    not_ours: PiecesOrNone = Field(default=0, title=N_("Not our part"))

    @property
    def exchanged(self) -> int:
        """Pieces for which the sender gets a good one each: our own fault, repairable or not."""
        return self.own_quality + self.repairable

    @property
    def refused(self) -> int:
        """Pieces for which it gets none."""
        return self.human_cause + self.out_of_warranty + self.not_ours


class InspectionVerdict(Form):
    """The quality department judges every piece that was counted."""

    heading: ClassVar[str] = N_("Judge the returned parts")

    lines: list[PartVerdict] = Field(title=N_("Lines"), min_length=1, max_length=200)
    findings: Prose = Field(title=N_("Findings"), description=N_("They go to the sender in writing."))

    @property
    def exchanged(self) -> Tally:
        """Pieces that are exchanged one for one, by part."""
        return {line.part: line.exchanged for line in self.lines if line.exchanged}

    @property
    def refused(self) -> Tally:
        """Pieces that are not exchanged, by part."""
        return {line.part: line.refused for line in self.lines if line.refused}

    @property
    def repairable(self) -> Tally:
        """Pieces that go to the workshop, by part."""
        return {line.part: line.repairable for line in self.lines if line.repairable}

    @property
    def own_quality(self) -> Tally:
        """Pieces with a fault of ours that nobody can repair, by part."""
        return {line.part: line.own_quality for line in self.lines if line.own_quality}

    @model_validator(mode="after")
    def every_piece_is_judged(self, info: ValidationInfo) -> Self:
        """No piece is judged twice, and none is left out."""
        counted: Tally = facts_of(info)["counted"]
        each_part_once(self.lines, counted)
        for line in self.lines:
            if (judged := line.exchanged + line.refused) != counted[line.part]:
                raise fault(
                    N_("{part}: {judged} pieces are judged, but {counted} were counted."),
                    part=line.part,
                    judged=judged,
                    counted=counted[line.part],
                )
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The count, and what the manager wants looked at again."""
        remark = [(_(N_("Look again at")), facts["remark"])] if facts["remark"] else []
        return [*remark, *tally(facts, "counted")]


class VerdictReview(Form):
    """The manager confirms the verdict or sends it back once (manual 000 三 经理 B)."""

    heading: ClassVar[str] = N_("Confirm the verdict on the returned parts")

    state: VerdictState = Field(title=N_("Decision"))
    comment: Prose = Field(title=N_("Comment"), description=N_("When sending back: what to look at again."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The verdict."""
        return [(title, text) for title, text in facts["verdict"]]


class VerdictConfirmation(Form):
    """The second time the manager can only confirm."""

    heading: ClassVar[str] = N_("Confirm the second verdict on the returned parts")

    comment: Prose = Field(title=N_("Comment"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The verdict."""
        return [(title, text) for title, text in facts["verdict"]]
