"""What is said of a change: its thread, its agreement, the sentence read to the customer; its reference and JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from rich.cells import cell_len

from deskterm.desk.changes.evolve import evolve_change
from deskterm.desk.changes.timeline import CHANGE_KINDS, change_entry
from deskterm.desk.changes.views import line_of, say_change, sections_of, view_of
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.events import changes as e
from deskterm.desk.record import Happening
from deskterm.desk.records.change import Change, ChangeState, Section
from deskterm.desk.reference import BadReference, looks_like_change, read_change, write_change
from tests.change_story import (
    APPROVED_BY,
    CUSTOMER,
    DESK,
    ENDS,
    EXTENSION,
    OPENS,
    SPOKEN,
    ChangeStory,
    change_to,
    drafted,
    row_id,
)
from tests.people import LEA, NORA, SUE, TESS, TOM

S = ChangeState
DAY = timedelta(days=1)


def everything() -> list[ChangeStory]:
    """Stories in which every happening of a change occurs."""
    long = change_to(S.TESTING).does(
        TOM, c.RecordTest, row=row_id("First of testing"), passed=False, remark="It drops."
    )
    for what, minutes in (("warn-15", 15), ("window-over", 0)):
        due = ENDS - timedelta(minutes=minutes)
        long.at(due).does(SYSTEM, c.ChangeFallsDue, what=what, due=due)
    long.does(TOM, c.RecordExtension, **EXTENSION).does(TOM, c.RollBack, reason="It drops.")
    long.ticks(Section.ROLLBACK).does(TOM, c.FinishRollBack)
    long.does(TOM, c.RescheduleChange, starts=OPENS + DAY, ends=ENDS + DAY).does(TOM, c.ScheduleChange)
    long.does(TOM, c.NoteOnChange, text="Next time at two.").does(
        NORA, c.RecordCallOnChange, who=CUSTOMER, text="When?"
    )
    form = drafted().adds(Section.ROLLBACK, "Load and start").adds(Section.ROLLBACK, "Tell them")
    form.does(TESS, c.EditRow, row=row_id("Tell them"), changes={"owner": "customer"})
    form.does(TESS, c.MoveRow, row=row_id("Tell them"))
    form.does(TESS, c.SplitRow, row=row_id("Load and start"), at=4).does(TESS, c.RemoveRow, row=row_id("Tell them"))
    form.does(TOM, c.CancelChange, reason="It solved itself.")
    spoken = change_to(S.FORM_OUTSTANDING)
    due = spoken.now + DAY - timedelta(seconds=1)
    spoken.at(spoken.now + DAY).does(SYSTEM, c.ChangeFallsDue, what="form-due", due=due)
    return [long, form, spoken, change_to(S.CLOSED), change_to(S.REJECTED)]


STORIES = everything()
EVENTS = [event for story in STORIES for event in story.events]
HAPPENING: TypeAdapter[Any] = TypeAdapter(e.ChangeHappening)
COMMAND: TypeAdapter[Any] = TypeAdapter(c.AnyChangeCommand)


def test_the_stories_leave_no_happening_out_and_every_one_has_words() -> None:
    kinds = {event.happening.kind for event in EVENTS}
    assert kinds == {model.model_fields["kind"].default for model in get_args(e.ChangeHappening)} == set(CHANGE_KINDS)
    for event in EVENTS:
        entry = change_entry(event, DESK)
        assert entry is not None
        assert entry.title
        assert cell_len(entry.mark) == 1


def told(story: ChangeStory, kind: str) -> tuple[str, str, bool]:
    """Title and text of the last entry for a happening, and whether the customer sees it."""
    event = next(event for event in reversed(story.events) if event.happening.kind == kind)
    entry = change_entry(event, DESK)
    assert entry is not None
    return entry.title, entry.text, entry.customer_sees


EXTENDED = "Ana Petrova extended the window by e-mail until Saturday 22 November 2025, 00:15 Europe/London"
AGAIN = "Saturday 22 November 2025, 22:00 to 23:30 Europe/London"
GO_AHEAD = (
    "Go ahead now, we are down.\nSaid Friday 21 November 2025, 09:00 Europe/London to Lea. "
    "Window: Friday 21 November 2025, 09:00 to 11:00 Europe/London."
)


@pytest.mark.parametrize(
    ("story", "kind", "said"),
    [
        (0, "ChangeApproved", ("Ana Petrova agreed by e-mail", "Evidence: message <7@northwind.example>", True)),
        (0, "ResultRecorded", ("Test failed", "First of testing\nIt drops.", False)),
        (0, "WindowOverran", ("The window ended with work open",
                              "It ended Friday 21 November 2025, 23:30 Europe/London.", False)),
        (0, "WindowExtended", (EXTENDED, "Evidence: message <8@northwind.example>", True)),
        (0, "ChangeRescheduled", (f"Another window: {AGAIN}", "", False)),
        (1, "RowEdited", ("Row changed: owner", "Tell them", False)),
        (1, "RowRemoved", ("Row taken out", "Tell them", False)),
        (2, "ChangeSpokenFor", ("Ana Petrova agreed by word of mouth", GO_AHEAD, True)),
    ],
)  # fmt: skip
def test_the_thread_says_what_happened(story: int, kind: str, said: tuple[str, str, bool]) -> None:
    """R111, R113, R152: internal unless the customer said it or was told it; times with their zone."""
    assert told(STORIES[story], kind) == said


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.happening.kind)
def test_every_happening_survives_json_with_news_from_a_later_version(event: Any) -> None:
    happening: Happening = event.happening
    assert HAPPENING.validate_json(HAPPENING.dump_json(happening)) == happening
    newer = HAPPENING.validate_python({**HAPPENING.dump_python(happening, mode="json"), "newer": {"since": 2}})
    assert newer.model_dump(mode="json")["newer"] == {"since": 2}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.change.state)
def test_a_change_is_what_its_events_make_of_it(story: ChangeStory) -> None:
    """Played again, or kept as JSON, it is the same."""
    change: Change | None = None
    for event in story.events:
        change = evolve_change(change, event)
    assert change == story.change
    assert Change.model_validate_json(story.change.model_dump_json()) == story.change


def test_an_unknown_happening_changes_only_the_version() -> None:
    story = change_to(S.DRAFT)
    unknown: Any = Happening()
    event = story.events[-1]._replace(happening=unknown, version=99)
    assert evolve_change(story.change, event) == story.change.model_copy(
        update={"version": 99, "updated_at": event.at, "updated_by": event.actor}
    )


def test_commands_survive_json() -> None:
    made = (
        c.RecordApproval(change=row_id("x"), **APPROVED_BY),
        c.RecordSpokenApproval(change=row_id("x"), **SPOKEN),
        c.AddRow(change=row_id("x"), section=Section.ROLLBACK, text="Back"),
    )
    for command in made:
        assert COMMAND.validate_json(COMMAND.dump_json(command)) == command


# -- sentences


@pytest.mark.parametrize("state", S)
def test_level_0_reads_out_the_state_and_the_window(state: ChangeState) -> None:
    """Nobody at the desk is named, and nothing internal is told."""
    story = change_to(state)
    said = say_change(story.change, DESK, story.now)
    assert said.endswith(".")
    assert not {"Tom", "Lea", "Sue"} & set(said.replace(".", " ").split())
    if state in (S.SCHEDULED, S.AWAITING, S.RESCHEDULED, S.VERBALLY_APPROVED):
        assert "Europe/London" in said


def test_a_window_reads_in_both_zones() -> None:
    """R152."""
    story = drafted().fills_the_form().does(TOM, c.AmendChange, changes={"engineer_zone": "Africa/Johannesburg"})
    assert view_of(story.change, story.context(TOM)).window == (
        "Friday 21 November 2025, 22:00 to 23:30 Europe/London "
        "(Saturday 22 November 2025, 00:00 to 01:30 Africa/Johannesburg for the engineer)"
    )


def test_the_view_says_how_far_it_is_and_who_agreed() -> None:
    story = change_to(S.TESTING).does(TOM, c.RecordTest, row=row_id("First of testing"), passed=False)
    view = view_of(story.change, story.context(TOM))
    far = {section.section: (section.done, section.failed, len(section.rows)) for section in view.sections}
    assert far[Section.IMPLEMENTATION] == (2, 0, 2)
    assert far[Section.TESTING] == (0, 1, 2)
    assert view.agreement == "Ana Petrova agreed by e-mail, Friday 21 November 2025, 09:00 Europe/London."
    assert [section.number for section in sections_of(story.change)] == [2, 3, 4, 5, 6, 7]


def test_the_board_knows_outstanding_forms() -> None:
    """R149."""
    story = STORIES[2]
    line = line_of(story.change)
    assert (line.form_outstanding, line.form_overdue) == (True, True)
    assert not line_of(change_to(S.IMPLEMENTED).change).form_outstanding


def test_a_review_note_is_kept() -> None:
    assert told(STORIES[3], "ChangeClosed") == ("Closed: successful", "As planned.", False)
    assert SUE.name not in say_change(STORIES[3].change, DESK, STORIES[3].now)
    assert LEA.name in view_of(STORIES[2].change, STORIES[2].context(TOM)).agreement


# -- references


@given(st.integers(1, 10**9))
def test_a_reference_reads_back_in_any_spelling(number: int) -> None:
    """R038."""
    ref = write_change(number)
    assert read_change(ref) == read_change(ref.lower()) == read_change(ref.replace("-", " ")) == number
    assert looks_like_change(ref)


def test_a_misheard_reference_is_refused() -> None:
    """R041: a wrong digit, two swapped, a ticket's reference."""
    assert write_change(11) == "C-0117"
    for heard in ("C-0127", "C-1017", "C-0177"):
        with pytest.raises(BadReference, match="cannot be right"):
            read_change(heard)
    for heard in ("1048-26", "C-11", "change", "C-" + "1" * 40):
        with pytest.raises(BadReference, match="not the reference of a change"):
            read_change(heard)
