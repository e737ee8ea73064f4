"""Statements worded once for each database and handed to its driver as they are: what a saved call writes and asks.

SQLAlchemy words a statement and readies its values each time anew, and makes a result for each, which costs ten times
what SQLite takes for it. A call that is saved runs a dozen of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

Row = Mapping[str, Any]


class Writing:
    """An insert, update or delete that gives nothing back. Its rows name every value."""

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete | sa.TextClause) -> None:
        self._worded: Final = _Wordings(statement)

    def __call__(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Run it for each row; for none it is not run."""
        if not rows:
            return
        worded = self._worded.of(connection.dialect)
        if len(rows) == 1:
            run(connection, worded.text, worded.values(rows[0]))
        else:
            run(connection, worded.text, [worded.values(row) for row in rows])


class Asking:
    """A question of a few plain values: numbers and texts, which come back as the database has them."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self._worded: Final = _Wordings(statement)

    def __call__(self, connection: sa.Connection, values: Row) -> Sequence[Sequence[Any]]:
        """The rows of the answer."""
        worded = self._worded.of(connection.dialect)
        return run(connection, worded.text, worded.values(values))


def run(connection: sa.Connection, text: str, values: Any = ()) -> Sequence[Sequence[Any]]:
    """Run a statement in the driver's own words: once, or for each of a list of values. Gives the rows that it finds.

    Raises DBAPIError as SQLAlchemy does.
    """
    beneath: Any = connection.connection.dbapi_connection
    if type(beneath) is sqlite3.Connection and beneath.in_transaction:
        return _handed(beneath, text, values)
    # Outside a transaction it is for SQLAlchemy to begin one.
    found = connection.exec_driver_sql(text, values)
    return found.all() if found.returns_rows else ()


def handed(connection: sa.Connection, text: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """Run a statement of SQLite's on the connection beneath."""
    return _handed(connection.connection.dbapi_connection, text, values)


def _handed(beneath: Any, text: str, values: Any) -> list[tuple[Any, ...]]:
    try:
        cursor = beneath.executemany(text, values) if type(values) is list else beneath.execute(text, values)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return found
    except sqlite3.Error as error:
        raise DBAPIError.instance(text, values, error, sqlite3.Error) from error


class _Wordings:
    """A statement in the words of each kind of database that asked for it."""

    def __init__(self, statement: sa.Executable) -> None:
        self._statement: Final = statement
        self._known: dict[str, _Worded] = {}

    def of(self, dialect: sa.Dialect) -> _Worded:
        """In the words of one."""
        worded = self._known.get(dialect.name)
        if worded is None:
            worded = self._known[dialect.name] = _Worded(self._statement, dialect)
        return worded


class _Worded:
    """The words of a statement for one kind of database, and how its values go with them."""

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self.text = str(compiled)
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
        made = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._names: list[str] = list(compiled.positiontup or compiled.binds)
        self._made: list[tuple[int, Callable[[Any], Any]]] = [
            (place, make) for place, name in enumerate(self._names) if (make := made[name]) is not None
        ]
        self._is_positional: bool = bool(compiled.positiontup) or compiled.positional

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        """What stands in a row, as the driver takes it."""
        whole = {**self._fixed, **row} if self._fixed else row
        values = list(map(whole.__getitem__, self._names))
        # Few are made: ids, mostly. All others go as they are.
        for place, make in self._made:
            values[place] = make(values[place])
        return tuple(values) if self._is_positional else dict(zip(self._names, values, strict=True))
