"""Taking over from whoever is writing on a ticket: the words of it, and whose the ticket is then."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Status
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.timeline import entry
from tests.people import DESK, LEA, NORA, SUE, VERA, story_to


def test_the_ticket_of_whoever_was_writing_goes_along_and_stays_as_far_as_it_was() -> None:
    story = story_to(Status.PENDING)
    before = story.ticket
    after = story.does(LEA, c.TakeOver, writing=("Tom", "Nora")).ticket
    assert (after.owner, after.status, after.resume_at) == ("Lea", before.status, before.resume_at)
    assert after.timekeeping == before.timekeeping, "no clock begins or ends by it"
    assert after.progressed_at == before.progressed_at, "nor is the ticket any further"
    told = entry(story.events[-1], DESK)
    assert told is not None
    assert (told.title, told.text) == ("Took over from Tom and Nora", "It is owned by Lea now.")


@pytest.mark.parametrize(("who", "writing"), [(LEA, ("Nora",)), (NORA, ("Tom",)), (SUE, ("Tom",))])
def test_it_stays_whose_it_is_where_they_do_not_write_or_the_author_does_not_work_on_tickets(
    who: object, writing: tuple[str, ...]
) -> None:
    story = story_to(Status.IN_PROGRESS)
    after = story.does(who, c.TakeOver, writing=writing).ticket  # type: ignore[arg-type]
    assert after.owner == "Tom"
    told = entry(story.events[-1], DESK)
    assert told is not None
    assert told.text == ""


def test_what_the_old_owner_did_last_cannot_be_taken_back_any_more() -> None:
    story = story_to(Status.ACCEPTED)
    assert story.ticket.undoable is not None
    assert story.does(LEA, c.TakeOver, writing=("Tom",)).ticket.undoable is None


def test_with_nobody_there_or_no_right_to_write_it_is_refused() -> None:
    with pytest.raises(Wanting, match="Nobody else is writing here"):
        story_to(Status.ACCEPTED).does(LEA, c.TakeOver)
    with pytest.raises(Forbidden):
        story_to(Status.ACCEPTED).does(VERA, c.TakeOver, writing=("Tom",))
