"""Every role, state and act of a change at the keyboard: done, or refused with its rule, just as the table says.

One app a person, in which they walk through a change in every state. What the table refuses is greyed, says why, and
changes nothing; what it allows acts, or opens its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from deskterm.actions import Action, at
from deskterm.desk import commands as c
from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.changes.views import ChangeView
from deskterm.desk.deskfile import Operator
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.change import Change, ChangeState, Section
from deskterm.screens.change import ChangeScreen
from deskterm.screens.change_forms import AT_ONCE
from deskterm.screens.form import FormScreen
from deskterm.store.opening import open_store
from deskterm.widgets.frame import Hints
from tests.desk.changes.test_rights import COLUMN, LINES, Line
from tests.robot import Clock, Robot, at_the_desk, furnish, store_url
from tests.screens.changing import front, opens, planned
from tests.screens.test_rights_in_the_app import VENDOR

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]
S = ChangeState
STANDARD = (S.DRAFT, S.APPROVED, S.SCHEDULED, S.IMPLEMENTING, S.TESTING, S.ROLLING_BACK, S.RESCHEDULED, S.IMPLEMENTED)
BY_SECTION = {
    ChangeAct.PREPARE: Section.PREREQUISITES,
    ChangeAct.STEP: Section.IMPLEMENTATION,
    ChangeAct.RESULT: Section.TESTING,
    ChangeAct.UNDO_STEP: Section.ROLLBACK,
}
ON_ROWS = {"move-up", "move-down", "remove-row", "split", "add-row", "failed", "amend", "tick"}
"""What is done on rows and head is tried by tests of its own; here it is only compared with the table."""


@dataclass(frozen=True)
class Stand:
    """A change that was brought to a state, and the moment at which it stands there."""

    ref: str
    state: ChangeState
    moment: datetime


@dataclass(frozen=True)
class Desk:
    """A desk file's bytes, and changes in every state in it."""

    file: bytes
    stands: tuple[Stand, ...]


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A change in every state, each really brought there; standard ones too, which are level 1's."""
    folder = tmp_path_factory.mktemp("every-state")
    await furnish(folder)
    source, _ = load_sample("managed-network")
    store = await open_store(store_url(folder), clock=Clock())
    await store.submit(c.LoadDesk(name="desk.toml", source=source + VENDOR))
    await store.close()
    stands = []
    # The overrun first: its tick would find every other change whose window is over by then.
    ways = [("normal", S.OVERRUN), *(("normal", state) for state in S if state is not S.OVERRUN)]
    for kind, state in (*ways, *(("standard", state) for state in STANDARD)):
        is_spoken = state in (S.VERBALLY_APPROVED, S.FORM_OUTSTANDING)
        night = await planned(folder, Clock(), "emergency" if is_spoken else kind)
        night.rows = ("First",)
        await night.goes_to(state)
        assert (await night.maker.look()).change.state is state
        stands.append(Stand(night.ref, state, night.clock.moment))
        await night.is_over()
    return Desk((folder / "desk.db").read_bytes(), tuple(stands))


def expected(line: Line, who: Operator, change: Change) -> bool:
    """What the requirements say, apart from all code of the app and of the rules."""
    cell = line.rights[COLUMN[who.level]]
    is_own = who.name in (change.requester, change.engineer)
    fits = {"-": False, "y": True, "standard": change.kind == "standard", "own": change.requester == who.name}
    return change.state in line.sources and fits.get(cell, not is_own)


def governed(screen: ChangeScreen, view: ChangeView) -> Iterator[tuple[Action, Line]]:
    """The actions of the place that the table governs, with their line of it."""
    for action in at("change"):
        act = screen.act_of(action, view)
        if act is not None:
            yield action, next(line for line in LINES if line.act is act)


