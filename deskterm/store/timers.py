"""Everything that falls due by itself, in one table, whichever process notices that it has (DESIGN.md, Timers).

The table is projected from the log like every other, so it needs no upkeep. A moment is dealt with by a command whose
id follows from the moment: noticed twice, it is dealt with once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.clocks import Books, clocks
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.moments import Moment, moments
from deskterm.desk.ticket import Ticket
from deskterm.store.schema import micros, moment, ticket, timer

_SET: Final = timer.insert()
_SET_FOR: Final = sa.select(timer.c.number, timer.c.what, timer.c.at).where(
    timer.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_DROP: Final = timer.delete().where(timer.c.number == sa.bindparam("wanted"), timer.c.what == sa.bindparam("gone"))
_DUE: Final = (
    sa.select(timer.c.at, timer.c.what, ticket.c.id, ticket.c.ref)
    .join(ticket, ticket.c.number == timer.c.number)
    .where(timer.c.at <= sa.bindparam("now"))
    .order_by(timer.c.at, timer.c.number, timer.c.what)
    .limit(sa.bindparam("most"))
)
_STANDS: Final = (
    sa.select(timer.c.number)
    .join(ticket, ticket.c.number == timer.c.number)
    .where(ticket.c.id == sa.bindparam("record"))
    .where(timer.c.what == sa.bindparam("named"), timer.c.at == sa.bindparam("then"))
)
_OPEN: Final = sa.select(ticket.c.state).where(ticket.c.is_open == 1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A moment that has come and was not dealt with yet."""

    ticket: UUID
    ref: str
    moment: Moment


def project(connection: sa.Connection, timed: Iterable[tuple[int, tuple[Moment, ...], bool]]) -> None:
    """Set the timers of some tickets: number, moments, and whether the ticket is new, so that none are set yet."""
    wanted = {number: {each.what: micros(each.at) for each in found} for number, found, _ in timed}
    known = [number for number, _, is_new in timed if not is_new]
    rows = connection.execute(_SET_FOR, {"numbers": known}).all() if known else ()
    standing = {(row.number, row.what): row.at for row in rows}
    gone = [key for key, at in standing.items() if wanted[key[0]].get(key[1]) != at]
    come = [
        {"number": number, "what": what, "at": at}
        for number, found in wanted.items()
        for what, at in found.items()
        if standing.get((number, what)) != at
    ]
    if gone:
        connection.execute(_DROP, [{"wanted": number, "gone": what} for number, what in gone])
    if come:
        connection.execute(_SET, come)


def set_again(connection: sa.Connection, desk: DeskFile, books: Books) -> None:
    """Set the timers of all open tickets by a desk file that has just come into force: its ladders may differ."""
    states = connection.execute(_OPEN).scalars().all()
    standing = map(Ticket.model_validate_json, states)
    project(connection, [(it.number, moments(it, desk, clocks(it, books)), False) for it in standing])


def due(connection: sa.Connection, now: datetime, most: int) -> list[Waiting]:
    """The earliest moments that have come, in order."""
    rows = connection.execute(_DUE, {"now": micros(now), "most": most})
    return [Waiting(row.id, row.ref, Moment(moment(row.at), row.what)) for row in rows]


def stands(connection: sa.Connection, waiting: Waiting) -> bool:
    """Whether nobody else has dealt with a moment meanwhile."""
    wanted = {"record": waiting.ticket, "named": waiting.moment.what, "then": micros(waiting.moment.at)}
    return connection.execute(_STANDS, wanted).scalar() is not None
