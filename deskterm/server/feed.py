"""The live feed as server-sent events (WHATWG): `id` is a position in the log, so that it is taken up from there.

event: head       where the log ended when this feed began
(message)         a batch of changes as a JSON array; `id` is the position of its last
event: closing    the server stops, or the token may not see what it saw: come back
: comment         a sign of life
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from deskterm.desk.tickets.views import Change
from deskterm.server.answering import _header
from deskterm.server.asking import in_the_address, read_as
from deskterm.server.auth import Door
from deskterm.server.limits import Limits
from deskterm.store.base import Invalid, StoreError
from deskterm.store.remote.asked import FeedAsked
from deskterm.store.remote.operations import CLOSING_EVENT, FEED_PATH, HEAD_EVENT, Operation, adapter
from deskterm.store.serving import Bearer, ServedDesk

_CHANGES: Final = adapter(tuple[Change, ...])
FEED: Final[Operation[Any, Any]] = Operation(
    "watch", "GET", FEED_PATH, FeedAsked, tuple[Change, ...], lambda store, asked: store.desk()
)
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_ALIVE: Final = b": still here\n\n"
_CLOSING: Final = f"event: {CLOSING_EVENT}\ndata: {{}}\n\n".encode()


class Following:
    """`GET /v1/feed`."""

    def __init__(self, desk: ServedDesk, door: Door, limits: Limits) -> None:
        self._desk = desk
        self._door = door
        self._limits = limits
        self._closing = asyncio.Event()
        self.open = 0
        """How many follow now."""

    def close(self) -> None:
        """Tell everybody that it ends."""
        self._closing.set()

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Tell of changes until the client goes, the server stops, or the token ends."""
        bearer = await self._door.enter(scope, "watch")
        scope["deskterm.operator"] = bearer.operator.name
        asked: FeedAsked = read_as(FeedAsked, in_the_address(scope, FEED))
        after = _last_event(scope) if asked.after is None else asked.after
        start = self._desk.head() if after is None else after
        changes = self._desk.watch(bearer.operator, start)
        await to({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _tell(to, f'event: {HEAD_EVENT}\nid: {start}\ndata: {{"position": {start}}}\n\n'.encode())
        self.open += 1
        gone = asyncio.ensure_future(_disconnected(receive))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await self._follow(scope, bearer, changes, to, {gone, closing})
        finally:
            self.open -= 1
            gone.cancel()
            closing.cancel()
        with contextlib.suppress(OSError):
            await to({"type": "http.response.body", "body": _CLOSING})

    async def _follow(
        self,
        scope: Scope,
        bearer: Bearer,
        changes: AsyncIterator[tuple[Change, ...]],
        to: Send,
        ends: set[asyncio.Future[Any]],
    ) -> None:
        beat = self._limits.heartbeat
        due = asyncio.get_running_loop().time() + beat
        step: asyncio.Future[tuple[Change, ...]] = asyncio.ensure_future(_next(changes))
        try:
            while not any(end.done() for end in ends):
                left = max(0.0, due - asyncio.get_running_loop().time())
                await asyncio.wait({step, *ends}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if step.done():
                    batch = step.result()
                    if not batch:
                        return
                    told = _CHANGES.dump_json(batch)
                    await _tell(to, b"id: %d\ndata: %s\n\n" % (batch[-1].position, told))
                    step = asyncio.ensure_future(_next(changes))
                if asyncio.get_running_loop().time() >= due:
                    if not await self._door.still(scope, bearer):
                        return
                    await _tell(to, _ALIVE)
                    due = asyncio.get_running_loop().time() + beat
        except StoreError:
            return  # the store is away: whoever follows comes back
        finally:
            step.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError, StopAsyncIteration):
                await step


async def _next(changes: AsyncIterator[tuple[Change, ...]]) -> tuple[Change, ...]:
    """The next batch; an empty one at the end of the feed."""
    async for batch in changes:
        return batch
    return ()


async def _tell(to: Send, text: bytes) -> None:
    await to({"type": "http.response.body", "body": text, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _last_event(scope: Scope) -> int | None:
    text = _header(scope, b"last-event-id")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid("Last-Event-ID has to be the id of an event of this feed.", field="after")
    return int(text)
