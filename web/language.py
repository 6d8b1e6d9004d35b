"""The language of a page: as chosen in this browser, else as the person's letters, else as the browser asks."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from models.language import LANGUAGES, speaking
from tasks.settings import settings

COOKIE = "aftersales-language"
#: How each language calls itself.
NAMES = {"zh_CN": "中文", "en": "English"}


def language_of(connection: HTTPConnection) -> str:
    """One of `LANGUAGES`."""
    chosen = connection.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    if visitor := getattr(connection.state, "visitor", None):
        return str(visitor.language)
    return _asked_for(connection.headers.get("accept-language", "")) or settings().language


def _asked_for(header: str) -> str | None:
    """The first of our languages that a browser lists; browsers list the preferred one first."""
    for part in header.lower().split(","):
        tag = part.partition(";")[0].strip().replace("-", "_")
        for language in LANGUAGES:
            if tag.partition("_")[0] == language.lower().partition("_")[0]:
                return language
    return None


class Language:
    """Everything inside is written in the language of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on in its language."""
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        with speaking(language_of(HTTPConnection(scope))):
            await self.app(scope, receive, send)
