"""Remarks (备注) on a case, questions back (追问) and their answers, sent from the page of a case or of a task."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.errors import AfterSalesError, AlreadyDecided, InvalidInput
from tasks import remarks
from tasks.database import transaction
from tasks.seeing import case_seen
from web.faults import status_of
from web.forgery import posted
from web.forms import Entry
from web.pages import case, task
from web.pages.asides import ASK, REMARK, REPLY, Refused, sheet_of
from web.sessions import visitor_of


def remark(request: Request) -> Response:
    """Adds a remark."""
    number, by, at = request.path_params["number"], visitor_of(request).login, place(request)
    return _taken(request, REMARK, lambda given: remarks.remark(number, given.get("text", ""), by, at))


def ask_back(request: Request) -> Response:
    """Asks somebody."""
    number, by, at = request.path_params["number"], visitor_of(request).login, place(request)

    def ask(given: Entry) -> int:
        return remarks.ask_back(number, given.get("to", ""), given.get("text", ""), by, at)

    return _taken(request, ASK, ask)


def answer_back(request: Request) -> Response:
    """Answers a question back; sent twice it is answered once, and shown as done."""
    number, question, by = request.path_params["number"], request.path_params["question"], visitor_of(request).login
    with transaction() as session:
        case_seen(session, number, by)
        if remarks.question_back(session, question).case.number != number:
            raise HTTPException(HTTPStatus.NOT_FOUND)

    def reply(given: Entry) -> int:
        try:
            return remarks.answer_back(question, given.get("text", ""), by)
        except AlreadyDecided:
            if (mine := remarks.answer_of(question, by)) is None:
                raise
            return mine

    return _taken(request, f"{REPLY}-{question}", reply)


def place(request: Request) -> str:
    """The task on whose page the form stood; empty for the page of the case."""
    at = posted(request).get("at")
    return at if isinstance(at, str) else ""


def back(request: Request, anchor: str) -> Response:
    """Leads back to the page on which the form stood."""
    at = place(request)
    page = f"/tasks/{at}" if at else f"/cases/{request.path_params['number']}"
    return RedirectResponse(f"{page}#{anchor}", HTTPStatus.SEE_OTHER)


def again(request: Request, error: AfterSalesError, refused: Refused) -> Response:
    """Shows the page on which the form stood, with what was wrong."""
    if at := place(request):
        return task.shown(request, at, status_of(error), refused=refused)
    return case.shown(request, request.path_params["number"], status_of(error), refused=refused)


def _taken(request: Request, name: str, take: Callable[[Entry], int]) -> Response:
    with transaction() as session:
        found, person = case_seen(session, request.path_params["number"], visitor_of(request).login)
        sheet = sheet_of(session, name, found, person)
    entry = sheet.posted(posted(request))
    try:
        said = take(sheet.answer(entry))
    except InvalidInput as error:
        return again(request, error, Refused(name, entry, error.fields))
    except AfterSalesError as error:
        return again(request, error, Refused(name, entry, {}, error.message))
    return back(request, f"remark-{said}")
