"""Pictures of the names of desks: in headings that are full, in the list to pick from, in every range of colours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deskterm.connections import Connection
from deskterm.settings import Settings
from deskterm.widgets import frame
from tests.morning import Morning, monday_morning
from tests.robot import Robot, desk_app, seated, store_url
from tests.screens.plan_scenes import guard

SMALL, LARGE = (80, 24), (120, 40)
Look = Callable[..., bool]


@pytest.fixture(scope="module")
def morning() -> Morning:
    """The desk as it stands on Monday at 10:42."""
    return asyncio.run(monday_morning())


@pytest.fixture
def look(snap_compare: Look, morning: Morning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Play a scene at a desk that has a name, and compare it with the picture that was accepted."""
    monkeypatch.setattr(frame, "SAID_SECONDS", 3600)
    monkeypatch.setenv("HOME", str(tmp_path))
    known = (
        Connection("live", store_url(tmp_path), "ada", "red"),
        Connection("Northgate night", "https://night.example:8330", "ada", "violet"),
        Connection("training", f"{tmp_path}/desks/somewhere/rather/far/down/training.sqlite", colour="green"),
        Connection("big", "postgresql://mara:s3cret@db.example/desk", "mara", "blue"),
        Connection("old", f"{tmp_path}/old.db", colour="amber"),
        Connection("test", f"{tmp_path}/test.db", colour="cyan"),
        Connection("scratch", f"{tmp_path}/scratch.db"),
    )

    def look(
        play: Callable[[Robot], Awaitable[None]],
        size: tuple[int, int] = SMALL,
        theme: str = "",
        operator: str = "ada",
        name: str = "live",
    ) -> bool:
        clock = morning.lay_out(tmp_path)
        named = {each.name: each for each in known}
        named["live"] = Connection(name, store_url(tmp_path), "ada", "red")
        settings = Settings(theme=theme, connections=named)
        app = desk_app(tmp_path, clock, operator=operator, settings=settings)

        async def played(pilot: Pilot[int]) -> None:
            robot = await seated(app, pilot, clock, tmp_path)
            await play(robot)
            await robot.settle()

        return snap_compare(app, terminal_size=size, run_before=played)

    return look


async def queue(robot: Robot) -> None:
    await robot.press("5")


async def picking(robot: Robot) -> None:
    await robot.press("5", "J", "down")


async def refused(robot: Robot) -> None:
    await robot.press("5", "J", "5")
    await robot.until(lambda: robot.shows("There is no desk in"))


async def call(robot: Robot) -> None:
    await robot.press("f2")


async def window(robot: Robot) -> None:
    await guard(robot, {})


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("play", [queue, picking], ids=["queue", "picking"])
def test_the_name_of_a_desk(look: Look, play: Callable[[Robot], Awaitable[None]], size: tuple[int, int]) -> None:
    assert look(play, size)


def test_a_call(look: Look) -> None:
    assert look(call)


def test_where_the_other_cannot_be_opened(look: Look) -> None:
    assert look(refused)


def test_a_long_name_beside_the_watch_on_a_window(look: Look) -> None:
    """The heading is never fuller than this: the name stays whole, and so does the watch."""
    assert look(window, operator="ruth", name="Northgate by day")


@pytest.mark.parametrize("theme", ["deskterm-light", "ansi-dark"])
def test_theme(look: Look, theme: str) -> None:
    assert look(picking, theme=theme)


def test_no_color(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name says where one is."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert look(picking)
