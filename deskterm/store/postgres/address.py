"""Where a PostgreSQL database is: its URL, and what of that may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from deskterm.settings import without_password
from deskterm.store.base import Unusable

SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
_CONNECT_SECONDS: Final = "5"
_KEEPALIVE: Final = {
    # A line that is cut without a word is noticed in seconds, not hours.
    "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "15000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """A database. `name` is its URL as it may be shown, without the password."""

    name: str
    url: sa.URL


def address_of(text: str) -> Address:
    """Read a URL, `postgresql://user@host/database`. Raises Unusable for what is none, without repeating it."""
    scheme, _, rest = text.partition("://")
    try:
        url = sa.make_url(f"postgresql+psycopg://{rest}")
        port = url.port
    except (ArgumentError, ValueError):
        # The complaint would quote what it could not read, which may be the password.
        raise _unreadable() from None
    # A sign @ that was not written as %40 would make half of the password the name of a host, told to everybody.
    if scheme not in SCHEMES or "@" in (url.host or "") or (port is not None and not 0 < port < 65536):
        raise _unreadable()
    given = {"connect_timeout": _CONNECT_SECONDS, "fallback_application_name": "deskterm", **_KEEPALIVE}
    url = url.update_query_dict({name: value for name, value in given.items() if name not in url.query})
    return Address(without_password(text), url)


def _unreadable() -> Unusable:
    return Unusable(
        "This is no address of a PostgreSQL database. Write postgresql://user@host/database; signs such as @, : and / "
        "in a name or password are written as %40, %3A and %2F."
    )
