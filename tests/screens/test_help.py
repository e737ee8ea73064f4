"""Help: every key, the nearest first, narrowed as one types."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from deskterm.actions import ACTIONS, PLACES
from deskterm.screens.help import HelpScreen, sections
from deskterm.settings import Settings
from tests.robot import Robot, at_the_desk

pytestmark = pytest.mark.anyio


def all_words(robot: Robot) -> str:
    """The whole list, also what is below the edge, in one line."""
    return " ".join(str(robot.screen.query_one("#lines").render()).split())


def first_lines(robot: Robot) -> list[str]:
    return [line.strip() for line in robot.text().splitlines() if line.strip()]


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_it_lists_every_action_those_of_the_place_first(tmp_path: Path, key: str) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press(key)
        assert isinstance(robot.screen, HelpScreen)
        assert first_lines(robot)[1] == "In the queue"
        words = all_words(robot)
        for action in ACTIONS:
            assert f":{action.id}" in words
            assert " ".join(action.help.split()) in words


@pytest.mark.parametrize("place", PLACES)
def test_every_action_stands_in_it_once(place: str) -> None:
    parts = sections(place)  # type: ignore[arg-type]
    told = [action.id for _, actions in parts for action in actions]
    assert sorted(told) == sorted(action.id for action in ACTIONS)
    assert parts[0][0] == PLACES[place].capitalize()  # type: ignore[index]
    assert "Anywhere" in (parts[0][0], parts[1][0])


@pytest.mark.parametrize("typed", ["chase", "customer asks how", "Chased", ":chase"])
async def test_typing_narrows_it(tmp_path: Path, typed: str) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("question_mark")
        await robot.types(typed)
        assert "Log that the customer asks how it stands." in all_words(robot)
        assert ":hand-off" not in all_words(robot)


async def test_a_key_typed_comes_first(tmp_path: Path) -> None:
    """Somebody who wonders what a key does types the key."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("question_mark")
        await robot.types("t")
        assert first_lines(robot)[2].startswith("t       Take")


@pytest.mark.parametrize("key", ["escape", "question_mark", "q", "f1"])
async def test_it_closes(tmp_path: Path, key: str) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("question_mark", key)
        assert robot.screen is robot.app.queue_screen


async def test_q_is_a_letter_once_something_is_typed(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("question_mark")
        await robot.types("uq")
        assert robot.screen.query_one(Input).value == "uq"
        assert robot.shows("Nothing is called that")


async def test_arrows_scroll_while_the_line_keeps_the_keyboard(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("question_mark")
        seen = robot.screen.query_one("#list")
        await robot.press("down", "down")
        assert round(seen.scroll_offset.y) == 2
        await robot.press("pagedown")
        assert seen.scroll_offset.y > 15
        await robot.types("take")
        assert seen.scroll_offset.y == 0
        assert robot.screen.query_one(Input).value == "take"


async def test_a_moved_key_is_shown_where_it_is(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, settings=Settings(keys={"take": "Z"})) as robot:
        await robot.press("question_mark")
        await robot.types("become")
        assert robot.shows("Z Take Become the owner. Was t. :take")


@pytest.mark.parametrize(("size", "columns"), [((80, 24), 3), ((120, 40), 4)])
async def test_no_line_is_cut(tmp_path: Path, size: tuple[int, int], columns: int) -> None:
    """At 80 columns the word follows the help; from 100 it has a column of its own."""
    async with at_the_desk(tmp_path, size=size) as robot:
        await robot.press("question_mark")
        await robot.types("priority")
        shown = all_words(robot)
        assert "with a reason. :priority" in shown or columns == 4
        assert "Priority :priority Set another" in shown or columns == 3
        assert all(len(line) < size[0] for line in robot.text().splitlines())
