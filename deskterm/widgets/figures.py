"""Figures on a grid of cells: arrows go from one to the next that lies that way, Enter opens what is behind it.

Nothing is chosen until an arrow is pressed, so that a board which nobody touches shows no cursor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from deskterm.text import safe
from deskterm.widgets.board_words import Piece, Target

_CHOSEN: Final = "bold reverse"
_ACROSS: Final = 4
"""A line up or down counts as much as so many cells to the side."""


class Figures(Widget, can_focus=True):
    """Pieces of text, some of which open something."""

    DEFAULT_CSS = "Figures { height: 1fr; padding: 0 1; color: $text; }"
    BINDINGS: ClassVar = [
        Binding(key, f"go({key!r})", show=False) for key in ("left", "right", "up", "down", "home", "end")
    ]

    @dataclass
    class Opened(Message):
        """Enter, or a click, on a figure."""

        target: Target

    @dataclass
    class Resized(Message):
        """There is another space to lay pieces out in."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pieces: tuple[Piece, ...] = ()
        self._chosen = ""
        self._alarm: Content | None = None

    def show(self, pieces: tuple[Piece, ...]) -> None:
        """Show other pieces; the chosen figure stays chosen. Nothing is drawn when nothing changed."""
        if pieces != self._pieces:
            self._pieces = pieces
            self.refresh()

    def alarm(self, words: Content | None) -> None:
        """Show words in the first line, or none."""
        if (words is None) != (self._alarm is None) or (words and self._alarm and words.plain != self._alarm.plain):
            self._alarm = words
            self.refresh()

    @property
    def chosen(self) -> Target | None:
        """What Enter would open."""
        found = self._found()
        return found.target if found else None

    def _found(self) -> Piece | None:
        return next((piece for piece in self._pieces if piece.key and piece.key == self._chosen), None)

    def render(self) -> Content:
        """All lines; what is chosen stands out."""
        lines = [Content("")] * self.content_size.height
        for y, on_line in groupby(sorted(self._pieces, key=attrgetter("y", "x")), key=attrgetter("y")):
            if y < len(lines):
                lines[y] = self._line(list(on_line))
        if self._alarm is not None and lines:
            lines[0] = self._alarm.truncate(self.content_size.width, ellipsis=True, pad=True)
        return Content("\n").join(lines)

    def _line(self, pieces: list[Piece]) -> Content:
        parts, at = list[Content](), 0
        for piece in pieces:
            parts.append(Content(" " * (piece.x - at)))
            style = _CHOSEN if piece.key and piece.key == self._chosen else piece.style
            parts.append(Content.styled(safe(piece.text), style))
            at = max(at, piece.x) + cell_len(piece.text)
        return Content("").join(parts)

    # -- going about

    def action_go(self, way: str) -> None:
        """An arrow: to the nearest figure that lies that way; the first arrow chooses the first figure."""
        figures = sorted((piece for piece in self._pieces if piece.key), key=attrgetter("y", "x"))
        here = self._found()
        if not figures:
            return
        if here is None or way in ("home", "end"):
            found = figures[-1 if way == "end" else 0]
        else:
            lying = [piece for piece in figures if _LIES[way](piece, here)]
            found = min(lying, key=lambda piece: _far(piece, here, way), default=here)
        self._chosen = found.key
        self.refresh()

    def rest(self) -> bool:
        """Choose nothing any more; whether anything was chosen."""
        was, self._chosen = self._chosen, ""
        if was:
            self.refresh()
        return bool(was)

    def on_click(self, event: events.Click) -> None:
        """A click opens what it hits."""
        x, y = event.x - self.gutter.left, event.y - self.gutter.top
        for piece in self._pieces:
            if piece.target and piece.y == y and piece.x <= x < piece.x + cell_len(piece.text):
                self._chosen = piece.key
                self.post_message(self.Opened(piece.target))

    def on_resize(self) -> None:
        """Ask for pieces that fit."""
        self.post_message(self.Resized())


_LIES: Final[dict[str, Callable[[Piece, Piece], bool]]] = {
    "left": lambda piece, here: piece.y == here.y and piece.x < here.x,
    "right": lambda piece, here: piece.y == here.y and piece.x > here.x,
    "up": lambda piece, here: piece.y < here.y,
    "down": lambda piece, here: piece.y > here.y,
}


def _far(piece: Piece, here: Piece, way: str) -> int:
    """How far one figure lies from another; up and down go by where their last digits stand."""
    ends = abs((piece.x + cell_len(piece.text)) - (here.x + cell_len(here.text)))
    aside = min(ends, abs(piece.x - here.x))
    return aside if way in ("left", "right") else abs(piece.y - here.y) * _ACROSS + aside
