"""The board read from the rows of `standing`: one pass over what is open, one over what was resolved today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskterm.desk.board import (
    MOST_LISTED,
    Board,
    Concern,
    Count,
    GroupLine,
    Named,
    PriorityLine,
    Rate,
    Times,
    Today,
    WaitingLine,
)
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.deskfile.centres import HoursNamed, openings
from deskterm.desk.deskfile.roster import gaps
from deskterm.desk.tickets.views import Behind, Figure, QueueQuery
from deskterm.store import change_rows
from deskterm.store.schema import moment, standing, ticket
from deskterm.store.sight import unhidden
from deskterm.store.standing import COUNTED, IS_OPEN, RESOLVED, first_lines, moments_of

_OF_OPEN: Final[tuple[Figure, ...]] = get_args(Figure)[: get_args(Figure).index("report")]
_CELLS = sa.select(
    standing.c.priority,
    standing.c.group_name,
    standing.c.reason,
    *(sa.func.coalesce(sa.func.sum(sa.cast(COUNTED[figure], sa.Integer)), 0) for figure in _OF_OPEN),
).where(IS_OPEN).group_by(standing.c.priority, standing.c.group_name, standing.c.reason)  # fmt: skip
_LOGGED = sa.select(standing.c.call_seconds, standing.c.after_seconds, standing.c.after_keys).where(COUNTED["logged"])
_AFFECTED = sa.select(sa.func.coalesce(sa.func.sum(standing.c.affected), 0)).where(COUNTED["major"])
_REPORTS = sa.select(sa.func.count()).select_from(standing).where(COUNTED["report"])
_CLOSED = sa.select(sa.func.count()).select_from(standing).where(COUNTED["closed"])
_TOOK: Final = ("response_work", "response_wall", "restore_work", "restore_wall")
_SOLVED = sa.select(
    standing.c.priority,
    standing.c.hops,
    COUNTED["first-contact"].label("first"),
    COUNTED["level-1"].label("level_1"),
    *(standing.c[name] for name in _TOOK),
).where(RESOLVED)


@dataclass(frozen=True, slots=True)
class _List:
    """A list of tickets that the board names: which, in what order, and what it tells of each."""

    concern: Concern
    figure: Figure
    order: tuple[sa.ColumnElement[Any], ...]
    since: str = "due_at"
    times: str = ""
    worst_first: bool = False
    only_highest: bool = False


_ROW: Final = standing.c
_LISTS: Final = {
    "major": _List("major", "major", (_ROW.opened_at,), "opened_at", "affected", worst_first=True),
    "late": _List("late", "late", (_ROW.due_at,), worst_first=True),
    "soon": _List("soon", "soon", (_ROW.due_at,), worst_first=True),
    "passed": _List("passed", "passed", (_ROW.hops.desc(),), "opened_at", "hops"),
    "chased": _List("chased", "chased", (_ROW.chases.desc(),), "opened_at", "chases"),
    # Not by the index of that column, which begins with the whole past.
    "oldest": _List("oldest", "open", (_ROW.opened_at + sa.literal_column("0"),), "opened_at"),
    "quiet": _List("quiet", "quiet", (_ROW.progressed_at,), "progressed_at"),
    "top": _List("oldest", "open", (_ROW.number.desc(),), "opened_at", only_highest=True),
    "just late": _List("late", "late", (_ROW.due_at.desc(),)),
}
_NEEDY: Final = ("major", "late", "soon", "passed")


@lru_cache(maxsize=64)
def _few(name: str, scale: tuple[str, ...]) -> sa.Select[Any]:
    """The first tickets of a list, at a desk with these priorities."""
    wanted = _LISTS[name]
    times = _ROW[wanted.times] if wanted.times else sa.literal_column("0")
    ranks = {key: rank for rank, key in enumerate(scale)}
    ranked = (sa.case(ranks, value=_ROW.priority, else_=len(ranks)),) if wanted.worst_first else ()
    found = sa.select(_ROW.number, _ROW[wanted.since].label("since"), times.label("times")).where(
        COUNTED[wanted.figure]
    )
    if wanted.only_highest:
        found = found.where(_ROW.priority == scale[0])
    return found.order_by(*ranked, *wanted.order, _ROW.number).limit(MOST_LISTED)


def board(connection: sa.Connection, desk: DeskFile, me: Operator, at: datetime, hours: HoursNamed) -> Board:
    """The desk as it stands at a moment, as far as somebody may see it; `hours` are those of its calendars."""
    midnight = at.astimezone(ZoneInfo(desk.desk.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight.astimezone(at.tzinfo)
    return _Reader(connection, desk, me, at, since).board(hours)


class _Reader:
    """Reads one board."""

    def __init__(
        self, connection: sa.Connection, desk: DeskFile, me: Operator, at: datetime, since: datetime
    ) -> None:  # fmt: skip
        self._connection, self._desk, self._at, self._since = connection, desk, at, since
        self._hidden = desk.hidden_from(me)
        self._values = {**moments_of(at, since), **first_lines(desk)}
        self._cells = [
            _Cell(row[0], row[1], row[2], dict(zip(_OF_OPEN, row[3:], strict=True))) for row in self._rows(_CELLS)
        ]

    def board(self, hours: HoursNamed) -> Board:
        """All of it."""
        found = [each for concern in _NEEDY for each in self._named(concern)]
        needs = {each.id: each for each in reversed(found)}
        return Board(
            at=self._at,
            zone=self._desk.desk.zone,
            openings=openings(self._desk, self._at, hours),
            priorities=self._priorities(),
            waiting=self._waiting(),
            groups=self._groups(),
            callbacks=self._count("callback"),
            chased=self._count("chased"),
            passed=self._count("passed"),
            quiet=self._count("quiet"),
            major=self._count("major"),
            affected=int(self._rows(_AFFECTED).scalar_one()),
            reports=Count(int(self._rows(_REPORTS).scalar_one()), self._query("report")),
            escalated=self._count("escalated"),
            most_chased=self._named("chased"),
            oldest=self._named("oldest"),
            longest_quiet=self._named("quiet"),
            needs=tuple(needs[each] for each in dict.fromkeys(each.id for each in found))[:MOST_LISTED],
            top=self._named("top"),
            just_late=self._named("just late"),
            today=self._today(),
            gaps=gaps(self._desk, self._at, hours),
            changes=change_rows.in_window(self._connection, self._at, self._hidden),
            forms=change_rows.forms_owed(self._connection, self._hidden),
        )

    def _rows(self, found: sa.Select[Any]) -> Any:
        """What a statement over `standing` finds of tickets that may be seen."""
        return self._connection.execute(unhidden(found, self._hidden, standing.c.group_name), self._values)

    # -- counts of open tickets

    def _count(self, figure: Figure, group: str | None = None, **narrowed: str) -> Count:
        """Add up what fits; `narrowed` may name a priority or a reason."""
        wanted = {**narrowed, **({"group": group} if group is not None else {})}
        fitting = (cell for cell in self._cells if all(getattr(cell, name) == value for name, value in wanted.items()))
        return Count(sum(cell.counts[figure] for cell in fitting), self._query(figure, group, **narrowed))

    def _query(self, figure: Figure, group: str | None = None, **narrowed: str) -> QueueQuery:
        view = "open" if figure in _OF_OPEN else "all"
        return QueueQuery(view=view, group=group, behind=Behind(figure, self._at, self._since, **narrowed))

    def _priorities(self) -> tuple[PriorityLine, ...]:
        names = {step.key: step.name for step in self._desk.scales.priority}
        others = sorted({cell.priority for cell in self._cells} - names.keys())
        return tuple(
            PriorityLine(
                key, names.get(key, key),
                *(self._count(figure, priority=key) for figure in ("open", "unowned", "soon", "late")),
            )
            for key in (*names, *others)
        )  # fmt: skip

    def _waiting(self) -> tuple[WaitingLine, ...]:
        names = {reason.key: reason.name for reason in self._desk.pending}
        held = Counter[str]()
        for cell in self._cells:
            held[cell.reason] += cell.counts["open"]
        found = [reason for reason in (*names, *sorted(held.keys() - names.keys() - {""})) if held[reason]]
        lines = [WaitingLine(each, names.get(each, each), self._count("open", reason=each)) for each in found]
        return tuple(sorted(lines, key=lambda line: -line.waiting.tickets))

    def _groups(self) -> tuple[GroupLine, ...]:
        titles = {group.name: group.title or group.name for group in self._desk.group}
        found = {cell.group for cell in self._cells}
        lines = [
            GroupLine(name, titles.get(name, name), self._count("open", name), self._count("late", name))
            for name in sorted(found)
        ]
        return tuple(sorted(lines, key=lambda line: (not line.name, -line.open.tickets)))

    # -- tickets by name

    def _named(self, name: str) -> tuple[Named, ...]:
        scale = tuple(step.key for step in self._desk.scales.priority)
        found = self._rows(_few(name, scale)).all()
        about = {
            row.number: row for row in self._connection.execute(_ABOUT, {"numbers": [row.number for row in found]})
        }
        return tuple(
            Named(
                about[number].id, about[number].ref, about[number].summary, about[number].priority,
                about[number].group_name, about[number].owner, _LISTS[name].concern, moment(since), times,
            )
            for number, since, times in found
        )  # fmt: skip

    # -- the day

    def _today(self) -> Today:
        calls = self._rows(_LOGGED).all()
        solved = self._rows(_SOLVED).all()
        closed = int(self._rows(_CLOSED).scalar_one())
        scale = [step.key for step in self._desk.scales.priority]
        by_priority = ([row for row in solved if row.priority == key] for key in scale)
        return Today(
            since=self._since,
            logged=Count(len(calls), self._query("logged")),
            resolved=Count(len(solved), self._query("resolved")),
            closed=Count(closed, self._query("closed")),
            first_contact=Rate(_percent(row.first for row in solved), self._query("first-contact")),
            level_1=Rate(
                _percent(row.level_1 for row in solved), self._query("level-1"), self._desk.desk.level_1_target
            ),
            hand_offs=sum(row.hops for row in solved) / len(solved) if solved else None,
            call_seconds=_middle(row.call_seconds for row in calls),
            after_seconds=_middle(row.after_seconds for row in calls),
            after_keys=_middle(row.after_keys for row in calls),
            times=(_times("", solved), *(_times(rows[0].priority, rows) for rows in by_priority if rows)),
        )


@dataclass(frozen=True, slots=True)
class _Cell:
    """Open tickets that have priority, group and reason in common, and how many of them each figure counts."""

    priority: str
    group: str
    reason: str
    counts: dict[Figure, int]


_ABOUT = sa.select(
    ticket.c.number, ticket.c.id, ticket.c.ref, ticket.c.summary, ticket.c.priority, ticket.c.group_name, ticket.c.owner
).where(ticket.c.number.in_(sa.bindparam("numbers", expanding=True)))


def _percent(fits: Iterable[Any]) -> float | None:
    counted = [bool(each) for each in fits]
    return 100 * sum(counted) / len(counted) if counted else None


def _times(priority: str, solved: Sequence[Any]) -> Times:
    return Times(priority, len(solved), *(_median(getattr(row, name) for row in solved) for name in _TOOK))


def _middle(figures: Iterable[int | None]) -> float | None:
    known = [each for each in figures if each is not None]
    return float(median(known)) if known else None


def _median(spans: Iterable[int | None]) -> timedelta | None:
    middle = _middle(spans)
    return timedelta(microseconds=round(middle)) if middle is not None else None
