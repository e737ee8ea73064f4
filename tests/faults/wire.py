"""The real app without a terminal, and every byte it would have sent to one.

with tapped() as wire:
    async with at_the_desk(folder) as robot:
        await press(robot, "f2")
        wire.approves(robot, hostile)
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

import pytest
from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.drivers.headless_driver import HeadlessDriver

from deskterm.app import DeskApp
from deskterm.input_guard import GuardedParser
from deskterm.settings import log_path
from tests.faults.hostile import SEED, Hostile
from tests.faults.judge import Verdict, blank, judged, shapes
from tests.robot import Robot, at_the_desk, log_ticket

PLAIN: Final = "No dial tone at the reception"
"""What an ordinary caller says."""
_OF_SCROLLBARS: Final = {"@mouse.down grab", "@mouse.up release", "@mouse.down scroll_up", "@mouse.down scroll_down"}
PATIENCE: Final = 60.0
"""Seconds that anything may take, on a machine that does much else, before it counts as never."""
LONGEST_TYPED: Final = 60
"""Characters that anybody types in one go."""


class Wire:
    """What the app sent."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.sent = bytearray()
        self.screen = blank(columns, lines)
        """What the terminal shows."""
        self.seen: set[str] = set()
        """Marks of the hostile texts that were drawn."""
        self.actions: list[str] = []
        """Actions that were carried out."""
        self._known: set[str] = set()

    def write(self, _driver: HeadlessDriver, data: str) -> None:
        """Stand in for the driver's: a lone surrogate would be an error in a real one too."""
        self.sent += data.encode("utf-8", "surrogatepass")

    def judge(self, *hostiles: Hostile) -> Verdict:
        """Judge what was sent so far, note which marks were drawn, and begin anew."""
        verdict = judged(bytes(self.sent), ours(), self.screen)
        self.seen |= {g.mark for h in hostiles for g in h.given if g.mark in verdict.drawn}
        self.sent.clear()
        return verdict

    def approves(self, robot: Robot, *hostiles: Hostile) -> Verdict:
        """Fail, with the seed, unless all was our own drawing and the app is as alive as it was."""
        verdict = self.judge(*hostiles)
        self._known |= bound_actions() if set(self.actions) - self._known else set()
        foreign = [f"a foreign action: {action}" for action in sorted(set(self.actions) - self._known)]
        trouble = [*verdict.faults, *alive(robot), *actions_of(robot), *foreign]
        assert not trouble, (
            f"DESKTERM_SEED={SEED}, screen {robot.screen!r}:\n" + "\n".join(trouble) + "\n" + robot.text()
        )
        return verdict


@contextmanager
def tapped(columns: int = 80, lines: int = 24) -> Iterator[Wire]:
    """Let Textual's driver for tests pass on what it is given, as one for terminals would be given it."""
    wire = Wire(columns, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeadlessDriver, "write", lambda driver, data: wire.write(driver, data))
        patch.setattr(HeadlessDriver, "is_headless", False)
        run_action = DeskApp.run_action

        async def noted(app: DeskApp, action: Any, *where: Any, **more: Any) -> bool:
            wire.actions.append(str(action))
            return await run_action(app, action, *where, **more)

        patch.setattr(DeskApp, "run_action", noted)
        yield wire


@cache
def _ours() -> dict[str, frozenset[str]]:
    return {}


def ours() -> frozenset[str]:
    """The control sequences that the app draws with where nobody wrote anything hostile; see `learn_ours`."""
    return _ours()["ours"]


async def learn_ours() -> None:
    """Walk the screens once with plain words, and keep what was sent as the measure of everything else."""
    if "ours" in _ours():
        return
    with TemporaryDirectory() as folder, tapped() as wire:
        async with at_the_desk(Path(folder)) as robot:
            for _ in range(3):
                await log_ticket(Path(folder), robot.clock, summary=PLAIN, to="net-2")
            await press(
                robot, "right_square_bracket", "down", "space", "slash", "d", "escape", "enter", "n", "x", "escape"
            )
            await press(
                robot, "i", "escape", "question_mark", "escape", "colon", "escape", "ctrl+p", "escape", "f2", "r"
            )
            await press(robot, "enter")
            await paste(robot, PLAIN)
            await press(robot, "tab", "f5", "escape", "f7", "escape", "f12", "escape")
        _ours()["ours"] = shapes(bytes(wire.sent))


async def press(robot: Robot, *keys: str) -> None:
    """Press keys, each settled before the next, as fast as the app goes."""
    for key in keys:
        robot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await rest(robot)


async def paste(robot: Robot, text: str) -> None:
    """Paste, through the guard before the keyboard."""
    await sends(robot, f"\x1b[200~{text}\x1b[201~")


async def types(robot: Robot, text: str) -> None:
    """Type a text: of each of its characters that a key can type, the key."""
    await sends(robot, "".join(character for character in text if character.isprintable())[:LONGEST_TYPED])


async def sends(robot: Robot, sent: str) -> list[events.Event]:
    """Let the terminal send something, and the app do what follows from it; gives what the guard let through."""
    passed = [each for each in GuardedParser().feed(sent) if isinstance(each, events.Event)]
    for event in passed:
        robot.app.post_message(event)
    await rest(robot)
    return passed


async def rest(robot: Robot) -> None:
    """Wait until the app has nothing left to do; fails after `PATIENCE`."""
    deadline = monotonic() + PATIENCE
    taken = asyncio.Event()
    robot.app.call_later(taken.set)  # behind the key in the app's own queue
    while not (taken.is_set() and (robot.app._last_key is None or robot.app._last_key.done())):
        if robot.app._exit:
            return
        assert monotonic() < deadline, f"DESKTERM_SEED={SEED}: a key is stuck; the screen shows:\n{robot.text()}"
        await asyncio.sleep(0.001)
    for _ in range(2):
        drawn = asyncio.Event()
        robot.app.screen.call_after_refresh(drawn.set)
        while not (drawn.is_set() and robot._is_idle() and not robot.app._holds and not robot.app._held):
            if not robot.app.is_running or robot.app._exit:
                return
            assert monotonic() < deadline, f"DESKTERM_SEED={SEED}: still busy; the screen shows:\n{robot.text()}"
            if robot.app.screen.is_current and not drawn.is_set():
                robot.app.screen.call_after_refresh(drawn.set)
            await asyncio.sleep(0.001)


def alive(robot: Robot) -> list[str]:
    """What is wrong with the app; nothing as long as it runs and wrote down no error."""
    error = robot.app._exception
    trouble = [f"the app has ended: {error!r}"] if error or robot.app._exit else []
    if log_path().exists():
        trouble.append(log_path().read_text())
        log_path().unlink()
    return trouble


def actions_of(robot: Robot) -> list[str]:
    """Actions that stand in the styles of what is drawn now, but for those of scrollbars: no text may carry any."""
    strips = robot.app.screen._compositor.render_strips()
    metas = (segment.style.meta.items() for strip in strips for segment in strip if segment.style is not None)
    said = {f"{key} {what}" for meta in metas for key, what in meta if key.startswith("@")}
    return sorted(f"a style carries {each}" for each in said - _OF_SCROLLBARS)


def bound_actions() -> set[str]:
    """What keys may bring about: the actions of every screen's and every widget's bindings."""
    found: set[str] = set()
    classes: list[type[DOMNode]] = [DOMNode]
    while classes:
        one = classes.pop()
        classes += one.__subclasses__()
        found |= {each.action if isinstance(each, Binding) else each[1] for each in vars(one).get("BINDINGS", ())}
    return found
