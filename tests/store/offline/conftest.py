"""A desk behind a real server process, a line that can be cut, and an operator at the far end of it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deskterm.store.accounts import SCOPES
from deskterm.store.local import LocalStore
from deskterm.store.offline.opening import open_offline
from deskterm.store.offline.store import OfflineStore
from deskterm.store.opening import open_store, utc_now
from deskterm.store.serving import ServedDesk
from tests.environment import neutral
from tests.proxy import Proxy
from tests.store.served import Desk, exchange

OPERATORS = ("Nora", "Lea", "Tom")


class Far:
    """A desk in a file, served, behind a proxy."""

    behind = ""
    """What of the address comes after the port."""

    def __init__(self, path: Path, state: Path) -> None:
        self.path = path
        self.state = state
        self.tokens: dict[str, str] = {}
        self.proxy: Proxy
        self._desk: Desk | None = None
        self._process: subprocess.Popen[str] | None = None
        self._open: list[OfflineStore | LocalStore] = []

    @property
    def url(self) -> str:
        """Where the desk is, as its client sees it."""
        return self.proxy.url + self.behind

    async def begin(self, *operators: str, clock: Callable[[], datetime] = utc_now) -> None:
        """Serve it in a thread of this process, which is quick."""
        self._desk = Desk(exchange(), f"sqlite:///{self.path}", clock)
        await self._desk.begin()
        for name in operators or OPERATORS:
            self.tokens[name] = await self._desk.token(name)
        address = urlsplit(self._desk.address)
        self.behind = address.path
        self.proxy = Proxy(address.port or 0)

    async def begin_apart(self) -> None:
        """Serve it by a process of its own."""
        store = await open_store(str(self.path))
        for name in OPERATORS:
            made = ServedDesk(store).create_token(name, tuple(SCOPES), lasts=timedelta(days=9))
            self.tokens[name], _ = await made
        await store.close()
        self.proxy = Proxy(await asyncio.to_thread(self.serve))

    def serve(self, port: int = 0) -> int:
        """Start `deskterm serve`, and return its port."""
        command = [sys.executable, "-m", "deskterm", "serve", "--store", str(self.path), "--json"]
        command += ["--port", str(port), "--rate", "100000"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=neutral(os.environ)
        )
        assert self._process.stdout is not None
        return int(json.loads(self._process.stdout.readline())["url"].rpartition(":")[2])

    def cpu(self) -> float:
        """Seconds that server and client have worked so far."""
        assert self._process is not None
        _, _, rest = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")
        user, system = rest.split()[11:13]
        return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Kill the server, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def environment(self, operator: str = "Nora") -> dict[str, str]:
        """What a shell at the far end has in its environment."""
        return {
            **neutral(os.environ), "DESKTERM_TOKEN": self.tokens[operator], "DESKTERM_STATE_DIR": str(self.state),
            "DESKTERM_STORE": self.url,
        }  # fmt: skip

    async def open(self, operator: str = "Nora", fresh: float = 3600.0) -> OfflineStore:
        """The desk as an operator sees it over the line."""
        found = self.environment(operator)
        store = await open_offline(self.url, clock=utc_now, environ=found, fresh=fresh)
        self._open.append(store)
        return store

    async def there(self, operator: str = "Lea") -> LocalStore:
        """The desk as it is on the server's machine."""
        store = await open_store(str(self.path), operator=operator)
        self._open.append(store)
        return store

    async def close(self) -> None:
        """Close what was opened, and end the server."""
        for store in self._open:
            await store.close()
        self.proxy.close()
        if self._desk is not None:
            await self._desk.close()
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()


@pytest.fixture
async def far(templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[Far]:
    """A served desk with customers, and a line to it."""
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)
    made = Far(path, tmp_path / "state")
    await made.begin()
    yield made
    await made.close()


@pytest.fixture
async def far_apart(templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[Far]:
    """The same, by a real server process."""
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)
    made = Far(path, tmp_path / "state")
    await made.begin_apart()
    yield made
    await made.close()


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that comes by itself."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
