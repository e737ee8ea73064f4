"""Two people at one desk: each sees where the other is, is warned before both write, and may take over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.presence import Doing
from deskterm.store.base import Store
from deskterm.store.opening import open_store
from tests.robot import Robot, at_the_desk, log_ticket, store_url

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def beside(robot: Robot, who: str) -> AsyncIterator[Store]:
    """The same desk as somebody else sees it, at another terminal."""
    store = await open_store(store_url(robot.folder), operator=who, clock=robot.clock)
    try:
        yield store
    finally:
        await store.close()


async def beat(robot: Robot) -> None:
    """Some seconds pass."""
    robot.app.attend()
    await robot.settle()


async def is_at(robot: Robot, store: Store, ref: str, doing: Doing) -> None:
    """Somebody comes to a ticket, and it is heard of here."""
    await store.attend((await store.ticket(ref)).ticket.id, doing)
    await beat(robot)


async def test_the_queue_shows_who_is_where(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="ada") as robot, beside(robot, "tom") as tom:
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="net-2")
        print(robot.text(), tom.me)
        await robot.press("5")
        await is_at(robot, tom, ref, "viewing")
        assert robot.shows("◦ TH")
        await is_at(robot, tom, ref, "writing")
        assert robot.shows("✎ TH")
        await tom.attend(None)
        await beat(robot)
        assert not robot.shows("TH")
