"""Others at the same tickets: how somebody comes to one from another terminal, and moments of it worth a picture."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from textual import events

from deskterm.desk import commands as c
from deskterm.desk.records.presence import Doing
from deskterm.store.base import Store
from deskterm.store.opening import open_store
from tests.morning import NOW
from tests.robot import Robot, store_url


@asynccontextmanager
async def beside(robot: Robot, who: str) -> AsyncIterator[Store]:
    """The same desk as somebody sees it at another terminal."""
    store = await open_store(store_url(robot.folder), operator=who, clock=robot.clock)
    try:
        yield store
    finally:
        await store.close()


async def beat(robot: Robot) -> None:
    """Look who is where, as the app does every few seconds."""
    robot.app.attend()
    await robot.settle()


async def is_at(robot: Robot, store: Store, ref: str, doing: Doing = "viewing") -> None:
    """Somebody comes to a ticket, and it is heard of here."""
    await store.attend((await store.ticket(ref)).ticket.id, doing)
    await beat(robot)


async def _everywhere(robot: Robot, refs: Mapping[str, str], others: Mapping[tuple[str, str], Doing]) -> None:
    """Others are at tickets of the story, the writers a minute before now."""
    robot.clock.moment = NOW - timedelta(minutes=1)
    for (who, word), doing in others.items():
        async with beside(robot, who) as store:
            await is_at(robot, store, refs[word], doing)
    robot.clock.moment = NOW - timedelta(seconds=10)
    await beat(robot)


async def queue(robot: Robot, refs: Mapping[str, str]) -> None:
    """The queue, with others at some of its tickets."""
    await robot.press("5")
    others: dict[tuple[str, str], Doing] = {
        ("kofi", "dial"): "writing", ("ben", "printer"): "viewing", ("tom", "core"): "viewing",
        ("lukas", "core"): "writing",
    }  # fmt: skip
    await _everywhere(robot, refs, others)


async def ticket(robot: Robot, refs: Mapping[str, str]) -> None:
    """A ticket that one reads and another writes on."""
    await robot.press("5", "slash")
    await robot.types(refs["core"])
    await robot.press("enter", "enter")
    await _everywhere(robot, refs, {("tom", "core"): "viewing", ("lukas", "core"): "writing"})


async def form(robot: Robot, refs: Mapping[str, str]) -> None:
    """A note on it, half written."""
    await ticket(robot, refs)
    await robot.press("n")
    robot.app.post_message(events.Paste("The new supply is in, and the switch is up."))
    await robot.settle()


async def lost(robot: Robot, refs: Mapping[str, str]) -> None:
    """The same, once somebody has taken it over."""
    await form(robot, refs)
    async with beside(robot, "lukas") as store:
        await store.submit(c.TakeOver(ticket=(await store.ticket(refs["core"])).ticket.id))
    await robot.until(lambda: robot.shows("has taken this over"))


async def triage(robot: Robot, refs: Mapping[str, str]) -> None:
    """A message that somebody else is weighing too."""
    await robot.press("5", "slash")
    await robot.types(refs["dial"])
    await robot.press("enter", "z")
    await _everywhere(robot, refs, {("kofi", "dial"): "writing"})


PRESENCE = {
    "others-queue": (queue, "ada"),
    "others-ticket": (ticket, "priya"),
    "others-form": (form, "priya"),
    "others-took-over": (lost, "priya"),
    "others-triage": (triage, "ada"),
}
"""Scenes, and who sits there."""
