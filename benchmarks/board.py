"""What the board costs: bytes on the line while a busy desk works, and time as the closed past grows.

The real app stands on its board at the end of a pseudo-terminal of 80x24 while another process makes twenty changes a
second. At the end, what the screen shows has to be what the store counts.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.desks import SIZES, desk_of, shelf
from benchmarks.history import END
from benchmarks.line import desk_with, rests
from benchmarks.measuring import Verdict
from deskterm.store.opening import open_store
from tests.faults.pty_driver import Terminal
from tests.robot import store_url

SECONDS, RATE = 30, 20
MOST_BYTES = 1024
MOST_GROWTH = 1.5
LOOKS = 40
_WORK = """
import asyncio, random, sys, time
from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.store.base import StoreError
from deskterm.store.opening import open_store

async def main(url, seconds, rate):
    store, rng, ids, due = await open_store(url, operator="ruth"), random.Random(1), [], time.monotonic()
    done = 0
    while done < int(seconds) * int(rate):
        try:
            if done % 4 == 0 or not ids:
                how = {"impact": rng.choice("123"), "urgency": rng.choice("123")}
                facts = Facts(summary=f"Call {done}", type="incident", **how)
                ids.append((await store.submit(c.LogCall(facts=facts, hand_to="net-2"))).record_id)
            else:
                one, sort, to = rng.choice(ids), rng.random(), rng.choice(("desk-1", "voice-1", "field"))
                await store.submit(
                    c.Take(ticket=one) if sort < 0.3
                    else c.HandOff(ticket=one, to=to, reason="theirs") if sort < 0.6
                    else c.RecordContact(ticket=one, reason="chase", who="Rosa") if sort < 0.9
                    else c.Withdraw(ticket=one, reason="It works again")
                )
            done += 1
        except StoreError:
            ids.remove(one)  # it has ended, or is not hers to work on
            continue
        due += 1 / int(rate)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def main(options: list[str]) -> bool:
    """Measure and print; says whether both promises were kept. `--small` leaves the million tickets out."""
    with TemporaryDirectory() as temporary:
        folder = await asyncio.to_thread(desk_with, Path(temporary) / "desk")
        bytes_a_second, changes = await asyncio.to_thread(on_the_line, folder)
    print(f"\nThe board at 80x24 while {changes} changes land in {SECONDS} s: {bytes_a_second:.0f} bytes a second")
    verdicts = [Verdict("bytes a second on the line", bytes_a_second, MOST_BYTES)]
    sizes = list(SIZES)[: 2 if "--small" in options else 3]
    spent = await looking(sizes)
    for name, milliseconds in spent.items():
        print(f"  one look at {name:>4} tickets: {milliseconds:.1f} ms")
    verdicts.append(Verdict(f"{sizes[-1]} against {sizes[0]}", spent[sizes[-1]] / spent[sizes[0]], MOST_GROWTH))
    print("\n".join(f"  {verdict}" for verdict in verdicts))
    return all(verdict.is_kept for verdict in verdicts)


def on_the_line(folder: Path) -> tuple[float, int]:
    """Bytes a second that come while others work, and how many changes they made."""
    with Terminal(folder, args=("--as", "ruth")) as terminal:
        terminal.waits_for("live")
        terminal.press("b")
        terminal.waits_for("Needs you")
        rests(terminal)
        before, events = len(terminal.raw), _head(folder)
        worker = subprocess.Popen([sys.executable, "-c", _WORK, store_url(folder), str(SECONDS), str(RATE)])
        begun = time.monotonic()
        while worker.poll() is None:
            terminal.watches(0.2)
        spent = time.monotonic() - begun
        sent = len(terminal.raw) - before
        terminal.watches(2.0)
        board = asyncio.run(_board(folder))
        terminal.waits_for(str(board))
        return sent / spent, _head(folder) - events


async def _board(folder: Path) -> int:
    store = await open_store(store_url(folder))
    try:
        return (await store.board()).today.logged.tickets
    finally:
        await store.close()


def _head(folder: Path) -> int:
    import sqlite3

    with sqlite3.connect(folder / "desk.db") as connection:
        return int(connection.execute("SELECT position FROM head").fetchone()[0])


async def looking(sizes: list[str]) -> dict[str, float]:
    """Milliseconds for one look at desks of these sizes, measured in turns: the medians."""
    stores, spent = {}, {name: list[float]() for name in sizes}
    try:
        for name in sizes:
            path = await asyncio.to_thread(desk_of, SIZES[name], shelf())
            stores[name] = await open_store(str(path), clock=lambda: END)
            await stores[name].board()
        for _ in range(LOOKS):
            for name, store in stores.items():
                begun = time.perf_counter()
                await store.board()
                spent[name].append((time.perf_counter() - begun) * 1000)
    finally:
        for store in stores.values():
            await store.close()
    return {name: statistics.median(times) for name, times in spent.items()}
