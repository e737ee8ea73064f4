"""How threads work for whoever waits: what they find and what fails arrives, and nobody works for those who left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from deskterm.store.connections import Connections
from deskterm.store.opening import open_store

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connections(tmp_path: Path) -> Connections:
    """An empty store's."""
    store = await open_store(str(tmp_path / "desk.db"))
    await store.close()
    return Connections(tmp_path / "desk.db")


@pytest.fixture(autouse=True)
def _closed(connections: Connections) -> Iterator[None]:
    yield
    connections.close()


async def test_what_fails_arrives(connections: Connections) -> None:
    def breaks(connection: sa.Connection) -> None:
        raise ZeroDivisionError("as nobody expected")

    for ask in (connections.read, connections.write):
        with pytest.raises(ZeroDivisionError, match="as nobody expected"):
            await ask(breaks)
        assert await ask(lambda connection: "the next") == "the next"


async def test_who_left_is_worked_for_no_more(connections: Connections) -> None:
    go, worked = threading.Event(), []
    first = asyncio.ensure_future(connections.write(lambda connection: go.wait(60)))
    second = asyncio.ensure_future(connections.write(lambda connection: worked.append("second")))
    third = asyncio.ensure_future(connections.write(lambda connection: worked.append("third")))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await first
    await third
    assert worked == ["third"]


async def test_nobody_minds_that_whoever_asked_has_left_meanwhile(connections: Connections) -> None:
    begun, go = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> bool:
        begun.set()
        return go.wait(60)

    asked = asyncio.ensure_future(connections.write(work))
    await asyncio.to_thread(begun.wait)
    asked.cancel()
    go.set()
    assert await connections.write(lambda connection: "the next") == "the next"
    assert asked.cancelled()
