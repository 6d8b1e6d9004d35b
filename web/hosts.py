"""One public address: whoever comes by another name is led to it, and may not change anything there."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Hosts:
    """Compares `Host` with the public address. What proxies add (`X-Forwarded-Host`) is not read."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_url = public_url
        self.scheme = urlsplit(public_url).scheme
        self.place = _place(self.scheme, urlsplit(public_url).netloc)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what names the public address."""
        is_probe = scope["type"] == "http" and scope["path"] == "/healthz"
        if scope["type"] not in {"http", "websocket"} or is_probe:
            return await self.app(scope, receive, send)
        host = Headers(scope=scope).get("host", "")
        if self.place is not None and _place(self.scheme, host) == self.place:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        await self._elsewhere(scope)(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Misdirected Request", 421)
        raw: bytes = scope.get("raw_path") or b"/"
        query: bytes = scope["query_string"]
        path = raw.decode("ascii", "replace") + (f"?{query.decode('ascii', 'replace')}" if query else "")
        return RedirectResponse(f"{self.public_url}/{path.lstrip('/')}", 307)


def _place(scheme: str, netloc: str) -> tuple[str, int] | None:
    """Name and port, the scheme's own port where none is written."""
    try:
        parts = urlsplit(f"//{netloc}")
        port = parts.port or _DEFAULT_PORTS[scheme]
    except ValueError:
        return None
    is_bare = parts.netloc == netloc and parts.username is None
    return (parts.hostname, port) if parts.hostname and is_bare else None
