"""Open a store: find out what the place is before anything touches it, make it if it is new, bring it up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from deskterm.settings import without_password
from deskterm.store import examining, holding, trouble
from deskterm.store.base import Unsupported, Unusable
from deskterm.store.connected import Connected
from deskterm.store.connections import Connections
from deskterm.store.local import LocalStore
from deskterm.store.preparing import prepare
from deskterm.store.schema import HEAD

NO_POSTGRES: Final = "A desk on PostgreSQL needs one more package: pip install 'deskterm[postgres]'."


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
    environ: Mapping[str, str] = os.environ,
) -> LocalStore:
    """Open the store at a path, `sqlite:///`, `postgresql://` or `https://` URL, acting as `operator` (name or login).

    `salvage` opens a damaged one too, for reading what can still be read; `environ` is where a token may stand. Raises
    Unusable for a place that holds no usable store, Unsupported for another kind of address, and NotAllowed when the
    desk knows no such operator.
    """
    import asyncio

    if url.partition("://")[0] in ("http", "https"):
        from deskterm.store.offline.opening import open_offline

        # It does all that a local one does, or says that it is Unsupported there.
        return await open_offline(url, operator, clock=clock, environ=environ)  # type: ignore[return-value]
    opened = partial(_database, url, create) if is_database(url) else partial(_file, path_of(url), create, salvage)
    while True:
        connections = await asyncio.get_running_loop().run_in_executor(None, opened)
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


def _file(path: Path, create: bool, salvage: bool) -> Connected:
    with holding.alone:
        try:
            prepare(path, create)
        except trouble.Damaged as error:
            if not salvage:
                raise
            examining.check_marks(path)
            return Connections(path, damage=error)
        return Connections(path)


def _database(url: str, create: bool) -> Connected:
    with _postgres():
        from deskterm.store.postgres.address import address_of
        from deskterm.store.postgres.connections import PostgresConnections
        from deskterm.store.postgres.preparing import prepare as make_ready
    address = address_of(url)
    make_ready(address, create)
    return PostgresConnections(address)


@contextmanager
def _postgres() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise Unsupported(NO_POSTGRES) from error


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring a store up to date; returns its version before (None where there was nothing) and after."""
    if is_database(url):
        with _postgres():
            from deskterm.store.postgres import preparing
            from deskterm.store.postgres.address import address_of
        return preparing.upgrade(address_of(url))
    path = path_of(url)
    with holding.alone:
        before = None
        if path.exists():
            examining.examine(path)
            before = examining.revision(path)
        prepare(path)
    return before, HEAD


def is_database(url: str) -> bool:
    """Whether a URL names a database on a server, and no file."""
    return url.partition("://")[0] in ("postgresql", "postgres", "postgresql+psycopg")


def is_file(url: str) -> bool:
    """Whether a URL names a file, and no server."""
    scheme, colon, _ = url.partition("://")
    return not colon or scheme == "sqlite"


def is_there(url: str) -> bool:
    """Whether there is anything at a URL to be opened, if only an empty database."""
    return not is_file(url) or path_of(url).exists()


def path_of(url: str) -> Path:
    """The file that a store URL or a plain path names. Raises Unsupported for another kind of store."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return Path(url).expanduser()
    if is_database(url):
        raise Unsupported(f"{without_password(url)} is not kept in a file; pg_dump and pg_restore copy it.")
    if scheme in ("http", "https"):
        raise Unsupported(f"{without_password(url)} is kept elsewhere; do this on the machine that keeps it.")
    if scheme != "sqlite":
        raise Unsupported(
            f"There is no store at {scheme}://; name a file, sqlite:////path/to/file.db, postgresql:// or https://."
        )
    if not rest.startswith("/") or rest == "/":
        raise Unusable(f"{url} names no file; write sqlite:////path/to/file.db.")
    return Path(unquote(rest[1:])).expanduser()
