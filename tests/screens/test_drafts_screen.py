"""Unsaved words: listed, shown, taken up where they were typed, thrown away only on a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from deskterm.screens.call import CallScreen
from deskterm.screens.drafts import DraftsScreen
from deskterm.screens.form import FormScreen
from deskterm.screens.ticket import TicketScreen
from deskterm.store.drafts import Journal
from tests.robot import Clock, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio


def left_behind(folder: Path, kind: str, about: str = "", **fields: str) -> str:
    """Words that a deskterm before this one did not get to save; returns the draft's id."""
    journal = Journal(folder / "drafts", clock=Clock())
    draft = journal.open(kind, about=about)
    for name, text in fields.items():
        draft.write(name, text)
    journal.close()
    return draft.id


async def test_the_start_tells_of_them_and_one_key_lists_them(tmp_path: Path) -> None:
    """R017: nothing typed is lost, and one key brings it back."""
    left_behind(tmp_path, "call", summary="No dial tone at reception", caller="brook")
    async with at_the_desk(tmp_path) as robot:
        assert robot.shows("One text was typed and not saved. F12 brings it back.")
        await robot.press("f12")
        assert isinstance(robot.screen, DraftsScreen)
        assert robot.shows("Call No dial tone at reception 6 words today at 10:00")
        assert robot.shows("Caller brook")


async def test_none_is_said(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12")
        assert robot.shows("Nothing is unsaved.")
        await robot.press("enter", "x", "escape")
        assert robot.screen is robot.app.queue_screen


async def test_a_call_is_taken_up_as_a_call(tmp_path: Path) -> None:
    left_behind(tmp_path, "call", summary="No dial tone at reception")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12", "enter")
        assert isinstance(robot.screen, CallScreen)
        assert robot.shows("No dial tone at reception")
        await robot.press("escape")
        assert robot.app.screen is robot.app.queue_screen, "the list does not stand in the way back"


async def test_a_form_is_taken_up_on_its_ticket(tmp_path: Path) -> None:
    await furnish(tmp_path)
    await log_ticket(tmp_path, Clock(), summary="Another one")
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone")
    left_behind(tmp_path, "note", ref, text="Tried another cable, no change")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12")
        assert robot.shows(f"Note {ref} Tried another cable")
        await robot.press("enter")
        assert isinstance(robot.screen, FormScreen)
        assert robot.screen.query_one(TextArea).text == "Tried another cable, no change"
        assert isinstance(robot.app.screen_stack[-2], TicketScreen)
        assert not [e for e in (await robot.store.ticket(ref)).timeline if "cable" in e.text], "nothing goes by itself"
        await robot.press("f8")
        assert [e for e in (await robot.store.ticket(ref)).timeline if "cable" in e.text]
        assert robot.app.journal.drafts() == []


async def test_a_ticket_that_is_gone_leaves_the_words(tmp_path: Path) -> None:
    left_behind(tmp_path, "note", "1048-26", text="Tried another cable")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12", "enter")
        assert isinstance(robot.screen, DraftsScreen)
        assert robot.shows("1048-26")
        assert robot.shows("✗")
        assert len(robot.app.journal.drafts()) == 1


async def test_throwing_away_is_asked(tmp_path: Path) -> None:
    left_behind(tmp_path, "call", summary="No dial tone")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12", "x")
        assert robot.shows("Throw these words away? Call, 3 words. They cannot be brought back.")
        await robot.press("enter")
        assert robot.shows("Throw these words away?"), "Enter answers nothing"
        await robot.press("n")
        assert robot.shows("Call No dial tone")
        await robot.press("x", "y")
        assert robot.shows("Nothing is unsaved.")
        assert robot.app.journal.drafts() == []


async def test_what_is_open_is_not_listed(tmp_path: Path) -> None:
    """A call that stands open here, or in another deskterm, is not lost."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("brook")
        await robot.press("f12")
        assert robot.shows("Nothing is unsaved.")


async def test_a_damaged_one_is_listed_with_what_is_left(tmp_path: Path) -> None:
    draft_id = left_behind(tmp_path, "call", summary="Router gone after the storm")
    file = tmp_path / "drafts" / f"{draft_id}.jsonl"
    file.write_bytes(file.read_bytes() + b'{"field": "descr\xff\n{"field": 3}\n')
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12")
        assert robot.shows("Router gone after the storm")
        assert robot.shows("Damaged:")


async def test_one_that_cannot_be_placed_is_shown_and_kept(tmp_path: Path) -> None:
    """Words of a form that this version does not have."""
    left_behind(tmp_path, "poem", text="Roses are red")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12", "enter")
        assert robot.shows("Roses are red")
        assert robot.shows("What these words were for is not known here.")
        assert len(robot.app.journal.drafts()) == 1


async def test_text_of_strangers_is_only_text(tmp_path: Path) -> None:
    left_behind(tmp_path, "call", summary="[@click=app.quit]x[/] \x1b]0;owned\x07 [/foo]")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f12")
        assert robot.shows("[@click=app.quit]x[/] ␛]0;owned␇ [/foo]")


async def test_the_words_are_there_after_a_form_is_left(tmp_path: Path) -> None:
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone")
    async with at_the_desk(tmp_path) as robot:
        await robot.press("c")
        assert isinstance(robot.screen.focused, Input)
        await robot.types("asks again")
        await robot.press("escape", "f12")
        assert robot.shows(f"Chased {ref} asks again")
