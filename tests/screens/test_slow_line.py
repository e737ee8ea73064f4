"""The app at the far end of a line that is slow, and stalls: nobody who types or looks waits for it.

Issue 6, done when 7. What comes before what is told by keeping answers back, not by a watch.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.screens.ticket import TicketScreen
from deskterm.store.draft_file import read
from tests.proxy import Proxy
from tests.robot import Robot
from tests.screens.test_line_down import afar

pytestmark = pytest.mark.anyio
DELAY = 0.075
"""Seconds that each way takes longer."""
OF_TICKETS = (b"/v1/queue", b"/v1/tickets", b"/v1/views")
SUMMARY = "The till is dead; nothing prints & the light is off"


def asked(proxy: Proxy, before: int) -> list[bytes]:
    """What was asked of tickets since; who is where, and the feed, go their own way."""
    return [line for line in proxy.tally.said[before:] if any(path in line for path in OF_TICKETS)]


async def logged(robot: Robot, calls: int) -> None:
    """Let some calls be logged, and look at all that is open, without the preview."""
    for number in range(calls):
        known = Facts(type="incident", impact="1", urgency="2", company="Brook & Lane", summary=f"Call {number:02}.")
        await robot.store.submit(c.LogCall(facts=known, hand_to="desk-1"))
    await robot.press("5", "p")
    await robot.until(lambda: robot.shows("Call 00."))


async def test_what_is_typed_is_on_the_screen_and_in_the_draft_before_any_answer(tmp_path: Path) -> None:
    """The line stands still from the first letter on; the answers, when they come, change no field."""
    async with afar(tmp_path, size=(120, 40)) as (robot, far):
        far.proxy.hold()
        await robot.pilot.press("f2")
        await robot.pilot.press(*"Rosa Am", "tab")
        for number, letter in enumerate(SUMMARY, 1):
            robot.app.post_message(events.Key("space" if letter == " " else letter, letter))
            await robot.pilot.pause()
            assert robot.shows(SUMMARY[:number])
        await robot.pilot.press("tab", *"Since_nine", "tab", "1", "2")
        assert robot.shows("Rosa Am")
        assert robot.shows("Since_nine")
        robot.app.journal.save_all()
        (file,) = (tmp_path / "drafts").glob("*.jsonl")
        kept = read(file).fields
        assert far.proxy.tally.held, "no question was under way"
        far.proxy.release()
        await robot.settle()
        assert (kept["summary"], kept["description"], kept["caller"]) == (SUMMARY, "Since_nine", "Rosa Am")
        assert (kept["impact"], kept["urgency"]) == ("high", "medium")
        assert robot.shows(SUMMARY)
        await robot.press("f6")
        await robot.until(lambda: robot.shows("Rosa Amadi"))


async def test_a_ticket_opens_with_one_answer(tmp_path: Path) -> None:
    """Whatever else is asked meanwhile: nothing but the ticket's own answer is let through until it shows."""
    async with afar(tmp_path) as (robot, far):
        await logged(robot, 3)
        far.proxy.faults.delay = DELAY
        before = len(far.proxy.tally.said)
        far.proxy.hold(but=b"/v1/tickets/")
        await robot.pilot.press("enter")
        await robot.until(lambda: isinstance(robot.screen, TicketScreen) and robot.shows("Call 00."))
        assert robot.shows("Logged")
        assert [line.split()[0] for line in asked(far.proxy, before) if b"/seen " not in line] == [b"GET"]
        far.proxy.release()
        far.proxy.faults.delay = 0.0


async def test_the_queue_scrolls_by_what_is_there(tmp_path: Path) -> None:
    """To its end and back, while nothing comes over the line: nothing is asked either."""
    async with afar(tmp_path) as (robot, far):
        await logged(robot, 40)
        before = len(far.proxy.tally.said)
        far.proxy.hold()
        for keys, call in ((("down",) * 30, 30), (("pagedown", "pagedown"), 39), (("home",), 0), (("G",), 39)):
            await robot.pilot.press(*keys)
            assert robot.shows(f"Call {call:02}.")
        assert asked(far.proxy, before) == []
        far.proxy.release()


@pytest.mark.slow
async def test_a_call_comes_through_a_line_that_stalls_again_and_again(tmp_path: Path) -> None:
    """150 ms more there and back, and every third answer held for up to three seconds: one call, whole."""
    async with afar(tmp_path, size=(120, 40)) as (robot, far):
        far.proxy.faults.delay, far.proxy.faults.stall = DELAY, 1 / 3
        await robot.pilot.press("f2", *"Rosa")
        await robot.until(lambda: robot.shows("Rosa Amadi"), 60)
        await robot.pilot.press("enter", *(letter if letter != " " else "space" for letter in "Dead again"), "f7")
        await robot.until(lambda: robot.shows("Reference"), 60)
        far.proxy.faults.stall = far.proxy.faults.delay = 0.0
        assert far.proxy.tally.stalled
        await robot.until(lambda: robot.store.standing.state == "live" and not robot.store.standing.waiting, 60)
        (found,) = await robot.store.find("Dead again")
        ticket = await robot.ticket(found.ref)
        assert (ticket.summary, ticket.contact) == ("Dead again", "Rosa Amadi")
