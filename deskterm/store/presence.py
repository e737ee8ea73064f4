"""Who is at which ticket now: said by each terminal again and again, and forgotten a minute after the last time.

It is no event: it is not in the log, its export or its hash chain. A terminal has one ticket in front at a time, so
it has one row. What is said again within `RENEWED` of the last time is not written again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from deskterm.desk.deskfile import Operator
from deskterm.desk.records.presence import Doing, Presence
from deskterm.store.connected import Connected
from deskterm.store.desk_in_force import DeskInForce
from deskterm.store.schema import micros, moment, presence, ticket
from deskterm.store.sight import Hidden
from deskterm.store.waiting import AtHand
from deskterm.store.writing import Asking

LASTS: Final = timedelta(seconds=60)
"""How long somebody is taken to be there after the last sign of life."""
RENEWED: Final = timedelta(seconds=20)

_IS_MINE: Final = sa.and_(
    presence.c.operator == sa.bindparam("me"), presence.c.terminal == sa.bindparam("here", type_=sa.Uuid())
)
# Every terminal asks it every few seconds.
_NOW: Final = Asking(
    sa.select(
        presence.c.operator, presence.c.terminal, presence.c.ticket_id, presence.c.doing, presence.c.since,
        presence.c.until, ticket.c.group_name,
    )
    .join(ticket, ticket.c.id == presence.c.ticket_id)
    .where(presence.c.until > sa.bindparam("now"))
    .order_by(presence.c.since, presence.c.operator)
)  # fmt: skip
_LEAVE: Final = presence.delete().where(sa.or_(_IS_MINE, presence.c.until <= sa.bindparam("now")))
_SAID: Final[dict[str, sa.ColumnElement[Any]]] = {
    "operator": sa.bindparam("me", type_=sa.Text()),
    "terminal": sa.bindparam("here", type_=sa.Uuid()),
    "ticket_id": ticket.c.id,
    "doing": sa.bindparam("doing", type_=sa.Text()),
    "since": sa.bindparam("since", type_=sa.BigInteger()),
    "until": sa.bindparam("until", type_=sa.BigInteger()),
}
_ENTER: Final = presence.insert().from_select(
    list(_SAID),
    # Out of the ticket itself: nobody is seen at one that is not there, or that they may not see.
    sa.select(*_SAID.values()).where(
        ticket.c.id == sa.bindparam("at", type_=sa.Uuid()),
        ticket.c.group_name.not_in(sa.bindparam("hidden", expanding=True)),
    ),
)
_WRITERS: Final = (
    sa.select(presence.c.operator)
    .where(
        presence.c.ticket_id == sa.bindparam("at", type_=sa.Uuid()),
        presence.c.doing == "writing",
        presence.c.operator != sa.bindparam("me"),
        presence.c.until > sa.bindparam("now"),
    )
    .order_by(presence.c.since, presence.c.operator)
)
_STEP_DOWN: Final = (
    presence.update()
    .where(presence.c.ticket_id == sa.bindparam("at", type_=sa.Uuid()), presence.c.operator != sa.bindparam("me"))
    .values(doing="viewing")
)


@dataclass(frozen=True, slots=True)
class _There:
    """One terminal at a ticket."""

    terminal: UUID
    until: datetime
    group: str
    seen: Presence


@lru_cache(4096)
def _there(operator: str, terminal: Any, at: Any, doing: Doing, since: int, until: int, group: str) -> _There:
    """Read a row, as the database has it; most are the same as a few seconds ago."""
    terminal, at = (each if isinstance(each, UUID) else UUID(each) for each in (terminal, at))
    return _There(terminal, moment(until), group, Presence(operator, at, doing, moment(since)))


class Attending(AtHand):
    """Part of a store in SQL: it keeps who is at which ticket."""

    me: Operator
    _clock: Callable[[], datetime]
    _connections: Connected
    _force: DeskInForce
    _here: UUID | None = None
    """The terminal that looks at the desk through this store."""

    async def attend(
        self, at: UUID | None, doing: Doing = "viewing", *, here: UUID | None = None
    ) -> tuple[Presence, ...]:
        """Say which ticket is in front and what is done there, and hear who else is at which ticket.

        `here` is the terminal, where it is another one than this store itself.
        """
        self._here = here = here or self._here or uuid4()
        me, now = self.me.name, self._clock()
        at = None if self.me.level == "guest" else at
        others, mine, hidden = await self._connections.read(lambda connection: self._around(connection, now))
        if not _stands(mine, at, doing, now):
            goes_on = mine is not None and (mine.seen.ticket, mine.seen.doing) == (at, doing)
            since = mine.seen.since if mine is not None and goes_on else now
            said = {"me": me, "here": here, "at": at, "doing": doing, "since": micros(since), "now": micros(now)}
            said["until"] = micros(now + LASTS)
            await self._connections.write(lambda connection: _say(connection, said, hidden))
            # Of two who begin at once, the second is told of the first.
            others, _, _ = await self._connections.read(lambda connection: self._around(connection, now))
        return others

    def _around(self, connection: sa.Connection, now: datetime) -> tuple[tuple[Presence, ...], _There | None, Hidden]:
        """The others, where this terminal itself is said to be, and whose tickets are not to be seen."""
        found = self._force.find(connection)
        hidden = found.desk.hidden_from(self.me) if found else ()
        others: list[Presence] = []
        mine = None
        for row in _NOW(connection, {"now": micros(now)}):
            there = _there(*row)
            if there.group in hidden:
                continue
            is_me = there.seen.operator == self.me.name
            if is_me and there.terminal == self._here:
                mine = there
            elif not is_me or there.seen.doing == "writing":
                others.append(there.seen)
        return tuple(others), mine, hidden


def _stands(mine: _There | None, at: UUID | None, doing: Doing, now: datetime) -> bool:
    """Whether what a terminal says is known already, and long enough from now."""
    if mine is None:
        return at is None
    return (mine.seen.ticket, mine.seen.doing) == (at, doing) and mine.until >= now + LASTS - RENEWED


def _say(connection: sa.Connection, said: dict[str, Any], hidden: Hidden) -> None:
    """Put one terminal's row in the place of the one before, and clear away those that are over."""
    connection.execute(_LEAVE, said)
    if said["at"] is not None:
        connection.execute(_ENTER, {**said, "hidden": list(hidden)})


def writers(connection: sa.Connection, at: UUID, me: str, now: datetime) -> tuple[str, ...]:
    """Who else writes at a ticket, whoever began first before the others."""
    found = connection.execute(_WRITERS, {"at": at, "me": me, "now": micros(now)})
    return tuple(dict.fromkeys(found.scalars()))


def step_down(connection: sa.Connection, at: UUID, me: str) -> None:
    """Let all others at a ticket only look: their claim is somebody else's now."""
    connection.execute(_STEP_DOWN, {"at": at, "me": me})
