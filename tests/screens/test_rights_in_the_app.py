"""Every level, status and act at the keyboard: a key is dimmed exactly where the requirements' table refuses it (R076).

One app a person, in which they walk through a ticket in every status. A refused key says the rule and changes nothing;
an allowed one acts or opens its form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from deskterm.actions import Action, Place, at
from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.ticket import Status, Synopsis, Ticket
from deskterm.screens.acts import TicketActs, acts_of
from deskterm.screens.form import FormScreen
from deskterm.screens.ticket import TicketScreen
from deskterm.store.opening import open_store
from deskterm.text import safe
from deskterm.widgets.frame import Hints
from tests.desk.tickets.test_rights import COLUMN, DONE_BY_PEOPLE, ROWS, expected
from tests.robot import Clock, Robot, at_the_desk, log_ticket, store_url
from tests.screens.elsewhere import Act as Doing
from tests.screens.elsewhere import elsewhere

pytestmark = pytest.mark.anyio

VENDOR = """
[[operator]]
name = "Vera Moss"
level = "vendor"
login = "vera"
groups = ["redline"]
"""
"""The sample desk has vendors as groups only; this one has an account of her own."""

_TASK: Doing = (c.OpenVendorTask, {"vendor": "redline", "text": "Is the line in order?"})
_TAKE: Doing = (c.Take, {})
_START: Doing = (c.Start, {})
_DONE = Synopsis(issue="No link", steps="Cable changed", resolution="It works again")
_RESOLVE: Doing = (c.Resolve, {"synopsis": _DONE, "no_article_because": "A cable."})
_WAYS: dict[Status, tuple[Doing, ...]] = {
    Status.ROUTED: (_TASK,),
    Status.ACCEPTED: (_TASK, _TAKE),
    Status.IN_PROGRESS: (_TASK, _TAKE, _START),
    Status.PENDING: (_TASK, _TAKE, _START, (c.Pend, {"reason": "vendor"})),
    Status.RESOLVED: (_TASK, _TAKE, _START, _RESOLVE),
    Status.CLOSED: (_TASK, _TAKE, _START, _RESOLVE, (c.RecordAnswer, {"answer": "yes"})),
    Status.WITHDRAWN: ((c.Withdraw, {"reason": "It works again by itself."}),),
}
"""What the second line does to a ticket to bring it there; where it can be, with a task of the vendor's."""

AT_ONCE = {"take": Status.ACCEPTED, "start": Status.IN_PROGRESS, "resume": Status.IN_PROGRESS}
"""Acts that need no form, and where they lead."""
ELSEWHERE = {"editor", "new-call"}
"""What leaves the ticket is tried by a test of its own."""


@dataclass(frozen=True)
class Desk:
    """A desk file's bytes, and the ticket of each status in it."""

    file: bytes
    refs: dict[Status, str]


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A ticket in every status, all taken in by Ada, each really brought there."""
    folder, clock = tmp_path_factory.mktemp("every-status"), Clock()
    source, _ = load_sample("managed-network")
    store = await open_store(store_url(folder), clock=clock)
    await store.submit(c.LoadDesk(name="desk.toml", source=source + VENDOR))
    await store.close()
    refs: dict[Status, str] = {}
    for status in Status:
        clock.forward(minutes=1)
        group = None if status is Status.NEW else "net-2"
        refs[status] = await log_ticket(folder, clock, summary=f"This one is {status}", to=group)
        await elsewhere(folder, clock, "priya", refs[status], *_WAYS.get(status, ()))
    survivor = await _ticket(folder, clock, refs[Status.NEW])
    await elsewhere(folder, clock, "priya", refs[Status.DUPLICATE], (c.MarkDuplicate, {"survivor": survivor.id}))
    for status, ref in refs.items():
        assert (await _ticket(folder, clock, ref)).status is status
    return Desk((folder / "desk.db").read_bytes(), refs)


async def _ticket(folder: Path, clock: Clock, ref: str) -> Ticket:
    store = await open_store(store_url(folder), operator="ada", clock=clock)
    view = await store.ticket(ref)
    await store.close()
    return view.ticket


def actions(place: Place) -> list[Action]:
    """What the table governs in a place and has a key, those that change the ticket at once last."""
    governed = [action for action in at(place) if action.act and action.keys]
    return sorted(governed, key=lambda action: action.id in AT_ONCE)


def may(action: Action, who: Operator, ticket: Ticket) -> bool:
    """What the requirements say, apart from all code of the app and of the rules."""
    if action.act == "log":
        return who.level in COLUMN and next(row for row in ROWS if row.rule == "T1").rights[COLUMN[who.level]] == "y"
    return any(expected(row, who, ticket) for row in ROWS if row.act in acts_of(action))


def rows(action: Action, ticket: Ticket) -> list[str]:
    """The rules that an action comes to in a ticket's status."""
    return [row.rule for row in ROWS if row.act in acts_of(action) and ticket.status in row.sources]


def front(robot: Robot) -> TicketActs:
    """The screen in front, which has tickets to act on."""
    assert isinstance(robot.screen, TicketActs)
    return robot.screen


