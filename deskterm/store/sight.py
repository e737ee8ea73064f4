"""Who sees which tickets and changes: those of a restricted group are for its members alone (R226).

Every read and every write of a ticket for somebody goes through here. What it is with now counts: a ticket that is
handed on out of the group is seen by everybody again. A change is seen by those who see the ticket it is for. The log
itself, its backup, its copies and its export hold everything: they are for whoever has the desk itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import HIDDEN, Change
from deskterm.store.base import NotAllowed
from deskterm.store.schema import change, event, ticket

Hidden = tuple[str, ...]
"""Names of the groups whose tickets somebody does not see (`DeskFile.hidden_from`)."""
KINDS: Final = ("ticket", "change")
"""Kinds of records that are not for everybody."""
_IS_HIDDEN = ticket.c.group_name.in_(sa.bindparam("hidden", expanding=True))
_OF_HIDDEN = sa.select(change.c.id).join(ticket, ticket.c.id == change.c.ticket_id).where(_IS_HIDDEN)
_AWAY = sa.union_all(
    *(
        found.where(record.in_(sa.bindparam("records", expanding=True)))
        for found, record in (
            (sa.select(ticket.c.id).where(_IS_HIDDEN), ticket.c.id),
            (_OF_HIDDEN, change.c.id),
            (_OF_HIDDEN, change.c.ticket_id),
        )
    )
)
_NAMING = (
    sa.select(sa.func.coalesce(ticket.c.group_name, ""))
    .select_from(change)
    .join(event, event.c.record_id == change.c.id)
    .join(ticket, ticket.c.id == change.c.ticket_id, isouter=True)
    .where(event.c.payload.contains(sa.bindparam("digest")))
    .limit(1)
)
_NAMING_HIDDEN = _NAMING.where(_IS_HIDDEN)
_NAMING_OTHER = _NAMING.where(sa.or_(ticket.c.id.is_(None), sa.not_(_IS_HIDDEN)))


def unhidden(found: sa.Select[Any], hidden: Hidden, column: sa.ColumnElement[str] = ticket.c.group_name) -> Any:
    """The statement, without the tickets of hidden groups; `column` holds the group of each."""
    return found.where(column.not_in(hidden)) if hidden else found


def unhidden_changes(found: sa.Select[Any], hidden: Hidden) -> Any:
    """The statement over changes, without those that are for tickets of hidden groups."""
    away = sa.select(ticket.c.id).where(ticket.c.id == change.c.ticket_id, ticket.c.group_name.in_(hidden))
    return found.where(~away.exists()) if hidden else found


def seen(found: Ticket, hidden: Hidden, ref: str = "") -> Ticket:
    """The ticket, for somebody who may see it. Raises NotAllowed, which says who to ask and nothing else of it.

    `ref` is what they asked for, where that was not the ticket but a change for it.
    """
    if found.group in hidden:
        raise NotAllowed(f"{ref or found.ref} is with {found.group}, and only its members see it (R226).", rule="R226")
    return found


def those_seen(found: Iterable[Ticket], hidden: Hidden) -> tuple[Ticket, ...]:
    """Those of some tickets that somebody may see."""
    return tuple(each for each in found if each.group not in hidden)


def file_seen(connection: sa.Connection, digest: str, hidden: Hidden) -> None:
    """Make sure that somebody may read a file. Raises NotAllowed for one that only changes of hidden tickets name."""
    asked = {"digest": digest, "hidden": list(hidden)}
    group = connection.execute(_NAMING_HIDDEN, asked).scalar() if hidden else None
    if group and connection.execute(_NAMING_OTHER, asked).scalar() is None:
        raise NotAllowed(f"This file is evidence for {group}, and only its members see it (R226).", rule="R226")


def told(connection: sa.Connection, changes: tuple[Change, ...], hidden: Hidden) -> tuple[Change, ...]:
    """What the feed tells somebody: of hidden tickets and changes no more than that something changed."""
    gone = away(connection, (each.record_id for each in changes if each.record_kind in KINDS), hidden)
    return tuple(
        replace(change, kind=HIDDEN, actor="", command_id=None) if change.record_id in gone else change
        for change in changes
    )


def away(connection: sa.Connection, records: Iterable[UUID], hidden: Hidden) -> frozenset[UUID]:
    """Those of some tickets and changes that somebody does not see, and every change for one of these tickets."""
    asked = list(dict.fromkeys(records)) if hidden else []
    if not asked:
        return frozenset()
    return frozenset(connection.execute(_AWAY, {"records": asked, "hidden": list(hidden)}).scalars())
