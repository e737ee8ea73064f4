"""One draft on disk: an append-only file of JSON lines that is readable after any way to die.

    {"draft": "0190…", "kind": "call", "about": "Brook & Lane", "desk": "sqlite:///…", "at": "2026-11-21T10:41:02+00…"}
    {"field": "summary", "value": "No dial", "at": …}
    {"field": "summary", "after": 7, "value": " tone at reception", "at": …}
    {"finished": "1049-36", "at": …}

A line is added whole or not at all: what a full disk leaves of one is cut off again, and a torn last line is
passed over. Whoever has the draft open holds a lock on the file, which the system frees when they die.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

Line = Mapping[str, str | int]
"""One line of a draft file, before it is JSON."""

_sync_data = getattr(os, "fdatasync", os.fsync)


class InUse(Exception):
    """Another running deskterm has this draft open."""


@dataclass(slots=True)
class Contents:
    """What a draft file says."""

    kind: str = ""
    about: str = ""
    desk: str = ""
    """Where the words belong; empty in files from before that was noted."""
    fields: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    changed_at: datetime | None = None
    finished: str | None = None
    damage: str | None = None
    """What could not be read, as a sentence; nothing if all could."""
    whole: int = 0
    """Bytes up to the end of the last whole line."""


def read(path: Path) -> Contents:
    """Read all that can be read of a draft file; only a file that cannot be opened is an OSError."""
    found = Contents()
    damaged = 0
    block = path.read_bytes()
    # What follows the last newline was torn by a crash: less than the last 250 ms of typing.
    for raw in block.split(b"\n")[:-1]:
        found.whole += len(raw) + 1
        try:
            _take(found, json.loads(raw))
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged += 1
    if block and not found.kind:
        found.damage = "The beginning of the file cannot be read."
    elif damaged:
        found.damage = f"{damaged} lines of the file cannot be read."
    return found


def is_in_use(path: Path) -> bool:
    """Whether a living process has this draft open, this one included."""
    with path.open("rb") as opened:
        return not lock(opened.fileno(), shared=True)


class DraftFile:
    """A draft file open for writing, locked as long as it is."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`; raises InUse, or OSError."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if not lock(self._descriptor) or not self._is_still_there():
                raise InUse(path.stem)
            self.contents = read(path)
            self.size = self.contents.whole
            os.ftruncate(self._descriptor, self.size)
            sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, lines: Iterable[Line], *, sync: bool = True) -> None:
        """Add lines and have them on disk when this returns; on OSError the file is as it was before."""
        block = _encoded(lines)
        try:
            _write_all(self._descriptor, block)
            if sync:
                _sync_data(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(block)

    def rewrite(self, lines: Iterable[Line]) -> None:
        """Replace the whole file by these lines, so that at no moment there is neither; may raise OSError."""
        block = _encoded(lines)
        beside = self.path.with_suffix(".new")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            lock(descriptor)
            _write_all(descriptor, block)
            os.fsync(descriptor)
            beside.replace(self.path)
        except OSError:
            os.close(descriptor)
            with suppress(OSError):
                beside.unlink()
            raise
        os.close(self._descriptor)
        self._descriptor = descriptor
        self.size = len(block)
        sync_folder(self.path.parent)

    def remove(self) -> None:
        """Take the file away, or aside if parts of it could not be read; it stays closed."""
        try:
            if self.contents.damage:
                self.path.replace(self.path.with_suffix(".damaged"))
            else:
                self.path.unlink(missing_ok=True)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the file and its lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _is_still_there(self) -> bool:
        """Whether the name still means the file that was opened: its owner may just have replaced it."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            return False


def sync_folder(folder: Path) -> None:
    """Make new and removed names in a folder outlast a power cut."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take(found: Contents, line: dict[str, str | int]) -> None:
    """Add what one line says; raises KeyError, TypeError or ValueError on a line that is none of ours."""
    at = datetime.fromisoformat(str(line["at"])).astimezone(UTC)
    if "draft" in line:
        found.kind, found.about, found.desk = str(line["kind"]), str(line["about"]), str(line.get("desk", ""))
        found.started_at = found.started_at or at
    elif "field" in line:
        name, value = str(line["field"]), str(line["value"])
        before = found.fields.get(name, "")
        after = int(line.get("after", 0))
        found.fields[name] = before[:after] + value
        if after > len(before):
            raise ValueError("a line before this one is missing")
    elif "finished" in line:
        found.finished = str(line["finished"])
    else:
        raise KeyError("draft")
    found.changed_at = at


def _encoded(lines: Iterable[Line]) -> bytes:
    """Word lines as they stand in the file."""
    return b"".join(json.dumps(line).encode("ascii") + b"\n" for line in lines)


def _write_all(descriptor: int, block: bytes) -> None:
    """Write every byte; a disk that fills in the middle is an OSError here."""
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock on an open file without waiting, until it is closed; whether it was free."""
    if sys.platform == "win32":  # a draft that is open elsewhere is not seen to be
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
