"""Writing to and reading from a PostgreSQL database.

Whoever writes takes the desk's lock first, and holds it until the commit is seen by everybody. So the numbers of
tickets, the versions of records and the positions of events are given out as on one SQLite file, one transaction after
another: positions are gapless and in commit order, and a reader never finds a later event before an earlier one.
A reader takes no lock, waits for nobody, and sees one snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from deskterm.store.base import Capabilities, StoreError
from deskterm.store.connected import Connected, Sentinel
from deskterm.store.log import head_of
from deskterm.store.postgres import trouble
from deskterm.store.postgres.address import Address

DESK_LOCK: Final = 0x6465736B7465726D
"""What writers hold ("deskterm"), each for the length of a transaction."""
_TAKE: Final = f"SELECT pg_advisory_xact_lock({DESK_LOCK})"
_BUSY_SECONDS: Final = 10
_IDLE_SECONDS: Final = 30
"""A program that stops in the middle of a transaction is cut off: all others wait for its lock."""
_SETTINGS: Final = (
    "SELECT set_config('jit', 'off', false), set_config('lock_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false),"
    # What was told to a caller must not be lost in a power cut, whatever is usual on this server.
    " CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END"
)


def reading_engine(address: Address) -> sa.Engine:
    """An engine for reading: every transaction is one snapshot, and cannot write."""
    return _engine(address, "REPEATABLE READ", 0, read_only=True)


def writing_engine(address: Address) -> sa.Engine:
    """An engine for writing: every transaction takes the desk's lock at its start, waiting for it if need be."""
    # Each statement sees what was committed before it, so that those behind the lock see all of the one before.
    engine = _engine(address, "READ COMMITTED", _IDLE_SECONDS)

    @sa.event.listens_for(engine, "begin")
    def _lock(connection: sa.Connection) -> None:
        connection.exec_driver_sql(_TAKE)

    return engine


def _engine(address: Address, isolation: Any, idle: int, *, read_only: bool = False) -> sa.Engine:
    # Parameters are what customers said: they belong in no message.
    engine = sa.create_engine(address.url, poolclass=NullPool, isolation_level=isolation, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        raw.execute(_SETTINGS, (f"{_BUSY_SECONDS}s", f"{idle}s"))
        raw.commit()
        raw.read_only = read_only

    return engine


class PostgresConnections(Connected):
    """A PostgreSQL database, opened."""

    capabilities = Capabilities(shared=True, live=True, maintenance=True, backup=False)

    def __init__(self, address: Address) -> None:
        super().__init__(writing_engine(address), reading_engine(address))
        self.address = address
        self.name = address.name
        self.other_backup = (
            f"{self.name} is not kept in a file. Back it up with `pg_dump --format=custom --file=FILE DATABASE`, "
            f"or copy it into a file of its own: `deskterm copy '{self.name}' FILE`."
        )

    def sentinel(self, committed: Callable[[], None]) -> Sentinel:
        """A thread that listens to what the database tells of commits, and looks for itself from time to time."""
        from deskterm.store.postgres.listening import Listener

        return Listener(self.address, committed, self._head)

    def _head(self) -> int:
        return self.read_now(lambda connection: head_of(connection)[0])

    async def tidy(self) -> None:
        """Do nothing: the database keeps itself in order."""

    def is_in_place(self) -> bool:
        """A database does not change its place under those who use it."""
        return True

    def _told(self, error: DBAPIError) -> StoreError:
        return trouble.told(error, self.name)

    def _senseless(self) -> StoreError:
        return trouble.unreadable(self.name)

    def _is_strange(self, connection: sa.Connection) -> bool:
        return False  # PostgreSQL takes nothing but what a column is for

    def _is_usable_after(self, error: DBAPIError) -> bool:
        return False  # a new one costs milliseconds, and is in no strange state

    def _release(self) -> None:
        pass
