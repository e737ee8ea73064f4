"""Look at a file before anything touches it: whether it is a store of ours, whole, and of this version.

The header is read as plain bytes, everything else through a connection that cannot write, so that what is refused
stays byte for byte as it was.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from deskterm.store import holding, trouble, write_ahead
from deskterm.store.base import StoreError, Unusable
from deskterm.store.schema import APPLICATION_ID, HEAD, metadata

_MAGIC: Final = b"SQLite format 3\x00"
_OURS: Final = APPLICATION_ID.to_bytes(4, "big")
_COLUMNS: Final = "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
_SMALL: Final = 4 * 1024 * 1024
"""Files up to this size are checked page by page on opening; it takes a few milliseconds."""


def examine(path: Path) -> None:
    """Raise Unusable, with what it is and what to do, unless a store of ours is there that can be worked on."""
    check_place(path)
    if not holding.is_open_here(path):
        check_header(path)
    check_pages(path)


def check_place(path: Path) -> None:
    """Raise Unusable unless an ordinary file that may be written is at a path."""
    if path.is_dir():
        raise Unusable(f"{path} is a directory. Name a file in it, such as {path / 'desk.db'}.")
    if not path.is_file():
        raise Unusable(f"{path} is no ordinary file, so it cannot hold a store.")
    if not os.access(path, os.R_OK):
        raise trouble.told(PermissionError(13, "Permission denied"), path)
    mode = path.stat().st_mode
    if not mode & 0o222 or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise trouble.read_only(path)


def check_header(path: Path) -> None:
    """Raise Unusable unless the first bytes are those of a whole store. Not for a file that is open here."""
    header = check_marks(path)
    (page_size,) = struct.unpack(">H", header[16:18])
    page_size = 65536 if page_size == 1 else page_size
    if page_size < 512 or page_size & (page_size - 1) or not _is_plausible(header):
        raise trouble.damaged(path, "its first bytes are not what they were")
    (pages,) = struct.unpack(">I", header[28:32])
    size = path.stat().st_size
    if not write_ahead.is_written(path):
        if size < page_size * pages:
            raise trouble.damaged(path, f"it is cut short, {size} of {page_size * pages} bytes")
    elif not holding.is_open_elsewhere(path) and (where := write_ahead.fault(path, page_size)):
        raise trouble.damaged(path, where)


def _is_plausible(header: bytes) -> bool:
    """Whether what never differs in our files is as it should be (https://www.sqlite.org/fileformat2.html)."""
    return (
        header[18:24] in (b"\1\1\0\x40\x20\x20", b"\2\2\0\x40\x20\x20")  # journal, reserved space, fractions
        and header[44:48] in (b"\0\0\0\1", b"\0\0\0\2", b"\0\0\0\3", b"\0\0\0\4")  # file format
        and header[56:60] == b"\0\0\0\1"  # UTF-8
        and not any(header[72:92])
    )


def check_marks(path: Path) -> bytes:
    """Raise Unusable unless a file bears the two marks of ours; returns its first 100 bytes. Not if it is open here."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        raise Unusable(f"{path} is an empty file and no store. Remove it, or name another place.")
    magic, mark = header[:16], header[68:72]
    if (magic, mark) == (_MAGIC, _OURS):
        if len(header) < 100:
            raise trouble.damaged(path, "it is cut short")
        return header
    if not any(header):
        raise trouble.damaged(path, "its beginning is blank, if it ever was a store")
    # A damaged byte or two leave most of a mark as it was; another file shares none of them.
    if _alike(magic, _MAGIC) >= 12 and (len(header) < 72 or _alike(mark, _OURS) >= 3):
        raise trouble.damaged(path, "it is cut short" if len(header) < 72 else "its first bytes are not what they were")
    if mark == _OURS and _is_plausible(header):  # a letter may have "desk" in the very same place
        raise trouble.damaged(path, "its first bytes are not what they were")
    if magic == _MAGIC:
        raise trouble.foreign(path, "it is a database of another program")
    if _holds_our_tables(path):
        raise trouble.damaged(path, "its first bytes are gone")
    raise trouble.foreign(path, "it is not a database at all")


def _holds_our_tables(path: Path) -> bool:
    """Whether the way our tables are made stands near the beginning, where SQLite keeps it."""
    with path.open("rb") as file:
        return b"CREATE TABLE alembic_version" in file.read(_SMALL)


def _alike(found: Iterable[int], known: Iterable[int]) -> int:
    return sum(one == other for one, other in zip(found, known, strict=False))


def look(path: Path) -> sqlite3.Connection:
    """Open a database in a way that cannot change it."""
    how = "mode=ro" if write_ahead.is_written(path) else "mode=ro&immutable=1"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=5, isolation_level=None, check_same_thread=False
    )


def check_pages(path: Path) -> None:
    """Raise Unusable unless the tables of a store are there, of this version or an older one."""
    for last in (False, True):
        try:
            _check_pages(path)
            return
        except trouble.Damaged:
            # A disk that fails, or somebody at work on the file, makes a whole file look damaged for a moment.
            read_through(path)
            if last:
                raise


def read_through(path: Path) -> None:
    """Read a file as bytes to its end, for a disk that cannot raises OSError. Does nothing if it is open here."""
    with holding.alone:
        if not holding.is_open_here(path):
            with path.open("rb", buffering=0) as file:
                while file.read(_SMALL):
                    pass


def _check_pages(path: Path) -> None:
    with contextlib.closing(look(path)) as connection:
        try:
            version, revision = _versions(connection, path)
            if version == revision > int(HEAD):
                raise trouble.newer(path)
            if path.stat().st_size <= _SMALL:
                _check_each_page(connection, path)
            lacking = _lacking(connection)
        except sqlite3.DatabaseError as error:
            raise _where(connection, error, path) from error
        except UnicodeDecodeError as error:
            raise trouble.damaged(path, "names of its tables are not what they were") from error
    if version != revision:
        raise trouble.damaged(path, f"it calls itself version {version} in one place and {revision} in another")
    if lacking and revision == int(HEAD):
        raise trouble.damaged(path, lacking)


def _lacking(connection: sqlite3.Connection) -> str:
    """Which of our tables is missing, or has not the columns it was made with; empty if none."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(_COLUMNS):
        found.setdefault(table, set()).add(column)
    for name, table in sorted(metadata.tables.items()):
        if name not in found:
            return f"table {name} is missing"
        if found[name] != set(table.columns.keys()):
            return f"the columns of table {name} are not what they were"
    return ""


def has_strange_rows(connection: sa.Connection) -> bool:
    """Whether a number stands where words were written, or the like, which SQLite takes without a word."""
    for table in metadata.tables.values():
        wrong = " OR ".join(f"typeof({column.name}) NOT IN ({_types(column)})" for column in table.columns)
        if connection.exec_driver_sql(f"SELECT 1 FROM {table.name} WHERE {wrong} LIMIT 1").first():
            return True
    return False


def _types(column: sa.Column[object]) -> str:
    stored = "'integer'" if isinstance(column.type, sa.Integer) else "'text'"
    return f"{stored}, 'null'" if column.nullable else stored


def revision(path: Path) -> str:
    """The schema version that a store's own table tells. Ask it of a file that was examined."""
    with contextlib.closing(look(path)) as connection:
        return f"{_versions(connection, path)[1]:04}"


def _versions(connection: sqlite3.Connection, path: Path) -> tuple[int, int]:
    """The schema version in the header, and the one in the table."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not (str(row[0]).isascii() and str(row[0]).isdecimal()):
        raise trouble.damaged(path, "it does not say which version it is")
    return int(version), int(row[0])


def _check_each_page(connection: sqlite3.Connection, path: Path) -> None:
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise trouble.damaged(path, plain_fault(str(answer)))


def plain_fault(answer: str) -> str:
    """One line of what SQLite's own check finds, without its decoration."""
    line = answer.splitlines()[-1].removeprefix("*** ").strip()
    return line[:1].lower() + line[1:]


def _where(connection: sqlite3.Connection, error: sqlite3.DatabaseError, path: Path) -> StoreError:
    """Find the table that cannot be read, if it is known that one cannot."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
        return trouble.told(error, path)
    for table in metadata.tables:
        try:
            (answer,) = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as found:
            return trouble.damaged(path, f"table {table} cannot be read, {found}")
        if answer != "ok":
            return trouble.damaged(path, f"table {table}, {plain_fault(str(answer))}")
    return trouble.damaged(path, str(error))
