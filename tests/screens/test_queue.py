"""The queue as a person at the keyboard meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import Change
from deskterm.store.opening import open_store
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket, store_url

pytestmark = pytest.mark.anyio


@pytest.fixture
async def clock(tmp_path: Path) -> Clock:
    """A furnished desk with five tickets, logged a few minutes apart."""
    clock = Clock()
    await furnish(tmp_path)
    calls = (
        ("No dial tone at reception", "1", "voice-1"),
        ("VPN drops every ten minutes", "2", "net-2"),
        ("Printer queue stuck, floor 2", "3", "desk-1"),
        ("How do I export the report?", "3", None),
        ("Core switch reboots, site down", "1", "net-2"),
    )
    for summary, impact, group in calls:
        clock.forward(minutes=7)
        await log_ticket(tmp_path, clock, summary=summary, impact=impact, to=group)
    return clock


def summaries(robot: Robot) -> list[str]:
    return [row.value.summary for row in robot.app.queue_screen.table.rows]


def current(robot: Robot) -> str:
    row = robot.app.queue_screen.table.current
    return row.value.summary if row else ""


async def test_what_is_due_first_comes_first(tmp_path: Path, clock: Clock) -> None:
    """R053: the order is the one to work in: an older P2 is due before the P1 that came in just now."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5")
        assert summaries(robot) == [
            "No dial tone at reception",
            "VPN drops every ten minutes",
            "Core switch reboots, site down",
            "Printer queue stuck, floor 2",
            "How do I export the report?",
        ]


async def test_an_operator_starts_with_what_they_follow(tmp_path: Path, clock: Clock) -> None:
    """R072: whoever hands off follows; level 0 sees those tickets first."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        assert len(summaries(robot)) == 4
        assert "How do I export the report?" not in summaries(robot)


async def test_an_engineer_starts_with_their_groups(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        assert summaries(robot) == ["VPN drops every ten minutes", "Core switch reboots, site down"]


async def test_the_preview_shows_the_thread_and_the_sentence_to_say(tmp_path: Path, clock: Clock) -> None:
    """R073."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5", "down", "down")
        assert robot.shows("Core switch reboots, site down P1 Urgent · Routed · net-2")
        assert robot.shows("Say:")


async def test_what_another_operator_does_shows_and_moves_nothing(tmp_path: Path, clock: Clock) -> None:
    """A refresh never moves the cursor, the scroll or a mark."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        for n in range(12):
            await log_ticket(tmp_path, clock, summary=f"Line {n} is noisy", impact="3")
        await robot.press("5", "down", "down", "space")
        assert current(robot) == "Printer queue stuck, floor 2"
        table = robot.app.queue_screen.table
        line, marks = table._cursor - round(table.scroll_offset.y), set(table.marks)
        clock.forward(minutes=1)
        await log_ticket(tmp_path, clock, operator="tom", summary="The site is on fire", to="noc")
        await robot.until(lambda: "The site is on fire" in summaries(robot))
        assert current(robot) == "Printer queue stuck, floor 2"
        assert table._cursor - round(table.scroll_offset.y) == line
        assert table.marks == marks
        assert robot.shows("▲ 1 above")


async def test_a_row_that_leaves_the_view_gives_way_to_its_neighbour(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        first = robot.app.queue_screen.table.current
        assert first is not None
        other = await open_store(store_url(tmp_path), operator="thandi", clock=clock)
        await other.submit(c.HandOff(ticket=first.id, to="noc", reason="Theirs"))
        await other.submit(c.HandOff(ticket=first.id, to="field", reason="A cable"))
        await other.close()
        await robot.until(lambda: summaries(robot) == ["Core switch reboots, site down"])
        assert current(robot) == "Core switch reboots, site down"


async def test_due_is_told_by_words_and_sign_as_time_passes(tmp_path: Path, clock: Clock) -> None:
    """R052, R091: time left, ▲ at risk, ‼ late; the preview says the same of each clock."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5", "down", "down")
        assert robot.shows("P1 0:15 1000-46")
        assert robot.shows("Response 0:15 · Update 1:00 · Restore 4:00")
        for minutes, told in ((12, "P1 0:03 ▲ 1000-46"), (5, "P1 -0:02 ‼ 1000-46")):
            clock.forward(minutes=minutes)
            robot.screen.minute_passed()  # type: ignore[attr-defined]
            await robot.settle()
            assert robot.shows(told)


async def test_one_key_explains_when_a_ticket_is_due(tmp_path: Path, clock: Clock) -> None:
    """Every clock with its table, the one due next first; Esc goes back to the same row."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5", "down", "down", "W")
        await robot.settle()
        assert robot.shows("1000-46 · why it is due when it is")
        assert robot.shows("Response: due")
        assert robot.shows("Together Why")
        assert robot.shows("0:15 0:15 in all")
        await robot.press("escape")
        assert current(robot) == "Core switch reboots, site down"
        await robot.press("colon")
        await robot.types("explain")
        await robot.press("enter")
        await robot.settle()
        assert robot.shows("why it is due when it is")


async def test_filter_as_one_types_and_clear_with_escape(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5", "slash")
        await robot.types("prin")
        assert summaries(robot) == ["Printer queue stuck, floor 2"]
        await robot.types("x")
        assert robot.shows("Nothing fits this filter")
        await robot.press("escape")
        assert len(summaries(robot)) == 5


async def test_a_reference_in_the_filter_finds_its_ticket(tmp_path: Path, clock: Clock) -> None:
    """R041."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        ref = robot.app.queue_screen.table.rows[-1].value.ref
        await robot.press("5", "slash")
        await robot.types(ref)
        assert len(summaries(robot)) == 1


