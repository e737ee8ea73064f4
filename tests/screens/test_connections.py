"""Several desks in one app: each by its name and colour, and nothing of one ever at another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deskterm.connections import Connection
from deskterm.screens.call import CallScreen
from deskterm.screens.connections import ConnectionScreen
from deskterm.settings import Settings
from tests.robot import Clock, Robot, desk_app, furnish, log_ticket, seated, store_url

pytestmark = pytest.mark.anyio


async def two_desks(folder: Path) -> Settings:
    """Two desks in files, and a third that cannot be opened."""
    for name in ("live", "training"):
        (folder / name).mkdir()
        await furnish(folder / name)
    (folder / "broken.db").write_bytes(b"no desk at all" * 99)
    known = (
        Connection("live", store_url(folder / "live"), colour="red"),
        Connection("training", store_url(folder / "training"), "ben", colour="green"),
        Connection("broken", f"sqlite:///{folder / 'broken.db'}", colour="blue"),
        Connection("new", f"sqlite:///{folder / 'new.db'}", colour="amber"),
    )
    return Settings(operator="ada", connections={each.name: each for each in known})


@asynccontextmanager
async def at_desks(folder: Path, size: tuple[int, int] = (80, 24), settings: Settings | None = None) -> AsyncIterator[Robot]:
    """The app at the first of two desks."""
    settings = settings or await two_desks(folder)
    clock = Clock()
    app = desk_app(folder, clock, operator=settings.operator, settings=settings)
    app.point_at(settings.url or "", settings.operator)
    async with app.run_test(size=size) as pilot:
        yield await seated(app, pilot, clock, folder)


async def test_a_key_goes_to_another_desk(tmp_path: Path) -> None:
    async with at_desks(tmp_path) as robot:
        await log_ticket(tmp_path / "live", robot.clock, summary="Live trouble", to="desk-1")
        await log_ticket(tmp_path / "training", robot.clock, summary="A lesson", to="desk-1")
        await robot.press("5")
        await robot.until(lambda: robot.shows("Live trouble"))
        assert robot.text().startswith("  live ")
        await robot.press("J")
        assert robot.shows("training")
        robot.picture(tmp_path / "picker.svg")
        await robot.press("2")
        await robot.until(lambda: robot.shows("You are at training now."))
        await robot.press("5")
        await robot.until(lambda: robot.shows("A lesson"))
        assert robot.text().startswith("  training ")
        assert not robot.shows("Live trouble")
        assert robot.store.me.name == "Ben Ortega", "as the settings say for that desk"
