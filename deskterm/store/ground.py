"""What a command finds before it is decided: where the log and its record end, and whether it was carried out before.

One statement, since each is a good part of the time that an operator waits for a call to be saved.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from deskterm.store.log import Last
from deskterm.store.schema import event, head, receipt, ticket
from deskterm.store.writing import Asking

_NEWER: Final = event.alias("newer")
_NEWEST: Final = (
    sa.select(sa.func.max(_NEWER.c.version)).where(_NEWER.c.record_id == sa.bindparam("record")).scalar_subquery()
)
_FOUND: Final = Asking(
    sa.select(
        head.c.position,
        sa.select(sa.func.max(ticket.c.number)).scalar_subquery().label("number"),
        receipt.c.request_hash,
        receipt.c.answer,
        event.c.version,
        event.c.hash,
        event.c.at,
    ).select_from(
        head.outerjoin(receipt, receipt.c.command_id == sa.bindparam("command")).outerjoin(
            event, (event.c.record_id == sa.bindparam("record")) & (event.c.version == _NEWEST)
        )
    )
)


class Ground(NamedTuple):
    """Only true inside the write transaction in which it was found."""

    position: int
    """Of the last event in the log."""
    number: int
    """The highest that a ticket has; 0 where there is none."""
    end: Last
    """Where the log of the command's record ends."""
    request_hash: str | None
    """Of the command, if it was carried out before; then `answer` is what it got."""
    answer: str = ""


def found(connection: sa.Connection, command: UUID, record: UUID | None) -> Ground:
    """Look for a command on a record; None for one whose record is yet to be worked out."""
    ((position, number, request_hash, answer, *last),) = _FOUND(connection, {"command": command, "record": record})
    end = Last(*last) if last[0] is not None else Last()
    return Ground(position, number or 0, end, request_hash, answer or "")
