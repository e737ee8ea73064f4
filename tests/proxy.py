"""A TCP proxy that fails as lines fail: it cuts, delays, repeats what was asked, and swallows answers.

It runs in a thread of its own, so that it goes on while the test's loop waits. `asked` counts round trips: each time
that something is said to the server after it has answered. `hold` keeps every answer back until `release`, so that a
test says what comes before an answer without measuring time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import threading
from dataclasses import dataclass, field

STALLS = (0.5, 3.0)
"""Seconds for which an answer is held that stalls, at least and at most."""


@dataclass
class Faults:
    """What goes wrong now."""

    cut: bool = False
    """Nobody is let through, and who was through is cut off."""
    delay: float = 0.0
    """Seconds that each way takes longer."""
    stall: float = 0.0
    """The share of answers that are held for a random while, `STALLS` long."""
    swallow: int = 0
    """So many answers are lost, the connection with them, after the server has done what it was asked."""
    repeat: int = 0
    """So many times what was asked is said to the server twice, on a connection of its own."""


@dataclass
class Tally:
    """What the proxy has seen."""

    asked: int = 0
    swallowed: int = 0
    repeated: int = 0
    cut: int = 0
    refused: int = 0
    """Who came while the line was cut, or nobody was there behind it."""
    delayed: int = 0
    stalled: int = 0
    held: int = 0
    """Answers that are kept back just now."""
    said: list[bytes] = field(default_factory=list)
    """The first line of everything that was asked."""


class Proxy:
    """The proxy before one port of this machine. `url` is where to go instead."""

    def __init__(self, port: int) -> None:
        self.port_behind = port
        self.faults = Faults()
        self.tally = Tally()
        self.random = random.Random(7)
        self._open: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()
        self._but = b""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        self._ready.wait(10)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut the line: from now on nobody gets through."""
        self.faults.cut = True
        self._loop.call_soon_threadsafe(self._cut_all)

    def mend(self) -> None:
        """Let everybody through again."""
        self.faults.cut = False

    def hold(self, but: bytes = b"") -> None:
        """Keep every answer back from now on, but to what has some words in its first line."""
        holding = threading.Event()

        def begin() -> None:
            self._but = but
            self._passing.clear()
            holding.set()

        self._loop.call_soon_threadsafe(begin)
        holding.wait(10)

    def release(self) -> None:
        """Let what was kept back go, and everything after it."""
        self._loop.call_soon_threadsafe(self._passing.set)

    def drop(self) -> None:
        """Cut off whoever is through, once."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def close(self) -> None:
        """End it, and whoever is through."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._passing.set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        self._cut_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def passes(self, asked: bytes) -> bool:
        """Whether the answer to this is let through now."""
        return self._passing.is_set() or bool(self._but and self._but in asked)

    async def released(self) -> None:
        """Wait until answers are let through."""
        await self._passing.wait()

    def _cut_all(self) -> None:
        for writer in tuple(self._open):
            self.tally.cut += 1
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.faults.cut:
            self._refuse(writer)
            return
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.port_behind)
        except OSError:
            self._refuse(writer)
            return
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            line = _Line(self, writer, to_writer)
            self._open |= {writer, to_writer}
            try:
                await asyncio.gather(line.up(reader), line.down(to_reader))
            finally:
                self._open -= {writer, to_writer}
                to_writer.close()
                writer.close()

    def _refuse(self, writer: asyncio.StreamWriter) -> None:
        self.tally.refused += 1
        writer.transport.abort()


class _Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._answers = True
        self._swallows = False
        self._asked = b""

    async def up(self, reader: asyncio.StreamReader) -> None:
        """Pass on what is asked."""
        faults, tally = self._proxy.faults, self._proxy.tally
        while said := await reader.read(65536):
            if self._answers:
                self._answers = False
                said = await self._whole(said, reader) if said.startswith(b"POST") else said
                tally.asked += 1
                self._asked = said.split(b"\r\n", 1)[0]
                tally.said.append(self._asked)
                if faults.swallow and said.startswith(b"POST"):
                    faults.swallow -= 1
                    self._swallows = True
                if faults.repeat and said.startswith(b"POST"):
                    faults.repeat -= 1
                    tally.repeated += 1
                    await self._again(said)
            await self._wait()
            self._server.write(said)
            await self._server.drain()
        with contextlib.suppress(OSError, RuntimeError):
            self._server.write_eof()

    async def _whole(self, said: bytes, reader: asyncio.StreamReader) -> bytes:
        """All of a request that began so."""
        while b"\r\n\r\n" not in said:
            said += await reader.readuntil(b"\r\n\r\n")
        head, _, body = said.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        return said + await reader.readexactly(max(0, int(length[1]) - len(body)) if length else 0)

    async def down(self, reader: asyncio.StreamReader) -> None:
        """Pass on what is answered, or swallow it."""
        while said := await reader.read(65536):
            begins, self._answers = not self._answers, True
            if self._swallows:
                self._proxy.tally.swallowed += 1
                self._client.transport.abort()
                return
            await self._wait()
            await self._pass(begins)
            self._client.write(said)
            await self._client.drain()
        self._client.close()

    async def _wait(self) -> None:
        if self._proxy.faults.delay:
            self._proxy.tally.delayed += 1
            await asyncio.sleep(self._proxy.faults.delay)

    async def _pass(self, begins: bool) -> None:
        """Wait for as long as an answer stalls, or is kept back."""
        proxy = self._proxy
        if begins and proxy.random.random() < proxy.faults.stall:
            proxy.tally.stalled += 1
            await asyncio.sleep(proxy.random.uniform(*STALLS))
        if not proxy.passes(self._asked):
            proxy.tally.held += 1
            await proxy.released()
            proxy.tally.held -= 1

    async def _again(self, said: bytes) -> None:
        """Say the same to the server by itself, and wait until it has answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._proxy.port_behind)
        writer.write(said)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader.read(64), 5)
        writer.close()
