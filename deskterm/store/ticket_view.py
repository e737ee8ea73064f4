"""A ticket opened: its thread, its clocks, what may be done and what to say, and why its clocks say what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.clocks import clocks
from deskterm.desk.deskfile import DeskFile, IntakeField, Operator
from deskterm.desk.deskfile.centres import HoursNamed, place_of
from deskterm.desk.records.ticket import Facts
from deskterm.desk.records.timekeeping import ClockName
from deskterm.desk.tickets.intake import missing
from deskterm.desk.tickets.rights import verdicts
from deskterm.desk.tickets.say import sentence
from deskterm.desk.tickets.views import TicketView
from deskterm.desk.timeline import entry
from deskterm.store import log, lookups, sight
from deskterm.store.desk_books import DeskBooks, Shelf

if TYPE_CHECKING:
    from deskterm.desk.clocks.explaining import Explanation


def view(
    connection: sa.Connection, ref: str | UUID, desk: DeskFile, me: Operator, now: datetime, shelf: Shelf,
    hours: HoursNamed,
) -> TicketView:  # fmt: skip
    """Open a ticket by reference or id. Raises NotFound, or Invalid for a bad digit."""
    ticket = sight.seen(lookups.ticket(connection, ref, desk), desk.hidden_from(me))
    running = clocks(ticket, DeskBooks(connection, shelf))
    group = desk.group_named(ticket.group) if ticket.group else None
    place = place_of(desk, group, now, hours)
    opens_at = place.changes_at if place and not place.is_open else None
    told = (entry(event, desk) for event in log.events_of(connection, ticket.id))
    return TicketView(
        ticket=ticket,
        timeline=tuple(found for found in told if found is not None),
        may=verdicts(me, ticket),
        say=sentence(ticket, desk, now, running, opens_at),
        clocks=running,
        still_to_ask=tuple(field.label or field.key for field in asked(connection, desk, ticket)),
        opens_at=opens_at,
    )


def explained(
    connection: sa.Connection, ref: str | UUID, desk: DeskFile, me: Operator, now: datetime, shelf: Shelf,
    clock: ClockName | None,
) -> tuple[Explanation, ...]:  # fmt: skip
    """Why the clocks of a ticket say what they say: all of them, or one. Raises as `view` does."""
    from deskterm.desk.clocks.explaining import explain_all
    from deskterm.desk.tickets.priority import name_of

    ticket = sight.seen(lookups.ticket(connection, ref, desk), desk.hidden_from(me))
    found = explain_all(ticket, DeskBooks(connection, shelf), now, desk.desk.zone)
    wanted = (each for each in found if clock in (None, each.clock.name))
    named = ((each, name_of(desk.scales.priority, each.priority)) for each in wanted)
    return tuple(replace(e, desk_file=shelf.name(connection, e.clock.desk), priority=name) for e, name in named)


def asked(connection: sa.Connection, desk: DeskFile, facts: Facts) -> tuple[IntakeField, ...]:
    """Intake fields a call has not answered yet, required ones first."""
    contract = lookups.contract_for(connection, facts.contract, facts.company_id, facts.company)
    return missing(desk, facts, contract)
