"""The first schema: the log, its projections, receipts and full text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first schema."""
    op.create_table(
        "event",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_kind", sa.Text, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("command_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("payload_hash", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("record_id", "version", name="event_of_record"),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "receipt",
        sa.Column("command_id", sa.Uuid, primary_key=True),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("operator", sa.Text, primary_key=True),
        sa.Column("ticket_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ticket",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("is_open", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("priority_rank", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("due_sort", sa.BigInteger, nullable=False),
        sa.Column("group_name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("originator", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("company_folded", sa.Text, nullable=False),
        sa.Column("company_id", sa.Uuid),
        sa.Column("contact_folded", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("incomplete", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "follower",
        sa.Column("operator", sa.Text, primary_key=True),
        sa.Column("is_open", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("group_name", sa.Text, primary_key=True),
        sa.Column("status", sa.Text, primary_key=True),
        sa.Column("owned", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tickets", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record_key", sa.Text, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "handle",
        sa.Column("sort", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("customer", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "earlier_caller",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("contact_folded", sa.Text, nullable=False),
        sa.Column("company_folded", sa.Text, nullable=False),
        sa.Column("reached_at", sa.Text, nullable=False),
        sa.Column("digits", sa.Text, nullable=False),
        sa.Column("digits_end", sa.Text, nullable=False),
        sa.Column("company_id", sa.Uuid),
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.UniqueConstraint("contact_folded", "company_folded", "reached_at", name="earlier_caller_is"),
    )
    op.create_table(
        "earlier_call",
        sa.Column("caller", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ticket", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "solution",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("record_key", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "solution_word",
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("weight", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
    )
    op.create_table(
        "desk_file",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("demo", sa.BigInteger, nullable=False),
    )
    only_open = sa.text("is_open = 1")
    op.create_index("ticket_company", "ticket", ["company_id", "is_open", "number"])
    op.create_index("ticket_company_name", "ticket", ["company_folded", "is_open", "number"])
    op.create_index("ticket_group", "ticket", ["group_name", "number"])
    op.create_index(
        "ticket_open",
        "ticket",
        ["priority_rank", "due_sort", "opened_at", "number"],
        sqlite_where=only_open,
        postgresql_where=only_open,
    )
    op.create_index(
        "ticket_open_group",
        "ticket",
        ["group_name", "priority_rank", "due_sort", "opened_at", "number"],
        sqlite_where=only_open,
        postgresql_where=only_open,
    )
    op.create_index(
        "ticket_open_owner",
        "ticket",
        ["owner", "priority_rank", "due_sort", "opened_at", "number"],
        sqlite_where=only_open,
        postgresql_where=only_open,
    )
    op.create_index(
        "ticket_open_status",
        "ticket",
        ["status", "priority_rank", "due_sort", "opened_at", "number"],
        sqlite_where=only_open,
        postgresql_where=only_open,
    )
    op.create_index("ticket_status", "ticket", ["status", "number"])
    op.create_index("customer_of_company", "customer", ["company_id", "kind", "position"])
    op.create_index("handle_of_customer", "handle", ["customer"])
    op.create_index("earlier_caller_digits", "earlier_caller", ["digits"])
    op.create_index("earlier_caller_digits_end", "earlier_caller", ["digits_end"])
    op.create_index("solution_word_of", "solution_word", ["source", "folded"])
    op.create_index("saved_view_of", "saved_view", ["operator", "name"])
    op.execute("INSERT INTO head(id, position, hash) VALUES (1, 0, '')")
    if op.get_bind().dialect.name == "sqlite":
        _for_sqlite()


def _for_sqlite() -> None:
    full_text = (
        ("ticket_fts", "ticket", "number"),
        ("customer_fts", "customer", "position"),
        ("earlier_fts", "earlier_caller", "number"),
    )
    for table, content, rowid in full_text:
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5(words, content='{content}', content_rowid='{rowid}', "
            "prefix='2 3 4 5', tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
        )
        # Merging while somebody waits for a commit is the tail of every write: the store merges when idle.
        op.execute(f"INSERT INTO {table}({table}, rank) VALUES ('automerge', 0)")
    op.execute("PRAGMA application_id = 1684370283")
    op.execute("PRAGMA user_version = 1")
