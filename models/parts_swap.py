"""Parts swap (维修配件对换): what is handed in, what is answered, how it can end. Manual 000 四.1 art. 6."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
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
from models.rules.warranty import Standing
from models.tables.repairs import Entitlement

MOST_LINES = 30


class Outcome(Labelled):
    """How a parts swap ends."""

    SWAPPED = "swapped", N_("swapped, piece for piece")
    BACK_ORDER_FILLED = "back_order_filled", N_("swapped, in part later from the back-order")
    PARTLY_SWAPPED = "partly_swapped", N_("swapped in part; the rest was refused or never came")
    SOLD = "sold", N_("nothing to swap: the station bought the parts")
    NOT_FILLED = "not_filled", N_("accepted, but the part never came")
    REFUSED = "refused", N_("refused")

    @classmethod
    def of(cls, claimed: int, accepted: Sequence["Owed"], at_once: Sequence["Owed"], at_last: Sequence["Owed"]) -> Self:
        """From the pieces claimed, those accepted, and those still owed after the first hand-over and the last."""
        if not accepted:
            return cls.REFUSED
        handed_over = pieces_of(accepted) - pieces_of(at_last)
        if not handed_over:
            return cls.NOT_FILLED
        if handed_over < claimed:
            return cls.PARTLY_SWAPPED
        if at_once:
            return cls.BACK_ORDER_FILLED
        return cls.SOLD if all(one.sold for one in accepted) else cls.SWAPPED


@dataclass(frozen=True)
class Owed:
    """Good pieces that the counter owes the station for one line: against faulty ones, or sold at `unit_price`."""

    slip: str
    part: str
    pieces: int
    sold: bool
    unit_price: Decimal | None
    currency: str

    def less(self, pieces: int) -> "Owed":
        """What is owed after `pieces` were handed over."""
        return replace(self, pieces=self.pieces - pieces)


def pieces_of(owed: Sequence[Owed]) -> int:
    """Pieces of all lines together."""
    return sum(one.pieces for one in owed)


def by_part(owed: Sequence[Owed]) -> dict[str, int]:
    """Pieces of each part, by its number."""
    pieces: Counter[str] = Counter()
    for one in owed:
        pieces[one.part] += one.pieces
    return dict(sorted(pieces.items()))


class LineDecision(Labelled):
    """What the counter decides on a line of the slip."""

    SWAP = "swap", N_("ours, faulty and in warranty: swap")
    SELL = "sell", N_("no swap: the station buys the part")
    REFUSE = "refuse", N_("refuse")


class SwapLine(Form):
    """One repair of the station: the part it fitted, for which it hands in the faulty one."""

    heading: ClassVar[str] = N_("A repair on the swap slip")

    slip: Line = Field(title=N_("Repair slip"), description=N_("The number of the station's repair slip."))
    product: Line = Field(title=N_("Product repaired"), description=N_("The product's number in the master data."))
    part: Line = Field(title=N_("Part"), description=N_("The part's number in the master data."))
    pieces: Pieces = Field(title=N_("Pieces"), description=N_("Pieces of the part fitted in this repair."))
    batch: OptionalLine = Field(
        default="",
        title=N_("Batch code"),
        description=N_("As sprayed on the faulty part; empty if it cannot be read."),
    )
    fault: Line = Field(title=N_("Fault"))
    purchased_on: Day | None = Field(
        default=None, title=N_("Purchased on"), description=N_("By the proof of purchase; empty without one.")
    )
    received_on: Day = Field(title=N_("Received on"), description=N_("When the consumer brought it to the station."))
    done_on: Day = Field(title=N_("Repaired on"))
    entitlement: Entitlement = Field(title=N_("Who bears it, says the station"))

    @field_validator("received_on")
    @classmethod
    def was_bought_before(cls, received_on: date, info: ValidationInfo) -> date:
        """Nobody brings in what is not bought yet."""
        purchased_on = info.data.get("purchased_on")
        if purchased_on and received_on < purchased_on:
            raise fault(N_("This lies before the purchase on {day}."), day=purchased_on)
        return received_on

    @field_validator("done_on")
    @classmethod
    def was_received_before(cls, done_on: date, info: ValidationInfo) -> date:
        """A repair is done after it was brought in."""
        received_on = info.data.get("received_on")
        if received_on and done_on < received_on:
            raise fault(N_("This lies before the day it was received, {day}."), day=received_on)
        return done_on


class SwapSlip(Form):
    """The slip with which a station hands in faulty parts at a counter."""

    heading: ClassVar[str] = N_("Swap slip")
    aside: ClassVar[frozenset[str]] = Form.aside | {"station"}

    station: Line = Field(title=N_("Station"), description=N_("The station's number, such as R-01."))
    counter: Line = Field(
        title=N_("Counter"), description=N_("The office or distributor that swaps, such as B-01 or D-01.")
    )
    lines: list[SwapLine] = Field(title=N_("Repairs"), min_length=1, max_length=MOST_LINES)
    registered_by: Line = Field(
        title=N_("Registered by"), description=N_("Your login; the counter's people register slips, and clerks.")
    )


class CounterCheckLine(Form):
    """What the counter decides on one repair; the faulty part is the evidence."""

    heading: ClassVar[str] = N_("Decision on a repair")

    slip: Line = Field(title=N_("Repair slip"), json_schema_extra={"choices": "slips"})
    decision: LineDecision = Field(title=N_("Decision"))
    pieces: PiecesOrNone = Field(
        default=0,
        title=N_("Pieces"),
        description=N_("Faulty pieces handed over, or pieces the station buys; not more than the slip has."),
    )
    reason: OptionalProse = Field(
        default="",
        title=N_("Reason"),
        description=N_("Needed when refusing, or for fewer pieces; it goes to the station."),
    )

    @field_validator("slip")
    @classmethod
    def is_on_the_slip(cls, slip: str, info: ValidationInfo) -> str:
        """Only what was handed in is decided."""
        return one_of("slips", slip, info)

    @model_validator(mode="after")
    def keeps_to_the_terms(self, info: ValidationInfo) -> Self:
        """Refusals have reasons; no faulty part, no new part; out of warranty nothing is swapped."""
        line = facts_of(info)["lines"][self.slip]
        claimed = line["pieces"]
        if self.decision is LineDecision.REFUSE:
            if not self.reason:
                raise fault(N_("Give the reason for refusing; it goes to the station."))
            return self
        if line["standing"] == Standing.NEEDS_RULING:
            raise fault(N_("The table of terms does not name this; it needs a ruling, so refuse it with that reason."))
        if not 1 <= self.pieces <= claimed:
            raise fault(
                N_("No faulty part, no new part: enter 1 to {pieces} pieces, or refuse the line."), pieces=claimed
            )
        if self.pieces < claimed and not self.reason:
            raise fault(N_("Say why it is fewer than {pieces} pieces; it goes to the station."), pieces=claimed)
        if self.decision is LineDecision.SELL and line["price"] is None:
            raise fault(N_("The part has no price in the master data, so it cannot be sold."))
        if self.decision is LineDecision.SWAP and not line["free"]:
            raise fault(
                N_("Out of warranty, or caused by people: no swap. The station may buy the part, or refuse the line.")
            )
        return self


class CounterCheck(Form):
    """The counter checks each repair: is the part ours, faulty, of the listed kinds, in warranty?"""

    heading: ClassVar[str] = N_("Check the faulty parts")

    lines: list[CounterCheckLine] = Field(title=N_("Decisions"), min_length=1, max_length=MOST_LINES)

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the terms say of each repair, and what the station says."""
        return [(facts["slips"][slip], _standing_of(line)) for slip, line in facts["lines"].items()]

    @model_validator(mode="after")
    def decides_each_line_once(self, info: ValidationInfo) -> Self:
        """Every repair of the slip has one decision."""
        decided = Counter(line.slip for line in self.lines)
        if twice := [slip for slip, times in decided.items() if times > 1]:
            raise fault(N_("Decided twice: {slips}."), slips=", ".join(twice))
        if undecided := [slip for slip in facts_of(info)["slips"] if slip not in decided]:
            raise fault(N_("Still to be decided: {slips}."), slips=", ".join(undecided))
        return self


#: What the table of terms says of a repair, as people read it.
_STANDINGS = {
    Standing.IN_TERM: N_("in warranty until {last_day}"),
    Standing.BEYOND_TERM: N_("the warranty ended on {last_day}"),
    Standing.NOT_COVERED: N_("no warranty on this kind"),
    Standing.NO_PROOF: N_("no proof of purchase and no readable day of making: out of warranty"),
    Standing.NEEDS_RULING: N_("needs a ruling: the table of terms does not name this"),
}
_PROMISES = {"repair": N_("repair"), "replace": N_("replacement"), "none": N_("nothing promised")}


def _standing_of(line: Facts) -> str:
    said = _(_STANDINGS[Standing(line["standing"])], last_day=line["last_day"])
    if line["promise"]:
        said += f" ({_(_PROMISES[line['promise']])})"
    said += "; " + _(N_("the station says: {entitlement}"), entitlement=Entitlement(line["claimed"]).label)
    if not line["free"] and line["price"] is not None:
        said += "; " + _(
            N_("the station may buy it at {price} {currency}, the consumer may be charged {charge} {currency} a piece"),
            price=line["price"],
            charge=line["charge"],
            currency=line["currency"],
        )
    return said
