"""What is due next stands in a ticket's row, and the queue runs by it; desk files keep their public holidays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ORDER = ("due_sort", "priority_rank", "opened_at", "number")
_INDEXES = {
    "ticket_open": _ORDER,
    "ticket_open_group": ("group_name", *_ORDER),
    "ticket_open_owner": ("owner", *_ORDER),
    "ticket_open_status": ("status", *_ORDER),
}


def upgrade() -> None:
    """Add the columns, and sort open tickets by what is due next."""
    op.add_column("ticket", sa.Column("due_what", sa.Text, nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("at_risk_at", sa.BigInteger))
    op.add_column("ticket", sa.Column("paused", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("desk_file", sa.Column("holidays", sa.Text, nullable=False, server_default="{}"))
    only_open = sa.text("is_open = 1")
    for name, columns in _INDEXES.items():
        op.drop_index(name, "ticket")
        op.create_index(name, "ticket", list(columns), sqlite_where=only_open, postgresql_where=only_open)
