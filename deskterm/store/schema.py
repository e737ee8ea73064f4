"""The tables of a desk: the log, what is projected from it, and what stands beside it.

`event` is the truth. `PROJECTIONS` can be dropped and rebuilt from it at will. `receipt` and `seen` belong to
commands and readers, `account` and `token` to who may act, `terminal` to where, `presence` to the last minute, none of
them to the log. Instants are whole microseconds since 1970 in UTC, so that they sort and round-trip exactly. A change
needs a migration and a new `HEAD`, one of what is projected a new `PLAYED` as well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

HEAD: Final = "0010"
"""The newest migration, known without importing Alembic."""
PLAYED: Final = "0009"
"""The newest migration after which the log is played again; a store as new as this one is right without."""
APPLICATION_ID: Final = 0x6465736B
"""Marks an SQLite file as ours ("desk"), at byte 68 of its header."""
FAR: Final = 2**62
"""Sorts a ticket without a due time behind every ticket with one."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number that rows are known by. SQLite finds rows by an `INTEGER` key, and by no other name, without an index."""

metadata = sa.MetaData()


def micros(moment: datetime) -> int:
    """Write an aware moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Read a moment back."""
    return _EPOCH + timedelta(microseconds=value)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


# -- the log

event = sa.Table(
    "event",
    metadata,
    sa.Column("position", _WHOLE, primary_key=True, autoincrement=False),
    _text("record_kind"),
    sa.Column("record_id", sa.Uuid, nullable=False),
    _number("version"),
    _text("actor"),
    _number("at"),
    sa.Column("command_id", sa.Uuid, nullable=False),
    _text("kind"),
    sa.Column("payload", sa.Text),
    _text("payload_hash"),
    _text("previous_hash"),
    _text("hash"),
    sa.UniqueConstraint("record_id", "version", name="event_of_record"),
)

head = sa.Table(
    "head",
    metadata,
    sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
    _number("position"),
    _text("hash"),
)
"""One row: how long the log is, and the hash of its last event, so that a cut-off tail shows."""

# -- beside the log

receipt = sa.Table(
    "receipt", metadata, sa.Column("command_id", sa.Uuid, primary_key=True), *map(_text, ("request_hash", "answer"))
)

seen = sa.Table(
    "seen",
    metadata,
    _key("operator"),
    sa.Column("ticket_id", sa.Uuid, primary_key=True),
    _number("version"),
    sqlite_with_rowid=False,
)

account = sa.Table(
    "account",
    metadata,
    _key("folded"),
    sa.Column("state", sa.Text),
    sa.Column("disabled_at", sa.BigInteger),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Index("account_revision", "revision"),
    sqlite_with_rowid=False,
)
"""Operators beside those of the desk file: `state` is an added one as JSON; without it the row only disables."""

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    *map(_text, ("operator", "scopes", "label")),
    _number("created_at"),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
)
"""What lets an operator in over the network: only the SHA-256 of each token is kept."""

terminal = sa.Table(
    "terminal",
    metadata,
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
)
"""Terminals that log calls while the line is down: each has a number of its own in the references it gives."""

presence = sa.Table(
    "presence", metadata, _key("operator"), sa.Column("terminal", sa.Uuid, primary_key=True),
    sa.Column("ticket_id", sa.Uuid, nullable=False), _text("doing"), *map(_number, ("since", "until")),
    sqlite_with_rowid=False,
)  # fmt: skip
"""Who is at which ticket now: a handful of rows, each good until a moment shortly after the last sign of life."""

# -- projections

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    _text("ref"),
    _text("status"),
    _number("is_open"),
    _text("priority"),
    _number("priority_rank"),
    sa.Column("due_at", sa.BigInteger),
    _number("due_sort"),
    sa.Column("due_what", sa.Text, nullable=False, server_default=""),
    sa.Column("at_risk_at", sa.BigInteger),
    sa.Column("paused", sa.BigInteger, nullable=False, server_default="0"),
    *map(_text, ("group_name", "owner", "originator", "summary", "company", "company_folded")),
    sa.Column("company_id", sa.Uuid),
    _text("contact_folded"),
    sa.Column("contact_id", sa.Uuid),
    _number("opened_at"),
    _number("updated_at"),
    _text("updated_by"),
    _number("version"),
    _number("incomplete"),
    _text("words"),
    _text("said"),
    _text("state"),
)
"""`words` is what the full-text index holds; `said` the words of notes, which the state does not keep."""

