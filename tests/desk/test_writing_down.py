"""What is written down on a ticket, corrected, and overridden: each rule by an example (T7, T27)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.records.ticket import NOT_GIVEN, JoinedCaller, Status
from deskterm.desk.tickets.intake import missing
from tests.people import (
    BUYS_BOTH,
    BUYS_L0,
    DESK,
    LEA,
    NORA,
    OLE,
    TOM,
    facts,
    logged,
    story_to,
)
from tests.rulings import kinds, refuses

# -- writing down (T7) and filling in


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u3000"])
def test_a_note_needs_words(blank: str) -> None:
    """T7."""
    refuses(logged(), NORA, c.AddNote, "T7", text=blank)


def test_a_note_is_internal_unless_it_says_otherwise() -> None:
    """T7; R113."""
    happening = logged().does(NORA, c.AddNote, text="Rang back.").decision.steps[0].happening
    assert isinstance(happening, e.Noted)
    assert happening.visibility == "internal"


@given(text=st.text(min_size=1).filter(str.strip))
def test_text_of_any_characters_passes_untouched(text: str) -> None:
    """R225: the log keeps what was typed."""
    story = logged(facts(summary=text, description=text, fields={"diagnosis": text}))
    assert (story.ticket.summary, story.ticket.description, story.ticket.fields["diagnosis"]) == (text, text, text)
    happening = story.does(NORA, c.AddNote, text=text).decision.steps[0].happening
    assert isinstance(happening, e.Noted)
    assert happening.text == text


def test_text_of_any_length_passes_untouched() -> None:
    """R225."""
    long = "dial tone " * 200_000
    assert logged(facts(description=long)).ticket.description == long


def test_a_chase_is_counted() -> None:
    """T7; R116."""
    story = story_to(Status.IN_PROGRESS)
    story.does(NORA, c.RecordContact, reason="chase", text="When?").does(OLE, c.RecordContact, reason="status")
    assert story.ticket.chases == 1


def test_a_contact_is_with_the_tickets_contact_unless_somebody_is_named() -> None:
    """T7; R114."""
    happening = logged().does(NORA, c.RecordContact, who=" ").decision.steps[0].happening
    assert isinstance(happening, e.ContactRecorded)
    assert happening.who == "Ada Moss"


def test_a_customers_answer_ends_the_wait_even_if_level_0_wrote_it_down() -> None:
    """T10; R118."""
    story = story_to(Status.PENDING).does(NORA, c.RecordContact, reason="answer", text="The serial is 2XK.")
    assert kinds(story) == ["ContactRecorded", "Resumed"]
    assert story.ticket.status is Status.IN_PROGRESS
    assert story.ticket.owner == "Tom"


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        ("vendor", {"reason": "answer"}),
        ("scheduled", {"reason": "answer"}),
        ("customer-info", {"reason": "chase"}),
        ("customer-info", {"reason": "answer", "direction": "out"}),
    ],
)
def test_no_other_word_ends_a_wait(reason: str, asked: dict[str, Any]) -> None:
    """T10: a customer's answer does not bring the vendor's part."""
    story = story_to(Status.IN_PROGRESS).does(TOM, c.Pend, reason=reason)
    assert story.does(NORA, c.RecordContact, **asked).ticket.status is Status.PENDING


def test_a_second_caller_joins_instead_of_a_second_ticket() -> None:
    """T7: whoever adds a caller follows the ticket."""
    story = logged().does(OLE, c.JoinCaller, caller=JoinedCaller(company="Alder Clinic", contact="Ben"))
    assert story.ticket.joined[0].company == "Alder Clinic"
    assert story.ticket.followers == ("Ole",)
    refuses(story, OLE, c.JoinCaller, "T7", caller=JoinedCaller(company="", contact=" "))


def test_amending_keeps_only_what_differs() -> None:
    """T7."""
    story = logged(facts(fields={"circuit": "C-1"}))
    story.does(NORA, c.Amend, changes={"summary": "Quiet", "contact": "Ada Moss", "fields": {"serial": "2XK"}})
    happening = story.decision.steps[0].happening
    assert isinstance(happening, e.Amended)
    assert happening.changes == {"summary": "Quiet", "fields": {"serial": "2XK"}}
    assert story.ticket.fields == {"circuit": "C-1", "serial": "2XK"}
    assert kinds(story.does(NORA, c.Amend, changes={"summary": "Quiet"})) == []


def test_filling_in_what_was_missing_completes_the_ticket() -> None:
    """R010."""
    story = logged(facts(service=""))
    assert story.ticket.incomplete == ("service",)
    assert story.does(NORA, c.Amend, changes={"service": "SIP-1"}).ticket.incomplete == ()
    assert story.does(NORA, c.Amend, changes={"fault": "hardware"}).ticket.incomplete == ("serial", "location")


def test_not_given_is_an_answer_and_space_is_none() -> None:
    """R016: also for a fact that has no room for words."""
    call = facts(fault="hardware", fields={"serial": NOT_GIVEN, "location": "  ", "began": NOT_GIVEN})
    assert logged(call).ticket.incomplete == ("location",)
    assert [field.key for field in missing(DESK, call)] == ["location", "diagnosis"]


def test_a_contract_requires_over_the_desk_file_and_buys_levels() -> None:
    """R008, R068: also when its number is known only later."""
    story = logged()
    assert (story.ticket.incomplete, story.ticket.bought_levels) == ((), "")
    story.contract = BUYS_L0
    story.does(NORA, c.Amend, changes={"contract": "hf-1"})
    assert (story.ticket.incomplete, story.ticket.bought_levels) == (("location",), "L0")
    story.contract = BUYS_BOTH
    assert story.does(NORA, c.Amend, changes={"contract": "HF-2"}).ticket.bought_levels == "L0+L1"
    story.contract = None
    assert story.does(NORA, c.Amend, changes={"contract": ""}).ticket.bought_levels == ""


def test_a_caller_found_later_brings_their_companys_contract() -> None:
    """R068."""
    story = logged(facts(company=""))
    story.contract = BUYS_L0
    assert story.does(NORA, c.Amend, changes={"company": "Harbour Foods"}).ticket.bought_levels == "L0"


def test_other_amendments_leave_the_bought_levels_alone() -> None:
    """R068."""
    story = logged(facts(contract="HF-1"), contract=BUYS_L0)
    assert story.does(NORA, c.Amend, changes={"summary": "Quiet"}).ticket.bought_levels == "L0"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sumary": "No tone"}, "sumary"),
        ({"summary": None}, "summary"),
        ({"began": "2025-11-21T09:00:00"}, "began"),
        ({"channel": "pigeon"}, "channel"),
        ({"fields": {"serial": 4}}, "fields"),
    ],
)
def test_what_is_no_fact_cannot_be_amended(changes: dict[str, Any], field: str) -> None:
    """T7: a typing error, a blank where there is none, a moment without a zone, an unknown word, a number."""
    assert refuses(logged(), NORA, c.Amend, "T7", changes=changes).__dict__["field"] == field


@pytest.mark.parametrize("fact", ["type", "impact", "urgency"])
def test_what_was_routed_keeps_its_triage(fact: str) -> None:
    """R049: nothing is with a group without a priority."""
    refuses(story_to(Status.ROUTED), LEA, c.Amend, "R049", changes={fact: None})
    assert getattr(logged().does(NORA, c.Amend, changes={fact: None}).ticket, fact) is None


def test_level_0_fills_a_diagnosis_in_and_does_not_edit_it() -> None:
    """R063."""
    story = logged()
    story.does(NORA, c.Amend, changes={"fields": {"diagnosis": "Restart tried"}})
    story.does(NORA, c.Amend, changes={"fields": {"diagnosis": "Restart tried twice"}})
    story.does(NORA, c.HandOff, to="voice-1")
    refuses(story, NORA, c.Amend, "R063", changes={"fields": {"diagnosis": "None"}})
    story.does(LEA, c.Amend, changes={"fields": {"diagnosis": "Cable is dead"}})
    assert story.ticket.fields["diagnosis"] == "Cable is dead"


def test_an_old_tickets_words_do_not_stand_in_the_way_under_a_new_desk_file() -> None:
    """R045: an impact the desk no longer has is looked at only when triage is done anew."""
    story = logged()
    story.tickets[story.id] = story.ticket.model_copy(update={"impact": "vast"})
    assert story.does(NORA, c.Amend, changes={"summary": "Quiet"}).ticket.priority == "p1"
    refuses(story, NORA, c.Amend, "R045", changes={"urgency": "low"})
    assert story.does(NORA, c.Amend, changes={"impact": "low", "urgency": "low"}).ticket.priority == "p3"


# -- priority: T27


def test_an_override_keeps_the_matrix_value_beside_it_through_amendments() -> None:
    """T27; R050."""
    story = logged().does(LEA, c.OverridePriority, priority="P3", reason="Only a spare line.")
    assert (story.ticket.priority, story.ticket.matrix_priority) == ("p3", "p1")
    story.does(NORA, c.Amend, changes={"impact": "medium", "urgency": "medium"})
    assert (story.ticket.priority, story.ticket.matrix_priority) == ("p3", "p2")
    assert story.ticket.override_reason == "Only a spare line."


def test_without_an_override_the_priority_follows_the_matrix() -> None:
    """R044."""
    ticket = logged().does(NORA, c.Amend, changes={"urgency": "low"}).ticket
    assert (ticket.priority, ticket.matrix_priority) == ("p2", "p2")


def test_an_override_needs_a_reason_and_a_priority_of_the_desk() -> None:
    """T27."""
    refuses(logged(), LEA, c.OverridePriority, "T27", priority="p1", reason=" ")
    refuses(logged(), LEA, c.OverridePriority, "T27", priority="p9", reason="The board meets.")
