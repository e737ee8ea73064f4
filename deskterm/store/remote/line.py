"""The line to a server: one client that keeps its connections, and tries again where that is safe.

Everything asked here may be asked twice: reads change nothing, and a command happens once by its id.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from deskterm import __version__
from deskterm.store.base import Offline, StoreError, Unusable
from deskterm.store.problems import PROBLEM_JSON, error_of

TRIES: Final = 4
FIRST_PAUSE: Final = 0.1
"""Seconds before the second try; each next pause is up to three times as long."""
MOST_PAUSE: Final = 2.0
PATIENCE: Final = httpx.Timeout(10.0, connect=4.0)
FOR_MANY: Final = httpx.Timeout(30.0, connect=4.0)
"""For an answer to many commands at once."""
HEARTBEATS_MISSED: Final = 45.0
"""A feed that says nothing for so long, not even that it lives, is dead: three heartbeats."""
_TRY_AGAIN: Final = frozenset({408, 429, 502, 503, 504})


class Line:
    """Connections to one server, with the token that says who is asking."""

    def __init__(self, url: str, token: str, *, tries: int = TRIES, patience: httpx.Timeout = PATIENCE) -> None:
        self.url = url.rstrip("/")
        self._tries = tries
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}", "User-Agent": f"deskterm/{__version__}"},
            timeout=patience,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=60),
            follow_redirects=False,
            # Certificates take 15 ms to read, and plain http, which is for this machine alone, asks for none.
            verify=self.url.startswith("https:"),
        )
        self._closed = False
        self.on_trouble: Callable[[], None] = lambda: None
        """Called whenever the server could not be reached, or the feed broke off."""

    async def ask(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: httpx.Timeout | None = None,
    ) -> bytes:
        """Ask until there is an answer. Raises the StoreError that it tells, or Offline when there is none.

        `patience` is for what takes the server longer than usual.
        """
        waits = httpx.USE_CLIENT_DEFAULT if patience is None else patience
        known = dict(headers or {})
        if body is not None:
            known["Content-Type"] = "application/json"
        pause = FIRST_PAUSE
        failed: StoreError = Offline("")
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(pause)
            asked = 0.0
            try:
                answer = await self._client.request(
                    verb, path, params=query, content=body, headers=known, timeout=waits
                )
            except httpx.TransportError as error:
                failed = self._offline(error)
            except RuntimeError as error:
                raise Offline("The store was closed.") from error
            else:
                if answer.is_success:
                    return answer.content
                refused = self._refused(answer)
                if answer.status_code not in _TRY_AGAIN or isinstance(refused, Unusable):
                    raise refused
                failed, asked = refused, _seconds(answer.headers.get("Retry-After", ""))
            # Full jitter: many clients of a server that comes back do not come back all at once.
            pause = max(random.uniform(0, min(MOST_PAUSE, FIRST_PAUSE * 3**attempt)), min(asked, MOST_PAUSE))
        self.on_trouble()
        raise failed

    def stream(self, path: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[httpx.Response]:
        """Open an answer that does not end by itself."""
        patience = httpx.Timeout(10.0, connect=4.0, read=HEARTBEATS_MISSED)
        return self._client.stream("GET", path, headers=dict(headers), timeout=patience)

    @property
    def closed(self) -> bool:
        """Whether it was let go of."""
        return self._closed

    async def close(self) -> None:
        """Let go of all connections. Closing twice is harmless."""
        self._closed = True
        await self._client.aclose()

    def _offline(self, error: httpx.TransportError) -> StoreError:
        why = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        return Offline(f"The desk at {urlsplit(self.url).netloc} {why}.")

    def _refused(self, answer: httpx.Response) -> StoreError:
        ours = answer.headers.get("Content-Type", "").startswith(PROBLEM_JSON)
        if ours:
            return error_of(answer.status_code, answer.content)
        where = urlsplit(self.url).netloc
        if answer.status_code == 404 or answer.is_redirect:
            return Unusable(f"There is no deskterm server at {self.url} (it answered {answer.status_code}).")
        error = error_of(answer.status_code, b"")
        error.args = (f"The desk at {where} answered {answer.status_code} without saying why.",)
        error.message = error.args[0]
        return error


def refusal(answer: httpx.Response, body: bytes) -> StoreError:
    """The error in an answer whose body was read apart."""
    return error_of(answer.status_code, body)


def elapsed() -> float:
    """Seconds on a clock that only goes forward."""
    return time.monotonic()


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
