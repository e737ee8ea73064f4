"""What each operator has looked at, so that a change by somebody else shows as unread (R072). Not part of the log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_REMEMBER = sa.text(
    "INSERT INTO seen(operator, ticket_id, version) VALUES (:operator, :ticket_id, :version) "
    "ON CONFLICT (operator, ticket_id) DO UPDATE SET version = excluded.version WHERE excluded.version > seen.version"
).bindparams(sa.bindparam("ticket_id", type_=sa.Uuid()))


def remember(connection: sa.Connection, values: dict[str, Any]) -> None:
    """Note that an operator has seen a version of a ticket; an older version changes nothing."""
    connection.execute(_REMEMBER, values)
