"""Everything that falls due by itself, in one table, whichever process notices that it has (DESIGN.md, Timers).

The table is projected from the log like every other, so it needs no upkeep. A moment is dealt with by a command whose
id follows from the moment: noticed twice, it is dealt with once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.changes import window as change_window
from deskterm.desk.clocks import Books, clocks
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.escalations import moments as ticket_moments
from deskterm.desk.escalations.moments import Moment, moments
from deskterm.desk.records.change import Change
from deskterm.desk.records.ticket import Ticket
from deskterm.store.schema import change, micros, moment, ticket, timer
from deskterm.store.writing import Writing

if TYPE_CHECKING:
    from deskterm.desk.commands.changes import ChangeFallsDue
    from deskterm.desk.commands.clocks import FallDue

Timed = Literal["ticket", "change"]
"""Kinds of records of which something falls due by itself."""

_SET: Final = Writing(timer.insert())
_SET_FOR: Final = sa.select(timer.c.number, timer.c.what, timer.c.at).where(
    timer.c.record_kind == sa.bindparam("sort"), timer.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_DROP: Final = Writing(
    timer.delete().where(
        timer.c.record_kind == sa.bindparam("sort"),
        timer.c.number == sa.bindparam("wanted"),
        timer.c.what == sa.bindparam("gone"),
    )
)
_DUE: Final = (
    sa.select(
        timer.c.at,
        timer.c.what,
        timer.c.record_kind,
        sa.func.coalesce(ticket.c.id, change.c.id).label("id"),
        sa.func.coalesce(ticket.c.ref, change.c.ref).label("ref"),
    )
    .select_from(timer)
    .outerjoin(ticket, (timer.c.record_kind == sa.literal_column("'ticket'")) & (ticket.c.number == timer.c.number))
    .outerjoin(change, (timer.c.record_kind == sa.literal_column("'change'")) & (change.c.number == timer.c.number))
    .where(timer.c.at <= sa.bindparam("now"))
    .order_by(timer.c.at, timer.c.record_kind, timer.c.number, timer.c.what)
    .limit(sa.bindparam("most"))
)
_STANDS: Final = {
    kind: sa.select(timer.c.number)
    .join(table, table.c.number == timer.c.number)
    .where(table.c.id == sa.bindparam("record"), timer.c.record_kind == sa.literal_column(f"'{kind}'"))
    .where(timer.c.what == sa.bindparam("named"), timer.c.at == sa.bindparam("then"))
    for kind, table in (("ticket", ticket), ("change", change))
}
_OPEN: Final = sa.select(ticket.c.state).where(ticket.c.is_open == 1)
_OPEN_CHANGES: Final = sa.select(change.c.state).where(change.c.is_open == 1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A moment that has come and was not dealt with yet."""

    record_kind: Timed
    record: UUID
    ref: str
    moment: Moment

    @property
    def command(self) -> FallDue | ChangeFallsDue:
        """The command that deals with it: the same, with the same id, whoever notices it."""
        if self.record_kind == "ticket":
            return ticket_moments.command_for(self.record, self.moment)
        return change_window.command_for(self.record, self.moment)

    @property
    def words(self) -> str:
        """What came, in words."""
        what = self.moment.what
        return ticket_moments.in_words(what) if self.record_kind == "ticket" else change_window.in_words(what)


def project(connection: sa.Connection, kind: Timed, timed: Iterable[tuple[int, tuple[Moment, ...], bool]]) -> None:
    """Set the timers of some records of a kind: number, moments, and whether it is new, so that none are set yet."""
    wanted = {number: {each.what: micros(each.at) for each in found} for number, found, _ in timed}
    known = [number for number, _, is_new in timed if not is_new]
    rows = connection.execute(_SET_FOR, {"sort": kind, "numbers": known}).all() if known else ()
    standing = {(row.number, row.what): row.at for row in rows}
    gone = [key for key, at in standing.items() if wanted[key[0]].get(key[1]) != at]
    come = [
        {"record_kind": kind, "number": number, "what": what, "at": at}
        for number, found in wanted.items()
        for what, at in found.items()
        if standing.get((number, what)) != at
    ]
    _DROP(connection, [{"sort": kind, "wanted": number, "gone": what} for number, what in gone])
    _SET(connection, come)


def set_again(connection: sa.Connection, desk: DeskFile, books: Books) -> None:
    """Set the timers of all that is open by a desk file that has just come into force: its ladders may differ."""
    standing = map(Ticket.model_validate_json, connection.execute(_OPEN).scalars().all())
    project(connection, "ticket", [(it.number, moments(it, desk, clocks(it, books)), False) for it in standing])
    changes = map(Change.model_validate_json, connection.execute(_OPEN_CHANGES).scalars().all())
    project(connection, "change", [(it.number, change_window.moments(it, desk), False) for it in changes])


def due(connection: sa.Connection, now: datetime, most: int) -> list[Waiting]:
    """The earliest moments that have come, in order."""
    rows = connection.execute(_DUE, {"now": micros(now), "most": most})
    return [Waiting(row.record_kind, row.id, row.ref, Moment(moment(row.at), row.what)) for row in rows]


def stands(connection: sa.Connection, waiting: Waiting) -> bool:
    """Whether nobody else has dealt with a moment meanwhile."""
    wanted = {"record": waiting.record, "named": waiting.moment.what, "then": micros(waiting.moment.at)}
    return connection.execute(_STANDS[waiting.record_kind], wanted).scalar() is not None
