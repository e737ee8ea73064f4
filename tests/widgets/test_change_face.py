"""What stands above and below a change's form, at any width: window, sections, and what is still wanting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskterm.desk.changes.rights import CHANGE_BY_ACT
from deskterm.desk.changes.views import ChangeView, view_of
from deskterm.desk.changes.window import Booked, Clash
from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeState, Section
from deskterm.widgets.change_face import (
    default_lines,
    section_tabs,
    short_window,
    standing_lines,
    state_words,
    window_in_zones,
    window_line,
    window_lines,
)
from deskterm.widgets.change_rows import RowLook, row_lines
from tests.change_story import DESK, ENDS, OPENS, ChangeStory, change_to, drafted, row_id
from tests.people import TOM


def seen(story: ChangeStory) -> ChangeView:
    """The change as Tom sees it."""
    return view_of(story.change, story.context(TOM))


@pytest.mark.parametrize("state", ChangeState)
def test_every_state_has_a_sign_and_its_name(state: ChangeState) -> None:
    sign, name = state_words(state).plain.split(" ", 1)
    assert (len(sign), name) == (1, state)


def test_a_window_is_said_in_both_zones_where_they_differ() -> None:
    """R152: the day of the end only where it is another."""
    assert short_window(OPENS, ENDS, "Europe/London").endswith("22:00–23:30")
    story = drafted().fills_the_form()
    assert "yours" not in window_in_zones(story.change)
    away = story.change.model_copy(update={"engineer_zone": "Asia/Tokyo"})
    assert "(yours" in window_in_zones(away)
    assert "Asia/Tokyo" in window_in_zones(away)
    assert "–Sat" in short_window(OPENS, OPENS + timedelta(hours=3), "Europe/London")


def test_as_much_of_what_is_wanting_as_there_is_room_for() -> None:
    view = seen(drafted())
    does = CHANGE_BY_ACT[view.next_act].title if view.next_act else ""
    for room in (3, 5, 30):
        lines = [line.plain for line in standing_lines(view, does, "F8", 78, room)]
        assert len(lines) <= max(room, 3)
        assert lines[0] == "Still wanting before Submit:"
    every = [line.plain for line in standing_lines(view, does, "F8", 78, 30)]
    assert sum("✗" in line for line in every) == len(view.standing)
    ready = standing_lines(seen(drafted().fills_the_form()), does, "F8", 78, 5)
    assert [line.plain for line in ready] == ["✓ Next: Submit  F8"]


def test_sections_take_a_second_line_where_they_must() -> None:
    view = seen(drafted().fills_the_form())
    narrow, wide = (section_tabs(view, 5, width).plain for width in (78, 118))
    assert len(narrow.splitlines()) == 2
    assert len(wide.splitlines()) == 1
    assert " ".join(narrow.split()) == " ".join(wide.split())
    assert "5 Steps 0/2" in wide


def test_the_end_of_the_window_says_what_it_means() -> None:
    """C7, C8: only while work is open."""
    assert default_lines(seen(drafted().fills_the_form()), "F9", 78) == []
    story = change_to(ChangeState.IMPLEMENTING)
    words = " ".join(line.plain for line in default_lines(seen(story), "F9", 78))
    assert "At 23:30 the default is roll back, 2 steps ready." in words
    story.at(ENDS)
    over = " ".join(line.plain for line in default_lines(seen(story), "F9", 78))
    assert over.startswith("The window is over: roll back")
    assert window_line(seen(story), 78).plain.endswith("over its window by 0:00")


def test_other_windows_and_freezes_are_named() -> None:
    """C2: what is shared is said, and hostile titles stay on their line."""
    change = drafted().fills_the_form().change
    other = Booked(
        row_id("other"), "C-0125", "Load\nrules \x1b[31m", "Northwind Foods", None, ("fw-1",), OPENS, ENDS,
        ChangeState.SCHEDULED,
    )  # fmt: skip
    first, clash, freeze = window_lines(change, (Clash(other, ("fw-1",)),), DESK.freeze, 200)[0:3]
    assert "22:00–23:30" in first.plain
    told = {clash.plain.split()[1], freeze.plain.split()[1]}
    assert told == {"Freeze", "C-0125"}
    assert not any(character in clash.plain + freeze.plain for character in "\n\x1b")


def test_a_row_is_wrapped_beside_its_number_and_never_wider_than_the_page() -> None:
    story = drafted().adds(Section.IMPLEMENTATION, "Load the new rule set " * 9, owner="net-2")
    (row,) = story.change.rows_of(Section.IMPLEMENTATION)
    lines = row_lines(RowLook(row, 1, is_here=True), "Europe/London", 78)
    assert len(lines) > 3
    assert {line.cell_length for line in lines} == {78}
    assert all(line.plain.startswith("▌") for line in lines)
    story.does(TOM, c.EditRow, row=row.id, changes={"text": "x " * 90_000})
    long = row_lines(RowLook(story.change.rows_of(Section.IMPLEMENTATION)[0], 1), "Europe/London", 78)
    assert len(long) < 60
