"""Four nights at 80x24, as engineers, colleagues and a supervisor press the keys (C1-C13, R146-R154).

An ordinary change that goes well, from the ticket to the closed change; one whose test fails; one that overruns and
is extended; an emergency by telephone. The end of the window is tried to the second, with the app open and closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events

from deskterm.desk.changes.views import ChangeQuery
from deskterm.desk.records.change import Change, ChangeState, Section
from deskterm.store.opening import open_store
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket, store_url
from tests.screens.changing import ENDS, OPENS, change_of, planned

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

S = ChangeState
SECOND = timedelta(seconds=1)
ROWS = {
    Section.MOTIVATION: ("The rules let the tills reach the office", "The auditor asked for it"),
    Section.OUTAGES: ("Tills drop for two minutes", "Telephones stay up"),
    Section.PREREQUISITES: ("The configuration is exported", "Rosa is on the line"),
    Section.IMPLEMENTATION: ("Load the rules on the standby", "Fail over"),
    Section.TESTING: ("A till takes a payment", "The office reaches no till"),
    Section.ROLLBACK: ("Fail back", "Load the old rules"),
}


class Desk:
    """A desk at which a change is made, at any hour, by whoever sits down."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.ref = ""

    @asynccontextmanager
    async def sits_down(self, who: str) -> AsyncIterator[Robot]:
        """Somebody's app, with the change open once it is there: Enter on the first of the list."""
        async with at_the_desk(self.folder, operator=who, clock=self.clock) as robot:
            if self.ref:
                await robot.press("H", "enter")
                await robot.until(lambda: robot.shows(f"{self.ref} for"))
            yield robot

    async def change(self) -> Change:
        """The change as the store has it."""
        store = await open_store(store_url(self.folder), operator="maya", clock=self.clock)
        found = (await store.change(self.ref)).change
        await store.close()
        return found

    async def falls_due(self) -> Change:
        """Somebody's shell deals with what has fallen due, with no app open; gives the change as it then stands."""
        store = await open_store(store_url(self.folder), operator="maya", clock=self.clock)
        await store.tick()
        await store.close()
        return await self.change()


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    """A desk on Monday morning."""
    await furnish(tmp_path)
    return Desk(tmp_path)


async def scheduled(desk: Desk) -> None:
    """Let a change be agreed and scheduled for the evening, and let it be the evening."""
    night = await planned(desk.folder, desk.clock)
    await night.goes_to(S.SCHEDULED)
    desk.ref = night.ref
    desk.clock.moment = OPENS


async def says(robot: Robot, *lines: str, then: str = "enter") -> None:
    """Say lines, each with a key behind it."""
    for words in lines:
        robot.app.post_message(events.Paste(words))
        await robot.settle()
        await robot.press(then)


async def ticks_both(robot: Robot) -> None:
    """Two rows, done one after the other: the cursor goes to the next that is open."""
    await robot.press("space", "space")


async def minute_comes(robot: Robot, clock: Clock) -> None:
    """What the app does by itself when a moment has come."""
    await robot.store.tick()
    robot.app.watch_windows()
    for screen in robot.app.desk_screens():
        screen.minute_passed()
    await robot.settle()


def heading(robot: Robot) -> str:
    return " ".join(robot.text().splitlines()[0].split())


def state(robot: Robot) -> ChangeState:
    found: ChangeState = change_of(robot).state
    return found


# -- the first: it goes well


