"""Migrations: they make the tables that the code uses, of any older store, or change nothing."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from deskterm.store import examining
from deskterm.store.connections import writing_engine
from deskterm.store.migrations.upgrading import upgrade
from deskterm.store.opening import open_store
from deskterm.store.schema import FULL_TEXT, HEAD, PLAYED, metadata
from tests.store.test_opening import changed

pytestmark = pytest.mark.anyio


def test_the_newest_migration_is_the_one_the_code_knows(tmp_path: Path) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import deskterm.store.migrations

    config = Config()
    config.set_main_option("script_location", str(Path(deskterm.store.migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_the_migrations_make_the_tables_the_code_uses(templates: dict[str, Path]) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    full_text = tuple(FULL_TEXT)
    engine = sa.create_engine(f"sqlite:///{templates['empty']}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _o, name, *_: not str(name).startswith(full_text),
            },
        )
        assert compare_metadata(context, metadata) == []
        wheres = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        partial = {name for name, sql in wheres if " WHERE " in sql}
    engine.dispose()
    expected = {
        index.name
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    assert partial == expected


async def test_an_older_store_is_brought_up_to_date_with_all_that_this_version_reads_from_its_log(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "old.db"
    path.touch()
    engine = writing_engine(path)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.exec_driver_sql("PRAGMA user_version = 1")
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("ATTACH ? AS newer", (str(templates["desk"]),))
        for table in ("event", "receipt"):
            old.execute(f"INSERT INTO {table} SELECT * FROM newer.{table}")
        old.execute("UPDATE head SET (position, hash) = (SELECT position, hash FROM newer.head)")
    store = await open_store(str(path))
    try:
        assert (await store.verify()).sound
    finally:
        await store.close()


async def test_what_projects_nothing_new_is_added_without_playing_the_log(
    templates: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk of a million tickets would else take minutes to open."""
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)
    changed(
        path, "DROP TABLE presence", f"UPDATE alembic_version SET version_num = '{PLAYED}'",
        f"PRAGMA user_version = {int(PLAYED)}",
    )  # fmt: skip
    monkeypatch.delattr("deskterm.store.replaying.rebuild")
    store = await open_store(str(path), operator="Nora")
    assert await store.attend(None) == ()
    await store.close()
    assert examining.revision(path) == HEAD


async def test_a_failed_migration_undoes_all_of_it(
    templates: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deskterm.store import migrations

    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_broken.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = '{HEAD}'\n"
        "def upgrade():\n    op.execute('CREATE TABLE half (a)')\n    op.execute('DELETE FROM customer')\n"
        "    op.execute('this is no SQL')\n"
    )
    monkeypatch.setattr("deskterm.store.migrations.upgrading.__file__", str(folder / "upgrading.py"))
    path = tmp_path / "desk.db"
    shutil.copy(templates["desk"], path)

    def contents() -> list[str]:
        connection = sqlite3.connect(path)
        lines = list(connection.iterdump())
        connection.close()
        return lines

    before = contents()
    engine = writing_engine(path)
    with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    assert contents() == before
