"""The full-text index behind the rows that have words: kept, made anew, checked and merged.

SQLite is told of every change of words: its index knows no rows. PostgreSQL keeps an index of its own accord
(`deskterm.store.postgres.settling`), so there is nothing to do there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from deskterm.store.schema import FULL_TEXT
from deskterm.store.writing import run

PAGES: Final = 500
"""Full-text pages merged at one go, a few milliseconds' work: somebody may begin to type."""


def index(connection: sa.Connection, table: str, texts: Sequence[tuple[int, str, str]]) -> None:
    """Replace rows' words in a full-text table, each by number; it has to be told the old ones to forget them."""
    if not _is_told(connection):
        return
    changed = [text for text in texts if text[1] != text[2]]
    gone = [(number, old) for number, old, _ in changed if old]
    come = [(number, new) for number, _, new in changed if new]
    if gone:
        run(connection, f"INSERT INTO {table}({table}, rowid, words) VALUES ('delete', ?, ?)", gone)
    if come:
        run(connection, f"INSERT INTO {table}(rowid, words) VALUES (?, ?)", come)


def index_anew(connection: sa.Connection, table: str) -> None:
    """Make a full-text table from the rows it indexes, and leave it in one piece: the fastest to search."""
    if _is_told(connection):
        connection.exec_driver_sql(f"INSERT INTO {table}({table}) VALUES ('rebuild')")
        connection.exec_driver_sql(f"INSERT INTO {table}({table}) VALUES ('optimize')")


def empty(connection: sa.Connection) -> None:
    """Forget all words, before all rows are deleted."""
    if _is_told(connection):
        for table in FULL_TEXT:
            connection.exec_driver_sql(f"INSERT INTO {table}({table}) VALUES ('delete-all')")


def merge(connection: sa.Connection) -> None:
    """Merge a bounded piece of the index, which would else be done while somebody waits for a commit."""
    for table in FULL_TEXT:
        connection.exec_driver_sql(f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)", (PAGES,))


def wrong(connection: sa.Connection) -> Iterator[str]:
    """The tables whose full-text index is not what they say. Needs the writer's connection, but changes nothing."""
    if _is_told(connection):
        for table, indexed in FULL_TEXT.items():
            try:
                connection.exec_driver_sql(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
            except sa.exc.DBAPIError:
                yield indexed


def _is_told(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"
