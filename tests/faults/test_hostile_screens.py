"""Every screen walked with a stranger's words in every field: nothing is drawn but our own drawing (R216).

The app is the real one, its bytes are judged, and the store is compared with what the strangers wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from deskterm.desk import commands as c
from tests.faults.hostile import SEED, Hostile
from tests.faults.hostile_desk import HostileDesk, stores
from tests.faults.judge import Screen
from tests.faults.walks import hostile_desk, walk
from tests.faults.wire import Wire, paste, press, rest, sends, tapped, types
from tests.robot import Robot, at_the_desk

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ACTS = {
    "h": "Hand on", "e": "Escalate", "c": "chases", "n": "Note on", "r": "Resolve", "w": "Let wait", "l": "Spoke",
    "P": "Priority", "d": "Duplicate", "o": "Ask a vendor", "X": "Withdraw", "m": "Correct", "y": "works",
    "N": "says no", "O": "Reopen",
}  # fmt: skip
"""Keys that open a form on a ticket, and a word of its title."""
ANSWERS = (
    "\x1b]11;rgb:dddd/dddd/dddd\x07", "\x1b]52;c;b3duZWQ=\x1b\\", "\x1b[?62;22c", "\x1b[12;40R", "\x1bP1$r0m\x1b\\",
    "\x1b]l\x1b\\", "\x1b[?997;1n", "\x1b_Gi=31;OK\x1b\\",
)  # fmt: skip
"""What a terminal says that was tricked into answering."""


def misaligned(screen: Screen, *titles: str) -> list[str]:
    """Rows of a table in which a column does not begin, with a mark, where its title does."""
    lines = ["".join(cells) for cells in screen]
    head = next(n for n, line in enumerate(lines) if "Summary" in line)
    columns = [lines[head].index(title) for title in titles]
    found = []
    for cells in screen[head + 1 : head + 10]:
        if re.search(r"\d{4}-\d\d", "".join(cells)):
            begins = [("".join(cells[x : x + 7]), cells[x - 1]) for x in columns]
            wrong = [begin for begin, before in begins if not re.fullmatch(r"z[a-z]{2}\d{4}", begin) or before != " "]
            found += ["".join(cells)] if wrong else []
    return found


async def test_queue(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: rows, preview, views, marks, filter, and what is said of what others do."""
    hostile = Hostile("queue")
    async with hostile_desk(tmp_path, hostile, tickets=18, drafts=3) as (robot, wire, desk):
        await walk(robot, wire, hostile, "5")
        for number in range(len(desk.refs)):
            if number % 5 == 0:
                assert misaligned(wire.screen, "Summary", "Company") == [], f"DESKTERM_SEED={SEED}"
            await walk(robot, wire, hostile, "down")
        await walk(robot, wire, hostile, "space", "up", "space", "h", "escape", "U", "p", "p", "home")
        await walk(robot, wire, hostile, *"1234567")
        await walk(robot, wire, hostile, "5", "slash")
        for _ in range(12):
            await types(robot, hostile.line().text)
            wire.approves(robot, hostile)
            await paste(robot, hostile.line().text)
            wire.approves(robot, hostile)
            robot.app.focused.value = ""  # type: ignore[union-attr]
        await types(robot, hostile.given[-9].mark)
        await walk(robot, wire, hostile, "enter", "V", "escape")
        for answer in ANSWERS:
            assert pressed_by(await sends(robot, answer)) == [], repr(answer)
        assert len(wire.seen) > 60
        await somebody_else(robot, wire, desk)
    counted(hostile)


def pressed_by(passed: list[events.Event]) -> list[events.Event]:
    """What of all that the guard let through is typed."""
    return [each for each in passed if isinstance(each, events.Key | events.Paste)]


async def somebody_else(robot: Robot, wire: Wire, desk: HostileDesk) -> None:
    """Let colleagues change tickets that somebody looks at: their names and deeds are told."""
    await press(robot, "5", "home", "enter")
    async with stores(desk.folder, desk.clock) as by:
        shown = next(ref for ref in desk.refs if ref in robot.text())
        ticket = (await by["wei"].ticket(shown)).ticket.id
        for _ in range(3):
            await by["wei"].submit(c.AddNote(ticket=ticket, text=desk.hostile.line().text))
            await robot.settle()
            wire.approves(robot, desk.hostile)
    await press(robot, "escape")


