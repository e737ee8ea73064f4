"""The feed as any client of server-sent events follows it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from deskterm.desk import commands as c
from deskterm.server.app import Server
from deskterm.store.remote.following import Event, events
from tests.server.conftest import DESK, Served
from tests.store.conftest import facts, log
from tests.store.served import LIMITS

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def feed(served: Served, who: str, address: str = "", **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
    """Follow the feed from somewhere."""
    async with served.client.stream(
        "GET", f"{address}/v1/feed", headers=await served.headers(who) | headers, timeout=httpx.Timeout(30)
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.aiter_lines())


async def test_it_says_where_it_begins_and_goes_on_from_any_event(served: Served) -> None:
    nora = await served.open("Nora")
    async with feed(served, "Lea") as told:
        begin = await anext(told)
        receipt = await log(nora, "voice-1")  # type: ignore[arg-type]
        first = await anext(told)
    assert (begin.sort, first.id) == ("head", str(receipt.position))
    assert [change["kind"] for change in json.loads(first.text)] == ["CallLogged", "HandedOff"]
    async with feed(served, "Lea", **{"Last-Event-ID": str(receipt.position - 1)}) as told:
        assert (await anext(told)).id == str(receipt.position - 1)
        assert [change["kind"] for change in json.loads((await anext(told)).text)] == ["HandedOff"]
    await nora.close()


async def test_it_ends_for_a_token_that_is_revoked_and_lives_for_others(served: Served) -> None:
    server = Server(served.desk, replace(LIMITS, heartbeat=0.1))
    address = served.exchange.add(server)
    async with feed(served, "Lea", address) as lost, feed(served, "Tom", address) as kept:
        await anext(lost)
        await anext(kept)
        await served.exchange.do(served.desk.revoke("Lea"))
        assert [event.sort async for event in lost] == ["closing"]
        await served.as_supervisor(c.LogCall(facts=facts()))
        assert json.loads((await anext(kept)).text)[0]["kind"] == "CallLogged"


async def test_it_ends_when_the_server_stops_so_that_nobody_waits_for_it(served: Served) -> None:
    server = Server(served.desk, LIMITS)
    async with feed(served, "Lea", served.exchange.add(server)) as told:
        await anext(told)
        served.exchange.loop.call_soon_threadsafe(server.close)
        assert [event.sort async for event in told] == ["closing"]


async def test_its_headers_alone_may_be_asked_for(served: Served) -> None:
    answer = await served.client.head("/v1/feed", headers=await served.headers("Lea"))
    assert (answer.status_code, served.server.following.open) == (200, 0)


async def test_a_client_that_goes_is_forgotten(served: Served) -> None:
    async with feed(served, "Lea") as told:
        await anext(told)
        while served.server.following.open != 1:
            await served.client.get("/healthz")
    while served.server.following.open:
        await served.client.get("/healthz")  # a turn of the server's loop


async def test_all_watchers_hear_the_same_and_each_what_it_may(served: Served) -> None:
    """R226: who is no member of the group hears that something changed, and no more."""
    await served.as_supervisor(c.LoadDesk(name="again.toml", source=DESK + "\n# again\n"))
    members = [await served.open("Sol") for _ in range(3)]
    others = [await served.open(name) for name in ("Nora", "Lea", "Tom", "Sue") for _ in range(3)]
    begins = [store.watch() for store in (*members, *others)]
    await asyncio.gather(*(store.counts() for store in (*members, *others)))
    await log(members[0], "soc")  # type: ignore[arg-type]
    heard = [[change.kind for change in await anext(each)] for each in begins]
    assert heard == [["CallLogged", "HandedOff"]] * 3 + [["Hidden", "Hidden"]] * 12
    for store in (*members, *others):
        await store.close()


async def lines(*said: str) -> AsyncIterator[str]:
    for line in said:
        yield line


async def test_events_are_read_as_the_standard_has_them() -> None:
    said = (": alive", "", "id: 4", "data: a", "data:b", "", "event: closing", "data: {}", "", "data: cut off")
    found = [event async for event in events(lines(*said))]
    assert found == [Event("message", "4", "a\nb"), Event("closing", "4", "{}")]


async def test_who_sees_the_same_shares_one_reading_and_nothing_is_left_when_all_have_gone(served: Served) -> None:
    spreading = served.server.following._spreading
    async with feed(served, "Lea") as a, feed(served, "Tom") as b, feed(served, "Sol") as c:
        for told in (a, b, c):
            await anext(told)
        while spreading.watchers < 3:
            await served.client.get("/healthz")  # who was told the head may not be among the watchers yet
        assert sorted(len(spread.watchers) for spread in spreading._spreads.values()) == [1, 2]
    while spreading.watchers:
        await served.client.get("/healthz")
    assert spreading._spreads == {}


async def test_whoever_comes_late_while_others_write_hears_everything_once(served: Served) -> None:
    nora = await served.open("Nora")
    first = await log(nora)  # type: ignore[arg-type]
    last = first.position + 40

    async def heard(after: int) -> list[int]:
        found: list[int] = []
        async with feed(served, "Lea", **{"Last-Event-ID": str(after)}) as told:
            async for event in told:
                if event.sort == "message":
                    found += [change["position"] for change in json.loads(event.text)]
                if found and found[-1] >= last:
                    return found
        return found

    async def write() -> None:
        for _ in range(40):
            await log(nora)  # type: ignore[arg-type]

    late = [asyncio.ensure_future(heard(after)) for after in range(5)]
    writing = asyncio.ensure_future(write())
    for after in range(5, 10):
        await served.client.get("/healthz")
        late.append(asyncio.ensure_future(heard(after)))
    await writing
    for after, each in enumerate(late):
        assert await each == list(range(after + 1, last + 1))
    await nora.close()


async def test_a_new_desk_file_brings_everybody_back_for_it_may_change_who_sees_what(served: Served) -> None:
    async with feed(served, "Lea") as told:
        await anext(told)
        await served.as_supervisor(c.LoadDesk(name="again.toml", source=DESK + "\n# again\n"))
        sorts = [event.sort async for event in told]
    assert sorts == ["message", "closing"]
