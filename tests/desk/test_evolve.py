"""A ticket is what its events made it: random walks of a whole desk, and replays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.evolve import evolve
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.ticket import Facts, JoinedCaller, Status, Synopsis, Ticket, VendorTask
from deskterm.desk.refusal import Refusal
from deskterm.desk.tickets.rights import TRANSITIONS
from tests.people import (
    EVERYBODY,
    LEA,
    NORA,
    OLE,
    START,
    TOM,
    Story,
    everything_that_happened,
    facts,
    logged,
    story_to,
)

WORDS = st.sampled_from(["", " ", "It rings again.", "[b]no markup[/b] \x1b[31m", "خط مقطوع"])
PEOPLE = st.sampled_from(EVERYBODY)
GROUPS = st.sampled_from(["front", "voice-1", "net-2", "makers", "nowhere"])
STEPS = st.sampled_from(["high", "medium", "low", None])
PATHS = {(source, row.leads_to or source) for row in TRANSITIONS for source in row.sources}
"""Every change of status that some row of the table allows; undoing one is checked apart."""

NEXT: dict[Status, tuple[type[TicketCommand], dict[str, Any]]] = {
    Status.NEW: (c.HandOff, {"to": "voice-1"}),
    Status.ROUTED: (c.Take, {}),
    Status.ACCEPTED: (c.Start, {}),
    Status.IN_PROGRESS: (c.Resolve, {"solution": "K31"}),
    Status.PENDING: (c.Resume, {}),
    Status.RESOLVED: (c.RecordAnswer, {"answer": "yes"}),
}


class Desk(RuleBasedStateMachine):
    """Anybody tries anything with three tickets; whatever is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.stories: dict[UUID, Story] = {}
        self.tickets: dict[UUID, Ticket] = {}
        self.log: list[e.Event] = []
        self.dropped: set[tuple[UUID, str]] = set()
        self.current = UUID(int=0)

    @initialize()
    def three_calls(self) -> None:
        for number, who in ((10000, NORA), (20000, OLE), (30000, LEA)):
            story = logged(by=who, number=number)
            self.stories[story.id] = story
            self._keep(story)
            self.current = story.id

    def _keep(self, story: Story) -> None:
        new = story.events
        self.log += new
        story.events = []
        for event in new:
            self.tickets[event.record_id] = story.tickets[event.record_id]

    def _try(self, who: Operator, command: type[TicketCommand], related: Ticket | None = None, **asked: Any) -> None:
        story = self.stories[self.current]
        story.tickets = dict(self.tickets)
        story.now = max((event.at for event in self.log), default=START)
        before = story.ticket
        refused = None
        try:
            story.later(hours=1).does(who, command, related=related, **asked)
        except Refusal as refusal:
            refused = refusal
        if refused is not None:
            assert refused.rule
            assert refused.message.endswith(f"({refused.rule}).")
            assert story.ticket == before
            return
        self._check_path(before, story.ticket, command)
        if command is c.Unfollow and who.name not in story.ticket.followers:
            self.dropped.add((story.id, who.name))
        self._keep(story)

    def _check_path(self, before: Ticket, after: Ticket, command: type[TicketCommand]) -> None:
        if before.status is after.status:
            return
        if command is c.Undo:
            assert before.undoable is not None
            assert after.status is before.undoable.status
        elif command is c.RecordContact:
            assert (before.status, after.status) == (Status.PENDING, Status.IN_PROGRESS)
        else:
            assert (before.status, after.status) in PATHS, f"{command.__name__}: {before.status} to {after.status}"

    # -- what people try

    @rule(index=st.integers(0, 2))
    def turn_to(self, index: int) -> None:
        self.current = list(self.stories)[index]

    @rule(who=PEOPLE, to=GROUPS, reason=WORDS)
    def hand_off(self, who: Operator, to: str, reason: str) -> None:
        self._try(who, c.HandOff, to=to, reason=reason)

    @rule(who=PEOPLE, owner=st.none() | st.sampled_from([person.name for person in EVERYBODY]))
    def take(self, who: Operator, owner: str | None) -> None:
        self._try(who, c.Take, owner=owner)

    @rule(who=PEOPLE, kind=st.sampled_from([c.Start, c.Resume, c.Undo, c.Follow]))
    def plainly(self, who: Operator, kind: type[TicketCommand]) -> None:
        related = None
        ticket = self.tickets[self.current]
        if kind is c.Undo and ticket.duplicate_of:
            related = next(t for t in self.tickets.values() if t.ref == ticket.duplicate_of)
        self._try(who, kind, related=related)

    @rule(who=st.sampled_from([NORA, LEA, TOM]))
    def onward(self, who: Operator) -> None:
        """Take the next step of an ordinary day, so that walks come to an end and back often enough."""
        if step := NEXT.get(self.tickets[self.current].status):
            self._try(who, step[0], **step[1])

    @rule(who=PEOPLE, text=WORDS)
    def note(self, who: Operator, text: str) -> None:
        self._try(who, c.AddNote, text=text)

    @rule(who=PEOPLE, reason=st.sampled_from(["chase", "answer", "status"]), direction=st.sampled_from(["in", "out"]))
    def contact(self, who: Operator, reason: str, direction: str) -> None:
        self._try(who, c.RecordContact, reason=reason, direction=direction)

    @rule(who=PEOPLE, contact=WORDS)
    def join(self, who: Operator, contact: str) -> None:
        self._try(who, c.JoinCaller, caller=JoinedCaller(company="", contact=contact))

    @rule(who=PEOPLE, impact=STEPS, urgency=STEPS, summary=WORDS)
    def amend(self, who: Operator, impact: str | None, urgency: str | None, summary: str) -> None:
        self._try(who, c.Amend, changes={"impact": impact, "urgency": urgency, "summary": summary})

    @rule(who=PEOPLE, priority=st.sampled_from(["p1", "p3", "p9"]), reason=WORDS)
    def override(self, who: Operator, priority: str, reason: str) -> None:
        self._try(who, c.OverridePriority, priority=priority, reason=reason)

    @rule(who=PEOPLE, reason=WORDS)
    def unfollow(self, who: Operator, reason: str) -> None:
        self._try(who, c.Unfollow, reason=reason)

    @rule(who=PEOPLE, reason=st.sampled_from(["customer-info", "vendor", "lunch"]))
    def pend(self, who: Operator, reason: str) -> None:
        self._try(who, c.Pend, reason=reason)

    @rule(who=PEOPLE, vendor=st.sampled_from(["makers", " "]))
    def vendor(self, who: Operator, vendor: str) -> None:
        self._try(who, c.OpenVendorTask, vendor=vendor)

    @rule(who=PEOPLE, solution=st.sampled_from(["", "K31", "K99"]), words=WORDS, article=WORDS)
    def resolve(self, who: Operator, solution: str, words: str, article: str) -> None:
        synopsis = Synopsis(issue="No dial tone", steps="", resolution=words)
        self._try(who, c.Resolve, solution=solution, synopsis=synopsis, article=article)

    @rule(who=PEOPLE, answer=st.sampled_from(["yes", "no"]), by=WORDS)
    def answer(self, who: Operator, answer: str, by: str) -> None:
        self._try(who, c.RecordAnswer, answer=answer, by=by)

    @rule(who=PEOPLE)
    def reopen(self, who: Operator) -> None:
        self._try(who, c.Reopen)

    @precondition(lambda self: self.tickets[self.current].version > 6)
    @rule(who=PEOPLE, reason=WORDS)
    def withdraw(self, who: Operator, reason: str) -> None:
        self._try(who, c.Withdraw, reason=reason)

    @precondition(lambda self: self.tickets[self.current].version > 3)
    @rule(who=PEOPLE, index=st.integers(0, 2))
    def link(self, who: Operator, index: int) -> None:
        survivor = self.tickets[list(self.stories)[index]]
        self._try(who, c.MarkDuplicate, survivor=survivor.id, related=survivor)

    # -- what holds whatever they try

    @invariant()
    def an_owner_may_work_and_is_there_whenever_somebody_works(self) -> None:
        levels = {person.name: person.level for person in EVERYBODY}
        for ticket in self.tickets.values():
            if ticket.owner is not None:
                assert levels[ticket.owner] in (1, 2, 3), "level 0 never owns a ticket (R063)"
            if ticket.status in (Status.ACCEPTED, Status.IN_PROGRESS, Status.PENDING, Status.RESOLVED):
                assert ticket.owner is not None
            if ticket.status in (Status.NEW, Status.ROUTED):
                assert ticket.owner is None

    @invariant()
    def from_routing_to_closing_there_is_a_group_and_a_priority(self) -> None:
        """R049, R074."""
        for ticket in self.tickets.values():
            if ticket.status not in (Status.NEW, Status.WITHDRAWN, Status.DUPLICATE):
                assert ticket.group
                assert ticket.priority
                assert ticket.matrix_priority

    @invariant()
    def closed_means_confirmed(self) -> None:
        """R125."""
        for ticket in self.tickets.values():
            confirmed = ticket.confirmation is not None and ticket.confirmation.answer == "yes"
            assert confirmed == (ticket.status is Status.CLOSED)
            assert (ticket.closed_at is None) == ticket.status.is_open
            assert (ticket.synopsis is not None) == (ticket.resolved_at is not None)

    @invariant()
    def a_wait_is_a_wait(self) -> None:
        for ticket in self.tickets.values():
            assert bool(ticket.pending_reason) == (ticket.status is Status.PENDING)
            assert (ticket.pended_from is not None) == (ticket.status is Status.PENDING)

    @invariant()
    def an_override_always_has_its_reason(self) -> None:
        """R050."""
        for ticket in self.tickets.values():
            assert ticket.override_reason.strip() or ticket.priority == ticket.matrix_priority

    @invariant()
    def the_originator_follows_what_was_handed_on(self) -> None:
        """R072: unless they themselves stopped."""
        for ticket in self.tickets.values():
            assert len(set(ticket.followers)) == len(ticket.followers)
            if ticket.group and (ticket.id, ticket.originator) not in self.dropped:
                assert ticket.originator in ticket.followers

    def teardown(self) -> None:
        """At the end of the walk: versions count events, and a replay of the log's JSON gives the same tickets."""
        replayed: dict[UUID, Ticket] = {}
        counted: dict[UUID, int] = {}
        for event in self.log:
            counted[event.record_id] = counted.get(event.record_id, 0) + 1
            assert event.version == counted[event.record_id]
            said = event.happening.model_dump_json()
            read = event._replace(happening=type(event.happening).model_validate_json(said))
            assert read == event
            replayed[event.record_id] = evolve(replayed.get(event.record_id), read)
        assert replayed == self.tickets
        for ticket in self.tickets.values():
            assert Ticket.model_validate_json(ticket.model_dump_json()) == ticket