def hinted(robot: Robot, place: Place) -> dict[str, bool]:
    """The keys that the line of hints shows, by action, and whether each is drawn dimmed."""
    hints = front(robot).query_one(Hints)
    hints.unsay()
    drawn = hints.render()
    begins = {a.id: drawn.plain.find(f"{a.first_key} {a.name}") for a in actions(place) if a.hint}
    assert min(begins.values()) >= 0, f"not all of {begins} are in: {drawn.plain}"
    pale = [span for span in drawn.spans if span.style == "$text-disabled"]
    return {name: any(span.start <= begin < span.end for span in pale) for name, begin in begins.items()}


async def is_refused(robot: Robot, action: Action) -> None:
    """Press a key that is dimmed: it says why, with the rule, and leads nowhere."""
    screen = front(robot)
    reason = screen.why_not(action)
    rules = {row.rule for row in ROWS if row.act in acts_of(action)}
    assert reason
    assert set(re.findall(r"\(([TR]\d+)\)", reason)) & rules, reason
    hints = screen.query_one(Hints)
    hints.unsay()
    await robot.strike(action.keys.split(",")[0], lambda: bool(hints.said))
    assert hints.said == f"✗ {safe(reason)}"
    assert robot.screen is screen


async def is_done(robot: Robot, action: Action, ticket: Ticket) -> None:
    """Press a key that may be pressed: it acts, or opens its form, which Esc leaves."""
    screen = front(robot)
    key = action.keys.split(",")[0]
    is_assigned = action.id == "take" and robot.store.me.level == "supervisor"
    if action.id in AT_ONCE and not is_assigned:
        await robot.press(key)
        assert (await robot.ticket(ticket.ref)).status is AT_ONCE[action.id]
        return
    if action.id == "take-over":
        hints = screen.query_one(Hints)
        hints.unsay()
        await robot.strike(key, lambda: bool(hints.said))
        assert "obody" in hints.said, "there is nobody to take over from"
        assert (await robot.ticket(ticket.ref)).version == ticket.version
        return
    await robot.strike(key, lambda: isinstance(robot.screen, FormScreen) and robot.screen.focused is not None)
    assert isinstance(robot.screen, FormScreen)
    assert robot.screen.form.kind == ("assign" if is_assigned else action.id)
    assert robot.screen.form.about == ticket.ref
    await robot.strike("escape", lambda: robot.screen is screen)
    assert (await robot.ticket(ticket.ref)).version == ticket.version


async def walk(robot: Robot, place: Place, ticket: Ticket) -> list[Action]:
    """Compare every key with the table, and press those it refuses; returns those it allows."""
    allowed: list[Action] = []
    dimmed = hinted(robot, place)
    for action in actions(place):
        said = f"{robot.store.me.name} {action.id} {ticket.status}"
        is_allowed = may(action, robot.store.me, ticket)
        assert (front(robot).why_not(action) is None) == is_allowed, said
        assert dimmed.get(action.id, not is_allowed) is not is_allowed, said
        if is_allowed:
            allowed.append(action)
        else:
            await is_refused(robot, action)
    assert (await robot.ticket(ticket.ref)).version == ticket.version
    return allowed


@pytest.mark.parametrize("who", ["ada", "maya", "kofi", "priya", "ruth", "vera"])
async def test_every_act_in_every_status(tmp_path: Path, desk: Desk, who: str) -> None:
    """R063, R065, R066, R067, R076: Ada took them all in, Maya is level 0 as well and did not."""
    (tmp_path / "desk.db").write_bytes(desk.file)
    async with at_the_desk(tmp_path, operator=who, size=(160, 24)) as robot:
        await robot.press("8")
        await in_the_queue(robot)
        done: set[tuple[str, ...]] = set()
        for ref in desk.refs.values():
            await in_the_ticket(robot, ref, done)


async def in_the_queue(robot: Robot) -> None:
    """Go down the rows: keys are dimmed by the ticket under the cursor."""
    seen: set[Status] = set()
    for _ in Status:
        (target,) = front(robot).targets()
        ticket = await robot.ticket(target.ref)
        seen.add(ticket.status)
        with robot.app.batch_update():
            await walk(robot, "queue", ticket)
        await robot.press("down")
    assert seen == set(Status)


async def in_the_ticket(robot: Robot, ref: str, done: set[tuple[str, ...]]) -> None:
    """Open a ticket and press every key; `done` holds the keys and rules that need not be pressed again."""
    robot.app.open_ticket(ref)
    await robot.until(lambda: isinstance(robot.screen, TicketScreen) and bool(robot.screen.targets()))
    ticket = await robot.ticket(ref)
    # Nothing is looked at but the hints, which are asked for: drawing would take most of the time.
    with robot.app.batch_update():
        for action in await walk(robot, "ticket", ticket):
            # Of keys that a row of the table allows in several statuses, one is pressed.
            pressed = action.id, *rows(action, ticket)
            if action.id not in ELSEWHERE and pressed not in done:
                done.add(pressed)
                await is_done(robot, action, ticket)
    await robot.press("escape")


def test_nothing_the_table_governs_is_left_out() -> None:
    """Every row that starts from a status has its key in a ticket and in the queue."""
    for place in ("ticket", "queue"):
        keys = {act for action in at(place) for act in acts_of(action)}
        assert {row.act.value for row in DONE_BY_PEOPLE} <= keys
