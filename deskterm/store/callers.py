"""Who is calling: found by a few letters or digits of whatever the caller can say.

Found by phone in any spelling, name, company, e-mail, contract number, service or serial number (R022, R027, R028).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.fold import fold, tokens
from deskterm.desk.phone import digits_of, looks_like_phone
from deskterm.desk.records.customers import Contact
from deskterm.desk.tickets.views import CallerMatch
from deskterm.store import customer_rows, earlier
from deskterm.store.phrases import matches
from deskterm.store.schema import customer, handle
from deskterm.store.words import LAST, phone_ranges, question

_COLUMNS: Final = (
    customer.c.position, customer.c.id, customer.c.kind, customer.c.record_key, customer.c.company_id, customer.c.state
)  # fmt: skip
_BY_HANDLE = (
    sa.select(handle.c.value, *_COLUMNS)
    .join(customer, customer.c.position == handle.c.customer)
    .where(
        handle.c.sort == sa.bindparam("sort"),
        handle.c.value >= sa.bindparam("least"),
        handle.c.value < sa.bindparam("beyond"),
    )
    .order_by(handle.c.value, handle.c.customer)
    .limit(sa.bindparam("most"))
)
_FULL_TEXT = sa.table("customer_fts", sa.column("rowid"))
BY_WORDS = (
    sa.select(*_COLUMNS, customer.c.name)
    .select_from(_FULL_TEXT.join(customer, customer.c.position == _FULL_TEXT.c.rowid))
    .where(matches("customer_fts", "question"))
    .order_by(_FULL_TEXT.c.rowid.desc())
    .limit(sa.bindparam("most"))
)
"""Customer records by the beginnings of words, newest first."""
_CONTACTS = (
    sa.select(customer.c.id, customer.c.state)
    .where(customer.c.company_id == sa.bindparam("company"), customer.c.kind == "contact")
    .order_by(customer.c.position)
    .limit(200)
)
_LABELS: Final = {"item": "serial", "company": "customer number", "contact": "contact number"}
_SORTS: Final = ("name", "key", "email")


@dataclass(frozen=True, slots=True)
class _Hit:
    """A record found, how well (0 is best), and by what."""

    rank: int
    row: Any
    matched: str


def callers(connection: sa.Connection, text: str, limit: int, desk: DeskFile, me: Operator) -> tuple[CallerMatch, ...]:
    """Contacts that fit what was typed so far, best first, then who called before and is none.

    A company without contacts stands for itself.
    """
    found: dict[UUID | None, CallerMatch] = {}
    if not text.strip() or limit < 1:
        return ()
    most = limit * 4
    hits = sorted(_hits(connection, text, desk, most), key=lambda hit: hit.rank)
    for hit in hits:
        for match in _people(connection, hit, desk):
            found.setdefault(match.contact_id or match.company_id, match)
        if len(found) >= limit:
            break
    known = tuple(found.values())[:limit]
    return (*known, *earlier.callers(connection, text, limit - len(known), desk, known, desk.hidden_from(me)))


def _hits(connection: sa.Connection, text: str, desk: DeskFile, most: int) -> Iterator[_Hit]:
    if looks_like_phone(text):
        yield from _by_phone(connection, text, desk.desk.country, most)
    wanted = " ".join(fold(text).split())
    for sort in _SORTS:
        for row in _range(connection, sort, wanted, most):
            exact = row.value == wanted
            matched = {"name": _matched(row), "email": "e-mail"}.get(sort) or _by_key(row)
            known_by = row.kind in ("contact", "company") and sort == "name"
            yield _Hit((0 if exact else 1) if known_by else (0 if exact else 2), row, matched)
    if words := tokens(text):
        for row in connection.execute(BY_WORDS, {"question": question(words), "most": most}):
            yield _Hit(3, row, _matched(row))


def _matched(row: Any) -> str:
    if row.kind in ("contact", "company"):
        return "name" if row.kind == "contact" else "company"
    return _by_key(row)


def _by_key(row: Any) -> str:
    return f"{_LABELS.get(row.kind, row.kind)} {row.record_key}"


def _by_phone(connection: sa.Connection, text: str, country: str, most: int) -> Iterator[_Hit]:
    full = digits_of(text, country)
    for sort, least in phone_ranges(text, country):
        for row in _range(connection, sort, least, most):
            yield _Hit(0 if (sort, row.value) == ("phone", full) else 1, row, "phone")


def _range(connection: sa.Connection, sort: str, least: str, most: int) -> Any:
    return connection.execute(_BY_HANDLE, {"sort": sort, "least": least, "beyond": least + LAST, "most": most})


def _people(connection: sa.Connection, hit: _Hit, desk: DeskFile) -> Iterator[CallerMatch]:
    """The contacts a found record leads to: itself, or those of its company."""
    company = customer_rows.company_name(connection, hit.row.company_id)
    if hit.row.kind == "contact":
        contact = Contact.model_validate_json(hit.row.state)
        digits = hit.row.value if hit.matched == "phone" else ""
        yield _match(hit.row.id, contact, hit.row.company_id, company, hit.matched, _shown(contact, digits, desk))
        return
    others = tuple(contacts_of(connection, hit.row.company_id, company, hit.matched))
    yield from others
    if not others:
        yield CallerMatch(None, "", hit.row.company_id, company, "", "", hit.matched)


def _shown(contact: Contact, digits: str, desk: DeskFile) -> str:
    """The number to show: the one that was found, else the first there is."""
    mobile = digits_of(contact.mobile, desk.desk.country) if digits else ""
    return contact.mobile if mobile and digits in (mobile, mobile[::-1]) else contact.phone or contact.mobile


def contacts_of(
    connection: sa.Connection, company_id: UUID, company: str, matched: str = "company"
) -> Iterator[CallerMatch]:
    """A company's contacts, the main one first."""
    rows = connection.execute(_CONTACTS, {"company": company_id}).all()
    people = [(row.id, Contact.model_validate_json(row.state)) for row in rows]
    for record, contact in sorted(people, key=lambda pair: not pair[1].is_main):
        yield _match(record, contact, company_id, company, matched, contact.phone or contact.mobile)


def _match(record: UUID, contact: Contact, company_id: UUID, company: str, matched: str, phone: str) -> CallerMatch:
    return CallerMatch(record, contact.name, company_id, company, phone, contact.email, matched)