_ORDER = ("due_sort", "priority_rank", "opened_at", "number")
_OPEN = sa.text("is_open = 1")


def _open_index(name: str, *columns: str) -> None:
    """An index that holds open tickets only, so that its cost never grows with the closed past."""
    sa.Index(name, *(ticket.c[column] for column in columns), sqlite_where=_OPEN)


_open_index("ticket_open", *_ORDER)
_open_index("ticket_open_group", "group_name", *_ORDER)
_open_index("ticket_open_owner", "owner", *_ORDER)
_open_index("ticket_open_status", "status", *_ORDER)
sa.Index("ticket_status", ticket.c.status, ticket.c.number)
sa.Index("ticket_group", ticket.c.group_name, ticket.c.number)
_OF_UNKNOWN: Final = sa.text("company_id IS NULL")
sa.Index("ticket_company", ticket.c.company_id, ticket.c.is_open, ticket.c.number, ticket.c.group_name)
sa.Index(
    "ticket_company_name",
    *(ticket.c[column] for column in ("company_folded", "is_open", "number", "group_name", "company_id")),
    sqlite_where=_OF_UNKNOWN,
)

given = sa.Table("given", metadata, _key("ref"), _number("number"), sqlite_with_rowid=False)
"""References that a terminal gave by itself (`deskterm.desk.reference.write_provisional`), and their tickets."""

