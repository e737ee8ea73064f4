"""The caller's card: who is calling, what they are owed, and what is open for them (R028-R036).

Somebody who is no registered contact, or calls for no registered company, has a card as well: what is open for the
name, the number and the company they gave.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.fold import fold
from deskterm.desk.records.customers import Company, Contact
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import CallerCard, OpenTicket
from deskterm.store import earlier, lookups
from deskterm.store.base import NotFound
from deskterm.store.callers import contacts_of
from deskterm.store.schema import moment, ticket
from deskterm.store.sight import Hidden, unhidden
from deskterm.store.words import LONGEST_NAME

_TICKET: Final = (
    ticket.c.id, ticket.c.number, ticket.c.ref, ticket.c.summary, ticket.c.priority, ticket.c.status,
    ticket.c.group_name, ticket.c.opened_at, ticket.c.contact_id, ticket.c.contact_folded, ticket.c.is_open,
)  # fmt: skip
_MOST_OPEN: Final = 100
_MOST_CLOSED: Final = 1000
"""Closed tickets are counted up to here, so that a card costs the same for the oldest customer."""


def _of(condition: sa.ColumnElement[bool], is_open: int) -> sa.Select[Any]:
    return sa.select(*_TICKET).where(condition, ticket.c.is_open == sa.literal_column(str(is_open)))


def _open(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return _of(condition, 1).order_by(ticket.c.number.desc()).limit(_MOST_OPEN)


def _closed(condition: sa.ColumnElement[bool], hidden: Hidden = ()) -> sa.Select[Any]:
    closed = unhidden(_of(condition, 0), hidden).with_only_columns(ticket.c.number).limit(_MOST_CLOSED)
    return sa.select(sa.func.count()).select_from(closed.subquery())


_ITS_ID = ticket.c.company_id == sa.bindparam("company")
# A ticket that names another company by id is not this one's, whatever name was typed.
_ITS_NAME = (ticket.c.company_folded == sa.bindparam("name")) & ticket.c.company_id.is_(None)
_ITS = {"company": _ITS_ID, "name": _ITS_NAME}
_OPEN_OF = {kind: _open(its) for kind, its in _ITS.items()}
_CLOSED_OF = {kind: _closed(its) for kind, its in _ITS.items()}
_NUMBERED = sa.select(*_TICKET).where(ticket.c.number.in_(sa.bindparam("numbers", expanding=True)))


def card(
    connection: sa.Connection, contact_id: UUID | None, company_id: UUID | None, caller: Facts | None, desk: DeskFile,
    me: Operator,
) -> CallerCard:  # fmt: skip
    """The caller's card. Raises NotFound for a company or contact that is not known."""
    company = _company(connection, company_id)
    contact = _contact(connection, contact_id)
    rows = earlier.rows_of(connection, caller, desk.desk.country) if caller and contact is None else ()
    hidden = desk.hidden_from(me)
    called = _numbered(connection, rows, hidden)
    typed = company.name if company else caller.company if caller else ""
    by = {"company": company_id, "name": fold(typed.strip())[:LONGEST_NAME]}
    records = [(kind, by[kind]) for kind in _OPEN_OF if by[kind]]
    named = contact.name if contact else caller.contact if caller else ""
    closed = {kind: _closed(its, hidden) for kind, its in _ITS.items()} if hidden else _CLOSED_OF
    counts = [connection.execute(closed[kind], {kind: value}).scalar_one() for kind, value in records]
    people = contacts_of(connection, company_id, typed) if company_id else ()

    def has(kind: str) -> tuple[Any, ...]:
        return tuple(lookups.of_company(connection, company_id, kind)) if company_id else ()

    return CallerCard(
        contact=contact,
        contact_id=contact_id,
        company=company,
        company_id=company_id,
        contracts=has("contract"),
        services=has("service"),
        items=has("item"),
        others=tuple(match for match in people if match.contact_id != contact_id),
        open_tickets=_open_tickets(connection, records, contact_id, fold(named.strip()), called, hidden),
        closed_count=sum(counts) if records else sum(not row.is_open for row in called),
        earlier=earlier.match_of(connection, rows[0], hidden) if rows else None,
    )


def _company(connection: sa.Connection, record: UUID | None) -> Company | None:
    found = lookups.by_id(connection, record) if record else None
    if record and not isinstance(found, Company):
        raise NotFound("There is no such company.")
    return found if isinstance(found, Company) else None


def _contact(connection: sa.Connection, record: UUID | None) -> Contact | None:
    found = lookups.by_id(connection, record) if record else None
    if record and not isinstance(found, Contact):
        raise NotFound("There is no such contact.")
    return found if isinstance(found, Contact) else None


def _numbered(connection: sa.Connection, callers: tuple[Any, ...], hidden: Hidden) -> list[Any]:
    """The tickets that earlier callers called about, the latest hundred of each."""
    numbers = sorted(set(earlier.calls_of(connection, callers, _MOST_OPEN)))
    return list(connection.execute(unhidden(_NUMBERED, hidden), {"numbers": numbers})) if numbers else []


def _open_tickets(
    connection: sa.Connection, records: list[tuple[str, Any]], contact_id: UUID | None, name: str, called: list[Any],
    hidden: Hidden,
) -> tuple[OpenTicket, ...]:  # fmt: skip
    """What is open for a caller and their company; `called` are tickets that are theirs in any case."""
    rows = {row.number: row for row in called if row.is_open}
    own = set(rows)
    for kind, value in records:
        rows |= {row.number: row for row in connection.execute(unhidden(_OPEN_OF[kind], hidden), {kind: value})}

    def same(row: Any) -> bool:
        if row.number in own:
            return True
        if row.contact_id is not None:
            return bool(row.contact_id == contact_id)
        return bool(name) and row.contact_folded == name

    return tuple(
        OpenTicket(
            row.id, row.ref, row.summary, row.priority, row.status, row.group_name, moment(row.opened_at), same(row)
        )
        for row in sorted(rows.values(), key=lambda row: (not same(row), -row.number))
    )
