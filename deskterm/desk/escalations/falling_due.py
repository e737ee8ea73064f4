"""The rules of what the desk itself does when a moment of a ticket has come (T18; R091, R095, R097, R098)."""

from __future__ import annotations

from deskterm.desk import events as e
from deskterm.desk.clocks import Clock, clocks
from deskterm.desk.commands.clocks import FallDue
from deskterm.desk.escalations.escalating import automatic, on_missed
from deskterm.desk.escalations.ladders import rungs
from deskterm.desk.escalations.moments import Moment, age_ladders, missed_by, moments, name_of_clock, name_of_rung
from deskterm.desk.events.clocks import ClockMissed
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Wanting
from deskterm.desk.tickets.grounds import Context, Steps, allow
from deskterm.desk.tickets.rights import Act


def fall_due(command: FallDue, ticket: Ticket, context: Context) -> Steps:
    """Do what a moment asks for. One that has been dealt with, or moved, asks for nothing.

    Raises Wanting for a moment that has not come yet.
    """
    allow(Act.AUTO_ESCALATE, ticket, context, whatever_status=True)
    if command.due > context.now:
        raise Wanting(f"{command.what!r} has not fallen due yet (T18).", "due", "T18")
    running = clocks(ticket, context.books) if context.books else ()
    if Moment(command.due, command.what) not in moments(ticket, context.desk, running):
        return
    if command.what == "resume":
        yield e.Resumed(since=command.due)
    for clock in running:
        if clock.ended is None and clock.due == command.due and name_of_clock(clock) == command.what:
            yield from _ran_out(clock, ticket, context)
            return
    for ladder in age_ladders(ticket, context.desk):
        for rung in rungs(ladder):
            if name_of_rung(ladder, rung.stage) == command.what:
                yield from automatic(ticket, ladder, rung.stage, "age-timer", context, due=command.due)


def _ran_out(clock: Clock, ticket: Ticket, context: Context) -> Steps:
    missed = missed_by(clock)
    yield ClockMissed(clock=clock.name, due=missed.due, target=clock.target, detail=missed.detail)
    yield from on_missed(ticket, missed, context)
