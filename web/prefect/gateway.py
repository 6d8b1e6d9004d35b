"""The way to Prefect: who may pass, and what is done here in Prefect's place."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from models.errors import NotAllowed
from models.language import N_
from web.prefect import proxy, sockets, ui
from web.prefect.access import Capability, PrefectRoute, capabilities, routes_of
from web.prefect.calls import Call
from web.prefect.paths import AmbiguousPath, plain_path
from web.prefect.resuming import resume
from web.prefect.starting import start, validate
from web.sessions import Visitor, visitor_of

#: What is not simply passed on.
_DONE_HERE: dict[tuple[str, str], Callable[[Call], Awaitable[Response]]] = {
    ("POST", "/api/deployments/{id}/create_flow_run"): start,
    ("POST", "/api/flow_runs/{id}/resume"): resume,
    ("POST", "/api/ui/schemas/validate"): validate,
    ("GET", "/api/admin/settings"): ui.settings,
    ("GET", "/ui-settings"): ui.address,
}
_REFUSED = N_("{person} may not do this in Prefect.")
_ANSWER_ELSEWHERE = N_("{person} answers questions in the inbox, not in Prefect.")


async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
    """Everything that no page of ours answers. Raises SignInNeeded, NotAllowed, Unavailable or HTTPException."""
    if scope["type"] == "websocket":
        return await _socket(WebSocket(scope, receive, send))
    request = Request(scope, receive)
    await (await _answer(request, visitor_of(request)))(scope, receive, send)


async def _answer(request: Request, visitor: Visitor) -> Response:
    try:
        path = plain_path(request.scope["raw_path"])
    except AmbiguousPath:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    may = await run_in_threadpool(capabilities, visitor.roles)
    if path == "/" and Capability.READ not in may:
        return RedirectResponse("/inbox", HTTPStatus.SEE_OTHER)
    routes = routes_of(request.method, path)
    if missing := {route.needs for route in routes} - may:
        text = _ANSWER_ELSEWHERE if missing == {Capability.RESUME} and Capability.READ in may else _REFUSED
        raise NotAllowed(text, person=visitor.name)
    if not routes:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    call = Call(request, visitor, may, path)
    return await _way_of(routes)(call)


def _way_of(routes: list[PrefectRoute]) -> Callable[[Call], Awaitable[Response]]:
    here = [
        _DONE_HERE[route.method, route.template] for route in routes if (route.method, route.template) in _DONE_HERE
    ]
    return here[0] if here else _pass_on


async def _pass_on(call: Call) -> Response:
    return await proxy.pass_on(call.request)


async def _socket(socket: WebSocket) -> None:
    """Whoever may not look is refused before the connection stands; where it comes from was looked at before."""
    visitor = getattr(socket.state, "visitor", None)
    if visitor is None or not await _may_listen(socket, visitor):
        return await socket.close(sockets.REFUSED)
    await sockets.relay(socket)


async def _may_listen(socket: HTTPConnection, visitor: Visitor) -> bool:
    try:
        routes = routes_of("WS", plain_path(socket.scope["raw_path"]))
    except AmbiguousPath:
        return False
    return bool(routes) and {route.needs for route in routes} <= await run_in_threadpool(capabilities, visitor.roles)
