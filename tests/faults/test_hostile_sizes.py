"""Words that are only large, wherever words can be: everything goes on, and nothing but our own drawing is drawn."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from tests.faults.hostile import HUGE, Hostile
from tests.faults.hostile_desk import stores
from tests.faults.hostile_shell import ask
from tests.faults.walks import walk
from tests.faults.wire import learn_ours, paste, press, tapped
from tests.robot import START, Clock, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.slow


async def logged(folder: Path, hostile: Hostile, kind: str) -> str:
    """A ticket that is large in every word."""
    await furnish(folder)
    clock = Clock()
    words = {name: hostile.made_of(kind).text for name in ("summary", "description", "company", "contact", "phone")}
    ref = await log_ticket(folder, clock, to="net-2", **words)
    async with stores(folder, clock) as by:
        ticket = (await by["ada"].ticket(ref)).ticket.id
        await by["ada"].submit(c.AddNote(ticket=ticket, text=hostile.made_of(kind).text))
    return ref


@pytest.mark.anyio
@pytest.mark.parametrize("kind", HUGE)
async def test_in_the_app(tmp_path: Path, kind: str) -> None:
    """Queue, ticket, facts, a form that holds it, and pasted into a call; no key holds the app up for good."""
    await learn_ours()
    hostile = Hostile(f"huge {kind}")
    await logged(tmp_path, hostile, kind)
    with tapped() as wire:
        async with at_the_desk(tmp_path) as robot:
            await walk(robot, wire, hostile, "5", "down", "enter", "end", "i", "pagedown", "i", "m", "escape", "escape")
            await walk(robot, wire, hostile, "f2", "tab", "tab")
            await paste(robot, hostile.made_of(kind).text)
            wire.approves(robot, hostile)
            await walk(robot, wire, hostile, "f7")
            await press(robot, "escape")
            wire.approves(robot, hostile)


@pytest.mark.parametrize("kind", HUGE)
def test_on_the_shell(tmp_path: Path, kind: str) -> None:
    """Shown, listed and found: whole in JSON, clean for people."""
    hostile = Hostile(f"huge {kind}")
    ref = asyncio.run(logged(tmp_path, hostile, kind))
    for args in (("list",), ("show", ref), ("find", hostile.given[0].mark)):
        assert ask(tmp_path / "desk.db", START, *args).code == 0
        assert ask(tmp_path / "desk.db", START, *args, "--json").code == 0
    assert ask(tmp_path / "desk.db", START, "show", ref, "--json").json["summary"] == hostile.given[0].text
