"""Handing a question over (转交): the form for it, and who may get it."""

from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy.orm import Session

from models.forms import Form, Line, Prose, one_of
from models.language import N_
from models.queries import questions
from models.tables.questions import Task
from web.forms import Sheet
from web.pages.asides import HAND_OVER


class HandOver(Form):
    """Who gets a task, and why; its facts are `people`, by login."""

    heading: ClassVar[str] = N_("Hand over")

    to: Line = Field(title=N_("To whom"), json_schema_extra={"choices": "people"})
    reason: Prose = Field(title=N_("Reason"), description=N_("It is kept and told."))

    @field_validator("to")
    @classmethod
    def holds_the_post(cls, to: str, info: ValidationInfo) -> str:
        """Only somebody with the same role."""
        return one_of("people", to, info)


def takers(session: Session, found: Task) -> dict[str, str]:
    """Who may get a question, by login; what is asked at a party stays there."""
    group = questions.group_of(session, found)
    return {one.login: one.label for one in group.people if one is not found.assignee}


def hand_over_sheet(session: Session, found: Task) -> Sheet:
    """The form for handing a question over."""
    return Sheet(HandOver, {"people": takers(session, found)}, questions.policy_of(found.case).timezone, HAND_OVER)
