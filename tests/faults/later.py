"""A later version of deskterm, whose schema has one more table: to see a store of today's being brought up to it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from deskterm.store import examining, preparing, schema, verifying
from deskterm.store.migrations import upgrading

_OLD: Final = schema.HEAD
_HEAD: Final = "0999"
_MIGRATION: Final = f"""
import sqlalchemy as sa
from alembic import op
revision = "{_HEAD}"
down_revision = "{_OLD}"
def upgrade():
    op.create_table("later", sa.Column("position", sa.Integer, primary_key=True), sa.Column("words", sa.Text))
    op.execute("INSERT INTO later SELECT position, payload FROM event")
    op.create_index("later_words", "later", ["words"])
    op.execute("UPDATE ticket SET updated_by = updated_by")
"""


def comes(folder: Path) -> None:
    """From now on this process runs the later version."""
    place = folder / "migrations"
    real = Path(upgrading.__file__).parent
    shutil.copytree(real, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "versions" / f"{_HEAD}_later.py").write_text(_MIGRATION)
    upgrading.__file__ = str(place / "upgrading.py")
    for room in (schema, examining, preparing, verifying):
        setattr(room, "HEAD", _HEAD)  # noqa: B010 (a constant to everybody else)
    setattr(preparing, "PLAYED", _HEAD)  # noqa: B010


def is_migrated(path: Path) -> bool:
    """Whether a store is of the later version; it has to be all of one version, or all of the other."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        told = [connection.execute(question).fetchone()[0] for question in (
            "PRAGMA user_version", "SELECT CAST(version_num AS INTEGER) FROM alembic_version",
        )]  # fmt: skip
        is_new = "later" in tables
        assert told == [int(_HEAD if is_new else _OLD)] * 2, f"versions {told}, tables {tables}"
        assert ("later_words" in tables) == is_new
        if is_new:
            assert connection.execute("SELECT (SELECT count(*) FROM later) = count(*) FROM event").fetchone() == (1,)
        return is_new
