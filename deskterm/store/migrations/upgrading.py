"""Bring a store's schema up to date. The only module that imports Alembic, and it does so when there is work."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa


def upgrade(connection: sa.Connection, target: str = "head") -> None:
    """Run what is missing on a connection with an open transaction; whoever began it commits or undoes it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Percent signs in a path would be read as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
