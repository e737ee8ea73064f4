"""Taking an act back puts things as they stood, by an event of its own: nothing is erased (R225)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.ticket import JoinedCaller, Status, Ticket
from deskterm.desk.refusal import Forbidden
from tests.people import GUEST, LEA, LIN, NORA, OLE, SUE, TESS, TOM, VERA, Story, logged, story_to

BOOKKEEPING = {"version", "updated_at", "updated_by", "progressed_at", "undoable"}


def standing(ticket: Ticket) -> dict[str, Any]:
    """All that a ticket says, but for the marks every event leaves."""
    return ticket.model_dump(exclude=BOOKKEEPING)


def linked(story: Story, survivor: Story) -> Story:
    """Link a story's ticket as a duplicate of another's."""
    other = survivor.ticket
    return story.does(NORA, c.MarkDuplicate, survivor=other.id, related=other)


UNDOABLE: list[tuple[str, Status, Operator, type[TicketCommand], dict[str, Any]]] = [
    ("hand-off from New", Status.NEW, NORA, c.HandOff, {"to": "voice-1"}),
    ("hand-off again", Status.ROUTED, LEA, c.HandOff, {"to": "voice-1", "reason": "Ours after all."}),
    ("pass on from Accepted", Status.ACCEPTED, TESS, c.HandOff, {"to": "makers"}),
    ("pass on from In progress", Status.IN_PROGRESS, SUE, c.HandOff, {"to": "makers"}),
    ("pass on from Pending", Status.PENDING, LEA, c.HandOff, {"to": "makers"}),
    ("take", Status.ROUTED, TESS, c.Take, {}),
    ("assign", Status.ROUTED, SUE, c.Take, {"owner": "Tess"}),
    ("priority", Status.PENDING, LEA, c.OverridePriority, {"priority": "p3", "reason": "A spare line."}),
]


@pytest.mark.parametrize(
    ("status", "who", "command", "asked"), [row[1:] for row in UNDOABLE], ids=[row[0] for row in UNDOABLE]
)
def test_an_undo_puts_everything_back(
    status: Status, who: Operator, command: type[TicketCommand], asked: dict[str, Any]
) -> None:
    story = story_to(status)
    before = story.ticket
    story.does(who, command, **asked)
    assert standing(story.ticket) != standing(before)
    story.does(who, c.Undo)
    assert standing(story.ticket) == standing(before)
    assert story.ticket.version == before.version + 2
    assert [event.happening.kind for event in story.events][-1] == "Undone"


def test_a_wait_comes_back_with_its_reason_and_date() -> None:
    story = story_to(Status.IN_PROGRESS)
    until = story.now + timedelta(days=3)
    before = story.does(TOM, c.Pend, reason="parts", resume_at=until).ticket
    story.does(TOM, c.HandOff, to="makers").does(TOM, c.Undo)
    assert (story.ticket.pending_reason, story.ticket.resume_at) == ("parts", until)
    assert standing(story.ticket) == standing(before)
    assert story.does(TOM, c.Resume).ticket.owner == "Tom"


@pytest.mark.parametrize("status", [status for status in Status if status.is_open], ids=str)
def test_a_duplicate_link_is_undone_on_both_tickets(status: Status) -> None:
    """T24; R130."""
    survivor = logged(by=OLE, number=20000).does(OLE, c.HandOff, to="voice-1").does(LEA, c.Take)
    alone = survivor.ticket
    story = story_to(status)
    before = story.ticket
    linked(story, survivor)
    assert (story.ticket.status, story.ticket.pending_reason) == (Status.DUPLICATE, "")
    story.does(NORA, c.Undo, related=story.tickets[alone.id])
    assert standing(story.ticket) == standing(before)
    assert standing(story.tickets[alone.id]) == standing(alone)


@pytest.mark.parametrize("who", [OLE, LEA, TOM, SUE], ids=lambda who: who.name)
def test_anybody_who_may_link_may_unlink(who: Operator) -> None:
    """T24: also when another did it, and whoever is not there to take it back."""
    assert story_to(Status.DUPLICATE).does(who, c.Undo).ticket.status is Status.ROUTED


@pytest.mark.parametrize("who", [VERA, GUEST], ids=lambda who: who.name)
def test_nobody_else_unlinks(who: Operator) -> None:
    """T24."""
    with pytest.raises(Forbidden, match=r"\(T24\)"):
        story_to(Status.DUPLICATE).does(who, c.Undo)


@pytest.mark.parametrize(("first", "second"), [("1", "2"), ("2", "1")])
def test_two_duplicates_leave_in_any_order(first: str, second: str) -> None:
    """R130: who came with both stays until both have left."""
    survivor = logged(by=OLE, number=20000)
    alone = survivor.ticket
    stories = {"1": logged(number=30000).does(TOM, c.Follow), "2": logged(number=40000).does(TOM, c.Follow)}
    both = linked(stories["1"], survivor).tickets[alone.id]
    both = stories["2"].does(NORA, c.MarkDuplicate, survivor=alone.id, related=both).tickets[alone.id]
    assert both.followers == ("Tom", "Nora")
    assert len(both.joined) == 2
    one = stories[first].does(NORA, c.Undo, related=both).tickets[alone.id]
    assert set(one.followers) == {"Tom", "Nora"}
    assert len(one.joined) == 1
    none = stories[second].does(NORA, c.Undo, related=one).tickets[alone.id]
    assert standing(none) == standing(alone)


def test_who_meanwhile_follows_in_their_own_right_stays() -> None:
    """R072: nobody is dropped silently by another's undo."""
    survivor = logged(by=OLE, number=20000)
    story = linked(logged().does(LEA, c.Follow), survivor)
    survivor.tickets[survivor.id] = story.tickets[survivor.id]
    survivor.does(NORA, c.HandOff, to="net-2")
    story.does(NORA, c.Undo, related=survivor.ticket)
    assert story.tickets[survivor.id].followers == ("Nora", "Ole")


