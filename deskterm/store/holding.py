"""Who has a store's file open: this process, or another one.

A process loses every POSIX lock it holds on a file as soon as it closes *any* descriptor of that file. If a store
that is open here were also read as plain bytes, another deskterm would take itself for the last one, remove the
write-ahead log under us, and what we write from then on would be gone. So plain bytes are read only of files that
this process has not opened as a database, and the two never happen at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deskterm.store.base import Offline

Identity = tuple[int, int]
"""A file, whatever it is called: device and inode."""

alone = threading.RLock()
"""Held while a file is looked at as bytes, and while it goes from looked at to opened."""

_open_here: Counter[Identity] = Counter()
# SQLite's own locks (https://www.sqlite.org/lockingv3.html): every connection shares them, a lone one may own them.
_LOCK_FROM: Final = 0x40000000
_LOCK_BYTES: Final = 512


def identity(path: Path) -> Identity | None:
    """Which file a path means now, if any."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def opened(path: Path) -> Identity | None:
    """Note that this process opens a file as a database."""
    with alone:
        which = identity(path)
        if which is not None:
            _open_here[which] += 1
        return which


def closed(which: Identity | None) -> None:
    """Note that it has closed it again."""
    with alone:
        if which is not None:
            _open_here[which] -= 1


def is_open_here(path: Path) -> bool:
    """Whether this process has a file open as a database. Ask with `alone` held."""
    which = identity(path)
    return which is not None and _open_here[which] > 0


def is_open_elsewhere(path: Path) -> bool:
    """Whether another process has a store open. Ask with `alone` held, of a file that is not open here."""
    try:
        with exclusively(path):
            return False
    except Offline:
        return True


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Keep everybody else out of a store. Raises Offline where somebody has it open."""
    in_use = Offline(f"{path} is in use. Close deskterm wherever it has this desk open, and try again.")
    with alone:
        if is_open_here(path):
            raise in_use
        if sys.platform == "win32":  # there, a file in use cannot be renamed, which does as well
            yield
            return
        import fcntl

        number = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            try:
                fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _LOCK_FROM)
            except (BlockingIOError, PermissionError):
                raise in_use from None
            yield
        finally:
            os.close(number)
