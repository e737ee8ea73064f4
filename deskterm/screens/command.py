"""The `:` line: an action's word and what it takes, completed as one types, or a reference to open."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from deskterm.actions import Action, Place, named
from deskterm.screens.base import DeskScreen, Host
from deskterm.screens.completing import Completion, HalfLine, arguments, fetched, reference_in, words
from deskterm.text import cell
from deskterm.widgets.line import LineInput

SHOWN = 8
"""Completions shown at once."""
WORD = 24
"""Columns for the word of a completion."""


class CommandScreen(ModalScreen[str | None]):
    """One line at the foot of the screen; gives the line, or None when it was left.

    Tab completes. Up and down go through what is offered; on an empty line up brings back the lines of before.
    Enter gives the marked completion, which is always one of the line as it stands.
    """

    CSS_PATH = "command.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False, priority=True),
        Binding("up", "walk(-1)", show=False, priority=True),
        Binding("down", "walk(1)", show=False, priority=True),
    ]

    def __init__(self, place: Place, begun: str = "") -> None:
        """`begun` is what stands in the line at first."""
        super().__init__()
        self._place, self._begun = place, begun
        self._offers: tuple[Completion, ...] = ()
        self._at = -1
        self._past = 0
        """How many lines back in the history the line stands; 0 for one being typed."""
        self._request = 0

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
                yield LineInput(placeholder="a command or a reference")

    def on_mount(self) -> None:
        """Show what there is."""
        if self._begun:
            self._put(self._begun)
        self._look(self._begun)

    @property
    def _line(self) -> Input:
        return self.query_one(Input)

    def _why_not(self, action: Action) -> str | None:
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        return below.why_not(action) if isinstance(below, DeskScreen) else None

    # -- looking

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look again for what may be meant."""
        if self._past and event.value != self.host.history[-self._past]:
            self._past = 0
        self._look(event.value)

    def _look(self, line: str) -> None:
        self._request += 1
        half = HalfLine.of(line)
        if reference := reference_in(line, self.host):
            self._show((reference,))
            asks = reference.is_possible
        elif not half.has_word:
            self._show(words(half.word, self._place, self._why_not))
            asks = False
        else:
            known = arguments(half, self._place, self.host)
            # Until the store has answered nothing is marked, so that Enter takes the line as it was typed.
            self._show(known if known is not None else ())
            asks = known is None
        if asks:
            self.run_worker(self._fetch(line, half, self._request), exit_on_error=False)

    async def _fetch(self, line: str, half: HalfLine, request: int) -> None:
        offers = await fetched(line, half, self._place, self.host)
        if request == self._request and self.is_attached:
            self._show(offers)

    def _show(self, offers: tuple[Completion, ...]) -> None:
        self._offers = offers
        half = HalfLine.of(self._line.value)
        begun = half.rest if half.has_word else half.word
        self._at = 0 if offers and begun and not self._past else -1
        self._draw()

    def _draw(self) -> None:
        width = self.app.size.width - 4
        top = max(0, min(self._at - SHOWN + 2, len(self._offers) - SHOWN))
        lines = []
        for number, offer in enumerate(self._offers[top : top + SHOWN], top):
            here = number == self._at
            mark = ("▸ ", "$text-accent") if here else ("  ", "")
            word = (cell(offer.word, WORD), "bold" if here else "" if offer.is_possible else "$text-disabled")
            told = (cell(offer.help, width - WORD), "$text-muted" if offer.is_possible else "$text-disabled")
            lines.append(Content.assemble(mark, word, told))
        if (more := len(self._offers) - SHOWN) > 0:
            lines.append(Content.styled(f"  {more} more; type on, or go down", "$text-disabled"))
        if not self._offers:
            lines.append(Content.styled(f"  {self._nothing()}", "$text-muted"))
        self.query_one("#offers", Static).update(Content("\n").join(lines))

    def _nothing(self) -> str:
        """What to say where nothing is offered."""
        half = HalfLine.of(self._line.value)
        action = named(half.word, self._place)
        return action.help if action else "There is no such command here."

    # -- keys

    def action_complete(self) -> None:
        """Take the marked completion, or the first."""
        if self._offers:
            self._put(self._offers[max(self._at, 0)].line)

    def action_walk(self, by: int) -> None:
        """Go through the lines of before, or through what is offered."""
        history = self.host.history
        if self._past or (by < 0 and not self._line.value and self._at < 0):
            past = max(0, min(self._past - by, len(history)))
            if past != self._past:
                self._past = past
                self._put(history[-past] if past else "")
        elif self._offers:
            self._at = (self._at + by) % len(self._offers)
            self._draw()

    def _put(self, line: str) -> None:
        self._line.value = line
        self._line.cursor_position = len(line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line, with its last word completed if one completion is marked."""
        line = (self._offers[self._at].line if self._at >= 0 else event.value).strip()
        if line and self.host.history[-1:] != [line]:
            self.host.history.append(line)
        self.dismiss(line or None)

    def action_leave(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)
