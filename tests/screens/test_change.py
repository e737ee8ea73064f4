"""The change as a form: filled in row by row with single keys; nothing typed is lost, and others work on it too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual import events

from deskterm.desk.commands import changes as c
from deskterm.desk.record import new_id
from deskterm.desk.records.change import ChangeState, Section
from deskterm.screens.change import ChangeScreen
from deskterm.screens.change_filling import ROWS
from deskterm.screens.drafts import DraftsScreen
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket
from tests.screens.changing import ENDS, OPENS, Hands, Night, change_of, front, opens, planned, texts

pytestmark = pytest.mark.anyio
STEPS = Section.IMPLEMENTATION


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    """A draft raised from a ticket."""
    await furnish(tmp_path)
    night = await planned(tmp_path, Clock())
    yield night
    await night.is_over()


@pytest.fixture
async def robot(night: Night) -> AsyncIterator[Robot]:
    """Priya with the change open, on its steps."""
    async with at_the_desk(night.folder, clock=night.clock, operator="priya") as robot:
        await opens(robot, night.change)
        await robot.press("5")
        yield robot


def stands(robot: Robot, kind: type[object]) -> bool:
    """Whether a screen of this kind is in front."""
    return isinstance(robot.screen, kind)


async def adds(robot: Robot, *rows: str) -> None:
    """Add rows to the section in front, then go back to the list."""
    await robot.press("plus")
    for words in rows:
        await robot.types(words)
        await robot.press("enter")
    await robot.press("escape")


async def test_level_0_reads_a_change_and_raises_none(night: Night) -> None:
    async with at_the_desk(night.folder, clock=night.clock, operator="ada") as robot:
        ref = await log_ticket(night.folder, night.clock, summary="Another")
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("q")
        assert robot.shows("Level 0 tells the customer the window and the state of a change")
        await opens(robot, night.ref)
        assert robot.shows("Say: The change is being prepared")
        await robot.press("5", "plus")
        assert front(robot).editing is None


# -- rows


async def test_rows_are_added_one_after_the_other(robot: Robot) -> None:
    """R151: Enter adds the next row; each is the engineer's unless another owner is typed."""
    await robot.press("plus")
    await robot.types("Export the configuration")
    await robot.press("enter")
    await robot.types("Confirm the sessions")
    await robot.press("tab", *["backspace"] * len("Priya Raman"))
    await robot.types("customer")
    await robot.press("enter", "escape")
    rows = change_of(robot).rows_of(STEPS)
    assert [(row.text, row.owner) for row in rows] == [
        ("Export the configuration", "Priya Raman"),
        ("Confirm the sessions", "customer"),
    ]


async def test_enter_on_an_empty_row_goes_to_the_next_section(robot: Robot) -> None:
    await robot.press("plus", "enter")
    assert front(robot).section_in_front() is Section.TESTING
    await robot.press("tab")
    assert front(robot).section_in_front() is Section.ROLLBACK
    await robot.press("shift+tab")
    await robot.types("Calls come in")
    await robot.press("escape")
    assert texts(robot, Section.TESTING) == [], "it is not saved before Enter says so"


async def test_an_owner_is_completed_from_the_desk(robot: Robot) -> None:
    await robot.press("plus")
    await robot.types("Fail over")
    await robot.press("tab", *["backspace"] * len("Priya Raman"))
    await robot.types("voi")
    await robot.press("right", "enter")
    assert change_of(robot).rows_of(STEPS)[0].owner.startswith("voice-")


async def test_a_pasted_list_becomes_rows(robot: Robot) -> None:
    """Steps lie in a text file more often than not: each line of a paste is a row, the last is typed on."""
    await robot.press("plus")
    robot.app.post_message(events.Paste("Export\n\nLoad the rules\nFail over\n"))
    await robot.settle()
    assert texts(robot, STEPS) == ["Export", "Load the rules"]
    await robot.types(" to the standby unit")
    await robot.press("enter")
    assert texts(robot, STEPS) == ["Export", "Load the rules", "Fail over to the standby unit"]


async def test_several_lines_pasted_into_a_row_that_is_there_are_its_words(robot: Robot) -> None:
    await adds(robot, "Load")
    await robot.press("home", "enter")
    await robot.types(" ")
    robot.app.post_message(events.Paste("the rules\nof the dock\n"))
    await robot.settle()
    await robot.press("enter")
    assert texts(robot, STEPS) == ["Load the rules of the dock"]


async def test_rows_are_moved_split_taken_out_and_brought_back(robot: Robot) -> None:
    await adds(robot, "One", "Two and three", "Four")
    await robot.press("home", "down", "enter", "home")
    await robot.press(*["right"] * len("Two"), "ctrl+t")
    assert texts(robot, STEPS) == ["One", "Two", "and three", "Four"]
    await robot.press("less_than_sign")
    assert texts(robot, STEPS) == ["One", "and three", "Two", "Four"]
    await robot.press("greater_than_sign", "greater_than_sign")
    assert texts(robot, STEPS) == ["One", "Two", "Four", "and three"]
    await robot.press("minus")
    assert texts(robot, STEPS) == ["One", "Two", "Four"]
    assert robot.shows("u brings it back")
    await robot.press("u")
    assert texts(robot, STEPS) == ["One", "Two", "Four", "and three"]
    await robot.press("home", "minus", "u")
    assert texts(robot, STEPS) == ["One", "Two", "Four", "and three"]


