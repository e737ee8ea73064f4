"""How a call ends, and that nothing of it is lost when the app, the desk or the disk ends first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from deskterm.desk.records.ticket import Status
from deskterm.screens import call_lookup
from deskterm.store.base import Offline
from deskterm.widgets.caller_card import OpenTickets
from deskterm.widgets.picker import Picker
from tests.robot import Clock, at_the_desk, furnish, log_ticket
from tests.screens.at_a_call import ROSA, call, focused, logged, picks_rosa, saved

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


# -- how it ends


async def test_what_is_missing_for_a_hand_on_is_asked_for_once(tmp_path: Path) -> None:
    """R010, T3: F8 again saves all the same and says so."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("f8")
        assert focused(robot) == "impact"
        assert robot.shows("choose impact and urgency")
        assert call(robot).saved is None
        await robot.press("f8")
        assert saved(robot).status is Status.NEW
        assert robot.shows("▲ Not handed on. Before it is handed on")


async def test_an_open_ticket_is_joined_with_every_word(tmp_path: Path) -> None:
    """R130: one key and a letter; the caller's words go along."""
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1", **ROSA)
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("piet")
        await robot.press("enter")
        assert robot.shows(f"a {ref} No dial tone")
        await robot.types("Same here")
        await robot.press("f4", "a")
        assert saved(robot).ref == ref
        joined = (await robot.ticket(ref)).joined[0]
        assert (joined.contact, joined.words) == ("Piet de Vries", "Same here")
        assert robot.shows("This caller was added, with voice-1")
        assert len(await logged(robot)) == 1
        await robot.press("enter")
        assert robot.app.journal.drafts() == []


async def test_a_saved_call_can_be_undone_noted_and_followed_by_the_next(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("enter", "1", "1", "f8", "u")
        assert saved(robot).status is Status.NEW
        assert robot.shows("Nobody has it yet: h hands it on")
        await robot.press("u")
        assert robot.shows("There is nothing to take back")
        await robot.press("f7")
        assert robot.shows("This call is saved already")
        await robot.press("n")
        await robot.types("They call again at noon")
        await robot.press("f8")
        ref = saved(robot).ref
        view = await robot.store.ticket(ref)
        assert any("again at noon" in entry.text for entry in view.timeline)
        await robot.press("f2")
        assert call(robot).form.is_empty
        assert len(robot.app.calls) == 1


async def test_escape_parks_a_call_and_f3_goes_back_to_it(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial")
        await robot.press("escape")
        assert robot.screen is robot.app.queue_screen
        await robot.press("f2")
        await robot.types("mina")
        assert robot.shows("☎ 1 more call open, F3")
        await robot.press("f3")
        assert call(robot).form["summary"] == "No dial"
        assert focused(robot) == "summary"
        await robot.types(" tone")
        assert call(robot).form["summary"] == "No dial tone"


async def test_an_empty_call_just_goes_away(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2", "escape")
        assert robot.screen is robot.app.queue_screen
        assert robot.app.calls == []


async def test_discarding_asks_first(tmp_path: Path) -> None:
    from deskterm.actions import BY_ID

    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        screen = call(robot)
        screen.perform(BY_ID["discard"])
        await robot.settle()
        await robot.press("n")
        assert robot.screen is screen
        screen.perform(BY_ID["discard"])
        await robot.settle()
        await robot.press("y")
        assert robot.app.calls == []
        assert robot.app.journal.drafts() == []


# -- nothing is lost


async def test_a_call_comes_back_from_its_draft_whole(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("tab")
        await robot.types("Both handsets\nMains is fine")
        await robot.press("tab", "1", "2")
        before = call(robot).facts()
        ids = call(robot).form.command, call(robot).form.ticket
        draft = call(robot).draft.id
    clock = Clock()
    clock.forward(minutes=9)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.resume_call(draft)
        await robot.settle()
        assert call(robot).facts() == before
        assert (call(robot).form.command, call(robot).form.ticket) == ids
        for words in ("Call 09:00", "No dial tone", "Both handsets", "▸1 High", "▸2 Medium", "BL-204 Gold"):
            assert robot.shows(words), words
        await robot.press("f8")
        assert saved(robot).description == "Both handsets\nMains is fine"


async def test_a_crash_after_the_commit_does_not_save_twice(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        form = call(robot).form
        await robot.store.submit(form.log(robot.clock(), "UTC", None))
        draft = call(robot).draft.id
    clock = Clock()
    clock.forward(minutes=9)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.resume_call(draft)
        await robot.settle()
        assert robot.shows("This call was saved before")
        assert saved(robot).id == form.ticket
        assert len(await logged(robot)) == 1
        assert robot.app.journal.drafts() == []


async def test_a_lost_desk_keeps_every_field_and_the_next_try_saves_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        real = robot.store.submit

        async def arrives_but_says_nothing(command: Any) -> Any:
            await real(command)
            raise Offline("The desk cannot be reached.")

        monkeypatch.setattr(robot.store, "submit", arrives_but_says_nothing)
        await robot.press("f7")
        assert robot.shows("The desk cannot be reached")
        assert call(robot).form["summary"] == "No dial tone"
        assert call(robot).saved is None
        monkeypatch.setattr(robot.store, "submit", real)
        await robot.types(" at reception")
        robot.clock.forward(minutes=1)
        await robot.press("f7")
        assert saved(robot).summary == "No dial tone at reception"
        assert len(await logged(robot)) == 1


async def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        robot.app.journal.trouble = "What you type is not saved: the disk is full."
        call(robot).show_kept()
        await robot.settle()
        assert robot.shows("✗ What you type is not saved: the disk is full.")


async def test_the_desk_moves_on_without_moving_the_operator(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("Printer jam")
        await robot.press("left", "left")
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="voice-1", **ROSA)
        await robot.until(lambda: bool(call(robot).query_one(OpenTickets).tickets))
        await robot.settle()
        assert robot.shows(f"a {ref} No dial tone")
        assert focused(robot) == "summary"
        field = call(robot).query_one("#summary", Input)
        assert (field.value, field.cursor_position) == ("Printer jam", 9)


async def test_the_group_being_chosen_does_not_change_under_the_hand(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("enter", "1", "1", "down")
        groups = call(robot).query_one("#hand-to", Picker)
        marked = groups.chosen
        call(robot).form["summary"] = "No dial tone"
        call(robot).ask_desk()
        await log_ticket(tmp_path, robot.clock, summary="Something else", to="noc")
        await robot.settle()
        assert marked is not None
        assert groups.chosen is marked
        await robot.press("f8")
        assert saved(robot).group == marked.key
