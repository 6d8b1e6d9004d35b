"""Loss or damage in transit (承运方索赔): what is reported and answered, how it can end. Manual 000 四.1 art. 4.

The customer claims on the carrier and the company helps; the company promises no compensation.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, model_validator

from models.final_ruling import OptionalDay
from models.forms import (
    Amount,
    Day,
    Facts,
    Form,
    Instant,
    Line,
    OptionalProse,
    Pieces,
    Prose,
    YesNo,
    facts_of,
    fault,
)
from models.labels import Labelled
from models.language import N_, _


class Outcome(Labelled):
    """How a claim on a carrier ends."""

    SETTLED = "settled", N_("the carrier paid all that was claimed")
    SETTLED_IN_PART = "settled_in_part", N_("the carrier paid a part")
    REFUSED_BY_CARRIER = "refused_by_carrier", N_("the carrier refused; the way to the courts is the customer's")
    PACKING_FAULT = "packing_fault", N_("the factory's packing was at fault: it goes on as a claim")
    NOT_PURSUED = "not_pursued", N_("the customer does not pursue it")


class Mishap(Labelled):
    """What happened to the goods on their way."""

    DAMAGE = "damage", N_("damage")
    LOSS = "loss", N_("loss")


class Cause(Labelled):
    """What logistics finds to be the cause."""

    TRANSIT = "transit", N_("it happened in transit")
    FACTORY_PACKING = "factory_packing", N_("the factory's packing was at fault")


class CarrierChosenBy(Labelled):
    """Who chose the carrier deals with it: our logistics for the customer, or the customer with our help."""

    COMPANY = "company", N_("the company recommended it")
    CUSTOMER = "customer", N_("the customer chose it")


class CarrierReply(Labelled):
    """What the carrier answers."""

    ACCEPTS = "accepts", N_("it pays all that is claimed")
    OFFERS_LESS = "offers_less", N_("it offers less")
    REFUSES = "refuses", N_("it refuses")


class OfferAnswer(Labelled):
    """What the customer says to an offer; only the customer can accept it."""

    ACCEPT = "accept", N_("accept the offer")
    ASK_FOR_MORE = "ask_for_more", N_("ask the carrier for more")
    GIVE_UP = "give_up", N_("give the claim up")


class TransitReport(Form):
    """The customer's report of goods lost or damaged on their way."""

    heading: ClassVar[str] = N_("Loss or damage in transit")
    aside: ClassVar[frozenset[str]] = Form.aside | {"customer", "reported_at"}

    customer: Line = Field(
        title=N_("Customer"), description=N_("The number of the dealer or station in the master data, such as D-01.")
    )
    delivery: Line = Field(title=N_("Delivery"), description=N_("Its number in the master data."))
    waybill: Line = Field(title=N_("Waybill number"))
    carrier: Line = Field(
        title=N_("Carrier"), description=N_("Its number in the master data, such as K-01, or its name.")
    )
    received_at: Instant = Field(
        title=N_("Received at"), description=N_("When the goods arrived, or should have; the times count from here.")
    )
    mishap: Mishap = Field(title=N_("What happened"))
    pieces: Pieces = Field(title=N_("Pieces lost or damaged"))
    value: Amount = Field(
        default=Decimal(0),
        title=N_("Amount claimed"),
        description=N_("Leave 0 for the full price of the pieces; it may be lower, not higher."),
    )
    reserve_noted: YesNo = Field(
        title=N_("Was it noted on the waybill?"), description=N_("A reserve that the carrier's driver signed for.")
    )
    photos: Prose = Field(title=N_("Photos"), description=N_("Which there are, and what they show."))
    reported_at: Instant = Field(
        title=N_("Reported at"), description=N_("When the customer told us; it may lie before now, not after.")
    )
    reported_by: Line = Field(title=N_("Reported by"), description=N_("The person at the customer's."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another mishap than the one already open for this delivery and waybill."),
    )

    @model_validator(mode="after")
    def reported_after_receipt(self) -> Self:
        """The goods arrive, then somebody looks at them."""
        if self.reported_at < self.received_at:
            raise fault(N_("The report cannot lie before the receipt of the goods."))
        return self


class CauseFinding(Form):
    """Logistics decides whether it happened in transit or the packing was at fault."""

    heading: ClassVar[str] = N_("Transit or packing: what was the cause?")

    cause: Cause = Field(title=N_("Cause"))
    carrier_chosen_by: CarrierChosenBy = Field(title=N_("Who chose the carrier?"))
    reason: Prose = Field(title=N_("Reason"), description=N_("What the packing, the photos and the waybill show."))


class TransitPapers(Form):
    """What logistics adds to the claim file: the papers of the carriage."""

    heading: ClassVar[str] = N_("Add the papers of the carriage to the claim file")

    packing_list: Line = Field(title=N_("Packing list"), description=N_("Its number."))
    contract: Prose = Field(
        title=N_("Contract of carriage"), description=N_("Its number, the carrier's liability and notice period.")
    )
    insured: YesNo = Field(title=N_("Were the goods insured?"))
    survey: Prose = Field(title=N_("Survey"), description=N_("Who looked at the damage and what was found."))


class TransitFile(Form):
    """What the clerk adds to the claim file, and whether the customer claims at all."""

    heading: ClassVar[str] = N_("Complete the claim file with the customer")

    pursues: YesNo = Field(title=N_("Does the customer claim on the carrier?"))
    signatory: Line = Field(title=N_("Who signs for the customer"))
    statement: Prose = Field(title=N_("Statement of the customer"), description=N_("What happened at the receipt."))
    photos: Prose = Field(title=N_("Photos that go along"), description=N_("One line for each, with its number."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is claimed, and who claims."""
        return [
            (_(N_("Amount claimed")), f"{facts['claimed']} {facts['currency']}"),
            (_(N_("Who claims")), _(N_("the customer; the company helps and promises no compensation"))),
        ]


class ClaimSent(Form):
    """The customer has signed the letter and sent it, or does not claim after all."""

    heading: ClassVar[str] = N_("Did the customer send the claim to the carrier?")

    sent: YesNo = Field(title=N_("Was it sent?"))
    sent_on: OptionalDay = Field(default=None, title=N_("Sent on"))
    how: OptionalProse = Field(
        default="", title=N_("How"), description=N_("By which way and number; or why it was not sent.")
    )

    @model_validator(mode="after")
    def a_sent_letter_has_its_day(self, info: ValidationInfo) -> Self:
        """What was sent can be shown later."""
        if self.sent is YesNo.YES and not (self.sent_on and self.how):
            raise fault(N_("Write on which day and by which way it was sent."))
        received_on = facts_of(info)["received_on"]
        if self.sent_on and self.sent_on < date.fromisoformat(received_on):
            raise fault(N_("The goods came on {day}; the claim cannot have been sent before."), day=received_on)
        return self


class CarrierAnswer(Form):
    """The carrier's answer to the claim, entered by whoever deals with it."""

    heading: ClassVar[str] = N_("What does the carrier answer?")

    reply: CarrierReply = Field(title=N_("Answer"))
    offered: Amount = Field(
        default=Decimal(0), title=N_("Amount offered"), description=N_("Only if it offers less than is claimed.")
    )
    reasons: Prose = Field(title=N_("Reasons"), description=N_("In the carrier's words."))

    @model_validator(mode="after")
    def less_is_something_and_not_all(self, info: ValidationInfo) -> Self:
        """An offer of nothing is a refusal, one of everything an acceptance."""
        claimed = Decimal(facts_of(info)["claimed"])
        if self.reply is CarrierReply.OFFERS_LESS and not 0 < self.offered < claimed:
            raise fault(N_("An offer lies between 0 and the {claimed} that are claimed."), claimed=claimed)
        if self.reply is not CarrierReply.OFFERS_LESS and self.offered:
            raise fault(N_("Write an amount only if the carrier offers less than is claimed."))
        return self


class OfferDecision(Form):
    """The customer decides on the carrier's offer; the clerk enters it for the customer."""

    heading: ClassVar[str] = N_("What does the customer say to the carrier's offer?")

    answer: OfferAnswer = Field(title=N_("The customer's answer"))
    told_by: Line = Field(title=N_("Who said so at the customer's"))

    @model_validator(mode="after")
    def asks_for_more_while_it_can(self, info: ValidationInfo) -> Self:
        """Haggling ends after the policy's number of offers."""
        if self.answer is OfferAnswer.ASK_FOR_MORE and facts_of(info)["is_last"]:
            raise fault(N_("This was the last offer waited for: the customer accepts it or gives the claim up."))
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Claimed and offered."""
        return [
            (_(N_("Amount claimed")), f"{facts['claimed']} {facts['currency']}"),
            (_(N_("Amount offered")), f"{facts['offered']} {facts['currency']}"),
        ]


class CarrierPayment(Form):
    """The customer has the carrier's money; it never was the company's."""

    heading: ClassVar[str] = N_("What did the customer receive from the carrier?")

    amount: Amount = Field(title=N_("Amount received"))
    received_on: Day = Field(title=N_("Received on"))
    reference: Line = Field(title=N_("Reference"), description=N_("Of the bank transfer or the receipt."))

    @model_validator(mode="after")
    def not_more_than_agreed(self, info: ValidationInfo) -> Self:
        """What was agreed, or a part of it; nothing is no settlement."""
        agreed = facts_of(info)["agreed"]
        if not 0 < self.amount <= Decimal(agreed):
            raise fault(N_("The carrier owes {agreed}; write what came of it, more than 0."), agreed=agreed)
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was agreed."""
        return [(_(N_("Amount agreed")), f"{facts['agreed']} {facts['currency']}")]
