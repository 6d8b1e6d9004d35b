"""Standing in (代理): who stands in for me, and for whom I stand in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.errors import AfterSalesError, InvalidInput
from models.forms import due_time, local_time
from models.queries import clock, people, standing_in
from models.queries.access import access
from models.roles import Role
from models.standing_in import StandingIn
from models.tables.parties import Person
from models.tables.standing_in import Delegation
from tasks.database import transaction
from tasks.procedures import PROCEDURES
from tasks.standing_in import delegate, end_delegation, facts_of_form, state_of, zone
from web.faults import status_of
from web.forgery import posted
from web.forms import Entry, Sheet
from web.rendering import page
from web.sessions import visitor_of


@dataclass(frozen=True)
class Line:
    """A delegation in words; `may_end` for who may end it before its time."""

    id: int
    principal: str
    deputy: str
    begins: str
    ends: str
    within: str
    state: str
    reason: str
    may_end: bool


def delegations(request: Request) -> Response:
    """What is in force and to come, and the form for another one."""
    return _shown(request)


def make(request: Request) -> Response:
    """Lets somebody stand in for oneself; those whom the policy names may say so for others, too."""
    by = visitor_of(request).login
    with transaction() as session:
        sheet = _sheet(session, people.person(session, by))
    entry = sheet.posted(posted(request))
    given: dict[str, Any] = {"principal": by, **sheet.answer(entry)}
    needed = {name: given.get(name, "") for name in ("principal", "deputy", "from_at", "until_at", "reason")}
    try:
        delegate(**needed, by=by, role=given.get("role"), procedure=given.get("procedure"))
    except AfterSalesError as error:
        return _shown(request, entry, error)
    return RedirectResponse("/delegations", HTTPStatus.SEE_OTHER)


def end(request: Request) -> Response:
    """Ends one before its time."""
    try:
        end_delegation(request.path_params["number"], visitor_of(request).login)
    except AfterSalesError as error:
        return _shown(request, None, error)
    return RedirectResponse("/delegations", HTTPStatus.SEE_OTHER)


def _shown(request: Request, entry: Entry | None = None, error: AfterSalesError | None = None) -> Response:
    faults = error.fields if isinstance(error, InvalidInput) else {}
    with transaction() as session:
        person, at = people.person(session, visitor_of(request).login), clock.now(session)
        found = standing_in.not_over(session, at)
        sheet, says_for_others = _sheet(session, person), _says_for_others(session, person)
        mine = [one for one in found if one.principal is person]
        for_me = [one for one in found if one.deputy is person]
        others = [one for one in found if one not in mine and one not in for_me] if says_for_others else []

        def lines(several: Sequence[Delegation]) -> list[Line]:
            return [_line(session, one, at, person, says_for_others) for one in several]

        return page(
            request,
            "delegations.html.j2",
            status_of(error) if error else HTTPStatus.OK,
            here="/delegations",
            mine=lines(mine),
            for_me=lines(for_me),
            others=lines(others),
            sheet=sheet.shown(_fresh(sheet, person) if entry is None else entry, faults),
            sentence=error.message if error and not faults else "",
        )


def _sheet(session: Session, person: Person) -> Sheet:
    without = () if _says_for_others(session, person) else ("principal",)
    facts = facts_of_form(session, clock.now(session))
    choices = {"procedure": facts["procedures"]}
    return Sheet(StandingIn, facts, zone(session), "stand", without=without, choices=choices)


def _fresh(sheet: Sheet, person: Person) -> Entry:
    """Most people speak for themselves."""
    entry = sheet.fresh()
    return entry | {"principal": person.login} if "principal" in entry else entry


def _says_for_others(session: Session, person: Person) -> bool:
    return bool(person.roles & set(access(session).delegators))


def _line(session: Session, one: Delegation, at: datetime, person: Person, says_for_others: bool) -> Line:
    where = zone(session)
    role = Role(one.role).label if one.role else ""
    procedure = PROCEDURES[one.procedure].name if one.procedure else ""
    return Line(
        id=one.id,
        principal=one.principal.label,
        deputy=one.deputy.label,
        begins=local_time(one.from_at.astimezone(where)),
        ends=due_time(one.until_at.astimezone(where)),
        within=" · ".join(filter(None, (role, procedure))),
        state=state_of(one, at).label,
        reason=one.reason,
        may_end=says_for_others or one.principal is person,
    )
