"""Moments of a week with changes worth a picture: its calendar, the list, and the watch on a window that ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from textwrap import dedent

from deskterm.desk.commands import LoadDesk
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.change import ChangeState
from tests.morning import NOW
from tests.planned import SUPERVISOR, elsewhere, planned
from tests.robot import Clock, Robot

_FREEZE = """
    [[freeze]]
    name = "stock-taking"
    title = "Stock-taking"
    first_day = 2026-03-20
    last_day = 2026-03-21
    company = ["HF"]
"""
_MONDAY = NOW.replace(hour=0, minute=0)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return _MONDAY + timedelta(days=day, hours=hour, minutes=minute)


async def _week(robot: Robot) -> str:
    """Six changes: one under way, two that clash, one over midnight, one in a freeze, one without a window yet."""
    source, _ = load_sample("managed-network")
    source = source.replace("first = 10000", "first = 10471")
    await elsewhere(
        robot.folder, robot.clock, SUPERVISOR, LoadDesk(name="northgate.toml", source=source + dedent(_FREEZE))
    )
    then, folder = Clock(NOW - timedelta(minutes=2)), robot.folder
    ref = await planned(
        folder, Clock(NOW - timedelta(minutes=42)), state=ChangeState.IMPLEMENTING, starts=NOW - timedelta(minutes=42),
        minutes=56, title="Replace the failed supply of the core switch", systems=("sw-dock-4",),
    )  # fmt: skip
    await planned(
        folder, then, state=ChangeState.SCHEDULED, starts=_at(1, 20), company="Brook & Lane", systems=("gw-1",),
        title="New certificate for the telephone gateway",
    )  # fmt: skip
    await planned(
        folder, then, state=ChangeState.AWAITING, starts=_at(1, 20, 30), minutes=240, company="Brook & Lane",
        systems=("gw-1", "gw-2"), title="Update both telephone gateways",
    )  # fmt: skip
    await planned(
        folder, then, state=ChangeState.SUBMITTED, starts=_at(2, 22), minutes=300, company="Alder Clinic",
        systems=("wlc-1",), title="Replace the wireless controller",
    )  # fmt: skip
    await planned(
        folder, then, starts=_at(4, 22), title="Move the tills to a network of their own", systems=("fw-dock-1",)
    )
    await robot.until(lambda: ref in robot.text())
    return ref


async def calendar(robot: Robot, refs: Mapping[str, str]) -> None:
    """The week in the calendar."""
    await _week(robot)
    await robot.press("K", "down")


async def changes(robot: Robot, refs: Mapping[str, str]) -> None:
    """The week as a list."""
    await _week(robot)
    await robot.press("H", "down")


async def guard(robot: Robot, refs: Mapping[str, str]) -> None:
    """The queue of a supervisor, with 14 minutes left of a window."""
    await _week(robot)
    await robot.press("5")


async def guard_over(robot: Robot, refs: Mapping[str, str]) -> None:
    """The board, three minutes after a window ended with work open."""
    await _week(robot)
    robot.clock.forward(minutes=17)
    await robot.store.tick()
    await robot.until(lambda: robot.shows("is over its window with work open"))
    await robot.press("b")
    await robot.until(lambda: robot.shows("‼ over by 0:03"))


PLANS = {"calendar": calendar, "changes": changes, "guard": guard, "guard-over": guard_over}
"""Scenes of the supervisor, by their names."""
