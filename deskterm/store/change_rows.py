"""A change as rows: the line that lists show, the window it holds, its timers, and what it is found by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.board import ChangeInWindow, FormOwed
from deskterm.desk.changes.evolve import evolve_change
from deskterm.desk.changes.views import ChangeQuery, is_concerned
from deskterm.desk.changes.window import Booked, booked, form_outstanding_since, moments
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.events import Event
from deskterm.desk.fold import tokens
from deskterm.desk.records.change import Change, ChangeState
from deskterm.desk.reference import BadReference, read_change
from deskterm.desk.tickets.views import Found
from deskterm.store import timers, words
from deskterm.store.base import Invalid, NotFound
from deskterm.store.phrases import holds
from deskterm.store.schema import FAR, change, micros, moment
from deskterm.store.sight import Hidden, unhidden_changes
from deskterm.store.ticket_rows import of_id

AT_WORK: Final = frozenset(
    {ChangeState.IMPLEMENTING, ChangeState.TESTING, ChangeState.OVERRUN, ChangeState.ROLLING_BACK}
)
"""While somebody works on a customer's system, or undoes what they did."""

AMONG: Final = 1000
"""So many of the newest changes are looked through for words: nobody looks for an older one by them."""

_STATE = sa.select(change.c.state).where(change.c.id == sa.bindparam("record"))
_NUMBERED = sa.select(change.c.state).where(change.c.number == sa.bindparam("wanted"))
_NUMBERED_LINE = sa.select(
    change.c.id, change.c.ref, change.c.title, change.c.status, change.c.company, change.c.is_open
).where(change.c.number == sa.bindparam("wanted"))
_LAST_NUMBER = sa.select(sa.func.max(change.c.number))
_INSERT = change.insert()
_UPDATE = (
    change.update()
    .where(change.c.number == sa.bindparam("wanted"))
    .values(
        {column.name: sa.bindparam(column.name) for column in change.c if column.name not in ("number", "id", "ref")}
    )
)
_WINDOWS = (
    sa.select(
        change.c.id, change.c.ref, change.c.title, change.c.company, change.c.company_id, change.c.systems,
        change.c.starts, change.c.ends, change.c.status,
    )
    .where(change.c.holds_window == sa.literal_column("1"))
    .where(change.c.ends > sa.bindparam("first"), change.c.starts < sa.bindparam("last"))
    .order_by(change.c.starts, change.c.number)
)  # fmt: skip
_OWING = sa.select(change.c.state).where(change.c.owes_form == sa.literal_column("1")).order_by(change.c.number)
_AT_WORK = sa.select(change.c.state).where(change.c.is_work == sa.literal_column("1")).order_by(change.c.ends)


def load(connection: sa.Connection, record: UUID) -> Change | None:
    """Read a change by record id."""
    return _read(connection.execute(_STATE, {"record": record}).scalar_one_or_none())


def _read(state: str | None) -> Change | None:
    return Change.model_validate_json(state) if state is not None else None


def named(connection: sa.Connection, ref: str | UUID) -> Change:
    """A change by record id or by reference in any spelling. Raises Invalid for a bad reference, or NotFound."""
    record = ref if isinstance(ref, UUID) else of_id(ref)
    if record is not None:
        found = load(connection, record)
        if found is None:
            raise NotFound("There is no such change.")
        return found
    try:
        number = read_change(str(ref))
    except BadReference as error:
        raise Invalid(str(error), field="ref", rule="R041") from error
    found = _read(connection.execute(_NUMBERED, {"wanted": number}).scalar_one_or_none())
    if found is None:
        raise NotFound(f"There is no change {str(ref).strip()}.")
    return found


def next_number(connection: sa.Connection) -> int:
    """The number that a new change gets; only true inside a write transaction."""
    return int(connection.execute(_LAST_NUMBER).scalar() or 0) + 1


# -- lists


def listed(
    connection: sa.Connection, query: ChangeQuery, ticket: UUID | None, me: Operator, hidden: Hidden
) -> list[Change]:
    """The changes that a query asks for, in its order. Raises Invalid for a key of no line."""
    found = unhidden_changes(sa.select(change.c.state), hidden)
    newest_first = query.which == "all" or ticket is not None
    if ticket is not None:
        found = found.where(change.c.ticket_id == ticket)
    elif query.which == "forms":
        found = found.where(change.c.owes_form == sa.literal_column("1"))
    elif query.which != "all":
        found = found.where(change.c.is_open == sa.literal_column("1"))
    for word in tokens(query.text):
        found = found.where(holds(change.c.words, f" {word}"))
    if query.after is not None:
        sort, number = _read_key(query.after)
        behind = sa.tuple_(change.c.window_sort, change.c.number) > sa.tuple_(sort, number)
        found = found.where(change.c.number < number if newest_first else behind)
    order = (change.c.number.desc(),) if newest_first else (change.c.window_sort, change.c.number)
    most = max(1, min(query.limit, 1000))
    found = found.order_by(*order)
    # Whose business a change is stands in its rows; there are few open ones to look through.
    rows = connection.execute(found if query.which == "mine" else found.limit(most)).scalars().all()
    shown = (it for it in map(Change.model_validate_json, rows) if query.which != "mine" or is_concerned(it, me))
    return list(islice(shown, most))


def key_of(it: Change) -> str:
    """The place of a change in every list."""
    return f"{_window_sort(it)}:{it.number}"


def _read_key(key: str) -> tuple[int, int]:
    try:
        sort, number = map(int, key.split(":"))
    except ValueError:
        raise Invalid("That is no place in a list of changes.", field="after") from None
    return sort, number


