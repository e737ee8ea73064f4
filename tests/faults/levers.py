"""Ways to make a disk fail for files below a folder: at the nth call to it, or where a file grows too long."""

from __future__ import annotations

import ctypes
import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol


class Lever(Protocol):
    """A way to make the disk fail."""

    def steps(self, needed: int) -> Iterator[tuple[int, bool, int]]:
        """What to try, given how much an act needs when nothing fails: where, for ever or once, with which error."""

    def failing(self, folder: Path, step: tuple[int, bool, int]) -> Any:
        """A context in which files below a folder fail at that step."""

    def needed(self) -> int:
        """How much the last act needed."""


class Calls:
    """The nth call to the system on a file below the folder fails, once or from then on."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)
        self._libc.disk_calls.restype = ctypes.c_long

    def steps(self, needed: int) -> Iterator[tuple[int, bool, int]]:
        """Each call, once and for ever; the disk is broken at odd ones and full at even ones."""
        for nth in range(1, needed + 1):
            for for_ever in (False, True):
                yield nth, for_ever, errno.EIO if nth % 2 else errno.ENOSPC

    @contextmanager
    def failing(self, folder: Path, step: tuple[int, bool, int]) -> Iterator[None]:
        """Arm the library, and disarm it."""
        nth, for_ever, error = step
        self._libc.disk_fails(str(folder).encode(), ctypes.c_long(nth), int(for_ever), error)
        try:
            yield
        finally:
            self._needed = self._libc.disk_calls()
            self._libc.disk_fails(b"", ctypes.c_long(0), 0, 0)

    def needed(self) -> int:
        """Calls made."""
        return int(self._needed)


class Size:
    """No file grows beyond so many bytes: what a full disk or a quota does, without any privilege."""

    def __init__(self, act: str) -> None:
        # How much a draft grows, the log of a few changes, or a whole store.
        short = {"draft": range(0, 2_500, 61), "migrate": range(0, 120_000, 1_511)}
        self._sizes = short.get(act, range(0, 700_000, 9_001))

    def steps(self, needed: int) -> Iterator[tuple[int, bool, int]]:
        """In steps that are no whole pages, up to where everything fits."""
        for size in self._sizes:
            yield size, True, errno.EFBIG

    @contextmanager
    def failing(self, folder: Path, step: tuple[int, bool, int]) -> Iterator[None]:
        """Lower the soft limit, and lift it."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (step[0] if step[0] or step[1] else hard, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def needed(self) -> int:
        """Nothing to count."""
        return 0
