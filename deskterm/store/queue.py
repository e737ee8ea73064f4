"""The queue: pages by key, never by offset, from indexes that hold open tickets only.

Open views run by what is due next (late first, undated last), then priority, then age (R053); "resolved" and "all"
newest first. A filter over open tickets reads open tickets; over all, the full-text index newest first. Nothing here
grows with the closed past.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.fold import tokens
from deskterm.desk.records.ticket import OPEN_STATUSES, Status
from deskterm.desk.tickets.views import BUILT_IN_VIEWS, Behind, Page, QueueQuery, QueueRow, QueueView, ViewCount
from deskterm.store.base import Invalid, NotFound
from deskterm.store.phrases import as_found, holds, matches
from deskterm.store.schema import follower, moment, saved_view, seen, standing, tally, ticket
from deskterm.store.shown import NEWEST_FIRST
from deskterm.store.sight import unhidden
from deskterm.store.standing import condition, values_for
from deskterm.store.words import LONGEST, indexed, question

_NOISE = re.compile(r"[\s\-–—._#/+()]+")
_BUILT_IN: Final = {view.key: view for view in BUILT_IN_VIEWS}
_OPEN = ticket.c.is_open == sa.literal_column("1")
_OF_VIEW: Final[dict[str, tuple[sa.ColumnElement[bool], ...]]] = {
    "groups": (_OPEN,),
    "mine": (_OPEN, ticket.c.owner == sa.bindparam("me")),
    "following": (_OPEN, follower.c.number.is_not(None)),
    "unrouted": (_OPEN, ticket.c.status == sa.literal_column("'New'")),
    "open": (_OPEN,),
    "pending": (_OPEN, ticket.c.status == sa.literal_column("'Pending'")),
    "resolved": (_OPEN, ticket.c.status == sa.literal_column("'Resolved'")),
    "all": (),
}
_ORDER: Final = (ticket.c.due_sort, ticket.c.priority_rank, ticket.c.opened_at, ticket.c.number)
_ORDER_NAMES: Final = ("a_due", "a_rank", "a_opened", "a_number")
_COLUMNS: Final = (
    ticket.c.id, ticket.c.ref, ticket.c.status, ticket.c.priority, ticket.c.priority_rank, ticket.c.summary,
    ticket.c.company, ticket.c.group_name, ticket.c.owner, ticket.c.originator, ticket.c.opened_at,
    ticket.c.updated_at, ticket.c.version, ticket.c.incomplete, ticket.c.due_at,
    (
        follower.c.number.is_not(None)
        & (ticket.c.updated_by != sa.bindparam("me"))
        & (ticket.c.version > sa.func.coalesce(seen.c.version, 0))
    ).label("unread"),
    ticket.c.due_sort, ticket.c.number, ticket.c.due_what, ticket.c.at_risk_at, ticket.c.paused,
)  # fmt: skip
_FULL_TEXT = sa.table("ticket_fts", sa.column("rowid"))
_NEWER: Final = ticket.alias("newer")
NEWEST: Final = sa.select(_NEWER.c.number.label("rowid"))
"""Every ticket, called as the full-text index calls it."""
AMONG: Final = 1000
"""So many of the newest tickets are looked through for a letter alone: it is among them, or it is rare."""
ALIKE: Final = 5
"""So many times as many as are wanted are looked through, of the newest that begin as a long word does. Where fewer
than a fifth of those have it, the index gathers all that have it in less time than it takes to read on."""
_MOST_COUNTED: Final = 1000
"""A filtered view is counted up to here; nobody works through more."""
_ANY_TIME: Final = moment(0)
_NEWEST: Final = 10**18
"""Keys sort as text in the order of their view; where the newest comes first they count down from here."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What makes two queue statements the same but for their values."""

    view: str
    group: bool = False
    status: bool = False
    after: bool = False
    tokens: int = 0
    ids: bool = False
    among_newest: bool = False
    """Only among the newest tickets with words that begin alike (see `deskterm.store.finding`)."""
    by_letters: bool = False
    """Only single letters were asked for, so that those are simply the newest."""
    behind: Behind | None = None
    """What figure of the board it narrows to; no more of it than makes another statement."""
    hidden: tuple[str, ...] = ()
    """Groups whose tickets are not seen (R226)."""

    @property
    def newest_first(self) -> bool:
        """Whether the newest tickets come first."""
        return self.view in NEWEST_FIRST

    @property
    def by_full_text(self) -> bool:
        """Whether the full-text index is asked, and not an index of what is open."""
        return self.view == "all" and self.tokens > 0 and not self.ids


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> sa.Select[Any]:
    following = (
        (follower.c.operator == sa.bindparam("me"))
        & (follower.c.is_open == ticket.c.is_open)
        & (follower.c.number == ticket.c.number)
    )
    looked = (seen.c.ticket_id == ticket.c.id) & (seen.c.operator == sa.bindparam("me"))
    if shape.view == "following":
        source = follower.join(ticket, following).outerjoin(seen, looked)
        # Begins at the followed tickets that are open, which are few.
        found = sa.select(*_COLUMNS).select_from(source).where(follower.c.is_open == sa.literal_column("1"))
    else:
        source = ticket.outerjoin(follower, following).outerjoin(seen, looked)
        found = sa.select(*_COLUMNS).select_from(source)
    return _narrowed(found.where(*_OF_VIEW[shape.view]), shape).limit(sa.bindparam("most"))


