"""The form, row by row: what is typed there, and two engineers who type in it at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.refusal import Refusal, Wanting
from tests.change_story import OPENS, ChangeStory, change_to, drafted, row_id
from tests.people import LEA, TESS, TOM

STEPS = Section.IMPLEMENTATION


def texts(story: ChangeStory, section: Section = STEPS) -> list[str]:
    """What the rows of a section say."""
    return [row.text for row in story.change.rows_of(section)]


def with_steps(*steps: str) -> ChangeStory:
    """A draft with these steps."""
    story = drafted()
    for step in steps:
        story.adds(STEPS, step)
    return story


def touched(story: ChangeStory) -> set[str]:
    """What the last command touched."""
    return {name for happening in story.last for name in happening.touches}


def test_rows_are_added_at_the_end_or_after_another() -> None:
    story = with_steps("one", "three").adds(STEPS, "two", after=row_id("one"))
    story.adds(Section.ROLLBACK, "back").adds(STEPS, "four")
    assert texts(story) == ["one", "two", "three", "four"]
    assert [row.owner for row in story.change.rows_of(STEPS)] == ["Tom"] * 4


def test_rows_move_within_their_section() -> None:
    story = with_steps("one", "two", "three").adds(Section.ROLLBACK, "back")
    story.does(TOM, c.MoveRow, row=row_id("three"), after=row_id("one"))
    assert texts(story) == ["one", "three", "two"]
    story.does(TOM, c.MoveRow, row=row_id("two"))
    assert texts(story) == ["two", "one", "three"]
    assert story.does(TOM, c.MoveRow, row=row_id("two")).last == ()
    story.refuses(TOM, c.MoveRow, "C1", row=row_id("two"), after=row_id("back"))


def test_a_row_is_split_where_both_halves_say_something() -> None:
    story = with_steps("Export it and load it", "then")
    new = row_id("new")
    story.does(TOM, c.SplitRow, row=row_id("Export it and load it"), at=9, new_row=new)
    assert texts(story) == ["Export it", "and load it", "then"]
    assert story.change.rows_of(STEPS)[1].id == new
    for at in (0, -3, 9, 99):
        story.refuses(TOM, c.SplitRow, "C1", row=row_id("Export it and load it"), at=at)


def test_a_row_says_something() -> None:
    story = with_steps("one")
    story.refuses(TOM, c.AddRow, "C1", section=STEPS, text="  ")
    story.refuses(TOM, c.EditRow, "C1", row=row_id("one"), changes={"text": " "})
    story.refuses(TOM, c.EditRow, "C1", row=row_id("one"), changes={"section": "rollback"})
    story.refuses(TOM, c.EditRow, "C1", row=row_id("one"), changes={"starts": "soon"})
    story.refuses(TOM, c.AddRow, "C1", row=row_id("one"), section=STEPS, text="again")
    assert story.does(TOM, c.EditRow, row=row_id("one"), changes={"text": "one"}).last == ()


def test_an_outage_has_a_beginning_and_an_end() -> None:
    """R151."""
    story = drafted()
    with pytest.raises(Wanting, match="has to end after it starts"):
        story.adds(Section.OUTAGES, "No telephones", starts=OPENS, ends=OPENS)
    story.adds(Section.OUTAGES, "No telephones", starts=OPENS)
    assert story.change.rows_of(Section.OUTAGES)[0].starts == OPENS


def test_header_facts_that_there_are_not() -> None:
    story = drafted()
    assert (
        story.refuses(TOM, c.AmendChange, "C1", changes={"colour": "x"}).message
        == "The form has no fact 'colour' (C1)."
    )
    story.refuses(TOM, c.AmendChange, "C1", changes={"issued": "soon"})
    assert story.does(TOM, c.AmendChange, changes={"title": story.change.title}).last == ()


# -- while the work is under way


def test_during_the_work_rows_are_added_and_marked_so() -> None:
    """What the customer agreed to stays; what turns out to be needed is added, and everybody can see that it was."""
    story = change_to(ChangeState.IMPLEMENTING).adds(STEPS, "Restart the fan")
    assert story.change.rows_of(STEPS)[-1].late
    assert not story.change.agreed
    story.refuses(TOM, c.EditRow, "C1", row=row_id("First of implementation"), changes={"text": "Another"})
    story.refuses(TOM, c.RemoveRow, "C1", row=row_id("First of implementation"))
    story.refuses(TOM, c.AmendChange, "C1", changes={"title": "Another"})
    story.refuses(TOM, c.AddRow, "C1", section=Section.MOTIVATION, text="Because")
    story.does(TOM, c.EditRow, row=row_id("Restart the fan"), changes={"text": "Restart both fans"})
    story.does(TOM, c.TickRow, row=row_id("Restart the fan"))
    story.refuses(TOM, c.RemoveRow, "C1", row=row_id("Restart the fan"))


def test_rows_are_done_where_they_are_done() -> None:
    story = change_to(ChangeState.IMPLEMENTING)
    story.refuses(TOM, c.TickRow, "C5", row=row_id("First of testing"))
    story.refuses(TOM, c.TickRow, "C5", row=row_id("First of motivation"))
    story.refuses(TOM, c.RecordTest, "C5", row=row_id("First of implementation"), passed=True)
    story.refuses(TOM, c.RecordTest, "C5", row=row_id("First of testing"), passed=True)
    story.refuses(TOM, c.TickRow, "C6", row=row_id("First of rollback"))
    story.refuses(TOM, c.TickRow, "C5", row=row_id("nothing"))
    story.refuses(TOM, c.TickRow, "C5", row=row_id("First of implementation"), at=OPENS)
    story.does(TOM, c.TickRow, row=row_id("First of implementation"))
    assert story.change.row(row_id("First of implementation")).done_at is not None  # type: ignore[union-attr]
    assert story.does(TOM, c.TickRow, row=row_id("First of implementation")).last == ()
    story.does(TOM, c.TickRow, row=row_id("First of implementation"), done=False)
    assert story.change.row(row_id("First of implementation")).done_by == ""  # type: ignore[union-attr]


# -- two at once


def test_two_engineers_in_two_rows_both_survive() -> None:
    """By row id: neither touches what the other does, whatever the order."""
    story = with_steps("one", "two")
    story.does(TOM, c.EditRow, row=row_id("one"), changes={"text": "one by Tom"})
    toms = touched(story)
    story.does(TESS, c.EditRow, row=row_id("two"), changes={"text": "two by Tess"})
    assert texts(story) == ["one by Tom", "two by Tess"]
    assert not toms & touched(story)
    assert toms == {f"row.{row_id('one')}"}


def test_what_two_people_do_with_one_row_meets_where_it_should() -> None:
    """Its text, its place and its tick are facts apart; splitting and removing are about the text."""
    story = with_steps("one", "two")
    row = row_id("one")
    seen: dict[str, set[str]] = {}
    ways: tuple[tuple[str, type[c.ChangeCommand], dict[str, Any]], ...] = (
        ("edit", c.EditRow, {"changes": {"text": "one more"}}),
        ("move", c.MoveRow, {"after": row_id("two")}),
        ("split", c.SplitRow, {"at": 3}),
        ("remove", c.RemoveRow, {}),
    )
    for name, command, asked in ways:
        story.does(TOM, command, row=row, **asked)
        seen[name] = touched(story)
    assert seen["edit"] == seen["split"] == seen["remove"]
    assert not seen["edit"] & seen["move"]
    prepared = drafted().adds(Section.PREREQUISITES, "one").does(TOM, c.TickRow, row=row_id("one"))
    assert not touched(prepared) & seen["edit"]


def test_an_edit_of_a_row_that_is_gone_is_refused_and_never_lost() -> None:
    """The command keeps what was typed; the refusal says what is the matter."""
    story = with_steps("one").does(TOM, c.RemoveRow, row=row_id("one"))
    story.refuses(TESS, c.EditRow, "C1", row=row_id("one"), changes={"text": "one, better"})
    story.refuses(TESS, c.MoveRow, "C1", row=row_id("one"))


def test_header_facts_merge_one_by_one() -> None:
    story = drafted().does(TOM, c.AmendChange, changes={"title": "New"})
    toms = touched(story)
    story.does(LEA, c.AmendChange, changes={"systems": ["fw-9"]})
    assert (story.change.title, story.change.systems) == ("New", ("fw-9",))
    assert (toms, touched(story)) == ({"title"}, {"systems"})


_TEXTS = st.lists(st.sampled_from([f"s{n}" for n in range(6)]), unique=True, min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(_TEXTS, st.data())
def test_no_row_is_ever_lost_or_doubled(steps: list[str], data: st.DataObject) -> None:
    """Whatever is added, moved, split and removed: each row is there once, and sections keep to themselves."""
    story = with_steps(*steps).adds(Section.ROLLBACK, "back")
    expected: set[UUID] = {row_id(step) for step in steps}
    for number in range(data.draw(st.integers(0, 8))):
        row = data.draw(st.sampled_from(sorted(expected)))
        what = data.draw(st.sampled_from(["move", "first", "split", "remove", "add"]))
        try:
            if what == "move":
                story.does(TOM, c.MoveRow, row=row, after=data.draw(st.sampled_from(sorted(expected))))
            elif what == "first":
                story.does(TOM, c.MoveRow, row=row)
            elif what == "split":
                story.does(TOM, c.SplitRow, row=row, at=1, new_row=row_id(f"half {number}"))
                expected.add(row_id(f"half {number}"))
            elif what == "add":
                story.adds(STEPS, f"added {number}", after=row)
                expected.add(row_id(f"added {number}"))
            elif len(expected) > 1:
                story.does(TOM, c.RemoveRow, row=row)
                expected.discard(row)
        except Refusal:
            continue
    found = [row.id for row in story.change.rows_of(STEPS)]
    assert sorted(found) == sorted(expected)
    assert texts(story, Section.ROLLBACK) == ["back"]
