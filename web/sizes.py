"""Large requests: refused by what they declare, and counted while they come."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Sizes:
    """Raises HTTPException 413. Starlette's own limit would answer in English, without a page around it."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is not too large."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        self._refuse_over(int(declared) if declared.isdecimal() else 0)
        arrived = 0

        async def receive_and_count() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            self._refuse_over(arrived)
            return message

        await self.app(scope, receive_and_count, send)

    def _refuse_over(self, size: int) -> None:
        if size > self.largest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
