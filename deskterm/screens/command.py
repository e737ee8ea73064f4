"""The `:` line: an action's word and what it takes, completed as one types, or a reference to open."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from deskterm.actions import Place
from deskterm.screens.base import Host
from deskterm.screens.completing import Completion, completions
from deskterm.text import cell, safe

MOST = 8
"""Completions shown at once."""


class CommandScreen(ModalScreen[str | None]):
    """One line at the foot of the screen; gives the line, or None when it was left."""

    CSS_PATH = "command.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False, priority=True),
        Binding("up", "walk(-1)", show=False, priority=True),
        Binding("down", "walk(1)", show=False, priority=True),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._offers: tuple[Completion, ...] = ()
        self._at = -1
        self._back = 0

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """What may be meant, and the line."""
        with Vertical(id="command"):
            yield Static(id="offers")
            with Horizontal(id="line"):
                yield Static(Content.styled(":", "bold $text-accent"), id="colon")
                line = Input(placeholder="a command or a reference", compact=True, select_on_focus=False)
                line.cursor_blink = False
                yield line

    def on_mount(self) -> None:
        """Show what there is."""
        self._look()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look again for what may be meant."""
        self._look()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line, with its last word completed if one completion is marked."""
        line = self._completed() if self._at >= 0 else event.value
        self.dismiss(line.strip() or None)

    def action_leave(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)

    def action_complete(self) -> None:
        """Take the marked completion, or the first."""
        if self._offers:
            self._at = max(self._at, 0)
            self._put(self._completed())

    def action_walk(self, by: int) -> None:
        """Go through what is offered."""
        if self._offers:
            self._at = (self._at + by) % len(self._offers)
            self._draw()

    def _completed(self) -> str:
        return self._offers[self._at].line

    def _put(self, line: str) -> None:
        field = self.query_one(Input)
        field.value = line
        field.cursor_position = len(line)

    def _look(self) -> None:
        line = self.query_one(Input).value
        self._offers = completions(line, self._place, self.host)[:MOST]
        self._at = 0 if self._offers and line.strip() and not line.endswith(" ") else -1
        self._draw()

    def _draw(self) -> None:
        width = self.app.size.width - 4
        lines = []
        for number, offer in enumerate(self._offers):
            here = number == self._at
            mark = ("▸ ", "$text-accent") if here else ("  ", "")
            word = (cell(offer.word, 22), "bold" if here else "")
            lines.append(Content.assemble(mark, word, (safe(cell(offer.help, width - 24)), "$text-muted")))
        self.query_one("#offers", Static).update(Content("\n").join(lines))
