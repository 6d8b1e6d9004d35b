"""Claim on a supplier (供应商索赔): what is claimed, what is answered, how it can end. Manual 000 三 经理 B."""

import re
from decimal import Decimal
from typing import ClassVar, Self

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
    Prose,
    facts_of,
    fault,
)
from models.labels import Labelled
from models.language import N_, _


class Outcome(Labelled):
    """How a claim on a supplier ends."""

    RECOVERED = "recovered", N_("the supplier paid what was claimed")
    PARTLY_RECOVERED = "partly_recovered", N_("the supplier paid a part of what was claimed")
    GIVEN_UP = "given_up", N_("the claim was given up")


class Stand(Labelled):
    """Where the supplier stands."""

    ACCEPTS = "accepts", N_("accepts the claim")
    IN_PART = "in_part", N_("accepts a part of it")
    REFUSES = "refuses", N_("refuses the claim")


class ClaimStep(Labelled):
    """What the manager does about an answer that is less than was claimed; insisting is possible once."""

    ACCEPT = "accept", N_("take what the supplier offers")
    INSIST = "insist", N_("insist, once")
    GIVE_UP = "give_up", N_("give the claim up")


class ClaimedGoods(Form):
    """Pieces of one batch that the supplier delivered and that failed."""

    heading: ClassVar[str] = N_("Goods that the supplier delivered")

    product: Line = Field(title=N_("Part or product"), description=N_("Its number in the master data."))
    batch: OptionalLine = Field(
        default="", title=N_("Batch code"), description=N_("Leave it empty if it could not be read.")
    )
    pieces: Pieces = Field(title=N_("Pieces"))


