"""A shell for tests: run in this process on a desk in memory or on a real store, or as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli.base import Shell
from deskterm.cli.entry import run
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


def program(*args: str | bytes, stdin: bytes = b"", **environ: str) -> Answer:
    """Run deskterm as a program of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "deskterm", *args], input=stdin, capture_output=True, check=False, timeout=60,
        env={**os.environ, **environ},
    )  # fmt: skip
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
