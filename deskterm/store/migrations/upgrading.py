"""Bring a store's schema up to date. The only module that imports Alembic, and it does so when there is work."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import sqlalchemy as sa

_ONE_AT_A_TIME: Final = threading.Lock()
"""Alembic keeps what it works on in its modules: two upgrades in one process would take each other's."""


def upgrade(connection: sa.Connection, target: str = "head") -> None:
    """Run what is missing on a connection with an open transaction; whoever began it commits or undoes it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Percent signs in a path would be read as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, target)
