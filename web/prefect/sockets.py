"""Prefect's WebSockets: what happens, told as it happens, to those who may look."""

import asyncio
import json
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from models.errors import Unavailable
from web.prefect import upstream

PROTOCOL = "prefect"
#: Then the caller connects anew and is looked at anew; a session that has ended hears no more.
LONGEST_SECONDS = 300.0
_FIRST_MESSAGE_SECONDS = 10.0
_LARGEST_MESSAGE = 4 * 1024 * 1024
#: Codes of RFC 6455 for the end of a connection.
_GOING_AWAY, _PROTOCOL_ERROR, REFUSED, _TRY_LATER = 1001, 1002, 1008, 1013


async def relay(socket: WebSocket) -> None:
    """Carries messages both ways. The first must be the caller's `auth`; its token is replaced by ours."""
    if PROTOCOL not in socket.scope["subprotocols"]:
        return await socket.close(_PROTOCOL_ERROR)
    try:
        prefect = await connect(
            upstream.address().replace("http", "ws", 1) + socket.scope["raw_path"].decode(),
            subprotocols=[Subprotocol(PROTOCOL)],
            max_size=_LARGEST_MESSAGE,
        )
    except (OSError, InvalidHandshake, Unavailable):
        return await socket.close(_TRY_LATER)
    async with prefect:
        await socket.accept(subprotocol=PROTOCOL)
        with suppress(WebSocketDisconnect, ConnectionClosed):
            await _introduced(socket, prefect)


async def _introduced(socket: WebSocket, prefect: ClientConnection) -> None:
    try:
        first = json.loads(await asyncio.wait_for(socket.receive_text(), _FIRST_MESSAGE_SECONDS))
    except (ValueError, KeyError, TimeoutError):
        first = None
    if not isinstance(first, dict) or first.get("type") != "auth":
        return await socket.close(REFUSED)
    await prefect.send(json.dumps({"type": "auth", "token": upstream.token() or None}))
    ways = [asyncio.create_task(_to_prefect(socket, prefect)), asyncio.create_task(_to_caller(socket, prefect))]
    done, under_way = await asyncio.wait(ways, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for way in under_way:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    if ways[0] not in done:
        code = prefect.close_code or _GOING_AWAY
        await socket.close(code if code not in {1005, 1006} else _GOING_AWAY, prefect.close_reason or "")


async def _to_prefect(socket: WebSocket, prefect: ClientConnection) -> None:
    async for text in socket.iter_text():
        await prefect.send(text)


async def _to_caller(socket: WebSocket, prefect: ClientConnection) -> None:
    async for message in prefect:
        await socket.send_text(message if isinstance(message, str) else message.decode())
