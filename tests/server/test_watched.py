"""What a change costs where many have the queue open: it is read once, however many watch, and nobody asks again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile.centres import Openings, Place
from deskterm.desk.tickets.views import Change, QueueQuery
from deskterm.store.remote.following import events
from deskterm.store.remote.glance import Glance
from deskterm.store.remote.store import RemoteStore
from tests.server.conftest import DESK, Served
from tests.store.conftest import START, facts, log

pytestmark = pytest.mark.anyio
OPEN = QueueQuery(view="open")


class Watcher:
    """Somebody with the queue open, who asks after each change what the queue screen asks."""

    def __init__(self, store: RemoteStore) -> None:
        self.store = store
        self._feed: AsyncIterator[tuple[Change, ...]] = store.watch()

    async def opens(self) -> None:
        """Open the queue."""
        await self.store.counts()
        await self.store.queue(OPEN)

    async def hears(self) -> tuple[Any, ...]:
        """Wait for a batch of changes, and look what became of the tickets, and how many there are."""
        changes = await anext(self._feed)
        ids = tuple({change.record_id for change in changes})
        return await self.store.rows(OPEN, ids), await self.store.counts()


def counted(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often the store is read from now on."""
    connections: Any = served.store._connections
    read, reads = connections.read, [0]

    async def counting(work: Any) -> Any:
        reads[0] += 1
        return await read(work)

    monkeypatch.setattr(connections, "read", counting)
    return reads


async def crowd(served: Served, many: int) -> list[Watcher]:
    names = ("Nora", "Lea", "Tom", "Sue")
    watchers = [Watcher(await served.open(names[n % len(names)])) for n in range(many)]
    for watcher in watchers:
        await watcher.opens()
    return watchers


