"""What became of earlier runs of the app: a file lies in the state folder while one runs, and is taken away at its end.

A file that nobody holds any more belongs to a run that ended otherwise: it was killed, crashed, or the power failed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from deskterm.store.draft_file import is_in_use, lock


class Session:
    """This run. Where the folder cannot be written, nothing is kept of it, and nothing fails."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{os.getpid()}-{os.urandom(4).hex()}.running"
        self._descriptor = -1

    def begin(self) -> None:
        """Let it be seen that this run goes on."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            lock(self._descriptor)

    def goes_on(self) -> None:
        """Note the moment, so that the next run can say until when this one ran."""
        if self._descriptor >= 0:
            with suppress(OSError):
                os.utime(self._descriptor)

    def end(self, *, well: bool = True) -> None:
        """This run is over; if not `well`, the next is told of it."""
        if self._descriptor < 0:
            return
        self.goes_on()
        if well:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._descriptor)
        self._descriptor = -1


def unexpected_end(folder: Path) -> datetime | None:
    """When the latest run that did not end well was last alive; told once."""
    ended: list[datetime] = []
    for path in folder.glob("*.running"):
        with suppress(OSError):
            if not is_in_use(path):
                ended.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
                path.unlink()
    return max(ended, default=None)
