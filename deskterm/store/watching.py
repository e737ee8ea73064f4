"""The live feed: what is committed, by whatever process, told in commit order within a few hundredths of a second."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Final

from deskterm.desk.tickets.views import Change
from deskterm.store.base import Offline
from deskterm.store.connections import Connections, open_file
from deskterm.store.log import changes_after
from deskterm.store.trouble import told

POLL_SECONDS: Final = 0.025
_BATCH: Final = 500


class Feed:
    """Tells any number of watchers in one event loop of new events in a store."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._sentinel: sqlite3.Connection | None = None
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
        if self._sentinel is not None:
            self._sentinel.close()
            self._sentinel = None

    def head(self) -> int:
        """Where the log ends now. Read at once, on the caller's thread: a few microseconds, and it waits for nobody."""
        try:
            row = self._connection().execute("SELECT position FROM head").fetchone()
        except sqlite3.Error as error:
            raise told(error, self._connections.path) from error
        return int(row[0])

    async def watch(self, position: int) -> AsyncIterator[tuple[Change, ...]]:
        """Batches of changes behind a position, until the feed is closed."""
        last: int | None = None
        while not self.closed:
            version = self._version()
            # The version is read before the log: a commit between the two shows up in the next round.
            if version is None or version != last:
                last = version
                while batch := await self._read(position):
                    position = batch[-1].position
                    yield batch
            await self._pause()

    async def _read(self, position: int) -> tuple[Change, ...]:
        try:
            return await self._connections.read(lambda connection: changes_after(connection, position, _BATCH))
        except Offline:
            # Closing the store ends the feed; it is no trouble to tell of.
            if not self.closed:
                raise
            return ()

    def _version(self) -> int | None:
        """A number that changes when another connection commits: three microseconds, and it never waits for a lock."""
        try:
            row = self._connection().execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None
        return int(row[0])

    def _connection(self) -> sqlite3.Connection:
        if self._sentinel is None:
            self._sentinel = open_file(self._connections.path, timeout=0)
        return self._sentinel

    async def _pause(self) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(POLL_SECONDS, _over, waiter)
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)


def _over(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