async def test_a_change_costs_the_store_the_same_for_two_watchers_and_for_twenty(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 6: no read of the store, and no request, for each of those who watch."""
    nora = await served.open("Nora")
    reads = counted(served, monkeypatch)
    costs: list[int] = []
    watchers: list[Watcher] = []
    for more in (2, 18):
        watchers += await crowd(served, more)
        for _ in range(2):
            before = reads[0]
            receipt = await log(nora)  # type: ignore[arg-type]
            heard = await asyncio.gather(*(watcher.hears() for watcher in watchers))
            costs.append(reads[0] - before)
            for rows, counts in heard:
                assert [row.id for row in rows] == [receipt.record_id]
                assert {each.view.key: each.count for each in counts}["open"] == len(costs)
    # The token of who logs; the batch, and that there is no other; a look more where one came too early.
    assert max(costs) <= 5, costs
    for watcher in watchers:
        await watcher.store.close()
    await nora.close()


async def test_what_is_told_is_what_would_be_answered(served: Served) -> None:
    tom, *watchers = await crowd(served, 5)
    receipt = await log(tom.store, "net-2")  # type: ignore[arg-type]
    for watcher in (tom, *watchers):
        rows, counts = await watcher.hears()
        asking = await served.open(watcher.store.me.name)
        assert (rows, counts) == (await asking.rows(OPEN, (receipt.record_id,)), await asking.counts())
        await asking.close()
    for watcher in (tom, *watchers):
        await watcher.store.close()


async def test_who_wrote_sees_it_before_the_feed_has_told(served: Served) -> None:
    lea = Watcher(await served.open("Lea"))
    await lea.opens()
    receipt = await log(lea.store, "voice-1")  # type: ignore[arg-type]
    await lea.hears()
    for number in range(5):
        changed = await lea.store.submit(c.Amend(ticket=receipt.record_id, changes={"summary": f"Word {number}"}))
        (row,) = await lea.store.rows(OPEN, (receipt.record_id,))
        assert (row.version, row.summary) == (changed.version, f"Word {number}")
    await lea.store.close()


async def test_a_view_of_ones_own_is_counted_from_when_it_is_there(served: Served) -> None:
    lea = Watcher(await served.open("Lea"))
    await lea.opens()
    await log(lea.store, "voice-1")  # type: ignore[arg-type]
    await lea.hears()
    other = await served.open("Lea")
    await other.submit(c.SaveView(name="Dial tones", base="open", text="dial"))
    _, counts = await lea.hears()
    assert [(each.view.key, each.count) for each in counts][-1] == ("Dial tones", 1)
    await log(other, "voice-1")  # type: ignore[arg-type]
    _, counts = await lea.hears()
    assert [(each.view.key, each.count) for each in counts][-1] == ("Dial tones", 2)
    await other.close()
    await lea.store.close()


async def test_only_who_asks_for_rows_is_told_them_and_only_of_tickets_they_see(served: Served) -> None:
    """R226: of a hidden ticket nothing is told, not even in the counts."""
    await served.as_supervisor(c.LoadDesk(name="again.toml", source=DESK + "\n# again\n"))
    sol = await served.open("Sol")
    found: dict[str, list[str]] = {}
    for name, query in (("Lea", ""), ("Lea", "?rows=true"), ("Sol", "?rows=true")):
        headers = await served.headers(name)
        async with served.client.stream("GET", f"/v1/feed{query}", headers=headers) as answer:
            told = events(answer.aiter_lines())
            await anext(told)
            await log(sol, "soc")  # type: ignore[arg-type]
            heard = [await anext(told)]
            while heard[-1].sort != "message":
                heard.append(await anext(told))
        found[name + query] = [event.sort for event in heard]
        if query:
            rows, counts = json.loads(heard[0].text), json.loads(heard[1].text)
            assert [each["row"]["group"] for each in rows] == (["soc"] if name == "Sol" else [])
            assert counts["open"] == (3 if name == "Sol" else 0)
    whole = ["rows", "counts", "message"]
    assert found == {"Lea": ["message"], "Lea?rows=true": whole, "Sol?rows=true": whole}
    await sol.close()


async def test_nothing_told_is_trusted_once_the_feed_has_broken_off(served: Served) -> None:
    lea = Watcher(await served.open("Lea"))
    await lea.opens()
    receipt = await log(lea.store, "voice-1")  # type: ignore[arg-type]
    await lea.hears()
    assert lea.store._glance.rows(OPEN, (receipt.record_id,), lea.store.me)
    served.exchange.loop.call_soon_threadsafe(served.server.close)
    while lea.store._glance.rows(OPEN, (receipt.record_id,), lea.store.me) is not None:
        await served.client.get("/healthz")  # a turn of both loops
    assert lea.store._glance.counts() is None
    await served.as_supervisor(c.LogCall(facts=facts()))
    assert {each.view.key: each.count for each in await lea.store.counts()}["open"] == 2
    await lea.store.close()


async def test_nobody_asks_a_server_to_tick_that_does_so_by_itself(served: Served) -> None:
    """Two hundred open desks would ask it forty times a second."""

    def asked() -> int:
        return served.server.metrics.text().count(b'deskterm_requests_total{route="tick"')

    served.server.following.ticks = True
    lea = Watcher(await served.open("Lea"))
    await lea.opens()
    assert await lea.store.tick() == ()
    assert asked() == 0
    alone = await served.open("Lea")
    await alone.tick()
    assert asked() == 1
    await alone.close()
    await lea.store.close()


async def test_windows_and_openings_are_asked_for_when_they_can_be_others(served: Served) -> None:
    """Two hundred apps ask for both when a minute begins."""

    async def asked(route: str) -> int:
        await served.client.get("/healthz")  # a turn of the server's loop: what was answered is counted
        told = served.server.metrics.text().decode()
        found = re.findall(rf'deskterm_requests_total{{route="{route}",status="200"}} (\d+)', told)
        return int(found[0]) if found else 0

    lea = Watcher(await served.open("Lea"))
    await lea.opens()
    await log(lea.store, "voice-1")  # type: ignore[arg-type]
    await lea.hears()
    before = await lea.store.openings()
    for _ in range(3):
        assert await lea.store.guards() == ()
        again = await lea.store.openings()
        assert again.at >= before.at
        assert replace(again, at=before.at) == before
    assert (await asked("guards"), await asked("openings")) == (0, 1)
    await served.as_supervisor(c.LoadDesk(name="again.toml", source=DESK + "\n# again\n"))
    await anext(lea._feed)
    await lea.store.openings()
    await lea.store.guards()
    assert (await asked("guards"), await asked("openings")) == (1, 2)
    await lea.store.close()


async def test_openings_are_asked_for_again_at_the_moment_at_which_they_change() -> None:
    glance = Glance()
    place = Place("centre", "north", "North", "office", "UTC", True, START + timedelta(minutes=5))
    openings = Openings(START, (place,), (), None)
    glance.know_openings(openings, glance.mark, 100.0)
    assert glance.openings(101.0) is None, "nothing is told yet"
    glance.begin()
    glance.know_openings(openings, glance.mark, 100.0)
    assert glance.openings(399.0) == replace(openings, at=START + timedelta(seconds=299))
    assert glance.openings(400.0) is None
    glance.know_openings(openings, glance.mark, 400.0)
    glance.forget()
    assert glance.openings(401.0) is None


async def test_what_happens_in_quick_succession_is_told_together_with_the_newest_lines(served: Served) -> None:
    lea, nora = Watcher(await served.open("Lea")), await served.open("Nora")
    await lea.opens()
    first = await log(nora, "voice-1")  # type: ignore[arg-type]
    await lea.hears()
    notes = (c.AddNote(ticket=first.record_id, text=f"Word {number}") for number in range(12))
    *_, last = [await nora.submit(note) for note in notes]
    batches = [await anext(lea._feed)]
    while batches[-1][-1].position < last.position:
        batches.append(await anext(lea._feed))
    assert [change.position for each in batches for change in each] == list(
        range(first.position + 1, last.position + 1)
    )
    assert len(batches) < 12
    (row,) = await lea.store.rows(OPEN, (first.record_id,))
    assert row.version == last.version
    await nora.close()
    await lea.store.close()
