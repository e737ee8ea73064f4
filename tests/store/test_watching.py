"""The live feed: every change once, in order, whoever made it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import Change
from deskterm.store.local import LocalStore
from deskterm.store.watching import Feed
from tests.store.conftest import LocalPlace, Place, log

pytestmark = pytest.mark.anyio


async def collect(store: LocalStore, after: int | None, number: int) -> list[Change]:
    """The next changes behind a position."""
    found: list[Change] = []
    async with asyncio.timeout(60):
        async for batch in store.watch(after):
            found += batch
            if len(found) >= number:
                break
    return found


async def test_the_feed_begins_where_it_is_asked_to(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora, "voice-1")
    changes = await collect(nora, receipt.position - 2, 2)
    assert [(x.kind, x.version, x.actor) for x in changes] == [("CallLogged", 1, "Nora"), ("HandedOff", 2, "Nora")]
    assert {x.record_id for x in changes} == {receipt.record_id}
    assert {x.command_id for x in changes} == {receipt.command_id}


async def test_from_now_on_means_from_the_call_not_from_the_first_look(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    await log(nora)
    feed = lea.watch()
    await lea.counts()
    receipt = await log(nora)
    async with asyncio.timeout(60):
        assert [change.record_id for change in await anext(feed)] == [receipt.record_id]


async def test_nothing_is_skipped_or_told_twice_while_many_write(place: Place) -> None:
    watchers = [await place.open(name) for name in ("Lea", "Tom")]
    writers = [await place.open("Nora") for _ in range(3)]
    start = (await log(writers[0])).position
    expected = list(range(start + 1, start + 31))
    feeds = [asyncio.ensure_future(collect(watcher, start, 30)) for watcher in (*watchers, writers[0])]
    for _ in range(10):
        await asyncio.gather(*(log(writer) for writer in writers))
    for feed in feeds:
        assert [change.position for change in await feed] == expected


async def test_a_long_backlog_comes_in_batches(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora)
    for i in range(12):
        await nora.submit(c.AddNote(ticket=receipt.record_id, text=f"Note {i}"))
    assert [change.version for change in await collect(nora, receipt.position - 1, 13)] == list(range(1, 14))


class Still:
    """A desk at which nothing happens any more, and how often it was read."""

    tries_again = False

    def __init__(self) -> None:
        self.reads, self.looks = 0, 0
        self.looked_often = asyncio.Event()

    def sentinel(self, committed: object) -> Still:
        """It watches itself."""
        return self

    def version(self) -> int:
        """Always the same."""
        self.looks += 1
        if self.looks == 5:
            self.looked_often.set()
        return 7

    async def read(self, work: object) -> tuple[Change, ...]:
        """Nothing is there."""
        self.reads += 1
        return ()

    def close(self) -> None:
        """Nothing is open."""


async def test_a_desk_at_which_nothing_happens_is_looked_at_but_read_only_once() -> None:
    still = Still()
    feed = Feed(still)  # type: ignore[arg-type]

    async def listen() -> None:
        async for _ in feed.watch(0, lambda connection, changes: changes):
            pass

    async with asyncio.timeout(60):
        listening = asyncio.ensure_future(listen())
        await still.looked_often.wait()
        feed.close()
        await listening
    assert still.reads == 1


async def test_what_another_process_does_arrives(place: LocalPlace) -> None:
    lea = await place.open("Lea")
    feed = lea.watch()
    program = (
        "import asyncio\n"
        "from deskterm.desk import commands as c\n"
        "from deskterm.desk.records.ticket import Facts\n"
        "from deskterm.store.opening import open_store\n"
        "async def main():\n"
        f"    store = await open_store({place.url!r}, operator='Nora')\n"
        "    await store.submit(c.LogCall(facts=Facts(summary='From elsewhere')))\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
    )
    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert other.stderr == ""
    async with asyncio.timeout(60):
        (change,) = await anext(feed)
    assert (await lea.ticket(change.record_id)).ticket.summary == "From elsewhere"
