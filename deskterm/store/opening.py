"""Open a store: find out what the place is before anything touches it, make it if it is new, bring it up to date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from deskterm.store import examining, holding, trouble
from deskterm.store.base import Unsupported, Unusable
from deskterm.store.connections import Connections
from deskterm.store.local import LocalStore
from deskterm.store.preparing import prepare


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
    """Open the store at a path, `sqlite:///` or `https://` URL, acting as `operator` (a name or login).

    `salvage` opens a damaged one too, for reading what can still be read. Raises Unusable for a place that holds no
    usable store, Unsupported for another kind of address, and NotAllowed when the desk knows no such operator.
    """
    import asyncio

    if url.partition("://")[0] in ("http", "https"):
        from deskterm.store.remote.opening import open_remote

        # It does all that a local one does, or says that it is Unsupported there.
        return await open_remote(url, operator)  # type: ignore[return-value]
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
