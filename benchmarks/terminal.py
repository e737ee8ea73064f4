"""What the app costs at the end of a line: first paint and memory beside the least Textual app, bytes, and the echo.

Everything goes through a real pseudo-terminal of 80x24 in true colour. First paint and memory are measured in turns
with `minimal_app` and told as ratios; the bytes are exact, and `tests/test_wire.py` holds them.
"""

from __future__ import annotations

import asyncio
import compileall
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deskterm
from benchmarks import minimal_app
from benchmarks.line import FIRST, MINIMAL, cost, desk_with, first_paint, peak_memory, rests, worked
from benchmarks.measuring import Spread, Verdict, keep, machine
from tests.faults.pty_driver import Terminal
from tests.robot import store_url

PAIRS = 9
ECHOES = 150
RESULT = Path("build/benchmarks/terminal.json")
CHANGE = """
import asyncio, sys
from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.opening import open_store

async def main(url, changes, pause):
    store = await open_store(url, operator="tom")
    rows = (await store.queue(QueueQuery(view="open"))).rows
    for n in range(int(changes)):
        row = rows[3 + n % 5]
        await store.submit(c.Amend(ticket=row.id, changes={"summary": f"Changed for the {n}. time"}))
        await asyncio.sleep(float(pause))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""
"""Another process that changes tickets in view of the one under the cursor."""


def changing(folder: Path, changes: int, pause: float) -> subprocess.Popen[bytes]:
    """Let somebody else change tickets."""
    return subprocess.Popen([sys.executable, "-c", CHANGE, store_url(folder), str(changes), str(pause)])


def pairs(folder: Path) -> dict[str, Any]:
    """First paint and peak memory, ours and the floor's, measured in turns."""
    floor, ours, floor_memory, our_memory, work = [], [], [], [], []
    for n in range(PAIRS + 1):
        spent, terminal = first_paint(lambda: Terminal(folder.parent, planted=MINIMAL), minimal_app.FIRST)
        least_work = worked(terminal)
        with terminal:
            rests(terminal)
            least = peak_memory(terminal)
        own, terminal = first_paint(lambda: Terminal(folder), FIRST)
        ratio = worked(terminal) / least_work
        with terminal:
            terminal.waits_for("live")  # with the desk opened, however long that takes
            rests(terminal)
            most = peak_memory(terminal)
        if n:  # the first pair warms the disk
            floor.append(spent * 1000)
            ours.append(own * 1000)
            work.append(ratio)
            floor_memory.append(least)
            our_memory.append(most)
    return {
        "paint": [Spread.of(floor), Spread.of(ours)],
        "paint ratio": statistics.median(b / a for a, b in zip(floor, ours, strict=True)),
        "work ratio": statistics.median(work),
        "memory": [statistics.median(floor_memory), statistics.median(our_memory)],
        "memory ratio": statistics.median(b / a for a, b in zip(floor_memory, our_memory, strict=True)),
    }


def bytes_of(folder: Path) -> dict[str, float]:
    """Bytes of single operations, each the largest of several."""
    found: dict[str, float] = {}
    with Terminal(folder) as terminal:
        terminal.waits_for("live")
        rests(terminal)
        terminal.press("5", "p")  # all that is open, without the preview
        rests(terminal)
        cost(terminal, "down")  # the hints follow the preview, which has gone
        found["a cursor move"] = max(cost(terminal, "down") for _ in range(5))
        found["a scrolled step"] = max(cost(terminal, "down") for _ in range(20))
        terminal.press("g")
        rests(terminal)
        before = len(terminal.raw)
        changing(folder, 5, 0.5).wait()
        rests(terminal)
        found["a changed row elsewhere"] = (len(terminal.raw) - before) / 5
        terminal.press("p")
        rests(terminal)
        found["a cursor move with its preview"] = max(cost(terminal, "down") for _ in range(5))
        found["idle, a second"] = idle(terminal, 10)
        cost(terminal, "f2")
        terminal.types("rosa")
        rests(terminal)
        cost(terminal, "enter")
        found["a typed character"] = statistics.median(cost(terminal, letter) for letter in "the handset is dead")
        terminal.waits_for("Saved")
        found["idle in a call, a second"] = idle(terminal, 10)
    return found


