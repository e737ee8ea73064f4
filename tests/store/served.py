"""A desk behind a real server on a real socket, for the tests that every kind of store has to pass."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from deskterm.server.app import Server
from deskterm.server.limits import Limits
from deskterm.server.running import Listening, bound, listening
from deskterm.server.running import Place as Address
from deskterm.store.accounts import SCOPES
from deskterm.store.local import LocalStore
from deskterm.store.offline.opening import open_offline
from deskterm.store.offline.store import OfflineStore
from deskterm.store.opening import open_store
from deskterm.store.remote.store import RemoteStore
from deskterm.store.serving import ServedDesk

T = TypeVar("T")
App = Callable[[Scope, Receive, Send], Awaitable[None]]
LIMITS = Limits(rate=100_000, burst=100_000, heartbeat=5.0, graceful=3)


class Switchboard:
    """Several desks behind one server: the first part of a path says which, so that a test need not start its own."""

    def __init__(self) -> None:
        self.limits = LIMITS
        self.desks: dict[str, Server] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the desk that the path names answer."""
        _, name, rest = scope["path"].split("/", 2)
        await self.desks[name]({**scope, "path": f"/{rest}"}, receive, send)

    def close(self) -> None:
        """Close every desk."""
        for desk in self.desks.values():
            desk.close()


class Exchange:
    """A uvicorn server in a thread with a loop of its own."""

    def __init__(self) -> None:
        self.board = Switchboard()
        place = Address(port=0)
        self._socket = bound(place)
        self.port = self._socket.getsockname()[1]
        self._listening: Listening = listening(self.board, place)  # type: ignore[arg-type]
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="served", daemon=True)
        self._thread.start()
        self._number = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listening.serve(sockets=[self._socket]))
        self.loop.close()

    def close(self) -> None:
        """Stop listening, and end the thread."""
        self._listening.should_exit = True
        self._thread.join(timeout=20)

    def add(self, server: Server) -> str:
        """Put a desk behind a path; returns its address."""
        self._number += 1
        self.board.desks[str(self._number)] = server
        return f"http://127.0.0.1:{self.port}/{self._number}"

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the server's loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return await asyncio.wrap_future(future)


class Desk:
    """A store with a server before it, in the loop of the exchange."""

    def __init__(self, exchange: Exchange, url: str, clock: Callable[[], Any]) -> None:
        self.exchange = exchange
        self._url = url
        self.clock = clock
        self._tokens: dict[str, str] = {}
        self.address = ""

    async def begin(self) -> None:
        """Open the store and serve it."""
        await self.exchange.do(self._begin())

    async def _begin(self) -> None:
        self.store: LocalStore = await open_store(self._url, clock=self.clock)
        self.desk = ServedDesk(self.store)
        self.server = Server(self.desk, LIMITS)
        self.address = self.exchange.add(self.server)

    async def token(self, operator: str) -> str:
        """A token that is good for everything the operator may do."""
        if operator not in self._tokens:
            made = self.desk.create_token(operator, tuple(SCOPES), lasts=None)
            self._tokens[operator], _ = await self.exchange.do(made)
        return self._tokens[operator]

    async def open(self, operator: str) -> RemoteStore:
        """The desk as one operator sees it from afar."""
        store = RemoteStore(self.address, await self.token(operator))
        try:
            await store.begin(operator)
        except BaseException:
            await store.close()
            raise
        return store

    async def open_with_outbox(self, operator: str, state: Path) -> OfflineStore:
        """The same with an outbox, which is kept in a folder."""
        environ = {"DESKTERM_TOKEN": await self.token(operator), "DESKTERM_STATE_DIR": str(state)}
        store = await open_offline(self.address, operator, clock=self.clock, environ=environ)
        # A last look at everything, on the way out, would take as long as the test; tests/store/offline looks.
        store._is_old = lambda: False  # type: ignore[method-assign]
        return store

    async def close(self) -> None:
        """Stop serving and close the store."""
        self.server.close()
        await self.exchange.do(self.store.close())


@cache
def exchange() -> Exchange:
    """The one server of a test run, started when it is first asked for."""
    return Exchange()
