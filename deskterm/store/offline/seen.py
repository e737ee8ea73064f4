"""What was last seen of a desk: its desk file, customers, known solutions and all that is open, in a private file.

It is a store like any other, only that its log has gaps where something was closed before, or is not for this
operator's eyes. It can be thrown away: the server gives it again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import Operator
from deskterm.store import accounts, log, replaying
from deskterm.store.base import Unusable
from deskterm.store.carried import Along, LogRow
from deskterm.store.connections import Connections
from deskterm.store.local import LocalStore
from deskterm.store.preparing import prepare
from deskterm.store.projections import Projector
from deskterm.store.remote.store import RemoteStore
from deskterm.store.schema import event, head

_NOWHERE: Final = 2**53 - 1
"""Behind every position there will be: asked from there, the server says where its log ends."""


class Seen:
    """The last look at a desk, kept on this machine. May be brought up to date by several processes."""

    def __init__(self, path: Path, clock: Callable[[], datetime], me: Operator) -> None:
        """Open it, or make it anew where it cannot be read. Raises StoreError where there is no room for it."""
        self.path = path
        try:
            _prepare(path)
        except Unusable:
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            _prepare(path)
        self.store = LocalStore(Connections(path), clock=clock, operator=me.name)
        self._me = me

    async def position(self) -> int:
        """Up to where in the log it is whole; 0 as long as the first round is not done."""
        return await self.store._connections.read(lambda connection: log.head_of(connection)[0])

    async def version(self, ticket: UUID) -> int:
        """The version of a ticket that was last seen; 0 for one that was not."""
        found = await self.store._connections.read(lambda connection: log.last_of(connection, ticket))
        return found.version

    async def take_along(self, far: RemoteStore) -> None:
        """Bring it up to date. Raises Offline; what came until then is kept."""
        after = await self.position()
        first = not after
        start = (await far.along(_NOWHERE, first=True)).upto if first else after
        await self._rounds(far, after, first=first)
        if first:
            # Whatever happened while the first round was under way comes now.
            await self._rounds(far, start, first=False)

    async def _rounds(self, far: RemoteStore, after: int, *, first: bool) -> None:
        more = True
        while more:
            along = await far.along(after, first=first)
            missing = await self._take(along, None if first else along.upto)
            if missing:
                await self._take(await far.along_of(tuple(missing)[:1000]), None)
            after, more = along.upto, along.more

    async def _take(self, along: Along, upto: int | None) -> set[UUID]:
        return await self.store._connections.write(lambda connection: self._taken(connection, along, upto))

    def _taken(self, connection: sa.Connection, along: Along, upto: int | None) -> set[UUID]:
        rows, missing = _following(connection, along.rows)
        if rows:
            log.insert(connection, rows)
            found = self.store._force.find(connection)
            Projector(connection, found.desk if found else None).apply([log.read(row) for row in rows])
        if along.gone and _forget(connection, along.gone):
            replaying.rebuild(connection)
        self._know_me(connection)
        if upto is not None:
            connection.execute(head.update().where(head.c.position < upto).values(position=upto))
        return missing

    def _know_me(self, connection: sa.Connection) -> None:
        """An operator whom the desk file does not name was added on the server."""
        found = self.store._force.find(connection)
        if found and found.desk.operator_named(self._me.name) != self._me:
            accounts._put(
                connection,
                accounts.fold_name(self._me.name),
                {"state": self._me.model_dump_json(), "disabled_at": None},
            )

    def copy_to(self, path: Path) -> None:
        """Make a private copy that may be written to. Blocks shortly."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        source, to = sqlite3.connect(self.path), sqlite3.connect(path)
        try:
            source.backup(to)
        finally:
            source.close()
            to.close()

    async def close(self) -> None:
        """Let go of the file."""
        await self.store.close()


def _prepare(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepare(path)
    path.chmod(0o600)


def _following(connection: sa.Connection, rows: tuple[LogRow, ...]) -> tuple[list[dict[str, Any]], set[UUID]]:
    """Those rows that follow what is here, and the records of which something between is missing."""
    ends: dict[UUID, int] = {}
    fresh: list[dict[str, Any]] = []
    missing: set[UUID] = set()
    for row in rows:
        end = ends.setdefault(row.record_id, log.last_of(connection, row.record_id).version)
        if row.version == end + 1:
            fresh.append(asdict(row))
            ends[row.record_id] = row.version
        elif row.version > end:
            missing.add(row.record_id)
    return fresh, missing


def _forget(connection: sa.Connection, records: tuple[UUID, ...]) -> bool:
    """Drop what is not for these eyes any more; whether anything was there."""
    return bool(connection.execute(event.delete().where(event.c.record_id.in_(records))).rowcount)
