"""After a power cut every acknowledged call and every saved draft is there; really cut where that is allowed.

The unprivileged twin has two halves. The drafts' file calls are recorded, and for every moment the disk is worked out
as a power cut would leave it: synced bytes under synced names. For the store, SQLite makes the calls: the twin holds
its connections to the two settings on which SQLite's own promise rests.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from deskterm.store import draft_file
from deskterm.store.connections import Connections
from deskterm.store.draft_file import read
from deskterm.store.drafts import Journal
from tests.faults import power
from tests.robot import furnish

CUTS = 4
NEVER_SYNCS = {
    "call": "import deskterm.store.connections as c; c._PRAGMAS += ('PRAGMA synchronous = OFF',)",
    "draft": "import deskterm.store.draft_file as d; d._sync_data = lambda descriptor: None",
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    asyncio.run(furnish(tmp_path))
    return tmp_path


def after_a_cut(desk: Path, lines: int, planted: str = "") -> tuple[power.Promised, list[str]]:
    try:
        return power.after_a_cut(desk, lines, planted)
    except power.NotAllowed as reason:
        pytest.skip(f"no power cut can be made here: {reason}; the twin in this file stands for it")


@pytest.mark.slow
@pytest.mark.parametrize("lines", [40 + 61 * n for n in range(CUTS)])
def test_nothing_promised_is_lost(desk: Path, lines: int) -> None:
    promised, found = after_a_cut(desk, lines)
    assert promised.calls
    assert not found, f"of {len(promised.calls)} calls and {len(promised.drafts)} drafts: {found}"


@pytest.mark.slow
@pytest.mark.parametrize("what", NEVER_SYNCS)
def test_the_checker_catches_what_is_never_synced(desk: Path, what: str) -> None:
    _, found = after_a_cut(desk, 100, NEVER_SYNCS[what])
    assert any(problem.startswith((what, "the desk")) for problem in found), found


# -- the twin


class Recorder:
    """Stands for `os` in the draft file's module, and works out what a power cut would leave at each step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[int, str] = {}
        self.synced: dict[str, bytes] = {}
        """Name in the folder that is synced -> synced bytes under it."""
        self._names: set[str] = set()
        self._bytes: dict[str, bytes] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, *args: Any, **options: Any) -> int:
        number = os.open(path, *args, **options)
        self.files[number] = "" if Path(path) == self.folder else Path(path).name
        return number

    def fsync(self, number: int) -> None:
        os.fsync(number)
        self._sync(number)

    def fdatasync(self, number: int) -> None:
        os.fdatasync(number)
        self._sync(number)

    def _sync(self, number: int) -> None:
        name = self.files[number]
        if name:
            self._bytes[name] = (self.folder / name).read_bytes()
        else:
            self._names = {path.name for path in self.folder.iterdir()}
        self.synced = {name: self._bytes.get(name, b"") for name in self._names}


def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch, *, syncs: bool = True) -> list[str]:
    """Write and save drafts; after each save, what a power cut would have lost of it."""
    drafts = folder / "drafts"
    recorder = Recorder(drafts)
    monkeypatch.setattr(draft_file, "os", recorder)
    monkeypatch.setattr(draft_file, "_sync_data", recorder.fdatasync if syncs else lambda number: None)
    journal, left = Journal(drafts), folder / "left"
    left.mkdir()
    lost: list[str] = []
    calls = [journal.open("call", draft_id=f"call-{n}") for n in range(3)]
    for n in range(30):
        words = "x" * n
        for call in calls:
            call.write("summary", words)
            assert call.flush()
            (left / "file").write_bytes(recorder.synced.get(f"{call.id}.jsonl", b""))
            if read(left / "file").fields.get("summary") != words:
                lost.append(f"{call.id}: {words}")
    monkeypatch.undo()
    journal.close()
    return lost


def test_every_saved_draft_is_synced_under_a_synced_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded(tmp_path, monkeypatch) == []


def test_the_twin_catches_a_draft_that_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded(tmp_path, monkeypatch, syncs=False)


def test_the_store_asks_sqlite_to_sync_each_commit(desk: Path) -> None:
    async def settings() -> set[tuple[object, object]]:
        connections = Connections(desk / "desk.db")
        try:
            return {
                await ask(
                    lambda c: (
                        c.exec_driver_sql("PRAGMA journal_mode").scalar(),
                        c.exec_driver_sql("PRAGMA synchronous").scalar(),
                    )
                )
                for ask in (connections.write, connections.read, connections.maintain)
            }
        finally:
            connections.close()

    assert asyncio.run(settings()) == {("wal", 2)}
