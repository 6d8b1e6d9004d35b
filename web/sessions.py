"""Whose request it is: the cookie that holds a session, and the visitor that every page asks for."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from models.roles import Role
from tasks.signing_in import SessionView, signed_in
from web.settings import WebSettings

#: What somebody may open who must choose another password first.
_BEFORE_CHANGE = frozenset({"/password", "/sign-out", "/language"})


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, as they are at this request."""

    login: str
    name: str
    #: Of their letters; the page's own may differ, see `web.language`.
    language: str
    roles: frozenset[Role]
    session_id: int
    #: What every form of ours carries in its hidden field `csrf`.
    csrf: str
    party: str
    company: str
    must_change: bool
    #: Whether a role of theirs is let into Prefect.
    sees_prefect: bool


class SignInNeeded(Exception):
    """Nobody is signed in, and the page is somebody's; the application leads to signing in."""


def visitor_of(request: HTTPConnection) -> Visitor:
    """Who is signed in; raises SignInNeeded."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is None:
        raise SignInNeeded
    return visitor


def token_of(connection: HTTPConnection, settings: WebSettings) -> str:
    """The token of the session cookie; empty if there is none."""
    return connection.cookies.get(cookie_name(settings), "")


def cookie_name(settings: WebSettings, what: str = "session") -> str:
    """Of a cookie of ours. Browsers take `__Host-` from this very host by https alone, and never from a neighbour."""
    return f"__Host-aftersales-{what}" if settings.is_https else f"aftersales-{what}"


def keep_session(response: Response, token: str, settings: WebSettings) -> None:
    """The browser keeps the token until it is closed; scripts do not see it, other sites do not send it."""
    response.set_cookie(cookie_name(settings), token, path="/", secure=settings.is_https, httponly=True, samesite="lax")


def drop_session(response: Response, settings: WebSettings) -> None:
    """The browser forgets the token."""
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")


def csrf_of(token: str) -> str:
    """What forms of this session carry: from the token, which no other site knows, and never the token itself."""
    return hmac.new(token.encode(), b"csrf", sha256).hexdigest()


def visitor_from(view: SessionView, token: str, *, by_password: bool) -> Visitor:
    """The visitor of an open session; where nobody signs in by password, none must be changed."""
    return Visitor(
        login=view.login,
        name=view.name,
        language=view.language,
        roles=view.roles,
        session_id=view.session_id,
        csrf=csrf_of(token),
        party=view.party,
        company=view.company,
        must_change=view.must_change and by_password,
        sees_prefect=view.sees_prefect,
    )


class Sessions:
    """Finds out for every request whose it is: `request.state.visitor`, or None. Nothing a request says is believed."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its visitor."""
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["visitor"] = None
        token = token_of(HTTPConnection(scope), self.settings)
        if token and not is_open_to_all(scope["path"]):
            view = await run_in_threadpool(signed_in, token)
            state["visitor"] = visitor_from(view, token, by_password=self.settings.passwords) if view else None
        if _must_change_first(scope):
            return await _to_password(scope)(scope, receive, send)
        await self.app(scope, receive, send)


def _must_change_first(scope: Scope) -> bool:
    visitor: Visitor | None = scope["state"]["visitor"]
    return visitor is not None and visitor.must_change and scope["path"] not in _BEFORE_CHANGE


def _to_password(scope: Scope) -> ASGIApp:
    """Pages lead to the choice of a password; programs and sockets are refused."""
    if scope["type"] == "websocket":
        return _closed
    if is_for_programs(scope["path"]):
        return JSONResponse({"error": "not_allowed", "message": "password must be changed"}, 403)
    return RedirectResponse("/password", 303)


async def _closed(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})


def is_open_to_all(path: str) -> bool:
    """What needs nobody's session, and works while the database does not."""
    return path == "/healthz" or path.startswith("/static/")


def is_for_programs(path: str) -> bool:
    """Whether JSON is expected there: Prefect's API, which scripts of its UI call."""
    return path == "/api" or path.startswith("/api/")


def address_of(request: Request) -> str:
    """Where a request comes from, by the connection; a proxy's word counts only if the settings trust it."""
    return request.client.host if request.client else ""
