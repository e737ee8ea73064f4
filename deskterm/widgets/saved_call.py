"""A call that was saved: its reference in figures one can read out, what became of it, and what to say."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Digits, Static

from deskterm.actions import bindings
from deskterm.desk.reference import spoken
from deskterm.text import safe


class SavedCall(VerticalScroll, can_focus=True):
    """Stands where the form stood, until the operator leaves the call."""

    BINDINGS: ClassVar = [
        Binding(b.key, f"screen.{b.action}", b.description, show=False, id=b.id) for b in bindings("saved-call")
    ]

    def compose(self) -> ComposeResult:
        """Reference, what happened, what it is about, what to say."""
        yield Static(Content.styled("Reference", "$text-muted"), id="saved-title")
        yield Digits("", id="reference")
        yield Static(id="spoken")
        yield Static(id="became")
        yield Static(id="regarding")
        yield Static(id="say")

    def show(self, ref: str, became: Content, regarding: Content, sentence: str) -> None:
        """Show a ticket by its reference; `sentence` is what may be read to the caller."""
        self.query_one("#reference", Digits).update(ref)
        self.query_one("#spoken", Static).update(Content.styled(spoken(ref), "bold"))
        self.query_one("#became", Static).update(became)
        self.query_one("#regarding", Static).update(regarding)
        say = Content.assemble(("Say  ", "$text-muted"), safe(sentence)) if sentence else Content("")
        self.query_one("#say", Static).update(say)
