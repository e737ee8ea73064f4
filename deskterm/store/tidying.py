"""Housekeeping while nobody waits: merge the full-text index, fold the write-ahead log into the file."""

from __future__ import annotations

import sqlalchemy as sa

from deskterm.store import full_text
from deskterm.store.writing import handed


def tidy(connection: sa.Connection) -> None:
    """Do a bounded piece of the work; the rest waits for the next pause."""
    with connection.begin():
        full_text.merge(connection)
    fold(connection)


def fold(connection: sa.Connection) -> None:
    """Fold into the file what the write-ahead log holds and no reader stands on; others may write meanwhile."""
    handed(connection, "PRAGMA wal_checkpoint(PASSIVE)")
