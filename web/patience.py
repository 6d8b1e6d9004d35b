"""Slow requests: one that does not arrive whole in time gives its connection back."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with a time for the head of a request and one for the whole of it; uvicorn itself waits for ever."""

    head_seconds: float
    body_seconds: float

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._alarm: asyncio.TimerHandle | None = None
        self._waits_for: str = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request may begin."""
        super().connection_made(transport)
        self._wait_for("head")

    def data_received(self, data: bytes) -> None:
        """More of a request is here, or all of it."""
        super().data_received(data)
        self._wait_for(self._missing())

    def on_response_complete(self) -> None:
        """The next request may lie here already."""
        super().on_response_complete()
        self._wait_for(self._missing())

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._wait_for("")
        super().connection_lost(exc)

    def _missing(self) -> str:
        """What of a request that has begun is not here yet; idle connections and sockets have times of uvicorn's."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return ""
        if self.conn.their_state is h11.IDLE:
            return "head" if self.cycle is None or self.conn.trailing_data[0] else ""
        return "body" if self.conn.their_state is h11.SEND_BODY else ""

    def _wait_for(self, part: str) -> None:
        if part == self._waits_for:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._waits_for = part
        seconds = self.head_seconds if part == "head" else self.body_seconds
        self._alarm = self.loop.call_later(seconds, self._give_up) if part else None

    def _give_up(self) -> None:
        """408 if nothing was answered yet, then the connection ends; the application hears that its caller left."""
        if self.transport.is_closing():
            return
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            head = h11.Response(status_code=408, headers=[("connection", "close"), ("content-length", "0")])
            self.transport.write((self.conn.send(head) or b"") + (self.conn.send(h11.EndOfMessage()) or b""))
        if self.cycle is not None:
            self.cycle.disconnected = True
        self.transport.close()


def patient(head_seconds: float, body_seconds: float) -> type[PatientProtocol]:
    """The protocol with these times, as uvicorn wants it: a class."""
    times = {"head_seconds": head_seconds, "body_seconds": body_seconds}
    return type("PatientProtocol", (PatientProtocol,), times)
