"""Parts return (维修配件返厂), what follows the verdict: exchange, refusal, rework, scrap.

Manual 000 五 维修配件返厂、对换流程.
"""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, model_validator

from models.forms import Facts, Form, Instant, Line, OptionalProse, PiecesOrNone, Prose, facts_of
from models.labels import Labelled
from models.language import N_
from models.parts_inspection import PartLine, Tally, each_part_once, not_more_than, tally
from models.sections.parts_return import RefusedGoods


class ScrapDecision(Labelled):
    """What is decided about pieces that nobody can use."""

    SCRAP = "scrap", N_("scrap them")
    KEEP = "keep", N_("keep them where they are")


class ExchangeDispatch(Form):
    """The keeper sends a good part for each that was accepted."""

    heading: ClassVar[str] = N_("Send good parts for those that were accepted")

    waybill: Line = Field(title=N_("Waybill number"))
    carrier: Line = Field(title=N_("Carrier"))
    dispatched_at: Instant = Field(title=N_("Dispatched at"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What goes."""
        return tally(facts, "exchanged")


class ArrivedPart(PartLine):
    """What the sender got of one part."""

    heading: ClassVar[str] = N_("Good pieces of one part")

    received: PiecesOrNone = Field(title=N_("Good pieces received"))


class ExchangeArrival(Form):
    """The sender confirms the good parts; what is missing is named."""

    heading: ClassVar[str] = N_("Confirm the good parts that arrived")

    lines: list[ArrivedPart] = Field(title=N_("Lines"), min_length=1, max_length=200)

    @property
    def received(self) -> Tally:
        """Pieces that arrived, by part."""
        return {line.part: line.received for line in self.lines}

    @model_validator(mode="after")
    def not_more_than_was_sent(self, info: ValidationInfo) -> Self:
        """Each part that was sent is confirmed, with as many pieces at most."""
        sent: Tally = facts_of(info)["exchanged"]
        each_part_once(self.lines, sent)
        not_more_than(sent, self.received)
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was sent."""
        return tally(facts, "exchanged")


class RefusedChoice(Form):
    """The sender says what becomes of the pieces that are not exchanged."""

    heading: ClassVar[str] = N_("What becomes of the parts that are not exchanged?")

    choice: RefusedGoods = Field(title=N_("The sender wants to"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is refused."""
        return tally(facts, "refused")


class RefusedDispatch(Form):
    """The keeper sends refused pieces back, freight collect."""

    heading: ClassVar[str] = N_("Send the refused parts back, freight collect")

    waybill: Line = Field(title=N_("Waybill number"))
    carrier: Line = Field(title=N_("Carrier"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What goes back."""
        return tally(facts, "refused")


class ReworkedPart(PartLine):
    """What the workshop could repair of one part."""

    heading: ClassVar[str] = N_("Repaired of one part")

    repaired: PiecesOrNone = Field(title=N_("Pieces repaired"))


class ReworkReport(Form):
    """The workshop reports how many could be repaired; the rest is for scrap."""

    heading: ClassVar[str] = N_("Report on the parts that were to be repaired")

    lines: list[ReworkedPart] = Field(title=N_("Lines"), min_length=1, max_length=200)
    note: OptionalProse = Field(default="", title=N_("Note"))

    @property
    def repaired(self) -> Tally:
        """Pieces that are good again, by part."""
        return {line.part: line.repaired for line in self.lines}

    @model_validator(mode="after")
    def not_more_than_came(self, info: ValidationInfo) -> Self:
        """Each part that came is reported on, with as many pieces at most."""
        came: Tally = facts_of(info)["repairable"]
        each_part_once(self.lines, came)
        not_more_than(came, self.repaired)
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What came."""
        return tally(facts, "repairable")


class ScrapApproval(Form):
    """The company's own parts that nobody can use are scrapped only with approval."""

    heading: ClassVar[str] = N_("May these parts be scrapped?")

    decision: ScrapDecision = Field(title=N_("Decision"))
    comment: Prose = Field(title=N_("Comment"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is for scrap."""
        return tally(facts, "scrap")
