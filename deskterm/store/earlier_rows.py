"""Earlier callers as rows: whoever called without being a registered contact, to be known when they call again.

One row a person as far as a desk can tell: the same name, company and number (the e-mail where no number was given),
however they are spelled. The spelling of the latest call stands. Somebody who only ever was a slip of the keyboard,
put right since, is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.fold import fold
from deskterm.desk.phone import digits_of
from deskterm.desk.records.ticket import NOT_GIVEN, Ticket
from deskterm.store import words
from deskterm.store.full_text import index
from deskterm.store.schema import earlier_call, earlier_caller

_ITS_KEY = (
    earlier_caller.c.contact_folded == sa.bindparam("contact_is"),
    earlier_caller.c.company_folded == sa.bindparam("company_is"),
    earlier_caller.c.reached_at == sa.bindparam("reached"),
)
_OLD = sa.select(earlier_caller).where(*_ITS_KEY)
_LAST = sa.select(sa.func.max(earlier_caller.c.number))
_INSERT = earlier_caller.insert()
_SPELLING = ("company_id", "company", "contact", "phone", "email", "words")
_UPDATE = (
    earlier_caller.update()
    .where(earlier_caller.c.number == sa.bindparam("wanted"))
    .values({name: sa.bindparam(name) for name in _SPELLING})
)
_DELETE = earlier_caller.delete().where(earlier_caller.c.number == sa.bindparam("wanted"))
_CALLED = earlier_call.insert()
_NOT_CALLED = earlier_call.delete().where(
    earlier_call.c.caller == sa.bindparam("wanted"), earlier_call.c.ticket == sa.bindparam("about")
)
_CALLS = sa.select(sa.literal(1)).where(earlier_call.c.caller == sa.bindparam("wanted")).limit(1)


class Key(NamedTuple):
    """What tells one earlier caller from another."""

    contact: str
    company: str
    reached_at: str


class _Caller(NamedTuple):
    """Somebody as a ticket names them."""

    company: str
    contact: str
    phone: str
    email: str = ""
    company_id: UUID | None = None


def key_of(company: str, contact: str, phone: str, email: str, country: str) -> Key:
    """The key of somebody as they were typed."""
    return Key(name_key(contact), name_key(company), digits_of(phone, country)[: words.LONGEST_NAME] or name_key(email))


def name_key(text: str) -> str:
    """A name as earlier callers are told apart by."""
    return " ".join(fold(_said(text)).split())[: words.LONGEST_NAME]


def project(connection: sa.Connection, before: Ticket | None, after: Ticket, country: str) -> None:
    """Bring the rows from who called about a ticket `before` to who did `after` one event."""
    if tuple(_callers(before)) == tuple(_callers(after)):
        return
    old, new = _keyed(before, country), _keyed(after, country)
    for key in old:
        if key not in new:
            _remove(connection, key, after.number)
    for key, caller in new.items():
        if key not in old:
            number = _put(connection, key, caller, country)
            connection.execute(_CALLED, {"caller": number, "ticket": after.number})
        elif old[key] != caller:
            _put(connection, key, caller, country)


def _callers(ticket: Ticket | None) -> Iterator[_Caller]:
    """The callers of a ticket who are no registered contacts."""
    if ticket is None:
        return
    if ticket.contact_id is None:
        it = ticket
        yield _Caller(_said(it.company), _said(it.contact), _said(it.phone), _said(it.email), it.company_id)
    for joined in ticket.joined:
        if joined.contact_id is None:
            yield _Caller(_said(joined.company), _said(joined.contact), _said(joined.phone))


def _said(text: str) -> str:
    """What was said; what was asked and could not be told names nobody."""
    return "" if text.strip().casefold() == NOT_GIVEN else text.strip()


def _keyed(ticket: Ticket | None, country: str) -> dict[Key, _Caller]:
    """Callers by key, in the order they came; a company alone is nobody."""
    found: dict[Key, _Caller] = {}
    for caller in _callers(ticket):
        key = key_of(caller.company, caller.contact, caller.phone, caller.email, country)
        if key.contact or key.reached_at:
            found.setdefault(key, caller)
    return found


def _put(connection: sa.Connection, key: Key, caller: _Caller, country: str) -> int:
    """Write somebody down as they were named last, and return their number. What is not said now stays known."""
    old = _find(connection, key)
    email = caller.email or (old.email if old else "")
    spelled = (caller.contact, caller.company, email)
    text = words.joined((*spelled, *words.phone_words(caller.phone, country)))
    row = {
        "company_id": caller.company_id or (old.company_id if old else None),
        "company": caller.company,
        "contact": caller.contact,
        "phone": caller.phone,
        "email": email,
        "words": text,
    }
    if old is None:
        number: int = (connection.execute(_LAST).scalar() or 0) + 1
        digits = digits_of(caller.phone, country)[: words.LONGEST_NAME]
        is_it = {"contact_folded": key.contact, "company_folded": key.company, "reached_at": key.reached_at}
        connection.execute(_INSERT, {**row, **is_it, "number": number, "digits": digits, "digits_end": digits[::-1]})
    else:
        number = old.number
        if any(row[name] != getattr(old, name) for name in _SPELLING):
            connection.execute(_UPDATE, {**row, "wanted": number})
    index(connection, "earlier_fts", [(number, old.words if old else "", text)])
    return number


def _remove(connection: sa.Connection, key: Key, ticket: int) -> None:
    """Somebody did not call about this ticket after all; whoever called about no other did not call."""
    old = _find(connection, key)
    if old is None:
        # The desk counts itself to another country now, and reads the number otherwise.
        return
    connection.execute(_NOT_CALLED, {"wanted": old.number, "about": ticket})
    if connection.execute(_CALLS, {"wanted": old.number}).scalar() is None:
        index(connection, "earlier_fts", [(old.number, old.words, "")])
        connection.execute(_DELETE, {"wanted": old.number})


def _find(connection: sa.Connection, key: Key) -> sa.Row[tuple[object, ...]] | None:
    found = {"contact_is": key.contact, "company_is": key.company, "reached": key.reached_at}
    return connection.execute(_OLD, found).one_or_none()
