"""Raising a change, and its acts by key, digit and word: whole nights are played in `test_four_nights`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from deskterm.desk.records.change import ChangeState, Section
from deskterm.screens.form import FormScreen
from deskterm.screens.ticket import TicketScreen
from deskterm.screens.window_form import WindowForm
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket
from tests.screens.changing import OPENS, Night, change_of, front, opens, planned, texts

pytestmark = pytest.mark.anyio
S = ChangeState


@asynccontextmanager
async def at_night(
    folder: Path, state: ChangeState, who: str = "priya", kind: str = "normal"
) -> AsyncIterator[tuple[Robot, Night]]:
    """Somebody with a change in front that has come to a state."""
    await furnish(folder)
    night = await planned(folder, Clock(), kind)
    night.rows = ("First",)
    await night.goes_to(state)
    async with at_the_desk(folder, clock=night.clock, operator=who) as robot:
        await opens(robot, night.change)
        yield robot, night
    await night.is_over()


def state(robot: Robot) -> ChangeState:
    """Where the change in front stands."""
    found: ChangeState = change_of(robot).state
    return found


def stands(robot: Robot, kind: type[object]) -> bool:
    """Whether a screen of this kind is in front."""
    return isinstance(robot.screen, kind)


async def says(robot: Robot, *fields: str) -> None:
    """Fill the fields of a form that are still needed, each ended with Enter."""
    for words in fields:
        await robot.types(words)
        await robot.press("enter")


async def test_a_test_that_fails_is_rolled_back_and_gets_another_window(tmp_path: Path) -> None:
    """C6, C9: the next free window is proposed, and Enter takes it."""
    async with at_night(tmp_path, S.TESTING) as (robot, _):
        await robot.press("exclamation_mark")
        await says(robot, "No dial tone at reception")
        assert robot.shows("No dial tone at reception")
        assert robot.shows("Test 1 failed")
        await robot.press("f6")
        await says(robot, "The test failed")
        assert state(robot) is S.ROLLING_BACK
        await robot.press("space", "f8", "f8", "f8")
        assert robot.shows("Tue 17 Mar 22:00–23:30")
        await robot.press("enter")
        assert state(robot) is S.RESCHEDULED
        assert change_of(robot).starts == OPENS + timedelta(days=1)
        await robot.press("f8")
        assert state(robot) is S.SCHEDULED


async def test_roll_back_is_one_key_once_the_window_is_over(tmp_path: Path) -> None:
    async with at_night(tmp_path, S.OVERRUN) as (robot, _):
        await robot.press("f8")
        assert state(robot) is S.ROLLING_BACK


async def test_what_may_be_done_is_one_list_with_digits(tmp_path: Path) -> None:
    """R076: every act with its reason; a digit does it."""
    async with at_night(tmp_path, S.SCHEDULED) as (robot, _):
        await robot.press("a")
        assert robot.shows("May be done now")
        assert robot.shows("✓ 3 Cancel")
        await robot.press("3")
        await says(robot, "The customer moved")
        assert state(robot) is S.CANCELLED
        assert texts(robot, Section.TESTING) == ["First of testing"]


async def test_a_word_on_the_command_line_does_the_same(tmp_path: Path) -> None:
    async with at_night(tmp_path, S.AWAITING, "lukas") as (robot, _):
        await robot.press("colon")
        await robot.types("reject")
        await robot.press("enter", "1")
        await says(robot, "letter of 16 March")
        assert state(robot) is S.REJECTED, robot.text()


# -- from a ticket


async def test_a_change_is_raised_from_a_ticket_filled_in_from_it_and_found_again(tmp_path: Path) -> None:
    """R150: one key on the ticket raises it once; the same key opens it afterwards."""
    await furnish(tmp_path)
    clock = Clock()
    await log_ticket(tmp_path, clock, summary="Firewall drops calls", to="net-2", item="fw-1", phone="07700 900123")
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        await robot.press("5", "enter", "q")
        assert stands(robot, FormScreen)
        await robot.press("enter")
        assert stands(robot, WindowForm), "what the head still wants is asked at once"
        assert robot.shows("Firewall drops calls")
        await robot.press("escape", "escape")
        assert stands(robot, TicketScreen)
        await robot.press("q")
        change = change_of(robot)
        assert (change.company, change.contact, change.systems) == ("Brook & Lane", "Rosa Amadi", ("fw-1",))
        assert (change.engineer, change.kind, change.state) == ("Priya Raman", "normal", ChangeState.DRAFT)
        await robot.press("colon")
        await robot.types("case")
        await robot.press("enter")
        assert stands(robot, TicketScreen)


async def test_a_standard_change_is_made_from_its_model(tmp_path: Path) -> None:
    """Level 1 raises one from a model of the desk file; its rows are there, and only the window is asked."""
    await furnish(tmp_path)
    clock = Clock()
    await log_ticket(tmp_path, clock, summary="Move a port", to="desk-1", item="sw-4", phone="07700 900123")
    async with at_the_desk(tmp_path, clock=clock, operator="kofi") as robot:
        await robot.press("5", "enter", "q", "3", "enter")
        for words in ("tomorrow 10:00", "30m"):
            await robot.types(words)
            await robot.press("enter")
        await robot.press("f8")
        assert change_of(robot).state is ChangeState.APPROVED, robot.text()
        assert change_of(robot).model == "switch-port"


async def test_an_agreed_row_does_not_open_while_the_work_is_under_way(tmp_path: Path) -> None:
    """C1: who would type over what the customer agreed to is told at once, and what to do; what came up since opens."""
    async with at_night(tmp_path, S.IMPLEMENTING) as (robot, _):
        await robot.press("5", "enter")
        assert front(robot).editing is None
        assert robot.shows("what the customer agreed to stays as it is; + adds a row")
        await robot.press("plus")
        await robot.types("Renew the seal")
        await robot.press("enter", "escape", "end", "enter")
        assert front(robot).editor.values["text"] == "Renew the seal"
