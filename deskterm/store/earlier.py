"""Who called before without being a registered contact, found as registered ones are (R011, R022).

A registered contact comes first and hides whoever called as the same person. Each way to find somebody is a range of
one index, so that it costs the same however many have called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.fold import fold, tokens
from deskterm.desk.phone import digits_of, looks_like_phone
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import CALLED_BEFORE, CallerMatch
from deskterm.store import customer_rows, lookups
from deskterm.store.earlier_rows import key_of, name_key
from deskterm.store.phrases import matches
from deskterm.store.schema import customer, earlier_call, earlier_caller, handle, ticket
from deskterm.store.sight import Hidden, unhidden
from deskterm.store.words import LAST, phone_ranges, question

_MOST_OF_ONE: Final = 20
"""Rows that one person may have, for the numbers they called from."""
_SLACK: Final = 4
"""Rows looked at for each one wanted: some say the same as others."""
_FULL_TEXT = sa.table("earlier_fts", sa.column("rowid"))
_BY_WORDS = (
    sa.select(earlier_caller)
    .select_from(_FULL_TEXT.join(earlier_caller, earlier_caller.c.number == _FULL_TEXT.c.rowid))
    .where(matches("earlier_fts", "question"))
    .order_by(_FULL_TEXT.c.rowid.desc())
    .limit(sa.bindparam("most"))
)


def _range(column: sa.Column[str]) -> sa.Select[Any]:
    within = (column >= sa.bindparam("least"), column < sa.bindparam("beyond"))
    return sa.select(earlier_caller).where(*within).order_by(column).limit(sa.bindparam("most"))


_RANGES: Final = {
    "phone": _range(earlier_caller.c.digits),
    "phone_end": _range(earlier_caller.c.digits_end),
    "name": _range(earlier_caller.c.contact_folded),
}
_NAMED = (
    sa.select(earlier_caller)
    .where(
        earlier_caller.c.contact_folded == sa.bindparam("contact"),
        earlier_caller.c.company_folded == sa.bindparam("company"),
    )
    .order_by(earlier_caller.c.reached_at)
    .limit(_MOST_OF_ONE)
)
_NUMBERED = sa.select(earlier_caller).where(earlier_caller.c.digits == sa.bindparam("digits")).limit(_MOST_OF_ONE)
_LAST_CALL = sa.select(ticket.c.ref).where(
    ticket.c.number
    == sa.select(sa.func.max(earlier_call.c.ticket))
    .where(earlier_call.c.caller == sa.bindparam("caller"))
    .scalar_subquery()
)
_CALLS_OF = (
    sa.select(earlier_call.c.ticket)
    .where(earlier_call.c.caller == sa.bindparam("caller"))
    .order_by(earlier_call.c.ticket.desc())
    .limit(sa.bindparam("most"))
)
_OWNERS = (
    sa.select(handle.c.value, customer.c.id)
    .join(customer, customer.c.position == handle.c.customer)
    .where(handle.c.sort == "phone", handle.c.value.in_(sa.bindparam("numbers", expanding=True)))
    .limit(200)
)
_CONTACT_NAMED = (
    # By name first, then by company: a large company has thousands of contacts.
    sa.select(customer.c.id, customer.c.name)
    .where(
        customer.c.position.in_(
            sa.select(handle.c.customer).where(handle.c.sort == "name", handle.c.value == sa.bindparam("name"))
        ),
        customer.c.company_id == sa.bindparam("company"),
        customer.c.kind == "contact",
        customer.c.folded == sa.bindparam("name"),
    )
    .limit(2)
)


def callers(
    connection: sa.Connection, text: str, limit: int, desk: DeskFile, known: tuple[CallerMatch, ...],
    hidden: Hidden,
) -> tuple[CallerMatch, ...]:  # fmt: skip
    """Earlier callers that fit what was typed so far, best first, apart from the contacts `known` already."""
    if limit < 1:
        return ()
    rows = _fullest(_found(connection, text, desk.desk.country, limit * _SLACK))
    known_ids = {match.contact_id for match in known if match.contact_id}
    numbers = [row.digits for row in rows if row.digits]
    owners = connection.execute(_OWNERS, {"numbers": numbers}).all() if numbers and known_ids else ()
    owned = {value for value, contact in owners if contact in known_ids}
    register = _Register(connection, hidden)
    found: list[CallerMatch] = []
    for row in rows:
        if len(found) == limit:
            break
        match = None if row.digits in owned else _match(connection, row, register)
        if match and (match.contact_id is None or match.contact_id not in known_ids):
            found.append(match)
            known_ids |= {match.contact_id} if match.contact_id else set()
    return tuple(found)


def rows_of(connection: sa.Connection, caller: Facts, country: str) -> tuple[Any, ...]:
    """The rows that are this caller: of that name and company, or that number, the very same first."""
    key = key_of(caller.company, caller.contact, caller.phone, caller.email, country)
    digits = digits_of(caller.phone, country)
    rows: list[Any] = []
    if key.contact:
        named = connection.execute(_NAMED, {"contact": key.contact, "company": key.company}).all()
        # A name without a company or a number is too little to tell one from another.
        rows += [row for row in named if key.company or row.reached_at == key.reached_at]
    if digits:
        rows += connection.execute(_NUMBERED, {"digits": digits})
    rows.sort(key=lambda row: (row.reached_at != key.reached_at, row.contact_folded != key.contact))
    return tuple({row.number: row for row in rows}.values())


def match_of(connection: sa.Connection, row: Any, hidden: Hidden) -> CallerMatch:
    """An earlier caller as they are offered."""
    return _match(connection, row, _Register(connection, hidden))


def _found(connection: sa.Connection, text: str, country: str, most: int) -> list[Any]:
    """Rows that fit, the best first: whole numbers and names, then their beginnings, then words."""
    ranked: dict[int, tuple[int, Any]] = {}

    def take(rank: int, row: Any) -> None:
        ranked[row.number] = min(ranked.get(row.number, (rank, row)), (rank, row), key=lambda pair: pair[0])

    is_number, words = looks_like_phone(text), tokens(text)
    if is_number:
        full = digits_of(text, country)
        for sort, least in phone_ranges(text, country):
            for row in _in_range(connection, sort, least, most):
                take(0 if row.digits == full else 1, row)
    if wanted := name_key(text):
        for row in _in_range(connection, "name", wanted, most):
            take(0 if row.contact_folded == wanted else 1, row)
    # One letter begins half of all words, and a number was looked for where numbers stand.
    if not is_number and any(len(word) > 1 for word in words):
        for row in connection.execute(_BY_WORDS, {"question": question(words), "most": most}):
            take(2, row)
    return [row for _, row in sorted(ranked.values(), key=lambda pair: (pair[0], -pair[1].number))]


def _in_range(connection: sa.Connection, sort: str, least: str, most: int) -> Any:
    return connection.execute(_RANGES[sort], {"least": least, "beyond": least + LAST, "most": most})


def _fullest(rows: list[Any]) -> list[Any]:
    """Without the rows that say no more of somebody than another one does: a number alone, a name without one."""

    def says(row: Any) -> tuple[str, ...]:
        return (row.contact_folded, row.company_folded, row.digits, fold(row.email))

    def is_within(less: tuple[str, ...], more: tuple[str, ...]) -> bool:
        return less != more and all(part in ("", whole) for part, whole in zip(less, more, strict=True))

    said = [says(row) for row in rows]
    return [row for row, less in zip(rows, said, strict=True) if not any(is_within(less, more) for more in said)]


@dataclass
class _Register:
    """What the customer register says of companies and people, each asked for once."""

    connection: sa.Connection
    hidden: Hidden = ()
    _companies: dict[tuple[UUID | None, str], tuple[UUID | None, str]] = field(default_factory=dict)

    def company(self, row: Any) -> tuple[UUID | None, str]:
        """The company somebody called for: its id and name today, or None and the name that was typed."""
        asked = (row.company_id, row.company_folded)
        if asked not in self._companies:
            record = row.company_id or lookups.company_named(self.connection, row.company)
            name = customer_rows.company_name(self.connection, record) if record else ""
            self._companies[asked] = (record if name else None, name or row.company)
        return self._companies[asked]

    def contact(self, name: str, company: UUID) -> Any:
        """The one contact of a company who is called that."""
        found = self.connection.execute(_CONTACT_NAMED, {"name": fold(name), "company": company}).all()
        return found[0] if len(found) == 1 else None


def _match(connection: sa.Connection, row: Any, register: _Register) -> CallerMatch:
    company_id, company = register.company(row)
    contact = register.contact(row.contact, company_id) if company_id and row.contact else None
    ref = connection.execute(unhidden(_LAST_CALL, register.hidden), {"caller": row.number}).scalar() or ""
    return CallerMatch(
        contact_id=contact.id if contact else None,
        name=contact.name if contact else row.contact,
        company_id=company_id,
        company=company,
        phone=row.phone,
        email=row.email,
        matched=CALLED_BEFORE,
        ref=ref,
    )


def calls_of(connection: sa.Connection, rows: Iterable[Any], most: int) -> Iterator[int]:
    """The numbers of the tickets these callers called about, newest first, at most so many of each."""
    for row in rows:
        yield from connection.execute(_CALLS_OF, {"caller": row.number, "most": most}).scalars()
