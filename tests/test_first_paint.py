"""The first paint of the app: what stands on it, and what must not be loaded for it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.faults.pty_driver import Terminal
from tests.robot import Clock, furnish, log_ticket

WORDS = "Handset base lost its link"
LATER = {
    "pydantic", "sqlalchemy", "alembic", "httpx", "click", "phonenumbers", "holidays", "textual.widgets._markdown",
    "textual.widgets._text_area", "deskterm.desk.tickets.views", "_ssl",
}  # fmt: skip
"""What is slow to load. The app needs some of it, once tickets stand on the screen."""
NOTES = """
import sys
from importlib import import_module
from pathlib import Path

class Notes:
    def find_spec(self, name, path=None, target=None):
        if name == "deskterm.screens.base":
            sys.meta_path.remove(self)
            driver = import_module("textual.drivers.linux_driver").LinuxDriver
            write = driver.write
            def noted(self, data):
                if WORDS in data and not FILE.exists():
                    FILE.write_text(chr(10).join(sys.modules))
                write(self, data)
            driver.write = noted

sys.meta_path.insert(0, Notes())
"""
"""Planted before the app: writes down what is loaded when a ticket is painted for the first time."""


async def desk_with_a_ticket(folder: Path) -> None:
    """A desk where one ticket waits."""
    await furnish(folder)
    await log_ticket(folder, Clock(), summary=WORDS, to="desk-1")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_ticket_is_painted_before_anything_slow_is_loaded(tmp_path: Path) -> None:
    """And what is typed meanwhile is not lost."""
    folder, file = tmp_path / "desk", tmp_path / "loaded"
    folder.mkdir()
    asyncio.run(desk_with_a_ticket(folder))
    planted = f"WORDS = {WORDS!r}\n{NOTES}\nFILE = Path({str(file)!r})"
    with Terminal(folder, planted=planted) as terminal:
        terminal.press("?")
        terminal.waits_for(WORDS)
        loaded = set(file.read_text().split())
        assert loaded & LATER == set()
        assert {"deskterm.screens.queue", "deskterm.store.first_look"} <= loaded
        terminal.waits_for("Help")
