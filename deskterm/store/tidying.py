"""Housekeeping while nobody waits: merge the full-text index, fold the write-ahead log into the file."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from deskterm.store.schema import FULL_TEXT

PAGES: Final = 500
"""Full-text pages merged at one go, a few milliseconds' work: somebody may begin to type."""


def tidy(connection: sa.Connection) -> None:
    """Do a bounded piece of the work; the rest waits for the next pause."""
    with connection.begin():
        for index in FULL_TEXT:
            connection.exec_driver_sql(f"INSERT INTO {index}({index}, rank) VALUES ('merge', ?)", (PAGES,))
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
