"""Repair-station development (维修点开发): the candidate, its papers, and how it can end.

Manual 000 五 维修点开发流程. The decisions on a candidate stand in
`models.repair_station_choice`, what follows the approval in `models.repair_station_setup` and `..._start`.
"""

from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Instant,
    Line,
    OptionalLine,
    OptionalProse,
    Pieces,
    Prose,
    YesNo,
    fault,
)
from models.labels import Labelled
from models.language import N_, _

_EMAIL = r"^$|^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"


class Outcome(Labelled):
    """How the development of a repair station ends."""

    ACTIVE = "active", N_("the station is active")
    ACTIVE_WITH_REMARK = "active_with_remark", N_("the station is active; its first month left a remark")
    SUSPENDED = "suspended", N_("the station is suspended after its first month")
    REFUSED_ON_PAPERS = "refused_on_papers", N_("refused by the clerk: the papers do not do")
    REFUSED_BEFORE_VISIT = "refused_before_visit", N_("refused by the manager before the visit")
    NOT_RECOMMENDED = "not_recommended", N_("refused by the manager after the visit")
    NOT_APPROVED = "not_approved", N_("refused by the vice-president")
    AREA_TAKEN = "area_taken", N_("the area has got its station meanwhile")
    NOT_CERTIFIED = "not_certified", N_("no repairer was certified")
    NOT_ACTIVATED = "not_activated", N_("refused by the manager at the activation")
    LAPSED = "lapsed", N_("lapsed: the candidate kept silent")
    WITHDRAWN_BY_CANDIDATE = "withdrawn_by_candidate", N_("the candidate has withdrawn")


class PaperVerdict(Labelled):
    """What the clerk makes of the papers."""

    COMPLETE = "complete", N_("complete")
    SEND_BACK = "send_back", N_("send back for what is missing")
    REFUSE = "refuse", N_("refuse the candidate")


class CandidatesAnswer(Labelled):
    """What a candidate does who was asked for something."""

    SUPPLIED = "supplied", N_("the papers are supplied")
    WITHDRAWS = "withdraws", N_("the candidate withdraws")


class CandidateRepairer(Form):
    """A repairer of the candidate."""

    heading: ClassVar[str] = N_("Repairer")

    name: Line = Field(title=N_("Name"))
    id_digits: Annotated[str, Field(pattern="^[0-9]{3}[0-9X]$")] = Field(
        title=N_("ID card"), description=N_("The last four characters of the ID card's number, such as 012X.")
    )
    skill: Line = Field(title=N_("Skill"), description=N_("Training, trade certificate, years of practice."))


class CandidateSheet(Form):
    """The candidate sheet (维修点情况调查表), as office or clerk enters it."""

    heading: ClassVar[str] = N_("Candidate for a repair station")
    aside: ClassVar[frozenset[str]] = Form.aside | {"office", "reported_at"}

    office: Line = Field(
        title=N_("Office responsible"), description=N_("The office's number in the master data, such as B-01.")
    )
    name: Line = Field(title=N_("Name of the repair shop"))
    area: Line = Field(title=N_("Area"), description=N_("Where consumers look for it; one station serves an area."))
    contact: Line = Field(title=N_("Contact"))
    phone: Line = Field(title=N_("Phone"))
    address: Line = Field(title=N_("Address"), description=N_("It is published to the shops of the area."))
    email: OptionalLine = Field(
        default="",
        pattern=_EMAIL,
        title=N_("E-mail"),
        description=N_("Without one the clerk is asked to pass messages on."),
    )
    bank_account: Line = Field(title=N_("Bank account"), description=N_("Bank and number."))
    repairers: list[CandidateRepairer] = Field(title=N_("Repairers"), min_length=1, max_length=50)
    premises_m2: Pieces = Field(title=N_("Premises"), description=N_("Square metres."))
    tools: Prose = Field(title=N_("Tools and equipment"))
    phone_24h: YesNo = Field(title=N_("Telephone duty round the clock"))
    registered_entity: YesNo = Field(title=N_("Registered entity"))
    licence_number: Line = Field(title=N_("Business licence"), description=N_("Its number."))
    licence_valid_until: Day = Field(title=N_("Licence valid until"), description=N_("Its last day."))
    exception: YesNo = Field(
        default=YesNo.NO,
        title=N_("Exception from the one station an area"),
        description=N_("Only where another station serves the area already; the vice-president must approve it."),
    )
    exception_reason: OptionalProse = Field(default="", title=N_("Reason for the exception"))
    reported_at: Instant = Field(
        title=N_("Applied at"), description=N_("When the candidate applied or was found; not after now.")
    )
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login; office or clerk."))

    @model_validator(mode="after")
    def exception_has_a_reason(self) -> Self:
        """A second station in an area is not asked for without saying why."""
        if self.exception is YesNo.YES and not self.exception_reason:
            raise fault(N_("An exception from the one station an area needs its reason."))
        return self

    @field_validator("repairers")
    @classmethod
    def each_stands_once(cls, repairers: list[CandidateRepairer]) -> list[CandidateRepairer]:
        """Certificates are given by name, so names tell repairers apart."""
        names = [one.name for one in repairers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise fault(N_("{name} stands here twice; add something that tells the two apart."), name=twice[0])
        return repairers


class PaperCheck(Form):
    """The clerk goes through the papers (manual 000 三 内勤 A)."""

    heading: ClassVar[str] = N_("Are the candidate's papers complete?")

    licence: YesNo = Field(title=N_("Business licence, valid"))
    identity: YesNo = Field(title=N_("ID cards of the repairers"))
    skill: YesNo = Field(title=N_("Proof of the repairers' skill"))
    premises: YesNo = Field(title=N_("Proof of the premises"))
    tools: YesNo = Field(title=N_("List of tools"))
    bank: YesNo = Field(title=N_("Bank account"))
    verdict: PaperVerdict = Field(title=N_("Verdict"))
    missing: OptionalProse = Field(
        default="", title=N_("What is missing, or why not"), description=N_("The office passes it on to the candidate.")
    )

    @model_validator(mode="after")
    def verdict_fits_the_list(self) -> Self:
        """Complete is what has every paper; anything else is said in words."""
        papers = (self.licence, self.identity, self.skill, self.premises, self.tools, self.bank)
        if self.verdict is PaperVerdict.COMPLETE and YesNo.NO in papers:
            raise fault(N_("A paper is missing; send the sheet back, or refuse the candidate."))
        if self.verdict is not PaperVerdict.COMPLETE and not self.missing:
            raise fault(N_("Say what is missing, or why the candidate is refused."))
        return self

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the sheet says that decides by itself."""
        return [
            (_(N_("Registered entity")), YesNo(facts["registered_entity"]).label),
            (_(N_("Licence valid until")), facts["licence_valid_until"]),
            (_(N_("Supplied since the last check")), facts["supplied"] or "–"),
        ]


class MissingPapers(Form):
    """The office brings what the candidate still owes, or says that the candidate withdraws."""

    heading: ClassVar[str] = N_("Bring the missing papers of the candidate")

    answer: CandidatesAnswer = Field(title=N_("Answer"))
    supplied: Prose = Field(title=N_("What was supplied, or why the candidate withdraws"))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the clerk misses."""
        return [(_(N_("Missing")), facts["missing"])]
