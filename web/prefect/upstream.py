"""Prefect's server as this process reaches it: its address, our key to it, and connections that are kept."""

import asyncio
from base64 import b64encode
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from models.errors import Unavailable
from models.language import N_
from tasks.settings import settings

#: Prefect answers at once or is busy with a large filter; what takes longer is not waited for.
_TIMES = httpx.Timeout(60, connect=3)
_CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
#: Connections belong to the event loop that made them.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def address() -> str:
    """Where Prefect's UI and API begin, without a slash at its end; raises Unavailable if no Prefect is known."""
    if not settings().prefect_api_url:
        raise Unavailable(
            N_("No Prefect server is known here. Start one with «aftersales up», or set PREFECT_API_URL.")
        )
    return settings().prefect_api_url.rstrip("/").removesuffix("/api")


def token() -> str:
    """What Prefect's server asks of its callers; empty if it asks for nothing."""
    return settings().prefect_api_auth_string.get_secret_value()


def key() -> dict[str, str]:
    """The header that opens Prefect's API to us."""
    return {"authorization": f"Basic {b64encode(token().encode()).decode()}"} if token() else {}


def client() -> httpx.AsyncClient:
    """One for each event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        # Whoever does not say that it unpacks gets nothing packed.
        unpacked = {"accept-encoding": "identity"}
        _clients[loop] = httpx.AsyncClient(timeout=_TIMES, limits=_CONNECTIONS, headers=unpacked)
    return _clients[loop]


async def send(request: httpx.Request, *, stream: bool = False) -> httpx.Response:
    """Prefect's answer; raises Unavailable if there is none."""
    try:
        return await client().send(request, stream=stream)
    except httpx.TransportError as error:
        raise unreachable(error) from error


async def ask(path: str) -> Any:
    """The JSON at a path of Prefect's API such as `/flow_runs/…`; None where there is no such thing.

    Raises Unavailable.
    """
    answer = await send(client().build_request("GET", f"{address()}/api{path}", headers=key()))
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    try:
        return answer.raise_for_status().json()
    except httpx.HTTPStatusError as error:
        raise unreachable(error) from error


def unreachable(error: Exception) -> Unavailable:
    """What people are told; the reason as Prefect or the network gave it."""
    return Unavailable(N_("Prefect does not answer: {reason}"), reason=str(error) or type(error).__name__)