async def test_an_ordinary_change_goes_well_from_the_ticket_to_its_end(desk: Desk) -> None:
    await log_ticket(desk.folder, desk.clock, summary="Firewall drops calls", to="net-2", item="fw-1")
    async with desk.sits_down("priya") as robot:
        await robot.press("5", "enter", "q", "enter")
        await says(robot, "Mon 22:00", "90m", "07700 900123")
        for section, (first, second) in ROWS.items():
            await says(robot, first)
            await says(robot, second, then="f8" if section is Section.ROLLBACK else "enter")
            if section is not Section.ROLLBACK:
                await robot.press("enter")
        (line,) = await robot.store.changes(ChangeQuery())
        desk.ref = line.ref
        assert state(robot) is S.SUBMITTED
        await robot.press("f8", "f8", "f8")
        assert state(robot) is S.AWAITING
        await robot.press("f8")
        assert robot.shows("ask a colleague to (C3)"), "nobody approves their own change"
    async with desk.sits_down("kofi") as robot:
        await robot.press("f8")
        await says(robot, "message <7@brook.example>", then="f8")
        assert state(robot) is S.APPROVED
    async with desk.sits_down("priya") as robot:
        await robot.press("f8")
        await ticks_both(robot)
        desk.clock.moment = OPENS - SECOND
        await robot.press("f8")
        assert robot.shows("The window opens on Monday 16 March 2026, 22:00 Europe/London (C4)")
        desk.clock.moment = OPENS
        await robot.press("f8")
        assert state(robot) is S.IMPLEMENTING
        desk.clock.forward(minutes=40)
        await ticks_both(robot)
        await robot.press("f8")
        desk.clock.moment = ENDS - timedelta(minutes=15)
        await minute_comes(robot, desk.clock)
        assert robot.shows("▲ ends in 0:15")
        await ticks_both(robot)
        desk.clock.moment = ENDS - SECOND
        await robot.press("f8")
        assert state(robot) is S.IMPLEMENTED
        desk.clock.moment = ENDS + SECOND
        await minute_comes(robot, desk.clock)
        assert state(robot) is S.IMPLEMENTED, "what was done in time does not overrun"
        await robot.press("f8")
    async with desk.sits_down("ruth") as robot:
        await robot.press("f8", "1")
        await says(robot, "As planned. The auditor has the log.", then="f8")
    done = await desk.change()
    assert (done.state, done.outcome) == (S.CLOSED, "successful")
    assert [row.text for row in done.rows_of(Section.IMPLEMENTATION)] == list(ROWS[Section.IMPLEMENTATION])


# -- the second: a test fails


async def test_a_change_whose_test_fails_is_rolled_back_and_gets_the_next_free_window(desk: Desk) -> None:
    """C6, C9, R153."""
    await scheduled(desk)
    async with desk.sits_down("priya") as robot:
        await ticks_both(robot)
        await robot.press("f8")
        await ticks_both(robot)
        await robot.press("f8", "space", "exclamation_mark")
        await says(robot, "The office still reaches it.")
        assert robot.shows("roll back, or make it pass (C5)")
        await robot.press("f8")
        assert state(robot) is S.TESTING, "it is not made before every test has passed"
        await robot.press("f6")
        await says(robot, "A test failed.")
        assert state(robot) is S.ROLLING_BACK
        await ticks_both(robot)
        await robot.press("f8")
        assert state(robot) is S.ROLLED_BACK
        await robot.press("f8")
        assert robot.shows("Tue 17 Mar 22:00–23:30 Europe/London ✓ Nothing else is planned")
        await robot.press("f8", "f8")
        assert state(robot) is S.SCHEDULED
        assert robot.shows("Prerequisite 1 is not ticked (C4)"), "all is to be done again"
        assert desk.ref not in heading(robot).replace(f"{desk.ref} for", ""), "no window is open any more"
    again = await desk.change()
    assert again.starts == OPENS + timedelta(days=1)
    assert again.approval is not None, "the same content needs no fresh approval"


# -- the third: it overruns


async def begins(robot: Robot) -> None:
    """The work has begun, and none of its steps is done."""
    await ticks_both(robot)
    await robot.press("f8")
    assert state(robot) is S.IMPLEMENTING


