"""The way to Prefect as somebody calls it who is signed in, and a stand-in for Prefect that notes what reaches it."""

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.postgres import free_port
from models.roles import Role
from web.faults import Faults, refused
from web.language import Language
from web.prefect import ROUTES
from web.sessions import Visitor
from web.settings import web_settings


def visitor(login: str, roles: Iterable[Role]) -> Visitor:
    """Somebody who is signed in."""
    return Visitor(
        login=login,
        name=login,
        language="en",
        roles=frozenset(roles),
        session_id=1,
        csrf="",
        party="",
        company="",
        must_change=False,
        sees_prefect=True,
    )


class SignedIn:
    """What the sessions do in the application: it is known who calls."""

    def __init__(self, app: ASGIApp, who: Visitor | None) -> None:
        self.app = app
        self.who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["visitor"] = self.who
        await self.app(scope, receive, send)


def gateway_for(who: Visitor | None) -> Starlette:
    """The way to Prefect, with nothing in front of it but who calls."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(SignedIn, who=who), Middleware(Faults), Middleware(Language)],
        exception_handlers={404: refused, 400: refused},
    )
    app.state.settings = web_settings()
    return app


@dataclass(frozen=True)
class Heard:
    """A request that reached the stand-in."""

    method: str
    target: str
    headers: dict[str, list[str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class StandIn:
    """A small server in the place of Prefect's: notes every request, and answers what a test tells it to."""

    port: int = field(default_factory=free_port)
    heard: list[Heard] = field(default_factory=list)
    #: Path to what is answered there: JSON, or an ASGI application.
    answers: dict[str, Any] = field(default_factory=dict)
    #: The messages of a WebSocket as they came, and what each is answered with.
    said: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    subprotocols: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode(), []).append(value.decode("latin-1"))
        query = scope["query_string"].decode()
        target = scope["raw_path"].decode() + (f"?{query}" if query else "")
        self.heard.append(Heard(scope["method"], target, headers, body))
        answer = self.answers.get(scope["path"], {"path": scope["path"]})
        if callable(answer):
            return await answer(scope, receive, send)
        told = json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": told})

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.subprotocols = scope["subprotocols"]
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "prefect"})
        for reply in self.replies:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            self.said.append(message["text"])
            await send({"type": "websocket.send", "text": reply})
        await send({"type": "websocket.close", "code": 1000})


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    """A real server on loopback, in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield
    server.should_exit = True
    thread.join(10)
