"""The app while the line is down: its heading says so, calls are logged all the same, what is refused is settled."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deskterm.app import DeskApp
from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.store.base import Store
from deskterm.store.drafts import Journal
from deskterm.store.offline.opening import open_offline
from deskterm.store.offline.store import OfflineStore
from deskterm.store.opening import open_store
from tests.robot import Clock, Robot, furnish, seated, store_url
from tests.store.offline.conftest import Far

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def afar(
    folder: Path, operator: str = "ada", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Robot, Far]]:
    """The app at the far end of a line that can be cut."""
    await furnish(folder)
    far, clock = Far(folder / "desk.db", folder / "state"), Clock()
    await far.begin(operator, "ben", clock=clock)
    environment = {**os.environ, **far.environment(operator)}

    async def opener(_where: str, _who: str | None) -> Store:
        return await open_offline(far.url, clock=clock, environ=environment, fresh=3600)

    app = DeskApp(far.url, opener, None, Journal(folder / "drafts", clock=clock), clock)
    async with app.run_test(size=size) as pilot:
        robot = await seated(app, pilot, clock, folder)
        assert isinstance(robot.store, OfflineStore)
        await robot.store.take_along()
        yield robot, far
        await robot.settle()
    await far.close()


async def logs_while_the_line_is_cut(robot: Robot, far: Far) -> None:
    """Cut the line, and log Rosa's call all the same."""
    far.proxy.cut()
    await robot.until(lambda: robot.shows("▲ offline since"))
    await robot.press("f2")
    await robot.types("Rosa")
    await robot.until(lambda: robot.shows("Rosa Amadi"))
    await robot.press("enter")
    await robot.types("The till is dead")
    await robot.press("f7")


async def test_a_call_is_logged_while_the_line_is_cut(tmp_path: Path) -> None:
    """The reference is read out at once; the heading says that it waits, and later that it came through."""
    async with afar(tmp_path) as (robot, far):
        assert robot.shows("● live")
        await logs_while_the_line_is_cut(robot, far)
        await robot.until(lambda: robot.shows("Reference 1-0001"))
        await robot.press("enter")
        await robot.until(lambda: robot.shows("1 waiting"))
        await robot.press("5")
        await robot.until(lambda: robot.shows("1-0001"))
        robot.picture(tmp_path / "offline.svg")
        far.proxy.mend()
        await robot.until(lambda: robot.shows("● live") and not robot.shows("waiting"))
        await robot.until(lambda: not robot.shows("1-0001") and robot.shows("The till is dead"))


async def test_what_was_refused_stands_beside_what_others_did(tmp_path: Path) -> None:
    async with afar(tmp_path, "ben", (100, 30)) as (robot, far):
        there = await open_store(store_url(tmp_path), operator="ines", clock=robot.clock)
        known = {
            "type": "incident",
            "impact": "1",
            "urgency": "2",
            "company": "Brook & Lane",
            "summary": "No dial tone",
        }
        logged = await there.submit(c.LogCall(facts=Facts.model_validate(known), hand_to="desk-1"))
        assert isinstance(robot.store, OfflineStore)
        await robot.store.take_along()
        far.proxy.cut()
        view = await robot.store.ticket(logged.record_id)
        mine = c.HandOff(ticket=logged.record_id, to="net-2", reason="It is the router", seen=view.ticket.version)
        await robot.store.submit(mine)
        await robot.store.submit(c.AddNote(ticket=logged.record_id, text="Rang twice"))
        await there.submit(c.HandOff(ticket=logged.record_id, to="voice-1", reason="Only their phones"))
        await there.close()
        far.proxy.mend()
        await robot.until(lambda: robot.shows("1 refused"))
        await robot.press("colon")
        await robot.types("outbox")
        await robot.press("enter")
        await robot.until(lambda: robot.shows("It is the router"))
        robot.picture(tmp_path / "refused.svg")
        assert robot.shows("Only their phones")
        await robot.press("n")
        await robot.until(lambda: not robot.shows("refused"))
        thread = (await robot.store.ticket(logged.record_id)).timeline
        assert "It is the router" in thread[-2].text
