"""Calls that are owed, where nobody spoke with the customer: seen on the board, settled by calling."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio


async def owed(robot: Robot) -> int:
    return (await robot.store.board()).callbacks.tickets


async def calls_back(robot: Robot, ref: str) -> None:
    """Ring the customer and record the conversation, as level 0 may."""
    robot.app.open_ticket((await robot.ticket(ref)).id)
    await robot.settle()
    await robot.press("l")
    await robot.types("Rang them back")
    await robot.press("enter")


@pytest.mark.parametrize("channel", ["email", "portal"])
async def test_the_most_urgent_that_came_in_writing_asks_for_a_call(tmp_path: Path, channel: str) -> None:
    """R058: it is on the board and in triage until somebody has called, and supervisors hear of it."""
    clock = Clock()
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, clock, channel=channel, impact="1", urgency="1", summary="All is down")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        ticket = await robot.ticket(ref)
        assert ticket.callback is not None
        assert ticket.callback.reason == "priority"
        assert "Ruth Calder" in ticket.followers
        await robot.press("b")
        assert robot.shows("Callbacks ☎ 1")
        await robot.press("escape", "4", "z")
        assert robot.shows("call them")
        await robot.press("escape")
        await calls_back(robot, ref)
        assert (await robot.ticket(ref)).callback is None
        assert await owed(robot) == 0


async def test_a_missed_call_is_owed_one_until_it_is_made(tmp_path: Path) -> None:
    """R081: open lines or not."""
    clock = Clock()
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, clock, channel="missed_call", summary="")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        assert await owed(robot) == 1
        await calls_back(robot, ref)
        assert await owed(robot) == 0


async def test_what_comes_by_phone_owes_no_call(tmp_path: Path) -> None:
    clock = Clock()
    await furnish(tmp_path)
    await log_ticket(tmp_path, clock, impact="1", urgency="1", summary="All is down")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        assert await owed(robot) == 0
