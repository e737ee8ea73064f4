"""Running a server: a socket, TLS, the desk's moments dealt with as they come, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn

from deskterm.server.app import Server
from deskterm.server.limits import Hurried, Limits
from deskterm.store.base import StoreError
from deskterm.store.serving import ServedDesk

log = logging.getLogger("deskterm.server")
TICK_SECONDS: Final = 5.0
_WAITING: Final = 1024
"""Connections that may wait to be taken up."""
_TURN: Final = 0.001
"""Seconds for which one thread computes while others wait; Python's own 5 ms add up, where an answer needs three."""
_YOUNG: Final = 10_000
"""Objects made before it is looked for which are in nobody's reach any more; Python's own 700 are half an answer's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens. Port 0 means any that is free."""

    host: str = "127.0.0.1"
    port: int = 8330
    certificate: Path | None = None
    key: Path | None = None
    trusted_proxy: str | None = None
    """Address of the proxy whose word on who is asking is taken; None trusts nobody's."""

    @property
    def scheme(self) -> str:
        """How it is addressed."""
        return "https" if self.certificate else "http"


class Listening(uvicorn.Server):
    """A uvicorn server that ends open feeds first when it stops."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self._server = server

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal, and then end as any program that is done, with its store closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: no new connections, the feeds told, what is under way finished."""
        self._server.close()
        await super().shutdown(sockets)


def listening(server: Server, place: Place) -> Listening:
    """Make what listens for a server; nothing listens yet."""
    limits: Limits = server.limits
    protocol: Any = partial(Hurried, seconds=limits.header_seconds)
    config = uvicorn.Config(
        server,
        host=place.host,
        port=place.port,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=place.trusted_proxy is not None,
        forwarded_allow_ips=place.trusted_proxy,
        limit_concurrency=limits.connections,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=limits.graceful,
        h11_max_incomplete_event_size=limits.header_bytes,
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    return Listening(config, server)


def bound(place: Place) -> socket.socket:
    """Take the socket, so that its port is known and whoever comes early waits for the server. Raises OSError."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    # Only a socket that says it is TCP is answered without delay: asyncio looks.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((place.host, place.port))
        made.listen(_WAITING)
    except OSError:
        made.close()
        raise
    return made


async def run(server: Server, place: Place, listener: socket.socket, *, every: float = TICK_SECONDS) -> None:
    """Serve until told to stop by a signal."""
    ticking = asyncio.ensure_future(_tick(server.desk, every)) if every else None
    server.following.ticks = ticking is not None
    _be_prompt()
    try:
        await listening(server, place).serve(sockets=[listener])
    finally:
        if ticking is not None:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking


def _be_prompt() -> None:
    """Let nobody wait for others' computing, nor while the whole program is looked through for what may be dropped."""
    sys.setswitchinterval(_TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


async def _tick(desk: ServedDesk, every: float) -> None:
    """Deal with what falls due. Several servers may: what was dealt with once is not dealt with again."""
    while True:
        try:
            await desk.store.tick()
        except StoreError as error:
            log.warning("tick", extra={"error": error.kind})
        await asyncio.sleep(every)
