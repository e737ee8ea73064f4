"""Copy a desk to a file while it is in use, and put such a copy in a desk's place: wholly or not at all.

A copy is one snapshot, folded into one file, checked from end to end before it gets its name.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from deskterm.desk.tickets.views import VerifyReport
from deskterm.store import examining, holding, log, placing, trouble, verifying, write_ahead
from deskterm.store.base import Invalid, NotFound, StoreError, Unusable
from deskterm.store.connections import engine_for, open_file
from deskterm.store.preparing import prepare

_MOVED: Final = "replaced-{:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: what is in the store now, and where the one before it is kept."""

    report: VerifyReport
    aside: Path | None


def backup(connection: sa.Connection, file: Path, *, replace: bool = False) -> VerifyReport:
    """Copy the snapshot of a connection to a file, which appears when it is whole and checked.

    What is wrong with the desk itself is copied as well and listed in the report. Raises Invalid where the file is
    there already, and Offline where there is no room.
    """
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    _check_destination(file, Path(raw.execute("PRAGMA database_list").fetchone()[2]), replace)
    head = log.head_of(connection)  # from here on it is one snapshot
    with _telling(file), placing.unfinished(file) as draft:
        _copy(raw, draft)
        report = _verified(draft)
        is_same = report == verifying.verify(connection) if report.faults else (report.events, report.head) == head
        if not is_same:
            raise trouble.not_copied(file)
        try:
            placing.put(draft, file, replace=replace)
        except FileExistsError:
            raise _exists(file) from None
    return report


def restore(file: Path, store: Path, *, now: datetime, force: bool = False) -> Restored:
    """Put a backup in the place of a store; the store that was there is kept beside it, under a name that says when.

    Raises Offline where somebody has the store open, Invalid where it is not empty and `force` is not given, and
    Unusable for a backup that is not what was logged. Then nothing has changed.
    """
    store = store.resolve()
    with _telling(store):
        _check_source(file, store)
        if not store.parent.is_dir():
            raise Unusable(f"There is no directory {store.parent}. Make it first, or name another place for the store.")
        if store.exists():
            _check_replaceable(store, force)
        elif write_ahead.is_written(store):
            raise Unusable(f"{write_ahead.log_of(store)} is left from another store; move it away first.")
        with placing.unfinished(store) as draft:
            with contextlib.closing(examining.look(file)) as source:
                _copy(source, draft)
            try:
                prepare(draft)  # it may be of an older version
            except trouble.Damaged as error:
                raise trouble.not_copied(file) from error
            except StoreError as error:
                # The copy has a name of its own, which is nobody's business.
                raise type(error)(error.message.replace(str(draft), str(store))) from error
            report = _verified(draft)
            if not report.sound:
                raise Unusable(
                    f"{file} is not as it was written: {report.faults[0]} `deskterm --store FILE verify` lists all, "
                    "and `deskterm --store FILE rebuild` mends what can be made again. Nothing was restored."
                )
            return Restored(report, _exchange(draft, store, now))


# -- what may be copied where


def _check_destination(file: Path, desk: Path, replace: bool) -> None:
    if file.is_dir() or (file.exists() and not file.is_file()):
        raise Invalid(f"{file} is no ordinary file; name one for the backup.", field="file")
    if not file.parent.is_dir():
        raise Invalid(f"There is no directory {file.parent} for the backup.", field="file")
    if not file.exists():
        return
    if file.samefile(desk):
        raise Invalid(f"{file} is the desk itself; name another file for the backup.", field="file")
    if not replace:
        raise _exists(file)
    with holding.exclusively(file):
        if write_ahead.is_written(file):
            raise Invalid(f"{file} is a desk with calls in {write_ahead.log_of(file).name}; it was left.", field="file")


def _exists(file: Path) -> Invalid:
    return Invalid(f"{file} is there already; --force replaces it.", field="file")


def _check_source(file: Path, store: Path) -> None:
    if not file.exists():
        raise NotFound(f"There is no file {file}.")
    if not file.is_file():
        raise Unusable(f"{file} is no ordinary file, so it cannot be a backup.")
    if store.exists() and file.samefile(store):
        raise Invalid(f"{file} is the store itself; there is nothing to restore.", field="file")
    with holding.alone:
        if not holding.is_open_here(file):
            examining.check_header(file)
        examining.check_pages(file)


def _check_replaceable(store: Path, force: bool) -> None:
    examining.check_place(store)
    with holding.exclusively(store):
        pass
    if not force and not _is_empty(store):
        raise Invalid(
            f"{store} is not empty. With --force the backup takes its place, and it is kept beside it.", field="store"
        )


def _is_empty(store: Path) -> bool:
    """Whether nothing was ever logged in a store. What cannot be read may hold something."""
    try:
        with contextlib.closing(examining.look(store)) as connection:
            return bool(connection.execute("SELECT position FROM head").fetchone() == (0,))
    except sqlite3.Error:
        return False


# -- copying


def _copy(source: sqlite3.Connection, draft: Path) -> None:
    with contextlib.closing(open_file(draft)) as copy:
        source.backup(copy)
        # One file, with no log beside it that could be left behind when the backup is moved.
        copy.execute("PRAGMA journal_mode = DELETE").close()


def _verified(draft: Path) -> VerifyReport:
    engine = engine_for(lambda: examining.look(draft), "BEGIN")
    try:
        with engine.connect() as connection:
            report = verifying.verify(connection)
        if report.sound:
            return report
        # The disk may have failed under the check, and not the copy.
        examining.read_through(draft)
        with engine.connect() as connection:
            return verifying.verify(connection)
    finally:
        engine.dispose()


@contextlib.contextmanager
def _telling(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise trouble.told(error, file) from error


# -- changing places


def _exchange(draft: Path, store: Path, now: datetime) -> Path | None:
    """Put a finished copy in a store's place, and that aside; where one step fails, all are taken back."""
    if not store.exists():
        placing.put(draft, store)
        return None
    _fold(store)
    with holding.exclusively(store):
        _inherit(store, draft)
        aside = _free_name(store, now)
        if write_ahead.is_written(store):
            _move_both(draft, store, aside)
        else:
            _move(draft, store, aside)
    return aside


def _fold(store: Path) -> None:
    """Fold the write-ahead log into a sound store, which is then one file that can change places at one stroke."""
    with contextlib.suppress(StoreError, sqlite3.Error):
        examining.examine(store)
        with contextlib.closing(open_file(store)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _inherit(store: Path, draft: Path) -> None:
    """Let the copy be read and written by whoever might use the store before it."""
    shutil.copymode(store, draft)
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(draft, store.stat().st_uid, store.stat().st_gid)


def _free_name(store: Path, now: datetime) -> Path:
    moved = _MOVED.format(now.astimezone(UTC))
    names = (store.with_name(f"{store.name}.{moved}{more}") for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists() and not write_ahead.log_of(name).exists())


def _move(draft: Path, store: Path, aside: Path) -> None:
    try:
        os.link(store, aside)
    except OSError:  # a file system without links
        _move_both(draft, store, aside)
        return
    try:
        placing.put(draft, store, replace=True)
    except BaseException:
        aside.unlink()
        raise


def _move_both(draft: Path, store: Path, aside: Path) -> None:
    moves = [(store, aside)]
    if write_ahead.is_written(store):
        # Beside the copy it would be taken for the copy's own, so it goes before that comes.
        moves.append((write_ahead.log_of(store), write_ahead.log_of(aside)))
    with contextlib.ExitStack() as undo:
        for old, new in moves:
            old.rename(new)
            undo.callback(new.rename, old)
        placing.put(draft, store)
        undo.pop_all()
