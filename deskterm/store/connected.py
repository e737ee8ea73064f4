"""Threads and connections of a store in SQL: one writer, a few readers, none of them the caller's thread.

Each thread keeps its connection. What a kind of database does in its own way is for its own room to say:
`deskterm.store.connections` for an SQLite file, `deskterm.store.postgres` for PostgreSQL. All else is the same.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from deskterm.store.base import Capabilities, Offline, StoreError, Unsupported
from deskterm.text import clean_for_store

Result = TypeVar("Result")
Work = Callable[[sa.Connection], Result]

READERS: Final = 3
_SENSELESS: Final = (ValueError, OverflowError, sa.exc.NoResultFound, sa.exc.MultipleResultsFound)
"""What reading rows raises that somebody or something changed."""
_PERHAPS_SENSELESS: Final = (TypeError, AttributeError, LookupError)
"""The same, if a row is not of the types that were written; else it is a mistake of ours."""


def _speakable(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> Any:
    """Ask for text as it is kept: whatever somebody typed, the signs that no store keeps are replaced."""
    if isinstance(values, dict):
        return statement, {name: clean_for_store(it) if isinstance(it, str) else it for name, it in values.items()}
    return statement, tuple(clean_for_store(it) if isinstance(it, str) else it for it in values)


class Sentinel(Protocol):
    """Notices that something was committed, by whatever process."""

    tries_again: bool
    """Whether a desk that cannot be reached is waited for. Else its watchers are told."""

    def head(self) -> int:
        """Where the log ends now. Read at once, on the caller's thread. Raises StoreError."""
        ...

    def version(self) -> object:
        """What is another one after each commit; None where that cannot be told. Never waits."""
        ...

    def close(self) -> None:
        """Let go of what it watches with."""
        ...


def _done(
    loop: asyncio.AbstractEventLoop,
    told: asyncio.Future[Result],
    how: Callable[[Work[Result]], Result],
    work: Work[Result],
) -> None:
    """Do some work in a thread and tell whoever waits for it: `run_in_executor` with one future less."""
    if told.done():
        return  # nobody waits any more, and it was not begun
    try:
        found = how(work)
    except BaseException as error:  # noqa: BLE001  whatever it is, it is for whoever waits
        _tell_later(loop, told, told.set_exception, error)
    else:
        _tell_later(loop, told, told.set_result, found)


def _tell_later(
    loop: asyncio.AbstractEventLoop, told: asyncio.Future[Result], tell: Callable[[Any], None], what: object
) -> None:
    with suppress(RuntimeError):  # the loop was closed meanwhile
        loop.call_soon_threadsafe(_tell, told, tell, what)


def _tell(told: asyncio.Future[Result], tell: Callable[[Any], None], what: object) -> None:
    if not told.done():
        tell(what)


class Connected(ABC):
    """The writer thread and the reader threads of one store. Close it when done; closing twice is harmless.

    With `damage`, which says what is wrong with the store, it can only be read.
    """

    capabilities: Capabilities
    name: str
    """What to call the place in messages."""
    other_backup: str = ""
    """How a desk is backed up that cannot copy itself to a file, in a sentence."""

    def __init__(self, write: sa.Engine, read: sa.Engine, damage: StoreError | None = None) -> None:
        self.damage = damage
        self._write = write
        self._read = read
        sa.event.listen(read, "before_cursor_execute", _speakable, retval=True)
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

    def read_now(self, work: Work[Result]) -> Result:
        """Run `work` on a snapshot in the calling thread, which must not be one that paints."""
        return self._in_read(work)

    def close(self) -> None:
        """Finish what was begun and let go of threads and connections. Blocks shortly."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        for connection in self._all:
            with suppress(DBAPIError):
                connection.close()
        self._write.dispose()
        self._read.dispose()
        self._release()

    def check_backup(self) -> None:
        """Raise Unsupported, with what to do instead, where the desk cannot copy itself to a file."""
        if not self.capabilities.backup:
            raise Unsupported(self.other_backup)

    # -- what each kind of database does in its own way

    @abstractmethod
    def sentinel(self, committed: Callable[[], None]) -> Sentinel:
        """Make what notices commits. It may call `committed`, from any thread, so that nobody waits for a look."""

    @abstractmethod
    async def tidy(self) -> None:
        """Do a bounded piece of housekeeping, now that nobody waits."""

    @abstractmethod
    def is_in_place(self) -> bool:
        """Whether the place still means what was opened."""

    @abstractmethod
    def _told(self, error: DBAPIError) -> StoreError:
        """Say in a sentence for people what the database complains of."""

    @abstractmethod
    def _senseless(self) -> StoreError:
        """Say that rows make no sense."""

    @abstractmethod
    def _is_strange(self, connection: sa.Connection) -> bool:
        """Whether a row is not of the types that were written. May read everything."""

    @abstractmethod
    def _is_usable_after(self, error: DBAPIError) -> bool:
        """Whether a connection is as good as before a failure."""

    @abstractmethod
    def _release(self) -> None:
        """Let go of what is left when all connections are closed."""

    # -- in the threads

    async def _run(
        self, threads: ThreadPoolExecutor, how: Callable[[Work[Result]], Result], work: Work[Result]
    ) -> Result:
        if self._closed:
            raise Offline("The store was closed.")
        if self.damage is not None and threads is self._writer:
            raise self.damage
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Result] = loop.create_future()
        try:
            threads.submit(_done, loop, told, how, work)
        except RuntimeError as error:
            raise Offline("The store was closed.") from error
        return await told

    def _in_write(self, work: Work[Result]) -> Result:
        try:
            with self._begun():
                return work(self._mine(self._write))
        except DBAPIError as error:
            raise self._failed(error) from error
        except UnicodeDecodeError:
            raise  # of what is imported, and not of the store
        except _SENSELESS as error:
            raise self._senseless() from error
        except _PERHAPS_SENSELESS as error:
            if self._holds_strange_rows(self._write):
                raise self._senseless() from error
            raise

    def _begun(self) -> sa.RootTransaction:
        """The transaction of the writer. Where the connection was lost while nobody wrote, it begins on a new one."""
        try:
            return self._mine(self._write).begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._let_go()
            return self._mine(self._write).begin()

    def _in_read(self, work: Work[Result]) -> Result:
        try:
            try:
                return self._looked(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # Nothing was changed, so another connection may do, if there is one to be had.
                self._let_go()
                return self._looked(work)
        except DBAPIError as error:
            raise self._failed(error) from error
        except _SENSELESS as error:
            raise self._senseless() from error
        except _PERHAPS_SENSELESS as error:
            if self._holds_strange_rows(self._read):
                raise self._senseless() from error
            raise

    def _looked(self, work: Work[Result]) -> Result:
        connection = self._mine(self._read)
        try:
            return work(connection)
        finally:
            connection.rollback()

    def _outside(self, work: Work[Result]) -> Result:
        return self._alone(self._write, work)

    def _beside(self, work: Work[Result]) -> Result:
        return self._alone(self._read, work)

    def _alone(self, engine: sa.Engine, work: Work[Result]) -> Result:
        try:
            return work(self._mine(engine))
        except DBAPIError as error:
            raise self._failed(error) from error

    def _holds_strange_rows(self, engine: sa.Engine) -> bool:
        try:
            with self._mine(engine).begin():
                return self._is_strange(self._mine(engine))
        except DBAPIError as error:
            raise self._failed(error) from error

    def _failed(self, error: DBAPIError) -> StoreError:
        if not self._is_usable_after(error):
            self._let_go()
        return self._told(error)

    def _let_go(self) -> None:
        """Close this thread's connection: the next work makes another one."""
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
