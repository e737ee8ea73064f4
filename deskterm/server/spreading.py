"""Telling many watchers of the same changes: read and written as JSON once for all who may see the same.

A hundred screens that watch a desk would else read each commit a hundred times, and ask for the rows and counts that it
changes a hundred times. Which groups are hidden from somebody decides with whom they share; when a desk file comes into
force that may change, and everybody comes back.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from deskterm.desk.tickets.views import Change
from deskterm.store.base import StoreError
from deskterm.store.remote.operations import adapter
from deskterm.store.serving import Bearer, ServedDesk
from deskterm.store.shown import Numbers, Shown, ShownRow

CHANGES: Final = adapter(tuple[Change, ...])
ROWS: Final = adapter(tuple[ShownRow, ...])
_MOST_WAITING: Final = 1000
"""A watcher that lets so many batches wait is let go; it comes back for what it missed."""
_SIGHT_CHANGES: Final = "DeskLoaded"


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes as they are told; `text` is their JSON, `rows` that of the lines of their tickets, where it is told."""

    changes: tuple[Change, ...]
    text: bytes
    rows: bytes | None = None
    numbers: Numbers | None = None

    @property
    def last(self) -> int:
        """Position of the last one."""
        return self.changes[-1].position

    def behind(self, position: int) -> Batch | None:
        """What of it comes behind a position."""
        if self.changes[0].position > position:
            return self
        left = tuple(change for change in self.changes if change.position > position)
        return batch(left) if left else None


def batch(changes: tuple[Change, ...], shown: Shown | None = None) -> Batch:
    """Write changes down, to be told."""
    text = CHANGES.dump_json(changes)
    return Batch(changes, text, ROWS.dump_json(shown.rows), shown.numbers) if shown else Batch(changes, text)


@dataclass(eq=False, slots=True)
class Watcher:
    """One who watches. None in its queue means that it is over."""

    waiting: asyncio.Queue[Batch | None] = field(default_factory=asyncio.Queue)

    def tell(self, told: Batch | None) -> None:
        """Put something into its queue."""
        self.waiting.put_nowait(told if self.waiting.qsize() < _MOST_WAITING else None)


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
            async for changes, shown in self._changes:
                told = batch(changes, shown)
                self.position = told.last
                for watcher in self.watchers:
                    watcher.tell(told)
                if any(change.kind == _SIGHT_CHANGES for change in changes):
                    return
        except StoreError:
            pass  # the store is away: whoever watches comes back
        finally:
            self.over = True
            for watcher in self.watchers:
                watcher.tell(None)


class Spreading:
    """All spreads of a server, made when the first watcher comes and ended when the last one goes."""

    def __init__(self, desk: ServedDesk) -> None:
        self._desk = desk
        self._spreads: dict[tuple[str, ...], Spread] = {}

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return sum(len(spread.watchers) for spread in self._spreads.values())

    def join(self, bearer: Bearer, *, rows: bool = False) -> tuple[Watcher, int]:
        """Begin to watch; also says behind which position everything will be in the queue."""
        spread = self._spreads.get(bearer.hidden)
        if spread is None or spread.over:
            spread = self._spreads[bearer.hidden] = Spread(self._desk, bearer)
        spread.shows |= rows
        watcher = Watcher()
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
