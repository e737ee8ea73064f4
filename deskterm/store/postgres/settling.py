"""What a PostgreSQL database needs besides the migrations that it shares with SQLite.

It is made sure of after every upgrade, for whatever tables there are then, so that a migration need not know of it:
text sorts by its bytes, as in SQLite; numbers have room; words are indexed; and whoever listens is told of commits.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import sqlalchemy as sa

from deskterm.store.postgres.listening import CHANNEL
from deskterm.store.schema import FULL_TEXT, metadata

MARK: Final = "deskterm"
"""The comment on table `head` that says whose tables these are."""
_OF_TABLE: Final = sa.text(
    "SELECT table_name, column_name, data_type, collation_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND is_generated = 'NEVER'"
)
_INDEXED: Final = "words_indexed"
# Not PostgreSQL's own parser of texts: words are folded and taken apart in Python, for every store alike.
_LEXEMES: Final = "array_to_tsvector(string_to_array(ltrim(words), ' '))"
_KEYS: Final = {"ticket": "number", "customer": "position", "earlier_caller": "number"}


def begin(connection: sa.Connection) -> None:
    """Make way for migrations: views hold on to the tables that they show."""
    for view in FULL_TEXT:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view}")


def settle(connection: sa.Connection) -> None:
    """Make sure of all of it. Doing so again changes nothing."""
    _give_room(connection)
    for view, table in FULL_TEXT.items():
        _index_words(connection, view, table)
    _tell_of_commits(connection)
    connection.exec_driver_sql(f"COMMENT ON TABLE head IS '{MARK}'")


def _give_room(connection: sa.Connection) -> None:
    """Sort text by its bytes, whatever language the database was made for, and make whole numbers large."""
    changes: defaultdict[str, list[str]] = defaultdict(list)
    for table, column, kind, collation in connection.execute(_OF_TABLE):
        if table not in metadata.tables:
            continue
        if kind == "text" and collation != "C":
            changes[table].append(f'ALTER COLUMN "{column}" TYPE text COLLATE "C"')
        elif kind == "integer":
            changes[table].append(f'ALTER COLUMN "{column}" TYPE bigint')
    for table, parts in changes.items():
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(parts)}')


def _index_words(connection: sa.Connection, view: str, table: str) -> None:
    connection.exec_driver_sql(
        f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {_INDEXED} tsvector GENERATED ALWAYS AS ({_LEXEMES}) STORED"
    )
    connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {view}_words ON {table} USING gin ({_INDEXED})")
    connection.exec_driver_sql(
        f"CREATE OR REPLACE VIEW {view} AS SELECT {_KEYS[table]} AS rowid, {_INDEXED} AS words FROM {table}"
    )


def _tell_of_commits(connection: sa.Connection) -> None:
    """Tell whoever listens when the log has grown. It is sent with the commit, and never without one."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION deskterm_tell() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL; END $$"
            )
            connection.exec_driver_sql(
                "CREATE OR REPLACE TRIGGER deskterm_tell AFTER UPDATE ON head "
                "FOR EACH STATEMENT EXECUTE FUNCTION deskterm_tell()"
            )
    except (sa.exc.NotSupportedError, sa.exc.ProgrammingError):
        # A database that speaks PostgreSQL and lacks this: then the log is looked at, which does as well.
        return
