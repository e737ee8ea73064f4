"""Telling many of the same: past ASGI where a client is ready, else the usual way, and nothing out of order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle
from uuid import UUID

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.tickets.views import Change, QueueRow
from deskterm.server.spreading import Batch, Watcher, together
from deskterm.server.wire import Wire
from deskterm.store.remote.following import Event, events
from deskterm.store.shown import Numbers, Shown, ShownRow
from tests.server.conftest import Served
from tests.server.test_feed import feed
from tests.store.conftest import START, log

pytestmark = pytest.mark.anyio
LEA = Operator(name="Lea", level=1, groups=("voice-1",))
NUMBERS = Numbers({}, {"voice-1": 3, "net-2": 4}, {"Lea": 1}, {})


def change(position: int, ticket: int, kind: str = "NoteAdded") -> Change:
    return Change(position, "ticket", UUID(int=ticket), position, kind, "Nora", START)


def line(ticket: int, version: int) -> ShownRow:
    row = QueueRow(
        UUID(int=ticket), f"{ticket}", f"{ticket}", "New", "P3", 3, "No dial tone", "", "voice-1", "", "Nora",
        START, START, version,
    )  # fmt: skip
    return ShownRow(row, True, f"{ticket}", "Nora")


def batch(position: int, *tickets: int, shown: tuple[int, ...] | None = None) -> Batch:
    changes = tuple(change(position + n, ticket) for n, ticket in enumerate(tickets))
    rows = tuple(line(ticket, position) for ticket in (tickets if shown is None else shown))
    return Batch(changes, Shown(rows, replace(NUMBERS, windows=position)))


def test_what_waited_is_told_together_with_the_last_word_on_each_ticket() -> None:
    whole = together([batch(1, 7, 8), batch(3, 8), batch(4, 9)])
    assert [each.position for each in whole.changes] == [1, 2, 3, 4]
    assert whole.shown is not None
    assert {each.row.id.int: each.row.version for each in whole.shown.rows} == {7: 1, 8: 3, 9: 4}
    assert whole.shown.numbers.windows == 4


def test_a_ticket_that_is_hidden_by_now_is_not_told_of_with_an_earlier_line() -> None:
    """R226."""
    whole = together([batch(1, 7, 8), batch(3, 8, shown=())])
    assert whole.shown is not None
    assert [each.row.id.int for each in whole.shown.rows] == [7]


def test_where_one_of_them_came_without_lines_all_are_told_without() -> None:
    assert together([batch(1, 7), Batch((change(2, 8),))]).shown is None
    assert together([batch(n, n) for n in range(1, 60)]).shown is None, "too many lines"


def test_numbers_are_ones_own_and_written_once_for_whom_they_are_the_same() -> None:
    told = batch(1, 7)
    other = LEA.model_copy(update={"name": "Tom"})
    alike = LEA.model_copy(update={"name": "Sue"})
    assert told.told_to(other) is told.told_to(alike)
    for me, mine in ((LEA, 1), (other, 0)):
        (numbers,) = [text for text in told.told_to(me).decode().split("\n") if text.startswith('data: {"windows"')]
        found = json.loads(numbers.removeprefix("data: "))
        assert (found["mine"], found["groups"]) == (mine, 3)
    assert b"event: " not in told.told_to(None)


class Line(Wire):
    """A wire that writes down what it is given, and is free when it is said to be."""

    def __init__(self) -> None:
        self.free = True
        self.written: list[bytes] = []

    @property
    def is_free(self) -> bool:
        return self.free

    def write(self, text: bytes) -> None:
        self.written.append(text)


async def test_a_client_that_is_not_ready_is_never_told_out_of_order() -> None:
    wire = Line()
    watcher = Watcher(None, wire, position=2)
    watcher.tell(batch(1, 7, 8))
    assert (wire.written, watcher.waiting.qsize()) == ([], 1), "it still catches up"
    watcher.waiting.get_nowait()
    watcher.follows = True
    watcher.tell(batch(2, 7, 8))
    assert [text.split(b"\n")[0] for text in wire.written] == [b"id: 3"]
    assert wire.written[0].count(b'"position"') == 1, "of what it knows already nothing is told"
    wire.free = False
    watcher.tell(batch(4, 7))
    wire.free = True
    watcher.tell(batch(5, 7))
    assert (len(wire.written), watcher.waiting.qsize()) == (1, 2)


async def test_all_hear_everything_once_whether_or_not_they_are_always_ready(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = cycle((True, True, False, True, False))
    monkeypatch.setattr(Wire, "is_free", property(lambda _: next(ready)))
    nora = await served.open("Nora")
    first = await log(nora)  # type: ignore[arg-type]
    last = first.position + 30

    async def heard() -> list[int]:
        found: list[int] = []
        async with feed(served, "Lea", **{"Last-Event-ID": str(first.position)}) as told:
            async for event in told:
                if event.sort == "message":
                    found += [each["position"] for each in json.loads(event.text)]
                if found and found[-1] >= last:
                    break
        return found

    watching = [asyncio.ensure_future(heard()) for _ in range(7)]
    for number in range(30):
        await nora.submit(c.AddNote(ticket=first.record_id, text=f"Word {number}"))
    for each in watching:
        assert await each == list(range(first.position + 1, last + 1))
    await nora.close()


@asynccontextmanager
async def plain_feed(served: Served, version: str) -> AsyncIterator[AsyncIterator[str]]:
    """The feed as it comes over the socket, line by line, its head left out."""
    address, _, desk = served.address.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    token = (await served.headers("Lea"))["Authorization"]
    writer.write(
        f"GET /{desk}/v1/feed HTTP/{version}\r\nhost: {address}\r\nauthorization: {token}\r\n\r\n".encode()
    )  # fmt: skip
    head = await reader.readuntil(b"\r\n\r\n")
    assert (b"transfer-encoding: chunked" in head.lower()) == (version == "1.1")

    async def lines() -> AsyncIterator[str]:
        while text := await reader.readline():
            yield text.decode().rstrip("\r\n")

    try:
        yield lines()
    finally:
        writer.close()


async def test_a_client_that_knows_no_chunks_is_told_without(served: Served) -> None:
    """Some proxies speak HTTP/1.0 to what is behind them."""
    nora = await served.open("Nora")
    async with plain_feed(served, "1.0") as lines:
        told = events(lines)
        assert (await anext(told)).sort == "head"
        for _ in range(3):
            receipt = await log(nora)  # type: ignore[arg-type]
            heard: Event = await anext(told)
            assert (heard.sort, heard.id) == ("message", str(receipt.position))
    await nora.close()
