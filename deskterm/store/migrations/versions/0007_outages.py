"""What the board counts, with known outages, reports owed, channels and what came after a caller hung up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TEXTS = ("priority", "group_name", "solver", "reason")
_NUMBERS = (
    "unowned", "callback", "major", "escalated", "hops", "chases", "reopens", "refusals", "outage", "affected",
    "report_owed", "vendor_steps",
)  # fmt: skip
_MOMENTS = ("resolved_at", "closed_at")
_SPANS = (
    "call_seconds", "after_seconds", "after_keys", "response_wall", "response_work", "restore_wall", "restore_work",
)  # fmt: skip
_MARKED = {"open": "is_open = 1", "outage": "outage = 1", "report": "report_owed = 1"}


def upgrade() -> None:
    """Make the table anew; it is filled from the log like every other."""
    op.drop_table("standing")
    op.create_table(
        "standing",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("is_open", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _NUMBERS),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("opened_at", "progressed_at")),
        *(sa.Column(name, sa.BigInteger) for name in (*_MOMENTS, *_SPANS)),
    )
    op.create_index("standing_opened", "standing", ["opened_at", "call_seconds", "after_seconds", "after_keys"])
    for moment in _MOMENTS:
        known = sa.text(f"{moment} IS NOT NULL")
        name = f"standing_{moment.removesuffix('_at')}"
        op.create_index(name, "standing", [moment], sqlite_where=known, postgresql_where=known)
    for name, part in _MARKED.items():
        marked = sa.text(part)
        op.create_index(f"standing_{name}", "standing", ["number"], sqlite_where=marked, postgresql_where=marked)
