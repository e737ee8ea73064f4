"""Open a store: find out what the place is before anything touches it, make it if it is new, bring it up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.exc import DBAPIError

from deskterm.store import examining, holding, placing, trouble, write_ahead
from deskterm.store.base import Unsupported, Unusable
from deskterm.store.connections import Connections, writing_engine
from deskterm.store.examining import examine
from deskterm.store.local import LocalStore
from deskterm.store.schema import HEAD


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


async def open_store(
    url: str,
    *,
    operator: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    create: bool = True,
    salvage: bool = False,
) -> LocalStore:
    """Open the store at a path or `sqlite:///` URL, acting as `operator` (a name or login).

    `salvage` opens a damaged one too, for reading what can still be read. Raises Unusable for a place that holds no
    usable store, Unsupported for another kind of address, and NotAllowed when the desk knows no such operator.
    """
    import asyncio

    path = path_of(url)
    while True:
        connections = await asyncio.get_running_loop().run_in_executor(None, _opened, path, create, salvage)
        store = LocalStore(connections, clock=clock, operator=operator)
        try:
            if not salvage:
                await store.begin()
        except BaseException:
            await store.close()
            raise
        if connections.is_in_place():
            return store
        # A backup was restored between our look and our lock: what we hold is the store that was put aside.
        await store.close()


def _opened(path: Path, create: bool, salvage: bool) -> Connections:
    with holding.alone:
        try:
            prepare(path, create)
        except trouble.Damaged as error:
            if not salvage:
                raise
            examining.check_marks(path)
            return Connections(path, damage=error)
        return Connections(path)


def path_of(url: str) -> Path:
    """The file that a store URL or a plain path names. Raises Unsupported for another kind of store."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return Path(url).expanduser()
    if scheme != "sqlite":
        raise Unsupported(f"A store at {scheme}:// is not supported yet; name a file, or sqlite:////path/to/file.db.")
    if not rest.startswith("/") or rest == "/":
        raise Unusable(f"{url} names no file; write sqlite:////path/to/file.db.")
    return Path(unquote(rest[1:])).expanduser()


def prepare(path: Path, create: bool = True) -> None:
    """Make sure that a usable store of this version is at a path. Raises Unusable, and then has changed nothing."""
    with holding.alone:
        try:
            if not path.exists():
                _make(path, create)
            else:
                examine(path)
                if examining.revision(path) != HEAD:
                    _upgrade(path)
        except (OSError, sqlite3.Error, DBAPIError) as error:
            raise trouble.told(error, path) from error


def _make(path: Path, create: bool) -> None:
    """Make a new store beside its place and move it there when it is whole: a half-made one is never seen."""
    if not create:
        raise Unusable(f"There is no store at {path}. Make one with `deskterm desk load FILE`, or try `deskterm demo`.")
    if not path.parent.is_dir():
        raise Unusable(f"There is no directory {path.parent}. Make it first, or name another place for the store.")
    if not os.access(path.parent, os.W_OK):
        raise Unusable(f"The directory {path.parent} cannot be written. Name another place for the store.")
    if write_ahead.is_written(path):
        # Beside a new file it would be taken for the new file's own.
        raise Unusable(
            f"{path} is gone, but calls that belong to it are still in {write_ahead.log_of(path).name}. Put the file "
            "back beside it, or move that away as well."
        )
    with placing.unfinished(path) as draft:
        _upgrade(draft)
        if write_ahead.is_written(draft):
            # SQLite does not tell when it cannot fold the log into the file on closing.
            raise trouble.unfinished(path)
        try:
            placing.put(draft, path)
        except FileExistsError:
            examine(path)  # somebody made the store meanwhile, so theirs is the one


def _upgrade(path: Path) -> None:
    """Run the missing migrations, all or none."""
    from deskterm.store.migrations.upgrading import upgrade

    engine = writing_engine(path)
    try:
        with engine.begin() as connection:
            upgrade(connection)
            # Two places say the version, so that a damaged digit is not taken for a newer program.
            connection.exec_driver_sql(f"PRAGMA user_version = {int(HEAD)}")
    finally:
        engine.dispose()
