"""Making sure that a usable desk of this version is in a database: made new where that is empty, or else left alone.

A shared desk is brought up to date only when somebody says so (`deskterm upgrade`): other programs are at work on it.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from deskterm.store import log, replaying
from deskterm.store.base import Unusable
from deskterm.store.postgres import settling, trouble
from deskterm.store.postgres.address import Address
from deskterm.store.postgres.connections import reading_engine, writing_engine
from deskterm.store.schema import HEAD, PLAYED, metadata

_ENCODING: Final = sa.text("SELECT current_setting('server_encoding')")
_MARK: Final = sa.text("SELECT obj_description(to_regclass('head'), 'pg_class')")
_REVISION: Final = sa.text("SELECT version_num FROM alembic_version")
_THERE: Final = sa.text("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")


def prepare(address: Address, create: bool = True) -> None:
    """Make sure that a desk of this version is there. Raises Unusable or Offline, and then has changed nothing."""
    found = revision(address)
    if found is None:
        if not create:
            raise trouble.empty(address.name)
        upgrade(address)
    elif found < HEAD:
        raise trouble.older(address.name)


def revision(address: Address) -> str | None:
    """The version of the desk in a database, None where there is no desk. Raises Unusable for what is not ours."""
    engine = reading_engine(address)
    try:
        with engine.connect() as connection:
            return _revision(connection, address)
    except DBAPIError as error:
        raise trouble.told(error, address.name) from error
    finally:
        engine.dispose()


def upgrade(address: Address) -> tuple[str | None, str]:
    """Run the missing migrations, all or none; returns the version before and after. Whoever comes second waits."""
    from deskterm.store.migrations.upgrading import upgrade as run

    engine = writing_engine(address)
    try:
        with engine.begin() as connection:
            before = _revision(connection, address)
            if before == HEAD:
                return before, HEAD
            settling.begin(connection)
            run(connection)
            settling.settle(connection)
            if (before or "") < PLAYED and log.head_of(connection)[0]:
                # What a newer version reads from the log may be more than what an older one wrote down.
                replaying.rebuild(connection)
            return before, HEAD
    except DBAPIError as error:
        raise trouble.told(error, address.name) from error
    finally:
        engine.dispose()


def _revision(connection: sa.Connection, address: Address) -> str | None:
    if connection.execute(_ENCODING).scalar_one() != "UTF8":
        raise Unusable(f"{address.name} cannot keep every letter. Make one that can: createdb --encoding=UTF8 desk")
    if connection.execute(_MARK).scalar() != settling.MARK:
        if {*metadata.tables, "alembic_version"} & set(connection.execute(_THERE).scalars()):
            raise trouble.foreign(address.name)
        return None
    found = str(connection.execute(_REVISION).scalar_one_or_none())
    if not found.isdecimal():
        raise trouble.foreign(address.name)
    if found > HEAD:
        raise trouble.newer(address.name)
    return found
