"""A history put into an empty store by the store's own bulk path, quicker than an import of it would be.

Rows of the log and the receipts come in as they are to stand there. Each ticket is projected once, as it stands at the
end, by what projects it after every command; the full text is made in one go. The result is that of submitting every
command on its own (`tests/test_benchmarks.py`), and `deskterm verify` finds nothing to say against it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from benchmarks.history import Chapter
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.records.ticket import Ticket
from deskterm.store import earlier_rows, full_text, log, ticket_rows
from deskterm.store.desk_books import DeskBooks, Shelf
from deskterm.store.preparing import prepare
from deskterm.store.projections import Projector
from deskterm.store.schema import event, receipt
from deskterm.store.ticket_rows import Turn

_PRAGMAS: Final = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -600000")
"""A store that is made anew if anything goes wrong needs no journal."""
_INDEXES: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_READ: Final = Ticket.model_validate_json


def make(path: Path, desk: DeskFile, chapters: Iterable[Chapter]) -> int:
    """Make a store of a whole history; returns how many events it has."""
    prepare(path)
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    engine = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=sa.pool.StaticPool)
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").close()
    indexes = raw.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        raw.execute(f"DROP INDEX {name}").close()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        position = _Making(connection, raw, desk).written(chapters)
        full_text.index_anew(connection, "ticket_fts")
        connection.commit()
    for _, statement in indexes:
        raw.execute(statement).close()
    raw.execute("PRAGMA locking_mode = NORMAL").close()
    raw.execute("PRAGMA journal_mode = WAL").close()
    raw.close()
    engine.dispose()
    return position


class _Making:
    """Writes chapter after chapter."""

    def __init__(self, connection: sa.Connection, raw: sqlite3.Connection, desk: DeskFile) -> None:
        self._connection, self._raw, self._desk = connection, raw, desk
        shelf = Shelf()
        self._books = DeskBooks(connection, shelf)
        self._projector = Projector(connection, shelf=shelf, full_text=False)
        self._event, self._receipt = _insert(event), _insert(receipt)

    def written(self, chapters: Iterable[Chapter]) -> int:
        """Write chapters, and return where the log ends."""
        position, last_hash = 0, ""
        for chapter in chapters:
            self._write(chapter)
            position, last_hash = chapter.head
        log.set_head(self._connection, position, last_hash)
        return position

    def _write(self, chapter: Chapter) -> None:
        if chapter.entered:
            log.insert(self._connection, chapter.entered)
            self._projector.apply(map(log.read, chapter.entered))
        self._raw.executemany(self._event, chapter.events).close()
        self._raw.executemany(self._receipt, chapter.receipts).close()
        for stranger in chapter.strangers:
            earlier_rows.project(self._connection, None, _READ(stranger), self._desk.desk.country)
        turns = [Turn(None, _READ(state), [said]) for state, said in chapter.tickets]
        if turns:
            ticket_rows.project(self._connection, turns, self._desk, self._books, full_text=False)


def _insert(table: sa.Table) -> str:
    return f"INSERT INTO {table.name} ({', '.join(table.c.keys())}) VALUES ({', '.join('?' * len(table.c))})"
