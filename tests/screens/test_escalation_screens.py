"""Escalations in the app: on the caller's word from level 0, told on the ticket, and as a call is saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.desk.commands import escalations as ec
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.views import QueueQuery
from deskterm.screens.verdicts import VerdictsScreen
from deskterm.widgets.frame import Hints
from tests.robot import Clock, at_the_desk, furnish, log_ticket
from tests.screens.elsewhere import Act, elsewhere

pytestmark = pytest.mark.anyio

PLAN: Act = (ec.AnswerEscalation, {"state": "plan-agreed", "text": "A new card tonight"})
MAJOR: Act = (ec.DeclareMajor, {"reason": "All sites are down"})


@pytest.fixture
async def clock(tmp_path: Path) -> Clock:
    await furnish(tmp_path)
    return Clock()


async def test_the_ticket_shows_what_presses_and_the_plan(tmp_path: Path, clock: Clock) -> None:
    """R099, R103, R105: level 0 escalates, others plan; whoever opens it sees that first."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock, operator="ada", size=(160, 40)) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("e")
        await robot.types("Down since Monday")
        await robot.press("enter")
        assert "Escalated to Second line on the customer's demand" in robot.text()
        await elsewhere(tmp_path, clock, "priya", ref, PLAN, MAJOR)
        await robot.settle()
        shown = robot.text()
    assert "Major      declared" in shown
    assert "A new card tonight" in shown
    assert "major incident" in shown


async def test_escalating_is_offered_to_level_0_with_the_rest_refused_by_rule(tmp_path: Path, clock: Clock) -> None:
    """R101: what may be done now lists it, with its key."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock, operator="ada", size=(120, 60)) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("a")
        assert isinstance(robot.screen, VerdictsScreen)
        lines = robot.text().splitlines()
    assert any("✓ e" in line and "Escalate" in line for line in lines)
    assert any("✓ M" in line and "Major incident" in line for line in lines)
    assert any("✗ D" in line and "(T11)" in line for line in lines)


async def test_f9_saves_hands_on_and_escalates_at_once(tmp_path: Path, clock: Clock) -> None:
    """R099: whatever is missing; what cannot be handed on yet goes up all the same."""
    async with at_the_desk(tmp_path, clock=clock, operator="ada") as robot:
        await robot.press("f2", "f9")
        assert "nothing to save" in robot.screen.query_one(Hints).said
        await robot.types("rosa")
        await robot.press("enter")
        await robot.types("Whole site down")
        await robot.press("f9")
        shown = robot.text()
        page = await robot.store.queue(QueueQuery(view="all", limit=1))
        ticket = await robot.ticket(page.rows[0].ref)
    assert "Escalated to" in shown
    assert ticket.status is Status.NEW
    assert ticket.escalations[0].reason == "Whole site down"
