"""Backups are made while the desk is in use, are whole or not there, and take a desk's place wholly or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.store import placing
from deskterm.store.backup import Restored, restore
from deskterm.store.base import Invalid, NotFound, Offline, StoreError, Unusable
from deskterm.store.preparing import prepare
from tests.store.conftest import LocalPlace, busy, log
from tests.store.test_opening import names_in

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)
ASIDE = "desk.db.replaced-20261121T104100Z"


async def put_back(file: Path, store: Path, *, force: bool = False) -> Restored:
    """Restore, in a thread as the shell's own."""
    return await asyncio.to_thread(restore, file, store, now=NOW, force=force)


async def exported(place: LocalPlace) -> str:
    """The whole log of a desk."""
    lines: list[str] = []
    store = await place.open()
    await store.export(lines.append)
    await place.close()
    return "".join(lines)


@pytest.fixture
async def desk(templates: dict[str, Path], tmp_path: Path) -> LocalPlace:
    """A desk after a morning, closed."""
    (tmp_path / "desk").mkdir()
    place = LocalPlace(tmp_path / "desk")
    shutil.copy(templates["desk"], place.path)
    await busy(place)
    await place.close()
    return place


async def test_a_backup_is_made_while_everybody_works(desk: LocalPlace, tmp_path: Path) -> None:
    nora = await desk.open("Nora")
    file = tmp_path / "safe.db"
    calls = [asyncio.ensure_future(log(nora, "voice-1", summary=f"Call {number}")) for number in range(40)]
    await calls[3]
    report = await nora.backup(file)
    receipts = await asyncio.gather(*calls)
    assert report.sound
    assert receipts[3].position <= report.events <= receipts[-1].position
    assert file.stat().st_mode & 0o777 == 0o600
    assert names_in(tmp_path) == ["desk", "safe.db"]
    await desk.close()
    copy = LocalPlace(tmp_path)
    copy.path = file
    copy.url = str(file)
    lines = (await exported(copy)).splitlines()
    whole = (await exported(desk)).splitlines()
    assert lines[1 : report.events + 1] == whole[1 : report.events + 1]


async def test_a_backup_replaces_a_file_only_when_told_to(desk: LocalPlace, tmp_path: Path) -> None:
    nora = await desk.open("Nora")
    file = tmp_path / "safe.db"
    await nora.backup(file)
    before = file.read_bytes()
    await log(nora)
    with pytest.raises(Invalid, match="--force"):
        await nora.backup(file)
    assert file.read_bytes() == before
    assert (await nora.backup(file, replace=True)).sound
    assert file.read_bytes() != before
    for wrong in (desk.path, tmp_path, tmp_path / "none" / "safe.db"):
        with pytest.raises(Invalid):
            await nora.backup(wrong, replace=True)
    other = LocalPlace(tmp_path)
    shutil.copy(file, other.path)
    await log(await other.open("Nora"))
    with pytest.raises(Offline, match="in use"):
        await nora.backup(other.path, replace=True)
    await other.close()


async def test_what_is_wrong_with_a_desk_is_copied_and_told(desk: LocalPlace, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(desk.path)) as connection, connection:
        connection.execute("UPDATE event SET actor = 'Somebody' WHERE position = 12")
    nora = await desk.open("Nora")
    report = await nora.backup(tmp_path / "safe.db")
    assert not report.sound
    assert report.faults[0].startswith("Event 12 (")
    with pytest.raises(Unusable, match="not as it was written: Event 12"):
        await put_back(tmp_path / "safe.db", tmp_path / "new.db")
    assert names_in(tmp_path) == ["desk", "safe.db"]


async def test_a_restored_desk_is_the_one_that_was_backed_up(desk: LocalPlace, tmp_path: Path) -> None:
    file = tmp_path / "safe.db"
    wanted = await exported(desk)
    await (await desk.open()).backup(file)
    await log(await desk.open("Nora"))
    await desk.close()
    desk.path.chmod(0o660)
    later = await exported(desk)
    with pytest.raises(Invalid, match="not empty"):
        await put_back(file, desk.path)
    assert await exported(desk) == later
    done = await put_back(file, desk.path, force=True)
    assert done.aside == desk.path.with_name(ASIDE)
    assert await exported(desk) == wanted
    assert names_in(desk.path.parent) == ["desk.db", ASIDE]
    assert desk.path.stat().st_mode & 0o777 == 0o660, "colleagues may still open it"
    shutil.move(done.aside, tmp_path / "desk.db")
    assert await exported(LocalPlace(tmp_path)) == later
    again = await put_back(file, desk.path, force=True)
    more = await put_back(file, desk.path, force=True)
    assert [each.aside and each.aside.name for each in (again, more)] == [ASIDE, f"{ASIDE}-2"]


