"""What the tests of a call have in common: which call is in front, what is in hand, what was saved."""

from __future__ import annotations

from typing import Any, cast

from textual import events

from deskterm.desk.records.customers import record_id
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import QueueQuery, QueueRow
from deskterm.screens.call import CallScreen
from tests.robot import Robot

ROSA: dict[str, Any] = {"company_id": record_id("company", "BL"), "contact_id": record_id("contact", "BL-1")}


def call(robot: Robot) -> CallScreen:
    """The call in front."""
    assert isinstance(robot.screen, CallScreen)
    return robot.screen


def focused(robot: Robot) -> str:
    """Id of the field in hand."""
    widget = robot.app.focused
    while widget is not None and not widget.id:
        widget = cast(Any, widget.parent)
    return (widget and widget.id) or ""


def saved(robot: Robot) -> Ticket:
    """Its ticket, once it was saved."""
    view = call(robot).saved
    assert view is not None, f"nothing was saved:\n{robot.text()}"
    return view.ticket


async def picks_rosa(robot: Robot) -> None:
    """Begin a call, and pick Rosa for its caller."""
    await robot.press("f2")
    await robot.types("ros")
    await robot.press("enter")


async def pastes(robot: Robot, text: str) -> None:
    """Paste words into the field in hand."""
    robot.app.post_message(events.Paste(text))
    await robot.settle()


async def logged(robot: Robot) -> tuple[QueueRow, ...]:
    """Every ticket there is, the newest first."""
    return (await robot.store.queue(QueueQuery(view="all"))).rows
