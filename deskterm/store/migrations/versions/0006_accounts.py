"""Operators added to the store, and the tokens by which operators come over the network."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables. Whom the desk file names needs no row."""
    op.create_table(
        "account",
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("state", sa.Text),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("account_revision", "account", ["revision"])
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
