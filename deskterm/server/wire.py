"""An open answer written to directly: what many are told alike goes to each socket at once, past ASGI.

Through ASGI each of two hundred feeds has a task of its own to wake for each change, and its piece goes through two
protocols in Python; that is most of what telling costs. Here it is one write. Whoever is not ready for it, or has no
wire (another server around the app, HTTP/1.0), is told the usual way.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl

_EXTENSION: Final = "deskterm.wire"


class Wire:
    """The socket under an answer whose length is not known beforehand, once its head is sent."""

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport = transport
        self._flow = flow

    @property
    def is_free(self) -> bool:
        """Whether the client is there, and has taken nearly all that was sent before."""
        return not (self._flow.write_paused or self._transport.is_closing())

    def write(self, text: bytes) -> None:
        """Send a piece of the answer, as a chunk (RFC 9112, 7.1)."""
        self._transport.write(b"%x\r\n%s\r\n" % (len(text), text))


def lay(scope: Any, transport: asyncio.Transport, flow: FlowControl) -> None:
    """Let an app find the wire of a request; HTTP/1.0 knows no chunks."""
    if scope["http_version"] == "1.1":
        scope["extensions"] = {**scope.get("extensions", {}), _EXTENSION: Wire(transport, flow)}


def wire_of(scope: Scope) -> Wire | None:
    """The wire of a request, where there is one."""
    found: Wire | None = scope.get("extensions", {}).get(_EXTENSION)
    return found
