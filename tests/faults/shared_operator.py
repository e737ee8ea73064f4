"""One operator of a shared desk, in a process of its own: opens the desk by its address, works, and writes all down.

    python -m tests.faults.shared_operator '{"name": …}'

It works through the store that the app has, without screens. Whatever it is told is on disk in its history before it
goes on, so that a process that was killed is followed by one that knows what an operator and a draft would know: what
was submitted and not answered is submitted again as it was. It says on standard output how far it is, and does what
it is told on standard input: `finish POSITION`, `apart`, `quit`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.base import Offline, Store, StoreError
from deskterm.store.offline.outbox import QUEUED
from deskterm.store.offline.store import OfflineStore
from deskterm.store.opening import open_store
from tests.faults.shared_history import lines_of

GROUPS: Final = ("voice-1", "net-2")
_COMMAND: Final[TypeAdapter[c.AnyCommand]] = TypeAdapter(c.AnyCommand)
_PAGE: Final = 200
_PATIENCE: Final = 0.2
"""Seconds until somebody tries again what could not be done."""
_NOT_YET: Final = 1.0
"""Seconds until they look again whether all is sent."""


@dataclass(frozen=True)
class Work:
    """What an operator is to do."""

    name: str
    number: str
    url: str
    history: str
    calls: int
    seed: str
    pause: float
    """Seconds from one act to the next, at most."""
    after: int | None
    """Behind which position the feed begins the first time; None for wherever it is then."""
    looks_first: bool = False
    """Whether they begin once calls can be kept while the line is down, however short the run."""


class Diary:
    """The history, as it is written: every line is on disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        before = path.read_bytes() if path.exists() else b""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # What a kill cut off was never known.
        os.ftruncate(self._file, before.rfind(b"\n") + 1)
        os.lseek(self._file, 0, os.SEEK_END)

    def write(self, did: str, **what: Any) -> None:
        """Write a line, and see to it that it stays."""
        os.write(self._file, json.dumps({"did": did, **what}).encode() + b"\n")
        os.fsync(self._file)


class Memory:
    """What an operator knows of what they did and heard."""

    def __init__(self, path: Path) -> None:
        self.acts = 0
        self.calls = 0
        self.open: dict[str, dict[str, Any]] = {}
        """Commands that were submitted and not answered, by id."""
        self.tickets: dict[str, str] = {}
        """Own tickets, and the group that each is with."""
        self.others: list[str] = []
        """Tickets that somebody was heard to log."""
        self.heard: int | None = None
        for line in lines_of(path):
            self.take(line)

    def take(self, line: dict[str, Any]) -> None:
        """Remember a line of the history."""
        match line["did"]:
            case "submitted":
                self.acts += line["id"] not in self.open
                self.open[line["id"]] = line["command"]
            case "accepted" | "refused":
                command = self.open.pop(line["id"])
                if command["kind"] == "LogCall":
                    self.calls += 1
                    self.tickets[command["ticket"]] = command["hand_to"] or ""
                elif command["kind"] == "HandOff" and line["did"] == "accepted":
                    self.tickets[command["ticket"]] = command["to"]
            case "heard":
                self.heard = line["changes"][-1][0]
                # Here and in the log a call has the id of its ticket beside it only where it was heard of.
                self.others = [*self.others, *line.get("tickets", ())][-50:]


