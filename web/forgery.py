"""Forged requests (CSRF): what changes something must come from a page of ours, and from this very session's."""

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from models.errors import NotAllowed
from models.language import N_
from web.faults import refused
from web.sessions import Visitor, is_for_programs

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FROM_ELSEWHERE = N_("This did not come from a page of this system, so nothing was done.")
OUT_OF_DATE = N_("This page was out of date, so nothing was done. Go back, load the page again, and repeat it.")
#: More than any form of ours has: a month's repairs are 200 lines of 12 inputs. A field holds text, not a file.
_FIELDS, _FILES, _FIELD_BYTES = 4000, 10, 1024 * 1024


def posted(request: Request) -> FormData:
    """The fields of the form that was sent; they were read when the form was checked."""
    form: FormData = request.state.form
    return form


class Forgery:
    """Refuses unsafe requests and sockets that another site caused.

    Browsers say where a request comes from (`Origin`, `Sec-Fetch-Site`); one that says neither is refused. Where
    somebody is signed in, our forms also carry the session's `csrf`. Prefect's API is called by scripts, which have
    none.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.origin = _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what comes from a page of ours."""
        if scope["type"] == "websocket" and Headers(scope=scope).get("origin") != self.origin:
            return await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http" or scope["method"] in SAFE:
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        if not self._is_from_here(request.headers):
            return await refused(request, NotAllowed(FROM_ELSEWHERE))(scope, receive, send)
        if is_for_programs(scope["path"]):
            return await self.app(scope, receive, send)
        async with request.form(max_fields=_FIELDS, max_files=_FILES, max_part_size=_FIELD_BYTES) as form:
            visitor: Visitor | None = request.state.visitor
            if visitor is not None and not _carries(form, visitor.csrf):
                return await refused(request, NotAllowed(OUT_OF_DATE))(scope, receive, send)
            request.state.form = form
            await self.app(scope, receive, send)

    def _is_from_here(self, headers: Headers) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None and site is None:
            return False
        return origin in {None, self.origin} and site in {None, "same-origin"}


def _carries(form: FormData, csrf: str) -> bool:
    sent = form.get("csrf")
    return isinstance(sent, str) and hmac.compare_digest(sent.encode(), csrf.encode())


def _origin(url: str) -> str:
    """As browsers write it: the scheme's own port is left out."""
    parts = urlsplit(url)
    own = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, own} else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"
