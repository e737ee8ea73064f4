"""One search box over tickets, changes, callers, contracts and known solutions (R027), newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from deskterm.desk import reference
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.phone import looks_like_phone, prefixes_of
from deskterm.desk.records.customers import Contact, record_id
from deskterm.desk.tickets.views import Found
from deskterm.store import callers, change_rows, customer_rows, lookups, solutions
from deskterm.store.phrases import as_found, holds, matches
from deskterm.store.queue import NEWEST, among_newest, readings_of
from deskterm.store.schema import ticket
from deskterm.store.sight import Hidden, unhidden
from deskterm.store.words import LONGEST, indexed, question

_COLUMNS = (
    ticket.c.number, ticket.c.id, ticket.c.ref, ticket.c.summary, ticket.c.status, ticket.c.group_name,
    ticket.c.company, ticket.c.is_open,
)  # fmt: skip
_FULL_TEXT = sa.table("ticket_fts", sa.column("rowid"))
_TICKETS = (
    sa.select(*_COLUMNS)
    .select_from(_FULL_TEXT.join(ticket, ticket.c.number == _FULL_TEXT.c.rowid))
    .where(matches("ticket_fts", "question"))
    .order_by(_FULL_TEXT.c.rowid.desc())
    .limit(sa.bindparam("most"))
)
_NUMBERED = sa.select(*_COLUMNS).where(ticket.c.number == sa.bindparam("wanted"))
_SOLUTIONS_SHOWN = 5
_CHANGES_SHOWN = 5


def find(connection: sa.Connection, text: str, limit: int, desk: DeskFile, me: Operator) -> tuple[Found, ...]:
    """Tickets first, the one whose reference was typed before all others; then changes, customers, known solutions."""
    if not text.strip() or limit < 1:
        return ()
    readings = _readings(text, desk)
    hidden = desk.hidden_from(me)
    tickets = _tickets(connection, text, readings, limit, desk, hidden)
    changes = change_rows.found_by(connection, text, min(limit, _CHANGES_SHOWN), hidden)
    customers = _customers(connection, map(question, readings), limit - len(changes))
    known = [
        Found("solution", record_id("solution", s.key), s.key, s.title, s.category)
        for s in solutions.solutions(connection, text, min(limit, _SOLUTIONS_SHOWN), every_word=True)
    ]
    # Neither side crowds the other out: each has half the room, and what the other leaves.
    others = [*changes, *customers[: max(0, limit - len(known) - len(changes))], *known][:limit]
    room = max(limit - len(others), limit - limit // 2)
    shown = tickets[:room]
    return (*shown, *others[: limit - len(shown)])


def _readings(text: str, desk: DeskFile) -> list[tuple[str, ...]]:
    readings = readings_of(text, desk)
    if looks_like_phone(text):
        readings += [(prefix,) for prefix in prefixes_of(text, desk.desk.country)]
    return list(dict.fromkeys(words for words in readings if words))


def _tickets(
    connection: sa.Connection, text: str, readings: Iterable[tuple[str, ...]], limit: int, desk: DeskFile,
    hidden: Hidden,
) -> list[Found]:  # fmt: skip
    rows: dict[int, Any] = {}
    for words in readings:
        rows |= {row.number: row for row in _newest_with(connection, words, limit, hidden)}
    named = _named(connection, text, desk)
    if named is not None:
        rows |= {row.number: row for row in connection.execute(unhidden(_NUMBERED, hidden), {"wanted": named})}
    order = sorted(rows, key=lambda number: (number != named, -number))
    return [_ticket(rows[number]) for number in order[:limit]]


def _newest_with(connection: sa.Connection, words: tuple[str, ...], most: int, hidden: Hidden) -> Sequence[Any]:
    """The newest tickets with all of these beginnings of words.

    The index gathers all tickets that ever had a word before it gives the newest, unless it holds the beginning
    ready. So a long word is looked for among the newest that begin alike, and a letter alone among the newest of all;
    one that is not there is rare enough.
    """
    begun = indexed(words)
    if begun != words:
        quick = unhidden(_among_newest(len(words), bool(begun)), hidden)
        values = {f"word{place}": f" {word[:LONGEST]}" for place, word in enumerate(words)}
        among = among_newest(bool(begun), most)
        asked = {"question": question(begun), "among": among, "most": most, **values}
        found = connection.execute(quick, asked).all()
        if len(found) == most:
            return found
    return connection.execute(unhidden(_TICKETS, hidden), {"question": question(words), "most": most}).all()


@lru_cache(maxsize=64)
def _among_newest(words: int, by_index: bool) -> sa.Select[Any]:
    alike = sa.select(_FULL_TEXT.c.rowid).where(matches("ticket_fts", "question"))
    newest = (alike if by_index else NEWEST).order_by(sa.desc("rowid"))
    begun = newest.limit(sa.bindparam("among")).subquery()
    found = sa.select(*_COLUMNS).select_from(begun.join(ticket, ticket.c.number == begun.c.rowid))
    for place in range(words):
        found = found.where(holds(ticket.c.words, sa.bindparam(f"word{place}")))
    return found.order_by(as_found(ticket.c.number)).limit(sa.bindparam("most"))


def _named(connection: sa.Connection, text: str, desk: DeskFile) -> int | None:
    try:
        return lookups.number_named(connection, text, desk)
    except reference.BadReference:
        return None


def _ticket(row: Any) -> Found:
    detail = " · ".join(part for part in (row.status, row.group_name, row.company) if part)
    return Found("ticket", row.id, row.ref, row.summary, detail, bool(row.is_open))


def _customers(connection: sa.Connection, asked: Iterable[tuple[str, ...]], limit: int) -> list[Found]:
    rows: dict[int, Any] = {}
    for words in asked:
        for row in connection.execute(callers.BY_WORDS, {"question": words, "most": limit}):
            rows[row.position] = row
    shown = [rows[position] for position in sorted(rows, reverse=True)[:limit]]
    names = customer_rows.company_names(connection, {row.company_id for row in shown})
    found = []
    for row in shown:
        parts = _details(row, names.get(row.company_id, ""))
        detail = " · ".join(part for part in parts if part)
        found.append(Found(row.kind, row.id, row.record_key, row.name, detail, company_id=row.company_id))
    return found


def _details(row: Any, company: str) -> Iterator[str]:
    if row.kind != "company":
        yield company
    if row.kind == "contact":
        contact = Contact.model_validate_json(row.state)
        yield contact.phone or contact.mobile
        yield contact.email