async def test_marked_tickets_are_handed_on_together(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        await robot.press("space", "space", "h")
        await robot.types("field")
        await robot.press("enter")
        await robot.types("A cable")
        await robot.press("enter")
        assert summaries(robot) == []
        assert robot.shows("2 tickets")
        tickets = [await robot.ticket(row.ref) for row in await all_rows(robot) if "field" in row.group]
        assert len(tickets) == 2


async def all_rows(robot: Robot):  # type: ignore[no-untyped-def]
    from deskterm.desk.tickets.views import QueueQuery

    return (await robot.store.queue(QueueQuery(view="open"))).rows


async def test_take_and_give_back(tmp_path: Path, clock: Clock) -> None:
    """T5 and its undo."""
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        ref = robot.app.queue_screen.table.rows[0].value.ref
        await robot.press("t")
        assert (await robot.ticket(ref)).owner == "Priya Raman"
        await robot.press("u")
        assert (await robot.ticket(ref)).owner is None


async def test_a_dimmed_key_says_why(tmp_path: Path, clock: Clock) -> None:
    """R063: level 0 is refused, with the reason and the rule."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("t")
        assert robot.shows("Level 0 hands on and follows; it does not work on tickets")
        assert robot.shows("T5")


async def test_pages_come_as_the_cursor_nears_the_end(tmp_path: Path) -> None:
    """The queue is never read whole: the next page is fetched while there are rows to go."""
    clock = Clock()
    await furnish(tmp_path)
    store = await open_store(store_url(tmp_path), operator="ada", clock=clock)
    from deskterm.desk.records.ticket import Facts

    for n in range(130):
        clock.forward(seconds=20)
        await store.submit(c.LogCall(facts=Facts(summary=f"Call number {n}", type="query", impact="3", urgency="3")))
    await store.close()
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("4")
        assert len(summaries(robot)) == 100
        await robot.press("end")
        assert len(summaries(robot)) == 130
        await robot.press("end")
        assert current(robot) == "Call number 129"


async def test_a_view_of_ones_own_is_kept_and_dropped(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5", "slash")
        await robot.types("printer")
        await robot.press("enter", "V")
        assert any(v.own and v.name == "printer" for v in await robot.store.views())
        await robot.press("escape", "9")
        assert summaries(robot) == ["Printer queue stuck, floor 2"]


async def test_wide_screens_show_the_preview_at_the_right(tmp_path: Path, clock: Clock) -> None:
    async with at_the_desk(tmp_path, clock=clock, size=(120, 40)) as robot:
        await robot.press("5")
        panel = robot.app.queue_screen.query_one("#preview")
        assert panel.region.x > 60
        assert panel.region.height > 30


async def test_an_older_answer_never_replaces_a_newer_one(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes a ticket twice; what is read after the first change comes late."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5")
        queue, rows, held, heard = robot.app.queue_screen, robot.store.rows, asyncio.Event(), 0

        async def late(*asked: Any) -> Any:
            monkeypatch.setattr(robot.store, "rows", rows)
            found = await rows(*asked)
            await held.wait()
            return found

        def hears(changes: tuple[Change, ...], told: Any = queue.desk_changed) -> None:
            nonlocal heard
            heard += 1
            told(changes)

        monkeypatch.setattr(robot.store, "rows", late)
        monkeypatch.setattr(queue, "desk_changed", hears)
        async with changed_elsewhere(robot, clock) as change:
            for n, summary in enumerate(("The first change", "The second change")):
                await change(summary)
                await robot.until(lambda so_far=n: heard > so_far)  # type: ignore[misc]
        await robot.until(lambda: sum(w.is_running for w in robot.app.workers if w.group == "refresh") == 1)
        held.set()
        await robot.settle()
        assert summaries(robot)[0] == "The second change"


async def test_a_screen_that_fails_ends_the_feed_for_nobody(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happens at the desk goes on to arrive, and that something went wrong is said."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("5")
        queue = robot.app.queue_screen

        def fails(changes: tuple[Change, ...]) -> None:
            monkeypatch.undo()
            raise RuntimeError

        monkeypatch.setattr(queue, "desk_changed", fails)
        async with changed_elsewhere(robot, clock) as change:
            await change("The screen fails")
            await robot.until(lambda: robot.shows("because of an error in deskterm"))
            await change("And goes on")
            await robot.until(lambda: "And goes on" in summaries(robot))


async def test_a_screen_that_only_comes_is_told_of_nothing_yet(tmp_path: Path, clock: Clock) -> None:
    """It holds nothing that could show it; the feed and the app ended by it."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.new_call()
        assert robot.app.calls[0] not in robot.app.desk_screens()
        await robot.settle()
        assert robot.app.calls[0] in robot.app.desk_screens()


@asynccontextmanager
async def changed_elsewhere(robot: Robot, clock: Clock) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """A colleague who gives the first ticket in the list another summary."""
    ticket = robot.app.queue_screen.table.rows[0].id
    store = await open_store(robot.url, operator="tom", clock=clock)

    async def change(summary: str) -> None:
        await store.submit(c.Amend(ticket=ticket, changes={"summary": summary}))

    try:
        yield change
    finally:
        await store.close()