class Person:
    """The operator."""

    def __init__(self, work: Work) -> None:
        self.work = work
        path = Path(work.history)
        self.diary = Diary(path)
        self.memory = Memory(path)
        self.chance = random.Random(f"{work.seed}-{work.number}-{path.stat().st_size}")
        self.heard = asyncio.Condition()
        self.stood = 0
        """How often the desk was lost or came back."""
        self.store: Store

    def _know(self, did: str, **what: Any) -> None:
        self.diary.write(did, **what)
        self.memory.take({"did": did, **what})

    async def open(self) -> None:
        """Open the desk as the app does, as soon as it can be opened."""
        while True:
            try:
                self.store = await open_store(self.work.url)
                return
            except Offline:
                await asyncio.sleep(_PATIENCE)

    async def listen(self) -> None:
        """Write down what the feed tells."""
        after = self.memory.heard if self.memory.heard is not None else self.work.after
        async for batch in self.store.watch(after):
            self.stood += not batch
            # What was saved here shows at once, as a change by its command; the desk tells of the event.
            told = [each for each in batch if each.kind not in QUEUED]
            if told:
                changes = [(each.position, each.kind, str(each.command_id)) for each in told]
                tickets = [str(each.record_id) for each in told if each.kind == "CallLogged"]
                async with self.heard:
                    self._know("heard", changes=changes, tickets=tickets)
                    self.heard.notify_all()

    # -- at work

    async def works(self) -> None:
        """Submit again what was not answered, then log so many calls, and what goes with them; then send all."""
        if self.work.looks_first:
            await self._take_along()
        for kept in tuple(self.memory.open.values()):
            await self._submit(_COMMAND.validate_python(kept))
        while self.memory.calls < self.work.calls:
            await self._submit(self._next())
            await asyncio.sleep(self.chance.uniform(0, self.work.pause))
        say("logged")
        await self._send_all()
        say("drained")

    async def _take_along(self) -> None:
        assert isinstance(self.store, OfflineStore)
        while True:
            try:
                await self.store.take_along()
            except Offline:
                await asyncio.sleep(_PATIENCE)
            else:
                return

    def _next(self) -> c.AnyCommand:
        token = f"act-{self.work.number}-{self.memory.acts + 1}"
        own = list(self.memory.tickets)[-20:]
        lot = self.chance.random()
        if own and lot < 0.16:
            ticket = UUID(self.chance.choice([*own, *self.memory.others]))
            return c.AddNote(ticket=ticket, text=f"Rang back, nobody there. {token}")
        if own and lot < 0.28:
            ticket = UUID(self.chance.choice(own))
            to = next(group for group in GROUPS if group != self.memory.tickets[str(ticket)])
            return c.HandOff(ticket=ticket, to=to, reason=f"Yours after all. {token}")
        said = Facts(
            type="incident", summary=f"No dial tone {token}", company="Harbour Foods", contact="Ann Müller",
            phone="07700 900123", service="SIP-204", impact="low", urgency="low",
        )  # fmt: skip
        return c.LogCall(facts=said, hand_to=self.chance.choice((*GROUPS, None)))

    async def _submit(self, command: c.AnyCommand) -> None:
        """Submit it until there is an answer, as one does who has it before their eyes."""
        key = str(command.id)
        plain = command.model_dump(mode="json")
        self._know("submitted", id=key, kind=command.kind, token=_token_of(plain), command=plain)
        while True:
            try:
                receipt = await self.store.submit(command)
            except Offline:
                await asyncio.sleep(_PATIENCE)
            except StoreError as error:
                self._know("refused", id=key, sort=error.kind, because=error.message)
                break
            else:
                self._know("accepted", id=key, ref=receipt.ref, position=receipt.position)
                break
        if command.kind == "LogCall":
            say("call")

    async def _send_all(self) -> None:
        """Send what waits until nothing does; what the desk did not take is set aside."""
        while True:
            standing = await self.store.send()
            if standing.stuck:
                for each in await self.store.outbox():
                    if each.state == "stuck":
                        await self.store.settle(each.number)
            elif standing.state == "live" and not standing.waiting:
                break
            else:
                await asyncio.sleep(_NOT_YET)
        for each in await self.store.outbox():
            if each.state == "aside":
                self.diary.write("aside", id=str(each.command.id), because=each.because)

    # -- at the end

    async def finishes(self, position: int) -> None:
        """Wait until the feed has told up to a position; then look at the whole desk, and take it along."""
        async with self.heard:
            await self.heard.wait_for(lambda: (self.memory.heard or 0) >= position)
        assert isinstance(self.store, OfflineStore)
        while True:
            await self._send_all()
            stood = self.stood
            with suppress(Offline):
                digest = await look(self.store)
                await self.store.take_along()
                if self.store.standing.state == "live" and stood == self.stood:
                    break  # else part of it may be what was seen before
        self.diary.write("saw", how="live", digest=digest)
        say("saw")

    async def looks_apart(self) -> None:
        """Look at the whole desk without the line."""
        while self.store.standing.state != "offline":
            with suppress(StoreError):
                await self.store.queue(QueueQuery(limit=1))
        self.diary.write("saw", how="apart", digest=await look(self.store))
        say("saw")

    async def obeys(self) -> None:
        """Do what is asked for on standard input, until that is to quit."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            match line.split():
                case [b"finish", position]:
                    await self.finishes(int(position))
                case [b"apart"]:
                    await self.looks_apart()
                case _:
                    return


async def look(store: Store) -> str:
    """A digest of the whole desk: every line of the queue and every ticket, but for what is somebody's own."""
    digest = hashlib.sha256()
    after: str | None = None
    while True:
        page = await store.queue(QueueQuery(view="all", limit=_PAGE, after=after))
        tickets = await store.tickets(tuple(row.id for row in page.rows))
        for row, ticket in zip(page.rows, tickets, strict=True):
            plain = asdict(row) | {"unread": None, "ticket": ticket.model_dump(mode="json")}
            digest.update(json.dumps(plain, sort_keys=True, default=str).encode())
        if (after := page.next) is None:
            return digest.hexdigest()


def say(word: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _token_of(plain: dict[str, Any]) -> str:
    words = plain.get("text") or plain.get("reason") or plain["facts"]["summary"]
    return str(words).rpartition(" ")[2]


async def _work(work: Work) -> None:
    person = Person(work)
    await person.open()
    tasks = [asyncio.ensure_future(each) for each in (person.listen(), person.works(), person.obeys())]
    listening, working, obeying = tasks
    try:
        while not obeying.done():
            await asyncio.wait({each for each in tasks if each is not working or not each.done()},
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            if listening.done():
                raise RuntimeError("The feed ended.") from listening.exception()
            if working.done():
                working.result()
        obeying.result()
    except BaseException as error:
        person.diary.write("failed", because=f"{type(error).__name__}: {error} {error.__cause__ or ''}".strip())
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await person.store.close()


def main() -> None:
    """Work as the argument says."""
    asyncio.run(_work(Work(**json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