def idle(terminal: Terminal, seconds: float) -> float:
    """Bytes a second while nobody does anything, between two minutes."""
    rests(terminal)
    if 60 - time.time() % 60 < seconds + 2:
        time.sleep(62 - time.time() % 60)
        rests(terminal)
    before = len(terminal.raw)
    terminal.watches(seconds)
    return (len(terminal.raw) - before) / seconds


def echoes(folder: Path) -> Spread:
    """Key to echo in a call, in ms, while the journal syncs and another process makes 20 changes a second."""
    spans = []
    rng = random.Random(4)
    with Terminal(folder) as terminal:
        terminal.waits_for("live")
        rests(terminal)
        terminal.press("f2")
        terminal.types("rosa")
        rests(terminal)
        terminal.press("enter")
        rests(terminal)
        other = changing(folder, 20 * 60, 0.05)
        terminal.watches(2)
        for _ in range(ECHOES):
            letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
            terminal.watches(0.08 + rng.random() / 10)
            read, begun = len(terminal.raw), time.perf_counter()
            terminal.press(letter)
            while letter.encode() not in _text(bytes(terminal.raw[read:])):
                assert time.perf_counter() - begun < 10, terminal.seen()
                terminal.watches(0.0005)  # and leave the processor to the app
            spans.append((time.perf_counter() - begun) * 1000)
        other.terminate()
        other.wait()
    return Spread.of(spans)


def _text(sent: bytes) -> bytes:
    """What was drawn, without the sequences between."""
    return b"".join(part.partition(b"m")[2] for part in sent.split(b"\x1b["))


def measure(folder: Path) -> list[Verdict]:
    """Measure everything and print it as it comes."""
    print("First paint of a ticket and peak memory, beside the least Textual app\n")
    pair = pairs(folder)
    for name, spread, memory in zip(("least", "deskterm"), pair["paint"], pair["memory"], strict=True):
        print(f"  {name:<10}{spread.median:7.0f} ms  ({spread.low:.0f}–{spread.high:.0f})  {memory:6.1f} MB")
    print(f"\n  processor time until then, times the least app's: {pair['work ratio']:.2f}")
    verdicts = [
        Verdict("first paint, times the least app's", pair["paint ratio"], 1.2),
        Verdict("peak memory, times the least app's", pair["memory ratio"], 1.75),
    ]
    most = {
        "a typed character": 260, "a cursor move": 450, "a changed row elsewhere": 300, "a scrolled step": 7000,
        "idle, a second": 0, "idle in a call, a second": 120,
    }  # fmt: skip
    found = bytes_of(folder)
    print(f"\nBytes at 80x24 in true colour; {found}")
    verdicts += [Verdict(f"bytes for {name}", found[name], limit) for name, limit in most.items()]
    echo = echoes(folder)
    print(f"\nKey to echo: median {echo.median:.1f} ms, p99 {echo.p99:.1f} ms, {echo.times} keys")
    verdicts.append(Verdict("key to echo, p99 in ms", echo.p99, 50))
    keep(RESULT, {"machine": machine(), "bytes": found, "work ratio": pair["work ratio"]}, verdicts)
    return verdicts


async def main() -> bool:
    """Measure, print, keep; says whether everything came within what is promised."""
    # As a package is once it is installed: what has to be compiled first takes twice the time, and memory besides.
    compileall.compile_dir(Path(deskterm.__file__).parent, quiet=1)
    with TemporaryDirectory() as temporary:
        folder = await asyncio.to_thread(desk_with, Path(temporary) / "desk")
        verdicts = await asyncio.to_thread(measure, folder)
    print()
    for verdict in verdicts:
        print(f"  {verdict}")
    return all(verdict.is_kept for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