async def test_tickets(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: thread, facts and what may be done now, of tickets in every status, in a small and in a large window."""
    hostile = Hostile("tickets")
    async with hostile_desk(tmp_path, hostile, tickets=13) as (robot, wire, desk):
        for ref in desk.refs:
            robot.app.open_ticket(ref)
            await rest(robot)
            await walk(robot, wire, hostile, "pageup", "pageup", "i", "pagedown", "i", "a", "down", "escape", "escape")
    seen = len(wire.seen)
    with tapped(120, 40) as large:
        async with at_the_desk(tmp_path, clock=desk.clock, operator="priya", size=(120, 40)) as robot:
            await walk(robot, large, hostile, "5", "pagedown", "enter", "pagedown", "i", "i", "a", "escape", "escape")
            for ref in desk.refs:
                robot.app.open_ticket(ref)
                await rest(robot)
                await walk(robot, large, hostile, "pageup", "escape")
    assert seen > 150, f"DESKTERM_SEED={SEED}: of {len(hostile.given)} texts only {seen} were drawn"
    counted(hostile)


async def test_forms(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: every act's form, typed into, pasted into, left, and found again with its words."""
    hostile = Hostile("forms")
    opened = set()
    async with hostile_desk(tmp_path, hostile, tickets=13, who="priya") as (robot, wire, desk):
        for ref in desk.refs:
            robot.app.open_ticket(ref)
            await rest(robot)
            for key, title in ACTS.items():
                if key in opened:
                    continue
                await walk(robot, wire, hostile, key)
                if "FormScreen" not in str(robot.screen):
                    continue
                assert title in robot.text()
                opened.add(key)
                await fill(robot, wire, hostile)
                await leave(robot)
                await walk(robot, wire, hostile, key)
                await leave(robot)
            await press(robot, "escape")
    assert opened == set(ACTS), f"DESKTERM_SEED={SEED}: never opened {set(ACTS) - opened}"
    counted(hostile)


async def fill(robot: Robot, wire: Wire, hostile: Hostile) -> None:
    """Go through the fields of a form, once by key and once by paste."""
    for put in (types, paste):
        for _ in range(4):
            await put(robot, hostile.line().text)
            wire.approves(robot, hostile)
            await walk(robot, wire, hostile, "tab")


async def leave(robot: Robot) -> None:
    """Leave a form, if one is open."""
    if "FormScreen" in str(robot.screen):
        await press(robot, "escape")


async def test_calls(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: every field of a call by key and by paste; callers and their cards; saved as it was typed."""
    hostile = Hostile("calls")
    async with hostile_desk(tmp_path, hostile, tickets=4, drafts=2) as (robot, wire, _):
        for put in (types, paste, types, paste):
            await call(robot, wire, hostile, put)
    counted(hostile)


async def call(robot: Robot, wire: Wire, hostile: Hostile, put: Callable[..., object]) -> None:
    """One call, from the first letter of the caller to the saved reference."""
    await walk(robot, wire, hostile, "f2")
    await types(robot, hostile.given[-30].mark[:3])  # letters that many of the customers here begin with
    wire.approves(robot, hostile)
    await walk(robot, wire, hostile, "down", "down", "up", "enter")
    summary, detail = hostile.line(), hostile.line()
    await put(robot, summary.text)  # type: ignore[misc]
    wire.approves(robot, hostile)
    robot.screen.to("description")  # type: ignore[attr-defined]
    await put(robot, detail.text)  # type: ignore[misc]
    wire.approves(robot, hostile)
    for _ in range(7):
        await walk(robot, wire, hostile, "tab")
        await put(robot, hostile.line().text)  # type: ignore[misc]
        wire.approves(robot, hostile)
    await walk(robot, wire, hostile, "f5")
    for _ in range(6):
        await put(robot, hostile.line().text)  # type: ignore[misc]
        wire.approves(robot, hostile)
        await walk(robot, wire, hostile, "tab")
    await walk(robot, wire, hostile, "escape", "f4", "escape")
    if "CallScreen" in str(robot.screen):
        await walk(robot, wire, hostile, "f7")
        await robot.settle()
        wire.approves(robot, hostile)
    while "QueueScreen" not in str(robot.screen):
        await press(robot, "escape")