def is_refused(screen: ChangeScreen, action: Action, line: Line) -> None:
    """Do what is refused: it says why, with the rule, and leads nowhere."""
    hints = screen.query_one(Hints)
    hints.unsay()
    screen.perform(action)
    rule = {"C6": "C[69]", "C5": "C[57]"}.get(line.rule, line.rule)
    # Where the window is over, that is the reason for standing still (C7).
    assert re.search(rf"\(({rule}|C7)\)\.$", hints.said), (action.id, hints.said)
    assert screen.app.screen is screen


async def is_done(robot: Robot, action: Action, line: Line, state: ChangeState) -> bool:
    """Do what is allowed: it acts, or is told what is wanting, or opens its form; whether it moved on."""
    screen = front(robot)
    hints = screen.query_one(Hints)
    hints.unsay()
    screen.perform(action)
    if line.act in AT_ONCE or (line.act is ChangeAct.ROLL_BACK and state is S.OVERRUN):
        await robot.until(lambda: bool(hints.said))
        await robot.settle()
        view = screen.view_in_front()
        assert view is not None
        moved = view.change.state is not state
        assert view.change.state in line.to if moved else hints.said.startswith("✗"), (action.id, hints.said)
        return moved
    await robot.until(lambda: isinstance(robot.screen, FormScreen) and robot.screen.focused is not None)
    assert isinstance(robot.screen, FormScreen)
    assert robot.screen.form.kind == (action.id if action.id != "onward" else line.act)
    await robot.strike("escape", lambda: robot.screen is screen)
    return False


def pressed(action: Action, line: Line, stand: Stand) -> tuple[str, str]:
    """What need not be pressed again: of what opens the same form in several states, one is."""
    return action.id, stand.state if line.act in AT_ONCE else line.act


async def walk(robot: Robot, stand: Stand, done: set[tuple[str, str]]) -> None:
    """Compare everything with the table, do what it refuses, then what it allows; what moves on comes last."""
    robot.clock.moment = stand.moment
    screen = await opens(robot, stand.ref)
    view = screen.view_in_front()
    assert view is not None
    assert view.change.state is stand.state
    who, allowed = robot.store.me, []
    for act, section in BY_SECTION.items():
        screen.show_page(section.number)
        line = next(line for line in LINES if line.act is act)
        tick = next(action for action in at("change") if action.id == "tick")
        assert (screen.why_not(tick) is None) == expected(line, who, view.change), (who.name, act, stand)
    for action, line in governed(screen, view):
        said = f"{who.name} {action.id} {stand.state} {view.change.kind}"
        may = expected(line, who, view.change)
        assert (screen.why_not(action) is None) == may, said
        if not may:
            is_refused(screen, action, line)
        elif action.id not in ON_ROWS and pressed(action, line, stand) not in done:
            allowed.append((action, line))
    assert (await robot.store.change(stand.ref)).change.version == view.change.version
    for action, line in sorted(allowed, key=lambda each: each[1].act in AT_ONCE):
        done.add(pressed(action, line, stand))
        if await is_done(robot, action, line, stand.state):
            break
    await robot.press("escape")


@pytest.mark.parametrize("who", ["ada", "kofi", "priya", "lukas", "ruth", "vera"])
async def test_every_act_in_every_state(tmp_path: Path, desk: Desk, who: str) -> None:
    """C1-C13, T7: Priya raises and makes them all, Lukas is her colleague, Ruth manages changes."""
    (tmp_path / "desk.db").write_bytes(desk.file)
    done: set[tuple[str, str]] = set()
    async with at_the_desk(tmp_path, operator=who, size=(160, 24)) as robot:
        for stand in desk.stands:
            # Nothing is looked at but the hints, which are asked for: drawing would take most of the time.
            with robot.app.batch_update():
                await walk(robot, stand, done)


def test_nothing_the_table_governs_is_left_out() -> None:
    """Every act that people do has its word in a change; ticking stands for the acts on rows."""
    words = {action.act for action in at("change")} | {ChangeAct.FILL}
    by_people = {line.act for line in LINES if line.sources and line.rights["the system"] != "y"}
    assert by_people - set(BY_SECTION) <= words
