"""Opening a store: places that are none are refused in plain words and left byte for byte as they were."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deskterm.store.base import StoreError, Unsupported, Unusable
from deskterm.store.opening import open_store, path_of
from deskterm.store.preparing import prepare
from deskterm.store.schema import HEAD
from tests.store.conftest import LocalPlace, busy, log

pytestmark = pytest.mark.anyio


def names_in(folder: Path) -> list[str]:
    """What lies in a directory."""
    return sorted(path.name for path in folder.iterdir())


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def header_without_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:80])


def overwritten(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3 // 4096 * 4096)
        file.write(b"\xa5" * (size // 3))


def schema_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * 3000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("Dear desk,\nplease restart my router.\n")


def foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE event (position, record_id)")
    connection.close()


def other_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 1196444487")
    connection.close()


def changed(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def newer(path: Path) -> None:
    changed(path, "UPDATE alembic_version SET version_num = '0999'", "PRAGMA user_version = 999")


def newer_in_the_table_only(path: Path) -> None:
    changed(path, "UPDATE alembic_version SET version_num = '0101'")


def newer_in_the_header_only(path: Path) -> None:
    changed(path, "PRAGMA user_version = 257")


def without_version(path: Path) -> None:
    changed(path, "DELETE FROM alembic_version")


def without_a_table(path: Path) -> None:
    changed(path, "DROP TABLE seen")


def first_byte_changed(path: Path) -> None:
    path.write_bytes(b"T" + path.read_bytes()[1:])


def mark_changed(path: Path) -> None:
    block = path.read_bytes()
    path.write_bytes(block[:69] + b"E" + block[70:])


def beginning_blank(path: Path) -> None:
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])


def header_gone(path: Path) -> None:
    path.write_bytes(b"\xa5" * 100 + path.read_bytes()[100:])


def magic_gone(path: Path) -> None:
    path.write_bytes(b"\xa5" * 16 + path.read_bytes()[16:])


def read_only(path: Path) -> None:
    path.chmod(0o444)


DAMAGES: dict[Callable[[Path], None], str] = {
    truncated: "is damaged: it is cut short, [0-9]+ of [0-9]+ bytes[.]",
    header_only: "is damaged: it is cut short[.]",
    header_without_end: "is damaged: it is cut short[.]",
    overwritten: "damaged",
    schema_overwritten: "damaged",
    empty: "is an empty file and no store[.] Remove it, or name another place[.]",
    text: "is no deskterm store: it is not a database at all[.]",
    foreign: "is no deskterm store: it is a database of another program[.]",
    other_program: "is no deskterm store: it is a database of another program[.]",
    newer: "newer deskterm",
    newer_in_the_table_only: f"version {int(HEAD)} in one place and 101 in another",
    newer_in_the_header_only: f"version 257 in one place and {int(HEAD)} in another",
    without_version: "which version it is",
    without_a_table: "table seen is missing",
    first_byte_changed: "is damaged: its first bytes are not what they were[.]",
    mark_changed: "is damaged: its first bytes are not what they were[.]",
    magic_gone: "is damaged: its first bytes are not what they were[.]",
    header_gone: "is damaged: its first bytes are gone[.]",
    beginning_blank: "is damaged: its beginning is blank, if it ever was a store[.]",
    read_only: "read but not written",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_file_that_is_no_usable_store_is_refused_and_left_alone(
    damage: Callable[[Path], None], templates: dict[str, Path], tmp_path: Path
) -> None:
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    damage(place.path)
    before = place.path.read_bytes(), place.path.stat().st_mtime_ns, names_in(tmp_path)
    with pytest.raises(Unusable, match=DAMAGES[damage]) as refused:
        await place.open()
    assert str(place.path) in refused.value.message
    assert refused.value.message.endswith(".")
    assert (place.path.read_bytes(), place.path.stat().st_mtime_ns, names_in(tmp_path)) == before


async def test_places_that_cannot_hold_a_store(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "is a directory"), (tmp_path / "no" / "desk.db", "no directory")):
        with pytest.raises(Unusable, match=words):
            await open_store(str(path))
    with pytest.raises(Unusable, match="no store at"):
        await open_store(str(tmp_path / "desk.db"), create=False)
    for url in ("mysql://db/desk", "ftp://desk.example"):
        with pytest.raises(Unsupported):
            await open_store(url)
    for url in ("sqlite://", "sqlite:///"):
        with pytest.raises(StoreError):
            await open_store(url)
    assert names_in(tmp_path) == []


def test_a_store_is_named_by_path_or_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/nora")
    assert path_of("sqlite:////tmp/a%20b.db") == Path("/tmp/a b.db")
    assert path_of("sqlite:///desk.db") == Path("desk.db")
    assert path_of("/tmp/desk.db") == Path("/tmp/desk.db")
    assert path_of("~/desk.db") == Path("/home/nora/desk.db")


async def test_a_new_store_appears_whole_private_and_with_nothing_beside_it(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path)
    await place.open()
    await place.close()
    assert names_in(tmp_path) == ["desk.db"]
    assert place.path.stat().st_mode & 0o077 == 0


async def test_odd_names_are_names(tmp_path: Path) -> None:
    folder = tmp_path / "50% off? #1"
    folder.mkdir()
    store = await open_store(str(folder / "désk &c.db"))
    await store.close()
    assert names_in(folder) == ["désk &c.db"]


def test_two_who_make_a_store_at_once_share_one(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    program = f"from pathlib import Path; from deskterm.store.preparing import prepare; prepare(Path({str(path)!r}))"
    makers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [maker.wait() for maker in makers] == [0, 0, 0]
    assert names_in(tmp_path) == ["desk.db"]


async def test_a_store_with_a_write_ahead_log_left_by_a_crash_opens(templates: dict[str, Path], tmp_path: Path) -> None:
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    await busy(place)
    (tmp_path / "crashed").mkdir()
    for name in ("desk.db", "desk.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / "crashed" / name)
    await place.close()
    assert (tmp_path / "crashed" / "desk.db-wal").stat().st_size > 0
    after = LocalPlace(tmp_path / "crashed")
    store = await after.open("Nora")
    assert (await store.verify()).sound
    await after.close()


async def test_a_file_that_went_without_its_write_ahead_log_is_not_replaced(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    await busy(place)
    (tmp_path / "moved").mkdir()
    shutil.copy(tmp_path / "desk.db-wal", tmp_path / "moved")
    await place.close()
    with pytest.raises(Unusable, match=r"gone, but calls that belong to it are still in desk\.db-wal"):
        await LocalPlace(tmp_path / "moved").open()
    assert names_in(tmp_path / "moved") == ["desk.db-wal"]


async def test_looking_at_a_store_that_is_open_here_lets_go_of_no_lock(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    """Closing any descriptor of a file drops a process's locks on it; another program then removes the log under us."""
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    nora = await place.open("Nora")
    await log(nora, "voice-1")
    await place.open("Lea")
    program = f"import sqlite3; c = sqlite3.connect({str(place.path)!r}); c.execute('PRAGMA user_version'); c.close()"
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=True)
    assert names_in(tmp_path) == ["desk.db", "desk.db-shm", "desk.db-wal"]
    second = await log(nora, "voice-1")
    await place.close()
    again = await place.open("Lea")
    assert (await again.ticket(second.ref)).ticket.ref == second.ref


def test_a_new_store_says_its_version_twice(tmp_path: Path) -> None:
    prepare(tmp_path / "desk.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (int(HEAD),)


async def test_a_known_schema_is_opened_without_alembic_or_the_network(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)
    program = (
        "import sys, asyncio\n"
        "from deskterm.store.opening import open_store\n"
        "async def main():\n"
        f"    store = await open_store({str(path)!r})\n"
        "    await store.counts()\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
        "slow = ('alembic', 'httpx', 'phonenumbers', 'textual', 'psycopg', 'sqlalchemy.orm')\n"
        "print([name for name in (*slow, 'sqlalchemy.dialects.postgresql') if name in sys.modules])\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_preparing_twice_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    prepare(path)
    before = path.read_bytes()
    prepare(path)
    assert path.read_bytes() == before
