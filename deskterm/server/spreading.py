"""Telling many watchers of the same changes: read and written as JSON once for all who may see the same.

A hundred screens that watch a desk would else read each commit a hundred times, and ask for the rows and counts that it
changes a hundred times. Which groups are hidden from somebody decides with whom they share; when a desk file comes into
force that may change, and everybody comes back.

What happens within `APART` of what was told last is told together, and so is what somebody was too slow to be told
in time: each ticket with its newest line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pydantic_core import to_json

from deskterm.desk.deskfile import Operator
from deskterm.desk.tickets.views import Change
from deskterm.server.wire import Wire
from deskterm.store.base import StoreError
from deskterm.store.remote.operations import COUNTS_EVENT, ROWS_EVENT, adapter
from deskterm.store.serving import Bearer, ServedDesk
from deskterm.store.showing import MOST_ROWS
from deskterm.store.shown import Numbers, Shown, ShownRow

CHANGES: Final = adapter(tuple[Change, ...])
ROWS: Final = adapter(tuple[ShownRow, ...])
APART: Final = 0.1
"""Seconds between one telling and the next: nobody reads faster, and when much happens it costs half."""
_AT_ONCE: Final = 50
"""Watchers who are told before it is somebody else's turn: an answer that waits is waited for by a person."""
_MOST_WAITING: Final = 1000
"""A watcher that lets so many batches wait is let go; it comes back for what it missed."""
_SIGHT_CHANGES: Final = "DeskLoaded"
_COUNTS: Final = b"event: %s\ndata: %%s\n\n" % COUNTS_EVENT.encode()


@dataclass(frozen=True)
class Batch:
    """Changes as they are told, written down once however many hear of them; `shown` is what queues show of them."""

    changes: tuple[Change, ...]
    shown: Shown | None = None
    _counts: dict[tuple[object, ...], bytes] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """Position of the last one."""
        return self.changes[-1].position

    def behind(self, position: int) -> Batch | None:
        """What of it comes behind a position."""
        if self.changes[0].position > position:
            return self
        left = tuple(change for change in self.changes if change.position > position)
        return Batch(left) if left else None

    def told_to(self, me: Operator | None) -> bytes:
        """Its events, for somebody who asked for rows, or for anybody who did not."""
        if me is None or self.shown is None:
            return self._plain
        numbers = self.shown.numbers
        alike = numbers.shared_by(me)
        if alike not in self._counts:
            self._counts[alike] = self._rows + _COUNTS % to_json(numbers.seen_by(me)) + self._plain
        return self._counts[alike]

    @cached_property
    def _plain(self) -> bytes:
        return b"id: %d\ndata: %s\n\n" % (self.last, CHANGES.dump_json(self.changes))

    @cached_property
    def _rows(self) -> bytes:
        rows = ROWS.dump_json(self.shown.rows if self.shown else ())
        return b"event: %s\ndata: %s\n\n" % (ROWS_EVENT.encode(), rows)


def together(batches: Sequence[Batch]) -> Batch:
    """Batches that follow each other, as one."""
    if len(batches) == 1:
        return batches[0]
    changes = tuple(change for each in batches for change in each.changes)
    rows: dict[object, ShownRow] = {}
    numbers: Numbers | None = None
    for each in batches:
        if each.shown is None:
            return Batch(changes)
        for change in each.changes:
            # Also what is no longer for everybody's eyes goes: only the last word on a ticket counts.
            rows.pop(change.record_id, None)
        rows |= {line.row.id: line for line in each.shown.rows}
        numbers = each.shown.numbers
    if numbers is None or len(rows) > MOST_ROWS:
        return Batch(changes)
    return Batch(changes, Shown(tuple(rows.values()), numbers))


@dataclass(eq=False, slots=True)
class Watcher:
    """One who watches. None in its queue means that it is over."""

    me: Operator | None = None
    """Whoever asked for rows to be told."""
    wire: Wire | None = None
    position: int = 0
    """Up to where it was told."""
    follows: bool = False
    """Whether it was told of all that is behind it, and waits for more."""
    waiting: asyncio.Queue[Batch | None] = field(default_factory=asyncio.Queue)

    def tell(self, told: Batch | None) -> None:
        """Tell it at once, or put it into its queue where it is not ready for more."""
        wire = self.wire if self.follows and self.waiting.empty() else None
        if told is None or wire is None or not wire.is_free:
            self.waiting.put_nowait(told if self.waiting.qsize() < _MOST_WAITING else None)
        elif (fresh := self.fresh(told)) is not None:
            wire.write(fresh.told_to(self.me))

    def fresh(self, told: Batch) -> Batch | None:
        """What of a batch it has not been told, and is being told now."""
        found = told.behind(self.position)
        if found is not None:
            self.position = found.last
        return found


class Spread:
    """The changes as all those hear them from whom the same groups are hidden."""

    def __init__(self, desk: ServedDesk, bearer: Bearer) -> None:
        self.position = desk.head()
        self.watchers: set[Watcher] = set()
        self.over = False
        self.shows = False
        """Whether somebody has asked for rows."""
        self._changes = desk.watch_shown(bearer.operator, self.position, lambda: self.shows)
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            async with aclosing(self._changes) as heard:  # type: ignore[type-var]
                async for changes, shown in heard:
                    await self._tell(Batch(changes, shown))
                    if any(change.kind == _SIGHT_CHANGES for change in changes):
                        return
                    await asyncio.sleep(APART)
        except StoreError:
            pass  # the store is away: whoever watches comes back
        finally:
            self.over = True
            for watcher in self.watchers:
                watcher.tell(None)

    async def _tell(self, told: Batch) -> None:
        # Whoever joins meanwhile catches up to here by itself.
        self.position = told.last
        for number, watcher in enumerate(tuple(self.watchers), 1):
            if watcher in self.watchers:
                watcher.tell(told)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)


class Spreading:
    """All spreads of a server, made when the first watcher comes and ended when the last one goes."""

    def __init__(self, desk: ServedDesk) -> None:
        self._desk = desk
        self._spreads: dict[tuple[str, ...], Spread] = {}

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return sum(len(spread.watchers) for spread in self._spreads.values())

    def join(self, bearer: Bearer, *, rows: bool = False, wire: Wire | None = None) -> tuple[Watcher, int]:
        """Begin to watch; also says behind which position everything will be in the queue."""
        spread = self._spreads.get(bearer.hidden)
        if spread is None or spread.over:
            spread = self._spreads[bearer.hidden] = Spread(self._desk, bearer)
        spread.shows |= rows
        watcher = Watcher(bearer.operator if rows else None, wire)
        spread.watchers.add(watcher)
        return watcher, spread.position

    def leave(self, watcher: Watcher) -> None:
        """Watch no more."""
        for hidden, spread in tuple(self._spreads.items()):
            spread.watchers.discard(watcher)
            if not spread.watchers:
                spread.reading.cancel()
                del self._spreads[hidden]

    def close(self) -> None:
        """Tell everybody that it is over."""
        for spread in self._spreads.values():
            for watcher in spread.watchers:
                watcher.tell(None)
