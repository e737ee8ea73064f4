"""A ticket as rows: the line the queue sorts, who follows it, its words, and where it counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.fold import fold
from deskterm.desk.priority import rank
from deskterm.desk.ticket import Ticket
from deskterm.store import words
from deskterm.store.log import canonical
from deskterm.store.schema import FAR, follower, micros, tally, ticket

_STATE = sa.select(ticket.c.state).where(ticket.c.id == sa.bindparam("record"))
_STATES = sa.select(ticket.c.state).where(ticket.c.id.in_(sa.bindparam("records", expanding=True)))
_NUMBERED = sa.select(ticket.c.state).where(ticket.c.number == sa.bindparam("wanted"))
_LAST_NUMBER = sa.select(sa.func.max(ticket.c.number))
_WORDS = sa.select(ticket.c.words, ticket.c.said).where(ticket.c.number == sa.bindparam("wanted"))
_INSERT = ticket.insert()
_UPDATE = (
    ticket.update()
    .where(ticket.c.number == sa.bindparam("wanted"))
    .values(
        {column.name: sa.bindparam(column.name) for column in ticket.c if column.name not in ("number", "id", "ref")}
    )
)
_RANK = ticket.update().where(ticket.c.priority == sa.bindparam("step")).values(priority_rank=sa.bindparam("to"))
_RANK_REST = (
    ticket.update()
    .where(ticket.c.priority.not_in(sa.bindparam("steps", expanding=True)))
    .values(priority_rank=sa.bindparam("to"))
)
_FOLLOW = follower.insert()
_FOLLOWS = (
    follower.c.operator == sa.bindparam("name"),
    follower.c.is_open == sa.bindparam("was_open"),
    follower.c.number == sa.bindparam("wanted"),
)
_UNFOLLOW = follower.delete().where(*_FOLLOWS)
_FOLLOW_ON = follower.update().where(*_FOLLOWS).values(is_open=sa.bindparam("now_open"))
_COUNT = sa.text(
    "INSERT INTO tally(group_name, status, owned, tickets) VALUES (:group_name, :status, :owned, 1) "
    "ON CONFLICT (group_name, status, owned) DO UPDATE SET tickets = tally.tickets + 1"
)
_DISCOUNT = sa.text(
    "UPDATE tally SET tickets = tickets - 1 WHERE group_name = :group_name AND status = :status AND owned = :owned"
)
_NO_LONGER = tally.delete().where(tally.c.tickets == 0)


def load(connection: sa.Connection, record: UUID) -> Ticket | None:
    """Read a ticket by record id."""
    state = connection.execute(_STATE, {"record": record}).scalar_one_or_none()
    return Ticket.model_validate_json(state) if state is not None else None


def load_numbered(connection: sa.Connection, number: int) -> Ticket | None:
    """Read a ticket by number."""
    state = connection.execute(_NUMBERED, {"wanted": number}).scalar_one_or_none()
    return Ticket.model_validate_json(state) if state is not None else None


def load_all(connection: sa.Connection, records: tuple[UUID, ...]) -> tuple[Ticket, ...]:
    """Read tickets by record id, in the order of the ids; those that are not there are left out."""
    states = connection.execute(_STATES, {"records": list(records)}).scalars() if records else ()
    found = {each.id: each for each in map(Ticket.model_validate_json, states)}
    return tuple(found[record] for record in records if record in found)


def next_number(connection: sa.Connection, desk: DeskFile) -> int:
    """The number that a new ticket gets; only true inside a write transaction."""
    return max((connection.execute(_LAST_NUMBER).scalar() or 0) + 1, desk.reference.first)


def project(connection: sa.Connection, before: Ticket | None, after: Ticket, said: list[str], desk: DeskFile) -> None:
    """Bring a ticket's rows from `before` to `after`; `said` are words that its state does not keep."""
    if before is None:
        row = _row(after, desk, words.joined(said))
        connection.execute(_INSERT, {**row, "number": after.number, "id": after.id, "ref": after.ref})
        old_words = ""
    else:
        kept = connection.execute(_WORDS, {"wanted": after.number}).one()
        row = _row(after, desk, words.joined([kept.said, *said]))
        old_words = kept.words
        connection.execute(_UPDATE, {**row, "wanted": after.number})
    index(connection, "ticket_fts", after.number, old_words, row["words"])
    _follow(connection, before, after)
    _count(connection, before, after)


def index(connection: sa.Connection, table: str, rowid: int, old: str, new: str) -> None:
    """Replace a row's words in a full-text table; it has to be told the old ones to forget them."""
    if old == new:
        return
    if old:
        unindex(connection, table, rowid, old)
    connection.exec_driver_sql(f"INSERT INTO {table}(rowid, words) VALUES (?, ?)", (rowid, new))


def unindex(connection: sa.Connection, table: str, rowid: int, old: str) -> None:
    """Take a row out of a full-text table."""
    connection.exec_driver_sql(f"INSERT INTO {table}({table}, rowid, words) VALUES ('delete', ?, ?)", (rowid, old))


def rank_again(connection: sa.Connection, desk: DeskFile) -> None:
    """Sort all tickets by the scale of a new desk file."""
    scale = desk.scales.priority
    for step in scale:
        connection.execute(_RANK, {"step": step.key, "to": rank(scale, step.key)})
    connection.execute(_RANK_REST, {"steps": [step.key for step in scale], "to": len(scale) + 1})


def _row(it: Ticket, desk: DeskFile, said: str) -> dict[str, Any]:
    due: int | None = None
    return {
        "status": it.status.value,
        "is_open": int(it.status.is_open),
        "priority": it.priority or "",
        "priority_rank": rank(desk.scales.priority, it.priority),
        "due_at": due,
        "due_sort": FAR if due is None else due,
        "group_name": it.group or "",
        "owner": it.owner or "",
        "originator": it.originator,
        "summary": it.summary,
        "company": it.company,
        "company_folded": fold(it.company.strip()),
        "company_id": it.company_id,
        "contact_folded": fold(it.contact.strip()),
        "contact_id": it.contact_id,
        "opened_at": micros(it.opened_at),
        "updated_at": micros(it.updated_at),
        "updated_by": it.updated_by,
        "version": it.version,
        "incomplete": int(bool(it.incomplete)),
        "words": words.of_ticket(it, said, desk),
        "said": said,
        "state": canonical(it.model_dump(mode="json")),
    }


def _follow(connection: sa.Connection, before: Ticket | None, after: Ticket) -> None:
    old, new = set(before.followers if before else ()), set(after.followers)
    number, is_open = after.number, int(after.status.is_open)
    was_open = int(before.status.is_open) if before else is_open
    for name in sorted(old - new):
        connection.execute(_UNFOLLOW, {"name": name, "was_open": was_open, "wanted": number})
    for name in sorted(new - old):
        connection.execute(_FOLLOW, {"operator": name, "number": number, "is_open": is_open})
    if was_open != is_open:
        for name in sorted(old & new):
            values = {"name": name, "was_open": was_open, "wanted": number, "now_open": is_open}
            connection.execute(_FOLLOW_ON, values)


def _place(it: Ticket) -> dict[str, Any]:
    return {"group_name": it.group or "", "status": it.status.value, "owned": int(bool(it.owner))}


def _count(connection: sa.Connection, before: Ticket | None, after: Ticket) -> None:
    new = _place(after)
    old = _place(before) if before else None
    if old == new:
        return
    connection.execute(_COUNT, new)
    if old:
        connection.execute(_DISCOUNT, old)
        connection.execute(_NO_LONGER)


def of_id(text: str) -> UUID | None:
    """Read a record id; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
