"""Copy a whole desk into another store of whatever kind: its log with every hash, receipts, and what stands beside it.

The log goes over as it is exported and imported, so that every event is checked against the chain on its way. It is
one snapshot there and one transaction here: the copy is whole, or there is none.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from deskterm.desk.tickets.views import VerifyReport
from deskterm.store import transfer
from deskterm.store.base import Offline, Unusable
from deskterm.store.local import LocalStore
from deskterm.store.schema import PROJECTIONS, event, head, metadata, receipt

_AHEAD: Final = 1000
"""Lines that may wait to be taken: a log may be longer than memory."""
_BLINK: Final = 0.2
_BESIDE: Final = tuple(
    table for table in metadata.sorted_tables if table not in (event, head, receipt, *PROJECTIONS)
)  # fmt: skip
"""What neither is in the log nor made from it: what operators have seen, who they are."""


async def copy(source: LocalStore, target: LocalStore) -> VerifyReport:
    """Copy a desk into an empty store, and check it there. Raises Invalid where that is not empty, and StoreError.

    Nothing is changed in the source. What is logged there after the copy has begun is not in the copy.
    """
    pipe = _Pipe()
    given, taken = await asyncio.gather(
        source._connections.read(pipe.give), target._connections.write(pipe.take), return_exceptions=True
    )
    for outcome in (taken, given) if isinstance(given, _Stopped) else (given, taken):
        if isinstance(outcome, BaseException):
            raise outcome
    there, here = await source.verify(), await target.verify()
    if not here.sound or (here.events, here.head) != (there.events, there.head):
        reason = next(iter(here.faults), "somebody went on working in the desk that was copied")
        raise Unusable(f"{target.name} is not the same as {source.name}: {reason}. Go on using {source.name}.")
    return here


class _Stopped(Exception):
    """Nobody takes any more."""


class _Pipe:
    """What goes from a thread of one store to a thread of the other, a little at a time."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Any] = queue.Queue(_AHEAD)
        self._taken = threading.Event()
        self._given = threading.Event()

    def give(self, connection: sa.Connection) -> None:
        """Give a whole desk, from one snapshot."""
        try:
            transfer.export(connection, self._put)
            self._put(None)
            for table in _BESIDE:
                for row in connection.execute(sa.select(table)).mappings():
                    self._put((table, dict(row)))
            self._put(None)
        finally:
            self._given.set()

    def take(self, connection: sa.Connection) -> None:
        """Take it into an empty store, in one transaction."""
        try:
            transfer.import_log(connection, self._until_end())
            rows = defaultdict(list)
            for table, row in self._until_end():
                rows[table].append(row)
            for table, some in rows.items():
                connection.execute(table.insert(), some)
        finally:
            self._taken.set()

    def _put(self, item: Any) -> None:
        while not self._taken.is_set():
            try:
                self._waiting.put(item, timeout=_BLINK)
                return
            except queue.Full:
                continue
        raise _Stopped

    def _until_end(self) -> Iterator[Any]:
        while True:
            try:
                item = self._waiting.get(timeout=_BLINK)
            except queue.Empty:
                if self._given.is_set() and self._waiting.empty():
                    raise Offline("The desk that is copied could not be read to its end. Nothing was copied.") from None
                continue
            if item is None:
                return
            yield item
