"""What a call shows of itself: who calls, what a choice means, the priority, and that its words are safe."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from deskterm.desk.moment import UnclearMoment, moment
from deskterm.desk.tickets.priority import priority_of
from deskterm.desk.wording import when
from deskterm.screens.acts import TicketActs
from deskterm.screens.call_form import CallForm
from deskterm.text import safe
from deskterm.widgets.call_clock import CallClock
from deskterm.widgets.choice import Choice
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.frame import Heading
from deskterm.widgets.picker import Picker

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Facts
    from deskterm.desk.tickets.views import TicketView
    from deskterm.store.drafts import Draft

_LINES = 2
"""Lines that a definition may take."""
_SIDES = ("card", "new-caller", "ask")


class CallDisplay(TicketActs):
    """The parts of a call that only show."""

    form: CallForm
    draft: Draft
    saved: TicketView | None = None
    """The ticket the call became, or was joined to."""

    @property
    def desk(self) -> DeskFile:
        """The desk file in force."""
        assert self.host.desk is not None, "a call opens only once its desk is"
        return self.host.desk

    def facts(self) -> Facts:
        """What is known of the call so far."""
        return self.form.facts(self.host.now(), self.desk.desk.zone)

    def to(self, name: str) -> None:
        """Go to a field."""
        self.query_one(f"#{name.replace('_', '-')}").focus()

    def show_identity(self) -> None:
        """Show in the caller's field who is calling."""
        form = self.form
        name = ", ".join(filter(None, (form["company"], form["contact"]))) or form["phone"] or form["email"]
        self.query_one("#caller", Picker).put(name or form["caller"])

    def show_side(self, name: str) -> None:
        """Show one of the columns at the right."""
        for side in _SIDES:
            self.query_one(f"#{side}").display = side == name

    def show_clock(self) -> None:
        """Let the clock stand where the caller hung up, or go on."""
        clock = self.query_one(CallClock)
        clock.ended = self.form.ended
        clock.tick()

    def show_heading(self) -> None:
        """Show what else is open, and whether what was typed is on disk."""
        others = len(self.host.calls) - (self in self.host.calls)
        self.heading(right=calls_open(others, beside_one=True))
        self.show_kept()

    def show_kept(self) -> None:
        """Show in the heading whether what was typed is on disk."""
        trouble = self.host.journal.trouble
        if trouble:
            left = Content.styled(f"✗ {safe(trouble)}", "$text-error")
        elif self.saved:
            left = Content.styled("✓ Saved", "$text-success")
        elif self.form.is_empty:
            left = Content.styled("Saved as you type", "$text-muted")
        elif self.draft.is_saved:
            left = Content.assemble(("✓", "$text-success"), (" Saved as you type", "$text-muted"))
        else:
            return  # a letter of a moment ago: the next tick tells
        self.query_one(Heading).tell(left)

    def show_meaning(self, choice: Choice) -> None:
        """Show the definition of what is chosen (R047)."""
        chosen = next((o for o in choice.options if o.key == choice.value), None)
        hint = Content.styled("A digit chooses.", "$text-disabled")
        place = self.query_one("#meaning", Static)
        room = _LINES * (place.size.width or 35) - 8
        said = textwrap.shorten(safe(chosen.definition), max(room, 20), placeholder=" …") if chosen else ""
        place.update(Content.styled(said, "$text-muted") if chosen else hint)

    def show_priority(self) -> None:
        """Show the priority that follows from what is chosen, and what it means (R044)."""
        desk = self.desk
        key = priority_of(desk, self.form["impact"], self.form["urgency"])
        step = next((s for s in desk.scales.priority if s.key == key), None)
        priority = self.query_one("#priority", Static)
        shown = Content.styled("follows from impact and urgency", "$text-disabled")
        if step:
            room = _LINES * (priority.size.width or 35) - len(step.name) - 8
            meaning = textwrap.shorten(safe(step.definition), max(room, 20), placeholder=" …")
            shown = Content.assemble((safe(step.name), "bold"), (f"  {meaning}", "$text-muted"))
        priority.update(shown)

    def hear_began(self) -> None:
        """Show how the words for when it began were understood (R014)."""
        text, zone = self.form["began"].strip(), self.desk.desk.zone
        heard = Content("")
        if text:
            try:
                found = moment(text, self.host.now(), zone)
                heard = Content.styled(f"✓ {when(found, self.host.now(), zone)}", "$text-success")
            except UnclearMoment as unclear:
                heard = Content.styled(f"? {safe(str(unclear))}", "$text-warning")
        self.query_one("#heard", Static).update(heard)
