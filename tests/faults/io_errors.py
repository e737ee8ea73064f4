"""Lets every nth call to the disk fail under one act at a desk, and judges what is left.

An act is whole or not at all, what was acknowledged is there, what was refused can be tried again, and the reason is
a plain sentence. LEVER is how the disk is made to fail: `calls` needs `failing_disk.c` loaded in front of libc;
`size` limits how large a file may grow, which every system can. PLANT is a fault in deskterm that has to be caught.

    python -m tests.faults.io_errors ACT LEVER MOST FIRST [PLANT]
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store import connections, verifying
from deskterm.store.backup import restore
from deskterm.store.base import StoreError
from deskterm.store.drafts import Draft, Journal
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store
from tests.faults import later
from tests.faults.levers import Calls, Lever, Size
from tests.faults.plants import PLANTS
from tests.store.conftest import CUSTOMERS, DESK_SOURCE, facts

PLAIN: Final = (
    "cannot be reached",
    "is full",
    "see that the disk has room",  # SQLite opens for reading what it may not open for writing
    "not saved",
    "could not be written",
    "could not be copied",
    "is damaged: database disk image is malformed, or the disk fails",  # SQLite does not tell the one from the other
    "is damaged: vtable constructor failed",  # and so, where that is the full-text index
)
"""Words of which one is in every sentence about a disk that fails."""
NOW: Final = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)


@dataclass(slots=True)
class Desk:
    """A folder of its own for one case, with a copy of a furnished store in it."""

    folder: Path
    sound: Path
    lever: Lever
    step: tuple[int, bool, int]
    heard: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The store."""
        return self.folder / "desk.db"

    def furnish(self) -> None:
        """Put the store there."""
        shutil.copy(self.sound, self.path)

    async def open(self, operator: str | None = "Nora") -> LocalStore:
        """Open the store."""
        return await open_store(str(self.path), operator=operator, clock=lambda: NOW)

    async def tried(self, act: Callable[[], Awaitable[Any]]) -> bool:
        """Do something while the disk fails; whether it was acknowledged. A refusal has to be plain."""
        try:
            with self.lever.failing(self.folder, self.step):
                await act()
        except StoreError as error:
            self.heard.append(error.message)
        else:
            return True
        assert any(words in self.heard[-1] for words in PLAIN), self.heard[-1]
        return False

    async def is_sound(self) -> LocalStore:
        """Open the store as the next start would, and hold it against its log."""
        store = await self.open(None)
        report = await store.verify()
        assert report.sound, report.faults
        return store

    def leftovers(self, *known: str) -> list[str]:
        """What lies in the folder beside what belongs there."""
        mine = {f"{name}{more}" for name in (*known, "desk.db") for more in ("", "-wal", "-shm")}
        return sorted(path.name for path in self.folder.iterdir() if path.name not in mine)


async def create(desk: Desk) -> None:
    """Make a new store: the first start."""

    async def act() -> None:
        store = await desk.open(None)
        await store.close()

    done = await desk.tried(act)
    assert desk.leftovers() == []
    assert desk.path.exists() or not done
    if desk.path.exists():
        await (await desk.is_sound()).close()
    await act()
    await (await desk.is_sound()).close()


async def migrate(desk: Desk) -> None:
    """Open a store that an older program wrote."""
    desk.furnish()

    async def act() -> None:
        store = await desk.open(None)
        await store.close()

    done = await desk.tried(act)
    assert later.is_migrated(desk.path) or not done
    assert desk.leftovers() == []
    await act()
    assert later.is_migrated(desk.path)
    await (await desk.is_sound()).close()


async def _submitted(desk: Desk, store: LocalStore, command: c.AnyCommand) -> None:
    async def act() -> None:
        await store.submit(command)

    before = (await store.verify()).events
    done = await desk.tried(act)
    # Whoever looks next, in another process, finds all of it or nothing.
    other = await desk.is_sound()
    events = (await other.verify()).events
    await other.close()
    assert not done or events > before, "acknowledged, and not there"
    receipt = await store.submit(command)
    after = (await store.verify()).events
    assert after == before + receipt.events, f"{after - before} events where {receipt.events} are due"
    assert (await store.submit(c.AddNote(ticket=receipt.record_id, text="Work goes on"))).events == 1
    await store.close()
    await (await desk.is_sound()).close()


async def log(desk: Desk) -> None:
    """Log a call at a desk that is open."""
    desk.furnish()
    store = await desk.open()
    await _submitted(desk, store, c.LogCall(facts=facts(description="Words " * 2000)))


async def hand_off(desk: Desk) -> None:
    """Hand a ticket on."""
    desk.furnish()
    store = await desk.open()
    receipt = await store.submit(c.LogCall(facts=facts()))
    await _submitted(desk, store, c.HandOff(ticket=receipt.record_id, to="voice-1"))


async def start(desk: Desk) -> None:
    """Open a desk that is there, log a call and leave."""
    desk.furnish()
    command = c.LogCall(facts=facts())
    acknowledged = False

    async def act() -> None:
        nonlocal acknowledged
        store = await desk.open()
        try:
            await store.submit(command)
            acknowledged = True
        finally:
            await store.close()

    await desk.tried(act)
    store = await desk.is_sound()
    count = len((await store.queue(QueueQuery(view="all"))).rows)
    assert count <= 1
    assert count or not acknowledged, "acknowledged, and not there"
    await store.close()
    assert desk.leftovers() == []


