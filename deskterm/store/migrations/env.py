"""Run migrations on the connection that the store hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from deskterm.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The store has begun the transaction, with BEGIN IMMEDIATE, so that a failed step undoes the whole upgrade.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
