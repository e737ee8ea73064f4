"""Telling many what happened, to take along for when the line is down: read from the log and written as JSON once."""

from __future__ import annotations

from typing import Any

from deskterm.server.answering import Answering
from deskterm.server.auth import Door
from deskterm.server.limits import Limits
from deskterm.store.newest import Newest
from deskterm.store.remote.asked import AlongAsked
from deskterm.store.remote.operations import ALONG
from deskterm.store.serving import Bearer, ServedDesk


class TakingAlong(Answering):
    """`GET /v1/along` as an ASGI app."""

    def __init__(self, desk: ServedDesk, door: Door, limits: Limits) -> None:
        super().__init__(ALONG, desk, door, limits)
        self._newest = Newest()

    async def _found(self, bearer: Bearer, asked: AlongAsked) -> Any:
        written = None if asked.first else await self._newest.behind(self._desk.seen_by(bearer.operator), asked.after)
        return await super()._found(bearer, asked) if written is None else written
