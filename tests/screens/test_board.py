"""The board as a supervisor has it: left alone on a second screen, and gone about in with arrows (R217, R220)."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.screens import board
from deskterm.screens.behind import BehindScreen
from deskterm.screens.board import BoardScreen
from deskterm.screens.queue import QueueScreen
from deskterm.screens.ticket import TicketScreen
from deskterm.widgets.figures import Figures
from deskterm.widgets.frame import Heading
from tests.robot import Robot, at_the_desk, log_ticket

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for the second between two looks; the one on that sets it itself."""
    monkeypatch.setattr(board, "EVERY", 0.0)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung: list[str] = []
    monkeypatch.setattr(BoardScreen, "ring_bell", lambda screen: rung.append("ring"))
    return rung


def in_front(robot: Robot) -> type[object]:
    return type(robot.screen)


async def looked(robot: Robot) -> None:
    """Let the board look once more, as every minute."""
    robot.screen.minute_passed()  # type: ignore[attr-defined]
    await robot.settle()


async def test_figures_are_gone_about_with_arrows_and_open_what_is_behind(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        first = await log_ticket(tmp_path, robot.clock, summary="Core switch is down", impact="1", urgency="1")
        await log_ticket(tmp_path, robot.clock, summary="How do I export?", impact="3", urgency="3", to="desk-1")
        await robot.press("b")
        assert robot.shows("P1 Urgent 1 1")
        assert robot.screen.query_one(Figures).chosen is None, "an unattended board shows no cursor"
        await robot.press("enter")
        assert robot.shows("Arrows choose a figure")
        await robot.press("right", "enter")
        assert in_front(robot) is BehindScreen
        assert robot.shows("P1 Urgent, open")
        assert robot.shows(first)
        assert not robot.shows("How do I export?")
        await robot.press("enter")
        assert in_front(robot) is TicketScreen
        await robot.press("escape", "escape")
        assert in_front(robot) is BoardScreen
        await robot.press("escape", "escape")
        assert in_front(robot) is QueueScreen


async def test_a_ticket_that_is_named_opens_at_once(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        ref = await log_ticket(tmp_path, robot.clock, summary="Core switch is down", impact="1", urgency="1")
        robot.clock.forward(hours=30)
        await robot.press("b", "end")
        while (target := robot.screen.query_one(Figures).chosen) and target.ticket is None:
            await robot.press("left" if target.query else "up")
        await robot.press("enter")
        assert in_front(robot) is TicketScreen
        assert robot.shows(ref)


async def test_a_new_ticket_of_the_highest_priority_rings_once_and_is_shown_until_a_key(
    tmp_path: Path, bells: list[str]
) -> None:
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        await log_ticket(tmp_path, robot.clock, summary="It was there before", impact="1", urgency="1")
        await robot.press("b")
        assert bells == []
        ref = await log_ticket(tmp_path, robot.clock, summary="Core switch is down", impact="1", urgency="1")
        await robot.until(lambda: robot.shows(f"‼ NEW P1 {ref}"))
        assert bells == ["ring"]
        await log_ticket(tmp_path, robot.clock, summary="How do I export?", impact="3", urgency="3")
        await robot.until(lambda: robot.shows("Logged 3"))
        assert bells == ["ring"]
        await robot.press("down")
        assert not robot.shows("NEW P1")


async def test_a_ticket_that_becomes_late_rings_once(tmp_path: Path, bells: list[str]) -> None:
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", impact="1", urgency="1", to="desk-1")
        await robot.press("b")
        robot.clock.forward(hours=2)
        await looked(robot)
        assert robot.shows(f"‼ LATE P1 {ref}")
        assert bells == ["ring"]
        robot.clock.forward(hours=2)
        await looked(robot)
        assert bells == ["ring"]


async def test_however_much_happens_it_looks_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 5: twenty changes a second; the last of them is seen all the same."""
    monkeypatch.setattr(board, "EVERY", 0.4)
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        await robot.press("b")
        looks: list[int] = []
        read = robot.store.board

        async def counted() -> object:
            looks.append(1)
            return await read()

        monkeypatch.setattr(robot.store, "board", counted)
        for number in range(20):
            robot.screen.desk_changed(())  # type: ignore[attr-defined]
            if number % 5 == 0:
                await robot.pilot.pause()
        await log_ticket(tmp_path, robot.clock, summary="The last one", impact="1", urgency="1")
        await robot.until(lambda: robot.shows("Logged 1"))
        assert len(looks) <= 3


async def test_it_stays_right_while_others_work(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        await robot.press("b")
        assert robot.shows("Nothing is open.")
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", impact="1", urgency="1", to="desk-1")
        await robot.until(lambda: robot.shows("desk-1"))
        ticket = await robot.ticket(ref)
        await robot.store.submit(c.Withdraw(ticket=ticket.id, reason="It works again"))
        await robot.until(lambda: robot.shows("Nothing is open."))
        assert robot.shows("Closed 1")


async def test_every_heading_says_what_is_open_and_what_changes_next(tmp_path: Path) -> None:
    """R083: London is open on a Monday at ten until six; an hour after that it says when it opens."""
    async with at_the_desk(tmp_path, operator=None, desk="follow-the-sun", size=(120, 40)) as robot:
        heading = robot.app.queue_screen.query_one(Heading)
        await robot.until(lambda: "uk open to 18:00" in heading.render().plain)
        robot.clock.forward(hours=9)
        robot.app._minute()
        await robot.until(lambda: "uk opens" in heading.render().plain)


async def test_holidays_are_those_that_the_desk_file_was_loaded_with(tmp_path: Path) -> None:
    """A newer list of holidays never closes a centre that the store says is open."""
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        asked: list[str] = []

        def newer(region: str, year: int) -> dict[object, str]:
            asked.append(region)
            return {}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("deskterm.desk.hours.openings.public_holidays", newer)
            robot.clock.forward(days=800)
            await robot.store.openings()
            await robot.store.board()
        assert asked == []
