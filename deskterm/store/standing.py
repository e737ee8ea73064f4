"""Where every ticket stands as far as the board counts it, and what each of the board's figures counts.

One narrow row a ticket, projected from the log. Open ones are found by an index that holds no others, the day's by
the moment, so that nothing here grows with the closed past.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from deskterm.desk import board
from deskterm.desk.clocks import Books
from deskterm.desk.clocks.turnaround import turnaround
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.records.ticket import PING_PONG, Ticket
from deskterm.desk.tickets.outages import is_outage
from deskterm.desk.tickets.views import Behind, Figure
from deskterm.store.schema import micros, standing
from deskterm.store.writing import Writing

_INSERT = Writing(standing.insert())
_UPDATE = Writing(
    standing.update()
    .where(standing.c.number == sa.bindparam("wanted"))
    .values({column.name: sa.bindparam(column.name) for column in standing.c if column.name != "number"})
)

IS_OPEN = standing.c.is_open == sa.literal_column("1")
_AT: Final = sa.bindparam("board_at", type_=sa.BigInteger)
_SINCE: Final = sa.bindparam("board_since", type_=sa.BigInteger)
_FIRST_LINES = standing.c.group_name.in_(sa.bindparam("board_groups", expanding=True)) | (
    (standing.c.group_name == "") & standing.c.solver.in_(sa.bindparam("board_people", expanding=True))
)


def _today(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return (column >= _SINCE) & (column <= _AT)


RESOLVED: Final = _today(standing.c.resolved_at)
COUNTED: Final[dict[Figure, sa.ColumnElement[bool]]] = {
    "open": IS_OPEN,
    "unowned": IS_OPEN & (standing.c.unowned == 1),
    "soon": IS_OPEN & (standing.c.due_at >= _AT) & (standing.c.due_at < sa.bindparam("board_soon")),
    "late": IS_OPEN & (standing.c.due_at < _AT),
    "callback": IS_OPEN & (standing.c.callback == 1),
    "chased": IS_OPEN & (standing.c.chases > 0),
    "passed": IS_OPEN & (standing.c.hops >= sa.literal_column(str(PING_PONG))),
    "quiet": IS_OPEN & standing.c.resolved_at.is_(None) & (standing.c.progressed_at <= sa.bindparam("board_quiet")),
    "major": IS_OPEN & (standing.c.major == 1),
    "report": standing.c.report_owed == sa.literal_column("1"),
    "escalated": IS_OPEN & (standing.c.escalated > 0),
    "logged": _today(standing.c.opened_at),
    "resolved": RESOLVED,
    "closed": _today(standing.c.closed_at),
    "first-contact": RESOLVED & (standing.c.hops == 0) & (standing.c.reopens + standing.c.refusals == 0),
    "level-1": RESOLVED & _FIRST_LINES,
}
"""What each figure counts. Values for the parameters come from `moments_of` and `first_lines`."""


def moments_of(at: datetime, since: datetime) -> dict[str, int]:
    """The moments that the figures look at."""
    return {
        "board_at": micros(at),
        "board_soon": micros(at + board.SOON),
        "board_quiet": micros(at - board.QUIET),
        "board_since": micros(since),
    }


def first_lines(desk: DeskFile) -> dict[str, list[str]]:
    """Groups and people up to level 1."""
    return {
        "board_groups": [group.name for group in desk.group if group.level in (0, 1)],
        "board_people": [operator.name for operator in desk.operator if operator.level in (0, 1)],
    }


def condition(behind: Behind) -> sa.ColumnElement[bool]:
    """What tickets behind a figure have in common; values come from `values_for`."""
    found = COUNTED[behind.figure]
    if behind.priority is not None:
        found &= standing.c.priority == sa.bindparam("board_priority")
    if behind.reason is not None:
        found &= standing.c.reason == sa.bindparam("board_reason")
    return found


def values_for(behind: Behind, desk: DeskFile) -> dict[str, Any]:
    """The values that `condition` asks for."""
    return {
        **moments_of(behind.at, behind.since),
        **first_lines(desk),
        "board_priority": behind.priority,
        "board_reason": behind.reason,
    }


# -- kept with each event


def project(connection: sa.Connection, changed: Iterable[tuple[Ticket, bool, int | None]], books: Books) -> None:
    """Write down where tickets stand: each with whether it is new, and when its next clock is due."""
    new, known = [], []
    for ticket, is_new, due in changed:
        row = _row(ticket, due, books)
        if is_new:
            new.append({**row, "number": ticket.number})
        else:
            known.append({**row, "wanted": ticket.number})
    _INSERT(connection, new)
    _UPDATE(connection, known)


def _row(it: Ticket, due: int | None, books: Books) -> dict[str, Any]:
    took = turnaround(it, books)
    return {
        "is_open": int(it.status.is_open),
        "priority": it.priority or "",
        "group_name": it.group or "",
        "solver": (it.owner or it.last_owner or it.updated_by) if it.resolved_at else "",
        "reason": it.pending_reason,
        "unowned": int(not it.owner and it.resolved_at is None),
        "callback": int(it.callback is not None),
        "major": int(it.is_major),
        "escalated": sum(step.is_open for step in it.escalations),
        "hops": it.hops,
        "chases": it.chases,
        "reopens": it.reopens,
        "refusals": it.refusals,
        "outage": int(is_outage(it)),
        "affected": it.customers_affected if it.is_major else 0,
        "report_owed": int(it.owes_report),
        "vendor_steps": sum(step.kind == "vendor" for step in it.escalations),
        "channel": it.channel,
        "due_at": due,
        "opened_at": micros(it.opened_at),
        "progressed_at": micros(it.progressed_at),
        "resolved_at": _moment(it.resolved_at),
        "closed_at": _moment(it.closed_at),
        "call_seconds": it.call_seconds,
        "after_seconds": it.after_seconds,
        "after_keys": it.after_keys,
        "response_wall": _span(took.response_wall),
        "response_work": _span(took.response_work),
        "restore_wall": _span(took.restore_wall),
        "restore_work": _span(took.restore_work),
    }


def _moment(at: datetime | None) -> int | None:
    return micros(at) if at is not None else None


def _span(took: timedelta | None) -> int | None:
    return took // timedelta(microseconds=1) if took is not None else None