async def test_a_backup_goes_where_there_is_nothing_yet_or_nothing_in_it(desk: LocalPlace, tmp_path: Path) -> None:
    file = tmp_path / "safe.db"
    wanted = await exported(desk)
    await (await desk.open()).backup(file)
    place = LocalPlace(tmp_path)
    assert (await put_back(file, place.path)).aside is None
    assert await exported(place) == wanted
    place.path.unlink()
    await asyncio.to_thread(prepare, place.path)
    assert (await put_back(file, place.path)).aside is not None
    assert await exported(place) == wanted


async def test_a_desk_in_use_is_never_replaced(desk: LocalPlace, tmp_path: Path) -> None:
    file = tmp_path / "safe.db"
    nora = await desk.open("Nora")
    await nora.backup(file)
    with pytest.raises(Offline, match="in use"):
        await put_back(file, desk.path, force=True)
    await desk.close()
    program = (
        f"import sqlite3; c = sqlite3.connect({str(desk.path)!r}); c.execute('SELECT * FROM head').fetchall(); "
        "print('open', flush=True); input()"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    await other.stdout.readline()
    with pytest.raises(Offline, match="in use"):
        await put_back(file, desk.path, force=True)
    await other.communicate(b"\n")
    assert (await put_back(file, desk.path, force=True)).report.sound


async def test_a_desk_left_by_a_crash_is_kept_with_its_last_calls(desk: LocalPlace, tmp_path: Path) -> None:
    """The write-ahead log goes with the store that it belongs to, never to the one that takes its place."""
    file = tmp_path / "safe.db"
    nora = await desk.open("Nora")
    await nora.backup(file)
    await log(nora, summary="The last call")
    for damaged in (False, True):
        crashed = LocalPlace(tmp_path / f"crashed-{damaged}")
        crashed.path.parent.mkdir()
        for name in ("desk.db", "desk.db-wal"):
            shutil.copy(desk.path.with_name(name), crashed.path.with_name(name))
        if damaged:
            with crashed.path.open("r+b") as opened:
                opened.write(b"X")
        done = await put_back(file, crashed.path, force=True)
        assert done.aside is not None
        beside = done.aside.with_name(f"{done.aside.name}-wal")
        assert beside.exists() is damaged, "a sound one is folded into one file"
        assert "The last call" not in await exported(crashed)
        if not damaged:
            kept = LocalPlace(tmp_path)
            shutil.copy(done.aside, kept.path)
            assert "The last call" in await exported(kept)


@pytest.mark.parametrize("what", ["text", "missing", "cut short", "itself", "directory", "newer"])
async def test_what_is_no_backup_changes_nothing(desk: LocalPlace, tmp_path: Path, what: str) -> None:
    file = tmp_path / "safe.db"
    match what:
        case "text":
            file.write_text("Dear desk, please restart my router.")
        case "cut short":
            file.write_bytes(desk.path.read_bytes()[:9000])
        case "itself":
            file.symlink_to(desk.path)
        case "directory":
            file.mkdir()
        case "newer":
            shutil.copy(desk.path, file)
            with contextlib.closing(sqlite3.connect(file)) as connection, connection:
                connection.execute("UPDATE alembic_version SET version_num = '0999'")
                connection.execute("PRAGMA user_version = 999")
    before = desk.path.read_bytes()
    with pytest.raises(StoreError) as refused:
        await put_back(file, desk.path, force=True)
    assert isinstance(refused.value, NotFound | Unusable | Invalid)
    assert desk.path.read_bytes() == before
    assert names_in(desk.path.parent) == ["desk.db"]


@pytest.mark.parametrize("step", ["link", "fsync", "replace"])
async def test_a_step_that_fails_is_taken_back(
    desk: LocalPlace, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "safe.db"
    await (await desk.open()).backup(file)
    await desk.close()
    before = desk.path.read_bytes()

    def fails(*_args: object, **_named: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", fails)
        else:
            patch.setattr(os, step, fails)
        if step == "link":
            assert (await put_back(file, desk.path, force=True)).aside, "there are file systems without links"
            return
        with pytest.raises(Offline, match="disk reports an error"):
            await put_back(file, desk.path, force=True)
    assert desk.path.read_bytes() == before
    assert names_in(desk.path.parent) == ["desk.db"]


async def test_half_a_backup_is_never_left(desk: LocalPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(placing, "put", fails)
    with pytest.raises(Offline, match="full"):
        await (await desk.open()).backup(tmp_path / "safe.db")
    assert names_in(tmp_path) == ["desk"]


async def test_a_backup_holds_what_a_note_said(desk: LocalPlace, tmp_path: Path) -> None:
    nora = await desk.open("Nora")
    receipt = await log(nora, "voice-1")
    await nora.submit(c.AddNote(ticket=receipt.record_id, text="Said just now"))
    await nora.backup(tmp_path / "desk.db")
    copy = await LocalPlace(tmp_path).open()
    assert (await copy.ticket(receipt.ref)).timeline[-1].text == "Said just now"
    await copy.close()
