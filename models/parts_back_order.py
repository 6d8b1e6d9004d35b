"""Back-orders of a parts swap (欠件): what the counter does not hold, and how it comes.

Manual 000 三 经理 B, 四.1 art. 6.
"""

from datetime import date
from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Instant,
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
from models.parts_swap import MOST_LINES


class StockNews(Labelled):
    """What the counter can say of a back-order that waits."""

    HERE = "here", N_("stock is here: hand it over")
    LATER = "later", N_("not yet: another day is promised")
    NEVER = "never", N_("it will not come: the station keeps its faulty part")


class BackOrderDate(Form):
    """What the counter does not hold is promised for a day."""

    heading: ClassVar[str] = N_("Back-order: until when do you get the parts?")

    promised_on: Day = Field(title=N_("Promised for"), description=N_("The station is told this day."))
    note: OptionalProse = Field(default="", title=N_("Note to the station"))

    @field_validator("promised_on")
    @classmethod
    def lies_ahead(cls, promised_on: date, info: ValidationInfo) -> date:
        """A promise is for today or later."""
        return _not_past(promised_on, info)

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is owed, and that the consumer waits."""
        return [*_owed_parts(facts), _three_days()]


class EmergencyIssue(Form):
    """The manager may approve an issue of single items the same day (manual 000 三 经理 B)."""

    heading: ClassVar[str] = N_("Emergency issue of parts to the counter")

    approved: YesNo = Field(title=N_("Approve the issue"))
    reason: Prose = Field(title=N_("Reason"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is owed, what the counter promised, and that the consumer waits."""
        return [*_owed_parts(facts), (_(N_("Promised for")), facts["promised_on"]), _three_days()]


class IssueDispatch(Form):
    """The keeper confirms that the parts have left for the counter."""

    heading: ClassVar[str] = N_("Dispatch of the parts to the counter")

    waybill: Line = Field(title=N_("Waybill number"))
    dispatched_at: Instant = Field(title=N_("Dispatched at"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is to leave."""
        return _owed_parts(facts)


class IssuedPart(Form):
    """One part of the issue: how many pieces the counter counted."""

    heading: ClassVar[str] = N_("What arrived of one part")

    part: Line = Field(title=N_("Part"), json_schema_extra={"choices": "parts"})
    received: PiecesOrNone = Field(title=N_("Pieces received"))

    @field_validator("part")
    @classmethod
    def was_dispatched(cls, part: str, info: ValidationInfo) -> str:
        """Other parts are no part of this issue."""
        return one_of("parts", part, info)

    @model_validator(mode="after")
    def not_more_than_dispatched(self, info: ValidationInfo) -> Self:
        """More than was sent cannot have come of it."""
        if self.received > (sent := facts_of(info)["pieces"][self.part]):
            raise fault(N_("Only {sent} pieces of {part} were dispatched."), sent=sent, part=self.part)
        return self


class IssueArrival(Form):
    """The counter counts what arrived; what is missing is booked as such."""

    heading: ClassVar[str] = N_("Count the parts that arrived")

    lines: list[IssuedPart] = Field(title=N_("Parts"), min_length=1, max_length=MOST_LINES)
    note: OptionalProse = Field(default="", title=N_("Note"), description=N_("Needed if pieces are missing."))

    @model_validator(mode="after")
    def counts_each_part_once(self, info: ValidationInfo) -> Self:
        """Every part of the issue is counted, and what is missing is explained."""
        sent: dict[str, int] = facts_of(info)["pieces"]
        if sorted(line.part for line in self.lines) != sorted(sent):
            raise fault(N_("Count each part once: {parts}."), parts=", ".join(sent))
        if not self.note and any(line.received < sent[line.part] for line in self.lines):
            raise fault(N_("Pieces are missing; say in the note what is known of them."))
        return self


class BackOrderStock(Form):
    """Without an emergency issue the counter says when stock has come by other ways."""

    heading: ClassVar[str] = N_("Back-order: has stock come?")

    news: StockNews = Field(title=N_("Stock"))
    promised_on: Day | None = Field(
        default=None, title=N_("Promised for"), description=N_("Only if it has not come yet; the station is told.")
    )
    note: OptionalProse = Field(default="", title=N_("Note to the station"))

    @field_validator("promised_on")
    @classmethod
    def lies_ahead(cls, promised_on: date | None, info: ValidationInfo) -> date | None:
        """A promise is for today or later, and only for what has not come."""
        if info.data.get("news") is StockNews.LATER and promised_on is None:
            raise fault(N_("Name the day until which the parts will be there."))
        return promised_on and _not_past(promised_on, info)

    @field_validator("note")
    @classmethod
    def says_why_nothing_comes(cls, note: str, info: ValidationInfo) -> str:
        """The station hears why its part never comes."""
        if info.data.get("news") is StockNews.NEVER and not note:
            raise fault(N_("Tell the station why the part will not come."))
        return note

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is owed, what the books say is there, and that the consumer waits."""
        there = [
            (_(N_("On hand by the books: {part}"), part=facts["parts"][part]), str(pieces))
            for part, pieces in facts["on_hand"].items()
        ]
        return [*_owed_parts(facts), *there, _three_days()]


def _not_past(promised_on: date, info: ValidationInfo) -> date:
    if promised_on < (today := date.fromisoformat(facts_of(info)["today"])):
        raise fault(N_("This lies in the past; today is {today}."), today=today)
    return promised_on


def _owed_parts(facts: Facts) -> list[tuple[str, str]]:
    return [(facts["parts"][part], _(N_("{pieces} pieces"), pieces=pieces)) for part, pieces in facts["pieces"].items()]


def _three_days() -> tuple[str, str]:
    """What a station promised its consumer does not wait for parts (manual 000 四.2 art. 2)."""
    return _(N_("The consumer")), _(N_("The three days promised to the consumer run on (manual 000 四.2 art. 2)."))
