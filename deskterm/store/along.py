"""What an operator takes along for when the line is down: the log of all that is open and known, as far as they see it.

A first round gathers the desk files, the customer base, the known solutions and whatever is open; later rounds bring
all that happened since a position of the log. What somebody may not see (R226) is not taken along, and no files,
which are read where they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.store import log, sight
from deskterm.store.carried import Along, LogRow
from deskterm.store.local import LocalStore
from deskterm.store.schema import change, event, given, terminal, ticket

MOST: Final = 1000
"""Events taken along at once."""
_OPEN = sa.union_all(
    sa.select(ticket.c.id).where(ticket.c.is_open == 1), sa.select(change.c.id).where(change.c.is_open == 1)
)
SINCE = (
    sa.select(event)
    .where(event.c.position > sa.bindparam("after"), event.c.record_kind != "file")
    .order_by(event.c.position)
    .limit(sa.bindparam("most"))
)
_FIRST = SINCE.where(sa.or_(event.c.record_kind.not_in(("ticket", "change")), event.c.record_id.in_(_OPEN)))
_OF = sa.select(event).where(event.c.record_id.in_(sa.bindparam("records", expanding=True))).order_by(event.c.position)


async def taken(store: LocalStore, after: int, *, first: bool) -> Along:
    """What is behind a position; in the `first` round only what is open or known."""

    def work(connection: sa.Connection, hidden: sight.Hidden) -> Along:
        end = log.head_of(connection)[0]
        found = connection.execute(_FIRST if first else SINCE, {"after": after, "most": MOST}).mappings().all()
        more = len(found) == MOST
        rows, gone = _visible(connection, found, hidden, store.me.name)
        return Along(rows, found[-1]["position"] if more else end, more, () if first else gone)

    return await store._read(lambda connection, desk: work(connection, desk.hidden_from(store.me)))


async def of_records(store: LocalStore, records: tuple[UUID, ...]) -> Along:
    """The whole log of some records: of what was closed when the first round was made, and is needed again."""

    def work(connection: sa.Connection, hidden: sight.Hidden) -> Along:
        found = connection.execute(_OF, {"records": list(records)}).mappings().all()
        rows, gone = _visible(connection, found, hidden, store.me.name)
        return Along(rows, log.head_of(connection)[0], False, gone)

    return await store._read(lambda connection, desk: work(connection, desk.hidden_from(store.me)))


async def terminal_number(store: LocalStore, terminal_id: UUID) -> int:
    """The number by which the references of a terminal are its own; the first time it gets the next one."""

    def work(connection: sa.Connection) -> int:
        known = connection.execute(sa.select(terminal.c.number).where(terminal.c.id == terminal_id)).scalar()
        if known is not None:
            return int(known)
        last = connection.execute(sa.select(sa.func.max(terminal.c.number))).scalar() or _last_in_log(connection)
        number = last + 1
        connection.execute(terminal.insert(), {"number": number, "id": terminal_id})
        return int(number)

    return await store._connections.write(work)


def _last_in_log(connection: sa.Connection) -> int:
    """The highest terminal that calls name: a log that was imported tells of terminals of which nothing else came."""
    refs = connection.execute(sa.select(given.c.ref)).scalars()
    return max((int(ref.partition("-")[0]) for ref in refs), default=0)


def _visible(
    connection: sa.Connection, found: Iterable[Any], hidden: sight.Hidden, me: str
) -> tuple[tuple[LogRow, ...], tuple[UUID, ...]]:
    rows = [LogRow(**row) for row in found]
    gone = sight.away(connection, (row.record_id for row in rows if row.record_kind in sight.KINDS), hidden)
    return tuple(row for row in rows if row.record_id not in gone and whose(row) in ("", me)), tuple(gone)


def whose(row: LogRow) -> str | None:
    """For whom alone an event is: whoever has the view that it is of. Empty for everybody, None for nobody."""
    if row.record_kind != "view" or row.kind == "ViewForgotten":
        return ""
    return str(json.loads(row.payload or "{}").get("operator") or "") or None