def found_by(connection: sa.Connection, text: str, limit: int, hidden: Hidden) -> list[Found]:
    """Changes for the search box: the one whose reference was typed, and the newest with these words."""
    rows: Sequence[Any] = ()
    if _is_reference(text):
        rows = connection.execute(unhidden_changes(_NUMBERED_LINE, hidden), {"wanted": read_change(text)}).all()
    wanted = tokens(text)
    if wanted and not rows:
        values = {f"word{place}": f" {word}" for place, word in enumerate(wanted)}
        rows = connection.execute(_saying(len(wanted), hidden), {**values, "most": limit}).all()
    return [
        Found(
            "change", row.id, row.ref, row.title, " · ".join(filter(None, (row.status, row.company))), bool(row.is_open)
        )
        for row in rows
    ]


@lru_cache(maxsize=64)
def _saying(words: int, hidden: Hidden) -> sa.Select[Any]:
    newest = unhidden_changes(sa.select(change), hidden).order_by(change.c.number.desc()).limit(AMONG).subquery()
    found = sa.select(newest.c.id, newest.c.ref, newest.c.title, newest.c.status, newest.c.company, newest.c.is_open)
    for place in range(words):
        found = found.where(holds(newest.c.words, sa.bindparam(f"word{place}")))
    return found.order_by(newest.c.number.desc()).limit(sa.bindparam("most"))


def _is_reference(text: str) -> bool:
    try:
        return bool(read_change(text))
    except BadReference:
        return False


# -- windows


def windows(connection: sa.Connection, first: datetime, last: datetime, hidden: Hidden = ()) -> tuple[Booked, ...]:
    """The windows held by changes that touch a span, the earliest first."""
    rows = connection.execute(unhidden_changes(_WINDOWS, hidden), {"first": micros(first), "last": micros(last)})
    return tuple(
        Booked(
            id=row.id, ref=row.ref, title=row.title, company=row.company, company_id=row.company_id,
            systems=tuple(json.loads(row.systems)), starts=moment(row.starts), ends=moment(row.ends),
            state=ChangeState(row.status),
        )
        for row in rows
    )  # fmt: skip


def at_work(connection: sa.Connection, hidden: Hidden) -> tuple[Change, ...]:
    """The changes that are being made or undone, the one whose window ends first before the others."""
    found = unhidden_changes(_AT_WORK, hidden)
    return tuple(map(Change.model_validate_json, connection.execute(found).scalars()))


def in_window(connection: sa.Connection, at: datetime, hidden: Hidden) -> tuple[ChangeInWindow, ...]:
    """What the board names: changes that are being made or undone, and those whose window is open."""
    held = {each.id: each for each in windows(connection, at, at + timedelta(microseconds=1), hidden)}
    held |= {each.id: found for each in at_work(connection, hidden) if (found := booked(each)) is not None}
    waiting = (ChangeState.SCHEDULED, ChangeState.VERBALLY_APPROVED)
    shown = (each for each in held.values() if each.state in AT_WORK or each.state in waiting)
    return tuple(ChangeInWindow(each.id, each.ref, each.title, each.ends) for each in sorted(shown, key=_by_end))


def forms_owed(connection: sa.Connection, hidden: Hidden) -> tuple[FormOwed, ...]:
    """What the board names besides: forms that are outstanding after an emergency, the longest first."""
    owing = map(Change.model_validate_json, connection.execute(unhidden_changes(_OWING, hidden)).scalars())
    found = ((it, form_outstanding_since(it)) for it in owing)
    owed = [FormOwed(it.id, it.ref, it.title, since, it.form_overdue) for it, since in found if since is not None]
    return tuple(sorted(owed, key=attrgetter("since")))


def _by_end(each: Booked) -> tuple[datetime, str]:
    return each.ends, each.ref


# -- kept with each event


def project(connection: sa.Connection, events: Iterable[Event], desk: DeskFile) -> None:
    """Bring the rows of some changes behind some events of theirs."""
    before: dict[UUID, Change | None] = {}
    after: dict[UUID, Change] = {}
    for event in events:
        record = event.record_id
        if record not in before:
            before[record] = None if event.version == 1 else load(connection, record)
        after[record] = evolve_change(after.get(record, before[record]), event)
    new = [_named_row(it) for record, it in after.items() if before[record] is None]
    known = [{**_row(it), "wanted": it.number} for record, it in after.items() if before[record] is not None]
    _write(connection, _INSERT, new)
    _write(connection, _UPDATE, known)
    timed = [(it.number, moments(it, desk), before[record] is None) for record, it in after.items()]
    timers.project(connection, "change", timed)


def _write(connection: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _window_sort(it: Change) -> int:
    return micros(it.starts) if it.starts else FAR


def _named_row(it: Change) -> dict[str, Any]:
    return {**_row(it), "number": it.number, "id": it.id, "ref": it.ref}


def _row(it: Change) -> dict[str, Any]:
    return {
        "status": it.state.value,
        "is_open": int(it.state.is_open),
        "holds_window": int(booked(it) is not None),
        "is_work": int(it.state in AT_WORK),
        "owes_form": int(form_outstanding_since(it) is not None),
        "title": it.title,
        "company": it.company,
        "company_id": it.company_id,
        "ticket_id": it.ticket,
        "systems": json.dumps(it.systems),
        "starts": micros(it.starts) if it.starts else None,
        "ends": micros(it.ends) if it.ends else None,
        "window_sort": _window_sort(it),
        "words": words.joined((it.ref, it.ref.replace("-", ""), it.title, it.company, it.ticket_ref, *it.systems)),
        "version": it.version,
        "state": it.model_dump_json(exclude_defaults=True),
    }
