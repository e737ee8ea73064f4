"""A ticket opened: its thread, its facts, what may be done now, and the sentence to read to a customer who asks.

It is live: what others do is laid in place without moving the reader, and said in the line of hints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import Action, bindings
from deskterm.desk.tickets.rights import Act
from deskterm.desk.tickets.say import sentence
from deskterm.screens.acts import Target, TicketActs
from deskterm.screens.editor import EditorError, editor_command, write_in_editor
from deskterm.screens.form import draft_for
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.facts import all_facts, key_facts
from deskterm.widgets.frame import Hints
from deskterm.widgets.presence_words import sentence as others_words
from deskterm.widgets.preview import say_lines
from deskterm.widgets.thread import Thread
from deskterm.widgets.ticket_words import standing

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.presence import Doing
    from deskterm.desk.tickets.views import Change, Receipt, TicketView
    from deskterm.store.drafts import Draft

_SUMMARY_LINES = 2
_SAY_LINES = 3


class TicketScreen(TicketActs):
    """One ticket, by record id or reference."""

    place = "ticket"
    CSS_PATH = "ticket.tcss"
    BINDINGS: ClassVar = [*bindings("ticket")]

    def __init__(self, ticket: UUID | str) -> None:
        super().__init__()
        self._asked_for = ticket
        self._view: TicketView | None = None
        self._request = 0
        self._is_toggled = False
        self._goes_to_end = False
        self._below = 0
        """Lines of the thread below what is in view."""

    def body(self) -> ComposeResult:
        """Summary, facts, thread, and at the foot what to say."""
        yield Static(id="summary")
        with Horizontal(id="split"):
            with VerticalScroll(id="facts"):
                yield Static(id="facts-text")
            yield Thread(id="thread")
        yield Static(id="below", classes="rule")
        yield Static(id="say")

    @property
    def thread(self) -> Thread:
        """The thread."""
        return self.query_one(Thread)

    def on_mount(self) -> None:
        """Fetch the ticket; the keyboard is in the thread."""
        self.heading(self._asked_for if isinstance(self._asked_for, str) else "Ticket", self._live())
        self.query_one("#facts").can_focus = False
        self.thread.focus()
        self.begin(self._fetch(), group="fetch")

    # -- fetching and keeping up

    async def _fetch(self) -> None:
        self._request += 1
        request = self._request
        try:
            view = await self.host.store.ticket(self._view.ticket.id if self._view else self._asked_for)
        except StoreError as error:
            self._show_trouble(error.message)
            return
        if request != self._request or not self.is_attached:
            return
        before, self._view = self._view, view
        self.host.attention_moved()
        self._draw(to_end=self._goes_to_end)
        self._goes_to_end = False
        if before is not None:
            self._tell_what_others_did(before, view)
        if before is None or before.ticket.version != view.ticket.version:
            await self.host.store.seen(view.ticket.id, view.ticket.version)

    def _show_trouble(self, message: str) -> None:
        """Say why there is no ticket, and go on saying it: there is nothing else to show."""
        if self._view is not None:
            self.say(message, "refused")
            return
        words = Content.assemble((f"✗ {safe(message)}", "$text-warning"), ("\n\nEsc goes back.", "$text-muted"))
        self.query_one("#summary", Static).update(words)
        self.query_one("#split").display = False
        self.query_one("#below").display = False
        self.query_one(Hints).refresh()

    def _tell_what_others_did(self, before: TicketView, view: TicketView) -> None:
        me = self.host.store.me.name
        new = [e for e in view.timeline if e.version > before.ticket.version and e.actor != me]
        if new:
            more = f", and {len(new) - 1} more" if len(new) > 1 else ""
            self.say(f"{new[-1].actor}: {new[-1].title}{more}")

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Fetch again if this ticket changed, the desk file that words it, or whether the desk is there."""
        here = self._view.ticket.id if self._view else None
        if (here and not changes) or any(c.record_id == here or c.kind == "DeskLoaded" for c in changes):
            self.begin(self._fetch(), group="fetch")

    def minute_passed(self) -> None:
        """What is said of moments changes with the day."""
        self._draw_words()

    def acted(self) -> None:
        """Whoever acted wants to see what came of it."""
        self._goes_to_end = True
        self.begin(self._fetch(), group="fetch")

    # -- drawing

    def _live(self) -> Content:
        return calls_open(len(self.host.calls))

    @property
    def _desk(self) -> DeskFile | None:
        return self.host.desk

    def _draw(self, *, to_end: bool = False) -> None:
        if self._view is None or self._desk is None:
            return
        self._draw_words()
        self.thread.show(self._view.timeline, self._desk.desk.zone, to_end=to_end)
        self.query_one(Hints).refresh()

    def _draw_words(self) -> None:
        """Draw all but the thread."""
        if self._view is None or self._desk is None:
            return
        ticket, desk, now = self._view.ticket, self._desk, self.host.now()
        follows = self.host.store.me.name in ticket.followers
        star = Content.styled("★ following   ", "$text-accent") if follows else Content("")
        self.heading(f"{ticket.ref} · {standing(ticket, desk)}", Content.assemble(star, self._live()))
        width = max(1, self.size.width - 2)
        summary = wrapped(ticket.summary or "No summary yet", width, "bold")
        if len(summary) > _SUMMARY_LINES:
            summary = [*summary[: _SUMMARY_LINES - 1], summary[_SUMMARY_LINES - 1].truncate(width - 1).append("…")]
        self.query_one("#summary", Static).update(Content("\n").join(summary))
        say = say_lines(sentence(ticket, desk, now, self._view.clocks, self._view.opens_at), width)[:_SAY_LINES]
        self.query_one("#say", Static).update(Content("\n").join(say))
        self._draw_facts()

    def _draw_facts(self) -> None:
        panel = self.query_one("#facts")
        wide = self.has_class("-wide")
        # Beside the thread the panel shows all facts, or steps aside; above it few, or all in the thread's place.
        panel.display = not (wide and self._is_toggled)
        everything = wide or self._is_toggled
        self.thread.display = wide or not self._is_toggled
        self.set_class(everything, "-everything")
        panel.can_focus = everything
        if self._view and self._desk:
            draw = all_facts if everything else key_facts
            width = self._facts_width()
            text = draw(self._view, self._desk, self.host.now(), self.host.store.me.name, width)
            self.query_one("#facts-text", Static).update(text)

    def _facts_width(self) -> int:
        known = self.query_one("#facts-text").content_size.width
        return known or max(20, self.size.width - 2)

    def on_resize(self) -> None:
        """Wrap anew once the new widths are known."""
        self.call_after_refresh(self._draw_words)

    def on_thread_moved(self, event: Thread.Moved) -> None:
        """Say in the rule how much there is below."""
        self._below = event.below
        self._draw_rule()

    def attends_to(self) -> tuple[UUID | None, Doing]:
        """Whoever has the ticket in front looks at it."""
        return self._view.ticket.id if self._view else None, "viewing"

    def others_told(self) -> None:
        """Say in the rule who else is here, and who writes."""
        self._draw_rule()

    def _draw_rule(self) -> None:
        width = max(1, self.size.width)
        words = f"─ ↓ {self._below} more " if self._below else ""
        here = [each for each in self.host.others if self._view and each.ticket == self._view.ticket.id]
        if here and self._desk:
            said = others_words(here, self.host.store.me.name, self.host.now(), self._desk.desk.zone)
            said = said.truncate(max(0, width - len(words) - 6), ellipsis=True)
            rule = "─" * (width - len(words) - said.cell_length - 4)
            self.query_one("#below", Static).update(Content.assemble(words, rule, " ", said, " ──"))
        else:
            self.query_one("#below", Static).update(Content(words + "─" * (width - len(words))))

    # -- what can be done

    def why_not(self, action: Action) -> str | None:
        """What the desk would refuse on this ticket now, and why."""
        if not action.act or action.act == Act.LOG:
            return super().why_not(action)
        return self.refusal(action, self._view) if self._view else "There is no ticket here to act on."

    def targets(self) -> tuple[Target, ...]:
        """The ticket."""
        if self._view is None:
            return ()
        ticket = self._view.ticket
        return (Target(ticket.id, ticket.ref, ticket.version),)

    def taken_over(self, receipt: Receipt) -> None:
        """Show it."""
        self.acted()

    def act_facts(self, argument: str) -> None:
        """All facts, or few."""
        self._is_toggled = not self._is_toggled
        self._draw_facts()
        self.call_after_refresh(self._draw_facts)
        (self.thread if self.thread.display else self.query_one("#facts")).focus()

    def act_acts(self, argument: str) -> None:
        """What may be done now, what may not, and why."""
        from deskterm.screens.verdicts import VerdictsScreen

        if self._view is not None:
            self.app.push_screen(VerdictsScreen(self._view), self._chosen)

    def _chosen(self, action: Action | None) -> None:
        if action is not None:
            self.perform(action)

    def act_editor(self, argument: str) -> None:
        """Write a note in one's own editor."""
        if self._view is None:
            return
        ref = self._view.ticket.ref
        draft = draft_for(self.host.journal, "note", ref)
        try:
            command = editor_command(self.host.settings.editor)
            text = write_in_editor(self.app.suspend, command, draft.fields.get("text", ""))
        except EditorError as error:
            if error.text:
                draft.write("text", error.text)
            draft.close()
            self.say(str(error), "refused")
            return
        finally:
            self.app.refresh(layout=True)
        draft.write("text", text)
        draft.flush()
        self.begin(self._note(draft, text))

    async def _note(self, draft: Draft, text: str) -> None:
        from deskterm.desk.commands import AddNote

        (target,) = self.targets()
        if not text.strip():
            draft.discard()
            self.say("Nothing was written, so there is no note.")
            return
        try:
            await self.host.store.submit(AddNote(ticket=target.id, text=text))
        except StoreError as error:
            draft.close()
            self.say(f"{error.message} Your words are kept: n brings them back.", "refused")
            return
        draft.finish(target.ref)
        self.say(f"{target.ref}: noted.", "done")
        self.acted()
