"""Keys beyond free text: what the desk's everyday work costs at the keyboard, counted in the real app at 80x24.

Every key counts but the words of summaries, notes and reasons, and the letters or digits that name a caller, a group
or a ticket. Each task is played by the robot and checked in the store afterwards: keys that lead nowhere don't count
as done. `tests/screens/test_keystrokes.py` holds the same numbers.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deskterm.desk import commands as c
from deskterm.desk.changes.views import ChangeQuery
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.opening import open_store
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket, store_url


@dataclass(frozen=True)
class Task:
    """Something operators do all day: how it is played, as whom, and how many keys it may cost."""

    name: str
    most: int
    play: Callable[[Robot], Awaitable[None]]
    operator: str = "ada"


async def _newest(robot: Robot) -> Ticket:
    page = await robot.store.queue(QueueQuery(view="all", limit=1))
    return await robot.ticket(page.rows[0].ref)


async def _only(robot: Robot, summary: str) -> Ticket:
    page = await robot.store.queue(QueueQuery(view="all", text=summary))
    return await robot.ticket(page.rows[0].ref)


async def known_caller(robot: Robot) -> None:
    """A known caller: log the call and hand it on."""
    await robot.press("f2")
    await robot.types("rosa")
    await robot.press("enter")
    await robot.types("Handset base lost its link")
    await robot.press("enter", "1", "2", "f8")
    ticket = await _newest(robot)
    assert ticket.status is Status.ROUTED, ticket.status
    assert (ticket.contact, ticket.summary) == ("Rosa Amadi", "Handset base lost its link")


async def save_only(robot: Robot) -> None:
    """Save after the last word."""
    await robot.press("f2")
    await robot.types("rosa")
    await robot.press("enter")
    await robot.types("Wants a call back")
    robot.keys = 0
    await robot.press("f7")
    ticket = await _newest(robot)
    assert ticket.status is Status.NEW
    assert ticket.summary == "Wants a call back"


async def unknown_caller(robot: Robot) -> None:
    """An unknown caller with name, company and telephone: log the call and hand it on."""
    await robot.press("f2")
    await robot.types("Zora Quill")
    await robot.press("enter")
    await robot.types("Quill Ltd")
    await robot.press("enter")
    await robot.types("07700 900777")
    await robot.press("enter", "enter")
    await robot.types("Scanner jams")
    await robot.press("enter", "2", "2", "f8")
    ticket = await _newest(robot)
    assert ticket.status is Status.ROUTED
    assert (ticket.contact, ticket.company, ticket.phone) == ("Zora Quill", "Quill Ltd", "07700 900777")


async def chase(robot: Robot) -> None:
    """A customer chases: find the ticket, log the chase."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter", "c")
    await robot.types("When will it work?")
    await robot.press("enter")
    assert (await _only(robot, "dial")).chases == 1


async def confirm(robot: Robot) -> None:
    """A customer confirms: find the ticket, record it and close."""
    await robot.press("slash")
    await robot.types("solved")
    await robot.press("enter", "y", "enter")
    ticket = await _only(robot, "solved")
    assert ticket.status is Status.CLOSED
    assert ticket.confirmation is not None


async def hand_on(robot: Robot) -> None:
    """From an opened ticket: hand it on, with a reason."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter", "enter")
    robot.keys = 0
    await robot.press("h")
    await robot.types("net-2")
    await robot.press("enter")
    await robot.types("The switch is down")
    await robot.press("enter")
    assert (await _only(robot, "dial")).group == "net-2"


async def escalate(robot: Robot) -> None:
    """From an opened ticket: escalate it to the next line, which gets the work."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter", "enter")
    robot.keys = 0
    await robot.press("e")
    await robot.types("Out of ideas")
    await robot.press("tab", "2", "enter")
    assert (await _only(robot, "dial")).group == "net-2"


async def escalate_on_their_word(robot: Robot) -> None:
    """In the queue, a customer on the line: escalate it on their word."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter")
    robot.keys = 0
    await robot.press("e")
    await robot.types("Down for two days, wants the manager")
    await robot.press("enter")
    (step,) = (await _only(robot, "dial")).escalations
    assert (step.trigger, step.by) == ("customer", "Ada Okafor"), step


async def save_and_escalate(robot: Robot) -> None:
    """In a new call: save it, hand it on and escalate it at once on the caller's word."""
    await robot.press("f2")
    await robot.types("rosa")
    await robot.press("enter")
    await robot.types("Third outage this week, wants the manager")
    await robot.press("enter", "1", "1")
    robot.keys = 0
    await robot.press("f9")
    ticket = await _newest(robot)
    assert ticket.status is Status.ROUTED
    assert ticket.escalations[0].reason == "Third outage this week, wants the manager"


