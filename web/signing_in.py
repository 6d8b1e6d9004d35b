"""Signing in and out, choosing a password, choosing a language."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from models.errors import AfterSalesError, InvalidInput, NotAllowed
from models.language import LANGUAGES, N_, _
from tasks import signing_in
from tasks.passwords import SHORTEST
from web import faults
from web.forgery import posted
from web.language import COOKIE
from web.rendering import page
from web.sessions import address_of, drop_session, keep_session, token_of, visitor_of
from web.settings import WebSettings

#: Where people come to when they asked for nothing else.
HOME = "/inbox"
_A_YEAR = 31_536_000
_LONGEST_PATH = 2000


def local_path(asked: object) -> str:
    """`asked` if it is a path of this address, else the inbox: a link to sign in leads nowhere else."""
    if not isinstance(asked, str) or len(asked) > _LONGEST_PATH or not asked.isprintable():
        return HOME
    elsewhere = not asked.startswith("/") or "//" in asked or "\\" in asked
    return HOME if elsewhere else asked


def settings_of(request: Request) -> WebSettings:
    """The settings that the application was made with."""
    settings: WebSettings = request.app.state.settings
    return settings


def sign_in_page(request: Request) -> Response:
    """Asks who somebody is; who is signed in goes on."""
    to = local_path(request.query_params.get("to"))
    if request.state.visitor is not None:
        return RedirectResponse(to, HTTPStatus.SEE_OTHER)
    return _sign_in_page(request, to)


def _sign_in_page(request: Request, to: str, error: AfterSalesError | None = None, login: str = "") -> Response:
    settings = settings_of(request)
    return page(
        request,
        "sign_in.html.j2",
        faults.status_of(error) if error else HTTPStatus.OK,
        company=signing_in.company_name(),
        here=f"/sign-in?{urlencode({'to': to})}",
        to=to,
        login=login,
        message=error.message if error else "",
        by_password=settings.passwords,
        by_openid=bool(settings.oidc_issuer),
    )


def sign_in(request: Request) -> Response:
    """Opens a session under a new token; one that the browser had before ends."""
    form, settings = posted(request), settings_of(request)
    to, login, password = local_path(form.get("to")), _text(form, "login"), _text(form, "password")
    try:
        if not settings.passwords:
            raise NotAllowed(N_("Here nobody signs in by password."))
        token = signing_in.sign_in(login, password, address_of(request))
    except NotAllowed as error:
        return _sign_in_page(request, to, error, login)
    return entered(request, token, to)


def entered(request: Request, token: str, to: str) -> Response:
    """Leads somebody who has signed in to where they wanted to go."""
    settings = settings_of(request)
    signing_in.sign_out(token_of(request, settings))
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    keep_session(response, token, settings)
    return response


def sign_out(request: Request) -> Response:
    """Ends the session, here and in the database."""
    settings = settings_of(request)
    signing_in.sign_out(token_of(request, settings))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    drop_session(response, settings)
    return response


def password_page(request: Request) -> Response:
    """Asks for another password."""
    return _password_page(request, {})


def _password_page(request: Request, wrong: Mapping[str, str]) -> Response:
    visitor = visitor_of(request)
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    return page(request, "password.html.j2", status, wrong=wrong, must_change=visitor.must_change, shortest=SHORTEST)


def change_password(request: Request) -> Response:
    """Keeps another password; everywhere else the person is signed out."""
    visitor_of(request)
    form = posted(request)
    old, new, again = (_text(form, name) for name in ("old", "password", "again"))
    if new != again:
        return _password_page(request, {"again": _(N_("This is not the same password. Write it twice."))})
    try:
        signing_in.change_password(token_of(request, settings_of(request)), old, new, address_of(request))
    except InvalidInput as error:
        return _password_page(request, error.fields)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


def choose_language(request: Request) -> Response:
    """This browser reads pages in that language from now on; letters keep the person's."""
    form = posted(request)
    response = RedirectResponse(local_path(form.get("to")), HTTPStatus.SEE_OTHER)
    if form.get("language") in LANGUAGES:
        response.set_cookie(
            COOKIE,
            _text(form, "language"),
            max_age=_A_YEAR,
            secure=settings_of(request).is_https,
            httponly=True,
            samesite="lax",
        )
    return response


def healthy(_request: Request) -> Response:
    """The process answers; who watches it needs no session."""
    return PlainTextResponse("ok")


def _text(form: Mapping[str, object], name: str) -> str:
    """A field; one that is a file instead, or not there, is empty."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


ROUTES: list[BaseRoute] = [
    Route("/sign-in", sign_in_page),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/password", password_page),
    Route("/password", change_password, methods=["POST"]),
    Route("/language", choose_language, methods=["POST"]),
    Route("/healthz", healthy),
]
