"""Open a desk behind a server: check its address, find the token, ask who it says we are."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from deskterm.store.base import Unsupported, Unusable
from deskterm.store.remote.credentials import token_for
from deskterm.store.remote.store import RemoteStore

SCHEMES: Final = ("http", "https")


async def open_remote(url: str, operator: str | None = None, environ: Mapping[str, str] = os.environ) -> RemoteStore:
    """Open the desk behind an address. Raises Offline, NotAllowed for a token that is none, and Unusable."""
    store = RemoteStore(checked(url), token_for(url, environ))
    try:
        await store.begin(operator)
    except BaseException:
        await store.close()
        raise
    return store


def checked(url: str) -> str:
    """The address, if a token may be sent there. Raises Unusable, or Unsupported where others could read it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise Unusable(f"{url} is no address of a server.") from None
    if not host or parts.username or parts.query or parts.fragment:
        raise Unusable(f"{url} is no address of a server; write https://desk.example.")
    if parts.scheme == "http" and not is_this_machine(host):
        raise Unsupported(f"Over http others on the way could read your token; write https://{host}.")
    return url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself, to which nobody can listen on the way."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
