"""What to say of a store that cannot be used: each state told apart, in a sentence, with the way out."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from deskterm.store.base import Offline, StoreError, Unusable

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PASSING: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""Complaints about the moment or the disk, not about what the file holds."""
_OTHER_SCHEMA: Final = (
    "no such", "fts5", "tokenizer", "constructor", "malformed", "parse error", "unrecognized",
)  # fmt: skip
"""What SQLite says when tables are not those that were made."""
_SCRAPS: Final = 64 * 1024
"""Free bytes below which a write that failed without a clear reason failed for want of room."""


class Damaged(Unusable):
    """A store of ours that is not whole any more; parts of it may still be read."""


def damaged(path: Path, where: str) -> Damaged:
    """Say that a store is damaged, and where."""
    return Damaged(
        f"{path} is damaged: {where}. It was left as it is. `deskterm verify` may say more, `deskterm export` saves "
        "the log if that can still be read, and `deskterm restore FILE` puts a backup in its place."
    )


def foreign(path: Path, what: str) -> Unusable:
    """Say that a file is not ours."""
    return Unusable(f"{path} is no deskterm store: {what}. Name another file.")


def newer(path: Path) -> Unusable:
    """Say that a store is from a newer program than this one."""
    return Unusable(f"{path} was written by a newer deskterm. Update this one (pip install -U deskterm) to open it.")


def read_only(path: Path) -> Unusable:
    """Say that a store cannot be written."""
    return Unusable(
        f"{path} can be read but not written. Make it and its directory writable, see that the disk has room, "
        "or name another store."
    )


def full(path: Path) -> Offline:
    """Say that there is no room for a file."""
    return Offline(f"The disk that holds {path} is full. Nothing was written; please make room and try again.")


def unfinished(path: Path) -> Offline:
    """Say that a file could not be completed, and that nothing of it was kept."""
    return full(path) if _is_full(path) else Offline(f"{path} could not be written to its end. Please try again.")


def not_copied(path: Path) -> Offline:
    """Say that a copy came out otherwise than what was copied."""
    return Offline(
        f"{path} could not be copied: the disk does not give back what was written to it. Nothing was changed; "
        "please try again, or name a place on another disk."
    )


def busy(path: Path) -> Offline:
    """Say that somebody else has a store locked."""
    return Offline(f"{path} is busy: another program keeps it locked. Nothing was written; please try again.")


def unreadable(path: Path) -> Unusable:
    """Say that rows make no sense: the database can read them and we cannot, so somebody or something changed them."""
    return Unusable(
        f"{path} holds something that this version cannot read. `deskterm verify` says what, and `deskterm rebuild` "
        "mends what can be made again from the log."
    )


def told(error: DBAPIError | sqlite3.Error | OSError, path: Path) -> StoreError:
    """Say in a sentence for people what the database or the system complains of."""
    if isinstance(error, OSError):
        return _told_by_system(error, path)
    original = error.orig if isinstance(error, DBAPIError) else error
    match sqlite_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return busy(path)
        case sqlite3.SQLITE_FULL:
            return full(path)
        case sqlite3.SQLITE_READONLY:
            return read_only(path)
        case sqlite3.SQLITE_CORRUPT:
            # SQLite says so of bytes that a disk cannot read as well, and keeps to itself which it is.
            return damaged(path, f"{original}, or the disk fails to read it")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return damaged(path, str(original))
        case sqlite3.SQLITE_ERROR if any(words in str(original) for words in _OTHER_SCHEMA):
            return damaged(path, f"its tables are not what they were, {original}")
        case 0:
            # Python's own complaint of text that is none. It quotes the text, which is nobody's business.
            return unreadable(path)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_PERM | sqlite3.SQLITE_PROTOCOL:
            if _is_full(path):
                return full(path)
            return Offline(f"{path} cannot be reached ({original}). Nothing was written; please try again.")
        case _:
            return Unusable(f"{path} cannot be used ({original}). It was left as it is.")


def sqlite_code(error: DBAPIError | sqlite3.Error) -> int:
    """The primary result code of what the database complains of; 0 where Python itself complains."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(original, "sqlite_errorcode", 0)) & 0xFF


def _told_by_system(error: OSError, path: Path) -> StoreError:
    if error.errno in _NO_ROOM:
        return full(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unusable(f"{path} cannot be opened: you may not. Ask its owner, or name another store.")
    if error.errno == errno.EROFS:
        return read_only(path)
    if error.errno == errno.EIO:
        return Offline(f"{path} cannot be reached (the disk reports an error). Nothing was written; please try again.")
    return Unusable(f"{path} cannot be used: {error.strerror or error}.")


def _is_full(path: Path) -> bool:
    """Whether the file system has no room to speak of: SQLite does not always say that this is why."""
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free < _SCRAPS
    return False
