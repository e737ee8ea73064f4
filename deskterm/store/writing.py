"""Statements that write rows, worded once for each database and handed to its driver as they are.

SQLAlchemy words a statement and readies its values each time anew, which costs ten times what SQLite takes for it. A
call that is saved runs nine of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

Row = Mapping[str, Any]


class Writing:
    """An insert, update or delete that gives nothing back. Its rows name every value."""

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete | sa.TextClause) -> None:
        self._statement: Final = statement
        self._worded: dict[str, _Worded] = {}

    def __call__(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Run it for each row; for none it is not run."""
        if not rows:
            return
        dialect = connection.dialect
        worded = self._worded.get(dialect.name)
        if worded is None:
            worded = self._worded[dialect.name] = _Worded(self._statement, dialect)
        values = [worded.values(row) for row in rows]
        connection.exec_driver_sql(worded.text, values if len(values) > 1 else values[0])


class _Worded:
    """The words of a statement for one kind of database, and how its values go with them."""

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self.text = str(compiled)
        self._names: list[str] = list(compiled.positiontup or compiled.binds)
        self._is_positional = bool(compiled.positiontup)
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
        self._made: dict[str, Callable[[Any], Any]] = {}
        for name, bind in compiled.binds.items():
            make = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if make is not None:
                self._made[name] = make

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        """What stands in a row, as the driver takes it."""
        made, fixed = self._made, self._fixed
        whole = {**fixed, **row} if fixed else row
        if self._is_positional:
            return tuple([made[name](whole[name]) if name in made else whole[name] for name in self._names])
        return {name: made[name](whole[name]) if name in made else whole[name] for name in self._names}
