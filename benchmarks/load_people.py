"""Two processes full of people: those who watch the queue, and those who log calls, write notes and hand on.

Everybody has the real remote store, on plain sockets (`benchmarks.plain_line`). A watcher asks what the app's queue
asks when something changes, and what the app asks from time to time besides; nothing is drawn.
"""

from __future__ import annotations

import asyncio
import gc
import time
from array import array
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from random import Random
from typing import Final
from uuid import UUID

from benchmarks.load_desk import GROUPS, Known, Person
from benchmarks.plain_line import PlainLine
from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import Change, QueueQuery
from deskterm.store.base import StoreError
from deskterm.store.remote.store import RemoteStore

ACTS: Final = {"log and hand off": 4, "note": 4, "hand off": 2}
"""What operators do, and how often of ten times."""
_AT_ONCE: Final = 10
"""Watchers who open the desk together."""
_OWN: Final = 20
"""Tickets that an operator has in mind."""
_TICK, _MINUTE, _ALONG, _ATTEND = 5.0, 60.0, 15.0, 10.0
"""Seconds: the app's tick; what it asks by the minute; how soon it takes along what happened; who is where."""

_NEVER: Final = 1_000_000


@dataclass
class Heard:
    """What one watcher was told: of each batch the first and last position, and when its rows were known."""

    first: array[int] = field(default_factory=lambda: array("q"))
    last: array[int] = field(default_factory=lambda: array("q"))
    at: array[int] = field(default_factory=lambda: array("q"))
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator did: `began` and `ended` are nanoseconds of the machine's clock that only goes forward."""

    name: str
    began: int
    ended: int
    position: int


@dataclass
class Told:
    """What a process of people has to tell in the end."""

    heard: list[Heard] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0


