"""The palette: actions by name, with the key that would have been shorter."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from deskterm.settings import Settings
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio


async def offered(robot: Robot, words: str) -> None:
    """Open the palette, type, and wait for its list."""
    await robot.press("ctrl+p")
    await robot.types(words)
    await robot.until(lambda: robot.shows(f":{words}"))


async def test_it_names_the_key_and_the_word(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, settings=Settings(keys={"chase": "Z"})) as robot:
        await offered(robot, "chase")
        assert robot.shows("Chased Z :chase")


async def test_enter_carries_it_out(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await offered(robot, "theme")
        await robot.press("down", "enter")
        await robot.until(lambda: not isinstance(robot.screen, CommandPalette))
        await robot.settle()
        assert robot.app.theme == "deskterm-light"


async def test_what_is_refused_says_why(tmp_path: Path) -> None:
    await furnish(tmp_path)
    await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path) as robot:
        await offered(robot, "take")
        assert robot.shows("Level 0 hands on and follows")


async def test_its_cursor_does_not_blink(tmp_path: Path) -> None:
    """Over SSH every blink is traffic."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("ctrl+p")
        assert robot.screen.query_one(Input).cursor_blink is False
