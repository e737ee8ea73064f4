"""How long a ticket took: until somebody responded and until service was back, by the wall clock and in cover (R089).

Counted from when its clocks began. Working time is that of the calendar promised last, without the waits that stop
clocks; where nothing was promised there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from deskterm.desk.clocks import Books, pauses
from deskterm.desk.hours import OutOfReach, elapsed

if TYPE_CHECKING:
    from deskterm.desk.records.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Turnaround:
    """The times of one ticket; None where that did not happen, or no calendar counts it."""

    response_wall: timedelta | None = None
    response_work: timedelta | None = None
    restore_wall: timedelta | None = None
    restore_work: timedelta | None = None


def turnaround(ticket: Ticket, books: Books) -> Turnaround:
    """The times of a ticket that is resolved; none of one that is not."""
    if ticket.resolved_at is None:
        return Turnaround()
    response, restore = ticket.timekeeping.responded, ticket.resolved_at
    return Turnaround(
        _wall(ticket, response), _work(ticket, response, books), _wall(ticket, restore), _work(ticket, restore, books)
    )


def _wall(ticket: Ticket, until: datetime | None) -> timedelta | None:
    return until - ticket.timekeeping.started if until is not None else None


def _work(ticket: Ticket, until: datetime | None, books: Books) -> timedelta | None:
    kept = ticket.timekeeping
    if until is None or kept.promise is None:
        return None
    hours = books.hours(kept.promise.desk, kept.promise.calendar)
    if hours is None:
        return None
    try:
        return elapsed(hours, kept.started, until, pauses(kept, until))
    except OutOfReach:
        return None
