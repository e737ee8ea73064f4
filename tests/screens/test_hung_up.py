"""After the caller hangs up: the clock of the call stands, and seconds and keys are counted until it is saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.screens import call_lookup
from deskterm.widgets.call_clock import CallClock
from tests.robot import at_the_desk
from tests.screens.at_a_call import picks_rosa, saved

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


async def test_what_comes_after_the_caller_hung_up_is_counted(tmp_path: Path) -> None:
    """R217: the number that counts, kept with the call and told on the board."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("enter", "1")
        robot.clock.forward(minutes=2)
        await robot.press("ctrl+g")
        assert robot.shows("The caller has hung up; the clock stands.")
        robot.clock.forward(seconds=6)
        assert robot.screen.query_one(CallClock).text == "02:00"
        await robot.press("1", "f8")
        ticket = saved(robot)
        assert (ticket.call_seconds, ticket.after_seconds, ticket.after_keys) == (120, 6, 2)
        today = (await robot.store.board()).today
        assert (today.call_seconds, today.after_seconds, today.after_keys) == (120, 6, 2)
        await robot.press("enter", "b")
        assert robot.shows("After hang-up 0:06, 2 keys")


async def test_pressed_again_it_is_taken_back(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("ctrl+g", "ctrl+g")
        assert robot.shows("The call goes on.")
        robot.clock.forward(seconds=30)
        await robot.types("x")
        await robot.press("f7")
        ticket = saved(robot)
        assert (ticket.call_seconds, ticket.after_seconds, ticket.after_keys) == (30, None, None)


async def test_where_nobody_said_so_nothing_is_claimed(tmp_path: Path) -> None:
    """The median is over the calls of which it is known."""
    async with at_the_desk(tmp_path) as robot:
        known = Facts(summary="x", company="Brook & Lane")
        for seconds in (None, 4, 8):
            keys = None if seconds is None else seconds // 2
            await robot.store.submit(c.LogCall(facts=known, after_seconds=seconds, after_keys=keys))
        today = (await robot.store.board()).today
        assert (today.logged.tickets, today.call_seconds) == (3, None)
        assert (today.after_seconds, today.after_keys) == (6, 3)
