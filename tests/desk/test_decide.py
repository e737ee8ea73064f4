"""Each rule of the desk by an example, and each refusal with the row that says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.decide import Context, checked, company_of, contract_of, decide, related_to
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.intake import missing
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.ticket import NOT_GIVEN, Facts, JoinedCaller, Status, Synopsis
from tests.people import (
    BUYS_BOTH,
    BUYS_L0,
    DESK,
    GUEST,
    LEA,
    NORA,
    OLE,
    START,
    SUE,
    TARA,
    TESS,
    TOM,
    VERA,
    Story,
    facts,
    logged,
    story_to,
    ticket_id,
)

DONE = Synopsis(issue="No dial tone", steps="Gateway restarted", resolution="Calls work again")


def refuses(story: Story, who: Operator, command: type[c.TicketCommand], rule: str, **asked: Any) -> Refusal:
    """The refusal of a command, which has to name its rule in words and as a value, and to change nothing."""
    before = story.ticket
    with pytest.raises(Refusal) as found:
        story.does(who, command, **asked)
    assert found.value.rule == rule
    assert found.value.message.endswith(f"({rule}).")
    assert story.ticket == before
    return found.value


def kinds(story: Story) -> list[str]:
    """What the last command led to."""
    return [step.happening.kind for step in story.decision.steps]


# -- logging and handing on: T1-T4, T14


def test_a_call_is_saved_and_handed_on_in_one_breath() -> None:
    """T1, T3; R007, R038, R044, R071, R072."""
    ticket = Story().logs(NORA, hand_to="voice-1").ticket
    assert ticket.status is Status.ROUTED
    assert ticket.ref == "1048-26"
    assert (ticket.priority, ticket.matrix_priority) == ("p1", "p1")
    assert ticket.group == "voice-1"
    assert ticket.originator == "Nora"
    assert ticket.followers == ("Nora",)


def test_a_call_of_which_nothing_is_known_is_saved_all_the_same() -> None:
    """T1; R009, R010: what is missing is listed and never blocks."""
    ticket = Story().logs(NORA, Facts()).ticket
    assert ticket.status is Status.NEW
    assert ticket.incomplete == ("service",)
    assert ticket.priority is None


@pytest.mark.parametrize("blank", ["type", "impact", "urgency"])
def test_what_may_not_be_handed_on_is_saved_and_says_why(blank: str) -> None:
    """T3; R049."""
    story = Story().logs(NORA, facts(**{blank: None}), hand_to="voice-1")
    assert story.ticket.status is Status.NEW
    assert story.decision.held_back is not None
    assert story.decision.held_back.message == f"Before it is handed on it needs {blank} (T3)."


def test_all_that_is_wanted_before_routing_is_said_at_once() -> None:
    """T3."""
    refusal = refuses(logged(Facts()), NORA, c.HandOff, "T3", to="voice-1")
    assert refusal.message == "Before it is handed on it needs type, impact and urgency (T3)."


def test_an_unknown_group_never_loses_the_call() -> None:
    """T3: the groups there are, are named."""
    story = Story().logs(NORA, hand_to="vioce-1")
    assert story.ticket.status is Status.NEW
    assert story.decision.held_back is not None
    assert "front, voice-1, net-2, makers" in story.decision.held_back.message


def test_the_desk_receives_and_leaves_routing_to_people() -> None:
    """T2."""
    story = Story().logs(SYSTEM, facts(channel="monitoring"), hand_to="net-2")
    assert story.ticket.status is Status.NEW
    assert story.decision.held_back is not None


def test_impact_and_urgency_are_understood_in_words_and_kept_as_keys() -> None:
    """R045."""
    ticket = logged(facts(impact="Med", urgency="3", customer_priority="P1 Urgent")).ticket
    assert (ticket.impact, ticket.urgency, ticket.customer_priority) == ("medium", "low", "p1")
    assert ticket.priority == "p3"


def test_an_unknown_impact_is_refused_with_the_words_there_are() -> None:
    """R045."""
    with pytest.raises(Wanting, match="'huge' is none of high, medium, low") as found:
        logged(facts(impact="huge"))
    assert (found.value.field, found.value.rule) == ("impact", "R045")


def test_a_command_with_an_unknown_fact_is_no_command() -> None:
    with pytest.raises(ValidationError, match="facts has no sumary"):
        c.LogCall(facts=Facts.model_validate({"sumary": "No dial tone"}))


def test_handing_on_again_needs_a_reason_and_counts() -> None:
    """T4."""
    story = logged().does(NORA, c.HandOff, to="voice-1")
    refuses(story, NORA, c.HandOff, "T4", to="net-2", reason=" \n")
    refuses(story, NORA, c.HandOff, "T4", to="voice-1", reason="They know it.")
    ticket = story.does(NORA, c.HandOff, to="net-2", reason="It is the network.").ticket
    assert (ticket.status, ticket.group, ticket.hops) == (Status.ROUTED, "net-2", 1)


def test_level_0_hands_on_again_only_what_it_took_in() -> None:
    """T4."""
    story = logged(by=NORA).does(NORA, c.HandOff, to="voice-1")
    refuses(story, OLE, c.HandOff, "T4", to="net-2", reason="It is the network.")


def test_passing_on_frees_the_ticket_and_its_originator_keeps_following() -> None:
    """T14; R065, R072."""
    ticket = story_to(Status.IN_PROGRESS).does(TOM, c.HandOff, to="makers").ticket
    assert (ticket.status, ticket.group, ticket.owner, ticket.last_owner) == (Status.ROUTED, "makers", None, "Tom")
    assert ticket.followers == ("Nora", "Tom")


def test_passing_on_from_a_wait_ends_the_wait() -> None:
    """T14."""
    ticket = story_to(Status.PENDING).does(TOM, c.HandOff, to="makers").ticket
    assert (ticket.pending_reason, ticket.pended_from) == ("", None)


# -- taking and working: T5, T6


def test_level_1_takes_and_starts() -> None:
    """T5, T6."""
    story = logged().does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
    assert (story.ticket.status, story.ticket.owner) == (Status.ACCEPTED, "Lea")
    assert story.does(LEA, c.Start).ticket.status is Status.IN_PROGRESS


def test_only_a_supervisor_gives_a_ticket_to_somebody_else() -> None:
    """T5."""
    story = story_to(Status.ROUTED)
    refuses(story, TOM, c.Take, "T5", owner="Tess")
    refuses(story, SUE, c.Take, "T5")
    refuses(story, SUE, c.Take, "T5", owner="sue")
    refuses(story, SUE, c.Take, "T5", owner="Nobody")
    assert story.does(SUE, c.Take, owner="tess").ticket.owner == "Tess"


def test_naming_oneself_in_any_spelling_is_taking_it_oneself() -> None:
    """T5."""
    assert story_to(Status.ROUTED).does(TOM, c.Take, owner="TOM").ticket.owner == "Tom"


@pytest.mark.parametrize("person", [NORA, SUE, VERA], ids=lambda who: who.name)
def test_a_ticket_is_given_only_to_somebody_who_may_work_it(person: Operator) -> None:
    """T5, T6; R063."""
    refuses(story_to(Status.ROUTED), SUE, c.Take, "T6" if person is not SUE else "T5", owner=person.name)


def test_a_contract_that_buys_level_0_keeps_level_1_from_work() -> None:
    """R068: nor can a supervisor give it to level 1; level 2 may take it."""
    story = logged(contract=BUYS_L0).does(NORA, c.HandOff, to="voice-1")
    assert story.ticket.bought_levels == "L0"
    refuses(story, LEA, c.Take, "T5")
    refuses(story, SUE, c.Take, "T6", owner="Lea")
    refuses(story, LEA, c.HandOff, "T4", to="net-2", reason="Not ours.")
    assert story.does(TOM, c.Take).ticket.owner == "Tom"


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


# -- following: R072


def test_the_originator_stops_following_only_with_a_reason() -> None:
    """R072."""
    story = logged().does(NORA, c.HandOff, to="voice-1")
    refuses(story, NORA, c.Unfollow, "R072", reason=" ")
    assert story.does(NORA, c.Unfollow, reason="On leave; Ole follows.").ticket.followers == ()


def test_others_come_and_go() -> None:
    story = logged().does(TOM, c.Follow).does(TOM, c.Follow)
    assert (story.ticket.followers, story.ticket.version) == (("Tom",), 2)
    assert story.does(TOM, c.Unfollow).does(TOM, c.Unfollow).ticket.version == 3


def test_who_may_not_touch_a_ticket_does_not_follow_it_either() -> None:
    """T7."""
    for who in (GUEST, VERA, SYSTEM):
        refuses(logged(), who, c.Follow, "T7")
    assert story_to(Status.CLOSED).does(OLE, c.Follow).ticket.followers == ("Nora", "Ole")


# -- waiting and vendors: T9, T10, T15


def test_a_wait_has_a_reason_of_the_desk_and_ends_where_it_began() -> None:
    """T9, T10."""
    story = story_to(Status.IN_PROGRESS)
    refuses(story, TOM, c.Pend, "T9", reason="lunch")
    refuses(story, TOM, c.Pend, "T9", reason="scheduled", resume_at=story.now)
    story.does(TOM, c.Pend, reason="scheduled", resume_at=story.now + timedelta(days=1))
    assert (story.ticket.status, story.ticket.pending_reason) == (Status.PENDING, "scheduled")
    story.does(TESS, c.Resume)
    assert (story.ticket.status, story.ticket.owner, story.ticket.resume_at) == (Status.IN_PROGRESS, "Tom", None)


def test_a_vendor_writes_and_answers_only_where_it_has_a_task() -> None:
    """T7, T10, T15."""
    story = story_to(Status.ACCEPTED)
    refuses(story, VERA, c.AddNote, "T7", text="On our way.")
    refuses(story, TOM, c.OpenVendorTask, "T15", vendor=" ")
    story.does(TOM, c.OpenVendorTask, vendor="Makers ", text="Please send a handset.")
    assert story.ticket.vendor_tasks[0].vendor == "makers"
    story.does(VERA, c.AddNote, text="On our way.")
    refuses(story, VERA, c.Resume, "T10")


def test_a_vendor_without_a_group_is_asked_by_its_own_name() -> None:
    """T15."""
    story = story_to(Status.ROUTED).does(LEA, c.OpenVendorTask, vendor="Åsa & Co")
    assert story.ticket.vendor_tasks[0].vendor == "Åsa & Co"


# -- resolving: T12, T13


def test_level_1_resolves_with_a_known_solution_only() -> None:
    """T12; R066."""
    story = logged().does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
    refusal = refuses(story, LEA, c.Resolve, "T12", synopsis=DONE, no_article_because="Once.")
    assert "name one, or hand it on" in refusal.message
    refuses(story, LEA, c.Resolve, "T12", solution="K99")
    story.does(LEA, c.Resolve, solution="K31")
    assert kinds(story) == ["Started", "Resolved"]
    assert story.ticket.solution == "K31"
    assert story.ticket.synopsis == Synopsis(
        issue="No dial tone at reception", steps="Restart it.", resolution="It rings again."
    )


def test_own_words_come_before_the_solutions() -> None:
    """R124."""
    given = Synopsis(issue=" ", steps="Restarted twice.", resolution="")
    ticket = story_to(Status.IN_PROGRESS).does(TARA, c.Resolve, solution="K31", synopsis=given).ticket
    assert ticket.synopsis == Synopsis(
        issue="No dial tone at reception", steps="Restarted twice.", resolution="It rings again."
    )


def test_level_2_resolves_anew_with_an_article_or_a_reason_for_none() -> None:
    """T13; R067, R133."""
    story = story_to(Status.IN_PROGRESS)
    refuses(story, TOM, c.Resolve, "T13", synopsis=DONE)
    refuses(story, TOM, c.Resolve, "T13", no_article_because="Once.")
    story.does(TOM, c.Resolve, synopsis=DONE, no_article_because="Once.")
    assert (story.ticket.status, story.ticket.article_reason) == (Status.RESOLVED, "Once.")


def test_a_resolution_says_what_the_issue_was() -> None:
    """R124: where nobody wrote a summary, the issue has to be said now."""
    story = logged(facts(summary="")).does(NORA, c.HandOff, to="net-2").does(TOM, c.Take)
    refuses(story, TOM, c.Resolve, "T12", solution="K31")
    given = Synopsis(issue="", steps="", resolution="It rings.")
    refuses(story, TOM, c.Resolve, "T13", synopsis=given, no_article_because="Once.")


# -- the customer's answer: T20, T21), reopening (T22), withdrawing (T23


def test_closing_keeps_who_said_yes_when_and_how() -> None:
    """T20; R125."""
    story = story_to(Status.RESOLVED)
    at = story.now
    story.does(NORA, c.RecordAnswer, answer="yes", by="Ben", channel="email", at=at, words="All well.")
    said = story.ticket.confirmation
    assert said is not None
    assert (said.by, said.at, said.channel, said.answer, said.words) == ("Ben", at, "email", "yes", "All well.")
    assert (story.ticket.status, story.ticket.closed_at) == (Status.CLOSED, at)


def test_an_answer_has_a_name_and_a_believable_moment() -> None:
    """T20, T21."""
    story = story_to(Status.RESOLVED)
    refuses(story, NORA, c.RecordAnswer, "T20", answer="yes", at=story.now + timedelta(minutes=1))
    refuses(story, NORA, c.RecordAnswer, "T21", answer="no", at=START)
    nameless = logged(facts(contact=""), by=TOM).does(TOM, c.HandOff, to="net-2").does(TOM, c.Take)
    nameless.does(TOM, c.Resolve, solution="K31")
    refuses(nameless, NORA, c.RecordAnswer, "T20", answer="yes", by=" ")


def test_a_no_gives_the_ticket_back_to_its_last_owner_and_is_counted() -> None:
    """T21; R126."""
    ticket = story_to(Status.RESOLVED).does(NORA, c.RecordAnswer, answer="no").ticket
    assert (ticket.status, ticket.owner, ticket.group, ticket.refusals) == (Status.IN_PROGRESS, "Tom", "net-2", 1)
    assert (ticket.resolved_at, ticket.synopsis, ticket.solution, ticket.article_reason) == (None, None, "", "")


def test_reopening_keeps_the_group_and_clears_the_ending() -> None:
    """T22; R128."""
    ticket = story_to(Status.CLOSED).later(days=13).does(NORA, c.Reopen, reason="It is back.").ticket
    assert (ticket.status, ticket.group, ticket.owner, ticket.last_owner) == (Status.ROUTED, "net-2", None, "Tom")
    assert (ticket.closed_at, ticket.resolved_at, ticket.confirmation, ticket.synopsis) == (None, None, None, None)
    assert (ticket.reopens, ticket.followers) == (1, ("Nora",))


def test_past_the_limit_a_linked_successor_goes_to_the_same_group() -> None:
    """T22; R128."""
    story = story_to(Status.CLOSED).later(days=14)
    closed, successor = story.ticket, ticket_id("successor")
    story.number = 10483
    story.does(OLE, c.Reopen, reason="It is back.", successor=successor)
    assert story.ticket == closed
    after = story.tickets[successor]
    assert (after.successor_of, after.ref, after.status, after.group) == ("1048-26", "1048-39", Status.ROUTED, "net-2")
    assert (after.summary, after.originator, after.followers) == (closed.summary, "Ole", ("Ole",))


def test_withdrawing_keeps_the_customers_word() -> None:
    """T23; R129."""
    refuses(logged(), NORA, c.Withdraw, "T23", reason="")
    story = story_to(Status.PENDING).does(NORA, c.Withdraw, reason="They bought another one.")
    assert (story.ticket.status, story.ticket.pending_reason) == (Status.WITHDRAWN, "")


# -- duplicates: T24


def test_a_duplicate_brings_its_callers_and_followers_along() -> None:
    """T24; R130."""
    survivor = logged(by=OLE, number=20000).does(OLE, c.HandOff, to="voice-1").ticket
    story = logged().does(TESS, c.Follow).does(LEA, c.JoinCaller, caller=JoinedCaller(company="Alder", contact="Ben"))
    story.does(NORA, c.MarkDuplicate, survivor=survivor.id, related=survivor)
    assert (story.ticket.status, story.ticket.duplicate_of) == (Status.DUPLICATE, survivor.ref)
    after = story.tickets[survivor.id]
    assert after.followers == ("Ole", "Tess", "Lea", "Nora")
    assert [caller.contact for caller in after.joined] == ["Ada Moss", "Ben"]


def test_a_duplicate_needs_another_ticket_that_is_open() -> None:
    """T24."""
    story = logged()
    refuses(story, NORA, c.MarkDuplicate, "T24", survivor=story.id, related=story.ticket)
    closed = story_to(Status.CLOSED, number=20000).ticket
    refuses(story, NORA, c.MarkDuplicate, "T24", survivor=closed.id, related=closed)


# -- what the store has to bring


def test_which_other_ticket_and_contract_a_decision_needs() -> None:
    story = story_to(Status.DUPLICATE)
    other = ticket_id("20000")
    assert related_to(c.MarkDuplicate(ticket=story.id, survivor=other), story.ticket) == other
    assert related_to(c.Undo(ticket=story.id), story.ticket) == story.ticket.duplicate_of
    assert related_to(c.Take(ticket=story.id), story.ticket) is None
    covered = logged(facts(contract="HF-1")).ticket
    assert contract_of(c.LogCall(facts=facts(contract="HF-2")), None) == "HF-2"
    assert contract_of(c.Amend(ticket=story.id, changes={"contract": "HF-2"}), covered) == "HF-2"
    assert contract_of(c.Take(ticket=story.id), covered) == "HF-1"
    assert company_of(c.LogCall(facts=facts()), None) == (None, "Brook & Lane")
    assert company_of(c.Take(ticket=story.id), covered) == (None, "Brook & Lane")
    found = {"company": "Alder", "company_id": str(other)}
    assert company_of(c.Amend(ticket=story.id, changes=found), covered) == (other, "Alder")
    assert company_of(c.Amend(ticket=story.id, changes={"company_id": "?"}), covered) == (None, "")


def test_every_command_about_a_ticket_has_a_rule() -> None:
    """R076: none is forgotten by the decider."""
    ticket = story_to(Status.NEW).ticket
    for kind in c.TicketCommand.__subclasses__():
        required = {name for name, field in kind.model_fields.items() if field.is_required()} - {"ticket"}
        command = kind.model_construct(ticket=ticket.id, **dict.fromkeys(required, ""))  # type: ignore[arg-type]
        context = Context(desk=DESK, actor=GUEST, now=START)
        try:
            decide(ticket, command, context)  # type: ignore[arg-type]
        except Forbidden:
            continue
        assert kind is c.Unfollow  # who follows nothing has nothing to stop


def test_checked_leaves_what_is_right_alone() -> None:
    assert checked(facts(), DESK) == facts()
