"""Indexes that count what was closed for a company without looking at its tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make both anew: with the group, and by name only what has no company of the desk's."""
    op.drop_index("ticket_company")
    op.drop_index("ticket_company_name")
    op.create_index("ticket_company", "ticket", ["company_id", "is_open", "number", "group_name"])
    unknown = sa.text("company_id IS NULL")
    op.create_index(
        "ticket_company_name",
        "ticket",
        ["company_folded", "is_open", "number", "group_name", "company_id"],
        sqlite_where=unknown,
        postgresql_where=unknown,
    )