async def take_and_resolve(robot: Robot) -> None:
    """Level 1: take a ticket and resolve it with a known solution."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter", "t", "r")
    await robot.types("dial tone")
    await robot.press("enter")
    assert (await _only(robot, "dial")).status is Status.RESOLVED


async def undo(robot: Robot) -> None:
    """A mistaken hand-off: take it back."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter")
    robot.keys = 0
    await robot.press("u")
    assert (await _only(robot, "dial")).status is Status.NEW


async def join(robot: Robot) -> None:
    """A second caller with the same trouble: join them to the ticket that is open."""
    await robot.press("f2")
    await robot.types("piet")
    await robot.press("enter", "f4", "b")
    assert len((await _only(robot, "dial")).joined) == 1


async def triage(robot: Robot) -> None:
    """In the queue, on a ticket that came in by mail: say what it is, how bad and how urgent, and hand it on."""
    await robot.press("4", "slash")
    await robot.types("mailed")
    await robot.press("enter")
    robot.keys = 0
    await robot.press("z", "1", "2", "1", "f8")
    ticket = await _only(robot, "mailed")
    assert (ticket.type, ticket.priority, ticket.group) == ("incident", "p1", "voice-1"), ticket


async def change(robot: Robot) -> None:
    """From a ticket: raise a normal change, fill in its form with two rows in each section, and submit it."""
    await robot.press("slash")
    await robot.types("dial")
    await robot.press("enter", "enter")
    robot.keys = 0
    await robot.press("q", "enter")
    for words in ("pbx-1, handset base 3", "Sat 22:00", "90m", "07700 900123"):
        await robot.types(words)
        await robot.press("enter")
    sections = list(Section)
    for section in sections:
        await robot.types(f"First of {section}")
        await robot.press("enter")
        await robot.types(f"Second of {section}")
        if section is not sections[-1]:
            await robot.press("enter", "enter")
    await robot.press("f8")
    (line,) = await robot.store.changes(ChangeQuery("all"))
    made = (await robot.store.change(line.id)).change
    assert made.state is ChangeState.SUBMITTED, made.state
    assert {len(made.rows_of(section)) for section in sections} == {2}


TASKS = (
    Task("known caller: log and hand off", 8, known_caller),
    Task("save after the last word", 2, save_only),
    Task("unknown caller: log and hand off", 14, unknown_caller),
    Task("customer chases: find and log", 6, chase),
    Task("customer confirms: find and close", 5, confirm),
    Task("hand on from a ticket", 4, hand_on),
    Task("escalate from a ticket", 4, escalate, "ines"),
    Task("escalate on the customer's word", 4, escalate_on_their_word),
    Task("save a call and escalate it", 1, save_and_escalate),
    Task("take and resolve, known solution", 6, take_and_resolve, "kofi"),
    Task("triage of a waiting ticket", 6, triage),
    Task("normal change: raise, fill in, submit", 45, change, "priya"),
    Task("take a hand-off back", 1, undo),
    Task("join a caller to an open ticket", 5, join),
)


async def played(task: Task, folder: Path) -> int:
    """Play a task on a fresh desk; returns the keys it cost."""
    clock = Clock()
    await furnish(folder)
    await log_ticket(folder, clock, summary="No dial tone at reception", to="voice-1")
    solved = await log_ticket(folder, clock, summary="Solved: a loud fan", to="desk-1", contact="Piet de Vries")
    unknown: dict[str, Any] = {"type": None, "impact": None, "urgency": None}
    sender = {"company": "Harbour Foods", "contact": "Jon Sato", "channel": "email"}
    await log_ticket(folder, clock, summary="Mailed: the handsets are dead", **sender, **unknown)
    store = await open_store(store_url(folder), operator="ben", clock=clock)
    ticket = (await store.ticket(solved)).ticket.id
    await store.submit(c.Take(ticket=ticket))
    known = (await store.solutions(""))[0].key
    await store.submit(c.Resolve(ticket=ticket, solution=known))
    await store.close()
    async with at_the_desk(folder, clock=clock, operator=task.operator) as robot:
        await robot.press("5")
        robot.keys = 0
        await task.play(robot)
        return robot.keys


async def main() -> bool:
    """Play every task and print the table; says whether each kept its promise."""
    print("Keys beyond free text, in the real app at 80x24\n")
    print(f"  {'task':<38}{'keys':>5}{'at most':>9}")
    kept = True
    for task in TASKS:
        with TemporaryDirectory() as folder:
            keys = await played(task, Path(folder))
        kept &= keys <= task.most
        print(f"  {task.name:<38}{keys:>5}{task.most:>9}  {'' if keys <= task.most else '✗ too many'}")
    return kept


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
