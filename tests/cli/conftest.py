"""A shell for tests: run in this process on a desk in memory or on a real store, or as a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from deskterm.desk.commands import LoadDesk, Register
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service
from deskterm.store.opening import open_store
from tests.cli.memory import MemoryDesk

NOW = datetime.fromisoformat("2025-11-21T10:41:00+00:00")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it answered, read as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error in its JSON answer."""
        found: dict[str, str] = self.json["error"]
        return found


Run = Callable[..., Answer]


@pytest.fixture
def on(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: `on(desk, "take", ref)`; the desk is in memory, or the path of a store."""

    def go(desk: MemoryDesk | Path, *args: str) -> Answer:
        capfd.readouterr()
        if isinstance(desk, MemoryDesk):

            async def opener(*_how: object) -> Any:
                return desk

            shell = Shell(opener=opener, clock=lambda: desk.now)
        else:
            shell = Shell(store=str(desk), clock=lambda: NOW)
        code = run(args, shell)
        return Answer(code, *capfd.readouterr())

    return go


def quietly(store: Path, *args: str) -> None:
    """Run a command in this process, to prepare a test; it has to succeed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as trouble:
        assert run(args, Shell(store=str(store), clock=lambda: NOW)) == 0, trouble.getvalue()


def program(*args: str | bytes, stdin: bytes = b"", **environ: str) -> Answer:
    """Run deskterm as a program of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "deskterm", *args], input=stdin, capture_output=True, check=False, timeout=60,
        env={**os.environ, **environ},
    )  # fmt: skip
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


CUSTOMERS: tuple[Entry, ...] = (
    Company(key="BL", name="Brook & Lane"),
    Contact(key="bl-1", company="BL", name="Ada Moss", phone="+44 7700 900123", email="ada@brook.example"),
    Contact(key="bl-2", company="BL", name="Jon Reed", phone="+44 7700 900188"),
    Contract(key="BL-204", company="BL", cover="always", requires=("rack",)),
    Service(key="SIP-204", company="BL", name="Telephony", contract="BL-204"),
    Item(key="2XK-11", company="BL", make="Harbour"),
    Company(key="AC", name="Alder Clinic"),
    Contact(key="ac-1", company="AC", name="Ada Moss", phone="+44 7700 900455"),
    Contract(key="AC-1", company="AC"),
    Contract(key="AC-2", company="AC"),
    Service(key="LAN-7", company="AC", name="Network", contract="AC-2"),
)
"""Two customers: two people of one name, one company with a single contract and one with two."""


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a desk and customers, made once."""
    path = tmp_path_factory.mktemp("furnished") / "desk.db"

    async def furnish() -> None:
        store = await open_store(str(path), clock=lambda: NOW)
        source, _ = load_sample("managed-network")
        await store.submit(LoadDesk(name="managed-network.toml", source=source, demo=True))
        for entry in CUSTOMERS:
            await store.submit(Register(entry=entry))
        await store.close()

    asyncio.run(furnish())
    return path


@pytest.fixture
def store(furnished: Path, tmp_path: Path) -> Path:
    """A furnished store of the test's own."""
    return Path(shutil.copy(furnished, tmp_path / "desk.db"))
