"""Bytes on the wire, exactly: what a key, a change elsewhere and an idle second may cost at 80x24 in true colour."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.strip import Strip
from textual.widget import Widget

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.opening import open_store
from tests.faults.wire import Wire, tapped
from tests.robot import Robot, at_the_desk, log_ticket
from tests.screens.presence_scenes import beat, beside


async def cost(wire: Wire, robot: Robot, *keys: str) -> int:
    """Bytes that keys cost, with all that they set off."""
    await robot.settle()
    before = len(wire.sent)
    await robot.press(*keys)
    return len(wire.sent) - before


async def queue_of(robot: Robot, folder: Path, tickets: int) -> None:
    """Tickets in view, all of them open, with the cursor on the second and no preview."""
    for n in range(tickets):
        await log_ticket(folder, robot.clock, summary=f"Handset {n:02} has no dial tone", to="net-2")
    await robot.press("5")
    await robot.until(lambda: len(robot.app.queue_screen.table.rows) == tickets)
    await robot.press("p", "down")


@pytest.mark.slow
async def test_a_key_and_a_change_in_the_queue(tmp_path: Path) -> None:
    with tapped() as wire:
        async with at_the_desk(tmp_path) as robot:
            await queue_of(robot, tmp_path, 30)
            assert 0 < await cost(wire, robot, "down") <= 450
            assert max([await cost(wire, robot, "down") for _ in range(22)]) <= 7000
            await robot.press("g")
            store = await open_store(robot.url, operator="tom", clock=robot.clock)
            row = (await store.queue(QueueQuery(view="open"))).rows[4]
            await robot.settle()
            before = len(wire.sent)
            await store.submit(c.Amend(ticket=row.id, changes={"summary": "Changed elsewhere"}))
            await store.close()
            await robot.until(lambda: robot.shows("Changed elsewhere"))
            await robot.settle()
            assert 0 < len(wire.sent) - before <= 300


@pytest.mark.slow
async def test_who_is_where_costs_a_few_cells_and_nothing_while_it_stays_so(tmp_path: Path) -> None:
    with tapped() as wire:
        async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
            await queue_of(robot, tmp_path, 12)
            at = robot.app.queue_screen.table.rows[5].id
            for doing, most in (("viewing", 300), ("viewing", 0), ("writing", 300), ("writing", 0)):
                await tom.attend(at, doing)  # type: ignore[arg-type]
                await robot.settle()
                before = len(wire.sent)
                await beat(robot)
                assert (len(wire.sent) - before > 0) is (most > 0)
                assert len(wire.sent) - before <= most


@pytest.mark.slow
async def test_letters_and_idle_moments_in_a_call(tmp_path: Path) -> None:
    with tapped() as wire:
        async with at_the_desk(tmp_path) as robot:
            await robot.press("f2")
            await robot.types("rosa")
            await robot.press("enter")
            for letter in "the":
                assert 0 < await cost(wire, robot, letter) <= 260
            robot.clock.forward(seconds=1)
            before = len(wire.sent)
            robot.app.screen.query_one("CallClock").tick()  # type: ignore[attr-defined]
            await robot.settle()
            assert 0 < len(wire.sent) - before <= 120
            before = len(wire.sent)
            await robot.settle()
            assert len(wire.sent) == before, "nothing happens, nothing is sent"


@pytest.mark.slow
async def test_nothing_is_drawn_for_a_change_behind_the_screen_in_front(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redrawn screen keeps a key waiting, even where not a byte of it is sent."""
    drawn = 0
    draw = Compositor.render_full_update

    def counted(self: Compositor, *args: Any, **options: Any) -> Any:
        nonlocal drawn
        drawn += 1
        return draw(self, *args, **options)

    async with at_the_desk(tmp_path) as robot:
        await queue_of(robot, tmp_path, 3)
        rows = robot.app.queue_screen.table.rows
        await robot.press("f2")
        await robot.types("rosa")
        await robot.press("enter")
        store = await open_store(robot.url, operator="tom", clock=robot.clock)
        monkeypatch.setattr(Compositor, "render_full_update", counted)
        await store.submit(c.Amend(ticket=rows[0].id, changes={"summary": "Changed elsewhere"}))
        await store.close()
        table = robot.app.queue_screen.table
        await robot.until(lambda: any(row.value.summary == "Changed elsewhere" for row in table.rows))
        await robot.settle()
        assert drawn == 0
        await robot.press("escape")
        assert robot.shows("Changed elsewhere")


def _strips() -> int:
    gc.collect()
    return sum(type(each) is Strip for each in gc.get_objects())


def _kept() -> Counter[str]:
    """Widgets that are on no screen any more, and still there."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, Widget) and not each.is_running)


@pytest.mark.slow
async def test_screens_that_were_closed_are_gone(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await log_ticket(tmp_path, robot.clock, summary="A ticket to open", to="net-2")
        await robot.press("5")
        seen: list[weakref.ref[object]] = []
        strips, kept = _strips(), _kept()
        for keys in (("enter",), ("f2",), ("question_mark",), ("f12",)) * 3:
            await robot.press(*keys)
            seen.append(weakref.ref(robot.screen))
            await robot.press("escape")
            while robot.screen is not robot.app.queue_screen:
                await robot.press("escape")
        for call in list(robot.app.calls):
            robot.app.call_ended(call)
        await robot.settle()
        gc.collect()
        left = [screen() for screen in seen[:-4] if screen() is not None and screen() is not robot.app.queue_screen]
        assert left == []
        assert _kept() - kept == Counter(), "nor a widget of theirs: Textual kept every box for several lines"
        assert _strips() < strips + 200, "nor is what they had drawn kept: it was some 4,500 lines"


@pytest.mark.slow
async def test_one_key_draws_the_whole_screen_again(tmp_path: Path) -> None:
    """What something else wrote on the screen goes away."""
    with tapped() as wire:
        async with at_the_desk(tmp_path) as robot:
            await queue_of(robot, tmp_path, 3)
            before = len(wire.sent)
            await cost(wire, robot, "ctrl+l")
            sent = bytes(wire.sent[before:]).decode()
            assert all(f"Handset {n:02}" in sent for n in range(3))
            assert "Esc" in sent
