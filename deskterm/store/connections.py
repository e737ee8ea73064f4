"""A store in one SQLite file: how it is opened, written, watched and tidied.

A write is one `BEGIN IMMEDIATE` transaction: one that read first and wrote then would fail at once where it should
wait. A read is one snapshot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from deskterm.store import examining, holding
from deskterm.store.base import Capabilities, StoreError
from deskterm.store.connected import Connected, Result, Sentinel, Work
from deskterm.store.tidying import fold, tidy
from deskterm.store.trouble import sqlite_code, told, unreadable

BUSY_SECONDS: Final = 5.0
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # With NORMAL a power cut loses calls that were already confirmed to their callers.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -4000",
    # It is folded in behind everybody's back; this is the net under that.
    "PRAGMA wal_autocheckpoint = 4000",
)
FOLDED_AFTER: Final = 24
"""Commits after which a reader's thread folds the write-ahead log into the file: some megabytes."""


def engine_for(connect: Callable[[], sqlite3.Connection], begin: str, pragmas: tuple[str, ...] = ()) -> sa.Engine:
    """An engine whose connections begin their transactions the way that is asked for."""
    engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            raw.execute(pragma).close()

    def _begin(connection: Any) -> None:
        connection.dbapi_connection.execute(begin)

    # The dialect's own step, and no listener: with one, SQLAlchemy has much to ask at every beginning and end.
    engine.dialect.do_begin = _begin  # type: ignore[assignment, method-assign]
    return engine


def open_file(path: Path, *, timeout: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open an existing SQLite file for reading and writing; never makes one."""
    # Transactions are SQLAlchemy's to begin; closing happens in another thread than the one that used it.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )


def writing_engine(path: Path) -> sa.Engine:
    """An engine for writing: every transaction takes the write lock at its start, waiting for it if need be."""
    return engine_for(lambda: open_file(path), "BEGIN IMMEDIATE", _PRAGMAS)


class Connections(Connected):
    """An SQLite file, opened. With `damage`, which says what is wrong with the file, it can only be read."""

    capabilities = Capabilities(shared=False, live=True, maintenance=True, backup=True)

    def __init__(self, path: Path, damage: StoreError | None = None) -> None:
        read = engine_for(lambda: open_file(path), "BEGIN", _PRAGMAS)
        if damage is not None:
            read = engine_for(lambda: examining.look(path), "BEGIN")
        super().__init__(writing_engine(path), read, damage)
        self.path = path
        self.name = str(path)
        self._file = holding.opened(path)
        self._unfolded = 0

    def sentinel(self, committed: Callable[[], None]) -> Sentinel:
        """A look at SQLite's own counter of commits, so cheap that nobody has to be told."""
        return FileSentinel(self.path)

    def _in_write(self, work: Work[Result]) -> Result:
        found = super()._in_write(work)
        self._unfolded += 1
        if self._unfolded >= FOLDED_AFTER:
            self._unfolded = 0
            # As everything ends, there are no threads to be had any more; what was written is on disk all the same.
            with suppress(RuntimeError):
                self._readers.submit(self._folded)
        return found

    def _folded(self) -> None:
        # What was not folded in now will be the next time.
        with suppress(StoreError):
            self._beside(fold)

    async def tidy(self) -> None:
        """Merge some of the full-text index, and fold the write-ahead log into the file."""
        await self.maintain(tidy)

    def is_in_place(self) -> bool:
        """Whether the path still means the file that was opened."""
        return self._file == holding.identity(self.path)

    def _told(self, error: DBAPIError) -> StoreError:
        return told(error, self.path)

    def _senseless(self) -> StoreError:
        return unreadable(self.path)

    def _is_strange(self, connection: sa.Connection) -> bool:
        return examining.has_strange_rows(connection)

    def _is_usable_after(self, error: DBAPIError) -> bool:
        # After some failures of a disk, SQLite refuses everything more on the connection that had them.
        return sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def _release(self) -> None:
        holding.closed(self._file)


class FileSentinel:
    """Looks at the counter of commits of an SQLite file, on a connection that waits for nobody."""

    tries_again = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looking: sqlite3.Connection | None = None

    def head(self) -> int:
        """Where the log ends now: a few microseconds."""
        try:
            row = self._connection().execute("SELECT position FROM head").fetchone()
        except sqlite3.Error as error:
            raise told(error, self._path) from error
        return int(row[0])

    def version(self) -> int | None:
        """A number that changes when another connection commits: three microseconds, and it never waits for a lock."""
        try:
            row = self._connection().execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None
        return int(row[0])

    def close(self) -> None:
        """Close the connection."""
        if self._looking is not None:
            self._looking.close()
            self._looking = None

    def _connection(self) -> sqlite3.Connection:
        if self._looking is None:
            self._looking = open_file(self._path, timeout=0)
        return self._looking
