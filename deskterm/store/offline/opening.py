"""Open a desk behind a server with an outbox beside it: live if it can be reached, else as it was last seen."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from deskterm.desk.deskfile import Operator
from deskterm.store.base import NotAllowed, Offline, Unusable
from deskterm.store.offline.kept import OUTBOX, folder_of
from deskterm.store.offline.outbox import Outbox
from deskterm.store.offline.store import FRESH_SECONDS, OfflineStore
from deskterm.store.remote.credentials import token_for
from deskterm.store.remote.line import Line
from deskterm.store.remote.opening import checked
from deskterm.store.remote.store import RemoteStore

TRIES: Final = 2
PATIENCE: Final = httpx.Timeout(6.0, connect=2.5)
"""A caller waits meanwhile: what was last seen is there at once."""


async def open_offline(
    url: str,
    operator: str | None = None,
    *,
    clock: Callable[[], datetime],
    environ: Mapping[str, str] = os.environ,
    fresh: float = FRESH_SECONDS,
) -> OfflineStore:
    """Open the desk behind an address. Raises NotAllowed for a token that is none, Unusable, and Offline where the
    desk cannot be reached and was never seen from here.
    """
    address, token = checked(url), token_for(url, environ)
    folder = folder_of(address, environ)
    known = _Known(folder / "who.json")
    store = OfflineStore(
        address, token, line=Line(address, token, tries=TRIES, patience=PATIENCE), clock=clock, fresh=fresh
    )
    trouble: Offline | None = None
    try:
        try:
            await store.begin(operator)
            known.remember(token, store.me)
        except Offline as error:
            me = known.recall(token)
            if me is None:
                raise
            if operator is not None and operator.casefold() not in (me.name.casefold(), me.login.casefold()):
                where = urlsplit(address).netloc
                raise NotAllowed(
                    f"The token for {where} is that of {me.name}, not of {operator}.", rule="token"
                ) from error
            store.me, trouble = me, error
        await store.attach(Outbox(folder / _folder_of(store.me) / OUTBOX), store.me, trouble)
    except BaseException:
        await RemoteStore.close(store)
        raise
    return store


class _Known:
    """Whose tokens have been used from here: who acts while the line is down, and whose outbox it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, token: str) -> Operator | None:
        """Who a token was of, when the server last said so."""
        kept = self._read().get(_digest(token))
        return Operator.model_validate(kept) if kept is not None else None

    def remember(self, token: str, me: Operator) -> None:
        """Keep who a token is of. Raises Unusable where nothing can be kept."""
        kept = self._read()
        said = me.model_dump(mode="json")
        if kept.get(_digest(token)) == said:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._path.with_name(f".who.{os.getpid()}.new")
            fresh.touch(0o600)
            fresh.write_text(json.dumps({**kept, _digest(token): said}), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            raise Unusable(f"Nothing can be kept in {self._path.parent}: {error.strerror}.") from error

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _folder_of(me: Operator) -> str:
    return hashlib.sha256(me.name.casefold().encode()).hexdigest()[:16]
