"""The queue's look into a ticket fits its space exactly, whatever was written in it."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.say import sentence
from deskterm.desk.tickets.views import TicketView
from deskterm.desk.timeline import entry
from deskterm.text import UNSAFE
from deskterm.widgets.preview import preview
from tests.people import DESK, LEA, NORA, Story, facts, logged

HOSTILE = "A [/foo] \x1b]0;owned\x07 \u202eback 日本語\nsecond line"


def view_of(story: Story) -> TicketView:
    entries = tuple(found for event in story.events if (found := entry(event, DESK)))
    return TicketView(story.ticket, entries, (), sentence(story.ticket, DESK, story.now))


def drawn(story: Story, width: int, height: int) -> list[str]:
    content = preview(view_of(story), DESK, story.now, width, height)
    return [line.plain for line in content.split("\n", allow_blank=True)]


@pytest.mark.parametrize(("width", "height"), [(78, 7), (40, 20), (20, 5), (78, 2), (120, 1)])
def test_it_is_never_wider_or_higher_than_its_space(width: int, height: int) -> None:
    story = logged(facts(summary=HOSTILE, contact=HOSTILE, description=HOSTILE)).does(NORA, c.AddNote, text=HOSTILE)
    content = preview(view_of(story), DESK, story.now, width, height)
    lines = content.split("\n", allow_blank=True)
    assert len(lines) == height
    assert all(line.cell_length <= width for line in lines)
    assert not UNSAFE.search("".join(line.plain for line in lines))


def test_it_tells_what_it_is_who_called_what_came_last_and_what_to_say() -> None:
    """R073: from the queue, without opening the ticket."""
    story = logged(facts(description="Both handsets are dead")).does(NORA, c.HandOff, to="voice-1")
    story.does(LEA, c.AddNote, text="Looked at it")
    first, caller, *thread = drawn(story, 78, 8)
    assert first.startswith("1048-26  No dial tone at reception")
    assert first.endswith("P1 Urgent · Routed · voice-1")
    assert "Brook & Lane, Ada Moss · 07700 900123" in caller
    assert "09:00  ┃ Both handsets are dead" in thread
    assert "09:02  │ Note: Looked at it" in thread
    assert any(line.startswith("Say: ") for line in thread)


def test_the_sentence_hangs_under_its_first_word() -> None:
    lines = drawn(logged(), 40, 12)
    said = next(n for n, line in enumerate(lines) if line.startswith("Say: "))
    assert all(line.startswith("     ") for line in lines[said + 1 :])
    assert said + 1 < len(lines)


def test_where_room_is_short_the_oldest_entries_give_way() -> None:
    story = logged()
    for n in range(5):
        story.does(NORA, c.AddNote, text=f"Number {n}")
    lines = drawn(story, 78, 6)
    assert any("Number 4" in line for line in lines)
    assert not any("Number 0" in line for line in lines)
