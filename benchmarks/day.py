"""Memory after a busy day: what the app holds after an hour's work must be about what it held after a minute's.

Time is compressed: as many changes and screens as an hour would bring, without the waiting. Another process makes the
changes, 20 for each second that is replayed, to all open tickets in turn; somebody opens and closes screens all the
while, 500 in the hour. After each minute the last change to the first ticket in view has to stand on the screen.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.line import desk_with, memory, rests
from benchmarks.measuring import Verdict, keep, machine
from tests.faults.pty_driver import Terminal
from tests.robot import store_url

MINUTES = 60
CHANGES_A_SECOND = 20
SCREENS = 500
TICKETS = 400
"""Open at once, all at one group; each is changed 180 times in the hour, which no ticket is in life."""
MOST = 1.1
PATIENCE = 600.0
"""Seconds until a change has to stand on the screen: on a busy machine the app gets a small share of a processor."""
RESULT = Path("build/benchmarks/day.json")
OPENS = ("enter", "f2", "?", "f12", "enter", ":")
CHANGER = """
import asyncio, sys
from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.batch import Submission
from deskterm.store.opening import open_store

async def main(url):
    store = await open_store(url, operator="tom")
    tickets = [row.id for row in (await store.queue(QueueQuery(view="open", limit=1000))).rows]
    print(len(tickets), flush=True)
    made = 0
    for line in sys.stdin:
        for _ in range(int(line)):
            changes = [(tickets[n % len(tickets)], f"Change {n:05}") for n in range(made, made + 20)]
            made += 20
            await store.submit_all([Submission(c.Amend(ticket=id, changes={"summary": to})) for id, to in changes])
        print(f"Change {(made - 1) // len(tickets) * len(tickets):05}", flush=True)
    await store.close()

asyncio.run(main(sys.argv[1]))
"""
"""Another process at the desk: changes 20 tickets at once, as often as a line of its input asks for.

Says how many tickets there are, and after each line the last that was done to the first of them.
"""


class Day:
    """A desk where others change tickets and somebody looks at screens."""

    def __init__(self, folder: Path, terminal: Terminal) -> None:
        self._terminal = terminal
        self._opens = cycle(OPENS)
        self._changer = subprocess.Popen(
            [sys.executable, "-c", CHANGER, store_url(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._hears() == str(TICKETS)

    def _hears(self) -> str:
        assert self._changer.stdout is not None
        return self._changer.stdout.readline().strip()

    def minutes(self, many: int) -> float:
        """Replay minutes; returns the memory that the app has afterwards, in MB."""
        assert self._changer.stdin is not None
        screens = round(SCREENS * many / MINUTES)
        for _ in range(many):
            self._changer.stdin.write(f"{60 * CHANGES_A_SECOND // 20}\n")
            self._changer.stdin.flush()
            for _ in range(max(1, screens // many)):
                self._terminal.press(next(self._opens))
                self._terminal.watches(0.25)
                self._terminal.press("escape")
                self._terminal.watches(0.1)
                self._terminal.press("escape")
                self._terminal.watches(0.1)
            self._terminal.waits_for(self._hears(), PATIENCE)
            rests(self._terminal)
        return memory(self._terminal)

    def ends(self) -> None:
        """Everybody goes home."""
        self._changer.kill()
        self._changer.wait()


def replayed(folder: Path) -> tuple[float, float]:
    """Replay the day; returns the memory after its first minute and after its hour, in MB."""
    with Terminal(folder) as terminal:
        terminal.waits_for("live")
        rests(terminal)
        day = Day(folder, terminal)
        try:
            for key in OPENS:  # each screen once, so that what is loaded with the first of its sort is loaded
                terminal.press(key)
                terminal.watches(0.5)
                terminal.press("escape", "escape")
                rests(terminal)
            first = day.minutes(1)
            print(f"  after a minute {first:.1f} MB")
            last = first
            for minute in range(10, MINUTES + 1, 10):
                last = day.minutes(10)
                print(f"  after {minute} minutes {last:.1f} MB")
            return first, last
        finally:
            day.ends()


async def main() -> bool:
    """Replay the day; says whether memory stayed."""
    print("\nMemory of the app through an hour of a busy day")
    with TemporaryDirectory() as temporary:
        folder = await asyncio.to_thread(desk_with, Path(temporary) / "desk", TICKETS)
        first, last = await asyncio.to_thread(replayed, folder)
    verdict = Verdict("memory after an hour, times that after a minute", last / first, MOST)
    print(f"  {verdict}")
    keep(RESULT, {"machine": machine(), "first": first, "last": last}, [verdict])
    return verdict.is_kept


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
