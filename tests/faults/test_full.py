"""No room for drafts, no room for the store, a locked store: said plainly, typing goes on, and all is kept."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from deskterm.store.drafts import Journal
from tests.faults.person import REFERENCE
from tests.faults.pty_driver import Terminal, shell
from tests.robot import furnish

pytestmark = pytest.mark.slow

SIZE = 2_000_000
LONG = "All that was said on the telephone. " * 400


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of two megabytes at a place."""
    libc = ctypes.CDLL(None, use_errno=True)
    place.mkdir()
    if libc.mount(b"tmpfs", bytes(place), b"tmpfs", 0, f"size={SIZE}".encode()):
        why = errno.errorcode[ctypes.get_errno()]
        pytest.skip(f"a small tmpfs cannot be mounted here ({why}); RLIMIT_FSIZE stands for it beside this")
    try:
        yield place
    finally:
        libc.umount2(bytes(place), 2)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; removing the file that is given makes room again."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return ballast


def begins(terminal: Terminal, words: str) -> None:
    terminal.waits_for("● live")
    terminal.press("f2")
    terminal.waits_for("Caller   name")
    terminal.press("tab")
    terminal.types(words, lambda: 0.01)
    terminal.waits_for(words)
    terminal.watches(0.3)


def saved(desk: Path) -> list[str]:
    return [row["summary"] for row in json.loads(shell(desk, "list", "--json").stdout)]


def drafted(state: Path) -> list[str]:
    return [draft.fields["summary"] for draft in Journal(state / "drafts").drafts()]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    asyncio.run(furnish(tmp_path))
    return tmp_path


def _fills_up(terminal: Terminal) -> None:
    """Type on with no room left: it is said, and nothing of it goes from the screen."""
    terminal.types(" and on", lambda: 0.01)
    terminal.press("tab")
    terminal.send(b"\x1b[200~" + LONG.encode() + b"\x1b[201~")
    terminal.waits_for("What you type is not saved: the disk is full")
    terminal.types(" typed on", lambda: 0.01)
    terminal.waits_for("typed on")
    terminal.waits_for("Begun and on")


def _has_room_again(terminal: Terminal, desk: Path, state: Path) -> None:
    terminal.until(lambda: drafted(state) == ["Begun and on"])
    terminal.waits_for("✓ Saved as you type")
    terminal.until(
        lambda: [each.fields.get("description") for each in Journal(state / "drafts").drafts()] == [LONG + " typed on"]
    )
    terminal.press("f7")
    terminal.waits_for(REFERENCE)
    assert saved(desk) == ["Begun and on"]
    assert drafted(state) == []


def test_a_full_disk_under_the_drafts(desk: Path) -> None:
    with small_disk(desk / "small") as disk, Terminal(desk, state=disk / "state") as terminal:
        begins(terminal, "Begun")
        ballast = fill(disk)
        _fills_up(terminal)
        ballast.unlink()
        _has_room_again(terminal, desk, disk / "state")


def test_drafts_that_may_not_grow(desk: Path) -> None:
    """The same without rights: the process may not make any file longer for a while."""
    state = desk / "state"
    with Terminal(desk) as terminal:
        begins(terminal, "Begun")
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        _fills_up(terminal)
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _has_room_again(terminal, desk, state)


def _saves_once_it_can(terminal: Terminal, desk: Path) -> None:
    terminal.until(lambda: drafted(desk / "state") == ["Begun and on"])
    terminal.press("f7")
    terminal.waits_for(REFERENCE)
    assert saved(desk) == ["Begun and on"]
    assert drafted(desk / "state") == []


def test_a_full_disk_under_the_store(desk: Path) -> None:
    with small_disk(desk / "small") as disk:
        (disk / "desk.db").write_bytes((desk / "desk.db").read_bytes())
        (desk / "desk.db").unlink()
        (desk / "desk.db").symlink_to(disk / "desk.db")
        with Terminal(desk, args=("--store", str(disk / "desk.db"))) as terminal:
            begins(terminal, "Begun")
            ballast = fill(disk)
            terminal.press("f7")
            terminal.waits_for("is full. Nothing was written")
            terminal.types(" and on", lambda: 0.01)
            terminal.waits_for("Begun and on")
            ballast.unlink()
            _saves_once_it_can(terminal, desk)


def test_a_locked_store(desk: Path) -> None:
    with Terminal(desk) as terminal, closing(sqlite3.connect(desk / "desk.db", isolation_level=None)) as other:
        begins(terminal, "Begun")
        other.execute("BEGIN IMMEDIATE")
        terminal.press("f7")
        terminal.waits_for("another program keeps it locked. Nothing was written")
        terminal.types(" and on", lambda: 0.01)
        terminal.waits_for("Begun and on")
        other.execute("ROLLBACK")
        _saves_once_it_can(terminal, desk)


def test_words_typed_while_a_save_waits_are_saved_with_it(desk: Path) -> None:
    """A store that is locked for a moment: the save goes through, and with it what was typed meanwhile."""
    with Terminal(desk) as terminal, closing(sqlite3.connect(desk / "desk.db", isolation_level=None)) as other:
        begins(terminal, "Begun")
        other.execute("BEGIN IMMEDIATE")
        terminal.press("f7")
        terminal.types(" and on", lambda: 0.01)
        terminal.waits_for("Begun and on")
        other.execute("ROLLBACK")
        terminal.waits_for(REFERENCE)
        assert saved(desk) == ["Begun and on"]
        assert drafted(desk / "state") == []
