"""Whether two people meant the same facts: somebody decided by an older version of a ticket than there is now."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from deskterm.desk.commands import AnyTicketCommand
from deskterm.desk.decide import decide
from deskterm.desk.events import Amended, Event
from deskterm.desk.evolve import evolve
from deskterm.desk.grounds import Context, Decision
from deskterm.desk.record import Happening
from deskterm.desk.refusal import Refusal
from deskterm.desk.ticket import Ticket
from deskterm.desk.timeline import entry
from deskterm.store import log
from deskterm.store.base import Conflict


def touched(happenings: Iterable[Happening]) -> frozenset[str]:
    """The facts that some happenings change."""
    names: set[str] = set()
    for happening in happenings:
        names |= getattr(happening, "touches", frozenset())
        if isinstance(happening, Amended):
            fields = happening.changes.get("fields")
            names |= happening.changes.keys() - {"fields"}
            names |= {f"fields.{key}" for key in fields} if isinstance(fields, dict) else set()
    return frozenset(names)


def check(connection: sa.Connection, ticket: Ticket, decision: Decision, seen: int | None, context: Context) -> None:
    """Raise Conflict where the decision changes facts that somebody else changed since its author looked."""
    if seen is None or seen >= ticket.version:
        return
    later = log.events_of(connection, ticket.id, after=seen)
    mine = touched(step.happening for step in decision.steps if step.record == ticket.id)
    if mine & touched(event.happening for event in later):
        raise _conflict(ticket, later, context)


def explain(
    connection: sa.Connection,
    ticket: Ticket,
    command: AnyTicketCommand,
    refusal: Refusal,
    context: Context,
) -> None:
    """Raise Conflict where a refused command would have been fine as its author saw the ticket."""
    seen = command.seen
    if seen is None or not 1 <= seen < ticket.version:
        return
    before: Ticket | None = None
    later: list[Event] = []
    for event in log.events_of(connection, ticket.id):
        if event.version <= seen:
            before = evolve(before, event)
        else:
            later.append(event)
    try:
        decide(before, command, context)
    except Refusal:
        return
    raise _conflict(ticket, later, context) from refusal


def _conflict(ticket: Ticket, later: Iterable[Event], context: Context) -> Conflict:
    entries = tuple(found for event in later if (found := entry(event, context.desk)) is not None)
    what = "; ".join(f"{e.title} ({e.actor})" for e in entries)
    return Conflict(f"{ticket.ref} was changed meanwhile: {what}. Please look again.", entries, ticket.version)
