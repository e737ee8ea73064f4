"""A line to a server for a crowd in one process: plain HTTP/1.1 on plain sockets, under the real remote store.

httpx takes longer over a request than the server does, and collapses at fifty tasks at once: two hundred clients of it
would be a measure of httpx. Here nothing is tried again, so that every failure counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from deskterm.store.base import Offline
from deskterm.store.problems import error_of
from deskterm.store.remote.line import Line, elapsed

_CREDIBLE: Final = 16 * 1024 * 1024
_FRESH: Final = 60.0
"""Seconds for which an idle connection is good, as with the line's own client."""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter, float]


class PlainLine(Line):
    """Connections of one client: one for what it asks, more where it asks several things at once."""

    def __init__(self, url: str, token: str) -> None:
        # Not the line's own beginning: that makes the client which this one does without.
        self.url = url.rstrip("/")
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._always = f"host: {self._host}:{self._port}\r\nauthorization: Bearer {token}\r\n"
        self._idle: list[Connection] = []
        self._closed = False
        self.on_trouble = lambda: None
        self.received = 0
        """Bytes of answers and of the feed."""

    async def ask(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: object = None,
    ) -> bytes:
        """Ask once. Raises the StoreError that the server tells, or Offline when there is no answer."""
        if query:
            path = f"{path}?{urlencode(query)}"
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        if body is not None:
            more += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        try:
            reader, writer = await self._free()
            writer.write(f"{verb} {path} HTTP/1.1\r\n{self._always}{more}\r\n".encode("ascii") + (body or b""))
            status, answered = await self._head(reader)
            length = int(answered.get("content-length", "0"))
            answer = await reader.readexactly(length) if length else b""
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Offline(f"{verb} {path.partition('?')[0]}: {error!r}") from error
        self.received += length
        if answered.get("connection") == "close" or self._closed:
            writer.close()
        else:
            self._idle.append((reader, writer, elapsed()))
        if not 200 <= status < 300:
            raise error_of(status, answer)
        return answer

    def stream(self, path: str, headers: Mapping[str, str]) -> Any:
        """Open an answer that does not end by itself, as `Following` reads one."""
        return self._streamed(path, headers)

    @asynccontextmanager
    async def _streamed(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[_Answer]:
        reader, writer = await self._connected()
        try:
            more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"GET {path} HTTP/1.1\r\n{self._always}{more}\r\n".encode("ascii"))
            status, _ = await self._head(reader)
            yield _Answer(status, reader, self)
        finally:
            writer.close()

    async def close(self) -> None:
        """Let go of all connections."""
        self._closed = True
        for _, writer, _ in self._idle:
            writer.close()
        self._idle.clear()

    async def _free(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer, since = self._idle.pop()
            if elapsed() - since < _FRESH:
                return reader, writer
            writer.close()
        return await self._connected()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, limit=_CREDIBLE)

    async def _head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = await reader.readuntil(b"\r\n\r\n")
        self.received += len(head)
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


class _Answer:
    """An open answer, in the words of httpx as far as a follower of the feed uses them."""

    def __init__(self, status: int, reader: asyncio.StreamReader, line: PlainLine) -> None:
        self.status_code = status
        self.is_success = status == 200
        self._reader = reader
        self._line = line

    async def aread(self) -> bytes:
        """What it says besides its status is not waited for."""
        return b""

    async def aiter_lines(self) -> AsyncIterator[str]:
        """The lines of a body that comes in chunks."""
        rest = ""
        try:
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                chunk = await self._reader.readexactly(size + 2)
                self._line.received += size
                *lines, rest = (rest + chunk[:-2].decode()).split("\n")
                for line in lines:
                    yield line
        except (OSError, asyncio.IncompleteReadError):
            return