def _narrowed(found: sa.Select[Any], shape: _Shape) -> sa.Select[Any]:
    found = unhidden(found, shape.hidden)
    if shape.group:
        found = found.where(ticket.c.group_name == sa.bindparam("group"))
    if shape.status:
        found = found.where(ticket.c.status == sa.bindparam("status"))
    if shape.behind:
        found = found.where(ticket.c.number.in_(sa.select(standing.c.number).where(condition(shape.behind))))
    if shape.ids:
        found = found.where(ticket.c.id.in_(sa.bindparam("ids", expanding=True)))
    if shape.by_full_text and shape.among_newest:
        begun = _begun(shape)
        found = found.join(begun, begun.c.rowid == ticket.c.number)
        return _saying(found, shape.tokens).order_by(as_found(ticket.c.number))
    if shape.by_full_text:
        asked = matches("ticket_fts", "question")
        found = found.join(_FULL_TEXT, _FULL_TEXT.c.rowid == ticket.c.number).where(asked)
        number: sa.ColumnElement[int] = _FULL_TEXT.c.rowid
    else:
        number = ticket.c.number
        found = _saying(found, shape.tokens)
    if shape.newest_first:
        found = found.where(number < sa.bindparam("a_number")) if shape.after else found
        return found.order_by(number.desc())
    if shape.after:
        found = found.where(sa.tuple_(*_ORDER) > sa.tuple_(*(sa.bindparam(name) for name in _ORDER_NAMES)))
    return found.order_by(*_ORDER)


def _saying(found: sa.Select[Any], words: int) -> sa.Select[Any]:
    for place in range(words):
        found = found.where(holds(ticket.c.words, sa.bindparam(f"word{place}")))
    return found


def _begun(shape: _Shape) -> sa.Subquery:
    alike = sa.select(_FULL_TEXT.c.rowid).where(matches("ticket_fts", "begun"))
    found = NEWEST if shape.by_letters else alike
    if shape.after:
        found = found.where(found.selected_columns.rowid < sa.bindparam("a_number"))
    return found.order_by(sa.desc("rowid")).limit(sa.bindparam("among")).subquery()


def page(connection: sa.Connection, query: QueueQuery, me: Operator, desk: DeskFile) -> Page[QueueRow]:
    """One page of the queue. Raises NotFound for an unknown view, Invalid for a key of no page."""
    query = resolved(connection, query, me)
    limit = max(1, min(query.limit, 1000))
    rows = _rows(connection, query, me, desk, limit + 1)
    shown = tuple(rows[:limit])
    following = shown[-1].key if len(rows) > limit else None
    return Page(shown, following, None if query.text.strip() or query.behind else total(connection, query, me, desk))


def rows(
    connection: sa.Connection, query: QueueQuery, ids: tuple[UUID, ...], me: Operator, desk: DeskFile
) -> tuple[QueueRow, ...]:
    """Those of the named tickets that the query lists, in its order."""
    query = replace(resolved(connection, query, me), after=None)
    return tuple(_rows(connection, query, me, desk, len(ids), ids)) if ids else ()


