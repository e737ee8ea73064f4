"""Triage: what kind of trouble it is, how bad and how urgent, and who gets it, in a few single keys.

What is chosen and typed is kept as a draft like the words of a form. F8 saves the facts and hands the ticket on; a
refusal is said at the foot and changes nothing on the screen. Rows: R044-R054, R060, R061, R082, R135, T3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from deskterm.actions import BY_ID, Action, bindings
from deskterm.desk.records.status import Status
from deskterm.desk.tickets.due_words import age, opening_words
from deskterm.desk.tickets.heard import questions_for
from deskterm.desk.tickets.priority import name_of, priority_of
from deskterm.desk.tickets.views import QueueQuery
from deskterm.keymap import first_key
from deskterm.screens.acts import Target
from deskterm.screens.base import hours_read
from deskterm.screens.form import draft_for
from deskterm.screens.triage_saving import WEIGHED, TriageSaving
from deskterm.text import one_line, safe
from deskterm.widgets.choice import Choice, Option, options_of
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.field_row import field_row
from deskterm.widgets.line import LineInput
from deskterm.widgets.picker import Offer, Picker
from deskterm.widgets.triage_words import matrix, meanings, phase_bar

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile, Question, Step
    from deskterm.desk.tickets.views import Change, GroupLoad, TicketView
    from deskterm.store.drafts import Draft

_BY: Final = {"email": "by e-mail", "portal": "on the portal", "missed_call": "by a missed call"}
"""Ways in of which whoever triages should know: nobody has spoken with the customer yet."""
_ELSEWHERE: Final = ("escalate", "major", "defer", "out-of-scope")
"""Acts that end a triage in another way, with the forms that tickets have for them anyway."""
_SHOWN: Final = 3
"""Groups offered at once; twice as many where there is room."""


class TriageScreen(TriageSaving):
    """One ticket to weigh and hand on."""

    place = "triage"
    CSS_PATH = "triage.tcss"
    BINDINGS: ClassVar = [*bindings("triage")]

    def __init__(self, view: TicketView) -> None:
        super().__init__()
        self._view = view
        self._seen = view.ticket.version
        self._draft: Draft
        self._groups: tuple[GroupLoad, ...] = ()
        self._questions: tuple[Question, ...] = ()
        self._is_saving = False

    # -- what stands where

    def body(self) -> ComposeResult:
        """Phases, what was said, the choices with the matrix beside them, groups, questions, other ways."""
        yield Static(id="phase")
        yield Static(id="said")
        with VerticalScroll(id="triage", can_focus=False):
            yield from self._rows()
        yield Static(id="others")
        yield Static(id="ways")

    def _rows(self) -> Iterator[Widget]:
        desk, ticket = self.desk, self._view.ticket
        self._draft = draft_for(self.host.journal, "triage", ticket.ref)
        types = tuple(Option(name, name.replace("_", " ").capitalize()) for name in desk.ticket_types)
        yield field_row("Type", Choice(types, value=self._known("type"), id="type"))
        impact = Choice(options_of(desk.scales.impact), value=self._known("impact"), id="impact")
        urgency = Choice(options_of(desk.scales.urgency), value=self._known("urgency"), id="urgency")
        steps = Vertical(
            field_row("Impact", impact),
            field_row("Urgency", urgency),
            field_row("Reported", Static(id="reported")),
            id="steps",
        )
        yield Horizontal(steps, Vertical(Static(id="matrix"), Static(id="meaning"), id="beside"), id="weigh")
        service = Picker(value=self._known("service"), placeholder="name, id or circuit", id="service", most=5)
        yield field_row("Service", service)
        groups = Picker(value="", placeholder="↑ ↓ or letters", id="to", most=2 * _SHOWN)
        yield field_row("Group", groups, classes="last")
        if ticket.status is not Status.NEW:
            reason = LineInput(self._known("reason"), placeholder="why it moves on", id="reason")
            yield field_row("Reason", reason, classes="last")
        if bank := questions_for(desk, self._words):
            self._questions = bank.question
            yield Static(Content.styled(f'Questions for "{safe(bank.category)}"', "bold"), id="bank")
            yield from (
                field_row(question.ask, self._answer(question), classes="question") for question in bank.question
            )

    def _answer(self, question: Question) -> Widget:
        name, value = f"q-{question.key}", self._known(f"q-{question.key}")
        # An answer that is none of the choices has to stay as it is: then it is a line of words.
        if question.choices and value in ("", *question.choices):
            return Choice(tuple(Option(word, word.capitalize()) for word in question.choices), value=value, id=name)
        return LineInput(value, id=name)

    @property
    def desk(self) -> DeskFile:
        """The desk in force."""
        assert self.host.desk is not None, "a ticket is only shown once its desk is"
        return self.host.desk

    @property
    def _words(self) -> str:
        return f"{self._view.ticket.summary} {self._view.ticket.description}"

    # -- what is chosen and typed

    def _on_ticket(self, name: str) -> str:
        """What the ticket has for a field."""
        ticket = self._view.ticket
        if name.startswith("q-"):
            return ticket.fields.get(name.removeprefix("q-"), "")
        return str(getattr(ticket, name) or "") if name in (*WEIGHED, "service") else ""

    def _known(self, name: str) -> str:
        """What a field holds: the words kept from before, else what the ticket has."""
        return self._draft.fields.get(name, self._on_ticket(name))

    def _value(self, name: str) -> str:
        widget = self.query_one(f"#{name}")
        assert isinstance(widget, Choice | Input | Picker)
        return (widget.text if isinstance(widget, Picker) else widget.value).strip()

    @property
    def _names(self) -> tuple[str, ...]:
        return (*WEIGHED, "service", *(f"q-{question.key}" for question in self._questions))

    def _changes(self) -> dict[str, object]:
        """The facts that differ from what the ticket has."""
        new = {name: self._value(name) for name in self._names if self._value(name) != self._on_ticket(name)}
        answers = {name.removeprefix("q-"): value for name, value in new.items() if name.startswith("q-")}
        facts: dict[str, object] = {name: new[name] or None for name in WEIGHED if name in new}
        facts |= {"service": new["service"]} if "service" in new else {}
        return facts | ({"fields": answers} if answers else {})

    # -- coming and going

    def on_mount(self) -> None:
        """Begin at the first thing that is not known yet."""
        self._draw()
        self.others_told()
        self._go_on()
        self.begin(self._load_groups(), group="groups")

    def _go_on(self) -> None:
        """To the next thing to choose, in the end the group."""
        missing = next((name for name in WEIGHED if not self._value(name)), None)
        if missing:
            self.query_one(f"#{missing}").focus()
        else:
            self.query_one("#to", Picker).focus()

    async def _load_groups(self) -> None:
        found = await self.host.store.groups(self._words)
        self._groups = tuple(load for load in found if load.name != self._view.ticket.group)
        self._offer("")

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Somebody did something to this ticket: show it, and leave alone what is being chosen."""
        if any(change.record_id == self._view.ticket.id for change in changes):
            self.begin(self._fetch(), group="fetch", only=True)

    async def _fetch(self) -> None:
        before, self._view = self._view, await self.host.store.ticket(self._view.ticket.id)
        me = self.host.store.me.name
        new = [e for e in self._view.timeline if e.version > before.ticket.version and e.actor != me]
        if new:
            self.say(f"{new[-1].actor}: {new[-1].title}")
        self._draw()

    def acted(self) -> None:
        """Something was done to it by another form."""
        self.begin(self._fetch(), group="fetch", only=True)

    def minute_passed(self) -> None:
        """It has waited for a minute more."""
        self._draw()

    def act_back(self, argument: str) -> None:
        """Esc: words typed stay in the journal, an untouched triage leaves nothing behind."""
        self._leave()
        self.app.pop_screen()

    def _leave(self) -> None:
        kept = self._draft.fields
        if all(words == self._on_ticket(name) for name, words in kept.items()):
            self._draft.discard()
        else:
            self._draft.close()

    # -- drawing

    def _draw(self) -> None:
        ticket, now, width = self._view.ticket, self.host.now(), max(20, self.size.width - 2)
        waiting = f"waiting {age(now - ticket.opened_at)}" if ticket.group is None else f"with {ticket.group}"
        right = Content.assemble((safe(waiting), "$text-muted"), "   ", calls_open(len(self.host.calls)))
        self.heading(f"Triage {ticket.ref}   {ticket.summary or 'No summary yet'}", right)
        self.query_one("#phase", Static).update(phase_bar(ticket.phase, width))
        who = ", ".join(filter(None, (ticket.company, ticket.contact)))
        said = Content.assemble((safe(one_line(who)), ""), "  ", (safe(one_line(ticket.description)), "$text-muted"))
        self.query_one("#said", Static).update(said)
        self._draw_reported()
        self._draw_beside()
        self._draw_ways()

    def _draw_reported(self) -> None:
        ticket = self._view.ticket
        own = name_of(self.desk.scales.priority, ticket.customer_priority)
        by = _BY.get(ticket.channel, "")
        parts = (f"customer says {own}" if own else "", by, "call them back" if ticket.callback else "")
        words = ", ".join(filter(None, parts)) or "no priority of their own"
        self.query_one("#reported", Static).update(Content.styled(safe(words), "$text-muted"))

    def _draw_beside(self) -> None:
        """The matrix, and what the choice one is at means; below it the priority that follows (R044, R047)."""
        scales, impact, urgency = self.desk.scales, self._value("impact"), self._value("urgency")
        self.query_one("#matrix", Static).update(Content("\n").join(matrix(self.desk, impact, urgency)))
        width, wide = self.query_one("#meaning").content_size.width or 36, self.has_class("-wide")
        scale, chosen = scales.priority, priority_of(self.desk, impact, urgency) or ""
        here: dict[str, tuple[Step, ...]] = {"impact": scales.impact, "urgency": scales.urgency}
        for name, steps in here.items():
            if self.query_one(f"#{name}").has_focus:
                scale, chosen = steps, self._value(name)
        hint = [Content.styled("A digit chooses; ← → show what each means.", "$text-disabled")]
        lines = meanings(scale, chosen, width, every=wide) or hint
        self.query_one("#meaning", Static).update(Content("\n").join(lines))

    def _draw_ways(self) -> None:
        parts = []
        for action in (BY_ID[name] for name in _ELSEWHERE):
            key, style = first_key(action, self.host.keymap), "$text-disabled" if self.why_not(action) else ""
            parts.append(Content.assemble((key, style or "bold $text-accent"), (f" {action.name}", style)))
        self.query_one("#ways", Static).update(Content("   ").join(parts))

    def on_resize(self) -> None:
        """Fit it to the width once that is known."""
        self.call_after_refresh(self._draw)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show what the choice one is at means."""
        super().on_descendant_focus(event)
        self._draw_beside()

    # -- choosing

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        """Keep a choice; a digit goes on."""
        name = event.choice.id or ""
        self._draft.write(name, event.key)
        self._draw_beside()
        if event.moves_on and name in WEIGHED:
            self._go_on()
        elif event.moves_on:
            self.focus_next()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep every letter."""
        if event.input.id and event.value != self._known(event.input.id):
            self._draft.write(event.input.id, event.value)

    def on_input_submitted(self) -> None:
        """Enter goes on."""
        self.focus_next()

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Offer the groups, or the services, that fit the letters."""
        if event.picker.id == "to":
            self._offer(event.text, event.request)
        else:
            self._draft.write("service", event.text)
            self.begin(self._find_services(event), group="services", only=True)

    async def _find_services(self, event: Picker.Typed) -> None:
        """The customer's own services first, then those of the whole catalogue that fit (R060)."""
        store, text, company = self.host.store, event.text.strip(), self._view.ticket.company_id
        own = (await store.card(None, company)).services if company else ()
        fit = [each for each in own if text.casefold() in f"{each.key} {each.name} {each.circuit}".casefold()]
        offers = {each.key: Offer(each.key, f"{each.key} {each.name}", each.circuit) for each in fit}
        for found in await store.find(text) if text else ():
            if found.kind == "service":
                offers.setdefault(found.ref, Offer(found.ref, f"{found.ref} {found.title}", found.detail))
        event.picker.offer(tuple(offers.values()), event.request)

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """A group was chosen: it is what F8 hands on to. Or a service; one that nobody knows may be named as well."""
        if event.picker.id == "service":
            if event.offer is not None and event.text.strip():
                event.picker.put(event.offer.key)
                self._draft.write("service", event.offer.key)
            self.focus_next()
        elif event.offer is None:
            self.say("No group is called that.", "refused")
        elif event.picker.text != event.offer.key:
            event.picker.put(event.offer.key)
            self._offer(event.offer.key)
        else:
            self.focus_next()

    def _offer(self, text: str, request: int | None = None) -> None:
        wanted = text.strip().casefold()
        fit = [load for load in self._groups if wanted in f"{load.name} {load.title}".casefold()]
        fit.sort(key=lambda load: not load.name.startswith(wanted))
        self.query_one("#to", Picker).offer(tuple(map(self._offer_of, fit)), request)

    def _offer_of(self, load: GroupLoad) -> Offer:
        level = load.level if load.level == "vendor" else f"level {load.level}"
        opening = opening_words(load, self.host.now(), *hours_read(self.host))
        wide = self.has_class("-wide")
        within = f"{'answers ' if wide else ''}in {load.answers_within}" if load.answers_within else ""
        title = f"{load.name:<13} {level:<8}{load.centre:<8}{load.title if wide else ''}"
        # In one's own zone it takes more room, and says so.
        last = f"{within:<{14 if wide else 6}}" if wide or len(opening) <= 14 else ""
        detail = f"{opening:<14}{load.unowned:>3} waiting  {last}"
        return Offer(load.name, title, detail, load)

    # -- what can be done

    def targets(self) -> tuple[Target, ...]:
        """The ticket."""
        ticket = self._view.ticket
        return (Target(ticket.id, ticket.ref, ticket.version),)

    def why_not(self, action: Action) -> str | None:
        """What the desk would refuse on this ticket now, and why."""
        if action.id == "save-and-hand-on":
            return self.refusal(BY_ID["hand-off"], self._view)
        if action.id == "save":
            return self.refusal(BY_ID["amend"], self._view)
        return self.refusal(action, self._view) if action.act and action.act != "log" else super().why_not(action)

    def act_triage(self, argument: str) -> None:
        """The next ticket that nobody has yet."""
        self.begin(self._next_unrouted())

    async def _next_unrouted(self) -> None:
        page = await self.host.store.queue(QueueQuery(view="unrouted", limit=2))
        following = next((row.id for row in page.rows if row.id != self._view.ticket.id), None)
        if following is None:
            self.say("Nothing else waits for triage. Esc goes back.", "done")
            return
        self._leave()
        self.open_triage(following)
