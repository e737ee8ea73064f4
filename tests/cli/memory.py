"""A desk in memory behind the store's protocol: the real rules on the invented desk of `tests.people`, and no disk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from deskterm.desk import commands as c
from deskterm.desk.decide import decide, related_to
from deskterm.desk.deskfile import DeskFile, IntakeField, Operator
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.desk.refusal import Forbidden, Refusal
from deskterm.desk.tickets.intake import missing
from deskterm.desk.tickets.rights import verdicts
from deskterm.desk.tickets.say import sentence
from deskterm.desk.tickets.views import Page, QueueQuery, QueueRow, Receipt, TicketView
from deskterm.desk.timeline import entry
from deskterm.store.base import Invalid, NotAllowed, NotFound
from deskterm.store.waiting import AtHand
from tests.people import DESK, RESTART, Story


class MemoryDesk(AtHand):
    """What the shell needs of a store to carry out acts, for one operator."""

    name = "memory"

    def __init__(self, story: Story, me: Operator, *others: Ticket) -> None:
        self.me = me
        self.commands: list[Any] = []
        self._story = story
        self._kept = dict(story.tickets) | {other.id: other for other in others}

    def as_it_was(self, me: Operator, *changed: Ticket) -> MemoryDesk:
        """The same desk before anything was asked of it, seen by somebody else."""
        story = Story(self._story.number, self._story.now, self._story.contract)
        story.tickets = self._kept | {ticket.id: ticket for ticket in changed}
        story.events = list(self._story.events)
        return MemoryDesk(story, me)

    @property
    def now(self) -> Any:
        """The time at this desk."""
        return self._story.now

    @property
    def ticket_now(self) -> Ticket:
        """The ticket that the story is about."""
        return self._story.ticket

    async def desk(self) -> DeskFile:
        """The desk file."""
        return DESK

    async def ticket(self, ref: str | UUID) -> TicketView:
        """A ticket by reference or id."""
        found = next((t for t in self._story.tickets.values() if ref in (t.ref, t.id)), None)
        if found is None:
            raise NotFound(f"There is no ticket {ref}.")
        told = [entry(event, DESK) for event in self._story.events if event.record_id == found.id]
        return TicketView(
            ticket=found,
            timeline=tuple(each for each in told if each is not None),
            may=verdicts(self.me, found),
            say=sentence(found, DESK, self.now),
        )

    async def tickets(self, ids: tuple[UUID, ...]) -> tuple[Ticket, ...]:
        """Whole tickets."""
        return tuple(self._story.tickets[each] for each in ids)

    async def queue(self, query: QueueQuery) -> Page[QueueRow]:
        """Nothing waits here."""
        return Page(())

    async def submit(self, command: Any) -> Receipt:
        """Let the rules decide."""
        story = self._story
        self.commands.append(command)
        new = isinstance(command, c.LogCall)
        if new:
            story.id, story.number = command.ticket, story.number + 1
        ticket = None if new else story.tickets[command.ticket]
        related = related_to(command, ticket)
        other = next((t for t in story.tickets.values() if related in (t.id, t.ref)), None) if related else None
        known = RESTART if getattr(command, "solution", "") == RESTART.key else None
        try:
            story.decision = decide(ticket, command, story.context(self.me, other, known))
        except Refusal as refusal:
            kind = NotAllowed if isinstance(refusal, Forbidden) else Invalid
            raise kind(refusal.message, rule=refusal.rule) from refusal
        story._happen(self.me, command)
        held = story.decision.held_back
        record = story.decision.steps[0].record if new else command.ticket
        return Receipt(
            command_id=command.id, position=1, record_id=record, version=story.tickets[record].version,
            ref=story.tickets[record].ref, held_back=held.message if held else "", rule=held.rule if held else "",
            events=len(story.decision.steps),
        )  # fmt: skip

    async def still_to_ask(self, facts: Facts) -> tuple[IntakeField, ...]:
        """What is not answered yet."""
        return missing(DESK, facts)

    async def callers(self, text: str, limit: int = 8) -> tuple[()]:
        """Nobody is known here."""
        return ()

    async def find(self, text: str, limit: int = 20) -> tuple[()]:
        """Nothing is found here."""
        return ()

    async def card(self, contact_id: UUID | None, company_id: UUID | None, caller: Facts | None = None) -> Any:
        """Nobody is known here."""
        raise NotFound("There is no such company.")

    async def close(self) -> None:
        """There is nothing to let go of."""
