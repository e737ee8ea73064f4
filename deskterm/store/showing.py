"""Reading what the feed tells beside changes (`deskterm.store.shown`), in the snapshot that the changes are of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.records.ticket import OPEN_STATUSES
from deskterm.desk.tickets.views import Change, QueueQuery
from deskterm.store import change_rows, queue
from deskterm.store.schema import follower, ticket
from deskterm.store.shown import Numbers, Shown, ShownRow
from deskterm.store.sight import unhidden
from deskterm.store.writing import Asking

MOST_ROWS: Final = 50
"""A batch that changes more tickets is told without rows: whoever shows some of them asks for those."""
_OF_ALL: Final = ("unrouted", "open", "pending", "resolved", "all")
"""Views that hold the same for everybody who sees the same groups."""
_WITH_FOLLOWERS = (
    sa.select(ticket.c.id, ticket.c.number, ticket.c.updated_by, follower.c.operator)
    .select_from(ticket.outerjoin(follower, follower.c.number == ticket.c.number))
    .where(ticket.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_IS_OPEN = ticket.c.is_open == sa.literal_column("1")
_OWNED = sa.select(ticket.c.owner, sa.func.count()).where(_IS_OPEN, ticket.c.owner != "").group_by(ticket.c.owner)
_FOLLOWED = (
    sa.select(follower.c.operator, sa.func.count())
    .where(follower.c.is_open == sa.literal_column("1"))
    .group_by(follower.c.operator)
)
_TALLY = Asking(queue.TALLY)
_BY_NAME = Asking(_OWNED), Asking(_FOLLOWED)
_BY_NAME_SEEN = _OWNED, _FOLLOWED.select_from(follower.join(ticket, ticket.c.number == follower.c.number))


class _Tally(NamedTuple):
    """How many tickets of a group stand in a status."""

    group_name: str
    status: str
    tickets: int


def shown(connection: sa.Connection, changes: Iterable[Change], me: Operator, desk: DeskFile) -> Shown | None:
    """What to tell beside changes to all who see what somebody sees; None where that is too much."""
    ids = tuple(dict.fromkeys(change.record_id for change in changes if change.record_kind == "ticket"))
    if len(ids) > MOST_ROWS:
        return None
    rows = tuple(_rows(connection, ids, me, desk)) if ids else ()
    return Shown(rows, _numbers(connection, me, desk))


def _rows(connection: sa.Connection, ids: tuple[UUID, ...], me: Operator, desk: DeskFile) -> Iterable[ShownRow]:
    open_ones = {row.id: row for row in queue.rows(connection, QueueQuery(view="open"), ids, me, desk)}
    beside: dict[UUID, list[Any]] = {}
    for each in connection.execute(_WITH_FOLLOWERS, {"ids": list(ids)}):
        beside.setdefault(each.id, []).append(each)
    for row in queue.rows(connection, QueueQuery(view="all"), ids, me, desk):
        followers = tuple(each.operator for each in beside[row.id] if each.operator is not None)
        line = replace(open_ones.get(row.id, row), unread=False)
        yield ShownRow(line, row.id in open_ones, row.key, beside[row.id][0].updated_by, followers)


def _numbers(connection: sa.Connection, me: Operator, desk: DeskFile) -> Numbers:
    hidden = desk.hidden_from(me)
    tallies = [_Tally(*row) for row in _TALLY(connection, {})]
    of_group: dict[str, int] = {}
    for each in tallies:
        if each.status in OPEN_STATUSES and each.group_name not in hidden:
            of_group[each.group_name] = of_group.get(each.group_name, 0) + each.tickets
    if hidden:
        owned, followed = (connection.execute(unhidden(each, hidden)).all() for each in _BY_NAME_SEEN)
    else:
        owned, followed = (each(connection, {}) for each in _BY_NAME)  # type: ignore[assignment]
    return Numbers(
        {view: queue.total(connection, QueueQuery(view=view), me, desk, tallies) or 0 for view in _OF_ALL},
        of_group,
        {name: int(tickets) for name, tickets in owned},
        {name: int(tickets) for name, tickets in followed},
        len(change_rows.at_work(connection, hidden)),
    )
