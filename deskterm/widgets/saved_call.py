"""A call that was saved: its reference in figures one can read out, what became of it, and what to say."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.renderables.digits import DIGITS, DIGITS3X3_BOLD
from textual.widget import Widget
from textual.widgets import Static

from deskterm.actions import bindings
from deskterm.text import safe


class BigReference(Widget):
    """A reference in figures three lines high, a little apart from each other, so that none is misread."""

    DEFAULT_CSS = "BigReference { height: 3; width: 100%; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ref = ""

    def show(self, ref: str) -> None:
        """Show a reference."""
        self.ref = ref
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Four cells a figure."""
        return 4 * len(self.ref)

    def render(self) -> Content:
        """Three lines; what has no figure, such as a letter of the prefix, stands as it is."""
        glyphs = [_glyph(character) for character in self.ref]
        return Content("\n").join([Content(" ".join(glyph[line] for glyph in glyphs)) for line in range(3)])


def _glyph(character: str) -> tuple[str, ...]:
    place = DIGITS.find(character)
    if place < 0:
        return "   ", f" {safe(character)} ", "   "
    return tuple(row.ljust(3) for row in DIGITS3X3_BOLD[place * 3 : place * 3 + 3])


class SavedCall(VerticalScroll, can_focus=True):
    """Stands where the form stood, until the operator leaves the call."""

    BINDINGS: ClassVar = [
        Binding(b.key, f"screen.{b.action}", b.description, show=False, id=b.id) for b in bindings("saved-call")
    ]

    def compose(self) -> ComposeResult:
        """Reference, what happened, what it is about, what to say."""
        yield Static(Content.styled("Reference", "$text-muted"), id="saved-title")
        yield BigReference(id="reference")
        yield Static(id="became")
        yield Static(id="regarding")
        yield Static(id="say")

    def show(self, ref: str, became: Content, regarding: Content, sentence: str) -> None:
        """Show a ticket by its reference; `sentence` is what may be read to the caller."""
        self.query_one("#saved-title", Static).update(
            Content.assemble(("Reference  ", "$text-muted"), (safe(ref), "bold"))
        )
        self.query_one(BigReference).show(ref)
        self.query_one("#became", Static).update(became)
        self.query_one("#regarding", Static).update(regarding)
        say = Content.assemble(("Say  ", "$text-muted"), safe(sentence)) if sentence else Content("")
        self.query_one("#say", Static).update(say)
