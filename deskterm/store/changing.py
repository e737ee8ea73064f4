"""Changes, decided and read on what the store holds: the ticket each is for, and the windows of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.changes.evolve import evolve_change
from deskterm.desk.changes.grounds import ChangeContext
from deskterm.desk.changes.timeline import change_entry
from deskterm.desk.changes.views import (
    ChangeLine,
    ChangeQuery,
    ChangeView,
    WindowGuard,
    is_concerned,
    line_of,
    view_of,
    window_guard,
)
from deskterm.desk.changes.window import Booked, as_it_is, veiled
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.events import Event
from deskterm.desk.events.changes import ChangeHappening, ChangeRaised
from deskterm.desk.records.change import Change
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Refusal
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.store import change_rows, conflicts, files, log, lookups, sight, ticket_rows
from deskterm.store.base import Invalid, NotFound

if TYPE_CHECKING:
    from deskterm.desk.commands.changes import AnyChangeCommand, RaiseChange

AHEAD: Final = timedelta(days=92)
"""How far ahead the windows of other changes are looked up: further than a free one is looked for."""


@dataclass(frozen=True, slots=True)
class Office:
    """Where changes are decided and read: the desk in force, whoever acts, and the moment."""

    connection: sa.Connection
    desk: DeskFile
    actor: Operator
    now: datetime

    def decide(self, command: AnyChangeCommand) -> tuple[str, tuple[ChangeHappening, ...]]:
        """The change's reference and what happens to it. Raises Refusal, Conflict, NotFound or Invalid."""
        from deskterm.desk.changes.decide import decide_change, ticket_of
        from deskterm.desk.commands.changes import RaiseChange

        if isinstance(command, RaiseChange):
            return self._raise(command)
        change = change_rows.load(self.connection, command.change)
        if change is None:
            raise NotFound("There is no such change.")
        ticket = self._seen(change.ticket, change.ref)
        if (named := ticket_of(command, change)) not in (None, change.ticket):
            ticket = self._seen(named)
        if (file := getattr(command, "file", None)) is not None:
            files.known(self.connection, file, self._hidden)
        context = self.context(change, ticket)
        try:
            decided = decide_change(change, command, context)
        except Refusal as refusal:
            conflicts.explain(
                self.connection, change, command.seen, refusal, evolve=evolve_change, told=self.told,
                decide=lambda before: decide_change(before, command, context),
            )  # fmt: skip
            raise
        conflicts.check(self.connection, change, decided, command.seen, self.told)
        return change.ref, decided

    def _raise(self, command: RaiseChange) -> tuple[str, tuple[ChangeHappening, ...]]:
        from deskterm.desk.changes.decide import decide_change

        if log.last_of(self.connection, command.change).version:
            raise Invalid("This change was raised before; its id is taken.", field="change")
        ticket = self._seen(command.ticket)
        number = change_rows.next_number(self.connection)
        context = ChangeContext(self.desk, self.actor, self.now, next_number=number, ticket=ticket)
        decided = decide_change(None, command, context)
        return next(each.ref for each in decided if isinstance(each, ChangeRaised)), decided

    def context(self, change: Change, ticket: Ticket | None) -> ChangeContext:
        """What the rules may know besides the change."""
        # Time never runs backwards on a change, whatever this machine's clock says.
        now = max(self.now, change.updated_at)
        return ChangeContext(self.desk, self.actor, now, ticket=ticket, others=self._others(change, now))

    def _others(self, change: Change, now: datetime) -> tuple[Booked, ...]:
        span = [each for each in (now, change.starts, change.ends) if each is not None]
        first, last = min(span), max(span) + AHEAD
        found = change_rows.windows(self.connection, first, last)
        # That a window is taken is for all to know; what for, for those who may see it (R226).
        seen = {each.id for each in self.windows(first, last)} if self._hidden else {each.id for each in found}
        return tuple(each if each.id in seen else veiled(each, change) for each in found)

    def _ticket(self, wanted: UUID | str | None) -> Ticket | None:
        if wanted is None or isinstance(wanted, UUID):
            return ticket_rows.load(self.connection, wanted) if wanted else None
        return lookups.ticket(self.connection, wanted, self.desk)

    def _seen(self, wanted: UUID | str | None, ref: str = "") -> Ticket | None:
        """A ticket that somebody names, or that the change `ref` is for. Raises NotAllowed where it is not for them."""
        found = self._ticket(wanted)
        return sight.seen(found, self._hidden, ref) if found else None

    @property
    def _hidden(self) -> sight.Hidden:
        return self.desk.hidden_from(self.actor)

    def told(self, event: Event) -> TimelineEntry | None:
        """What happened to a change, in words."""
        return change_entry(event, self.desk)

    # -- reading

    def view(self, ref: str | UUID) -> ChangeView:
        """A change opened, as it stands at this moment for whoever looks."""
        change = change_rows.named(self.connection, ref)
        ticket = self._seen(change.ticket, change.ref)
        told = map(self.told, log.events_of(self.connection, change.id))
        return view_of(change, self.context(change, ticket), (each for each in told if each is not None))

    def lines(self, query: ChangeQuery) -> tuple[ChangeLine, ...]:
        """Changes as lines of a list."""
        ticket = self._seen(query.ticket) if query.ticket else None
        of = ticket.id if ticket else None
        found = change_rows.listed(self.connection, query, of, self.actor, self._hidden)
        return tuple(line_of(as_it_is(each, self.now), change_rows.key_of(each)) for each in found)

    def windows(self, first: datetime, last: datetime) -> tuple[Booked, ...]:
        """The windows that touch a span, of the changes that this operator may see."""
        return change_rows.windows(self.connection, first, last, self._hidden)

    def guards(self) -> tuple[WindowGuard, ...]:
        """The watch on every window that is this operator's business, the one that ends first before the others."""
        shown = change_rows.at_work(self.connection, self._hidden)
        mine = (each for each in shown if is_concerned(each, self.actor))
        found = (window_guard(as_it_is(each, self.now), self.now) for each in mine)
        return tuple(guard for guard in found if guard is not None)
