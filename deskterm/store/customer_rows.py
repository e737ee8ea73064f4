"""Companies, contacts, contracts, services and items as rows, and the handles that find them while typing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.events import Event
from deskterm.desk.fold import fold
from deskterm.desk.phone import digits_of
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service, Solution, record_id
from deskterm.store import words
from deskterm.store.full_text import index
from deskterm.store.log import canonical
from deskterm.store.schema import customer, handle

_OLD = sa.select(customer.c.position, customer.c.words, customer.c.name).where(customer.c.id == sa.bindparam("record"))
_NAME = sa.select(customer.c.name).where(customer.c.id == sa.bindparam("record"))
_NAMES = sa.select(customer.c.id, customer.c.name).where(customer.c.id.in_(sa.bindparam("records", expanding=True)))
_INSERT = customer.insert()
_UPDATE = (
    customer.update()
    .where(customer.c.position == sa.bindparam("wanted"))
    .values({name: sa.bindparam(name) for name in ("company_id", "record_key", "name", "folded", "words", "state")})
)
_CONTACTS = (
    sa.select(customer.c.position, customer.c.words, customer.c.state)
    .where(customer.c.company_id == sa.bindparam("company"), customer.c.kind == "contact")
    .order_by(customer.c.position)
)
_SET_WORDS = customer.update().where(customer.c.position == sa.bindparam("wanted")).values(words=sa.bindparam("to"))
_DROP_HANDLES = handle.delete().where(handle.c.customer == sa.bindparam("wanted"))
_ADD_HANDLES = handle.insert()
_WORDS_OF_NAME = 6
"""Words of a name that each begin a handle, so that a surname finds its owner."""


def project(connection: sa.Connection, entry: Entry, event: Event, country: str) -> None:
    """Bring a customer record's rows to its latest state."""
    assert not isinstance(entry, Solution)
    old = connection.execute(_OLD, {"record": event.record_id}).one_or_none()
    position = old.position if old else event.position
    company_id = event.record_id if isinstance(entry, Company) else record_id("company", entry.company)
    name = name_of(entry)
    text = _words(entry, company_name(connection, company_id), country)
    row: dict[str, Any] = {
        "record_key": entry.key,
        "company_id": company_id,
        "name": name,
        "folded": fold(name),
        "words": text,
        "state": canonical(entry.model_dump(mode="json")),
    }
    if old:
        connection.execute(_UPDATE, {**row, "wanted": position})
        connection.execute(_DROP_HANDLES, {"wanted": position})
    else:
        connection.execute(_INSERT, {**row, "position": position, "id": event.record_id, "kind": entry.kind})
    index(connection, "customer_fts", [(position, old.words if old else "", text)])
    handles = sorted({(sort, value[: words.LONGEST_NAME]) for sort, value in _handles(entry, country) if value})
    connection.execute(_ADD_HANDLES, [{"sort": s, "value": v, "customer": position} for s, v in handles])
    if isinstance(entry, Company) and (old is None or old.name != name):
        _rename(connection, company_id, name, country)


def name_of(entry: Entry) -> str:
    """What to call a record: its name, or what stands for one."""
    match entry:
        case Item():
            return " ".join(part for part in (entry.make, entry.model) if part) or entry.key
        case Contract():
            return entry.key
        case Solution():
            return entry.title
        case _:
            return entry.name


def company_name(connection: sa.Connection, company: UUID) -> str:
    """The name of a company; an empty string while it is not known."""
    return connection.execute(_NAME, {"record": company}).scalar_one_or_none() or ""


def company_names(connection: sa.Connection, companies: Collection[UUID]) -> dict[UUID, str]:
    """The names of some companies, by id, asked for at once."""
    rows = connection.execute(_NAMES, {"records": list(companies)}) if companies else ()
    return {row.id: row.name for row in rows}


def _rename(connection: sa.Connection, company: UUID, name: str, country: str) -> None:
    """Find a company's contacts by its new name."""
    for row in connection.execute(_CONTACTS, {"company": company}).all():
        text = _words(Contact.model_validate_json(row.state), name, country)
        connection.execute(_SET_WORDS, {"wanted": row.position, "to": text})
        index(connection, "customer_fts", [(row.position, row.words, text)])


def _words(entry: Entry, company: str, country: str) -> str:
    return words.joined(_texts(entry, company, country))


def _texts(entry: Entry, company: str, country: str) -> Iterator[str]:
    yield from (entry.key, name_of(entry))
    match entry:
        case Company():
            yield from (entry.region, *entry.sites)
        case Contact():
            yield from (company, entry.email, entry.role, entry.site)
            yield from words.phone_words(entry.phone, country)
            yield from words.phone_words(entry.mobile, country)
        case Contract():
            yield entry.service_level
        case Service():
            yield entry.circuit
        case Item():
            yield from (entry.location, entry.version)


def _handles(entry: Entry, country: str) -> Iterator[tuple[str, str]]:
    name = fold(name_of(entry))
    if not isinstance(entry, Contract):
        parts = name.split()
        for start in range(min(len(parts), _WORDS_OF_NAME)):
            yield "name", " ".join(parts[start:])
    yield "key", fold(entry.key.strip())
    if isinstance(entry, Service):
        yield "key", fold(entry.circuit.strip())
    if isinstance(entry, Contact):
        yield "email", fold(entry.email.strip())
        for text in (entry.phone, entry.mobile):
            digits = digits_of(text, country)
            yield "phone", digits
            yield "phone_end", digits[::-1]
