"""Review of a station (维修点续约、停用、撤销): why it is opened, what is decided, how it can end.

Manual 000 五 维修点开发流程, 三 经理 D, 三 内勤 A. The forms of a closure stand in `models.station_closure`.
"""

from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Line,
    OptionalLine,
    OptionalProse,
    PiecesOrNone,
    Prose,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _


class Reason(Labelled):
    """Why a station is looked at."""

    TERM_ENDS = "term_ends", N_("the agreement ends")
    PAPERS_EXPIRED = "papers_expired", N_("the licence or the last certificate has expired")
    SUSPENSION_ENDS = "suspension_ends", N_("the suspension ends")
    COMPLAINTS = "complaints", N_("upheld complaints")
    FALSE_CLAIM = "false_claim", N_("a false repair claim")
    STATIONS_REQUEST = "stations_request", N_("the station asks for it")
    COMPANYS_REQUEST = "companys_request", N_("the company asks for it")
    NOT_OPENED = "not_opened", N_("the station is given up before it opened")


class Outcome(Labelled):
    """How the review of a station ends."""

    RENEWED = "renewed", N_("the agreement is renewed")
    UNCHANGED = "unchanged", N_("the station stays as it is")
    SUSPENDED = "suspended", N_("the station is suspended")
    LIFTED = "lifted", N_("the suspension is lifted")
    PAPERS_RENEWED = "papers_renewed", N_("the papers are in order again")
    CLOSED = "closed", N_("the station is closed")
    OVERTAKEN = "overtaken", N_("another review has closed the station meanwhile")


class Measure(Labelled):
    """What the manager decides."""

    RENEW = "renew", N_("renew the agreement")
    LEAVE = "leave", N_("leave the station as it is")
    SUSPEND = "suspend", N_("suspend the station until a day")
    LIFT = "lift", N_("lift the suspension")
    CLOSE = "close", N_("close the station")


class Obstacle(Labelled):
    """What stands in the way of carrying a decision out."""

    NOTHING = "nothing", N_("nothing")
    CLOSED = "closed", N_("another review has closed the station")
    AGREEMENT_TAKEN = "agreement_taken", N_("another station has this agreement number")
    MAY_NOT_REPAIR = "may_not_repair", N_("a paper or the agreement has expired, or another station serves the area")


class PaperKind(Labelled):
    """The papers of a station that can be renewed, or that there is none."""

    LICENCE = "licence", N_("business licence")
    LEASE = "lease", N_("lease of the premises")
    CERTIFICATE = "certificate", N_("certificate of a repairer")
    NONE = "none", N_("there is no new paper")


_OUTCOMES = {
    Measure.RENEW: Outcome.RENEWED,
    Measure.LEAVE: Outcome.UNCHANGED,
    Measure.SUSPEND: Outcome.SUSPENDED,
    Measure.LIFT: Outcome.LIFTED,
    Measure.CLOSE: Outcome.CLOSED,
}


class ReviewRequest(Form):
    """What a review is opened for; the calendar fills it in for terms, papers and suspensions that end."""

    heading: ClassVar[str] = N_("Review of a repair station")
    aside: ClassVar[frozenset[str]] = Form.aside | {"station"}

    station: Line = Field(title=N_("Station"), description=N_("Its number in the master data, such as R-01."))
    reason: Reason = Field(title=N_("Reason"))
    upheld_complaints: PiecesOrNone = Field(
        default=0, title=N_("Upheld complaints"), description=N_("In this quarter; only where they are the reason.")
    )
    detail: Prose = Field(title=N_("In detail"), description=N_("What happened, with the numbers of other cases."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))