def test_the_originator_brought_along_before_the_hand_off_stays_after_it() -> None:
    """R072."""
    survivor = logged(by=NORA, number=20000)
    story = linked(logged(by=NORA), survivor)
    survivor.tickets[survivor.id] = story.tickets[survivor.id]
    survivor.does(OLE, c.HandOff, to="net-2")
    story.does(NORA, c.Undo, related=survivor.ticket)
    assert story.tickets[survivor.id].followers == ("Nora", "Ole")


def test_who_added_a_caller_meanwhile_still_follows_after_the_undo() -> None:
    """R072."""
    story = logged().does(NORA, c.HandOff, to="voice-1")
    story.does(NORA, c.JoinCaller, caller=JoinedCaller(company="Alder Clinic", contact="Ben"))
    assert story.does(NORA, c.Undo).ticket.followers == ("Nora",)


def test_notes_in_between_are_kept() -> None:
    story = story_to(Status.ROUTED).does(TOM, c.Take).does(NORA, c.AddNote, text="They rang again.")
    story.does(NORA, c.RecordContact, reason="chase").does(TOM, c.Undo)
    assert (story.ticket.status, story.ticket.owner, story.ticket.chases) == (Status.ROUTED, None, 1)


def test_after_an_undo_the_matrix_counts_again_even_if_it_moved() -> None:
    """T27; R050."""
    story = logged().does(LEA, c.OverridePriority, priority="p3", reason="A spare line.")
    story.does(NORA, c.Amend, changes={"impact": "medium", "urgency": "medium"}).does(LEA, c.Undo)
    assert (story.ticket.priority, story.ticket.matrix_priority, story.ticket.override_reason) == ("p2", "p2", "")


def test_the_second_override_falls_back_to_the_first() -> None:
    """T27."""
    story = logged().does(LEA, c.OverridePriority, priority="p3", reason="A spare line.")
    story.does(TOM, c.OverridePriority, priority="p2", reason="It is the only one.").does(TOM, c.Undo)
    assert (story.ticket.priority, story.ticket.override_reason) == ("p3", "A spare line.")


def test_only_the_author_takes_an_act_back() -> None:
    story = story_to(Status.ROUTED).does(TOM, c.Take)
    with pytest.raises(Forbidden, match=r"The last act was Tom's, who alone can take it back \(R225\)\."):
        story.does(LIN, c.Undo)


def test_the_next_act_takes_the_turn() -> None:
    """Nora's hand-off is not hers to take back once Tom has it."""
    story = story_to(Status.ROUTED).does(TOM, c.Take)
    with pytest.raises(Forbidden):
        story.does(NORA, c.Undo)
    assert story.does(TOM, c.Undo).ticket.status is Status.ROUTED


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in (Status.ROUTED, Status.ACCEPTED, Status.DUPLICATE)], ids=str
)
def test_once_work_goes_on_there_is_nothing_to_take_back(status: Status) -> None:
    with pytest.raises(Forbidden, match=r"nothing to take back.*\(R225\)"):
        story_to(status).does(NORA, c.Undo)


def test_an_undo_is_not_undone() -> None:
    story = story_to(Status.ROUTED).does(TOM, c.Take).does(TOM, c.Undo)
    with pytest.raises(Forbidden, match="nothing to take back"):
        story.does(TOM, c.Undo)
