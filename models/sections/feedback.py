"""What a policy says on monthly and urgent quality information (信息反馈). Manual 000 三 经理 F, 五 信息反馈流程."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.data_files import Strict
from models.limits import LapsableLimit, Limit
from models.roles import Role
from models.tables.deadlines import Passing


class FeedbackPolicy(Strict):
    """The numbers and posts of both procedures; the keys of limits are those of their tasks.

    The limits of the month, from `station_report` to `analysis`, count from the end of the month reported on: «3 days»
    is 24:00 of the third day of the next one.
    """

    #: Who may open a month's case by hand; the calendar opens it by itself.
    registrars: tuple[Role, ...]
    #: Who may report an urgent item: anybody of the company or an office.
    notice_registrars: tuple[Role, ...]
    #: The departments that get the form, acknowledge it and can be asked for measures (manual 000 三 经理 F).
    recipients: Annotated[tuple[Role, ...], Field(min_length=1)]
    #: Who gets the form besides.
    also_to: tuple[Role, ...] = ()
    #: Who is told at once of danger to people, and of a fault that a department could not put right.
    told_of_danger: tuple[Role, ...]
    #: Who is told at once of a fault of the design.
    told_of_design: tuple[Role, ...]
    #: Up to this day of a month the sweep opens the month before, if it has not yet.
    opened_until_day: Annotated[int, Field(ge=1, le=28)]
    #: So many pieces of one batch, failed at so many stations within so many months, propose a dispute.
    repeated_pieces: Annotated[int, Field(ge=1)]
    repeated_stations: Annotated[int, Field(ge=1)]
    repeated_months: Annotated[int, Field(ge=1, le=12)]
    #: Days in which a second report of the same goods and batch belongs to the notice that is open already.
    duplicate_days: Annotated[int, Field(ge=0)]
    station_report: LapsableLimit
    office_report: LapsableLimit
    figures_check: LapsableLimit
    analysis: LapsableLimit
    acknowledgement: LapsableLimit
    department_answer: LapsableLimit
    batch_proposal: LapsableLimit
    notice_verdict: Limit
    notice_measure: Limit
    notice_proof: Limit

    @model_validator(mode="after")
    def the_form_is_never_held_up(self) -> Self:
        """Whoever keeps silent until the form is due is named on it as a gap."""
        for name in ("station_report", "office_report", "figures_check", "analysis"):
            if getattr(self, name).passing is not Passing.LAPSE:
                raise ValueError(f"{name} must say «passing: lapse»: the form is never held up")
        return self