def _rows(
    connection: sa.Connection,
    query: QueueQuery,
    me: Operator,
    desk: DeskFile,
    most: int,
    ids: tuple[UUID, ...] = (),
) -> list[QueueRow]:
    shape = _Shape(
        query.view, query.group is not None, query.status is not None, query.after is not None, ids=bool(ids),
        behind=_kind_of(query.behind), hidden=desk.hidden_from(me),
    )  # fmt: skip
    values: dict[str, Any] = {
        "me": me.name, "group": query.group, "status": _status(query.status), "most": most, "ids": list(ids)
    }  # fmt: skip
    if query.after is not None:
        values |= _place(query.after, shape.newest_first)
    if query.behind is not None:
        values |= values_for(query.behind, desk)
    readings = readings_of(query.text, desk)
    many = [_run(connection, replace(shape, tokens=len(words)), values | _asked(words), me) for words in readings]
    return _merged(many, most)


def _kind_of(behind: Behind | None) -> Behind | None:
    """The same for all figures that one statement can find."""
    if behind is None:
        return None
    named = (None if each is None else "" for each in (behind.priority, behind.reason))
    return Behind(behind.figure, _ANY_TIME, _ANY_TIME, *named)


def _run(connection: sa.Connection, shape: _Shape, values: dict[str, Any], me: Operator) -> list[QueueRow]:
    if shape.by_full_text and values["begun"] != values["question"] and not shape.among_newest:
        among = among_newest(bool(values["begun"]), values["most"])
        quick = replace(shape, among_newest=True, by_letters=not values["begun"])
        found = _run(connection, quick, {**values, "among": among}, me)
        if len(found) == values["most"]:
            return found
    if shape.view != "groups":
        return [_row(row, shape.newest_first) for row in connection.execute(_statement(shape), values)]
    # One index range for each group, merged here: SQLite would sort all of them instead.
    mine = [name for name in me.groups if values["group"] in (None, name)]
    grouped = replace(shape, group=True)
    pages = [
        [_row(row, False) for row in connection.execute(_statement(grouped), {**values, "group": name})]
        for name in dict.fromkeys(mine)
    ]
    return _merged(pages, values["most"])


def among_newest(by_index: bool, most: int) -> int:
    """How many of the newest tickets to look through, those that begin alike or all, before all there are."""
    return ALIKE * most if by_index else AMONG


def _merged(pages: Sequence[list[QueueRow]], most: int) -> list[QueueRow]:
    if len(pages) == 1:
        return pages[0]
    found: dict[UUID, QueueRow] = {}
    for row in heapq.merge(*pages, key=attrgetter("key")):
        found.setdefault(row.id, row)
        if len(found) == most:
            break
    return list(found.values())


def readings_of(text: str, desk: DeskFile) -> list[tuple[str, ...]]:
    """How a filter may be meant: as words, or, when it is digits alone, also as one number spelt with gaps."""
    words = tuple(dict.fromkeys(tokens(text)))
    plain = _NOISE.sub("", text).upper()
    prefix = desk.reference.prefix
    number = plain.removeprefix(prefix) if prefix else plain
    if not (number.isascii() and number.isdigit()) or (plain.lower(),) == words:
        return [words]
    spelt = (plain.lower(),)
    if any(len(word) == 1 for word in words):
        # Digit by digit, as a caller reads a number out: one digit alone would find nearly everything.
        return [spelt]
    return [words, spelt]


def _asked(words: Iterable[str]) -> dict[str, Any]:
    words = tuple(words)
    said = {f"word{i}": f" {word[:LONGEST]}" for i, word in enumerate(words)}
    return {"question": question(words), "begun": question(indexed(words)), **said}


def _status(text: str | None) -> str | None:
    if text is None:
        return None
    wanted = text.strip().casefold().replace("_", " ").replace("-", " ")
    known = next((status for status in Status if status.value.casefold() == wanted), None)
    if known is None:
        names = ", ".join(status.value for status in Status)
        raise Invalid(f"There is no status {text!r}. There are {names}.", field="status")
    return known.value


def _place(key: str, newest_first: bool) -> dict[str, int]:
    names = ("a_number",) if newest_first else _ORDER_NAMES
    try:
        values = [int(part) for part in key.split(".")]
    except ValueError:
        values = []
    if newest_first:
        values = [_NEWEST - value for value in values]
    if len(values) != len(names) or any(abs(value) >= 2**63 for value in values):
        raise Invalid("This is no place in this view; please start again from its first page.", field="after")
    return dict(zip(names, values, strict=True))


