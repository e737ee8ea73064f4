"""The first page of the queue before the store is open: read plainly, so that nothing big is loaded before it shows.

Opening a store loads SQLAlchemy and pydantic, which takes longer than all else up to the first paint. What is shown
here is what the store shows (`tests/store/test_first_look.py` holds the two equal), and the store's own page takes
its place. Whatever stands in the way, a lock, an older store, damage, is left to the opening to deal with and to tell.
"""

from __future__ import annotations

import getpass
import re
import sqlite3
import tomllib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

from deskterm.desk.tickets.queue_views import QueueRow

PAGE: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FILE: Final = "SELECT source, demo FROM desk_file ORDER BY position DESC LIMIT 1"
_ROWS: Final = """
SELECT t.id, t.ref, t.status, t.priority, t.priority_rank, t.summary, t.company, t.group_name, t.owner, t.originator,
    t.opened_at, t.updated_at, t.version, t.incomplete, t.due_at, t.due_what, t.at_risk_at, t.paused,
    f.number IS NOT NULL AND t.updated_by != :me AND t.version > coalesce(s.version, 0), t.due_sort, t.number
FROM ticket t
LEFT JOIN follower f ON f.operator = :me AND f.is_open = t.is_open AND f.number = t.number
LEFT JOIN seen s ON s.ticket_id = t.id AND s.operator = :me
WHERE t.is_open = 1 AND t.group_name NOT IN (SELECT value FROM json_each(:hidden)) {narrowed}
ORDER BY t.due_sort, t.priority_rank, t.opened_at, t.number LIMIT :most
"""
_OPEN: Final = _ROWS.format(narrowed="")
_GROUP: Final = _ROWS.format(narrowed="AND t.group_name = :group")
_FOLLOWED: Final = _ROWS.format(narrowed="AND f.number IS NOT NULL").replace("LEFT JOIN follower", "JOIN follower")

_LOOKED_AT: Final = frozenset({"desk", "scales", "operator", "group"})
_PLAIN_HEAD: Final = re.compile(r"^\[\[?([a-z_]+)(?:\.[a-z_]+)*\]\]?[ \t\r]*(?:#.*)?$", re.MULTILINE)
_ANY_HEAD: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the queue can show at once: whose desk it is, and the page that its operator begins with."""

    title: str
    zone: str
    scale: tuple[str, ...]
    """The short names of the desk's priorities, most severe first."""
    rows: tuple[QueueRow, ...]


def first_look(url: str, operator: str | None) -> FirstLook | None:
    """Look into the store at a URL as an operator (a name or login). None where there is nothing to see, or no way."""
    try:
        path = Path(unquote(url.removeprefix("sqlite://")))
        if ("://" in url and not url.startswith("sqlite:///")) or not path.is_file():
            return None
        with closing(_connected(path)) as connection:
            return _look(connection, operator)
    except (sqlite3.Error, OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _connected(path: Path) -> sqlite3.Connection:
    # Only a store that is closed may be taken for one that nobody changes.
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=0.05)


def _look(connection: sqlite3.Connection, operator: str | None) -> FirstLook | None:
    found = connection.execute(_FILE).fetchone()
    if found is None:
        return None
    desk = tomllib.loads(_needed(found[0]))
    me = _acting(desk.get("operator", []), operator, bool(found[1]))
    if me is None:
        return None
    rows = _start(connection, me, _hidden(desk, me))
    level = f"level {me['level']}" if isinstance(me["level"], int) else me["level"]
    scale = tuple(step.get("short") or step["name"][:1] for step in desk["scales"]["priority"])
    return FirstLook(f"{desk['desk']['name']}   {me['name']}, {level}", desk["desk"]["zone"], scale, rows)


def _needed(source: str) -> str:
    """Those tables of a desk file that are looked at here: to parse all takes a good part of the first paint's time.

    Whatever is not written so plainly that its tables can be told apart at sight is left whole.
    """
    heads = list(_PLAIN_HEAD.finditer(source))
    if len(heads) != len(_ANY_HEAD.findall(source)) or '"""' in source or "'''" in source:
        return source
    starts = [head.start() for head in heads]
    tables = zip(heads, starts, [*starts[1:], len(source)], strict=True)
    kept = (source[start:end] for head, start, end in tables if head[1] in _LOOKED_AT)
    return "".join([source[: starts[0]], *kept]) if starts else source


def _acting(operators: list[dict[str, Any]], wanted: str | None, demo: bool) -> dict[str, Any] | None:
    """Who acts, as `deskterm.store.desk_in_force` finds out; None for a guest, who is asked first."""
    if wanted is not None:
        name = wanted.casefold()
        mine = [o for o in operators if name in (o["name"].casefold(), str(o.get("login", "")).casefold())]
        return mine[0] if len(mine) == 1 else None
    account = getpass.getuser().casefold()
    mine = [o for o in operators if o.get("login") and o["login"].casefold() == account]
    return next(iter(mine or [o for o in operators if demo and o["level"] == 0]), None)


def _hidden(desk: dict[str, Any], me: dict[str, Any]) -> set[str]:
    """Groups whose tickets are not for this operator, as `DeskFile.hidden_from` has them (R226)."""
    restricted = {group["name"] for group in desk.get("group", []) if group.get("restricted")}
    return restricted - set(me.get("groups", ()))


def _start(connection: sqlite3.Connection, me: dict[str, Any], hidden: set[str]) -> tuple[QueueRow, ...]:
    """The page that the queue begins with: the operator's own, or all that is open."""
    asked = {"me": me["name"], "most": PAGE, "hidden": dumps(sorted(hidden))}
    if me["level"] == 0:
        own = _rows(connection.execute(_FOLLOWED, asked))
    else:
        groups = dict.fromkeys(me.get("groups", ()))
        own = [row for group in groups for row in _rows(connection.execute(_GROUP, asked | {"group": group}))]
    return tuple(sorted(own or _rows(connection.execute(_OPEN, asked)), key=lambda row: row.key)[:PAGE])


def _rows(found: Iterable[tuple[Any, ...]]) -> list[QueueRow]:
    return [_row(row) for row in found]


def _row(row: tuple[Any, ...]) -> QueueRow:
    *words, opened, updated, version, incomplete, due, due_what, at_risk, paused, unread, due_sort, number = row
    record, ref, status, priority, rank, summary, company, group, owner, originator = words
    return QueueRow(
        id=UUID(record),
        ref=ref,
        key=f"{due_sort:019d}.{rank:04d}.{opened:019d}.{number:019d}",
        status=status,
        priority=priority,
        priority_rank=rank,
        summary=summary,
        company=company,
        group=group,
        owner=owner,
        originator=originator,
        opened_at=_moment(opened),
        updated_at=_moment(updated),
        version=version,
        incomplete=bool(incomplete),
        due_at=None if due is None else _moment(due),
        due_what=due_what,
        at_risk_at=None if at_risk is None else _moment(at_risk),
        paused=bool(paused),
        unread=bool(unread),
    )


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
