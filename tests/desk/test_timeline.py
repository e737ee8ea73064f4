"""A ticket's thread: every happening as one entry in plain words, and never a word too many to the customer."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from rich.cells import cell_len

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.customers import Company
from deskterm.desk.records.ticket import JoinedCaller, Status, Synopsis
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.desk.timeline import KINDS, entry
from tests.people import (
    DESK,
    LEA,
    NORA,
    OLE,
    SUE,
    TOM,
    Story,
    everything_that_happened,
    facts,
    logged,
    story_to,
)

EVENTS = everything_that_happened()


def told(story: Story, back: int = 1) -> TimelineEntry:
    """The entry of the last event but some."""
    found = entry(story.events[-back], DESK)
    assert found is not None
    return found


def after(status: Status, who: Operator, command: type[TicketCommand], /, **asked: Any) -> TimelineEntry:
    """The entry of a command on a ticket in a status."""
    return told(story_to(status).does(who, command, **asked))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.happening.kind)
def test_every_happening_has_an_entry(event: e.Event) -> None:
    """R111."""
    found = entry(event, DESK)
    assert found is not None
    assert (found.version, found.at, found.actor) == (event.version, event.at, event.actor)
    assert found.title[0].isupper()
    assert "_" not in found.title
    assert "\n" not in found.title


def test_no_happening_is_left_without_a_look() -> None:
    """R111: and each has a mark of one cell, which is no emoji and needs no special font."""
    assert set(KINDS) == {kind.__name__ for kind in get_args(e.TicketHappening)}
    for kind, mark in KINDS.values():
        assert kind
        assert cell_len(mark) == len(mark) == 1
        assert unicodedata.east_asian_width(mark) != "W"


def test_what_happens_to_other_records_is_in_no_thread() -> None:
    event = EVENTS[0]._replace(happening=e.Registered(entry=Company(key="1", name="Alder")))
    assert entry(event, DESK) is None


def test_a_call_says_who_called_and_what_they_said() -> None:
    story = logged(facts(description="Both handsets, since nine."))
    found = told(story)
    assert (found.kind, found.mark) == ("call", "●")
    assert found.title == "Call from Ada Moss, Brook & Lane"
    assert found.text == "No dial tone at reception\nBoth handsets, since nine."
    assert found.customer_sees


def test_a_call_of_which_nothing_is_known_is_just_a_call() -> None:
    assert told(logged(facts(contact="", company=""))).title == "Call"


def test_an_alert_is_not_the_customers_words() -> None:
    found = told(logged(facts(channel="monitoring", urgency="low", contact="", company="Alder Clinic"), by=SYSTEM))
    assert (found.title, found.customer_sees) == ("Alert from Alder Clinic", False)


def test_a_successor_says_what_it_comes_after() -> None:
    """R128."""
    story = story_to(Status.CLOSED).later(days=30).does(OLE, c.Reopen)
    assert told(story, back=2).title.endswith(", after 1048-26, which was closed")


@pytest.mark.parametrize(
    ("status", "who", "command", "asked", "title"),
    [
        (Status.NEW, NORA, c.HandOff, {"to": "net-2"}, "Handed on to Network"),
        (Status.ROUTED, NORA, c.HandOff, {"to": "voice-1", "reason": "Ours."}, "Handed on again to Voice"),
        (Status.ROUTED, LEA, c.Take, {}, "Taken"),
        (Status.ROUTED, SUE, c.Take, {"owner": "Tom"}, "Given to Tom"),
        (Status.ACCEPTED, TOM, c.Start, {}, "Work started"),
        (Status.NEW, NORA, c.AddNote, {"text": "x"}, "Note"),
        (Status.IN_PROGRESS, TOM, c.Pend, {"reason": "parts"}, "Waits: Parts or an RMA"),
        (Status.PENDING, TOM, c.Resume, {}, "The wait is over"),
        (Status.ROUTED, TOM, c.OpenVendorTask, {"vendor": "makers"}, "Asked Handset Makers Ltd"),
        (Status.CLOSED, NORA, c.Reopen, {}, "Opened again"),
        (Status.NEW, LEA, c.OverridePriority, {"priority": "p3", "reason": "x"}, "Priority set to P3 Medium"),
        (Status.NEW, TOM, c.Follow, {}, "Tom follows"),
        (Status.ROUTED, NORA, c.Unfollow, {"reason": "x"}, "Nora no longer follows"),
    ],
)
def test_titles_in_plain_words(
    status: Status, who: Operator, command: type[TicketCommand], asked: dict[str, Any], title: str
) -> None:
    found = after(status, who, command, **asked)
    assert found.title == title
    assert not found.customer_sees, "internal is the default (R113)"


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({"reason": "chase"}, "Ada Moss asked for progress by phone"),
        ({"reason": "answer", "channel": "email"}, "Ada Moss answered by e-mail"),
        ({"direction": "out", "reason": "details", "who": "Ben"}, "Ben was asked for details by phone"),
        (
            {"direction": "out", "reason": "status", "channel": "sms"},
            "Ada Moss was told where it stands by text message",
        ),
    ],
)
def test_a_conversation_says_who_spoke_to_whom(asked: dict[str, Any], title: str) -> None:
    """R114, R116: the customer was there."""
    found = after(Status.ROUTED, NORA, c.RecordContact, **asked)
    assert (found.title, found.customer_sees, found.kind) == (title, True, "contact")


def test_a_wait_names_its_end_so_that_it_is_right_on_any_day() -> None:
    until = datetime(2025, 12, 1, 9, 0, tzinfo=UTC)
    found = after(Status.IN_PROGRESS, TOM, c.Pend, reason="scheduled", resume_at=until)
    assert found.title == "Waits: A date, until Monday 1 December 2025, 09:00"


def test_an_amendment_lists_what_changed_in_the_words_of_the_form() -> None:
    changes = {"impact": "low", "customer_priority": "p1", "service": "", "fields": {"serial": "2XK", "zone_no": "4"}}
    found = after(Status.NEW, NORA, c.Amend, changes=changes)
    assert found.title == "Changed: service, impact, priority the customer asks for, Serial number and zone no"
    assert "impact: Low" in found.text
    assert "priority the customer asks for: P1 Urgent" in found.text
    assert "service: nothing" in found.text


def test_linking_the_caller_to_a_record_is_said_without_its_number() -> None:
    found = after(Status.NEW, NORA, c.Amend, changes={"contact_id": "6f0e3f0a-8d0c-5a39-9a56-6b2f3c7d9e11"})
    assert (found.title, found.text) == ("Caller linked to the customer base", "")


def test_the_customer_sees_the_synopsis_and_not_the_article() -> None:
    """R124, R113."""
    synopsis = Synopsis(issue="No tone", steps="Restarted", resolution="It rings")
    found = after(
        Status.IN_PROGRESS, TOM, c.Resolve, synopsis=synopsis, article="Gateway secrets", no_article_because="Secret"
    )
    assert found.title == "Resolved with a new solution"
    assert found.text == "Issue: No tone\nSteps: Restarted\nResolution: It rings"
    assert found.customer_sees


def test_the_customers_answers_are_told_apart() -> None:
    """R125, R126."""
    yes = after(Status.RESOLVED, NORA, c.RecordAnswer, answer="yes", words="Thank you!")
    no = after(Status.RESOLVED, NORA, c.RecordAnswer, answer="no", by="Ben", channel="email")
    assert (yes.title, yes.text) == ("Ada Moss confirmed by phone: closed", "Thank you!")
    assert no.title == "Ben said no by e-mail: work goes on"
    assert yes.mark != no.mark
    assert yes.customer_sees
    assert no.customer_sees


def test_one_customer_is_not_told_of_another() -> None:
    """R113: callers and duplicates are the desk's business."""
    joined = after(Status.NEW, OLE, c.JoinCaller, caller=JoinedCaller(company="Alder", contact="Ben", words="Same."))
    assert (joined.title, joined.customer_sees) == ("Caller added: Ben, Alder", False)
    other = logged(by=OLE, number=20000).ticket
    story = logged().does(NORA, c.MarkDuplicate, survivor=other.id, related=other)
    assert told(story, back=2).title == f"Duplicate of {other.ref}, which goes on"
    absorbed = told(story)
    assert absorbed.title == "Took in 1048-26, the same trouble"
    assert absorbed.text == "Callers: Ada Moss, Brook & Lane\nFollowers: Nora"
    assert not absorbed.customer_sees


def test_only_a_note_to_the_customer_is_the_customers() -> None:
    """R113."""
    found = after(Status.NEW, NORA, c.AddNote, text="We are on it.", visibility="customer")
    assert (found.title, found.text, found.customer_sees) == ("Note to the customer", "We are on it.", True)


@pytest.mark.parametrize(
    ("status", "who", "title"),
    [
        (Status.ROUTED, NORA, "Took the hand-off back"),
        (Status.ACCEPTED, TOM, "Gave it back to its group: the take is undone"),
        (Status.DUPLICATE, OLE, "Took the duplicate link back"),
    ],
)
def test_an_undo_says_what_it_takes_back(status: Status, who: Operator, title: str) -> None:
    found = after(status, who, c.Undo)
    assert (found.title, found.kind, found.customer_sees) == (title, "undo", False)


def test_a_group_that_left_the_desk_file_keeps_its_name() -> None:
    story = story_to(Status.ROUTED)
    without = DESK.model_copy(update={"group": ()})
    found = entry(story.events[-1], without)
    assert found is not None
    assert found.title == "Handed on to net-2"