async def test_the_bar_opens_the_row_to_split_it(robot: Robot) -> None:
    await adds(robot, "Two and three")
    await robot.press("vertical_line")
    assert robot.shows("Go to where the second row begins")
    await robot.press("right", "right", "right", "ctrl+t")
    assert texts(robot, STEPS) == ["Two", "and three"]


async def test_a_row_is_added_below_the_cursor(robot: Robot) -> None:
    await adds(robot, "One", "Three", "Four")
    await robot.press("home", "plus")
    await robot.types("Two")
    await robot.press("enter")
    await robot.types("Two and a half")
    await robot.press("enter")
    assert texts(robot, STEPS) == ["One", "Two", "Two and a half", "Three", "Four"]


async def test_an_outage_has_times_by_the_engineers_clock(robot: Robot) -> None:
    """R151, R152: they are the window's night, also where an outage begins with the window."""
    await robot.press("1", "m")
    await robot.types("Mon 22:00")
    await robot.press("enter")
    await robot.types("90m")
    await robot.press("f8", "escape", "3", "plus")
    await robot.types("No telephones")
    await robot.press("tab", "tab")
    await robot.types("22:00")
    await robot.press("tab")
    await robot.types("22:20")
    await robot.press("enter")
    (row,) = change_of(robot).rows_of(Section.OUTAGES)
    assert row.starts == OPENS, robot.text()
    assert row.ends is not None
    assert robot.shows("22:00–22:20")


# -- the window


async def test_what_else_is_planned_is_shown_while_a_window_is_typed(night: Night, robot: Robot) -> None:
    """C2: other windows on the same systems or for the same customer, and freezes."""
    other = await planned(night.folder, night.clock)
    await other.fills_the_form()
    await other.is_over()
    await robot.press("1", "enter")
    assert robot.shows(f"{other.ref} Mon 16 Mar 22:00–23:30, also on fw-1")
    await robot.types("Mon 23:00")
    await robot.press("enter")
    await robot.types("2h")
    assert robot.shows("Mon 16 Mar 23:00–Tue 01:00 Europe/London")
    assert robot.shows(f"▲ {other.ref}")
    await robot.press("backspace", "backspace", "up", "shift+tab", *["backspace"] * 9)
    await robot.types("Tue 22:00")
    await robot.press("tab")
    await robot.types("2h")
    assert robot.shows("Nothing else is planned on these systems")
    await robot.press("shift+tab", *["backspace"] * 9)
    await robot.types("21 Dec 2026 22:00")
    assert robot.shows("Freeze 18 Dec–04 Jan: Year end")


async def test_only_what_was_typed_is_changed_in_the_head(night: Night, robot: Robot) -> None:
    """A colleague corrects the telephone while Priya has the form open: saving hers leaves his alone."""
    await robot.press("1", "m")
    await night.lukas.does(c.AmendChange, changes={"engineer_phone": "+44 7700 900188"})
    await robot.types("Mon 22:00")
    await robot.press("f8", "escape")
    assert change_of(robot).engineer_phone == "+44 7700 900188"
    assert change_of(robot).starts == OPENS


# -- nothing typed is lost


async def test_a_row_left_half_typed_comes_back(robot: Robot) -> None:
    await adds(robot, "One")
    await robot.press("plus")
    await robot.types("Half a thou")
    await robot.press("escape")
    assert robot.shows("What you typed is kept")
    await robot.press("home", "enter")
    await robot.types(" and only")
    await robot.press("escape", "6", "5")
    assert robot.shows("words not saved yet")
    await robot.press("plus")
    assert front(robot).editor.values["text"] == "Half a thou"
    await robot.press("escape", "home", "enter")
    assert front(robot).editor.values["text"] == "One and only"
    await robot.press("enter")
    assert texts(robot, STEPS) == ["One and only"]


async def test_half_typed_rows_survive_the_app_and_are_taken_up_from_the_list(night: Night) -> None:
    async with at_the_desk(night.folder, clock=night.clock, operator="priya") as robot:
        await opens(robot, night.change)
        await robot.press("6", "plus")
        await robot.types("Calls come in from outs")
    async with at_the_desk(night.folder, clock=night.clock, operator="priya") as robot:
        (draft,) = robot.app.journal.drafts()
        assert (draft.kind, draft.about) == (ROWS, night.ref)
        await robot.press("f12")
        assert stands(robot, DraftsScreen)
        assert robot.shows("Calls come in from outs")
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.screen, ChangeScreen) and front(robot).editing is not None)
        await robot.types("ide")
        await robot.press("enter")
        assert texts(robot, Section.TESTING) == ["Calls come in from outside"]
        assert [d for d in robot.app.journal.drafts() if not d.in_use] == []


