"""What a store says of each trouble, where a write-ahead log is damaged, and which connection is not used again."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from deskterm.store import trouble, verifying, write_ahead
from deskterm.store.base import Offline, StoreError, Unusable
from deskterm.store.connections import Connections

PLACE = Path("/srv/desk.db")
Usage = namedtuple("Usage", "total used free")


def complaint(code: int, words: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (complaint(sqlite3.SQLITE_BUSY, "x"), Offline, "is busy: another program keeps it locked"),
        (complaint(sqlite3.SQLITE_BUSY_SNAPSHOT, "x"), Offline, "is busy: another program keeps it locked"),
        (complaint(sqlite3.SQLITE_LOCKED, "x"), Offline, "is busy"),
        (complaint(sqlite3.SQLITE_FULL, "x"), Offline, "The disk that holds /srv/desk.db is full. Nothing was written"),
        (complaint(sqlite3.SQLITE_READONLY, "x"), Unusable, "can be read but not written"),
        (complaint(sqlite3.SQLITE_CORRUPT, "malformed"), trouble.Damaged, "malformed, or the disk fails to read it"),
        (complaint(sqlite3.SQLITE_NOTADB, "no database"), trouble.Damaged, "is damaged: no database"),
        (complaint(sqlite3.SQLITE_ERROR, "no such column: x"), trouble.Damaged, "its tables are not what they were"),
        (complaint(sqlite3.SQLITE_ERROR, "out of luck"), Unusable, "cannot be used (out of luck)"),
        (complaint(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"), Offline, "cannot be reached (disk I/O error)"),
        (complaint(sqlite3.SQLITE_CANTOPEN, "unable"), Offline, "cannot be reached (unable)"),
        (sqlite3.OperationalError("Could not decode, with text 'secret'"), Unusable, "holds something that this"),
        (OSError(errno.ENOSPC, "x"), Offline, "is full"),
        (OSError(errno.EDQUOT, "x"), Offline, "is full"),
        (OSError(errno.EACCES, "x"), Unusable, "cannot be opened: you may not"),
        (OSError(errno.EROFS, "x"), Unusable, "can be read but not written"),
        (OSError(errno.EIO, "x"), Offline, "cannot be reached (the disk reports an error)"),
        (OSError(errno.ELOOP, "Too many links"), Unusable, "cannot be used: Too many links."),
    ],
)
def test_each_trouble_is_told_apart(error: OSError | sqlite3.Error, kind: type[StoreError], words: str) -> None:
    told = trouble.told(error, PLACE)
    assert type(told) is kind
    assert words in told.message
    assert str(PLACE) in told.message
    assert told.message.endswith(".")
    assert "secret" not in told.message


@pytest.mark.parametrize("free", [0, 64 * 1024 - 1, 64 * 1024])
def test_a_write_that_fails_without_a_reason_on_a_full_disk_failed_for_want_of_room(
    free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(1, 1, free))
    is_full = free < 64 * 1024
    path = tmp_path / "desk.db"
    assert ("is full" in trouble.unfinished(path).message) == is_full
    assert ("is full" in trouble.told(complaint(sqlite3.SQLITE_IOERR, "x"), path).message) == is_full


def test_what_the_database_quotes_is_not_repeated() -> None:
    error = sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("Could not decode 'x' with text 'Ann said'"))
    assert verifying._without_words(error) == "Could not decode 'x'"


def left_by_a_crash(folder: Path) -> Path:
    """A database with a few transactions in its write-ahead log."""
    real, path = folder / "real.db", folder / "desk.db"
    with closing(sqlite3.connect(real, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE words (text)")
        for number in range(3):
            connection.execute("INSERT INTO words VALUES (?)", (str(number) * 3000,))
        shutil.copy(real, path)
        shutil.copy(write_ahead.log_of(real), write_ahead.log_of(path))
    return path


def flipped(path: Path, place: int) -> None:
    block = bytearray(path.read_bytes())
    block[place] ^= 1
    path.write_bytes(block)


def test_where_a_write_ahead_log_is_damaged_is_told_and_a_torn_end_is_not(tmp_path: Path) -> None:
    path = left_by_a_crash(tmp_path)
    log = write_ahead.log_of(path)
    whole = log.read_bytes()
    pages = (len(whole) - 32) // (24 + 4096)
    assert write_ahead.is_written(path)
    assert write_ahead.fault(path, 4096) is None
    for header in (0, 8, 17, 20, 24, 31):
        flipped(log, header)
        assert write_ahead.fault(path, 4096) == "the beginning of desk.db-wal, and calls were saved in it", header
        log.write_bytes(whole)
    step = 24 + 4096
    commits = [frame for frame in range(pages) if any(whole[32 + frame * step + 4 : 32 + frame * step + 8])]
    for frame in range(pages):
        for place in (0, 8, 24, 4000):
            flipped(log, 32 + frame * step + place)
            told = f"page {frame + 1} of {pages} in desk.db-wal, and calls were saved after it"
            assert write_ahead.fault(path, 4096) == (told if frame <= commits[-2] else None), (frame, place)
            log.write_bytes(whole)
    flipped(log, len(whole) - 1)
    assert write_ahead.fault(path, 4096) is None, "torn at its end, which no answer depends on"
    for size in (0, 31, 32, 33, 32 + 24 + 4095, len(whole) - 1):
        log.write_bytes(whole[:size])
        assert write_ahead.fault(path, 4096) is None, size
    assert write_ahead.is_written(path)
    log.write_bytes(b"")
    assert not write_ahead.is_written(path)


@pytest.mark.anyio
async def test_a_connection_that_failed_is_not_used_again_but_one_that_waited_is(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE words (text)")
    connections = Connections(path)
    try:
        first = await connections.write(id)
        with pytest.raises(trouble.Damaged):
            await connections.write(lambda connection: connection.exec_driver_sql("SELECT * FROM gone"))
        assert connections._all == []
        kept = await connections.write(lambda connection: connection)
        assert connections._all == [kept]
        assert first

        def waits(_connection: sa.Connection) -> None:
            raise sa.exc.OperationalError("x", {}, complaint(sqlite3.SQLITE_BUSY, "database is locked"))

        with pytest.raises(Offline, match="is busy"):
            await connections.write(waits)
        assert connections._all == [kept]
    finally:
        connections.close()
