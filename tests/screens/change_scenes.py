"""Moments of a change worth a picture: the form empty and half filled, a window being chosen, and the night itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import Section
from deskterm.store.opening import open_store
from deskterm.widgets.frame import Hints
from tests.morning import NOW
from tests.robot import Robot

OPENS: Final = NOW.replace(hour=22, minute=0)
ENDS: Final = OPENS + timedelta(minutes=90)
_ROWS: Final[tuple[tuple[Section, str, str], ...]] = (
    (Section.MOTIVATION, "The tills need two more ports to the card centre.", ""),
    (Section.MOTIVATION, "The old rule set is replaced as a whole, so that nothing of it is left behind.", ""),
    (Section.OUTAGES, "Tills and telephones are offline while the units change over.", "net-2"),
    (Section.PREREQUISITES, "Rules reviewed by a second engineer", "Thandi Nkosi"),
    (Section.PREREQUISITES, "Somebody is on site with a telephone", "customer"),
    (Section.IMPLEMENTATION, "Export the running configuration", ""),
    (Section.IMPLEMENTATION, "Load the new rule set on the standby unit", ""),
    (Section.IMPLEMENTATION, "Fail over, and wait until every session was rebuilt on the other unit", ""),
    (Section.IMPLEMENTATION, "Confirm that the tills take cards", "customer"),
    (Section.IMPLEMENTATION, "Load the new rule set on the former primary", ""),
    (Section.IMPLEMENTATION, "Fail back", ""),
    (Section.TESTING, "A card payment at till 1 and till 4", "customer"),
    (Section.TESTING, "A call from outside rings at reception", ""),
    (Section.ROLLBACK, "Load the exported configuration on both units", ""),
    (Section.ROLLBACK, "Confirm that the tills take cards", "customer"),
)
_AGREED: Final[dict[str, Any]] = {
    "by": "Jon Sato", "channel": "email", "evidence": "message <112@harbourfoods.example>",
}  # fmt: skip


async def _raised(robot: Robot, refs: Mapping[str, str], *, is_filled: bool) -> Any:
    """Raise the change for the firewall's ticket, as Lukas does; returns its id."""
    store = await open_store(robot.url, operator="lukas", clock=robot.clock)
    ticket = (await store.ticket(refs["firewall"])).ticket.id
    change = (await store.submit(c.RaiseChange(ticket=ticket))).record_id
    if is_filled:
        told = {"starts": OPENS.isoformat(), "ends": ENDS.isoformat(), "systems": ["fw-dock-1", "fw-dock-2"]}
        await store.submit(
            c.AmendChange(change=change, changes={**told, "title": "Replace the rule set of the dock's firewall"})
        )
        for section, text, owner in _ROWS:
            await store.submit(c.AddRow(change=change, section=section, text=text, owner=owner))
    await store.close()
    return change


async def _at_work(robot: Robot, refs: Mapping[str, str]) -> Any:
    """Bring it into its window, with three steps done and 14 minutes left."""
    change = await _raised(robot, refs, is_filled=True)
    lukas = await open_store(robot.url, operator="lukas", clock=robot.clock)
    thandi = await open_store(robot.url, operator="thandi", clock=robot.clock)
    for command in (c.SubmitChange, c.AssessChange, c.SendForm):
        await lukas.submit(command(change=change))
    await thandi.submit(c.RecordApproval(change=change, **_AGREED))
    await lukas.submit(c.ScheduleChange(change=change))
    record = (await lukas.change(change)).change
    for row in record.rows_of(Section.PREREQUISITES):
        await lukas.submit(c.TickRow(change=change, row=row.id))
    robot.clock.moment = OPENS + timedelta(minutes=1)
    await lukas.submit(c.StartChange(change=change))
    for row, minutes in zip(record.rows_of(Section.IMPLEMENTATION)[:3], (3, 11, 70), strict=True):
        robot.clock.moment = OPENS + timedelta(minutes=minutes)
        await lukas.submit(c.TickRow(change=change, row=row.id))
    robot.clock.moment = ENDS - timedelta(minutes=14)
    for store in (lukas, thandi):
        await store.close()
    return change


async def _opens(robot: Robot, change: Any, *keys: str) -> None:
    """Open it, with the keys and not the last warning at the foot."""
    robot.app.open_change(change)
    await robot.settle()
    robot.app.watch_windows()
    await robot.settle()
    robot.screen.query_one(Hints).unsay()
    await robot.press(*keys)


async def change_empty(robot: Robot, refs: Mapping[str, str]) -> None:
    """A change that was just raised."""
    await _opens(robot, await _raised(robot, refs, is_filled=False))


async def change_form(robot: Robot, refs: Mapping[str, str]) -> None:
    """A form that is filled in."""
    await _opens(robot, await _raised(robot, refs, is_filled=True))


async def change_typing(robot: Robot, refs: Mapping[str, str]) -> None:
    """A row being typed among the steps."""
    await _opens(robot, await _raised(robot, refs, is_filled=True), "5", "home", "down", "plus")
    await robot.types("Watch the log of the standby unit for a minute")


async def change_window(robot: Robot, refs: Mapping[str, str]) -> None:
    """A window being typed while another change holds one on the same system."""
    await _raised(robot, refs, is_filled=True)
    await _opens(robot, await _raised(robot, refs, is_filled=False), "m")
    for words in ("fw-dock-1", "Mon 22:30", "2h"):
        await robot.types(words)
        await robot.press(*([] if words == "2h" else ["enter"]))


async def change_steps(robot: Robot, refs: Mapping[str, str]) -> None:
    """The steps while the work is under way."""
    await _opens(robot, await _at_work(robot, refs))


async def change_what_now(robot: Robot, refs: Mapping[str, str]) -> None:
    """What may be done with it now."""
    await _opens(robot, await _at_work(robot, refs), "a")


async def change_overrun(robot: Robot, refs: Mapping[str, str]) -> None:
    """A change two minutes past its window."""
    change = await _at_work(robot, refs)
    robot.clock.moment = ENDS + timedelta(minutes=2)
    await _opens(robot, change)


CHANGES: Final[dict[str, Callable[[Robot, Mapping[str, str]], Awaitable[None]]]] = {
    "change-empty": change_empty,
    "change-form": change_form,
    "change-typing": change_typing,
    "change-window": change_window,
    "change-steps": change_steps,
    "change-overrun": change_overrun,
    "change-what-now": change_what_now,
}
