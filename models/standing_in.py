"""Standing in (代理): somebody says who acts for whom, from when until when, and in what."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.forms import Form, Instant, Line, Prose, facts_of, fault
from models.labels import Labelled
from models.language import N_
from models.roles import Role


class StandingState(Labelled):
    """How a delegation stands now."""

    TO_COME = "to_come", N_("to come")
    IN_FORCE = "in_force", N_("in force")
    OVER = "over", N_("over")
    ENDED = "ended", N_("ended early")


def _said_or_not(value: Any) -> Any:
    # What is left empty in a form comes as an empty text.
    return None if value == "" else value


class StandingIn(Form):
    """Who stands in for whom. Its facts are `people`, `procedures` (codes and what people read) and `now`."""

    heading: ClassVar[str] = N_("Let somebody stand in")

    principal: Line = Field(
        title=N_("Who is stood in for"),
        description=N_("A login."),
        json_schema_extra={"choices": "people"},
    )
    deputy: Line = Field(
        title=N_("Deputy"),
        description=N_("The login of whoever acts in that time, in the name of the other one."),
        json_schema_extra={"choices": "people"},
    )
    from_at: Instant = Field(title=N_("From"))
    until_at: Instant = Field(title=N_("Until"), description=N_("Up to this moment; from then on it is over."))
    role: Annotated[Role | None, BeforeValidator(_said_or_not)] = Field(
        default=None, title=N_("Only in this role"), description=N_("Empty: in every role.")
    )
    procedure: Annotated[Line | None, BeforeValidator(_said_or_not)] = Field(
        default=None,
        title=N_("Only in this procedure"),
        description=N_("A code such as BQ. Empty: in every procedure."),
    )
    reason: Prose = Field(title=N_("Reason"))

    @field_validator("principal", "deputy")
    @classmethod
    def is_somebody(cls, login: str, info: ValidationInfo) -> str:
        """Only active people stand in, or are stood in for."""
        if login not in facts_of(info).get("people", {}):
            raise fault(N_("There is no active person with the login {login}."), login=login)
        return login

    @field_validator("deputy")
    @classmethod
    def is_somebody_else(cls, login: str, info: ValidationInfo) -> str:
        """Nobody stands in for themselves."""
        if login == info.data.get("principal"):
            raise fault(N_("Nobody stands in for themselves; name somebody else."))
        return login

    @field_validator("until_at")
    @classmethod
    def lies_ahead(cls, until: datetime, info: ValidationInfo) -> datetime:
        """It ends after it begins, and not in the past."""
        begins, now = info.data.get("from_at"), facts_of(info).get("now")
        if begins is not None and until <= begins:
            raise fault(N_("This must be later than the beginning."))
        if now is not None and until <= datetime.fromisoformat(now):
            raise fault(N_("This is over already; name a time to come."))
        return until

    @field_validator("procedure")
    @classmethod
    def is_a_procedure(cls, code: str | None, info: ValidationInfo) -> str | None:
        """A procedure is named by its code."""
        known = facts_of(info).get("procedures", {})
        if code is not None and code not in known:
            raise fault(
                N_("There is no procedure {code}; there are: {codes}."), code=code, codes=", ".join(known) or "–"
            )
        return code


def whole_days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last one, in `zone`."""
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
