"""Each rule of the desk by an example, and each refusal with the row that says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from deskterm.desk import commands as c
from deskterm.desk.decide import Context, checked, company_of, contract_of, decide, related_to
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.ticket import Facts, Status
from deskterm.desk.refusal import Forbidden, Wanting
from tests.people import (
    BUYS_L0,
    DESK,
    GUEST,
    LEA,
    NORA,
    OLE,
    START,
    SUE,
    TESS,
    TOM,
    VERA,
    Story,
    facts,
    logged,
    story_to,
    ticket_id,
)
from tests.rulings import refuses

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


@pytest.mark.parametrize("hand_to", ["", "voice-1"])
def test_how_a_new_ticket_stands_is_what_its_events_make_of_it(hand_to: str) -> None:
    """What was worked out to decide need not be worked out again to keep it."""
    story = Story().logs(NORA, hand_to=hand_to)
    assert story.decision.stands == story.ticket


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
    for kind in TicketCommand.__subclasses__():
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