async def backup(desk: Desk) -> None:
    """Back a desk up."""
    desk.furnish()
    store = await desk.open()
    file = desk.folder / "safe.db"
    done = await desk.tried(lambda: store.backup(file))
    assert desk.leftovers("safe.db") == []
    assert file.exists() or not done
    if file.exists():
        copy = await open_store(str(file))
        assert (await copy.verify()).sound
        await copy.close()
        file.unlink()
    await store.backup(file)
    await store.close()
    await (await desk.is_sound()).close()


async def put_back(desk: Desk) -> None:
    """Restore a backup in the place of a desk."""
    desk.furnish()
    file = desk.folder / "safe.db"
    store = await desk.open()
    await store.backup(file)
    await store.submit(c.LogCall(facts=facts()))
    events = (await store.verify()).events
    await store.close()
    done = await desk.tried(lambda: asyncio.to_thread(restore, file, desk.path, now=NOW, force=True))
    kept = [path.name for path in desk.folder.glob("desk.db.replaced-*")]
    assert desk.leftovers("safe.db", *kept) == []
    store = await desk.is_sound()
    found = (await store.verify()).events
    await store.close()
    assert (found < events) == done, "restored, and not told, or told, and not restored"
    assert len(kept) == done
    if kept:
        aside = await open_store(str(desk.folder / kept[0]))
        assert (await aside.verify()).events == events
        await aside.close()


async def draft(desk: Desk) -> None:
    """Type into a draft, and go on typing."""
    journal = Journal(desk.folder / "drafts", on_trouble=lambda trouble: desk.heard.append(trouble or ""))
    typed: Draft | None = None
    safe = ""
    with desk.lever.failing(desk.folder, desk.step):
        for words in ("No", "No dial tone", "No dial tone at reception " * 40):
            with suppress(OSError):
                typed = typed or journal.open("call", draft_id="one")
            if typed is not None:
                typed.write("summary", words)
                safe = words if typed.flush() else safe
    if safe:
        (found,) = Journal(desk.folder / "drafts").drafts()
        assert found.fields["summary"].startswith(safe), "kept, and not there"
    assert all(any(words in trouble for words in PLAIN) for trouble in desk.heard if trouble), desk.heard
    assert typed is not None, "a draft can always be begun"
    typed.write("more", "after")
    assert typed.flush(), journal.trouble
    assert journal.trouble is None
    journal.close()
    (kept,) = Journal(desk.folder / "drafts").drafts()
    assert kept.fields == {"summary": words, "more": "after"}
    assert kept.damage is None
    assert sorted(path.name for path in (desk.folder / "drafts").iterdir()) == ["one.jsonl"]


ACTS: Final[dict[str, Callable[[Desk], Awaitable[None]]]] = {
    "create": create, "migrate": migrate, "log": log, "hand-off": hand_off, "start": start, "backup": backup,
    "restore": put_back, "draft": draft,
}  # fmt: skip


def _verify_quickly() -> None:
    """Make the empty store that `verify` fills from the log once, not a hundred times."""
    real = verifying._scratch
    ready = sqlite3.connect(":memory:", check_same_thread=False)
    with real() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        connection.commit()
        raw.backup(ready)

    @contextmanager
    def copied() -> Iterator[sa.Connection]:
        def connect() -> sqlite3.Connection:
            fresh = sqlite3.connect("", isolation_level=None)
            ready.backup(fresh)
            return fresh

        engine = connections.engine_for(connect, "BEGIN", ("PRAGMA synchronous = OFF",))
        try:
            with engine.connect() as connection, connection.begin():
                yield connection
        finally:
            engine.dispose()

    verifying._scratch = copied


async def furnished(folder: Path) -> Path:
    """A store with a desk and customers."""
    path = folder / "furnished.db"
    store = await open_store(str(path), clock=lambda: NOW)
    await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE))
    for entry in CUSTOMERS:
        await store.submit(c.Register(entry=entry))
    await store.close()
    return path


async def tried_everywhere(act: str, lever: Lever, most: int, first: int) -> dict[str, Any]:
    """Do an act with the disk failing at every step, or at so many of them from the first on; what came of it."""
    failed: list[str] = []
    refused = cases = 0
    sentences: set[str] = set()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        sound = await furnished(root)
        if act == "migrate":
            later.comes(root)
        _verify_quickly()
        (root / "0").mkdir()
        await ACTS[act](Desk(root / "0", sound, lever, (0, False, 0)))
        steps = list(lever.steps(lever.needed()))
        apart = -(-len(steps) // most) | 1  # odd, since steps are once and for ever by turns
        chosen = steps[first % apart :: apart]
        for number, step in enumerate(chosen, 1):
            desk = Desk(root / str(number), sound, lever, step)
            desk.folder.mkdir()
            cases += 1
            try:
                await ACTS[act](desk)
            except Exception as error:  # noqa: BLE001 (each case has its say)
                failed.append(f"{act} {step}: {type(error).__name__}: {str(error)[:300]} {desk.heard}")
            refused += bool(desk.heard)
            sentences |= {said.replace(str(desk.folder), "…") for said in desk.heard}
            shutil.rmtree(desk.folder)
    return {"cases": cases, "of": len(steps), "refused": refused, "failed": failed, "sentences": sorted(sentences)}


def main() -> None:
    """Run one act and answer in JSON."""
    act, lever, most, first, *plant = sys.argv[1:]
    for name in plant:
        PLANTS[name]()
    answer = asyncio.run(tried_everywhere(act, Calls() if lever == "calls" else Size(act), int(most), int(first)))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
