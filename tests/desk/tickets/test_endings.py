"""How a ticket ends and comes back: each rule by an example (T12, T13, T20-T24)."""

from __future__ import annotations

from datetime import timedelta

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import JoinedCaller, Status, Synopsis
from tests.people import (
    LEA,
    NORA,
    OLE,
    START,
    TARA,
    TESS,
    TOM,
    facts,
    logged,
    story_to,
    ticket_id,
)
from tests.rulings import DONE, kinds, refuses

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
