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
from typing import Final

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from deskterm.settings import log_path
from tests.faults.hostile import SEED, Hostile
from tests.faults.judge import Verdict, judged, shapes
from tests.robot import Robot, at_the_desk, log_ticket

PLAIN: Final = "No dial tone at the reception"
"""What an ordinary caller says."""


class Wire:
    """What the app sent."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.sent = bytearray()
        self.size = columns, lines
        self.seen: set[str] = set()
        """Marks of the hostile texts that were drawn."""

    def write(self, _driver: HeadlessDriver, data: str) -> None:
        """Stand in for the driver's: a lone surrogate would be an error in a real one too."""
        self.sent += data.encode("utf-8", "surrogatepass")

    def judge(self, *hostiles: Hostile) -> Verdict:
        """Judge what was sent so far, note which marks were drawn, and begin anew."""
        verdict = judged(bytes(self.sent), ours(), *self.size)
        self.seen |= {g.mark for h in hostiles for g in h.given if g.mark in verdict.drawn}
        self.sent.clear()
        return verdict

    def approves(self, robot: Robot, *hostiles: Hostile) -> Verdict:
        """Fail, with the seed, unless all was our own drawing and the app is as alive as it was."""
        verdict = self.judge(*hostiles)
        trouble = [*verdict.faults, *alive(robot), *actions_of(robot)]
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
    """Paste, as the input guard would pass it on."""
    robot.app.post_message(events.Paste(text))
    await rest(robot)


async def rest(robot: Robot) -> None:
    """Wait until the app has nothing left to do; fails after ten seconds."""
    deadline = monotonic() + 10
    taken = asyncio.Event()
    robot.app.call_later(taken.set)  # behind the key in the app's own queue
    while not (taken.is_set() and (robot.app._last_key is None or robot.app._last_key.done())):
        if not robot.app.is_running or robot.app._exit:
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
    trouble = [] if robot.app.is_running and not robot.app._exit else ["the app has ended"]
    if log_path().exists():
        trouble.append(log_path().read_text())
        log_path().unlink()
    return trouble


def actions_of(robot: Robot) -> list[str]:
    """Actions that stand in the styles of what is drawn now: no text may carry any."""
    strips = robot.app.screen._compositor.render_strips()
    metas = (segment.style.meta for strip in strips for segment in strip if segment.style is not None)
    return [f"a style carries {meta}" for meta in metas if any(key.startswith("@") for key in meta)]
