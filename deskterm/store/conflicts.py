"""Whether two people meant the same facts: somebody decided by an older version of a record than there is now."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.events import Amended, Event
from deskterm.desk.record import Happening
from deskterm.desk.records.change import Change
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Refusal
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.store import log
from deskterm.store.base import Conflict

Record = TypeVar("Record", Ticket, Change)
Told = Callable[[Event], TimelineEntry | None]
"""Puts an event into words."""


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


def check(
    connection: sa.Connection,
    record: Ticket | Change,
    decided: Iterable[Happening],
    seen: int | None,
    told: Told,
    own: Container[UUID] = (),
) -> None:
    """Raise Conflict where what was decided changes facts that somebody else changed since its author looked.

    `own` are commands that the author knew of, however late they came.
    """
    if seen is None or seen >= record.version:
        return
    later = tuple(event for event in log.events_of(connection, record.id, after=seen) if event.command_id not in own)
    if touched(decided) & touched(event.happening for event in later):
        raise _conflict(record, later, told)


def explain(
    connection: sa.Connection,
    record: Record,
    seen: int | None,
    refusal: Refusal,
    *,
    evolve: Callable[[Record | None, Event], Record],
    decide: Callable[[Record | None], object],
    told: Told,
    own: Container[UUID] = (),
) -> None:
    """Raise Conflict where a refused command would have been fine as its author saw the record."""
    if seen is None or not 1 <= seen < record.version:
        return
    before: Record | None = None
    later: list[Event] = []
    for event in log.events_of(connection, record.id):
        if event.version <= seen or event.command_id in own:
            before = evolve(before, event)
        else:
            later.append(event)
    try:
        decide(before)
    except Refusal:
        return
    raise _conflict(record, later, told) from refusal


def _conflict(record: Ticket | Change, later: Iterable[Event], told: Told) -> Conflict:
    entries = tuple(found for event in later if (found := told(event)) is not None)
    what = "; ".join(f"{e.title} ({e.actor})" for e in entries)
    return Conflict(f"{record.ref} was changed meanwhile: {what}. Please look again.", entries, record.version)
