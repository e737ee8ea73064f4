"""Hearing of commits: PostgreSQL's NOTIFY as a hint, and a look of our own behind it.

A hint may get lost, or never come: poolers swallow it, and databases that speak PostgreSQL may lack it. So the end of
the log is looked at from time to time as well. What a watcher is told is read from the log in any case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from random import uniform
from typing import Any, Final

import psycopg

from deskterm.store.postgres.address import Address

CHANNEL: Final = "deskterm"
LOOK_SECONDS: Final = 0.25
"""How long after a commit whose hint was lost it is noticed."""
_BACK_OFF: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""How long a server that is down is left alone, the longer the longer it is down."""
_HEAD: Final = "SELECT position FROM head"


class Listener:
    """Listens in a thread of its own, from the first question on."""

    tries_again = True

    def __init__(self, address: Address, committed: Callable[[], None], head: Callable[[], int]) -> None:
        self._where, self._how = address.url.get_dialect()().create_connect_args(address.url)
        self._committed = committed
        self._head = head
        self._position = -1
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="deskterm-listen", daemon=True)
        self._thread.start()

    def head(self) -> int:
        """Where the log ends now: one short question to the database."""
        return self._head()

    def version(self) -> int:
        """Where the log ended when that was last heard of."""
        return self._position

    def close(self) -> None:
        """Stop listening. The thread ends by itself, when it looks up next."""
        self._ended.set()

    def _listen(self) -> None:
        tries = 0
        while not self._ended.is_set():
            try:
                with psycopg.connect(*self._where, **self._how, autocommit=True) as connection:
                    self._hear(connection)
            except psycopg.Error:
                # Watchers find out for themselves that the desk is out of reach, if it is; here it is tried again.
                self._ended.wait(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)] * uniform(0.8, 1.2))
                tries += 1
            else:
                tries = 0

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        with suppress(psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError):
            connection.execute(f"LISTEN {CHANNEL}")
        while not self._ended.is_set():
            self._look(connection)
            for _ in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                pass

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        row = connection.execute(_HEAD).fetchone()
        position = int(row[0]) if row else 0
        if position != self._position:
            self._position = position
            self._committed()
