"""Making sure that a usable store of this version is at a place: made new, or brought up to date, all or nothing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from deskterm.store import examining, holding, log, placing, replaying, trouble, write_ahead
from deskterm.store.base import Unusable
from deskterm.store.connections import writing_engine
from deskterm.store.examining import examine
from deskterm.store.schema import HEAD, PLAYED


def prepare(path: Path, create: bool = True) -> None:
    """Make sure that a usable store of this version is at a path. Raises Unusable, and then has changed nothing."""
    with holding.alone:
        try:
            if not path.exists():
                _make(path, create)
            else:
                examine(path)
                if (found := examining.revision(path)) != HEAD:
                    _upgrade(path, found)
        except (OSError, sqlite3.Error, DBAPIError) as error:
            raise trouble.told(error, path) from error


def _make(path: Path, create: bool) -> None:
    """Make a new store beside its place and move it there when it is whole: a half-made one is never seen."""
    if not create:
        raise Unusable(f"There is no store at {path}. Make one with `deskterm desk load FILE`, or try `deskterm demo`.")
    if not path.parent.is_dir():
        raise Unusable(f"There is no directory {path.parent}. Make it first, or name another place for the store.")
    if not os.access(path.parent, os.W_OK):
        raise Unusable(f"The directory {path.parent} cannot be written. Name another place for the store.")
    if write_ahead.is_written(path):
        # Beside a new file it would be taken for the new file's own.
        raise Unusable(
            f"{path} is gone, but calls that belong to it are still in {write_ahead.log_of(path).name}. Put the file "
            "back beside it, or move that away as well."
        )
    with placing.unfinished(path) as draft:
        _upgrade(draft)
        if write_ahead.is_written(draft):
            # SQLite does not tell when it cannot fold the log into the file on closing.
            raise trouble.unfinished(path)
        try:
            placing.put(draft, path)
        except FileExistsError:
            examine(path)  # somebody made the store meanwhile, so theirs is the one


def _upgrade(path: Path, since: str = "") -> None:
    """Run the migrations that are missing since a version, all or none."""
    from deskterm.store.migrations.upgrading import upgrade

    engine = writing_engine(path)
    try:
        with engine.begin() as connection:
            upgrade(connection)
            if since < PLAYED and log.head_of(connection)[0]:
                # What a newer version reads from the log may be more than what an older one wrote down.
                replaying.rebuild(connection)
            # Two places say the version, so that a damaged digit is not taken for a newer program.
            connection.exec_driver_sql(f"PRAGMA user_version = {int(HEAD)}")
    finally:
        engine.dispose()
