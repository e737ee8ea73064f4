"""Changes, in a table of their own, and timers of theirs beside those of tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OF_PARTS = {
    "change_open": (["window_sort", "number"], "is_open = 1"),
    "change_window": (["ends", "starts"], "holds_window = 1"),
    "change_work": (["ends"], "is_work = 1"),
    "change_form": (["number"], "owes_form = 1"),
}


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Add the table, and make that of the timers anew; both are filled from the log."""
    op.create_table(
        "change",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        *map(_text, ("ref", "status")),
        *map(_number, ("is_open", "holds_window", "is_work", "owes_form")),
        *map(_text, ("title", "company")),
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
    for name, (columns, part) in _OF_PARTS.items():
        only = sa.text(part)
        op.create_index(name, "change", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("change_ticket", "change", ["ticket_id", "number"])
    op.drop_table("timer")
    op.create_table(
        "timer",
        sa.Column("record_kind", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("timer_at", "timer", ["at", "record_kind", "number", "what"])
