"""Housekeeping while nobody waits: merge the full-text index, fold the write-ahead log into the file."""

from __future__ import annotations

import sqlalchemy as sa

from deskterm.store import full_text


def tidy(connection: sa.Connection) -> None:
    """Do a bounded piece of the work; the rest waits for the next pause."""
    with connection.begin():
        full_text.merge(connection)
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
