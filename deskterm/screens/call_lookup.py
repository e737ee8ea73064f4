"""What a call asks the desk while it is typed: who calls, what is open for them, what to ask, whom to hand it to.

Answers never touch what is being typed: they fill the offers and the card. An answer that was overtaken is dropped.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from deskterm.actions import BY_ID
from deskterm.desk.deskfile import IntakeField
from deskterm.desk.phone import looks_like_phone, pretty
from deskterm.desk.tickets.due_words import group_words
from deskterm.desk.tickets.intake import asked
from deskterm.keymap import first_key
from deskterm.screens.base import hours_read
from deskterm.screens.call_display import CallDisplay
from deskterm.store.base import Offline
from deskterm.widgets.ask_panel import AskPanel
from deskterm.widgets.caller_card import Card, current
from deskterm.widgets.new_caller import NewCaller
from deskterm.widgets.picker import Offer, Picker

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import CallerCard, CallerMatch, GroupLoad, KnownOutage

PAUSE: Final = 0.2
"""Seconds of rest after a letter before the desk is asked about the words."""
NEW: Final = "new"
"""Key of the offer that stands for a caller the desk does not know."""
_HERE: Final = frozenset({"summary", "description", "type", "impact", "urgency", "began"})
"""Intake keys that have their place in the form itself."""
_FAULT: Final = IntakeField(key="fault", label="Hardware or software", kind="choice", choices=("hardware", "software"))


class CallLookup(CallDisplay):
    """The half of a call that listens to the desk."""

    card: CallerCard | None = None
    outages: tuple[KnownOutage, ...] = ()
    """Known outages that this call may be about, the likeliest first."""
    _groups: tuple[GroupLoad, ...] = ()
    _grouped_words: str | None = None
    _asked_request = 0
    _answered_request = 0
    _takes_first = False

    # -- who is calling

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Look up what is being typed."""
        match event.picker.id:
            case "caller":
                self._asked_request = event.request
                if not self.form.has_caller:
                    self.form["caller"] = event.text
                self.begin(self._find_callers(event), group="callers", only=True)
            case "new-company":
                self.begin(self._find_companies(event), group="companies", only=True)
            case "hand-to":
                self.offer_groups(event.text, event.request)

    async def _find_callers(self, event: Picker.Typed) -> None:
        text = event.text.strip()
        found = await self.host.store.callers(text, limit=5) if text else ()
        offers = [self._match(match) for match in found]
        if text:
            offers.append(Offer(NEW, f"New caller: {text}"))
        event.picker.offer(tuple(offers), event.request)
        if event.request == self._asked_request:
            self._answered_request = event.request
            if self._takes_first:
                self._takes_first = False
                self.take_caller(event.picker.chosen, event.text)

    def _match(self, match: CallerMatch) -> Offer:
        phone = pretty(match.phone, self.desk.desk.country)
        detail = phone if match.matched in ("phone", "name", "company") else match.matched
        key = " ".join(map(str, (match.contact_id, match.company_id, match.name, match.phone)))
        return Offer(key, ", ".join(filter(None, (match.company, match.name))) or phone or match.email, detail, match)

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """Take what was picked."""
        match event.picker.id:
            case "caller" if self._answered_request != self._asked_request:
                # Enter came before the answer to the last letter: what was offered is for other letters.
                self._takes_first = True
            case "caller":
                self.take_caller(event.offer, event.text)
            case "new-company":
                self._take_company(event.offer)
            case "hand-to":
                self.take_group(event.offer)

    def take_caller(self, offer: Offer | None, text: str) -> None:
        """Somebody was picked, or is new, or stays unknown for now."""
        if offer is None or not text.strip():
            self.to("summary")
        elif offer.key == NEW:
            self.enter_new(text.strip())
        else:
            match: CallerMatch = offer.value
            self.form.call_from(
                company=match.company,
                company_id=str(match.company_id or ""),
                contact=match.name,
                contact_id=str(match.contact_id or ""),
                phone=match.phone,
                email=match.email,
            )
            self.form["contract"] = ""
            self.form["caller"] = ""
            self.show_identity()
            self.load_card()
            self.to("summary")

    def enter_new(self, text: str) -> None:
        """Open the fields of a new caller with what was typed: digits are a number, letters a name."""
        known = {"phone" if looks_like_phone(text) else "contact": text}
        self.form.call_from(**known)
        self.form["caller"] = ""
        self.card = None
        self.show_card()
        new = self.query_one(NewCaller)
        new.put(**{name: self.form[name] for name in ("contact", "company", "phone", "email")})
        self.show_side("new-caller")
        new.start()

    def on_new_caller_typed(self, event: NewCaller.Typed) -> None:
        """Keep every letter about a new caller."""
        if event.name == "company" and event.text != self.form["company"]:
            self.form["company_id"] = ""
        self.put(event.name, event.text)

    def on_new_caller_entered(self) -> None:
        """A new caller is known well enough, and may have called before."""
        self.show_identity()
        self.load_card()
        self.show_side("card")
        self.to("summary")

    async def _find_companies(self, event: Picker.Typed) -> None:
        found = await self.host.store.find(event.text) if event.text.strip() else ()
        offers = (Offer(str(f.id), f.title, "", f) for f in found if f.kind == "company" and f.id)
        event.picker.offer(tuple(offers), event.request)

    def _take_company(self, offer: Offer | None) -> None:
        if offer is not None:
            self.form["company"] = offer.title
            self.form["company_id"] = offer.key
            self.query_one("#new-company", Picker).put(offer.title)
            self.load_card()

    # -- the card

    def load_card(self) -> None:
        """Read the caller's card, anew after a change."""
        if self.form.has_caller:
            self.begin(self._load_card(), group="card", only=True)
        self.ask_desk()

    async def _load_card(self) -> None:
        caller = self.facts()
        self.card = await self.host.store.card(caller.contact_id, caller.company_id, caller)
        in_force = current(self.card.contracts, self.host.now().date())
        if not self.form["contract"] and len(in_force) == 1:
            self.form["contract"] = in_force[0].key
        self.show_card()

    def show_card(self) -> None:
        """Show what is known of the caller."""
        self.query_one(Card).show_caller(self.card, self.desk, self.host.now().date(), apart_from=self.form.ticket)

    # -- what to ask, and whom to hand it to

    def ask_desk(self) -> None:
        """Ask, after a short rest, what the facts so far lead to."""
        self.begin(self._ask_desk(), group="asking", only=True)

    async def _ask_desk(self) -> None:
        await asyncio.sleep(PAUSE)
        store, card = self.host.store, self.query_one(Card)
        missing = await store.still_to_ask(self.facts())
        if not self.is_attached:
            return  # the call was saved or parked meanwhile
        card.show_asked(() if self.form.is_empty else missing)
        self.outages = await self._known_outages()
        card.show_outages(self.outages, first_key(BY_ID["known-outage"], self.host.keymap))
        self._offer_again(self.form.words, await store.groups(self.form.words))
        if store.me.level != 0:
            card.show_solutions(await store.solutions(self.form.words) if self.form.words else ())
        panel = self.query_one(AskPanel)
        if panel.display:
            await panel.ask(self.questions(missing), self._answer)

    async def _known_outages(self) -> tuple[KnownOutage, ...]:
        """Outages that the call may be about; none where the line is down, which keeps nobody from logging it."""
        if self.form.is_empty or self.saved:
            return ()
        try:
            return await self.host.store.outages(self.facts())
        except Offline:
            return ()

    def _offer_again(self, words: str, groups: tuple[GroupLoad, ...]) -> None:
        """Offer what the desk says now, unless somebody is choosing: then only new words change the offers."""
        picker = self.query_one("#hand-to", Picker)
        is_moved = bool(picker.chosen and self._groups and picker.chosen.key != self._groups[0].name)
        is_choosing = picker.has_focus_within and (is_moved or words == self._grouped_words)
        is_searching = bool(picker.text) and picker.text != self.form["hand_to"]
        if not is_choosing:
            self._groups, self._grouped_words = groups, words
            if not is_searching:
                self.offer_groups("")

    def offer_groups(self, text: str, request: int | None = None) -> None:
        """Offer the groups that fit what was typed: the chosen one first, then the best guess."""
        wanted, chosen = text.strip().casefold(), self.form["hand_to"]
        fitting = [g for g in self._groups if wanted in f"{g.name} {g.title}".casefold()]
        fitting.sort(key=lambda g: g.name != chosen)
        picker = self.query_one("#hand-to", Picker)
        now, (zone, whose) = self.host.now(), hours_read(self.host)
        offers = tuple(Offer(g.name, g.name, group_words(g, now, zone, whose), g) for g in fitting)
        picker.offer(offers, request)

    def take_group(self, offer: Offer | None) -> None:
        """A group was chosen; it is handed on with F8."""
        if offer is None:
            self.say("No group is called that.", "refused")
            return
        self.form["hand_to"] = offer.key
        self.query_one("#hand-to", Picker).put(offer.key)
        self.offer_groups("")
        self.say(f"F8 saves the call and hands it to {offer.key}.")

    def questions(self, missing: tuple[IntakeField, ...]) -> tuple[IntakeField, ...]:
        """The fields of the list to fill in: all that are asked for this call and have no place in the form."""
        contracts = self.card.contracts if self.card else ()
        contract = next((c for c in contracts if c.key == self.form["contract"]), None)
        fields = {field.key: field for field in (*asked(self.desk, self.facts(), contract), *missing)}
        if any(field.fault for field in self.desk.intake) and "fault" not in fields:
            fields = {"fault": _FAULT, **fields}
        known = {name for name in ("company", "contact") if self.form[f"{name}_id"]}
        return tuple(field for key, field in fields.items() if key not in _HERE | known)

    def suggest(self, key: str) -> tuple[Offer, ...]:
        """What may be answered to an intake key: its choices, or what the customer is known to have."""
        field = next((f for f in (*self.questions(()), _FAULT) if f.key == key), None)
        if key == "customer_priority":
            return tuple(Offer(step.key, step.name) for step in self.desk.scales.priority)
        if field and field.kind == "yes_no":
            return (Offer("yes", "Yes"), Offer("no", "No"))
        if field and field.choices:
            return tuple(Offer(choice, choice) for choice in field.choices)
        if self.card and key == "service":
            return tuple(Offer(s.key, f"{s.key} {s.name}") for s in self.card.services)
        if self.card and key in ("item", "serial", "serial_number"):
            return tuple(Offer(i.key, f"{i.key} {i.make} {i.model}".strip(), i.location) for i in self.card.items)
        if self.card and key == "contract":
            return tuple(Offer(c.key, f"{c.key} {c.service_level}".strip()) for c in self.card.contracts)
        return ()

    def _answer(self, key: str) -> str:
        return self.form[self.form.name_of(key)]

    def put(self, name: str, value: str) -> None:
        """Keep a field, and ask the desk what follows from it."""
        if value != self.form[name]:
            self.form[name] = value
            self.ask_desk()
