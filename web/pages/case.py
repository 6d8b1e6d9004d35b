"""The page of a case (工单): its story, for those who may see it."""

import re
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models.forms import Form
from models.language import _
from models.queries import cases, clock, links, questions
from models.tables.cases import Case
from models.tables.notices import Notice
from models.tables.parties import Person
from tasks.database import transaction
from tasks.notices import about
from tasks.procedures import PROCEDURES
from tasks.seeing import case_seen, may_see
from tasks.states import STATES
from web.pages import story
from web.pages.asides import Refused, asides
from web.rendering import page
from web.sessions import visitor_of
from web.times import time_left

#: The code of a link by which somebody answers from a mail is theirs alone.
_CODE_OF_A_LINK = re.compile(r"(/links/)[^\s?#]+")


def case(request: Request) -> Response:
    """The whole story of a case."""
    return shown(request, request.path_params["number"])


def shown(request: Request, number: str, status: int = HTTPStatus.OK, *, refused: Refused | None = None) -> Response:
    """The page of a case, with what was typed into one of its forms and why that was not taken."""
    with transaction() as session:
        found, person = case_seen(session, number, visitor_of(request).login)
        facts = {
            **_facts(session, found, person),
            **story.of(session, found),
            "beside": asides(session, found, person, refused, csrf=visitor_of(request).csrf),
        }
        opened = request.query_params.get("clock", "")
        return page(request, "case.html.j2", status, here=f"/cases/{number}", clock=opened, **facts)


def notice(request: Request) -> Response:
    """The text of a mail of a case as it was written, but for links that are somebody's own."""
    given = request.path_params
    with transaction() as session:
        found, _person = case_seen(session, given["number"], visitor_of(request).login)
        mail = session.get(Notice, given["notice"]) if given["notice"] < 2**63 else None
        if mail is None or mail.case_id != found.id:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return PlainTextResponse(_CODE_OF_A_LINK.sub(r"\1…", f"{mail.subject}\n\n{mail.plain}"))


def _facts(session: Session, found: Case, person: Person) -> dict[str, Any]:
    """What the case is about, how it stands, which cases hang on it, what it asks now."""
    at, procedure = clock.now(session), PROCEDURES[found.procedure]
    ways = (("from", links.parents), ("to", links.children))
    linked = [(way, other) for way, others in ways for other in others(session, found.id)]
    return {
        "case": found,
        "procedure": procedure.name,
        "state": STATES[cases.state_of(session, found)](),
        "outcome": procedure.outcomes(found.outcome).label if found.outcome else "",
        "about": about(found),
        "linked": [
            (way, other.number, STATES[cases.state_of(session, other)]())
            for way, other in linked
            if may_see(session, other, person)
        ],
        "asked": [
            {
                "ref": one.ref,
                "question": _(Form.named(one.form).heading),
                "waits_for": questions.waits_for(one),
                "left": time_left(one.deadline, at),
                "mine": bool(questions.ways_to(session, one, person)),
            }
            for one in questions.open_in(session, found.id)
        ],
    }
