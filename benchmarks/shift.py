"""Bytes a key over a whole shift, drawn for a thin line at 80x24, beside the least that Textual's own Input costs.

Thirty callers ring: each call is logged and handed on, chased, taken, solved and confirmed, at a human pace through a
real pseudo-terminal. What was done is looked up in the store afterwards, so that no key counts that led nowhere.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.line import desk_with, rests
from benchmarks.measuring import Verdict, keep, machine
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.opening import open_store
from tests.faults.pty_driver import Terminal
from tests.robot import store_url

CALLS = 30
PACE = 0.06
"""Seconds from key to key: a fast typist."""
MOST = 500
RESULT = Path("build/benchmarks/shift.json")
BARE = "import sys; from benchmarks.minimal_app import BareInput; BareInput().run(); sys.exit()"
CALLERS = ("rosa", "piet", "jon", "mina")
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "joker")


class Shift:
    """Somebody at the keyboard for a whole shift."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.keys = 0

    def press(self, *keys: str) -> None:
        """Press keys one after the other, at a human pace."""
        for key in keys:
            self._terminal.press(key)
            self.keys += 1
            self._terminal.watches(PACE)

    def reads(self) -> None:
        """Look up: until what was asked for stands there."""
        rests(self._terminal)

    def answers(self, number: int) -> None:
        """A call from its first word to the customer's thanks."""
        word = f"{WORDS[number % 10]}{number}"
        self.press("f2", *CALLERS[number % 4])
        self.reads()
        self.press("enter", *f"No dial tone at desk {word}", "enter", "2", "2", "f8")
        self.reads()
        self.press("enter")  # the number has been read out
        self.reads()
        self.press("/", *word)
        self.reads()
        self.press("enter", "c", *"When will it work?", "enter")
        self.reads()
        self.press("t")
        self.reads()
        self.press("r", *"dial tone")
        self.reads()
        self.press("enter")
        self.reads()
        self.press("y", "enter")
        self.reads()
        self.press("escape")
        self.reads()


def worked(folder: Path) -> tuple[int, int]:
    """Work a shift; returns keys and bytes."""
    (folder / "settings.toml").write_text('line = "thin"\n')
    with Terminal(folder, args=("--as", "kofi")) as terminal:
        terminal.waits_for("live")
        rests(terminal)
        shift = Shift(terminal)
        shift.press("5")
        rests(terminal)
        before = len(terminal.raw)
        shift.keys = 0
        for number in range(CALLS):
            shift.answers(number)
        return shift.keys, len(terminal.raw) - before


def bare(folder: Path) -> float:
    """Bytes a letter in Textual's own Input."""
    with Terminal(folder, planted=BARE) as terminal:
        terminal.waits_for("Type here")
        rests(terminal)
        before, text = len(terminal.raw), "No dial tone at the desk"
        terminal.types(text, lambda: PACE)
        rests(terminal)
        return (len(terminal.raw) - before) / len(text)


async def done(folder: Path) -> int:
    """How many calls went all the way: chased, solved and closed with the customer's word."""
    store = await open_store(store_url(folder), operator="kofi")
    rows = (await store.queue(QueueQuery(view="all", text="No dial tone at desk", limit=100))).rows
    tickets = [(await store.ticket(row.id)).ticket for row in rows]
    await store.close()
    return sum(t.status is Status.CLOSED and t.chases == 1 and t.confirmation is not None for t in tickets)


async def main() -> bool:
    """Work the shift and print the figure; says whether it is within what is promised."""
    with TemporaryDirectory() as temporary:
        folder = await asyncio.to_thread(desk_with, Path(temporary) / "desk", 20)
        keys, sent = await asyncio.to_thread(worked, folder)
        least = await asyncio.to_thread(bare, folder.parent)
        all_the_way = await done(folder)
    verdicts = [
        Verdict("bytes a key over the shift", sent / keys, MOST),
        Verdict("calls that did not go all the way", CALLS - all_the_way, 0),
    ]
    print(f"\nA shift of {CALLS} calls: {keys} keys, {sent} bytes; a letter in a bare Input: {least:.0f} bytes")
    for verdict in verdicts:
        print(f"  {verdict}")
    keep(RESULT, {"machine": machine(), "keys": keys, "bytes": sent, "bare input": least}, verdicts)
    return all(verdict.is_kept for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
