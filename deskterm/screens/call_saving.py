"""How a call ends: saved, handed on, joined to another ticket, kept for later or thrown away. No word is lost.

A call is one command with one id for all its attempts. Where an attempt may have arrived unseen (after an error, or
after a crash), the desk is asked for the ticket before anything is sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from textual.content import Content

from deskterm.actions import at
from deskterm.desk.commands import Amend
from deskterm.desk.commands.escalations import Escalate
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.priority import name_of
from deskterm.desk.wording import listed
from deskterm.screens.acts import Target
from deskterm.screens.ask import AskScreen
from deskterm.screens.base import DeskScreen
from deskterm.screens.call_lookup import CallLookup
from deskterm.store.base import NotFound, StoreError
from deskterm.text import safe
from deskterm.widgets.caller_card import Card, OpenTickets
from deskterm.widgets.frame import Hints
from deskterm.widgets.picker import Picker
from deskterm.widgets.saved_call import SavedCall

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import Receipt, TicketView


class CallSaving(CallLookup):
    """The half of a call that ends it."""

    _sent: Facts | None = None
    _may_have_arrived = False
    _is_saving = False
    _was_warned = False
    _held_back = ""
    _was_joined = False
    _keys_after: int | None = None
    """Keys pressed since the caller hung up; None where that was not seen from here."""

    def put(self, name: str, value: str) -> None:
        """Keep a field; what was said to be missing may be there now."""
        if value != self.form[name]:
            self._was_warned = False
        super().put(name, value)

    def targets(self) -> tuple[Target, ...]:
        """The ticket this call became."""
        ticket = self.saved.ticket if self.saved else None
        return (Target(ticket.id, ticket.ref, ticket.version),) if ticket else ()

    def acted(self) -> None:
        """Something was done to the saved ticket: show it as it is now."""
        self._held_back = ""
        self.begin(self._reload(), group="saved", only=True)

    # -- save

    def act_save(self, argument: str) -> None:
        """F7: save, whatever is missing."""
        self._save(None)

    def act_save_and_hand_on(self, argument: str) -> None:
        """F8: save and hand on to the marked group; a second time without it, if something for that is missing."""
        offer = self.query_one("#hand-to", Picker).chosen
        missing = self._missing_to_hand_on(offer.key if offer else "")
        if missing and not self._was_warned:
            self._was_warned = True
            names = listed([name.replace("hand_to", "group") for name in missing])
            self.to(missing[0])
            self.say(f"To hand it on, choose {names}. F8 again saves it without handing on.", "refused")
            return
        self._save(offer.key if offer else None)

    def act_save_and_escalate(self, argument: str) -> None:
        """F9: the customer demands that it goes up at once: save it, to the marked group if it may be handed on."""
        offer = self.query_one("#hand-to", Picker).chosen
        group = None if self.form.lacking or offer is None else offer.key
        self._save(group, self.form["summary"].strip() or "The customer demands it.")

    def _missing_to_hand_on(self, group: str) -> tuple[str, ...]:
        return (*self.form.lacking, *(() if group else ("hand_to",)))

    def _save(self, hand_to: str | None, escalate: str = "") -> None:
        if self.form.is_empty:
            self.say("There is nothing to save yet.", "refused")
        elif not self._is_saving:
            self._is_saving = True
            self.begin(self._submit(hand_to, escalate), group="saving")

    async def _submit(self, hand_to: str | None, escalate: str) -> None:
        try:
            if self._may_have_arrived and await self._arrived_before():
                await self._escalate_saved(escalate)
            else:
                self._sent, self._may_have_arrived = self.facts(), True
                command = self.form.log(self.host.now(), self.desk.desk.zone, hand_to, escalate, self._keys_after)
                receipt = await self.host.store.submit(command)
                self._held_back = receipt.held_back
                try:
                    self._end_as(await self._complete(receipt.record_id))
                except StoreError as error:
                    self._show_reference(receipt, error)
        finally:
            self._is_saving = False

    async def _escalate_saved(self, reason: str) -> None:
        """What an earlier attempt saved goes up as well, if that was what the last one was for."""
        if reason and self.saved and not self.saved.ticket.escalations:
            ticket = self.saved.ticket.id
            await self.host.store.submit(Escalate(ticket=ticket, reason=reason))
            self._show_saved(await self.host.store.ticket(ticket))

    async def _arrived_before(self) -> bool:
        """Whether an earlier attempt was saved after all; what was typed since is then added to its ticket."""
        try:
            view = await self._complete(self.form.ticket)
        except NotFound:
            return False
        self._end_as(view)
        return True

    async def _complete(self, ticket: UUID) -> TicketView:
        """The ticket this call became, once it has every word typed since it was sent: saving may take a while."""
        view = await self.host.store.ticket(ticket)
        if self._sent is None:
            self._sent = _known_of(view, self.facts())
        while (now := self.facts()) != self._sent:
            changed = {name for name in Facts.model_fields if getattr(now, name) != getattr(self._sent, name)}
            changes = now.model_dump(mode="json", include=changed)
            await self.host.store.submit(Amend(ticket=ticket, changes=changes))
            self._sent = now
            view = await self.host.store.ticket(ticket)
        return view

    async def look_for_earlier_save(self) -> None:
        """A call from a draft may be saved already: then show that."""
        self._may_have_arrived = True
        if await self._arrived_before():
            self.say("This call was saved before; nothing is lost, and it was not saved twice.", "done")

    def _end_as(self, view: TicketView) -> None:
        self.draft.finish(view.ticket.ref)
        self._show_saved(view)

    def _show_reference(self, receipt: Receipt, error: StoreError) -> None:
        """It is saved, and the reference is what counts; the rest can be read later."""
        if self.facts() == self._sent:
            self.draft.finish(receipt.ref)
        else:
            self.draft.close()  # it has words that came after
        self._leave_form()
        became = Content.styled("✓ Saved", "$text-success")
        self.query_one(SavedCall).show(receipt.ref, became, Content(safe(error.message)), "")

    # -- hung up

    def act_hung_up(self, argument: str) -> None:
        """The caller has hung up: the clock stands. A second time takes that back."""
        if self.form.ended:
            self.form["hung_up"], self._keys_after = "", None
            self.say("The call goes on.")
        else:
            self.form["hung_up"], self._keys_after = self.host.now().isoformat(), 0
            self.say("The caller has hung up; the clock stands.")
        self.show_clock()

    def key_comes(self) -> None:
        """Count the keys from there on."""
        if self._keys_after is not None:
            self._keys_after += 1

    # -- join

    def act_known_outage(self, argument: str) -> None:
        """Add this caller to the known outage that is shown: they are one more whom it hits (R105, R213)."""
        if not self.outages:
            self.say("No outage is known that fits this call.", "refused")
        elif not self._is_saving:
            self._is_saving = True
            self.begin(self._join(self.outages[0].ticket.id), group="saving")

    def on_open_tickets_join(self, event: OpenTickets.Join) -> None:
        """Add this caller to an open ticket instead."""
        if not self._is_saving:
            self._is_saving = True
            self.begin(self._join(event.ticket), group="saving")

    async def _join(self, ticket: UUID) -> None:
        try:
            facts = self.facts()
            command = self.form.join(ticket, self.host.now(), self.desk.desk.zone)
            receipt = await self.host.store.submit(command)
            self._sent, self._was_joined = facts, True
            try:
                view = await self.host.store.ticket(receipt.record_id)
            except StoreError as error:
                self._show_reference(receipt, error)
            else:
                self._end_as(view)
        finally:
            self._is_saving = False

    # -- saved

    async def _reload(self) -> None:
        if self.saved:
            self._show_saved(await self.host.store.ticket(self.saved.ticket.id))

    def _show_saved(self, view: TicketView) -> None:
        is_first = self.saved is None
        self.saved = view
        if is_first:
            self._leave_form()
        self.show_kept()
        ticket = view.ticket
        priority = name_of(self.desk.scales.priority, ticket.priority) or "no priority yet"
        regarding = Content.assemble(
            (safe(ticket.summary or "No summary"), "bold"),
            "\n",
            (safe(" · ".join(filter(None, (priority, ticket.status, ticket.company, ticket.contact)))), "$text-muted"),
        )
        self.query_one(SavedCall).show(ticket.ref, self._became(view), regarding, view.say)

    def _became(self, view: TicketView) -> Content:
        group = view.ticket.group
        done = "✓ This caller was added" if self._was_joined else "✓ Saved"
        if group:
            done += f", with {group}" if self._was_joined else f" and handed to {group}"
        lines = [Content.styled(safe(done), "bold $text-success")]
        if group and (title := group_title(self.desk, group)) != group:
            lines.append(Content.styled(safe(f"  {title}"), "$text-muted"))
        if self._held_back:
            lines.append(Content.styled(safe(f"▲ Not handed on. {self._held_back}"), "$text-warning"))
        elif not group:
            lines.append(Content.styled("▲ Nobody has it yet: h hands it on", "$text-warning"))
        if called_on := [step.to for step in view.ticket.escalations if step.is_open]:
            lines.append(Content.styled(safe(f"‼ Escalated to {called_on[-1]}"), "$text-warning"))
        if view.ticket.incomplete:
            lines.append(Content.styled(f"· Still to ask: {safe(', '.join(view.still_to_ask))}", "$text-muted"))
        return Content("\n").join(lines)

    def _leave_form(self) -> None:
        self.place = "saved-call"
        self.query_one(Hints).offer(at(self.place))
        self.query_one("#fields").display = False
        self.outages = ()
        self.query_one(Card).show_outages((), "")
        self.show_side("card")
        saved = self.query_one(SavedCall)
        saved.display = True
        saved.focus()

    def act_done(self, argument: str) -> None:
        """Enter: the call is over."""
        self.host.call_ended(self)

    def act_back(self, argument: str) -> None:
        """Esc, once it is saved."""
        self.host.call_ended(self)

    def act_new_call(self, argument: str) -> None:
        """F2: the next call; a saved one is over."""
        host = self.host
        if self.place == "saved-call":
            host.call_ended(self)
        host.new_call()

    # -- not saved

    def act_park(self, argument: str) -> None:
        """Esc: leave the call open and go back. An empty one goes away."""
        if self.place == "saved-call":
            self.host.call_ended(self)
            return
        if self.step_back():
            return
        if self.form.is_empty:
            self.draft.discard()
            self.host.call_ended(self)
            return
        app = self.app
        app.pop_screen()
        if isinstance(app.screen, DeskScreen):
            app.screen.say("The call stays open. F3 goes back to it.")

    def act_discard(self, argument: str) -> None:
        """Throw the call away, after asking."""
        question = AskScreen("Throw this call away? What you typed is lost.", "Throw it away", "Keep it")
        self.app.push_screen(question, self._discard)

    def _discard(self, is_meant: bool | None) -> None:
        if is_meant:
            self.draft.discard()
            self.host.call_ended(self)

    def step_back(self) -> bool:
        """Leave a part of the screen, if one is open; whether there was one."""
        raise NotImplementedError


def _known_of(view: TicketView, typed: Facts) -> Facts:
    """What of a draft's words its ticket has: an app that died just after saving may have been told more."""
    ticket = view.ticket
    said = {"summary": ticket.summary, "description": ticket.description}
    # Where the ticket says something else by now, somebody has corrected it, and that stands.
    return typed.model_copy(update={n: text for n, text in said.items() if getattr(typed, n).startswith(text)})
