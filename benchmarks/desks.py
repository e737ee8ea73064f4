"""Desks to measure: so many tickets in a store of their own, made once and kept for the next run."""

from __future__ import annotations

import gc
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from platformdirs import user_cache_path

from benchmarks.history import Chapter, History
from benchmarks.making import make
from benchmarks.patterns import SAMPLE
from deskterm.desk.deskfile.check import load_sample
from deskterm.store.schema import PLAYED

MAKER: Final = 2
"""Counts up when the same seed begins to make another desk."""
SIZES: Final = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
_AHEAD: Final = 4
"""Chapters that may wait to be written."""
_TOLD: Final = 25
"""Chapters after which it is said how far it is."""


def shelf() -> Path:
    """Where desks are kept unless another place is named."""
    return user_cache_path("deskterm-bench")


def desk_of(tickets: int, folder: Path, seed: int = 1) -> Path:
    """The store of a desk with so many tickets, made now unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"desk-{tickets}-{seed}-{PLAYED}.{MAKER}.db"
    if not path.exists():
        with TemporaryDirectory(dir=folder, prefix="making-") as room:
            made = Path(room) / path.name
            began = time.perf_counter()
            with _without_looking_for_circles():
                events = make(made, load_sample(SAMPLE)[1], _chapters(tickets, seed))
            _say(
                f"  {tickets} tickets ({events} events, {made.stat().st_size / 1e6:.0f} MB) made in "
                f"{time.perf_counter() - began:.0f} s"
            )
            made.rename(path)
    return path


_IS_LOGGED: Final = "number IN (SELECT number FROM logged)"
_LESS: Final = """
    UPDATE tally SET tickets = tickets - (
        SELECT count(*) FROM ticket JOIN logged USING (number)
        WHERE (ticket.group_name, ticket.status, ticket.owner <> '') = (tally.group_name, tally.status, tally.owned)
    )
"""
_FORGET: Final = f"""
    INSERT INTO ticket_fts(ticket_fts, rowid, words) SELECT 'delete', number, words FROM ticket WHERE {_IS_LOGGED}
"""
_TAKE_BACK: Final = (
    _FORGET,
    _LESS,
    "DELETE FROM tally WHERE tickets = 0",
    *(f"DELETE FROM {table} WHERE {_IS_LOGGED}" for table in ("follower", "standing", "timer", "ticket")),
    "DELETE FROM receipt WHERE command_id IN (SELECT command_id FROM event WHERE position >= ?)",
    "DELETE FROM event WHERE position >= ?",
    "UPDATE head SET (position, hash) = (SELECT position, hash FROM event ORDER BY position DESC LIMIT 1)",
)


def as_made(path: Path, tickets: int) -> int:
    """Take back what was logged on a desk since it was made, so that every run finds the same; returns how much.

    Raises RuntimeError where something else happened there, too: such a desk is to be made anew.
    """
    last = load_sample(SAMPLE)[1].reference.first + tickets - 1
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(f"CREATE TEMP TABLE logged AS SELECT number, id FROM ticket WHERE number > {last}")
        taken, begin = raw.execute(
            "SELECT count(*), min(position) FROM logged LEFT JOIN event ON record_id = id AND version = 1"
        ).fetchone()
        if taken:
            (other,) = raw.execute(
                "SELECT count(*) FROM event WHERE position >= ? AND record_id NOT IN (SELECT id FROM logged)", (begin,)
            ).fetchone()
            if other:
                raise RuntimeError(f"{path} was changed by something else than a benchmark; delete it.")
            for statement in _TAKE_BACK:
                raw.execute(statement, (begin,) * statement.count("?"))
        raw.execute("COMMIT")
    return int(taken)


def _chapters(tickets: int, seed: int) -> Iterator[Chapter]:
    """What happened, invented in a process of its own while what came before is being written."""
    context = get_context("spawn")
    told: Queue[Chapter | None] = context.Queue(_AHEAD)
    inventor = context.Process(target=_invent, args=(tickets, seed, told), daemon=True)
    inventor.start()
    written = 0
    for number in count(1):
        chapter = told.get()
        if chapter is None:
            break
        yield chapter
        written += len(chapter.tickets)
        if number % _TOLD == 0:
            gc.collect()
            _say(f"  {written} of {tickets} tickets")
    inventor.join()


def _invent(tickets: int, seed: int, told: Queue[Chapter | None]) -> None:
    with _without_looking_for_circles():
        for chapter in History(tickets, seed).chapters():
            told.put(chapter)
        told.put(None)


@contextmanager
def _without_looking_for_circles() -> Iterator[None]:
    """Rows refer to nothing; looking through them for what refers to itself costs a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
