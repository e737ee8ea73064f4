"""Whether a write-ahead log is whole: SQLite itself takes the first frame that does not add up for the end.

That is right after a power cut, which tears at most the transaction that nobody was told of. It is wrong after a
damaged sector in the middle: every call behind it would go without a word. The two differ in what follows. A
transaction is on disk before the next begins, so a broken frame with a later transaction behind its own is damage.
The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, Final

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_MAGIC: Final = 0x377F0682
_MOST: Final = 64 * 1024 * 1024
"""Longer logs are not checked: a tenth of a millisecond a page adds up."""
_MASK: Final = 0xFFFFFFFF

Sum = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Frame:
    commits: bool
    salt: Sum
    stored: Sum
    summed: bytes
    """What the checksum covers: the page's number, the size after a commit, and the page."""


def log_of(path: Path) -> Path:
    """Name the write-ahead log of a database."""
    real = path.resolve()  # SQLite puts it beside the file itself, not beside a link to it
    return real.with_name(f"{real.name}-wal")


def is_written(path: Path) -> bool:
    """Whether newer pages wait in the write-ahead log, so that the database file alone tells only half."""
    log = log_of(path)
    return log.exists() and log.stat().st_size > 0


def fault(path: Path, page_size: int) -> str | None:
    """Say where the write-ahead log of a database is damaged; None where it is whole or merely torn at its end."""
    log = log_of(path)
    if log.stat().st_size > _MOST:
        return None
    with log.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        magic, _, _, _, salt_1, salt_2, *stored = _HEADER.unpack(header)
        order = ">" if magic & 1 else "<"
        if magic | 1 == _MAGIC | 1 and _sum(order, (0, 0), header[:24]) == tuple(stored):
            frames = _frames(file, page_size)
            broken = _first_broken(order, (salt_1, salt_2), (stored[0], stored[1]), frames)
            if broken is not None and _is_followed(order, (salt_1, salt_2), chain((broken[1],), frames)):
                pages = (log.stat().st_size - _HEADER.size) // (_FRAME.size + page_size)
                return f"page {broken[0] + 1} of {pages} in {log.name}, and calls were saved after it"
            return None
        if any(_is_committed_somewhere(order, _frames(file, page_size)) for order in "<>"):
            return f"the beginning of {log.name}, and calls were saved in it"
    return None


def _frames(file: BinaryIO, page_size: int) -> Iterator[_Frame]:
    """The frames of a log one after the other, from the first: a long log is never in memory as a whole."""
    file.seek(_HEADER.size)
    step = _FRAME.size + page_size
    while len(block := file.read(step)) == step:
        _, size, salt_1, salt_2, *stored = _FRAME.unpack_from(block)
        yield _Frame(size != 0, (salt_1, salt_2), (stored[0], stored[1]), block[:8] + block[_FRAME.size :])


def _first_broken(order: str, salt: Sum, before: Sum, frames: Iterator[_Frame]) -> tuple[int, _Frame] | None:
    for index, frame in enumerate(frames):
        if frame.salt != salt or _sum(order, before, frame.summed) != frame.stored:
            return index, frame
        before = frame.stored
    return None


def _is_followed(order: str, salt: Sum, frames: Iterable[_Frame]) -> bool:
    """Whether a transaction later than the broken one's, the first, was written: an older log has another salt."""
    return any(
        before.commits and frame.salt == salt and _sum(order, before.stored, frame.summed) == frame.stored
        for before, frame in pairwise(frames)
    )


def _is_committed_somewhere(order: str, frames: Iterable[_Frame]) -> bool:
    return any(
        frame.commits and frame.salt == before.salt and _sum(order, before.stored, frame.summed) == frame.stored
        for before, frame in pairwise(frames)
    )


def _sum(order: str, before: Sum, block: bytes) -> Sum:
    one, two = before
    words = struct.unpack(f"{order}{len(block) // 4}I", block)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & _MASK
        two = (two + odd + one) & _MASK
    return one, two
