"""One record by its name: tickets by reference, customers and solutions by key, contracts by company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.fold import fold
from deskterm.desk.records import customers
from deskterm.desk.records.customers import Contract, Solution, any_entry, record_id
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.reference import BadReference, looks_like_provisional, read, read_provisional
from deskterm.store import ticket_rows
from deskterm.store.base import Invalid, NotFound
from deskterm.store.desk_books import Holidays, read_holidays
from deskterm.store.schema import change, customer, desk_file, given, handle
from deskterm.store.schema import saved_view as saved_views
from deskterm.store.schema import solution as solutions
from deskterm.store.writing import Asking

_STATE = sa.select(customer.c.state).where(customer.c.id == sa.bindparam("record"))
_EXISTS = sa.select(sa.literal(1)).where(customer.c.id == sa.bindparam("record"))
_OF_COMPANY = Asking(
    sa.select(customer.c.state)
    .where(customer.c.company_id == sa.bindparam("company"), customer.c.kind == sa.bindparam("sort"))
    .order_by(customer.c.position)
    .limit(sa.bindparam("most"))
)
_COMPANY_NAMED = (
    sa.select(customer.c.id)
    .join(handle, handle.c.customer == customer.c.position)
    .where(handle.c.sort == "name", handle.c.value == sa.bindparam("name"))
    .where(customer.c.kind == "company", customer.c.folded == sa.bindparam("name"))
    .limit(2)
)
_SOLUTION = (
    sa.select(solutions.c.state)
    .where(solutions.c.folded == sa.bindparam("wanted"))
    .order_by(solutions.c.source.desc())
    .limit(1)
)
_ENTERED = sa.select(solutions.c.state).where(
    solutions.c.source == "pool", solutions.c.folded == sa.bindparam("wanted")
)
_LOADED = (
    sa.select(desk_file.c.name, desk_file.c.source, desk_file.c.demo, desk_file.c.holidays)
    .order_by(desk_file.c.position.desc())
    .limit(1)
)
_GIVEN = sa.select(given.c.number).where(given.c.ref == sa.bindparam("wanted"))
_AT_WORK = sa.select(change.c.number).where(change.c.is_work == sa.literal_column("1")).limit(1)
_VIEW = sa.select(saved_views).where(saved_views.c.id == sa.bindparam("record"))


def ticket(connection: sa.Connection, ref: str | UUID, desk: DeskFile) -> Ticket:
    """A ticket by record id or by reference in any spelling. Raises Invalid for a bad reference, or NotFound."""
    record = ref if isinstance(ref, UUID) else ticket_rows.of_id(ref)
    if record is not None:
        found = ticket_rows.load(connection, record)
        if found is None:
            raise NotFound("There is no such ticket.")
        return found
    try:
        number = number_named(connection, str(ref), desk)
    except BadReference as error:
        raise Invalid(str(error), field="ref", rule="R041") from error
    found = ticket_rows.load_numbered(connection, number) if number is not None else None
    if found is None:
        raise NotFound(f"There is no ticket {str(ref).strip()}.")
    return found


def number_named(connection: sa.Connection, text: str, desk: DeskFile) -> int | None:
    """The number of the ticket that a reference names, also one given while the line was down. Raises BadReference.

    None for a provisional reference of no ticket here.
    """
    if not looks_like_provisional(text):
        return read(text, desk.reference.prefix)
    number: int | None = connection.execute(_GIVEN, {"wanted": read_provisional(text)}).scalar()
    return number


def desk_loaded(connection: sa.Connection) -> tuple[str, str, bool, Holidays] | None:
    """The name and text of the desk file in force, whether it is a demo's, and the holidays it was loaded with."""
    row = connection.execute(_LOADED).one_or_none()
    return (row.name, row.source, bool(row.demo), read_holidays(row.holidays)) if row else None


def exists(connection: sa.Connection, record: UUID) -> bool:
    """Whether there is a customer record with this id."""
    return connection.execute(_EXISTS, {"record": record}).scalar() is not None


def is_change_at_work(connection: sa.Connection) -> bool:
    """Whether any change is being made or undone."""
    return connection.execute(_AT_WORK).first() is not None


def by_id(connection: sa.Connection, record: UUID) -> customers.Entry | None:
    """A record of the customer base by id."""
    state = connection.execute(_STATE, {"record": record}).scalar()
    return any_entry().validate_json(state) if state is not None else None


def entry(connection: sa.Connection, kind: str, key: str) -> customers.Entry | None:
    """A record of the customer base, or a solution that was entered, by kind and key."""
    if kind == "solution":
        state = connection.execute(
            sa.select(solutions.c.state).where(
                solutions.c.source == "pool", solutions.c.folded == key.strip().casefold()
            )
        ).scalar()
    else:
        state = connection.execute(_STATE, {"record": record_id(kind, key)}).scalar()
    return any_entry().validate_json(state) if state is not None else None


def of_company(connection: sa.Connection, company: UUID, kind: str, most: int = 200) -> list[Any]:
    """A company's records of one kind, as they stand, in the order they were first entered."""
    rows = _OF_COMPANY(connection, {"company": company, "sort": kind, "most": most})
    return [any_entry().validate_json(state) for (state,) in rows]


def company_named(connection: sa.Connection, name: str) -> UUID | None:
    """The one company of exactly this name, whatever the case; None where there is none or more than one."""
    wanted = fold(name.strip())
    found = connection.execute(_COMPANY_NAMED, {"name": wanted}).scalars().all() if wanted else []
    return found[0] if len(found) == 1 else None


def contract_for(connection: sa.Connection, number: str, company_id: UUID | None, company: str) -> Contract | None:
    """The contract of a call: the one with this number, else the company's if it has a single one (R068)."""
    if number.strip():
        found = entry(connection, "contract", number)
        return found if isinstance(found, Contract) else None
    owner = company_id or company_named(connection, company)
    contracts = of_company(connection, owner, "contract", most=2) if owner else []
    return contracts[0] if len(contracts) == 1 else None


def solution(connection: sa.Connection, key: str) -> Solution | None:
    """A known solution by id; one that was entered comes before the desk file's."""
    state = connection.execute(_SOLUTION, {"wanted": key.strip().casefold()}).scalar() if key.strip() else None
    return Solution.model_validate_json(state) if state is not None else None


def saved_view(connection: sa.Connection, record: UUID) -> Any:
    """An operator's own view as a row; None where there is none."""
    return connection.execute(_VIEW, {"record": record}).one_or_none()
