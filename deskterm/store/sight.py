"""Who sees which tickets: those of a restricted group are for its members alone (R226).

Every read and every write of a ticket for somebody goes through here. What it is with now counts: a ticket that is
handed on out of the group is seen by everybody again. The log itself, its backup and its copies hold everything; an
export, which anybody can read with an editor, is for those who may see all that is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import HIDDEN, Change
from deskterm.store.base import NotAllowed
from deskterm.store.schema import change, event, ticket

Hidden = tuple[str, ...]
"""Names of the groups whose tickets somebody does not see (`DeskFile.hidden_from`)."""
_WITH = sa.select(ticket.c.id).where(
    ticket.c.id.in_(sa.bindparam("records", expanding=True)),
    ticket.c.group_name.in_(sa.bindparam("hidden", expanding=True)),
)

_IS_HIDDEN = ticket.c.group_name.in_(sa.bindparam("hidden", expanding=True))
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


def seen(found: Ticket, hidden: Hidden) -> Ticket:
    """The ticket, for somebody who may see it. Raises NotAllowed, which says who to ask and nothing else of it."""
    if found.group in hidden:
        raise NotAllowed(f"{found.ref} is with {found.group}, and only its members see it (R226).", rule="R226")
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
    """What the feed tells somebody: of hidden tickets no more than that something changed."""
    records = {change.record_id for change in changes if change.record_kind == "ticket"} if hidden else set()
    if not records:
        return changes
    away = _away(connection, records, hidden)
    return tuple(
        replace(change, kind=HIDDEN, actor="", command_id=None) if change.record_id in away else change
        for change in changes
    )


def _away(connection: sa.Connection, records: Iterable[UUID], hidden: Hidden) -> set[UUID]:
    return set(connection.execute(_WITH, {"records": list(records), "hidden": list(hidden)}).scalars())
