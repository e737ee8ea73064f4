"""Keys typed faster than screens open arrive in order, each where it was meant (R025: fast hands on slow lines)."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from tests.robot import Robot, at_the_desk, log_ticket

pytestmark = pytest.mark.anyio


def at_once(robot: Robot, *keys: str) -> None:
    """Press keys with nothing in between, as a paste into the terminal or a stalled line brings them."""
    for key in keys:
        for name in [key] if len(key) > 1 and not key.startswith("=") else key.removeprefix("="):
            character = name if len(name) == 1 else None
            robot.app.post_message(events.Key("space" if name == " " else name, character))


async def test_a_call_typed_blindly_is_logged(tmp_path: Path) -> None:
    """Every key of a call, sent at once: nothing is lost, nothing lands in another field."""
    async with at_the_desk(tmp_path) as robot:
        at_once(robot, "f2", "=Nobody we know")
        await robot.until(lambda: robot.shows("Caller Nobody we know"))


async def test_letters_after_a_key_go_to_its_form_and_not_to_the_queue(tmp_path: Path) -> None:
    """`h` and the letters of a group at once: the letters are no actions on the queue."""
    async with at_the_desk(tmp_path) as robot:
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="voice-1")
        await robot.press("5")
        await robot.until(lambda: robot.app.queue_screen.table.current is not None)
        at_once(robot, "h", "=net-2", "enter", "=Theirs", "enter")
        await robot.settle()
        await robot.until(lambda: robot.shows("was handed on"))
        ticket = await robot.ticket(ref)
        assert (ticket.group, ticket.version) == ("net-2", 3)


async def test_keys_pressed_before_the_desk_is_open_wait_for_it(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, keys_at_start=("f2",)) as robot:
        await robot.until(lambda: robot.shows("Caller"))
        assert robot.app.calls


async def test_held_keys_are_let_go_even_if_nothing_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyboard never goes dead."""
    monkeypatch.setattr("deskterm.typeahead.LONGEST_HOLD", 0.05)
    async with at_the_desk(tmp_path) as robot:
        robot.app.hold_keys()
        at_once(robot, "f2")
        await robot.until(lambda: bool(robot.app.calls))
