"""Desks to measure: so many tickets in a store of their own, made once and kept for the next run.

A desk comes into its store as any other does that moves: `import_log` takes the lines that `history` invents.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from platformdirs import user_cache_path

from benchmarks.history import BEGAN, PAUSE, History, Ledger
from deskterm.store.opening import open_store
from deskterm.store.schema import HEAD

MAKER: Final = 1
"""Counts up when the same seed begins to make another desk."""
SIZES: Final = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}


def shelf() -> Path:
    """Where desks are kept unless another place is named."""
    return user_cache_path("deskterm-bench")


def end_of(tickets: int) -> datetime:
    """The moment at which a desk's history ends."""
    return BEGAN + PAUSE * (tickets + 1)


def desk_of(tickets: int, folder: Path, seed: int = 1) -> Path:
    """The store of a desk with so many tickets, made now unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"desk-{tickets}-{seed}-{HEAD}.{MAKER}.db"
    if not path.exists():
        with TemporaryDirectory(dir=folder, prefix="making-") as room:
            made = Path(room) / path.name
            _make(tickets, seed, made)
            made.rename(path)
    return path


def _make(tickets: int, seed: int, path: Path) -> None:
    began = time.perf_counter()
    with (path.parent / "events").open("w+") as events, (path.parent / "receipts").open("w+") as receipts:
        ledger = Ledger(events, receipts)
        History(tickets, seed, ledger).happen()
        _say(f"  {tickets} tickets invented in {time.perf_counter() - began:.0f} s")
        events.seek(0)
        receipts.seek(0)
        began = time.perf_counter()
        count = asyncio.run(_import(path, chain([ledger.head], events, receipts)))
    _say(f"  {count} events imported in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB")


async def _import(path: Path, lines: Iterable[str]) -> int:
    store = await open_store(str(path))
    try:
        return await store.import_log(lines)
    finally:
        await store.close()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
