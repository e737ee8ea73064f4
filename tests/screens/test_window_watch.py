"""The watch on open windows: countdown in every heading of those concerned, warnings at 15, 5 and 0 minutes (C7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import Change, ChangeState
from deskterm.store.opening import open_store
from tests.faults.wire import tapped
from tests.planned import elsewhere, planned
from tests.robot import Clock, Robot, at_the_desk, furnish, store_url

pytestmark = pytest.mark.anyio

OVER = timedelta(minutes=90)


@asynccontextmanager
async def watched(folder: Path, operator: str = "ruth", *, left: timedelta = OVER) -> AsyncIterator[tuple[Robot, str]]:
    """Somebody's app while a change is being made, with so much left of its window."""
    clock = Clock()
    await furnish(folder)
    ref = await planned(folder, clock, state=ChangeState.IMPLEMENTING, starts=clock())
    clock.moment += OVER - left
    async with at_the_desk(folder, operator=operator, clock=clock) as robot:
        await robot.settle()
        yield robot, ref


async def goes_on(robot: Robot, **span: float) -> list[str]:
    """Let time pass, as the desk's timers and the minute notice; gives how often the terminal rang."""
    robot.clock.forward(**span)
    rung: list[str] = []
    robot.app.bell = lambda: rung.append("bell")  # type: ignore[method-assign]
    await robot.store.tick()
    robot.app.watch_windows()
    await robot.settle()
    return rung


def heading(robot: Robot) -> str:
    return robot.text().splitlines()[0]


async def ticked(folder: Path, clock: Clock, moment: datetime, ref: str) -> Change:
    """The change after somebody's shell ticked at a moment, with no app open."""
    clock.moment = moment
    store = await open_store(store_url(folder), operator="maya", clock=clock)
    await store.tick()
    view = await store.change(ref)
    await store.close()
    return view.change


@pytest.mark.parametrize("operator", ["priya", "ruth"])
async def test_every_heading_of_those_concerned_counts_down(tmp_path: Path, operator: str) -> None:
    async with watched(tmp_path, operator, left=timedelta(minutes=64)) as (robot, ref):
        for keys in ((), ("H",), ("K",), ("escape", "b"), ("escape", "f2")):
            await robot.press(*keys)
            assert f"{ref} ends in 1:04" in heading(robot)
        await goes_on(robot, minutes=1)
        assert f"{ref} ends in 1:03" in heading(robot)


async def test_others_see_none_of_it(tmp_path: Path) -> None:
    async with watched(tmp_path, "ada") as (robot, ref):
        assert ref not in robot.text()
        await robot.press("ctrl+r")
        assert robot.shows("No window is open that is your business.")


async def test_it_warns_at_fifteen_five_and_none_once_each(tmp_path: Path) -> None:
    """Text, sign and colour; to the second."""
    async with watched(tmp_path, left=timedelta(minutes=15, seconds=1)) as (robot, ref):
        assert "▲" not in heading(robot)
        assert await goes_on(robot, seconds=1) == ["bell"]
        assert f"▲ {ref} ends in 0:15" in heading(robot)
        assert robot.shows(f"15 minutes are left of the window of {ref}.")
        assert await goes_on(robot, minutes=9, seconds=59) == []
        assert await goes_on(robot, seconds=1) == ["bell"]
        assert f"▲ {ref} ends in 0:05  ^r" in heading(robot)
        assert await goes_on(robot, minutes=4, seconds=59) == []
        assert f"{ref} ends in 0:01" in heading(robot)
        assert await goes_on(robot, seconds=1) == ["bell"]
        assert f"‼ {ref} over by 0:00  ^r" in heading(robot)
        assert robot.shows(f"{ref} is over its window with work open: roll back. ^r goes there.")
        assert await goes_on(robot, seconds=1) == []
        assert (await robot.store.change(ref)).change.state is ChangeState.OVERRUN


async def test_a_second_before_the_end_nothing_is_over_with_the_app_closed_either(tmp_path: Path) -> None:
    """The timers are the desk's: whoever ticks first writes it, with the true time, and the app finds it so."""
    clock = Clock()
    await furnish(tmp_path)
    ref = await planned(tmp_path, clock, state=ChangeState.IMPLEMENTING, starts=clock())
    ends = clock() + OVER
    assert (await ticked(tmp_path, clock, ends - timedelta(seconds=1), ref)).state is ChangeState.IMPLEMENTING
    change = await ticked(tmp_path, clock, ends + timedelta(seconds=1), ref)
    assert change.state is ChangeState.OVERRUN
    assert change.overran_at == ends
    async with at_the_desk(tmp_path, operator="ruth", clock=clock) as robot:
        await robot.settle()
        assert f"‼ {ref} over by 0:00" in heading(robot)
        assert not robot.shows("roll back. ^r"), "who opens the app later sees it, and hears no bell for the past"


async def test_a_return_message_elsewhere_calms_it_and_the_new_end_warns_anew(tmp_path: Path) -> None:
    """C8, R154: what a colleague records is in the heading at once."""
    async with watched(tmp_path, left=timedelta(minutes=15)) as (robot, ref):
        await goes_on(robot, minutes=15)
        assert "over" in heading(robot)
        change = (await robot.store.change(ref)).change
        assert change.ends is not None
        extension = c.RecordExtension(
            change=change.id, by="Jon Sato", evidence="<8@example>", new_end=change.ends + timedelta(minutes=45)
        )
        await elsewhere(tmp_path, robot.clock, "priya", extension)
        await robot.until(lambda: f"{ref} ends in 0:45" in heading(robot))
        assert await goes_on(robot, minutes=30) == ["bell"]
        assert f"▲ {ref} ends in 0:15" in heading(robot)
        await elsewhere(tmp_path, robot.clock, "priya", c.RollBack(change=change.id, reason="It is late."))
        await robot.until(lambda: ref not in heading(robot))


async def test_what_somebody_types_stays_when_a_warning_comes(tmp_path: Path) -> None:
    async with watched(tmp_path, left=timedelta(minutes=16)) as (robot, ref):
        await robot.press("f2")
        await robot.types("brook")
        await goes_on(robot, minutes=1)
        assert robot.shows("brook")
        assert f"▲ {ref} ends in 0:15" in heading(robot)


async def test_two_windows_the_one_that_ends_first_before_the_other(tmp_path: Path) -> None:
    async with watched(tmp_path) as (robot, ref):
        sooner = await planned(tmp_path, robot.clock, state=ChangeState.IMPLEMENTING, starts=robot.clock(), minutes=30)
        await robot.until(lambda: f"{sooner} ends in 0:30 +1" in heading(robot))
        assert ref not in heading(robot)


async def test_an_open_window_costs_the_line_nothing_between_minutes(tmp_path: Path) -> None:
    with tapped() as wire:
        async with watched(tmp_path, left=timedelta(minutes=64)) as (robot, ref):
            robot.app.watch_windows()
            await robot.settle()
            before = len(wire.sent)
            robot.clock.forward(seconds=30)
            robot.app.watch_windows()
            await robot.settle()
            assert len(wire.sent) == before, "the minute is the same"
            robot.clock.forward(seconds=30)
            robot.app.watch_windows()
            await robot.settle()
            assert f"{ref} ends in 1:03" in heading(robot)
            assert 0 < len(wire.sent) - before <= 60


async def test_the_alarm_waits_for_the_next_warning_to_the_second(tmp_path: Path) -> None:
    async with watched(tmp_path, left=timedelta(minutes=15, seconds=7)) as (robot, _):
        timer = robot.app._next_alarm
        assert timer is not None
        assert timer._interval == pytest.approx(7)
