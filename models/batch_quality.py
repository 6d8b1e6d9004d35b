"""Batch quality dispute (批量质量异议): what is reported, what is answered, how it can end. Manual 000 四.1 art. 3."""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Amount,
    Facts,
    Form,
    Instant,
    Line,
    OptionalProse,
    Pieces,
    PiecesOrNone,
    Prose,
    YesNo,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _


class Outcome(Labelled):
    """How a batch quality dispute ends."""

    ORDINARY_WARRANTY = "ordinary_warranty", N_("not a batch: ordinary warranty, piece by piece")
    NOT_CONFIRMED = "not_confirmed", N_("no quality fault: the goods stay with the dealer")
    CREDITED = "credited", N_("taken back and credited")
    REPLACED = "replaced", N_("taken back and replaced")
    NOTHING_CAME_BACK = "nothing_came_back", N_("quality fault confirmed, but no piece was left to come back")


class FindingVerdict(Labelled):
    """What the technician judges on site; a technician who cannot go says so here and is replaced."""

    QUALITY_FAULT = "quality_fault", N_("it is a quality fault")
    NO_QUALITY_FAULT = "no_quality_fault", N_("it is not a quality fault")
    CANNOT_ATTEND = "cannot_attend", N_("I cannot attend, name somebody else")


class ScopeDecision(Labelled):
    """The manual makes the recall due, so its scope can be confirmed or sent back, not refused."""

    CONFIRM = "confirm", N_("confirm the scope")
    SEND_BACK = "send_back", N_("send back once for correction")


class Remedy(Labelled):
    """What the dealer gets for the goods taken back; the dealer chooses."""

    REPLACEMENT = "replacement", N_("replacement goods")
    CREDIT = "credit", N_("credit at the delivery's price")


class AppealRuling(Labelled):
    """The customer service manager's ruling on an appeal is final inside the company (manual 000 四.1 art. 7)."""

    UPHOLD_FINDING = "uphold_finding", N_("the finding stands")
    QUALITY_FAULT = "quality_fault", N_("it is a quality fault after all: recall")


class DisputeReport(Form):
    """The dealer's objection, as the clerk registers it."""

    heading: ClassVar[str] = N_("Report of a bad batch")
    aside: ClassVar[frozenset[str]] = Form.aside | {"dealer", "reported_at"}

    dealer: Line = Field(title=N_("Dealer"), description=N_("The dealer's number in the master data, such as D-01."))
    product: Line = Field(title=N_("Product"), description=N_("The product's number in the master data."))
    batch: Line = Field(title=N_("Batch code"), description=N_("As sprayed on the goods."))
    faulty_pieces: Pieces = Field(
        title=N_("Faulty pieces"), description=N_("Pieces with the same fault; not more than were delivered.")
    )
    fault: Prose = Field(title=N_("Fault"), description=N_("What is wrong, in the dealer's words."))
    reported_at: Instant = Field(
        title=N_("Reported at"),
        description=N_("When the dealer raised it; the two days count from here. It may lie before now, not after."),
    )
    reported_by: Line = Field(title=N_("Reported by"), description=N_("The person at the dealer's."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login; clerks register reports."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another matter than the case already open for this dealer and batch."),
    )


