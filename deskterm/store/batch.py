"""Many commands in one transaction: for imports and demos, where each would wait for the disk on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.records.customers import Entry, any_entry, record_id
from deskterm.store.schema import customer, solution

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyCommand

_MOST = 500
_KEYS = sa.select(customer.c.record_key).where(customer.c.kind == sa.bindparam("sort")).order_by(customer.c.position)
_POOL = sa.select(solution.c.record_key, solution.c.folded, solution.c.state).where(solution.c.source == "pool")


@dataclass(frozen=True, slots=True)
class Submission:
    """A command of a batch. `operator` and `at` say whose it is and of when, where that is not the store's own."""

    command: AnyCommand
    operator: str | None = None
    at: datetime | None = None
    own: frozenset[UUID] = frozenset()
    """Commands on the same record that its author knew of, though they had not come to the store yet."""


def entries(connection: sa.Connection, kind: str, keys: Sequence[str]) -> dict[str, Entry]:
    """The records of a kind that are known, by the keys they were asked for with."""
    if kind == "solution":
        pool = {row.folded: row.state for row in connection.execute(_POOL)}
        states: dict[Any, str] = {key: pool[folded] for key in keys if (folded := key.strip().casefold()) in pool}
        return {key: any_entry().validate_json(state) for key, state in states.items()}
    wanted = {key: record_id(kind, key) for key in keys}
    found: dict[Any, str] = {}
    for some in _chunks(list(dict.fromkeys(wanted.values()))):
        rows = connection.execute(sa.select(customer.c.id, customer.c.state).where(customer.c.id.in_(some)))
        found |= {row.id: row.state for row in rows}
    return {key: any_entry().validate_json(found[record]) for key, record in wanted.items() if record in found}


def keys(connection: sa.Connection, kind: str) -> tuple[str, ...]:
    """The keys of all records of a kind, in the order they were first entered."""
    if kind == "solution":
        return tuple(row.record_key for row in connection.execute(_POOL))
    return tuple(connection.execute(_KEYS, {"sort": kind}).scalars())


def _chunks(records: list[Any]) -> Iterable[list[Any]]:
    return (records[start : start + _MOST] for start in range(0, len(records), _MOST))
