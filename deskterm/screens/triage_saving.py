"""How a triage ends: saved, handed on, or left by another way out. What is refused changes nothing, here or there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from deskterm.actions import BY_ID
from deskterm.desk.wording import listed
from deskterm.keymap import first_key
from deskterm.screens.acts import TicketActs, once
from deskterm.screens.base import DeskScreen
from deskterm.screens.form import draft_for
from deskterm.screens.taking_over import after_own, show_claim
from deskterm.store.base import Conflict, NotAllowed
from deskterm.widgets.picker import Picker

if TYPE_CHECKING:
    from uuid import UUID

    from deskterm.desk.records.presence import Doing
    from deskterm.desk.tickets.views import Receipt, TicketView
    from deskterm.store.drafts import Draft

WEIGHED: Final = ("type", "impact", "urgency")
"""What a triage has to find out before the ticket may be handed on (T3)."""


class TriageSaving(TicketActs):
    """The half of a triage that ends it."""

    _view: TicketView
    _draft: Draft
    _seen: int
    _is_saving = False
    _lost_to = ""
    """Who took over what is weighed here."""

    def _value(self, name: str) -> str:
        raise NotImplementedError

    def _changes(self) -> dict[str, object]:
        raise NotImplementedError

    async def _fetch(self) -> None:
        raise NotImplementedError

    def _leave(self) -> None:
        raise NotImplementedError

    # -- others at the ticket

    def attends_to(self) -> tuple[UUID | None, Doing]:
        """Somebody weighs the ticket, unless it was taken over by another."""
        return self._view.ticket.id, "viewing" if self._lost_to else "writing"

    def others_told(self) -> None:
        """Say that somebody else is writing there, or has taken over."""
        show_claim(self, (self._view.ticket.id,), self._lost_to)

    def lost_to(self, who: str) -> None:
        """Somebody took over: say so, and touch nothing that was chosen."""
        self._lost_to = who
        self.others_told()

    def taken_over(self, receipt: Receipt) -> None:
        """Go on, now alone."""
        self._seen = after_own(self._seen, receipt)
        self._lost_to = ""
        self.others_told()

    # -- saving

    def act_save(self, argument: str) -> None:
        """F7: keep the facts, hand nothing on."""
        self._begin_saving("")

    def act_save_and_hand_on(self, argument: str) -> None:
        """F8: save the facts and hand on to the marked group."""
        offer = self.query_one("#to", Picker).chosen
        missing = [name for name in WEIGHED if not self._value(name)] + ([] if offer else ["to"])
        if missing:
            self.query_one(f"#{missing[0]}").focus()
            names = ["group" if name == "to" else name for name in missing]
            self.say(f"To hand it on, choose {listed(names)}.", "refused")
        elif offer:
            self._begin_saving(offer.key)

    def _begin_saving(self, to: str) -> None:
        if not self._is_saving:
            self._is_saving = True
            self.begin(self._save(to), group="saving")

    async def _save(self, to: str) -> None:
        try:
            await self._submit(to)
        except Conflict as error:
            # They have been told now: the next F8 decides with what happened meanwhile in view.
            self._seen = error.version
            raise
        finally:
            self._is_saving = False
        self._draft.finish(self._view.ticket.ref)
        ref = self._view.ticket.ref
        self._draft = draft_for(self.host.journal, "triage", ref)
        try:
            await self._fetch()
        except NotAllowed as error:
            self._is_out_of_sight(error)
            return
        if to:
            self.set_focus(None)
            key = first_key(BY_ID["triage"], self.host.keymap)
            self.say(f"{ref} was handed to {to}. {key} opens the next unrouted one.", "done")
        else:
            self.say(f"{ref}: the triage is saved.", "done")

    def _is_out_of_sight(self, error: NotAllowed) -> None:
        """It is saved, with a group whose tickets only its members see (R226)."""
        app = self.app
        self._leave()
        app.pop_screen()
        if isinstance(app.screen, DeskScreen):
            app.screen.say(error.message, "done")

    async def _submit(self, to: str) -> None:
        from deskterm.desk.commands import Amend, HandOff

        known = {"ticket": self._view.ticket.id, "seen": self._seen, "changes": self._changes()}
        if to:
            reason = self._value("reason") if self.query("#reason") else ""
            command: Amend | HandOff = HandOff.model_validate({**known, "to": to, "reason": reason})
        elif known["changes"]:
            command = Amend.model_validate(known)
        else:
            return
        store = self.host.store
        self._seen = (await store.submit(once(command, self._draft.id))).version

    def _fill(self, form: str, argument: str, *, bulk: bool = False) -> None:
        """Another way out begins with what was chosen here: whether a fault may wait follows from its impact."""
        self.host.hold_keys()
        self.begin(self._save_then(form, argument))

    async def _save_then(self, form: str, argument: str) -> None:
        try:
            await self._submit("")
            self._view = await self.host.store.ticket(self._view.ticket.id)
            super()._fill(form, argument)
        finally:
            self.host.release_keys()
