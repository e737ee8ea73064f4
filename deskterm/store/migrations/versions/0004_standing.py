"""What the board counts, in a table of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TEXTS = ("priority", "group_name", "solver", "reason")
_NUMBERS = ("unowned", "callback", "major", "escalated", "hops", "chases", "returns")
_MOMENTS = ("resolved_at", "closed_at")
_SPANS = ("call_seconds", "response_wall", "response_work", "restore_wall", "restore_work")


def upgrade() -> None:
    """Add the table; it is filled from the log like every other."""
    op.create_table(
        "standing",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("is_open", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _NUMBERS),
        sa.Column("due_at", sa.BigInteger),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("opened_at", "progressed_at")),
        *(sa.Column(name, sa.BigInteger) for name in (*_MOMENTS, *_SPANS)),
    )
    op.create_index("standing_opened", "standing", ["opened_at", "call_seconds"])
    for moment in _MOMENTS:
        known = sa.text(f"{moment} IS NOT NULL")
        name = f"standing_{moment.removesuffix('_at')}"
        op.create_index(name, "standing", [moment], sqlite_where=known, postgresql_where=known)
    is_open = sa.text("is_open = 1")
    op.create_index("standing_open", "standing", ["number"], sqlite_where=is_open, postgresql_where=is_open)
