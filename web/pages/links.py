"""Links in mail (答复链接): the question alone, for whom the link was made.

Whoever looks decides nothing: programs that guard a mailbox open every link. The form is answered in two steps: what
was filled in, then a button that decides. A link begins no session.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.errors import AfterSalesError, InvalidInput, NotAllowed
from models.forms import Form
from models.language import N_, speaking
from models.queries import people, questions
from models.tables.answer_links import AnswerLink
from models.tables.parties import Person
from tasks import answer_links
from tasks.database import transaction
from web.faults import status_of
from web.forgery import posted
from web.forms import Entry, Sheet
from web.language import COOKIE, language_of
from web.pages.decisions import told
from web.pages.task import facts_of, sheet_of, wake_later
from web.rendering import page
from web.sessions import SignInNeeded

#: The name of the buttons that go on: to the decision, or back to the form.
STEP, DECIDE, BACK = "step", "decide", "back"
SOMEBODY_ELSES = N_("This link was made for somebody else. What waits for you is in your inbox.")


def link(request: Request) -> Response:
    """The question with its form."""
    with _opened(request) as (session, found):
        return _spent(request, session, found) or _question(request, session, found)


def answer(request: Request) -> Response:
    """What was filled in, to be confirmed; once it is, the one door hears of it, whatever has become of the link."""
    sent = posted(request)
    with _opened(request) as (session, found):
        sheet = sheet_of(found.task)
        entry = sheet.posted(sent)
        if sent.get(STEP) != DECIDE:
            return _spent(request, session, found) or _filled_in(request, session, found, sheet, entry)
        entry = sheet.touched(entry)
        given, language = sheet.answer(entry), _language(request, found.person)
    with speaking(language):
        return _decided(request, entry, given)


def _filled_in(request: Request, session: Session, found: AnswerLink, sheet: Sheet, entry: Entry) -> Response:
    sent = posted(request)
    if sent.get(STEP) == BACK or sheet.pressed(entry, sent):
        return _question(request, session, found, entry)
    entry = sheet.touched(entry)
    try:
        form = Form.named(found.task.form).read(sheet.answer(entry), found.task.facts)
    except InvalidInput as error:
        return _question(request, session, found, entry, error.fields)
    return _to_be_confirmed(request, session, found, form)


def _decided(request: Request, entry: Entry, given: dict[str, Any]) -> Response:
    try:
        decided = answer_links.decide_by(request.path_params["token"], given)
    except AfterSalesError as error:
        # Of a link that opens nothing any more that is said first; else the one door says why not.
        with _opened(request) as (session, found):
            if spent := _spent(request, session, found):
                return spent
            if isinstance(error, InvalidInput):
                return _question(request, session, found, entry, error.fields)
            return page(request, "link_done.html.j2", status_of(error), sentence=error.message, decision=None)
    with _opened(request) as (session, found):
        response = _done(request, session, found, HTTPStatus.OK)
    response.background = wake_later(decided.case_id)
    return response


@contextmanager
def _opened(request: Request) -> Iterator[tuple[Session, AnswerLink]]:
    """The link of the request, for somebody to whom it may show anything; in the language of its reader."""
    with transaction() as session:
        found = answer_links.opened(session, request.path_params["token"])
        visitor = request.state.visitor
        if visitor is None and answer_links.needs_sign_in(session):
            raise SignInNeeded
        if visitor is not None and visitor.login != found.person.login:
            raise NotAllowed(SOMEBODY_ELSES)
        with speaking(_language(request, found.person)):
            yield session, found


def _language(request: Request, person: Person) -> str:
    """As chosen in this browser, else that of the mail."""
    chosen = request.state.visitor is not None or COOKIE in request.cookies
    return language_of(request) if chosen else person.language


def _spent(request: Request, session: Session, found: AnswerLink) -> Response | None:
    """What is to be said of a link that opens nothing any more."""
    try:
        answer_links.refuse_if_spent(session, found)
    except NotAllowed as error:
        return page(request, "link_done.html.j2", HTTPStatus.GONE, sentence=error.message, decision=None)
    except AfterSalesError as error:
        return _done(request, session, found, HTTPStatus.GONE, error.message)
    return None


def _done(request: Request, session: Session, found: AnswerLink, status: int, sentence: str = "") -> Response:
    """What was decided, by whom; with a sentence if it was before."""
    decision = told(found.task.decision) if found.task.decision else None
    company = people.company(session).name
    return page(request, "link_done.html.j2", status, sentence=sentence, decision=decision, company=company)


def _question(
    request: Request,
    session: Session,
    found: AnswerLink,
    entry: Entry | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    sheet = sheet_of(found.task)
    shown = sheet.shown(sheet.fresh() if entry is None else entry, faults)
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return page(request, "link.html.j2", status, **_facts(request, session, found), sheet=shown, answers=None)


def _to_be_confirmed(request: Request, session: Session, found: AnswerLink, form: Form) -> Response:
    """Everything that was typed goes along once more; nothing of it is kept here."""
    prefix = sheet_of(found.task).prefix
    typed = [
        (name, value)
        for name, value in posted(request).multi_items()
        if name.startswith(prefix) and isinstance(value, str)
    ]
    facts = _facts(request, session, found)
    return page(request, "link.html.j2", **facts, sheet=None, answers=form.told(found.task.facts), typed=typed)


def _facts(request: Request, session: Session, found: AnswerLink) -> dict[str, Any]:
    ways = questions.ways_to(session, found.task, found.person)
    return {
        **facts_of(session, found.task, found.person, ways),
        "person": found.person,
        "action": f"/links/{request.path_params['token']}",
        "company": people.company(session).name,
    }


ROUTES: list[BaseRoute] = [
    Route("/links/{token}", link),
    Route("/links/{token}", answer, methods=["POST"]),
]
