"""Who is owed a call: missed calls, calls outside phone hours, and what is most urgent but did not come by phone.

Rows: R058, R081, R084. Any call out to the customer by phone settles it.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from deskterm.desk.deskfile.centres import hours_named
from deskterm.desk.hours import OutOfReach
from deskterm.desk.records.escalation import Callback
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.desk.records.timekeeping import Promise
from deskterm.desk.tickets.grounds import Context

_BY_VOICE: Final = ("phone", "missed_call")
_SPOKEN: Final = (*_BY_VOICE, "in_person")
"""Channels on which somebody has talked to us, or tried to."""


def callback_for(facts: Facts, priority: str | None, context: Context) -> Callback | None:
    """The call that a customer is owed as soon as their request is logged; None where none is."""
    if facts.channel in _BY_VOICE and not _line_is_open(context):
        return Callback(reason="out-of-hours", since=context.now)
    if facts.channel == "missed_call":
        return Callback(reason="missed-call", since=context.now)
    return callback_by_priority(facts, priority, context)


def callback_by_priority(facts: Facts, priority: str | None, context: Context) -> Callback | None:
    """The call that is owed for the highest priority, where nobody has talked to the customer (R058)."""
    if facts.channel in _SPOKEN or priority != context.desk.scales.priority[0].key:
        return None
    return Callback(reason="priority", since=context.now)


def callback_anew(ticket: Ticket, priority: str | None, context: Context) -> Callback | None:
    """The call that is owed since a ticket got the highest priority; None where one is already, or was made."""
    if ticket.callback is not None or priority == ticket.priority or ticket.timekeeping.responded is not None:
        return None
    return callback_by_priority(ticket, priority, context)


def out_of_hours(promise: Promise | None, context: Context) -> bool:
    """Whether a call comes outside the hours that its contract covers (R084)."""
    if promise is None or context.contract is None or context.books is None:
        return False
    hours = context.books.hours(promise.desk, promise.calendar)
    return hours is not None and not hours.is_open(context.now)


def _line_is_open(context: Context) -> bool:
    """Whether somebody answers the phone now; a desk that says no hours for its lines always does (R080)."""
    books = context.books
    named = partial(books.hours, context.position) if books else partial(hours_named, context.desk)
    spoken = [channel.calendar for channel in context.desk.channel if channel.kind == "phone" and channel.calendar]
    lines = [hours for name in spoken if (hours := named(name))]
    try:
        return not lines or any(hours.is_open(context.now) for hours in lines)
    except OutOfReach:
        return True
