"""The real app at the end of a line: what comes over it, when, and how much memory the app takes for it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.store.opening import open_store
from tests.faults.pty_driver import Terminal
from tests.robot import furnish, store_url

MINIMAL: Final = "import sys; from benchmarks.minimal_app import main as least; sys.exit(least())"
"""Run in the process before deskterm, and so instead of it."""
QUIET: Final = 0.15
"""Seconds without a byte after which an answer is taken to be whole."""
FIRST: Final = "Handset 00 has no dial tone"


async def stand(folder: Path, tickets: int) -> None:
    """Put a desk with so many open tickets, all in one queue, into a folder."""
    await furnish(folder)
    store = await open_store(store_url(folder), operator="tom")
    for n in range(tickets):
        facts = Facts(
            summary=f"Handset {n:02} has no dial tone",
            type="incident",
            impact="1",
            urgency="1",
            company="Brook & Lane",
            contact="Rosa Amadi",
        )
        await store.submit(c.LogCall(facts=facts, hand_to="desk-1"))
    await store.close()


def desk_with(folder: Path, tickets: int = 60) -> Path:
    """Make such a desk; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(stand(folder, tickets))
    return folder


def first_paint(open_it: Callable[[], Terminal], words: str) -> tuple[float, Terminal]:
    """Seconds from starting the process to the words on the line, and the terminal to go on with."""
    wanted = words.encode()
    begun = time.perf_counter()
    terminal = open_it()
    terminal.until(lambda: wanted in terminal.raw, what=words)
    return time.perf_counter() - begun, terminal


def worked(terminal: Terminal) -> float:
    """Seconds of a processor that the process has taken so far, with threads that have ended (Linux tells).

    On a busy machine this is steadier than the time it took.
    """
    return time.clock_gettime((~terminal.pid) << 3 | 2)


def peak_memory(terminal: Terminal) -> float:
    """The most memory that the process has had, in MB (Linux tells)."""
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def memory(terminal: Terminal) -> float:
    """The memory that the process has now and shares with nobody, in MB."""
    rollup = Path(f"/proc/{terminal.pid}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) / 1024


def rests(terminal: Terminal, seconds: float = 20.0) -> None:
    """Read until the app has nothing more to do: no byte came, and it hardly ran though a processor was free."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        read, (ran, waited) = len(terminal.raw), _ran(terminal)
        terminal.watches(QUIET)
        then_ran, then_waited = _ran(terminal)
        if read == len(terminal.raw) and then_ran - ran < QUIET / 10 and then_waited - waited < QUIET / 5:
            return


def _ran(terminal: Terminal) -> tuple[float, float]:
    """Seconds for which the app's threads have run so far, and have waited for a processor (Linux tells)."""
    ran = waited = 0
    with suppress(OSError, IndexError):
        for thread in Path(f"/proc/{terminal.pid}/task").iterdir():
            spent = (thread / "schedstat").read_text().split()
            ran, waited = ran + int(spent[0]), waited + int(spent[1])
    return ran / 1e9, waited / 1e9


def cost(terminal: Terminal, *keys: str) -> int:
    """Bytes that come over the line for keys, with all that they set off."""
    before = len(terminal.raw)
    terminal.press(*keys)
    rests(terminal)
    return len(terminal.raw) - before
