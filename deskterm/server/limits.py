"""What one client may take of the server: bytes of a body, time to send it, requests a second, time for its headers.

Each process counts for itself: behind two servers a token may ask twice as much, and nothing wrong comes of it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from deskterm.server import wire
from deskterm.server.replies import Refused

_MOST_KNOWN: Final = 10_000
"""Tokens whose rate is kept in mind; the one that was quiet longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server."""

    body: int = 2 * 1024 * 1024
    """Bytes of a body."""
    body_seconds: float = 20.0
    """Time for a whole body to arrive."""
    header_seconds: float = 10.0
    """Time for the headers of a request to arrive, from when the connection was made."""
    header_bytes: int = 16 * 1024
    connections: int = 2000
    rate: float = 100.0
    """Requests a second for each token, over time."""
    burst: float = 300.0
    """Requests at once for each token."""
    heartbeat: float = 15.0
    """Seconds between signs of life on a quiet feed; then it is also asked whether its token still holds."""
    graceful: int = 10
    """Seconds for what is under way when the server stops."""


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """Read a body. Raises Refused for one that is too large, comes too slowly, or was never meant as JSON."""
    headers = dict(scope["headers"])
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refused(415, "media_type", "A body is sent as it is, not compressed.")
    sort = headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if sort != b"application/json":
        raise Refused(415, "media_type", "A body is JSON: Content-Type: application/json.")
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced[:20]) > limits.body:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _whole(receive, limits)
    except TimeoutError:
        raise Refused(408, "slow", "The body did not arrive in time.", headers=[(b"connection", b"close")]) from None


async def _whole(receive: Receive, limits: Limits) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "malformed", "The body ended before its end.")
        part = message.get("body", b"")
        size += len(part)
        if size > limits.body:
            raise _too_large(limits)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large(limits: Limits) -> Refused:
    most = limits.body // 1024
    return Refused(
        413, "too_large", f"A body may have {most} KB at most.", headers=[(b"connection", b"close")]
    )  # fmt: skip


class Rates:
    """How fast each token asks: a bucket that fills by the second."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def take(self, token: UUID) -> None:
        """Count a request. Raises Refused when there were too many."""
        now = time.monotonic()
        left, then = self._left.pop(token, (self._limits.burst, now))
        left = min(self._limits.burst, left + (now - then) * self._limits.rate)
        self._left[token] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)
        if left < 1:
            wait = max(1, round((1 - left) / self._limits.rate + 0.5))
            raise Refused(
                429, "too_many", "This token asks too often.", headers=[(b"retry-after", str(wait).encode())]
            )  # fmt: skip


class Hurried(H11Protocol):
    """HTTP/1.1 that does not wait for ever for the headers of a request."""

    def __init__(self, *args: Any, seconds: float, **more: Any) -> None:
        super().__init__(*args, **more)
        self._seconds = seconds
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first headers."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what comes; the headers of a next request begin to be waited for with their first byte."""
        if self._patience is None and not self._answers():
            self._wait()
        super().data_received(data)
        if self._answers():
            self._calm()

    def handle_events(self) -> None:
        """Begin to answer what came, with the wire at hand."""
        super().handle_events()
        if self._answers():
            wire.lay(self.cycle.scope, self.transport, self.flow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._calm()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Between requests the time for an idle connection counts instead."""
        self._calm()
        super().on_response_complete()

    def _answers(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self._seconds, self._too_slow)

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        self._patience = None
        if self.transport.is_closing():
            return
        self.transport.write(
            b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )  # fmt: skip
        self.transport.close()
