"""The call: an operator types while a caller talks, and can read out a reference before they hang up.

The way through, for the keys beyond words (R001, R025):

    F2  caller …  Enter  summary …  Enter  1 (impact)  1 (urgency)  F8

Enter goes on to what is still needed: Caller, Summary, Impact, Urgency, Hand to. Tab goes through every field in the
order in which they stand, so that Detail is one Tab from Summary. F7 saves from anywhere, F8 also hands on to the
marked group. A digit in Impact goes on to Urgency, and one there to Hand to. Type is preset and Began may stay empty,
so both stand last. Esc leaves what is open beside the form, then parks the call.

Every letter is in the draft before the desk hears of it; no answer of the desk changes a field (see `call_lookup`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from deskterm.actions import Action, Place, at, bindings
from deskterm.desk.tickets.rights import Act, verdict
from deskterm.screens.call_form import CallForm
from deskterm.screens.call_saving import CallSaving
from deskterm.store.drafts import DraftError
from deskterm.widgets.ask_panel import AskPanel
from deskterm.widgets.call_clock import CallClock
from deskterm.widgets.caller_card import Card, OpenTickets
from deskterm.widgets.choice import Choice, Option, options_of
from deskterm.widgets.field_row import field_row
from deskterm.widgets.frame import Hints
from deskterm.widgets.line import PASTE_WAS_CUT, LineInput, fitting
from deskterm.widgets.new_caller import NewCaller
from deskterm.widgets.picker import Picker
from deskterm.widgets.saved_call import SavedCall
from deskterm.widgets.text_box import TextBox

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import Change

_TYPES = {
    "incident": "Incident",
    "service_request": "Request",
    "query": "Query",
    "complaint": "Complaint",
    "alert": "Alert",
}


class CallScreen(CallSaving):
    """One call, new or taken up again from its draft."""

    place: Place = "call"
    CSS_PATH = "call.tcss"
    BINDINGS: ClassVar = [*bindings("call")]

    def __init__(self, draft_id: str | None = None) -> None:
        super().__init__()
        self._draft_id = draft_id
        self._trouble = ""
        self._came_from: Widget | None = None

    # -- what stands where

    def compose(self) -> ComposeResult:
        """The heading with the clock, the form, the card, the keys."""
        self._open_draft()
        with Horizontal(id="head"):
            if self.plate:
                yield Static(self.plate, id="head-plate")
            yield Static(Content.styled("Call", "bold"), id="head-title")
            yield CallClock(self.form.opened, self.host.now)
            yield self.new_heading()
        with Horizontal(id="call"):
            with VerticalScroll(id="fields", can_focus=False):
                yield from self._rows()
            yield SavedCall(id="saved")
            with Vertical(id="side"):
                yield Card(id="card")
                yield NewCaller(id="new-caller")
                yield AskPanel(self.suggest, id="ask")
        yield Hints(at(self.place), self.why_not)

    def _open_draft(self) -> None:
        journal = self.host.journal
        try:
            self.draft = journal.resume(self._draft_id) if self._draft_id else journal.open("call")
        except (DraftError, OSError) as error:
            self._trouble, self._draft_id = f"{error} This is a new call.", None
            self.draft = journal.open("call")
        types = self.desk.ticket_types
        preset = "incident" if "incident" in types else ""
        self.form = CallForm(self.draft.fields, self._keep, now=self.host.now(), type_=preset)

    def _rows(self) -> Iterator[Widget]:
        scales, form = self.desk.scales, self.form
        types = tuple(Option(word, _TYPES[word]) for word in self.desk.ticket_types)
        detail = TextBox(id="description")
        detail.load_text(form["description"])
        caller = Picker(value=form["caller"], placeholder="name, company or number", id="caller", most=6)
        groups = Picker(value=form["hand_to"], placeholder="↑ ↓ or letters", id="hand-to", most=3)
        yield field_row("Caller", caller, classes="first")
        yield field_row("Summary", LineInput(form["summary"], id="summary", passes_lines_on=True))
        yield field_row("Detail", detail, classes="grows last")
        yield field_row("Impact", Choice(options_of(scales.impact), value=form["impact"], id="impact"))
        yield field_row("Urgency", Choice(options_of(scales.urgency), value=form["urgency"], id="urgency"))
        yield field_row("", Static(id="meaning"))
        yield field_row("Priority", Static(id="priority"), classes="last")
        yield field_row("Hand to", groups, classes="last")
        yield field_row(
            "Began", LineInput(form["began"], placeholder="09:10, Mon 14:00", id="began"), Static(id="heard")
        )
        yield field_row("Type", Choice(types, value=form["type"], id="type"))

    def on_mount(self) -> None:
        """Be ready to type at once; the desk is asked behind."""
        self.show_side("card")
        self.query_one(SavedCall).display = False
        self.show_identity()
        self.show_priority()
        self.hear_began()
        self.show_clock()
        self.to("caller" if not self.form.has_caller else "summary")
        self.load_card()
        if self._draft_id:
            self.begin(self.look_for_earlier_save(), group="saving")
        if self._trouble:
            self.call_after_refresh(self.say, self._trouble, "refused")
        self.set_interval(1, self.show_kept)

    def on_resize(self) -> None:
        """Fit what is cut to the width."""
        self.show_priority()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was in front."""
        self.show_heading()
        if self.saved is None:
            self.load_card()

    # -- keeping what is typed

    def _keep(self, name: str, value: str) -> None:
        self.draft.write(name, value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep every letter."""
        if event.input.id in ("summary", "began"):
            self.put(event.input.id, event.value)
        if event.input.id == "began":
            self.hear_began()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep every letter."""
        self.put("description", event.text_area.text)

    def on_ask_panel_answered(self, event: AskPanel.Answered) -> None:
        """Keep every letter."""
        self.put(self.form.name_of(event.key), event.text)

    def on_ask_panel_doubtful(self, event: AskPanel.Doubtful) -> None:
        """Say what is doubtful about an answer."""
        self.say(event.sentence, "refused")

    def on_line_input_lines_pasted(self, event: LineInput.LinesPasted) -> None:
        """Several lines are no summary: they go to Detail, all of them."""
        detail = self.query_one("#description", TextBox)
        text, is_cut = fitting(event.text, detail.text)
        detail.insert(("\n" if detail.text else "") + text, detail.document.end)
        detail.focus()
        if is_cut:
            self.say(PASTE_WAS_CUT, "refused")
        else:
            self.say("Several lines were pasted: they went to Detail.")

    # -- going from field to field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on."""
        self.to({"summary": "impact", "began": "type"}.get(event.input.id or "", "summary"))

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        """Keep a choice, show what it means, go on after a digit."""
        name = event.choice.id or ""
        self.put(name, event.key)
        self.show_meaning(event.choice)
        self.show_priority()
        if event.moves_on:
            self._after(name)

    def on_key(self, event: events.Key) -> None:
        """Enter goes on from a choice too."""
        if event.key == "enter" and isinstance(self.focused, Choice):
            event.stop()
            self._after(self.focused.id or "")

    def _after(self, name: str) -> None:
        following = "hand-to" if name == "urgency" or (name == "type" and self.form["impact"]) else "impact"
        self.to("urgency" if name == "impact" else following)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show what the choice in hand means."""
        if isinstance(event.widget, Choice):
            self.show_meaning(event.widget)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Letters that looked for another caller and found none leave the caller as it was."""
        if event.widget.parent is self.query_one("#caller") and self.form.has_caller:
            self.show_identity()

    # -- actions

    def why_not(self, action: Action) -> str | None:
        """Who may not log calls is told so; undo needs something to take back."""
        if (
            self.place == "saved-call"
            and self.place not in action.places
            and "call" in action.places
            and action.id != "park"
        ):
            return "This call is saved already. Enter closes it."
        if action.id in ("save", "save-and-hand-on", "join"):
            return verdict(Act(action.act), self.host.store.me).reason or None
        if self.saved and action.id == "undo" and not self.saved.ticket.undoable:
            return "There is nothing to take back."
        if self.saved and action.act:
            return self.refusal(action, self.saved)
        return None

    def act_join(self, argument: str) -> None:
        """F4: choose the open ticket this caller belongs to."""
        tickets = self.query_one(OpenTickets)
        if not tickets.tickets:
            self.say("Nothing is open for this caller that could be joined.", "refused")
            return
        self._step_aside("card")
        tickets.choose()
        self.say("Its letter, or ↑ ↓ and Enter, adds this caller to it. Esc goes back.")

    def act_caller(self, argument: str) -> None:
        """F6: back to who is calling."""
        self.show_side("card")
        self.to("caller")
        self.query_one("#caller Input", Input).select_all()

    def act_ask(self, argument: str) -> None:
        """F5: to the fields still to ask, and back."""
        if self.query_one(AskPanel).display:
            self.step_back()
        else:
            self.begin(self._open_questions(), group="questions", only=True)

    async def _open_questions(self) -> None:
        panel = self.query_one(AskPanel)
        await panel.ask(self.questions(await self.host.store.still_to_ask(self.facts())), self._answer)
        self._step_aside("ask")
        if not panel.start():
            self.step_back()
            self.say("Nothing more is asked for this call.")

    def act_not_given(self, argument: str) -> None:
        """The caller was asked and could not say."""
        if not self.query_one(AskPanel).not_given():
            self.say("F5 goes to the fields still to ask; there this key answers “not given”.")

    def on_ask_panel_left(self) -> None:
        """All questions were gone through."""
        self.step_back()

    def _step_aside(self, side: str) -> None:
        if self.focused is not None and not self.query_one("#side").has_focus_within:
            self._came_from = self.focused
        self.show_side(side)

    def step_back(self) -> bool:
        """Leave the list, the new caller's fields or the questions; whether one was open."""
        if not self.query_one("#side").has_focus_within:
            return False
        is_new_caller = self.query_one(NewCaller).display
        self.show_side("card")
        if is_new_caller:
            self.show_identity()
            self.to("caller")
        else:
            (self._came_from or self.query_one("#summary")).focus()
        return True

    # -- the desk moves on

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Read again what may have changed; nothing that is typed or in hand moves."""
        if not self.is_current:
            return
        if self.saved:
            if any(change.record_id == self.saved.ticket.id for change in changes):
                self.begin(self._reload(), group="saved", only=True)
        elif any(change.record_kind != "view" for change in changes):
            self.load_card()
