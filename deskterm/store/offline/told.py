"""What the server told this process of tickets: newer than what was taken along for when the line is down."""

from __future__ import annotations

from uuid import UUID

from deskterm.desk.commands import AnyCommand
from deskterm.desk.tickets.views import Receipt
from deskterm.store.base import NotFound
from deskterm.store.offline.provisional import Provisional


class Told:
    """Versions and references of tickets, as the server told them last."""

    def __init__(self) -> None:
        self._tickets: dict[UUID, tuple[int, str]] = {}

    def hear(self, ticket: UUID, version: int, ref: str) -> None:
        """Keep what the server tells of a ticket."""
        self._tickets[ticket] = version, ref

    def version(self, ticket: UUID) -> int:
        """The version that was told last; 0 for a ticket of which nothing was told."""
        return self._tickets.get(ticket, (0, ""))[0]

    async def try_out(self, command: AnyCommand, here: Provisional, *, asked: bool) -> Receipt:
        """Carry a command out on what was last seen. Raises any StoreError.

        Of a ticket that the server told of, and that was not taken along yet, nothing is known here but that it is
        there: what is written about it is taken on trust, and the desk has the last word. So it is where the server
        was `asked` and no answer came, for it may have done it.
        """
        try:
            return await here.try_out(command)
        except NotFound:
            ticket: UUID | None = getattr(command, "ticket", None)
            if ticket is None or not (asked or ticket in self._tickets) or await here.has(ticket):
                raise
            version, ref = self._tickets.get(ticket, (0, ""))
            return Receipt(command.id, 0, ticket, version, ref)
