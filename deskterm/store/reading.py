"""What each operator has looked at, so that a change by somebody else shows as unread (R072). Not part of the log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from deskterm.store.schema import seen

_NEW = insert(seen)
_REMEMBER = _NEW.on_conflict_do_update(
    index_elements=[seen.c.operator, seen.c.ticket_id],
    set_={"version": _NEW.excluded.version},
    where=_NEW.excluded.version > seen.c.version,
)


def remember(connection: sa.Connection, values: dict[str, Any]) -> None:
    """Note that an operator has seen a version of a ticket; an older version changes nothing."""
    connection.execute(_REMEMBER, values)
