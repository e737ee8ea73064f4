"""The live feed: what is committed, by whatever process, told in commit order within a few hundredths of a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from deskterm.desk.tickets.views import Change
from deskterm.store.base import Offline
from deskterm.store.connected import Connected, Sentinel
from deskterm.store.log import changes_after

POLL_SECONDS: Final = 0.025
RETRY_SECONDS: Final = 0.5
"""How long a desk out of reach is left alone."""
_BATCH: Final = 500
Told = Callable[[sa.Connection, tuple[Change, ...]], tuple[Change, ...]]
"""Makes of changes what one watcher may hear of them."""


class Feed:
    """Tells any number of watchers in one event loop of new events in a store."""

    def __init__(self, connections: Connected) -> None:
        self._connections = connections
        self._kept: Sentinel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the feed has ended for everybody."""
        return self._closed

    def wake(self) -> None:
        """Let watchers look at once, because something was just committed here."""
        for waiter in tuple(self._waiting):
            _over(waiter)

    def close(self) -> None:
        """End every watcher's feed."""
        self._closed = True
        self.wake()
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def head(self) -> int:
        """Where the log ends now. Read at once, on the caller's thread: it is a short look."""
        return self._sentinel().head()

    async def watch(self, position: int, told: Told) -> AsyncIterator[tuple[Change, ...]]:
        """Batches of changes behind a position, as one watcher may hear them, until the feed is closed."""
        last: object = None
        while not self.closed:
            sentinel = self._sentinel()
            version = sentinel.version()
            # The version is read before the log: a commit between the two shows up in the next round.
            if version is None or version != last:
                last = version
                try:
                    while batch := await self._read(position, told):
                        position = batch[-1].position
                        yield batch
                except Offline:
                    if not sentinel.tries_again:
                        raise
                    # Nothing is lost by it: the feed goes on from the last event that was told.
                    last = None
                    await self._pause(RETRY_SECONDS)
            await self._pause(POLL_SECONDS)

    async def _read(self, position: int, told: Told) -> tuple[Change, ...]:
        try:
            return await self._connections.read(
                lambda connection: told(connection, changes_after(connection, position, _BATCH))
            )
        except Offline:
            # Closing the store ends the feed; it is no trouble to tell of.
            if not self.closed:
                raise
            return ()

    def _sentinel(self) -> Sentinel:
        if self._kept is None:
            self._loop = asyncio.get_running_loop()
            self._kept = self._connections.sentinel(self._committed)
        return self._kept

    def _committed(self) -> None:
        """Let watchers look at once; called from whatever thread noticed it."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and its watchers with it
                self._loop.call_soon_threadsafe(self.wake)

    async def _pause(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _over, waiter)
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)


def _over(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
