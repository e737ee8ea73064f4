"""How a desk stands to whoever uses it: live, catching up or offline, and which of their commands wait to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from deskterm.store.base import NotFound

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyCommand
    from deskterm.desk.tickets.views import TimelineEntry

Sending = Literal["saved", "sent", "confirmed", "stuck", "aside"]
"""Saved here; sent, and no answer yet; confirmed by the desk; refused by it, so that its author has to decide; or set
aside by them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a desk is live. `waiting` counts commands that are saved here only, `stuck` those that it refused."""

    state: Literal["live", "catching up", "offline"] = "live"
    since: datetime | None = None
    waiting: int = 0
    stuck: int = 0


LIVE = Standing()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A command on its way to the desk."""

    number: int
    """Its place in the order in which they were given."""
    command: AnyCommand
    at: datetime
    """When it was saved here."""
    ref: str
    """What its ticket is called: the provisional reference until the desk has given one."""
    state: Sending = "saved"
    given: str = ""
    """The provisional reference that was given to the caller, of a call."""
    because: str = ""
    """Why it is stuck, as the desk says it."""
    changed: tuple[TimelineEntry, ...] = ()
    """What others did meanwhile, where that is why."""
    answered_at: datetime | None = None


class AtHand:
    """Part of every store that has no line to lose, or leaves that to others: nothing ever waits."""

    @property
    def standing(self) -> Standing:
        """It is always there."""
        return LIVE

    async def outbox(self) -> tuple[Outgoing, ...]:
        """Nothing waits."""
        return ()

    async def send(self) -> Standing:
        """There is nothing to send."""
        return self.standing

    async def settle(self, number: int, instead: AnyCommand | None = None) -> None:
        """There is nothing to settle. Raises NotFound."""
        raise NotFound("Nothing waits to be sent from here.")
