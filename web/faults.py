"""What somebody sees when something is refused or goes wrong: a sentence and a way back, never a stack trace."""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import AfterSalesError, InvalidInput, NotAllowed, NotFound, SeparationOfDuties, Unavailable
from models.language import N_, _, speaking
from web.access_log import shown
from web.language import language_of
from web.rendering import page
from web.sessions import SignInNeeded, is_for_programs

_log = logging.getLogger("web")
_STATUS = {
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotAllowed: HTTPStatus.FORBIDDEN,
    SeparationOfDuties: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SENTENCES = {
    HTTPStatus.NOT_FOUND: N_("There is no such page."),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("This cannot be done with this page."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("This is too large; at most 12 MB can be sent at once."),
}


def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that ended in `error`, in the language of the request."""
    with speaking(language_of(request)):
        if isinstance(error, SignInNeeded):
            return _to_sign_in(request)
        if isinstance(error, AfterSalesError):
            return _said(request, status_of(error), error.code, error.message)
        if isinstance(error, HTTPException):
            return _said(request, error.status_code, "refused", _sentence(error), error.headers)
        number = secrets.token_hex(4)
        _log.error("fault %s: %s %s", number, request.method, shown(request.url.path), exc_info=error)
        sentence = _(
            N_("Something went wrong that should not. It stands in the log under number {number}."), number=number
        )
        return _said(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", sentence)


def status_of(error: AfterSalesError) -> int:
    """What HTTP calls it; what somebody else did first is a conflict."""
    return _STATUS.get(type(error), HTTPStatus.CONFLICT)


def _sentence(error: HTTPException) -> str:
    known = _SENTENCES.get(HTTPStatus(error.status_code))
    return _(known) if known else _(N_("This request cannot be understood."))


def _to_sign_in(request: Request) -> Response:
    if is_for_programs(request.url.path):
        sentence = _(N_("Your session has ended. Sign in again."))
        return _said(request, HTTPStatus.UNAUTHORIZED, "not_signed_in", sentence)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'to': asked})}", HTTPStatus.SEE_OTHER)


def _said(
    request: Request, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
) -> Response:
    response: Response
    if is_for_programs(request.url.path):
        response = JSONResponse({"error": code, "message": sentence, "detail": sentence}, status)
    else:
        response = page(request, "error.html.j2", status, status=status, message=sentence)
    response.headers.update(headers or {})
    return response


class Faults:
    """Answers for whatever was raised inside, before a response began."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; what it raises becomes a page."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except ClientDisconnect:
            _log.info("caller left before its request was whole")
        except Exception as error:
            if begun:
                raise
            await refused(Request(scope, receive), error)(scope, receive, send)