async def test_a_change_overruns_with_the_app_open_and_is_extended_by_a_return_message(desk: Desk) -> None:
    """C7, C8, R154: to the second, and no work goes on before the message is on record."""
    await scheduled(desk)
    async with desk.sits_down("priya") as robot:
        await begins(robot)
        desk.clock.moment = ENDS - SECOND
        await minute_comes(robot, desk.clock)
        assert state(robot) is S.IMPLEMENTING
        await robot.press("space")
        assert change_of(robot).rows_of(Section.IMPLEMENTATION)[0].done_at == ENDS - SECOND
        desk.clock.moment = ENDS
        await robot.press("space")
        assert robot.shows("(C5)"), "at its end the window is over, before any timer has said so"
        await minute_comes(robot, desk.clock)
        assert state(robot) is S.OVERRUN
        assert robot.shows("Next: Roll back F8"), "the default is one key away"
        await robot.press("f9")
        await says(robot, "45m", "message <9@brook.example>")
        assert state(robot) is S.IMPLEMENTING
        assert change_of(robot).ends == ENDS + timedelta(minutes=45)
        desk.clock.moment = ENDS + timedelta(minutes=30)
        await minute_comes(robot, desk.clock)
        assert robot.shows("▲ ends in 0:15")
        await robot.press("5", "space", "f8")
        await ticks_both(robot)
        await robot.press("f8")
        assert state(robot) is S.IMPLEMENTED
    done = await desk.change()
    (extension,) = done.extensions
    assert (extension.by, extension.evidence) == ("Rosa Amadi", "message <9@brook.example>")


async def test_a_change_overruns_with_the_app_closed_and_one_key_rolls_it_back(desk: Desk) -> None:
    """C7, C9: the line drops in the window; the desk's own timers notice its end."""
    await scheduled(desk)
    async with desk.sits_down("priya") as robot:
        await begins(robot)
    desk.clock.moment = ENDS - SECOND
    assert (await desk.falls_due()).state is S.IMPLEMENTING
    desk.clock.moment = ENDS + SECOND
    change = await desk.falls_due()
    assert (change.state, change.overran_at) == (S.OVERRUN, ENDS)
    async with at_the_desk(desk.folder, operator="priya", clock=desk.clock) as robot:
        assert f"‼ {desk.ref} over by 0:00 ^r" in heading(robot)
        await robot.press("ctrl+r")
        await robot.until(lambda: robot.shows("‼ Overrun"))
        await robot.press("f6")
        assert state(robot) is S.ROLLING_BACK
        await ticks_both(robot)
        await robot.press("f8", "f8")
        assert robot.shows("Tue 17 Mar 22:00–23:30"), "the next window at the same hour"


# -- the fourth: an emergency by telephone


async def test_an_emergency_by_telephone_with_the_form_afterwards(desk: Desk) -> None:
    """C10, C11, R148, R149: overdue on the supervisor's board until its form is complete."""
    desk.clock.moment = OPENS
    caller = {"phone": "07700 900123", "item": "fw-1"}
    await log_ticket(desk.folder, desk.clock, summary="All tills are down", to="net-2", **caller)
    async with desk.sits_down("priya") as robot:
        await robot.press("5", "enter", "q", "2", "enter")
        await robot.until(lambda: robot.shows("The customer agrees by word"))
        (line,) = await robot.store.changes(ChangeQuery())
        desk.ref = line.ref
        await says(robot, "Go ahead now, we cannot sell.", "2h")
        assert state(robot) is S.VERBALLY_APPROVED
        await robot.press("f8")
        assert state(robot) is S.IMPLEMENTING
        await robot.press("5", "plus")
        await says(robot, "Restart the standby unit")
        await robot.press("escape", "space", "f8", "f8")
        assert state(robot) is S.FORM_OUTSTANDING
        await robot.press("f8")
        assert robot.shows("Section 2, motivation and description: it needs a row")
    desk.clock.forward(hours=25)
    await desk.falls_due()
    async with at_the_desk(desk.folder, operator="ruth", clock=desk.clock) as robot:
        await robot.press("b")
        assert next(line for line in robot.text().splitlines() if "Forms owed" in line).rstrip().endswith("‼ 1")
    async with desk.sits_down("priya") as robot:
        await robot.press("2", "plus")
        for words in ("No till could sell", "All tills, for an hour"):
            await says(robot, words)
            await robot.press("enter")
        await says(robot, "Rosa is on the line")
        await robot.press("escape", "6", "plus")
        await says(robot, "A till takes a payment")
        await robot.press("enter")
        await says(robot, "Start the old unit")
        await robot.press("escape", "f8")
        assert state(robot) is S.IN_REVIEW
    async with desk.sits_down("ruth") as robot:
        await robot.press("b")
        assert not robot.shows("Forms owed")
