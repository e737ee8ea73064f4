"""A desk behind a real server on a real socket, with somebody of each level, and a restricted group."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from tests.store.conftest import DESK_SOURCE, Clock
from tests.store.conftest import templates as templates
from tests.store.served import Desk, exchange

RESTRICTED = """
[[group]]
name = "soc"
title = "Security"
level = 2
restricted = true

[[group]]
name = "carrier"
title = "The carrier"
level = "vendor"

[[operator]]
name = "Sol"
level = 2
groups = ["soc"]

[[operator]]
name = "Vera"
level = "vendor"
groups = ["carrier"]
"""
DESK = DESK_SOURCE + RESTRICTED


class Served(Desk):
    """The desk, and a plain client for it."""

    client: httpx.AsyncClient
    time: Clock

    async def headers(self, operator: str) -> dict[str, str]:
        """What somebody's requests bear."""
        return {"Authorization": f"Bearer {await self.token(operator)}"}

    async def as_supervisor(self, command: c.AnyCommand) -> None:
        """Submit something where the desk is kept."""
        sue = self.desk.seen_by(Operator(name="Sue", level="supervisor"))
        await self.exchange.do(sue.submit(command))


@pytest.fixture
async def served(templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[Served]:
    """A furnished desk, served."""
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)
    clock = Clock()
    desk = Served(exchange(), f"sqlite:///{path}", clock)
    desk.time = clock
    await desk.begin()
    await desk.as_supervisor(c.LoadDesk(name="desk.toml", source=DESK))
    async with httpx.AsyncClient(base_url=desk.address, timeout=30) as client:
        desk.client = client
        yield desk
    await desk.close()
