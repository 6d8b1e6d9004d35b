"""Repair-station development (维修点开发): who decides on a candidate, and on what grounds.

Manual 000 五 维修点开发流程, 三 经理 C.
"""

from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.forms import (
    Day,
    Facts,
    Form,
    Line,
    OptionalLine,
    OptionalProse,
    Prose,
    YesNo,
    facts_of,
    fault,
    one_of,
)
from models.labels import Labelled
from models.language import N_, _
from models.rules.stations import HIGHEST_SCORE


class VisitChoice(Labelled):
    """Whether somebody goes and looks."""

    VISIT = "visit", N_("visit the candidate")
    REFUSE = "refuse", N_("refuse the candidate")


class Advice(Labelled):
    """What the manager advises the vice-president after the visit."""

    RECOMMEND = "recommend", N_("recommend")
    REFUSE = "refuse", N_("refuse the candidate")


class Verdict(Labelled):
    """The vice-president's decision."""

    APPROVE = "approve", N_("approve")
    REFUSE = "refuse", N_("refuse")


class VisitDecision(Form):
    """The manager decides whether somebody visits the candidate (manual 000 三 经理 C)."""

    heading: ClassVar[str] = N_("Shall the candidate be visited?")

    decision: VisitChoice = Field(title=N_("Decision"))
    reason: OptionalProse = Field(default="", title=N_("Reason"), description=N_("Needed to refuse."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Who serves the area, and what is said for a second station."""
        return _area(facts)

    @model_validator(mode="after")
    def refusal_has_a_reason(self) -> Self:
        """The candidate is told why."""
        if self.decision is VisitChoice.REFUSE and not self.reason:
            raise fault(N_("A refusal needs its reason."))
        return self


class CriterionScore(Form):
    """The score of one criterion."""

    heading: ClassVar[str] = N_("Score of one criterion")

    criterion: Line = Field(title=N_("Criterion"), json_schema_extra={"choices": "criteria"})
    score: Annotated[int, Field(ge=0, le=HIGHEST_SCORE, strict=True)] = Field(
        title=N_("Score"), description=N_("0 to 10.")
    )
    remark: OptionalLine = Field(default="", title=N_("Remark"))

    @field_validator("criterion")
    @classmethod
    def is_a_criterion(cls, criterion: str, info: ValidationInfo) -> str:
        """The policy says what the visit looks at."""
        return one_of("criteria", criterion, info)


class VisitScore(Form):
    """The score sheet of the visit (实地考察评分表)."""

    heading: ClassVar[str] = N_("Visit the candidate and score it")

    visited_on: Day = Field(title=N_("Visited on"))
    scores: list[CriterionScore] = Field(title=N_("Scores"), min_length=1, max_length=50)
    report: Prose = Field(title=N_("Report"), description=N_("What was seen."))

    @property
    def by_criterion(self) -> dict[str, int]:
        """The scores by criterion."""
        return {one.criterion: one.score for one in self.scores}

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What each criterion counts, and what is needed."""
        weights = ", ".join(f"{facts['criteria'][code]} {weight} %" for code, weight in facts["weights"].items())
        return [(_(N_("Weights")), weights), (_(N_("Pass mark")), facts["pass_mark"])]

    @field_validator("visited_on")
    @classmethod
    def follows_the_application(cls, day: Day, info: ValidationInfo) -> Day:
        """What was seen before is no visit of this candidate."""
        if day.isoformat() < (applied := facts_of(info)["applied_on"]):
            raise fault(N_("The candidate applied on {day}; the visit cannot lie before."), day=applied)
        return day

    @model_validator(mode="after")
    def each_criterion_once(self, info: ValidationInfo) -> Self:
        """All criteria, none twice; else the points are not out of 100."""
        given, titles = [one.criterion for one in self.scores], facts_of(info)["criteria"]
        if wrong := [titles[code] for code in titles if given.count(code) != 1]:
            raise fault(N_("Score each criterion once; look at: {criteria}."), criteria=", ".join(wrong))
        return self


class Recommendation(Form):
    """The manager recommends the candidate or refuses it (manual 000 三 经理 C)."""

    heading: ClassVar[str] = N_("Recommend the candidate?")

    decision: Advice = Field(title=N_("Decision"))
    reason: OptionalProse = Field(
        default="", title=N_("Reason"), description=N_("Needed to refuse, and below the pass mark.")
    )

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """The points of the visit."""
        return [*_points(facts), *_area(facts)]

    @model_validator(mode="after")
    def reason_where_one_is_needed(self, info: ValidationInfo) -> Self:
        """A candidate below the pass mark can be recommended, but not without saying why."""
        if self.reason:
            return self
        if self.decision is Advice.REFUSE:
            raise fault(N_("A refusal needs its reason."))
        if not facts_of(info)["passed"]:
            raise fault(N_("The points are below the pass mark; to recommend it all the same, say why."))
        return self


class StationApproval(Form):
    """The marketing vice-president decides; silence never approves."""

    heading: ClassVar[str] = N_("Approve the repair station?")

    decision: Verdict = Field(title=N_("Decision"))
    second_in_the_area: YesNo = Field(
        default=YesNo.NO,
        title=N_("A second station in the area is approved"),
        description=N_("Only where the sheet asks for an exception."),
    )
    reason: OptionalProse = Field(default="", title=N_("Reason"), description=N_("Needed to refuse."))

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """Points, the manager's reason, and the exception that is asked for."""
        return [*_points(facts), (_(N_("The manager says")), facts["recommendation"] or "–"), *_area(facts)]

    @model_validator(mode="after")
    def exception_is_approved_in_words(self, info: ValidationInfo) -> Self:
        """An exception is approved for itself, not in passing."""
        if self.decision is Verdict.REFUSE:
            if not self.reason:
                raise fault(N_("A refusal needs its reason."))
            return self
        asked = facts_of(info)["exception_reason"]
        if asked and self.second_in_the_area is YesNo.NO:
            raise fault(N_("The sheet asks for a second station in the area; approve that too, or refuse."))
        if not asked and self.second_in_the_area is YesNo.YES:
            raise fault(N_("The sheet asks for no second station in the area; answer no here."))
        return self


def _points(facts: Facts) -> list[tuple[str, str]]:
    return [(_(N_("Points")), facts["total"]), (_(N_("Pass mark")), facts["pass_mark"])]


def _area(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_(N_("Serves the area")), facts["served_by"] or _(N_("nobody"))),
        (_(N_("Reason for the exception")), facts["exception_reason"] or "–"),
    ]