class BatchVerdict(Form):
    """The clerk decides whether the report is a batch matter; the policy's threshold only proposes."""

    heading: ClassVar[str] = N_("Is this a batch quality matter?")

    is_batch: YesNo = Field(title=N_("Is it a batch?"))
    reason: Prose = Field(title=N_("Reason"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the threshold proposes."""
        proposed = YesNo(facts["proposal"]).label
        return [(_(N_("Pieces delivered")), str(facts["delivered"])), (_(N_("The threshold proposes")), proposed)]


class NameTechnician(Form):
    """The technology department sends a technician (技术部派技术人员上门认定)."""

    heading: ClassVar[str] = N_("Name the technician who goes to the site")

    technician: Line = Field(title=N_("Technician"), json_schema_extra={"choices": "technicians"})
    note: OptionalProse = Field(default="", title=N_("Note to the technician"))

    @field_validator("technician")
    @classmethod
    def is_a_technician(cls, login: str, info: ValidationInfo) -> str:
        """Only people who hold the technician's post can be sent."""
        return one_of("technicians", login, info)


class SiteFinding(Form):
    """The finding on site (现场认定)."""

    heading: ClassVar[str] = N_("Finding on site")

    verdict: FindingVerdict = Field(title=N_("Finding"))
    pieces_inspected: PiecesOrNone = Field(default=0, title=N_("Pieces inspected"))
    pieces_faulty: PiecesOrNone = Field(default=0, title=N_("Of these faulty"))
    pieces_on_hand: PiecesOrNone = Field(default=0, title=N_("Pieces of the batch still at the dealer's"))
    report: Prose = Field(title=N_("Report"), description=N_("What was seen and why; or why you cannot attend."))

    @property
    def settles(self) -> bool:
        """The two days run on until somebody has judged."""
        return self.verdict is not FindingVerdict.CANNOT_ATTEND

    @model_validator(mode="after")
    def counts_agree(self, info: ValidationInfo) -> Self:
        """Faulty is part of inspected, neither exceeds the delivery, and a finding needs an inspection."""
        delivered = facts_of(info)["delivered"]
        if self.verdict is FindingVerdict.CANNOT_ATTEND:
            return self
        if self.pieces_inspected < 1:
            raise fault(N_("A finding needs at least one inspected piece."))
        if self.pieces_faulty > self.pieces_inspected:
            raise fault(N_("More pieces faulty than inspected."))
        if max(self.pieces_inspected, self.pieces_on_hand) > delivered:
            raise fault(N_("More pieces than the {delivered} that were delivered."), delivered=delivered)
        if self.verdict is FindingVerdict.QUALITY_FAULT and self.pieces_faulty < 1:
            raise fault(N_("A quality fault needs at least one faulty piece."))
        return self


class RecallScope(Form):
    """The manager confirms the scope of the recall, or sends it back once."""

    heading: ClassVar[str] = N_("Confirm the scope of the recall")

    decision: ScopeDecision = Field(title=N_("Decision"))
    comment: Prose = Field(title=N_("Comment"), description=N_("When sending back: what must be corrected."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The recall list."""
        return _recall_list(facts)


class CorrectedScope(Form):
    """The technician's correction after the manager has sent the scope back."""

    heading: ClassVar[str] = N_("Correct the scope of the recall")

    pieces_on_hand: PiecesOrNone = Field(title=N_("Pieces of the batch still at the dealer's"))
    report: Prose = Field(title=N_("Correction"))

    @field_validator("pieces_on_hand")
    @classmethod
    def not_more_than_delivered(cls, pieces: int, info: ValidationInfo) -> int:
        """Nobody can hold more than was delivered."""
        if pieces > (delivered := facts_of(info)["delivered"]):
            raise fault(N_("More pieces than the {delivered} that were delivered."), delivered=delivered)
        return pieces


class ConfirmedScope(Form):
    """The second time the manager can only confirm."""

    heading: ClassVar[str] = N_("Confirm the corrected scope of the recall")

    comment: Prose = Field(title=N_("Comment"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The recall list."""
        return _recall_list(facts)


class RemedyChoice(Form):
    """The dealer's choice; the clerk enters it for the dealer."""

    heading: ClassVar[str] = N_("What does the dealer want for the goods?")

    remedy: Remedy = Field(title=N_("The dealer chooses"))
    told_by: Line = Field(title=N_("Who said so at the dealer's"))


class ArrivedLine(Form):
    """One delivery of the recall list: what came back of it this time."""

    heading: ClassVar[str] = N_("What arrived of one delivery")

    delivery: Line = Field(title=N_("Delivery"), json_schema_extra={"choices": "deliveries"})
    received: PiecesOrNone = Field(title=N_("Pieces received"))
    already_sold: PiecesOrNone = Field(default=0, title=N_("Pieces the dealer had already sold"))

    @field_validator("delivery")
    @classmethod
    def is_on_the_recall_list(cls, delivery: str, info: ValidationInfo) -> str:
        """Goods of other deliveries are entered as pieces not on the list."""
        return one_of("deliveries", delivery, info)


class GoodsArrival(Form):
    """Goods come back: in part or whole, as listed or not; they go to quarantine (待检区)."""

    heading: ClassVar[str] = N_("Goods that came back")

    lines: list[ArrivedLine] = Field(title=N_("Lines"), min_length=1, max_length=50)
    not_on_list: PiecesOrNone = Field(default=0, title=N_("Pieces that are not on the recall list"))
    waybill: Line = Field(title=N_("Waybill number"))
    more_to_come: YesNo = Field(title=N_("Is more to come?"))
    note: OptionalProse = Field(default="", title=N_("Note"))

    @property
    def pieces(self) -> int:
        """Everything that came with this arrival, listed or not."""
        return sum(line.received for line in self.lines) + self.not_on_list

    @model_validator(mode="after")
    def within_the_recall_list(self, info: ValidationInfo) -> Self:
        """What came back and what was sold cannot exceed what is still open of each delivery."""
        still_open: dict[str, int] = facts_of(info)["still_open"]
        for delivery in {line.delivery for line in self.lines}:
            entered = sum(line.received + line.already_sold for line in self.lines if line.delivery == delivery)
            if entered > still_open[delivery]:
                raise fault(
                    N_(
                        "Delivery {delivery}: {entered} pieces, but only {open} are still open; "
                        "enter the surplus as pieces not on the list."
                    ),
                    delivery=delivery,
                    entered=entered,
                    open=still_open[delivery],
                )
        return self


class ReplacementDispatch(Form):
    """The keeper confirms that the replacement has left."""

    heading: ClassVar[str] = N_("Dispatch of the replacement goods")

    waybill: Line = Field(title=N_("Waybill number"))
    dispatched_at: Instant = Field(title=N_("Dispatched at"))


class FreightBill(Form):
    """The freight of the goods taken back; the company bears it (公司承担所有运输费用)."""

    heading: ClassVar[str] = N_("Freight bill")

    carrier: Line = Field(title=N_("Carrier"))
    bill_number: Line = Field(title=N_("Bill number"))
    amount: Amount = Field(title=N_("Amount"), description=N_("In the currency of the policy."))


class Appeal(Form):
    """The dealer may appeal once; the clerk enters it for the dealer."""

    heading: ClassVar[str] = N_("Does the dealer appeal?")

    appeals: YesNo = Field(title=N_("The dealer appeals"))
    grounds: Prose = Field(title=N_("Grounds"))


class RulingOnAppeal(Form):
    """The customer service manager rules on the appeal."""

    heading: ClassVar[str] = N_("Ruling on the dealer's appeal")

    ruling: AppealRuling = Field(title=N_("Ruling"))
    reasons: Prose = Field(title=N_("Reasons"), description=N_("They go to the dealer in writing."))


def _recall_list(facts: Facts) -> list[tuple[str, str]]:
    """The whole disputed batch at the dealer, by delivery."""
    return [
        (_(N_("Delivery {delivery}"), delivery=delivery), _(N_("{pieces} pieces"), pieces=pieces))
        for delivery, pieces in facts["recall"].items()
    ]
