"""What a desk did over a span, counted from the rows of `standing` (R218, R221)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskterm.desk.activity import Cell, Counts
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.store.schema import micros, standing
from deskterm.store.sight import unhidden

_ROW = standing.c
_IS_RESOLVED = _ROW.resolved_at.is_not(None)


def _sum(what: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(what), 0)


_COUNTS = (
    sa.func.count(), _sum(sa.case((_IS_RESOLVED, 1), else_=0)), _sum(_ROW.hops), _sum(_ROW.chases),
    _sum(_ROW.reopens), _sum(_ROW.refusals), _sum(_ROW.vendor_steps),
    _sum(sa.case((_ROW.response_wall.is_not(None), 1), else_=0)), _sum(_ROW.response_wall), _sum(_ROW.restore_wall),
)  # fmt: skip
_CELLS = (
    sa.select(_ROW.priority, _ROW.group_name, _ROW.channel, *_COUNTS)
    .where(_ROW.opened_at >= sa.bindparam("since"), _ROW.opened_at <= sa.bindparam("until"))
    .group_by(_ROW.priority, _ROW.group_name, _ROW.channel)
)


def activity(
    connection: sa.Connection, since: datetime, until: datetime, desk: DeskFile, me: Operator
) -> tuple[Cell, ...]:
    """What was counted of the tickets logged in a span, as far as somebody may see them."""
    found = unhidden(_CELLS, desk.hidden_from(me), _ROW.group_name)
    rows = connection.execute(found, {"since": micros(since), "until": micros(until)})
    return tuple(Cell(priority, group, channel, _counts(sums)) for priority, group, channel, *sums in rows)


def _counts(sums: Any) -> Counts:
    logged, resolved, hand_offs, chases, reopens, refusals, to_vendors, responded, response, restore = map(int, sums)
    return Counts(
        logged, resolved, hand_offs, chases, reopens, refusals, to_vendors, responded,
        timedelta(microseconds=response), timedelta(microseconds=restore),
    )  # fmt: skip