async def test_a_refused_row_stays_in_the_line(night: Night, robot: Robot) -> None:
    """The change is called off while somebody types: what they typed stays, with the reason."""
    await robot.press("plus")
    await robot.types("Fail over")
    await night.lukas.does(c.CancelChange, reason="Not needed.")
    await robot.until(lambda: change_of(robot).state is ChangeState.CANCELLED)
    await robot.press("enter")
    assert front(robot).editor.values["text"] == "Fail over"
    assert robot.shows("the change is Cancelled")
    await robot.press("escape")
    assert any(draft.fields.get("text") == "Fail over" for draft in robot.app.journal.drafts())


# -- two at once


async def test_rows_of_others_appear_and_move_nothing(night: Night, robot: Robot) -> None:
    """Live: what somebody else adds is laid in place around the line that is typed in."""
    await adds(robot, "One")
    await robot.press("plus")
    await robot.types("Thr")
    await night.lukas.does(c.AddRow, section=STEPS, text="Two")
    await robot.until(lambda: robot.shows("Two"))
    await robot.types("ee")
    assert front(robot).editor.values["text"] == "Three"
    await robot.press("enter")
    assert sorted(texts(robot, STEPS)) == ["One", "Three", "Two"]


async def test_two_engineers_on_different_rows_both_survive(night: Night) -> None:
    """Two apps on one store, each with another row in hand."""
    first, second = new_id(), new_id()
    await night.priya.does(c.AddRow, row=first, section=STEPS, text="One")
    await night.priya.does(c.AddRow, row=second, section=STEPS, text="Two")
    folder, clock = night.folder, night.clock
    (folder / "there").mkdir()
    async with (
        at_the_desk(folder, clock=clock, operator="priya") as here,
        at_the_desk(folder, clock=clock, operator="lukas") as there,
    ):
        for robot in (here, there):
            await opens(robot, night.change)
            await robot.press("5", "home")
        await there.press("down", "enter")
        await here.press("enter")
        await here.types(" by Priya")
        await there.types(" by Lukas")
        await here.press("enter")
        await there.press("enter")
        for robot in (here, there):
            await robot.until(lambda robot=robot: texts(robot, STEPS) == ["One by Priya", "Two by Lukas"])  # type: ignore[misc]


async def test_the_same_row_tells_the_second_and_keeps_their_words(night: Night, robot: Robot) -> None:
    await adds(robot, "Fail over")
    (row,) = change_of(robot).rows_of(STEPS)
    await robot.press("home", "enter")
    await robot.types(" at once")
    await night.lukas.does(c.EditRow, row=row.id, changes={"text": "Fail over slowly"})
    await robot.until(lambda: robot.shows("Lukas Brandt made it: “Fail over slowly”"))
    assert front(robot).editor.values["text"] == "Fail over at once"
    await robot.press("enter")
    assert robot.shows("was changed meanwhile")
    assert texts(robot, STEPS) == ["Fail over slowly"]
    await robot.press("enter")
    assert texts(robot, STEPS) == ["Fail over at once"]


async def test_a_row_taken_out_under_the_pen_is_added_again(night: Night, robot: Robot) -> None:
    await adds(robot, "Fail over")
    (row,) = change_of(robot).rows_of(STEPS)
    await robot.press("home", "enter")
    await robot.types(" at once")
    await night.lukas.does(c.RemoveRow, row=row.id)
    await robot.until(lambda: robot.shows("Somebody took this row out meanwhile"))
    await robot.press("enter")
    assert texts(robot, STEPS) == ["Fail over at once"]


# -- hostile words


async def test_a_row_too_long_to_type_in_is_shown_cut_and_left_alone(night: Night, robot: Robot) -> None:
    """What came by the shell may be larger than any field: the page stays quick, and nothing of it is lost."""
    words = "word " * 20_000
    await night.lukas.does(c.AddRow, section=STEPS, text=words)
    await robot.until(lambda: bool(texts(robot, STEPS)))
    await robot.press("end", "enter")
    assert front(robot).editing is None
    assert robot.shows("too long to be typed in here")
    await robot.press("vertical_line")
    assert front(robot).editing is None


async def test_hostile_rows_are_only_shown(night: Night, robot: Robot) -> None:
    """What a row says is never markup, and acts on no terminal."""
    hands: Hands = night.lukas
    await hands.does(c.AddRow, section=STEPS, text="[bold]x[/] \x1b[31mred\u202e", owner="[@click=quit]customer\x07")
    await robot.until(lambda: robot.shows("[bold]x[/]"))
    assert "\x1b" not in robot.text()
    await robot.press("enter")
    assert front(robot).editor.values["text"].startswith("[bold]x[/]")


async def test_the_end_of_the_window_is_said(night: Night, robot: Robot) -> None:
    await night.fills_the_form()
    await robot.until(lambda: robot.shows("Mon 16 Mar 22:00–23:30 Europe/London"))
    assert change_of(robot).ends == ENDS
