"""Threads and connections of a store in one SQLite file: one writer, a few readers, none of them the caller's thread.

Each thread keeps its connection. A write is one `BEGIN IMMEDIATE` transaction: one that read first and wrote then
would fail at once where it should wait. A read is one snapshot.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from deskterm.store import examining, holding
from deskterm.store.base import Offline, StoreError
from deskterm.store.trouble import sqlite_code, told, unreadable

Result = TypeVar("Result")
Work = Callable[[sa.Connection], Result]

BUSY_SECONDS: Final = 5.0
READERS: Final = 3
_SENSELESS: Final = (ValueError, OverflowError, sa.exc.NoResultFound, sa.exc.MultipleResultsFound)
"""What reading rows raises that somebody or something changed."""
_PERHAPS_SENSELESS: Final = (TypeError, AttributeError, LookupError)
"""The same, if a row is not of the types that were written; else it is a mistake of ours."""
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # With NORMAL a power cut loses calls that were already confirmed to their callers.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -4000",
    # The checkpoint is made when idle; this is the net under it.
    "PRAGMA wal_autocheckpoint = 4000",
)


def engine_for(connect: Callable[[], sqlite3.Connection], begin: str, pragmas: tuple[str, ...] = ()) -> sa.Engine:
    """An engine whose connections begin their transactions the way that is asked for."""
    engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            raw.execute(pragma).close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

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


class Connections:
    """The writer thread and the reader threads of one file. Close it when done; closing twice is harmless.

    With `damage`, which says what is wrong with the file, it can only be read.
    """

    def __init__(self, path: Path, damage: StoreError | None = None) -> None:
        self.path = path
        self.damage = damage
        self._write = writing_engine(path)
        self._read = engine_for(lambda: open_file(path), "BEGIN", _PRAGMAS)
        if damage is not None:
            self._read = engine_for(lambda: examining.look(path), "BEGIN")
        self._file = holding.opened(path)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="deskterm-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="deskterm-read")
        self._local = threading.local()
        self._all: list[sa.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in one write transaction, committed and on disk when this returns."""
        return await self._run(self._writer, self._in_write, work)

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` on one snapshot of the store."""
        return await self._run(self._readers, self._in_read, work)

    async def maintain(self, work: Work[Result]) -> Result:
        """Run `work` on the writer's connection outside any transaction."""
        return await self._run(self._writer, self._outside, work)

    def is_in_place(self) -> bool:
        """Whether the path still means the file that was opened."""
        return self._file == holding.identity(self.path)

    def read_now(self, work: Work[Result]) -> Result:
        """Run `work` on a snapshot in the calling thread, which must not be one that paints."""
        return self._in_read(work)

    def close(self) -> None:
        """Finish what was begun and let go of threads and files. Blocks shortly."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        for connection in self._all:
            connection.close()
        self._write.dispose()
        self._read.dispose()
        holding.closed(self._file)

    async def _run(
        self, threads: ThreadPoolExecutor, how: Callable[[Work[Result]], Result], work: Work[Result]
    ) -> Result:
        if self._closed:
            raise Offline("The store was closed.")
        if self.damage is not None and threads is self._writer:
            raise self.damage
        try:
            running = asyncio.get_running_loop().run_in_executor(threads, how, work)
        except RuntimeError as error:
            raise Offline("The store was closed.") from error
        return await running

    def _in_write(self, work: Work[Result]) -> Result:
        try:
            with self._mine(self._write).begin():
                return work(self._mine(self._write))
        except DBAPIError as error:
            raise self._failed(error) from error
        except UnicodeDecodeError:
            raise  # of what is imported, and not of the store
        except _SENSELESS as error:
            raise unreadable(self.path) from error
        except _PERHAPS_SENSELESS as error:
            if self._is_strange(self._write):
                raise unreadable(self.path) from error
            raise

    def _in_read(self, work: Work[Result]) -> Result:
        try:
            connection = self._mine(self._read)
            try:
                return work(connection)
            finally:
                connection.rollback()
        except DBAPIError as error:
            raise self._failed(error) from error
        except _SENSELESS as error:
            raise unreadable(self.path) from error
        except _PERHAPS_SENSELESS as error:
            if self._is_strange(self._read):
                raise unreadable(self.path) from error
            raise

    def _outside(self, work: Work[Result]) -> Result:
        try:
            return work(self._mine(self._write))
        except DBAPIError as error:
            raise self._failed(error) from error

    def _is_strange(self, engine: sa.Engine) -> bool:
        """Whether a row is not of the types that were written. Reads everything."""
        try:
            with self._mine(engine).begin():
                return examining.has_strange_rows(self._mine(engine))
        except DBAPIError as error:
            raise self._failed(error) from error

    def _failed(self, error: DBAPIError) -> StoreError:
        if sqlite_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._let_go()
        return told(error, self.path)

    def _let_go(self) -> None:
        """Close this thread's connection: after some failures of a disk, SQLite refuses everything more on it."""
        connection: sa.Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            with self._lock:
                self._all.remove(connection)
            with suppress(DBAPIError):
                connection.invalidate()
            with suppress(DBAPIError):
                connection.close()

    def _mine(self, engine: sa.Engine) -> sa.Connection:
        connection: sa.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = engine.connect()
            with self._lock:
                self._all.append(connection)
        return connection
