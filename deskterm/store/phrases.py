"""What SQLite and PostgreSQL put into different words: parts of statements that each database writes in its own way.

Everything else is one statement for both. A full-text table is called and joined alike in both: `rowid` is the number
of the row it tells of. In SQLite it is an FTS5 table, in PostgreSQL a view of a row's own index (`store.postgres`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_CONDITION: Final = sa.types.NULLTYPE
"""As a boolean, SQLite would be asked whether it equals 1, and then not by the full-text index."""


class Beginnings(sa.TypeDecorator[tuple[str, ...]]):
    """Beginnings of words that all have to be there, as a full-text question in the database's own words."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: sa.Dialect) -> str:
        """Write the question. Each word is quoted: bare ones may be syntax."""
        if dialect.name == "sqlite":
            return " ".join(f'"{word}"*' for word in value or ())
        return " & ".join(f"'{word}':*" for word in value or ())


class matches(FunctionElement[Any]):  # noqa: N801 - it is used as a function of SQL
    """Whether a full-text table says yes to the question in a parameter, which holds beginnings of words."""

    type = _CONDITION
    inherit_cache = True

    def __init__(self, table: str, parameter: str) -> None:
        super().__init__(sa.literal_column(table), sa.bindparam(parameter, type_=Beginnings()))


class holds(FunctionElement[Any]):  # noqa: N801 - it is used as a function of SQL
    """Whether a text has another one in it, letter by letter."""

    type = _CONDITION
    inherit_cache = True

    def __init__(self, text: sa.ColumnElement[str], part: sa.ColumnElement[str] | str) -> None:
        super().__init__(text, part)


class as_found(FunctionElement[int]):  # noqa: N801 - it is used as a function of SQL
    """The order, highest first, in which the rows of a subquery were found.

    SQLite keeps that order, and asked for it in so many words it would sort, and so read all of them. PostgreSQL
    promises no order that it was not asked for.
    """

    type = sa.BigInteger()
    inherit_cache = True

    def __init__(self, number: sa.ColumnElement[int]) -> None:
        super().__init__(number)


@compiles(matches, "sqlite")
def _matches_in_sqlite(element: matches, compiler: SQLCompiler, **how: Any) -> str:
    table, question = (compiler.process(each, **how) for each in element.clauses)
    return f"{table} MATCH {question}"


@compiles(matches, "postgresql")
def _matches_in_postgresql(element: matches, compiler: SQLCompiler, **how: Any) -> str:
    table, question = (compiler.process(each, **how) for each in element.clauses)
    return f"{table}.words @@ CAST({question} AS tsquery)"


@compiles(holds, "sqlite")
def _holds_in_sqlite(element: holds, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)}) > 0"


@compiles(holds, "postgresql")
def _holds_in_postgresql(element: holds, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)}) > 0"


@compiles(as_found, "sqlite")
def _as_found_in_sqlite(_element: as_found, _compiler: SQLCompiler, **_how: Any) -> str:
    return "NULL"


@compiles(as_found, "postgresql")
def _as_found_in_postgresql(element: as_found, compiler: SQLCompiler, **how: Any) -> str:
    return f"{compiler.process(element.clauses, **how)} DESC"