class SupplierClaimReport(Form):
    """The claim as it is registered: the company has served its customer first, now the supplier answers for it."""

    heading: ClassVar[str] = N_("Claim on a supplier")
    aside: ClassVar[frozenset[str]] = Form.aside | {"supplier"}

    supplier: Line = Field(title=N_("Supplier"), description=N_("The supplier's number, such as V-01."))
    lines: list[ClaimedGoods] = Field(title=N_("Goods"), min_length=1, max_length=100)
    amount: Amount = Field(
        title=N_("Amount claimed"), description=N_("Write 0 if it is not known yet; purchasing states it then.")
    )
    currency: Line = Field(default="CNY", title=N_("Currency"), description=N_("Its three letters, such as CNY."))
    grounds: Prose = Field(title=N_("Grounds"), description=N_("The fault, and why the supplier answers for it."))
    evidence: Prose = Field(title=N_("Evidence"), description=N_("Old parts, findings, reports."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another matter than the claim already open for these goods."),
    )

    @field_validator("currency")
    @classmethod
    def is_a_currency(cls, currency: str) -> str:
        """Three capital letters, as banks write it."""
        if not re.fullmatch("[A-Z]{3}", currency):
            raise fault(N_("Write the currency's three letters, such as CNY."))
        return currency

    @model_validator(mode="after")
    def each_batch_once(self) -> Self:
        """Pieces of one batch stand in one line."""
        named = [(line.product, line.batch) for line in self.lines]
        for product, batch in named:
            if named.count((product, batch)) > 1:
                raise fault(
                    N_("{product}, batch {batch}, stands in two lines; add them up."),
                    product=product,
                    batch=batch or "–",
                )
        return self


class ClaimConfirmation(Form):
    """Purchasing confirms the claim, and with that it goes to the supplier."""

    heading: ClassVar[str] = N_("Confirm the claim and send it to the supplier")

    amount: Amount = Field(title=N_("Amount claimed"), description=N_("In the currency of the claim."))
    note: OptionalProse = Field(default="", title=N_("Note to the supplier"))

    @field_validator("amount")
    @classmethod
    def is_something(cls, amount: Decimal) -> Decimal:
        """A claim for nothing is none."""
        if not amount:
            raise fault(N_("A claim needs an amount above 0."))
        return amount

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was registered."""
        return [(_(N_("Amount registered")), f"{facts['amount']} {facts['currency']}")]


class SupplierAnswer(Form):
    """What the supplier says to the claim; purchasing enters it for the supplier."""

    heading: ClassVar[str] = N_("What does the supplier answer to the claim?")

    answer: Stand = Field(title=N_("The supplier"))
    amount: Amount = Field(
        default=Decimal(0), title=N_("Amount accepted"), description=N_("Only if it is a part of what was claimed.")
    )
    reason: OptionalProse = Field(default="", title=N_("The supplier's reasons"))
    told_by: Line = Field(title=N_("Who said so at the supplier's"))

    @model_validator(mode="after")
    def amount_fits_the_answer(self, info: ValidationInfo) -> Self:
        """A part is more than nothing and less than all, and whoever does not accept all says why."""
        claimed = Decimal(facts_of(info)["claimed"])
        if self.answer is Stand.IN_PART and not 0 < self.amount < claimed:
            raise fault(N_("A part of the claim lies between 0 and {claimed}."), claimed=claimed)
        if self.answer is Stand.ACCEPTS and self.amount not in {0, claimed}:
            raise fault(N_("Who accepts the claim accepts {claimed}; choose a part of it instead."), claimed=claimed)
        if self.answer is Stand.REFUSES and self.amount:
            raise fault(N_("Who refuses the claim accepts no amount."))
        if self.answer is not Stand.ACCEPTS and not self.reason:
            raise fault(N_("Write the supplier's reasons."))
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was claimed."""
        return [(_(N_("Amount claimed")), str(facts["claimed"]))]


class ClaimDecision(Form):
    """The manager decides what follows an answer that is less than was claimed."""

    heading: ClassVar[str] = N_("The supplier does not accept the whole claim: what now?")

    decision: ClaimStep = Field(title=N_("Decision"))
    reason: Prose = Field(title=N_("Reason"), description=N_("When insisting, it goes to the supplier."))

    @field_validator("decision")
    @classmethod
    def is_still_possible(cls, decision: ClaimStep, info: ValidationInfo) -> ClaimStep:
        """There must be an offer to take, and the company insists once."""
        facts = facts_of(info)
        if decision is ClaimStep.ACCEPT and not Decimal(facts["offered"]):
            raise fault(N_("The supplier offers nothing that could be taken; insist or give the claim up."))
        if decision is ClaimStep.INSIST and not facts["may_insist"]:
            raise fault(N_("The company has insisted once; take what is offered or give the claim up."))
        return decision

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What was claimed, what is offered."""
        return [
            (_(N_("Amount claimed")), str(facts["claimed"])),
            (_(N_("Amount offered")), str(facts["offered"])),
            (_(N_("The supplier's reasons")), str(facts["reason"])),
        ]


class OldPartsHandover(Form):
    """The old parts are the proof; the keeper hands them over to the supplier."""

    heading: ClassVar[str] = N_("Hand the old parts over to the supplier")

    waybill: Line = Field(title=N_("Waybill number"))
    carrier: Line = Field(title=N_("Carrier"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is in quarantine for it."""
        return [(name, _(N_("{pieces} pieces"), pieces=pieces)) for name, pieces in facts["old_parts"].items()]


class MoneyReceived(Form):
    """Finance confirms that the supplier has paid."""

    heading: ClassVar[str] = N_("Has the supplier paid?")

    amount: Amount = Field(title=N_("Amount received"), description=N_("In the currency of the claim."))
    received_on: Day = Field(title=N_("Received on"))
    reference: Line = Field(title=N_("Payment reference"))

    @field_validator("amount")
    @classmethod
    def is_what_was_agreed(cls, amount: Decimal, info: ValidationInfo) -> Decimal:
        """Less is no settlement; it is confirmed when the rest has come."""
        if amount != (agreed := Decimal(facts_of(info)["agreed"])):
            raise fault(N_("The supplier owes {agreed}; confirm when exactly that has come in."), agreed=agreed)
        return amount

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the supplier owes."""
        return [(_(N_("Amount agreed")), f"{facts['agreed']} {facts['currency']}")]
