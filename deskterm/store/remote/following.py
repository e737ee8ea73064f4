"""Following the feed of a server: server-sent events, taken up again from the last one after any break."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic_core import from_json

from deskterm.desk.tickets.views import Change
from deskterm.store.base import NotAllowed, NotFound, Offline, StoreError
from deskterm.store.problems import error_of
from deskterm.store.remote.glance import Glance
from deskterm.store.remote.line import Line
from deskterm.store.remote.operations import (
    CLOSING_EVENT,
    COUNTS_EVENT,
    FEED_PATH,
    HEAD_EVENT,
    ROWS_EVENT,
    adapter,
)
from deskterm.store.shown import ShownRow

MOST_PAUSE: Final = 15.0
_FIRST_PAUSE: Final = 0.2
_CHANGES: Final = adapter(tuple[Change, ...])
_ROWS: Final = adapter(tuple[ShownRow, ...])
_FINAL: Final = (NotAllowed, NotFound)
"""What coming back does not mend."""


@dataclass(slots=True)
class Event:
    """A server-sent event: what sort it is, its id, and what it says."""

    sort: str = "message"
    id: str = ""
    text: str = ""


async def events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Put lines together to events, as the standard has it (WHATWG, 9.2.6). What is cut off is dropped."""
    event, said = Event(), False
    async for line in lines:
        if not line:
            if said:
                yield event
            event, said = Event(id=event.id), False
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                event.sort, said = value, True
            case "id":
                event.id, said = value, True
            case "data":
                event.text, said = f"{event.text}\n{value}" if event.text else value, True


class Following:
    """The feed for one watcher, from behind a position, or from where the log ends when it first gets through.

    What it tells of queues goes into a `Glance`.
    """

    def __init__(self, line: Line, after: int | None, glance: Glance) -> None:
        self._line = line
        self._glance = glance
        self._rows: tuple[ShownRow, ...] | None = None
        self._numbers: Mapping[str, int] | None = None
        self._position = after
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as it is known where the feed begins, or that it cannot be known now."""
        self._batches: asyncio.Queue[tuple[Change, ...] | StoreError | None] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._follow())
        if after is not None:
            self._has_begun()

    async def batches(self) -> AsyncIterator[tuple[Change, ...]]:
        """Batches of changes, until the store is closed."""
        try:
            while (batch := await self._batches.get()) is not None:
                if isinstance(batch, StoreError):
                    raise batch
                yield batch
        finally:
            self.end()

    def end(self) -> None:
        """Stop following."""
        self._task.cancel()
        self._has_begun()
        self._batches.put_nowait(None)

    async def _follow(self) -> None:
        pause = _FIRST_PAUSE
        while not self._line.closed:
            try:
                heard = await self._connected()
            except _FINAL as error:
                self._batches.put_nowait(error)
                return
            except (StoreError, httpx.HTTPError):
                heard = False
                self._line.on_trouble()
            except RuntimeError:
                return  # the client was closed
            finally:
                self._glance.forget()
                self._has_begun()
            pause = _FIRST_PAUSE if heard else min(MOST_PAUSE, pause * 2)
            await asyncio.sleep(random.uniform(pause / 2, pause))

    async def _connected(self) -> bool:
        """Follow one connection to its end; whether anything was heard."""
        headers = {"Accept": "text/event-stream"}
        if self._position is not None:
            headers["Last-Event-ID"] = str(self._position)
        heard = False
        async with self._line.stream(f"{FEED_PATH}?rows=true", headers) as answer:
            if not answer.is_success:
                raise error_of(answer.status_code, await answer.aread())
            async for event in events(answer.aiter_lines()):
                heard = True
                if event.sort == CLOSING_EVENT:
                    break
                self._hear(event)
        return heard

    def _hear(self, event: Event) -> None:
        if event.sort == HEAD_EVENT:
            self._glance.is_ticked = bool(from_json(event.text or "{}").get("ticks"))
            self._glance.begin()
            if self._position is None:
                self._position = int(event.id)
            self._has_begun()
        elif event.sort == ROWS_EVENT:
            self._rows = _ROWS.validate_json(event.text)
        elif event.sort == COUNTS_EVENT:
            self._numbers = from_json(event.text)
        elif event.sort == "message" and event.text:
            position = self._position or 0
            changes = _CHANGES.validate_json(event.text)
            self._glance.hear(changes, self._rows, self._numbers)
            self._rows = self._numbers = None
            if fresh := tuple(change for change in changes if change.position > position):
                self._position = fresh[-1].position
                self._batches.put_nowait(fresh)

    def _has_begun(self) -> None:
        if not self.begun.done():
            self.begun.set_result(None)


__all__ = ["Following", "Offline", "events"]
