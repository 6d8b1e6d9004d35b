"""Claims and disputes, level by level (投诉与争议): what is reported, what each level answers, how it can end.

Manual 000 四.1 art. 5 and 7.
"""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from models.forms import Facts, Form, Instant, Line, OptionalLine, OptionalProse, Prose, YesNo, fault
from models.labels import Labelled
from models.language import N_, _


class Outcome(Labelled):
    """How a claim ends."""

    SETTLED = "settled", N_("settled with the claimant")
    REFERRED_FOR_RULING = "referred_for_ruling", N_("referred for final ruling")
    WITHDRAWN_BY_CLAIMANT = "withdrawn_by_claimant", N_("withdrawn by the claimant")


class CameIn(Labelled):
    """Where the claimant turned to; what comes to head office is routed down, with the clock running."""

    AT_THE_PARTY = "at_the_party", N_("at the party itself")
    HEAD_OFFICE = "head_office", N_("directly at head office")


class ClaimKind(Labelled):
    """What a claim is about."""

    GOODS = "goods", N_("goods")
    SERVICE_ATTITUDE = "service_attitude", N_("service attitude")
    DELAY = "delay", N_("delay")
    CHARGE = "charge", N_("charge")
    OTHER = "other", N_("other")


class Handling(Labelled):
    """What a level makes of a claim: it settles it, or the claim goes up."""

    SETTLED = "settled", N_("settled: the claimant has accepted")
    NOT_SETTLED = "not_settled", N_("not settled: pass it up")
    EXCEPTION = "exception", N_("an exception that the terms do not foresee: pass it up")
    LIABILITY_UNCLEAR = "liability_unclear", N_("who is liable cannot be told: pass it up")
    WITHDRAWN = "withdrawn", N_("the claimant withdraws the claim")


#: The answers that end a claim, and how.
ENDS = {Handling.SETTLED: Outcome.SETTLED, Handling.WITHDRAWN: Outcome.WITHDRAWN_BY_CLAIMANT}


class ClaimReport(Form):
    """A claim as it is registered."""

    heading: ClassVar[str] = N_("Claim or dispute")
    aside: ClassVar[frozenset[str]] = Form.aside | {"party", "reported_at"}

    party: Line = Field(
        title=N_("Where it arose"),
        description=N_(
            "The number of the dealer or station in the master data, such as S-01. For a consumer who turned to head "
            "office: the one that sold the goods or serves the consumer."
        ),
    )
    came_in: CameIn = Field(title=N_("Where the claimant turned to"))
    claimant: Line = Field(title=N_("Claimant"), description=N_("The consumer or customer, by name."))
    claimant_contact: Line = Field(title=N_("How the claimant is reached"), description=N_("Telephone or address."))
    kind: ClaimKind = Field(title=N_("Kind of claim"))
    product: OptionalLine = Field(
        default="", title=N_("Product"), description=N_("Its number in the master data, if it is about goods.")
    )
    batch: OptionalLine = Field(default="", title=N_("Batch code"), description=N_("As sprayed on the goods."))
    matter: Prose = Field(title=N_("Matter"), description=N_("What happened, in the claimant's words."))
    demand: Prose = Field(title=N_("Demand"), description=N_("What the claimant wants."))
    reported_at: Instant = Field(
        title=N_("Reported at"), description=N_("When the claimant raised it. It may lie before now, not after.")
    )
    reported_by: Line = Field(title=N_("Reported by"), description=N_("Who told us."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if this is another matter than the claim of this claimant that is already open."),
    )

    @model_validator(mode="after")
    def batch_is_of_a_product(self) -> Self:
        """A batch code says nothing without its product."""
        if self.batch and not self.product:
            raise fault(N_("Name the product that the batch code is sprayed on."))
        return self


class HandledClaim(Form):
    """What every level answers: who has a claim settles it with the claimant, or it goes up."""

    handling: Handling = Field(title=N_("What becomes of the claim?"))
    agreed: OptionalProse = Field(
        default="", title=N_("What was agreed"), description=N_("If it is settled: who does what, and until when.")
    )
    accepted: YesNo = Field(default=YesNo.NO, title=N_("Has the claimant accepted this?"))

    @property
    def ending(self) -> Outcome | None:
        """How this answer ends the claim; None if it goes up."""
        return ENDS.get(self.handling)

    @model_validator(mode="after")
    def settled_is_what_was_accepted(self) -> Self:
        """An offer is no settlement."""
        if self.handling is Handling.SETTLED and not self.agreed:
            raise fault(N_("Write what was agreed with the claimant."))
        if self.handling is Handling.SETTLED and self.accepted is YesNo.NO:
            raise fault(N_("Only what the claimant has accepted is settled; otherwise pass the claim up."))
        return self


class LevelAnswer(HandledClaim):
    """The answer of a dealer or an office that answers for the one below it (manual 000 四.1 art. 5 and 7)."""

    heading: ClassVar[str] = N_("Settle the claim with the claimant, or pass it up")

    claimant_position: OptionalProse = Field(
        default="", title=N_("Position of the claimant"), description=N_("Needed when you pass the claim up.")
    )
    other_position: OptionalProse = Field(
        default="", title=N_("Position of the other side"), description=N_("Needed when you pass the claim up.")
    )

    @model_validator(mode="after")
    def goes_up_with_both_positions(self) -> Self:
        """Nobody above has to ask again what each side says."""
        if self.ending is None and not (self.claimant_position and self.other_position):
            raise fault(N_("Write the positions of both sides; the next level decides on them."))
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Who would have it next."""
        return [(_(N_("If you pass it up, it goes to")), facts["next"] or _(N_("customer service")))]


class ClaimFile(Form):
    """The clerk completes the file for the manager: both positions and what is known (manual 000 三 内勤 E)."""

    heading: ClassVar[str] = N_("Complete the file of the claim")

    claimant_position: Prose = Field(title=N_("Position of the claimant"))
    other_position: Prose = Field(title=N_("Position of the other side"))
    established: Prose = Field(title=N_("What is established"), description=N_("The facts that nobody disputes."))
    evidence: Prose = Field(title=N_("Evidence"), description=N_("Receipts, photos, repair records, witnesses."))


class ManagerAnswer(HandledClaim):
    """The manager settles the claim directly, or it is ruled on (manual 000 四.1 art. 7)."""

    heading: ClassVar[str] = N_("Settle the claim, or refer it for final ruling")

    reason: Prose = Field(title=N_("Reason"), description=N_("It goes into the file."))
