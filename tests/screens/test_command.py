"""The `:` line: completion, what was given before, references."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from deskterm.screens.command import CommandScreen
from deskterm.screens.ticket import TicketScreen
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio


def line(robot: Robot) -> str:
    return robot.screen.query_one(Input).value


async def test_words_are_offered_as_one_types(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        assert isinstance(robot.screen, CommandScreen)
        await robot.types("hand")
        assert robot.shows("▸ hand-off")
        await robot.press("tab")
        assert line(robot) == "hand-off "


async def test_groups_are_offered_after_hand_off(tmp_path: Path) -> None:
    """By name or by title; the name that begins so comes first."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("hand-off voi")
        await robot.press("tab")
        assert line(robot) == "hand-off voice-1"


async def test_enter_takes_the_marked_one(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("theme ansi-l")
        await robot.press("enter")
        assert robot.app.theme == "ansi-light"
        assert robot.screen is robot.app.queue_screen


async def test_a_whole_word_goes_before_a_longer_one(tmp_path: Path) -> None:
    """`:view` must not become `:next-view`, which holds it."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("view")
        assert robot.shows("▸ view Go to a view by name.")


async def test_nothing_is_marked_before_something_is_typed(tmp_path: Path) -> None:
    """Enter on an empty line does nothing, whatever is offered."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        assert robot.shows("more; type on, or go down")
        assert not robot.shows("▸")
        await robot.press("enter")
        assert robot.screen is robot.app.queue_screen
        assert robot.app.history == []


async def test_arrows_go_through_what_is_offered(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("theme ")
        await robot.press("down", "down", "enter")
        assert robot.app.theme == "deskterm-light"


async def test_a_long_list_follows_the_mark(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon", *["down"] * 12)
        assert "▸" in robot.text()


async def test_views_and_solutions_come_from_the_store(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("view un")
        assert robot.shows("▸ Unrouted")
        await robot.press("escape", "colon")
        await robot.types("resolve ")
        assert robot.app.desk is not None
        assert robot.shows(robot.app.desk.solution[0].id)


async def test_a_reference_opens_its_ticket(tmp_path: Path) -> None:
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone at reception")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types(ref.replace("-", " "))
        assert robot.shows(f"▸ {ref}")
        assert robot.shows("No dial tone at reception"), "one sees which ticket it is before Enter"
        await robot.press("enter")
        assert isinstance(robot.screen, TicketScreen)


async def test_a_misheard_reference_is_said_at_once(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("1048-27")
        assert robot.shows("a digit is wrong or two")


async def test_lines_of_before_come_back(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        for words in ("theme ansi-dark", "theme deskterm-light"):
            await robot.press("colon")
            await robot.types(words)
            await robot.press("enter")
        await robot.press("colon", "up")
        assert line(robot) == "theme deskterm-light"
        await robot.press("up", "up")
        assert line(robot) == "theme ansi-dark"
        await robot.press("down")
        assert line(robot) == "theme deskterm-light"
        await robot.press("up", "enter")
        assert robot.app.theme == "ansi-dark"


async def test_what_is_refused_now_says_why(tmp_path: Path) -> None:
    await furnish(tmp_path)
    await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("take")
        assert robot.shows("Level 0 hands on and follows")


async def test_an_unknown_word_is_said(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("frobnicate")
        assert robot.shows("There is no such command here.")
        await robot.press("escape")
        assert robot.screen is robot.app.queue_screen


async def test_free_words_are_given_as_they_stand(tmp_path: Path) -> None:
    """Nothing is offered for words of one's own, so nothing can replace them."""
    await furnish(tmp_path)
    await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("note Asked about [the handset]")
        await robot.press("enter")
        assert robot.shows("Asked about [the handset]")
