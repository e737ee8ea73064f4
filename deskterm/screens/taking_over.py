"""Soft claims: whoever writes on a ticket is told of others who do, may take over from them, and hears if they do.

Nobody is kept from anything: one may go on writing as well, and what is saved goes by the version of the ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from textual.content import Content
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import Static

from deskterm.actions import BY_ID
from deskterm.desk.wording import listed
from deskterm.keymap import first_key
from deskterm.screens.base import DeskScreen, Host
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.presence_words import warning

if TYPE_CHECKING:
    from deskterm.desk.records.presence import Doing
    from deskterm.desk.tickets.views import Receipt
    from deskterm.widgets.frame import Tone


async def take_over(host: Host, tickets: Collection[UUID]) -> tuple[Receipt, str]:
    """Take over the one of some tickets on which somebody else is writing; also the sentence to say. As `submit`."""
    from deskterm.desk.commands import TakeOver

    others = [each for each in host.others if each.operator != host.store.me.name and each.doing == "writing"]
    writing = [each for each in others if each.ticket in tickets]
    ticket = writing[0].ticket if writing else next(iter(tickets))
    names = [each.operator for each in writing if each.ticket == ticket]
    receipt = await host.store.submit(TakeOver(ticket=ticket))
    host.attend()
    return receipt, f"You took over from {listed(names)}." if names else "You took over."


def after_own(seen: int, receipt: Receipt) -> int:
    """The version that an author has seen after their own act: not what others did before it."""
    return receipt.version if receipt.version == seen + receipt.events else seen


def show_claim(screen: Screen[Any], tickets: Collection[UUID], lost_to: str) -> None:
    """Say in a screen's line for it who else writes on one of some tickets, or has taken over; no line for nobody."""
    host, line = cast(Host, screen.app), screen.query_one("#others", Static)
    there = [each for each in host.others if each.ticket in tickets]
    words = warning(there, host.store.me.name, first_key(BY_ID["take-over"], host.keymap))
    said = f"▲ {safe(lost_to)} has taken this over; your words are kept." if lost_to else words and f"✎ {words}"
    line.display = bool(said)
    line.update(Content.styled(said, "$text-warning"))


class TakingOver(DeskScreen):
    """A screen of tickets that one can take over."""

    def taken_over(self, receipt: Receipt) -> None:
        """It was done by this operator."""

    def take_over(self, tickets: Collection[UUID]) -> None:
        """Take over from whoever is writing on one of some tickets."""
        if tickets:
            self.begin(self._take_over(tickets))
        else:
            self.say("There is no ticket here to act on.", "refused")

    async def _take_over(self, tickets: Collection[UUID]) -> None:
        receipt, said = await take_over(self.host, tickets)
        self.say(said, "done")
        self.taken_over(receipt)


class ClaimingModal(ModalScreen[ScreenResultType]):
    """A form: as long as it is open, others see that somebody is writing on its first ticket."""

    tickets: tuple[UUID, ...] = ()
    on_taken_over: Callable[[Receipt], None] | None = None
    """Hears that this operator took over one of the tickets."""
    _lost_to = ""
    """Who took over what is written here."""

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def say(self, message: str, tone: Tone = "note") -> None:
        """Answer the operator."""
        raise NotImplementedError

    def attends_to(self) -> tuple[UUID | None, Doing] | None:
        """Somebody writes on the ticket, unless it was taken over by another."""
        return (self.tickets[0], "viewing" if self._lost_to else "writing") if self.tickets else None

    def others_told(self) -> None:
        """Say that somebody else is writing there, or has taken over."""
        show_claim(self, self.tickets, self._lost_to)

    def lost_to(self, who: str) -> None:
        """Somebody took over: say so, and touch no word."""
        self._lost_to = who
        self.others_told()

    def action_take_over(self) -> None:
        """Take over from whoever is writing."""
        if self.tickets:
            self.run_worker(self._take_over(), exit_on_error=False)

    async def _take_over(self) -> None:
        try:
            receipt, said = await take_over(self.host, self.tickets)
        except StoreError as error:
            self.say(error.message, "refused")
            return
        if self.on_taken_over is not None:
            self.on_taken_over(receipt)
        self._lost_to = ""
        self.others_told()
        self.say(said)
