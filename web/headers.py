"""What every response tells the browser: load nothing from elsewhere, be framed by nobody, guess no types."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Our pages have no script, and forms that go nowhere else. A response with a policy of its own keeps it.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: with it browsers send `Origin: null` along with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_A_YEAR = 31_536_000


class SecurityHeaders:
    """Adds them where a response does not bring its own."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.always = dict(_ALWAYS)
        if is_https:
            self.always["strict-transport-security"] = f"max-age={_A_YEAR}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and adds to its response."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        # A style sheet may be kept and asked after; a page is somebody's and is not kept.
        caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.always.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", CONTENT_SECURITY_POLICY)
                headers.setdefault("cache-control", caching)
            await send(message)

        await self.app(scope, receive, send_with_headers)
