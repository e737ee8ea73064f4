"""What is kept ready for reading, made from events alone: project the log again and the same rows come out.

One `Projector` lives as long as one transaction (or one replay). It keeps the desk in force at the event it stands
at, since ranks, names and telephone habits are the desk's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk import events as e
from deskterm.desk.deskfile import DeskFile, Identity, Scales, Step
from deskterm.desk.evolve import evolve
from deskterm.desk.records.ticket import Ticket
from deskterm.store import change_rows, customer_rows, desk_rows, earlier_rows, full_text, ticket_rows, timers, words
from deskterm.store.desk_books import DeskBooks, Shelf
from deskterm.store.schema import PROJECTIONS
from deskterm.store.ticket_rows import Turn

NO_DESK = DeskFile(
    desk=Identity(name="none"),
    scales=Scales(
        impact=(Step(key="none", name="none"),),
        urgency=(Step(key="none", name="none"),),
        priority=(Step(key="none", name="none"),),
    ),
    matrix={"none": ("none",)},
)
"""Stands in for the desk before any was loaded."""


class Projector:
    """Applies events to the projections, one after another, through one connection.

    Without `full_text`, that of the tickets is left to be made anew afterwards, which is quicker for a whole log.
    """

    def __init__(
        self,
        connection: sa.Connection,
        desk: DeskFile | None = None,
        *,
        shelf: Shelf | None = None,
        remembered: int = 64,
        full_text: bool = True,
    ) -> None:
        self.connection = connection
        self._books = DeskBooks(connection, shelf or Shelf())
        self.desk = desk or NO_DESK
        self._tickets: dict[UUID, Ticket] = {}
        self._remembered = remembered
        self._full_text = full_text

    def ticket(self, record: UUID) -> Ticket | None:
        """A ticket as it stands."""
        found = self._tickets.get(record) or ticket_rows.load(self.connection, record)
        return self.remember(found) if found else None

    def apply(self, events: Iterable[e.Event], stands: Ticket | None = None) -> None:
        """Bring the projections behind some events. A ticket's rows are written once for events that follow closely.

        `stands` is how a new ticket stands after all of them, where whoever decided them has worked that out.
        """
        for kind, run in groupby(events, key=lambda event: event.record_kind):
            if kind == "ticket":
                self._tickets_on(run, stands)
            elif kind == "change":
                change_rows.project(self.connection, run, self.desk)
            else:
                for event in run:
                    self._other(event)

    def _tickets_on(self, events: Iterable[e.Event], stands: Ticket | None) -> None:
        before: dict[UUID, Ticket | None] = {}
        said: defaultdict[UUID, list[str]] = defaultdict(list)
        after: dict[UUID, Ticket] = {}
        for event in events:
            record = event.record_id
            if record not in before:
                before[record] = None if event.version == 1 else self.ticket(record)
            stood = after.get(record, before[record])
            after[record] = stands if stands is not None and stands.id == record else evolve(stood, event)
            # Event by event: who called first, and under which spelling last, is a matter of their order.
            earlier_rows.project(self.connection, stood, after[record], self.desk.desk.country)
            said[record].append(words.said_in(event))
        turns = [Turn(before[record], self.remember(ticket), said[record]) for record, ticket in after.items()]
        ticket_rows.project(self.connection, turns, self.desk, self._books, full_text=self._full_text)

    def _other(self, event: e.Event) -> None:
        happening = event.happening
        if isinstance(happening, e.Registered):
            if happening.entry.kind == "solution":
                desk_rows.put_solution(self.connection, "pool", happening.entry)
            else:
                customer_rows.project(self.connection, happening.entry, event, self.desk.desk.country)
        elif isinstance(happening, e.DeskLoaded):
            self.desk = desk_rows.load_desk(self.connection, event, happening, self.desk)
            timers.set_again(self.connection, self.desk, self._books)
        elif isinstance(happening, e.ViewSaved):
            desk_rows.save_view(self.connection, event, happening)
        elif isinstance(happening, e.ViewForgotten):
            desk_rows.forget_view(self.connection, event)

    def remember(self, ticket: Ticket) -> Ticket:
        """Keep a ticket at hand as it stands; the oldest are forgotten."""
        if len(self._tickets) >= self._remembered and ticket.id not in self._tickets:
            self._tickets.pop(next(iter(self._tickets)))
        self._tickets[ticket.id] = ticket
        return ticket


def empty(connection: sa.Connection) -> None:
    """Empty every projection and its full text."""
    full_text.empty(connection)
    for table in PROJECTIONS:
        connection.execute(table.delete())