def _row(row: Any, newest_first: bool) -> QueueRow:
    # Taken apart in one go: reading a row by names costs more than the query.
    (
        record, ref, status, priority, rank, summary, company, group, owner, originator, opened, updated, version,
        incomplete, due, unread, due_sort, number, due_what, at_risk, paused,
    ) = row  # fmt: skip
    return QueueRow(
        id=record,
        ref=ref,
        key=f"{_NEWEST - number:019d}" if newest_first else f"{due_sort:019d}.{rank:04d}.{opened:019d}.{number:019d}",
        status=status,
        priority=priority,
        priority_rank=rank,
        summary=summary,
        company=company,
        group=group,
        owner=owner,
        originator=originator,
        opened_at=moment(opened),
        updated_at=moment(updated),
        version=version,
        incomplete=bool(incomplete),
        due_at=moment(due) if due is not None else None,
        due_what=due_what,
        at_risk_at=moment(at_risk) if at_risk is not None else None,
        paused=bool(paused),
        unread=bool(unread),
    )


# -- views and how much they hold

TALLY: Final = sa.select(tally.c.group_name, tally.c.status, tally.c.tickets)
_MINE = sa.select(sa.func.count()).select_from(ticket).where(_OPEN, ticket.c.owner == sa.bindparam("me"))
_FOLLOWING = sa.select(sa.func.count()).where(
    follower.c.operator == sa.bindparam("me"), follower.c.is_open == sa.literal_column("1")
)
_FOLLOWED = _FOLLOWING.select_from(follower.join(ticket, ticket.c.number == follower.c.number))
_OWN = (
    sa.select(saved_view.c.name, saved_view.c.base, saved_view.c.filter)
    .where(saved_view.c.operator == sa.bindparam("me"))
    .order_by(saved_view.c.name)
)


def resolved(connection: sa.Connection, query: QueueQuery, me: Operator) -> QueueQuery:
    """Put a view of one's own into the built-in view and filter it stands for."""
    if query.view in _BUILT_IN:
        return query
    own = next((view for view in views(connection, me) if view.own and view.key == query.view), None)
    if own is None:
        raise NotFound(f"There is no view {query.view!r}. There are {', '.join(_BUILT_IN)}.")
    return replace(query, view=own.base, text=f"{own.text} {query.text}")


def views(connection: sa.Connection, me: Operator) -> tuple[QueueView, ...]:
    """The operator's views, built in first, then their own by name."""
    own = connection.execute(_OWN, {"me": me.name})
    # One that narrows a view of a newer version is not offered by this one.
    known = (QueueView(row.name, row.name, row.base, row.filter) for row in own if row.base in _BUILT_IN)
    return (*BUILT_IN_VIEWS, *known)


def counts(connection: sa.Connection, me: Operator, desk: DeskFile) -> tuple[ViewCount, ...]:
    """How many tickets each view holds; filtered ones are counted up to a thousand."""
    found = []
    tallies = connection.execute(TALLY).all()
    for view in views(connection, me):
        query = QueueQuery(view=view.base or view.key, text=view.text)
        if view.text.strip():
            found.append(ViewCount(view, len(_rows(connection, query, me, desk, _MOST_COUNTED))))
        else:
            found.append(ViewCount(view, total(connection, query, me, desk, tallies) or 0))
    return tuple(found)


def total(
    connection: sa.Connection, query: QueueQuery, me: Operator, desk: DeskFile, tallies: Sequence[Any] | None = None
) -> int | None:
    """How many tickets an unfiltered view holds; None where saying so would cost. `tallies` were just read."""
    narrowed, hidden = query.group is not None or query.status is not None, desk.hidden_from(me)
    if query.view in ("mine", "following"):
        statement = _MINE if query.view == "mine" else _FOLLOWED if hidden else _FOLLOWING
        if narrowed:
            return None
        return int(connection.execute(unhidden(statement, hidden), {"me": me.name}).scalar_one())
    status = _status(query.status)
    return sum(
        int(row.tickets)
        for row in (connection.execute(TALLY) if tallies is None else tallies)
        if _listed(query.view, row.group_name, row.status, me)
        and row.group_name not in hidden
        and query.group in (None, row.group_name)
        and status in (None, row.status)
    )


def _listed(view: str, group: str, status: str, me: Operator) -> bool:
    if view == "all":
        return True
    if view == "groups":
        return status in OPEN_STATUSES and group in me.groups
    alone = {"unrouted": Status.NEW, "pending": Status.PENDING, "resolved": Status.RESOLVED}
    return status == alone[view] if view in alone else status in OPEN_STATUSES
