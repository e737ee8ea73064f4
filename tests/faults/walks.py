"""What walks through hostile desks have in common: somebody at one, keys that are judged one by one, and the count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.faults.hostile import SEED, Hostile
from tests.faults.hostile_desk import HostileDesk, lay_out
from tests.faults.wire import Wire, learn_ours, press, tapped
from tests.robot import Robot, at_the_desk


@asynccontextmanager
async def hostile_desk(
    folder: Path, hostile: Hostile, *, tickets: int, drafts: int = 0, who: str | None = "ada"
) -> AsyncIterator[tuple[Robot, Wire, HostileDesk]]:
    """Somebody at a desk where every word is a stranger's; at the end, nothing of it may have changed."""
    await learn_ours()
    desk = await lay_out(folder, hostile, tickets=tickets, drafts=drafts)
    with tapped() as wire:
        async with at_the_desk(folder, clock=desk.clock, operator=who) as robot:
            yield robot, wire, desk
            wire.approves(robot, hostile)
            assert await desk.changed(robot.store) == [], f"DESKTERM_SEED={SEED}"


async def walk(robot: Robot, wire: Wire, hostile: Hostile, *keys: str) -> None:
    """Press keys and judge what each brings."""
    for key in keys:
        await press(robot, key)
        wire.approves(robot, hostile)