class StationFacts(Form):
    """The clerk adds to the books what the management file (管理档案) says."""

    heading: ClassVar[str] = N_("Gather the facts on the station")

    file_in_order: Prose = Field(
        title=N_("Management file"), description=N_("Agreement, papers, marks: late repairs, false claims, complaints.")
    )
    left: list[Line] = Field(
        default_factory=list,
        title=N_("Repairers who left"),
        description=N_("The numbers of their certificates, which count no more."),
        max_length=50,
    )
    remark: OptionalProse = Field(default="", title=N_("Remark for the manager"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books say."""
        return books(facts)

    @field_validator("left")
    @classmethod
    def have_a_certificate(cls, left: list[str], info: ValidationInfo) -> list[str]:
        """Only who is in the books can leave them."""
        return [one_of("certificates", one, info) for one in left]


class NewPaper(Form):
    """The clerk records a new paper, or that there is none."""

    heading: ClassVar[str] = N_("Record the station's new paper")

    kind: PaperKind = Field(title=N_("New paper"))
    repairer: OptionalLine = Field(default="", title=N_("Repairer"), description=N_("Only for a certificate."))
    number: OptionalLine = Field(default="", title=N_("Number"))
    valid_until: Day | None = Field(default=None, title=N_("Valid until"), description=N_("Its last day."))
    remark: OptionalProse = Field(default="", title=N_("Remark"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books say."""
        return books(facts)

    @model_validator(mode="after")
    def a_paper_is_whole(self, info: ValidationInfo) -> Self:
        """A paper has a number and a day that is still to come; a certificate has a repairer."""
        if self.kind is PaperKind.NONE:
            return self
        if not self.number or self.valid_until is None:
            raise fault(N_("A new paper needs its number and its last day."))
        if self.valid_until.isoformat() < facts_of(info)["today"]:
            raise fault(N_("This paper has expired already; record one that is valid."))
        if (self.kind is PaperKind.CERTIFICATE) != bool(self.repairer):
            raise fault(N_("Name the repairer of a certificate, and of a certificate alone."))
        if self.kind is PaperKind.CERTIFICATE and self.number in facts_of(info)["certificates"]:
            raise fault(N_("The certificate {number} is recorded already."), number=self.number)
        return self


class ReviewDecision(Form):
    """The manager decides on the station (manual 000 三 经理 D); silence renews nothing."""

    heading: ClassVar[str] = N_("Decide on the repair station")

    measure: Measure = Field(title=N_("Decision"))
    agreement_number: OptionalLine = Field(
        default="", title=N_("Agreement number"), description=N_("To renew: the number of the new agreement.")
    )
    term_ends_on: Day | None = Field(
        default=None, title=N_("Term ends on"), description=N_("To renew: the last day of the new agreement.")
    )
    suspended_until: Day | None = Field(
        default=None,
        title=N_("Suspended until"),
        description=N_("To suspend: the last day; then it is looked at anew."),
    )
    reason: Prose = Field(title=N_("Reason"), description=N_("The station is told."))

    def outcome_after(self, obstacle: Obstacle) -> Outcome:
        """How the review ends once this was tried; a station that is closed meanwhile is past deciding on."""
        return Outcome.OVERTAKEN if obstacle is Obstacle.CLOSED else _OUTCOMES[self.measure]

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the books say, the clerk adds, and the rules propose."""
        return [
            (_(N_("The clerk says")), facts["clerk"] or "–"),
            (_(N_("The rules propose")), facts["proposal"] or "–"),
            *((_(N_("In the way")), one) for one in facts["in_the_way"]),
            *books(facts),
        ]

    @model_validator(mode="after")
    def measure_has_its_day(self, info: ValidationInfo) -> Self:
        """Each measure says what it needs, and fits the state of the station."""
        check = {
            Measure.RENEW: self._check_renewal,
            Measure.LEAVE: self._check_leaving,
            Measure.SUSPEND: self._check_suspension,
            Measure.LIFT: self._check_lifting,
        }.get(self.measure)
        if check:
            check(facts_of(info))
        return self

    def _check_renewal(self, facts: Facts) -> None:
        if not self.agreement_number or self.term_ends_on is None:
            raise fault(N_("To renew, give the number of the new agreement and its last day."))
        if self.term_ends_on.isoformat() <= max(facts["term_ends_on"], facts["today"]):
            raise fault(
                N_("The present agreement ends on {day}; the new one must end later."), day=facts["term_ends_on"]
            )

    def _check_leaving(self, facts: Facts) -> None:
        if facts["term_is_the_matter"]:
            raise fault(N_("The agreement ends: renew it, suspend the station or close it."))

    def _check_suspension(self, facts: Facts) -> None:
        if self.suspended_until is None or self.suspended_until.isoformat() < facts["today"]:
            raise fault(N_("To suspend, give a last day that is still to come."))

    def _check_lifting(self, facts: Facts) -> None:
        if not facts["suspended"]:
            raise fault(N_("The station is not suspended."))


def books(facts: Facts) -> list[tuple[str, str]]:
    """What the books say of a station, as titles and values."""
    return [
        (_(N_("State")), facts["state"]),
        (_(N_("Agreement")), facts["agreement"]),
        (_(N_("Papers")), "; ".join(facts["papers"]) or "–"),
        (_(N_("Stock by the books")), ", ".join(facts["stock"]) or "–"),
        (_(N_("Repairs in twelve months")), str(facts["repairs"])),
        (_(N_("Late in twelve months")), _(N_("{cases} cases"), cases=facts["late"])),
    ]
