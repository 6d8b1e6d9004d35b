"""One line in the log for each request: method, path, status, login. No queries, and no secrets of links."""

import logging
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("web.access")
#: What follows these in a path opens something.
_SECRET = ("/links/",)


class AccessLog:
    """Written when the response has begun; a request that got none is status 0."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and writes its line."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            visitor = scope.get("state", {}).get("visitor")
            _log.info("%s %s %s %s", scope["method"], shown(scope["path"]), status, visitor.login if visitor else "-")


def shown(path: str) -> str:
    """A path as it may stand in a log: on one line, and without what opens something."""
    for beginning in _SECRET:
        if path.startswith(beginning):
            return f"{beginning}…"
    return quote(path)
