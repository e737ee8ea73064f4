"""Help: every action with its key, those of the place in front first, narrowed as one types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from deskterm.actions import ACTIONS, PLACES, Action, Place
from deskterm.keymap import Keymap, shown_keys
from deskterm.text import cell
from deskterm.widgets.line import LineInput

WIDE: Final = 100
"""Columns from which the `:` word has a column of its own."""
_PLACEHOLDER: Final = "type to narrow: a key, a name, a word"
KEY, NAME, WORD = 8, 17, 20
"""Columns for the keys, the name and the word."""


def sections(place: Place) -> list[tuple[str, list[Action]]]:
    """Every action once, in parts: what works here, what works anywhere, then the other places."""
    order: list[Place] = [place, "anywhere", *(other for other in PLACES if other not in (place, "anywhere"))]
    told: set[str] = set()
    parts = []
    for each in dict.fromkeys(order):
        actions = [action for action in ACTIONS if each in action.places and action.id not in told]
        told |= {action.id for action in actions}
        parts.append((PLACES[each].capitalize(), actions))
    return parts


class NarrowingLine(LineInput):
    """The line to narrow by. While it is empty, `?` and `q` are not its letters: they close what it stands in."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is a letter of this line."""
        return (bool(self.value) or character not in ("?", "q")) and super().check_consume_key(key, character)


class HelpScreen(ModalScreen[None]):
    """The list of keys. `keys` is the keymap of the settings, so that what was remapped shows as it is."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [
        Binding("escape,f1", "leave", show=False),
        Binding("question_mark,q", "leave", show=False, priority=True),
        *(
            Binding(key, f"scroll_list({move!r})", show=False, priority=True)
            for key, move in (("up", "up"), ("down", "down"), ("pageup", "page_up"), ("pagedown", "page_down"))
        ),
    ]

    def __init__(self, place: Place, keys: Keymap) -> None:
        super().__init__()
        self._place = place
        self._keymap = keys

    def compose(self) -> ComposeResult:
        """The line to narrow by, and the list."""
        with Vertical(id="help"):
            with Horizontal(id="top"):
                yield Static(Content.styled("Help", "bold"), id="title")
                line = NarrowingLine(placeholder=_PLACEHOLDER)
                line.cursor_blink = False
                yield line
                yield Static(Content.assemble(("Esc", "bold $text-accent"), " Close"), id="close")
            with VerticalScroll(id="list", can_focus=False):
                yield Static(id="lines")

    def on_mount(self) -> None:
        """Show everything."""
        self._draw()

    def on_resize(self) -> None:
        """The columns follow the width."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._draw()
        self.query_one("#list").scroll_home(animate=False)

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_scroll_list(self, move: str) -> None:
        """Move the list while the keyboard stays in the line."""
        getattr(self.query_one("#list"), f"scroll_{move}")(animate=False)

    def _draw(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        width = self.query_one("#list").scrollable_content_region.width or self.app.size.width - 4
        lines: list[Content] = []
        for title, actions in sections(self._place):
            found = [action for action in actions if self._fits(action, words)]
            if found:
                lines += [Content("")] if lines else []
                lines.append(Content.styled(title, "bold"))
                # A key that was typed exactly is what was meant: it comes first.
                found.sort(key=lambda action: self.query_one(Input).value not in self._keys_of(action).split())
                lines += [line for action in found for line in self._lines(action, width)]
        if not lines:
            lines = [Content.styled("Nothing is called that. Backspace shows more.", "$text-muted")]
        self.query_one("#lines", Static).update(Content("\n").join(lines))

    def _keys_of(self, action: Action) -> str:
        return shown_keys(action, self._keymap)

    def _fits(self, action: Action, words: Iterable[str]) -> bool:
        said = f"{self._keys_of(action)} {action.name} :{action.id} {action.help}".casefold()
        return all(word in said for word in words)

    def _lines(self, action: Action, width: int) -> list[Content]:
        keys = cell(self._keys_of(action), KEY)
        start = [(keys, "bold $text-accent"), (cell(action.name, NAME), "$text")]
        text = Content.styled(action.help, "$text-muted")
        if action.id in self._keymap and action.keys:
            text = Content.assemble(text, (f" Was {shown_keys(action, {})}.", "$text-muted"))
        word = (f":{action.id}", "$text-accent")
        used = KEY + NAME
        if width >= WIDE - 6:
            start.append((word[0].ljust(WORD), word[1]))
            used += WORD
        else:
            text = Content.assemble(text, " ", word)
        rows = text.wrap(max(20, width - used))
        return [Content.assemble(*(start if n == 0 else [(" " * used, "")]), row) for n, row in enumerate(rows)]