follower = sa.Table(
    "follower",
    metadata,
    _key("operator"),
    sa.Column("is_open", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Who follows what; `is_open` is the ticket's and stands in the key, so that open ones are found at once."""

timer = sa.Table(
    "timer",
    metadata,
    _key("record_kind"),
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    _key("what"),
    _number("at"),
    sa.Index("timer_at", "at", "record_kind", "number", "what"),
    sqlite_with_rowid=False,
)
"""When what of an open ticket or change falls due: see `desk.escalations.moments` and `desk.changes.window`."""

tally = sa.Table(
    "tally",
    metadata,
    _key("group_name"),
    _key("status"),
    sa.Column("owned", _WHOLE, primary_key=True, autoincrement=False),
    _number("tickets"),
    sqlite_with_rowid=False,
)
"""How many tickets stand where: a handful of rows, kept with each event, so that counting costs nothing."""

standing = sa.Table(
    "standing",
    metadata,
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    *map(_text, ("priority", "group_name", "solver", "reason", "channel")),
    *map(_number, ("is_open", "unowned", "callback", "major", "escalated", "hops", "chases", "reopens", "refusals")),
    *map(_number, ("outage", "affected", "report_owed", "vendor_steps", "opened_at", "progressed_at")),
    *(sa.Column(name, sa.BigInteger) for name in ("due_at", "resolved_at", "closed_at")),
    *(sa.Column(name, sa.BigInteger) for name in ("call_seconds", "after_seconds", "after_keys")),
    *(sa.Column(f"{what}_{by}", sa.BigInteger) for what in ("response", "restore") for by in ("wall", "work")),
    sa.Index("standing_opened", "opened_at", "call_seconds", "after_seconds", "after_keys"),
    sa.Index("standing_resolved", "resolved_at", sqlite_where=sa.text("resolved_at IS NOT NULL")),
    sa.Index("standing_closed", "closed_at", sqlite_where=sa.text("closed_at IS NOT NULL")),
)
"""What the board counts of each ticket, in rows so narrow that all open ones are read at once.

`reason` is what it waits for, `solver` who resolved it, `refusals` how often the customer said no; `outage` marks what
the next caller may be calling about, `affected` counts the customers of a major incident, `report_owed` marks one
whose incident report is due, `vendor_steps` counts escalations to vendors; `after_seconds` and `after_keys` are those
between the caller's hanging up and saving.
"""
for _name in ("open", "outage", "report"):
    _marked = sa.text({"open": "is_open = 1", "outage": "outage = 1", "report": "report_owed = 1"}[_name])
    sa.Index(f"standing_{_name}", standing.c.number, sqlite_where=_marked)

change = sa.Table(
    "change",
    metadata,
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    _text("ref"),
    _text("status"),
    _number("is_open"),
    _number("holds_window"),
    _number("is_work"),
    _number("owes_form"),
    _text("title"),
    _text("company"),
    sa.Column("company_id", sa.Uuid),
    sa.Column("ticket_id", sa.Uuid),
    _text("systems"),
    sa.Column("starts", sa.BigInteger),
    sa.Column("ends", sa.BigInteger),
    _number("window_sort"),
    _text("words"),
    _number("version"),
    _text("state"),
)
"""Changes. `holds_window` as `deskterm.desk.changes.window.booked` has it, `is_work` while somebody works in the window
or undoes it, `owes_form` while the form of an emergency is outstanding; `window_sort` puts those without one last."""
sa.Index("change_open", change.c.window_sort, change.c.number, sqlite_where=_OPEN)
sa.Index("change_window", change.c.ends, change.c.starts, sqlite_where=sa.text("holds_window = 1"))
sa.Index("change_work", change.c.ends, sqlite_where=sa.text("is_work = 1"))
sa.Index("change_form", change.c.number, sqlite_where=sa.text("owes_form = 1"))
sa.Index("change_ticket", change.c.ticket_id, change.c.number)

customer = sa.Table(
    "customer",
    metadata,
    sa.Column("position", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    _text("kind"),
    _text("record_key"),
    sa.Column("company_id", sa.Uuid, nullable=False),
    _text("name"),
    _text("folded"),
    _text("words"),
    _text("state"),
)
"""Companies, contacts, contracts, services and items. `position` is that of the event that first entered one."""
sa.Index("customer_of_company", customer.c.company_id, customer.c.kind, customer.c.position)

handle = sa.Table(
    "handle",
    metadata,
    _key("sort"),
    _key("value"),
    sa.Column("customer", _WHOLE, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""What a customer record is found by: `sort` is name, email, phone, phone_end (reversed) or key; `value` folded."""
sa.Index("handle_of_customer", handle.c.customer)

earlier_caller = sa.Table(
    "earlier_caller",
    metadata,
    sa.Column("number", _WHOLE, primary_key=True, autoincrement=False),
    _text("contact_folded"),
    _text("company_folded"),
    _text("reached_at"),
    _text("digits"),
    _text("digits_end"),
    sa.Column("company_id", sa.Uuid),
    _text("company"),
    _text("contact"),
    _text("phone"),
    _text("email"),
    _text("words"),
    sa.UniqueConstraint("contact_folded", "company_folded", "reached_at", name="earlier_caller_is"),
)
"""Somebody who called and was no registered contact: one row a name, company and number (or e-mail without one).

`digits` are those of the phone number, `digits_end` the same reversed.
"""
sa.Index("earlier_caller_digits", earlier_caller.c.digits)
sa.Index("earlier_caller_digits_end", earlier_caller.c.digits_end)

earlier_call = sa.Table(
    "earlier_call",
    metadata,
    sa.Column("caller", _WHOLE, primary_key=True, autoincrement=False),
    sa.Column("ticket", _WHOLE, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The tickets that an earlier caller called about, by number."""

solution = sa.Table(
    "solution",
    metadata,
    _key("source"),
    _key("folded"),
    _text("record_key"),
    _text("title"),
    _text("category"),
    _text("steps"),
    _text("resolution"),
    _text("state"),
    sqlite_with_rowid=False,
)
"""The pool of known solutions; `source` is "desk" for the desk file's, "pool" for those entered."""

solution_word = sa.Table(
    "solution_word",
    metadata,
    _key("word"),
    _key("source"),
    _key("folded"),
    _number("weight"),
    sqlite_with_rowid=False,
)
sa.Index("solution_word_of", solution_word.c.source, solution_word.c.folded)

saved_view = sa.Table(
    "saved_view",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *map(_text, ("operator", "name", "base", "filter")),
)
sa.Index("saved_view_of", saved_view.c.operator, saved_view.c.name)

desk_file = sa.Table(
    "desk_file",
    metadata,
    sa.Column("position", _WHOLE, primary_key=True, autoincrement=False),
    _text("name"),
    _text("source"),
    _number("demo"),
    sa.Column("holidays", sa.Text, nullable=False, server_default="{}"),
)
"""Every desk file that was in force, with the public holidays that it was loaded with, as JSON."""

PROJECTIONS: Final = (
    ticket, follower, tally, customer, handle, earlier_caller, earlier_call, solution, solution_word, saved_view,
    desk_file, timer, standing, change, given,
)  # fmt: skip

FULL_TEXT: Final = {"ticket_fts": "ticket", "customer_fts": "customer", "earlier_fts": "earlier_caller"}
"""Full-text tables (FTS5 over the `words` column) and the tables they index."""
