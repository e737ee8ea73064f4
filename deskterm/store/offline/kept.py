"""Where outboxes lie, and how much waits in them: told without a line to the desk, and without opening it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from deskterm.settings import state_dir

OUTBOX: Final = "outbox.sqlite"
_UNSENT: Final = "SELECT count(*) FROM outgoing WHERE state IN ('saved', 'sent', 'stuck')"


def folder_of(address: str, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what is kept for a server, by its address without a last slash."""
    return state_dir(environ) / "offline" / hashlib.sha256(address.encode()).hexdigest()[:16]


def waiting_for(url: str, environ: Mapping[str, str] = os.environ) -> int:
    """How many commands of this user are saved here only and wait for the desk at a URL; refused ones among them."""
    if url.partition("://")[0] not in ("http", "https"):
        return 0
    return sum(map(_unsent, folder_of(url.rstrip("/"), environ).glob(f"*/{OUTBOX}")))


def _unsent(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
            return int(connection.execute(_UNSENT).fetchone()[0])
    except sqlite3.Error:
        return 0  # it is told once the desk is open