Desk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestDesk = Desk.TestCase


# -- evolve by itself

EVENTS = everything_that_happened()


def test_a_log_begins_with_a_call() -> None:
    with pytest.raises(ValueError, match="does not begin with CallLogged"):
        evolve(None, EVENTS[1])


def test_a_happening_of_no_ticket_changes_only_the_version() -> None:
    ticket = story_to(Status.ROUTED).ticket
    event = EVENTS[-1]._replace(happening=e.DeskLoaded(name="x", source=""), version=3)
    after = evolve(ticket, event)
    assert after.version == 3
    assert after.status is Status.ROUTED


@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED], ids=str)
def test_what_has_no_owner_goes_back_to_its_groups_queue(status: Status) -> None:
    """T10, T21: an older log may hold such a ticket."""
    ticket = story_to(status).ticket.model_copy(update={"owner": None, "last_owner": None, "pended_from": None})
    story = Story().later(hours=8)
    story.tickets[story.id] = ticket
    if status is Status.PENDING:
        after = story.does(TOM, c.Resume).ticket
    else:
        after = story.does(NORA, c.RecordAnswer, answer="no").ticket
    assert (after.status, after.owner) == (Status.ROUTED, None)


def test_being_watched_or_chased_is_no_progress() -> None:
    """R073: what a customer hears as the last update."""
    story = story_to(Status.ROUTED)
    moved = story.ticket.progressed_at
    story.does(TOM, c.Follow).does(NORA, c.RecordContact, reason="chase").does(OLE, c.RecordContact, reason="status")
    story.does(OLE, c.JoinCaller, caller=JoinedCaller(company="Alder", contact="Ben")).does(TOM, c.Unfollow)
    assert story.ticket.progressed_at == moved
    assert story.ticket.updated_at > moved
    assert story.does(NORA, c.RecordContact, direction="out", reason="status").ticket.progressed_at > moved


def test_facts_and_tasks_are_whole_in_the_ticket() -> None:
    call = facts(began=START, fields={"serial": "2XK"})
    ticket = logged(call, by=SYSTEM).ticket
    assert {name: getattr(ticket, name) for name in Facts.model_fields} == dict(call)
    task = story_to(Status.ROUTED).does(LEA, c.OpenVendorTask, vendor="makers").ticket.vendor_tasks
    assert isinstance(task[0], VendorTask)