class Watcher:
    """Somebody with the queue open."""

    def __init__(self, person: Person, url: str, told: Told) -> None:
        self._line = PlainLine(url, person.token)
        self._line.on_trouble = lambda: told.errors.update(["the feed broke off"])
        self._store = RemoteStore(url, person.token, line=self._line)
        self._query = QueueQuery(view=person.view)
        self._told = told
        self._rng = Random(person.name)
        self._under_cursor: UUID | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._position = self._kept = 0
        self.heard = Heard()

    async def come(self) -> None:
        """Open the desk and its queue, and begin to follow."""
        await self._store.begin()
        feed = self._store.watch()
        await self._store.counts()
        rows = (await self._store.queue(self._query)).rows
        self._under_cursor = self._rng.choice(rows[:20]).id if rows else None
        self._do(self._follow(feed))
        self._do(self._from_time_to_time(_TICK, self._store.tick))
        self._do(self._from_time_to_time(_MINUTE, self._store.openings))
        self._do(self._from_time_to_time(_MINUTE, self._store.guards))
        self._do(self._from_time_to_time(_ALONG, self._along))
        self._do(self._from_time_to_time(_ATTEND, lambda: self._store.attend(None)))

    def begin(self) -> None:
        """From now on it counts."""
        self.heard = Heard(bytes=-self._line.received)

    async def go(self) -> None:
        """Watch no more."""
        for task in tuple(self._tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self.heard.bytes += self._line.received
        await self._store.close()

    def _do(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(self._counted(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _counted(self, work: Awaitable[object]) -> None:
        try:
            await work
        except StoreError as error:
            self._told.errors[f"{error.kind}: {error.message}"] += 1

    async def _follow(self, feed: object) -> None:
        async for changes in feed:  # type: ignore[attr-defined]
            self._position = changes[-1].position
            self._do(self._refresh(changes))

    async def _refresh(self, changes: tuple[Change, ...]) -> None:
        """What `QueueScreen._refresh` asks."""
        heard = self.heard
        ids = {change.record_id for change in changes if change.record_kind == "ticket"}
        if ids:
            await self._store.rows(self._query, tuple(ids))
            await self._store.counts()
        heard.first.append(changes[0].position)
        heard.last.append(changes[-1].position)
        heard.at.append(time.monotonic_ns())
        if self._under_cursor in ids:
            await self._store.ticket(self._under_cursor)

    async def _from_time_to_time(self, seconds: float, ask: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(self._rng.uniform(0, seconds))
        while True:
            await ask()
            await asyncio.sleep(seconds * self._rng.uniform(0.7, 1.3))

    async def _along(self) -> None:
        """What is kept for when the line is down; keeping it is the watcher's machine's work, and not done here."""
        if not self._position:
            return  # nothing has happened since they came
        self._kept = (await self._store.along(self._kept or self._position, first=False)).upto


class Busy:
    """Somebody who logs calls, writes notes and hands tickets on."""

    def __init__(self, person: Person, url: str, known: Known, pace: float, told: Told) -> None:
        self._store = RemoteStore(url, person.token, line=PlainLine(url, person.token))
        self._known = known
        self._pace = pace
        self._told = told
        self._rng = Random(person.name)
        self._mine: deque[tuple[UUID, str]] = deque(maxlen=_OWN)
        self.ends = False

    async def come(self) -> None:
        """Open the desk, and have a ticket to work on."""
        await self._store.begin()
        await self._act("log and hand off")

    async def work(self, until: float) -> None:
        """One act after the other, with time to think; until a moment of the loop's clock."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._rng.uniform(0, self._pace))
        attend_at = loop.time()
        while loop.time() < until:
            if loop.time() >= attend_at:
                attend_at += _ATTEND
                await self._attend()
            due = loop.time() + self._pace * self._rng.uniform(0.5, 1.5)
            await self._act(self._rng.choices(tuple(ACTS), tuple(ACTS.values()))[0])
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def go(self) -> None:
        """Go home."""
        await self._store.close()

    async def _attend(self) -> None:
        try:
            await self._store.attend(self._mine[-1][0], "writing")
        except StoreError as error:
            self._told.errors[f"attend: {error.message}"] += 1

    async def _act(self, name: str) -> None:
        command = self._command(name)
        began = time.monotonic_ns()
        try:
            receipt = await self._store.submit(command)
        except StoreError as error:
            self._told.errors[f"{name}: {error.message}"] += 1
            return
        self._told.acts.append(Act(name, began, time.monotonic_ns(), receipt.position))
        if isinstance(command, c.LogCall):
            self._mine.append((receipt.record_id, command.hand_to or ""))

    def _command(self, name: str) -> c.AnyCommand:
        if name == "log and hand off":
            return call(self._rng, self._known)
        place = self._rng.randrange(len(self._mine))
        ticket, group = self._mine[place]
        words = " ".join(self._rng.sample(self._known.words, 12))
        if name == "note":
            return c.AddNote(ticket=ticket, text=words)
        to = self._rng.choice([other for other in GROUPS if other != group])
        self._mine[place] = ticket, to
        return c.HandOff(ticket=ticket, to=to, reason=words)


def call(rng: Random, known: Known) -> c.LogCall:
    """A call by a known caller, handed on."""
    contact, company, name, phone, of = rng.choice(known.people)
    words = " ".join(rng.sample(known.words, 10))
    facts = Facts(
        type="incident", summary=words[:60], description=words, impact="medium", urgency="medium",
        company=of, company_id=company, contact=name, contact_id=contact, phone=phone,
    )  # fmt: skip
    return c.LogCall(facts=facts, hand_to=rng.choice(GROUPS), call_seconds=95)


# -- the two processes


def watch(people: list[tuple[Person, str]], said: Connection) -> None:
    """A process of watchers, each with the server they go to: until told, then what they heard."""
    asyncio.run(_watch(people, said))


async def _watch(people: list[tuple[Person, str]], said: Connection) -> None:
    told = Told()
    watchers = [Watcher(person, url, told) for person, url in people]
    for first in range(0, len(watchers), _AT_ONCE):
        await asyncio.gather(*(watcher.come() for watcher in watchers[first : first + _AT_ONCE]))
    gc.collect()
    gc.freeze()
    # Each has a machine of their own, that looks at all of its memory for a moment now and then. Here one look would be
    # at the memory of all, and keep all of them waiting for it.
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)
    said.send("ready")
    await asyncio.to_thread(said.recv)
    cpu = time.process_time()
    for watcher in watchers:
        watcher.begin()
    said.send("begun")
    await asyncio.to_thread(said.recv)
    told.cpu = time.process_time() - cpu
    await asyncio.gather(*(watcher.go() for watcher in watchers))
    told.heard = [watcher.heard for watcher in watchers]
    said.send(told)


def work(people: list[tuple[Person, str]], known: Known, pace: float, seconds: float, said: Connection) -> None:
    """A process of operators at work for so many seconds, then what they did."""
    asyncio.run(_work(people, known, pace, seconds, said))


async def _work(people: list[tuple[Person, str]], known: Known, pace: float, seconds: float, said: Connection) -> None:
    told = Told()
    operators = [Busy(person, url, known, pace, told) for person, url in people]
    for operator in operators:
        await operator.come()
    told.acts.clear()
    said.send("ready")
    await asyncio.to_thread(said.recv)
    cpu = time.process_time()
    until = asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(operator.work(until) for operator in operators))
    told.cpu = time.process_time() - cpu
    await asyncio.gather(*(operator.go() for operator in operators))
    said.send(told)
