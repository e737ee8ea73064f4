"""The live feed as server-sent events (WHATWG): `id` is a position in the log, so that it is taken up from there.

event: head       where the log ended when this feed began; whether the server deals itself with what falls due
(message)         a batch of changes as a JSON array; `id` is the position of its last
event: rows       before one, for who asked with `rows=true`: its tickets as lines of the queue, if not too many
event: counts     with it: how much each built-in view of the operator holds now, and how many windows are open
event: closing    the server stops, or the token may not see what it saw: come back
: comment         a sign of life
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from deskterm.desk.tickets.views import Change
from deskterm.server.answering import header
from deskterm.server.asking import in_the_address, read_as
from deskterm.server.auth import Door
from deskterm.server.limits import Limits
from deskterm.server.spreading import Batch, Spreading, Watcher, together
from deskterm.server.wire import wire_of
from deskterm.store.base import Invalid, StoreError
from deskterm.store.remote.asked import FeedAsked
from deskterm.store.remote.operations import CLOSING_EVENT, FEED_PATH, HEAD_EVENT, Operation
from deskterm.store.serving import Bearer, ServedDesk

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
        self._spreading = Spreading(desk)
        self._closing = False
        self.ticks = False
        """Whether this server deals with what falls due by itself, so that nobody has to ask it to."""

    @property
    def open(self) -> int:
        """How many follow now."""
        return self._spreading.watchers

    def close(self) -> None:
        """Tell everybody that it ends."""
        self._closing = True
        self._spreading.close()

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Tell of changes until the client goes, the server stops, or the token ends."""
        bearer = await self._door.enter(scope, "watch")
        scope["deskterm.operator"] = bearer.operator.name
        asked: FeedAsked = read_as(FeedAsked, in_the_address(scope, FEED))
        after = _last_event(scope) if asked.after is None else asked.after
        start = self._desk.head() if after is None else after
        await to({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "HEAD":
            await to({"type": "http.response.body", "body": b""})
            return
        head = to_json({"position": start, "ticks": self.ticks})
        await _tell(to, b"event: %s\nid: %d\ndata: %s\n\n" % (HEAD_EVENT.encode(), start, head))
        watcher, known = self._spreading.join(bearer, rows=asked.rows, wire=wire_of(scope))
        gone = asyncio.ensure_future(_disconnected(receive, watcher))
        try:
            watcher.position = await self._catch_up(bearer, start, known, to)
            if not self._closing:
                await self._follow(scope, bearer, watcher, to)
        except StoreError:
            pass  # the store is away: whoever follows comes back
        finally:
            self._spreading.leave(watcher)
            gone.cancel()
        with contextlib.suppress(OSError):
            await to({"type": "http.response.body", "body": _CLOSING})

    async def _catch_up(self, bearer: Bearer, position: int, known: int, to: Send) -> int:
        """Tell what was missed, up to where the queue takes over; returns where that is."""
        if position >= known:
            return position
        async with contextlib.aclosing(self._desk.watch(bearer.operator, position)) as missed:  # type: ignore[type-var]
            async for changes in missed:
                await _tell(to, Batch(changes).told_to(None))
                position = changes[-1].position
                if position >= known or self._closing:
                    break
        return position

    async def _follow(self, scope: Scope, bearer: Bearer, watcher: Watcher, to: Send) -> None:
        """Tell what the watcher was not ready for when it happened, and show signs of life."""
        loop, beat = asyncio.get_running_loop(), self._limits.heartbeat
        due = loop.time() + beat
        while True:
            watcher.follows = True
            try:
                async with asyncio.timeout_at(due):
                    told = await watcher.waiting.get()
            except TimeoutError:
                if not await self._door.still(scope, bearer):
                    return
                await _tell(to, _ALIVE)
                due = loop.time() + beat
                continue
            watcher.follows = False
            batches = [told] if told is not None else []
            while told is not None and not watcher.waiting.empty():
                if (told := watcher.waiting.get_nowait()) is not None:
                    batches.append(told)
            if batches and (fresh := watcher.fresh(together(batches))) is not None:
                await _tell(to, fresh.told_to(watcher.me))
            if told is None:
                return


async def _tell(to: Send, text: bytes) -> None:
    await to({"type": "http.response.body", "body": text, "more_body": True})


async def _disconnected(receive: Receive, watcher: Watcher) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher.tell(None)


def _last_event(scope: Scope) -> int | None:
    text = header(scope, b"last-event-id")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid("Last-Event-ID has to be the id of an event of this feed.", field="after")
    return int(text)
