"""Who is at which ticket now: said by each terminal again and again, and forgotten a minute after the last time.

It is no event: it is not in the log, its export or its hash chain. A terminal has one ticket in front at a time, so
it has one row. What is said again within `RENEWED` of the last time is not written again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from deskterm.desk.deskfile import Operator
from deskterm.desk.records.presence import Doing, Presence
from deskterm.store import sight
from deskterm.store.connected import Connected
from deskterm.store.desk_in_force import DeskInForce
from deskterm.store.schema import micros, moment, presence, ticket
from deskterm.store.sight import Hidden
from deskterm.store.waiting import AtHand

LASTS: Final = timedelta(seconds=60)
"""How long somebody is taken to be there after the last sign of life."""
RENEWED: Final = timedelta(seconds=20)

_IS_MINE: Final = sa.and_(
    presence.c.operator == sa.bindparam("me"), presence.c.terminal == sa.bindparam("here", type_=sa.Uuid())
)
_NOW: Final = (
    sa.select(presence).join(ticket, ticket.c.id == presence.c.ticket_id).where(presence.c.until > sa.bindparam("now"))
)
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
        rows, hidden = await self._connections.read(lambda connection: self._there(connection, now))
        mine = next((row for row in rows if (row.operator, row.terminal) == (me, here)), None)
        if not _stands(mine, at, doing, now):
            goes_on = mine is not None and (mine.ticket_id, mine.doing) == (at, doing)
            since = mine.since if mine is not None and goes_on else micros(now)
            said = {"me": me, "here": here, "at": at, "doing": doing, "since": since, "now": micros(now)}
            said["until"] = micros(now + LASTS)
            await self._connections.write(lambda connection: _say(connection, said, hidden))
            # Of two who begin at once, the second is told of the first.
            rows, _ = await self._connections.read(lambda connection: self._there(connection, now))
        return tuple(
            Presence(row.operator, row.ticket_id, row.doing, moment(row.since))
            for row in rows
            if row.operator != me or (row.terminal != here and row.doing == "writing")
        )

    def _there(self, connection: sa.Connection, now: datetime) -> tuple[list[sa.Row[Any]], Hidden]:
        found = self._force.find(connection)
        hidden = found.desk.hidden_from(self.me) if found else ()
        asked = sight.unhidden(_NOW, hidden).order_by(presence.c.since, presence.c.operator)
        return list(connection.execute(asked, {"now": micros(now)})), hidden


def _stands(mine: sa.Row[Any] | None, at: UUID | None, doing: Doing, now: datetime) -> bool:
    """Whether what a terminal says is known already, and long enough from now."""
    if mine is None:
        return at is None
    return (mine.ticket_id, mine.doing) == (at, doing) and moment(mine.until) >= now + LASTS - RENEWED


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
