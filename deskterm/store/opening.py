"""Open a store: find out what the place is before anything touches it, make it if it is new, bring it up to date.

A file that is no deskterm store, is damaged, or is newer than this program is refused and left byte for byte as it
was: its header is read as plain bytes, and its schema through a connection that cannot write.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from sqlalchemy.exc import DBAPIError

from deskterm.store.base import StoreError, Unsupported, Unusable
from deskterm.store.connections import Connections, told, writing_engine
from deskterm.store.local import LocalStore
from deskterm.store.schema import APPLICATION_ID, HEAD

_MAGIC: Final = b"SQLite format 3\x00"
_SMALL: Final = 4 * 1024 * 1024
"""Files up to this size are checked page by page on opening; it takes a few milliseconds."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


async def open_store(
    url: str,
    *,
    operator: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    create: bool = True,
) -> LocalStore:
    """Open the store at a path or `sqlite:///` URL, acting as `operator` (a name or login).

    Raises Unusable for a place that holds no usable store, Unsupported for another kind of address, and NotAllowed
    when the desk knows no such operator.
    """
    import asyncio

    path = path_of(url)
    await asyncio.get_running_loop().run_in_executor(None, prepare, path, create)
    store = LocalStore(Connections(path), clock=clock, operator=operator)
    try:
        await store.begin()
    except BaseException:
        await store.close()
        raise
    return store


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
    try:
        if not path.exists():
            _make(path, create)
        else:
            check(path)
            if _revision(path) != HEAD:
                _upgrade(path)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        if isinstance(error, OSError):
            raise Unusable(f"{path} cannot be used: {error.strerror or error}.") from error
        raise told(error, path) from error


def check(path: Path) -> None:
    """Look at a file without touching it; raise Unusable with what it is and what to do."""
    if path.is_dir():
        raise Unusable(f"{path} is a directory. Name a file in it, such as {path / 'desk.db'}.")
    if not path.is_file():
        raise Unusable(f"{path} is no ordinary file, so it cannot hold a store.")
    mode = path.stat().st_mode
    if not mode & 0o222 or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise Unusable(
            f"{path} can be read but not written. Make it and its directory writable, or name another store."
        )
    with path.open("rb") as file:
        header = file.read(100)
    _check_header(path, header)
    if not _written_ahead(path):
        _check_pages(path)


def _check_header(path: Path, header: bytes) -> None:
    if not header:
        raise Unusable(f"{path} is an empty file and no store. Remove it, or name another place.")
    if header[:16] != _MAGIC:
        raise Unusable(f"{path} is no deskterm store: it is not a database at all. Name another file.")
    if len(header) < 100:
        raise Unusable(f"{path} is damaged: it is cut short. Restore it from a backup or an export.")
    (user_version, application_id) = struct.unpack(">4xI4xI", header[56:72])
    if application_id != APPLICATION_ID:
        raise Unusable(f"{path} is a database of another program, not a deskterm store. Name another file.")
    if user_version > int(HEAD):
        raise _newer(path)
    (page_size,) = struct.unpack(">H", header[16:18])
    (pages,) = struct.unpack(">I", header[28:32])
    size = path.stat().st_size
    wanted = (65536 if page_size == 1 else page_size) * pages
    if size < wanted and not _written_ahead(path):
        raise Unusable(
            f"{path} is damaged: it is cut short, {size} of {wanted} bytes. Restore it from a backup or an export."
        )


def _written_ahead(path: Path) -> bool:
    """Whether newer pages wait in the write-ahead log, so that the file alone tells only half."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _look(path: Path) -> sqlite3.Connection:
    how = "mode=ro" if _written_ahead(path) else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=5, isolation_level=None)


def _check_pages(path: Path) -> None:
    with contextlib.closing(_look(path)) as connection:
        question = "PRAGMA quick_check(1)" if path.stat().st_size <= _SMALL else "SELECT count(*) FROM sqlite_master"
        (answer,) = connection.execute(question).fetchone()
    if answer != "ok" and not isinstance(answer, int):
        problem = str(answer).splitlines()[-1].removeprefix("*** ").strip()
        raise Unusable(f"{path} is damaged ({problem}). Restore it from a backup or an export.")


def _revision(path: Path) -> str:
    with contextlib.closing(_look(path)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = str(row[0]) if row else ""
    if not revision.isdigit() or int(revision) > int(HEAD):
        raise _newer(path)
    return revision


def _newer(path: Path) -> StoreError:
    return Unusable(f"{path} was written by a newer deskterm. Update this one (pip install -U deskterm) to open it.")


def _make(path: Path, create: bool) -> None:
    """Make a new store beside its place and move it there when it is whole: a half-made one is never seen."""
    if not create:
        raise Unusable(f"There is no store at {path}. Make one with `deskterm desk load FILE`, or try `deskterm demo`.")
    if not path.parent.is_dir():
        raise Unusable(f"There is no directory {path.parent}. Make it first, or name another place for the store.")
    if not os.access(path.parent, os.W_OK):
        raise Unusable(f"The directory {path.parent} cannot be written. Name another place for the store.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    try:
        _upgrade(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        _put(draft, path)
    finally:
        for leftover in (draft, draft.with_name(f"{draft.name}-wal"), draft.with_name(f"{draft.name}-shm")):
            leftover.unlink(missing_ok=True)


def _put(draft: Path, path: Path) -> None:
    # Somebody may have made the store meanwhile; then theirs is the one. A link never overwrites.
    try:
        os.link(draft, path)
    except FileExistsError:
        check(path)
    except OSError:
        if path.exists():
            check(path)
        else:
            draft.rename(path)
    # Until the directory is on disk as well, a power cut could take the name away again.
    with contextlib.suppress(OSError):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _upgrade(path: Path) -> None:
    """Run the missing migrations, all or none."""
    from deskterm.store.migrations.upgrading import upgrade

    engine = writing_engine(path)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()
