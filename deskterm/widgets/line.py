"""Lines to type in that lose nothing of a paste: several lines stay, and what is too much is said, never cut silently.

Textual's own Input keeps the first line of a paste only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from rich.text import Text
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from deskterm.text import MAX_BYTES, capped, cell, clean_for_store, one_line

PASTE_WAS_CUT: Final = "That was too long to paste: only its beginning was taken, as much as fits into 64 KB."


@dataclass
class PasteCut(Message):
    """A paste was too long for a form; only its beginning was taken."""

    field: Widget


def fitting(pasted: str, there: str) -> tuple[str, bool]:
    """As much of a paste as a field can hold beside what is there already, and whether that is not all of it."""
    room = max(0, MAX_BYTES - len(there.encode("utf-8", "replace")))
    return capped(clean_for_store(pasted), room)


class LineInput(Input):
    """One line to type in. A paste of several lines is joined with spaces, or handed to the owner (`LinesPasted`)."""

    @dataclass
    class LinesPasted(Message):
        """Several lines were pasted into a field that passes them on."""

        field: LineInput
        text: str

        @property
        def control(self) -> LineInput:
            """The field it came from."""
            return self.field

    # Not `layout=True`, with which each letter lays the whole screen out again: no letter makes this field wider.
    virtual_size = Reactive(Size(0, 0))

    def __init__(self, value: str = "", *, placeholder: str = "", passes_lines_on: bool = False, **kwargs: Any) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False, **kwargs)
        self.cursor_blink = False
        self._passes_lines_on = passes_lines_on

    @property
    def _value(self) -> Text:
        """What is drawn: words kept from elsewhere may hold lines, and a field of one line has to stay one."""
        return Text(one_line(self.value), no_wrap=True, overflow="ignore", end="")

    def _on_paste(self, event: events.Paste) -> None:
        """Take all of a paste."""
        event.stop()
        event.prevent_default()
        if self._passes_lines_on and len(event.text.strip().splitlines()) > 1:
            self.post_message(self.LinesPasted(self, event.text))
            return
        text, is_cut = fitting(event.text, self.value)
        if is_cut:
            self.post_message(PasteCut(self))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        start, end = sorted((self.selection.start, self.selection.end))
        self.replace(" ".join(lines), start, end)


class LongWords(Static, can_focus=True):
    """Words that came by another way and are too long to be changed in a form: they stay as they are.

    A field to type in would lay all of them out again with each key, and take a second for it.
    """

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text

    @staticmethod
    def wanted(text: str) -> bool:
        """Whether words are too long for a field to type in."""
        return capped(text)[1]

    def render(self) -> Content:
        """The beginning, and what to make of the rest."""
        note = f"  {len(self.text):,} characters, too long to change here: they stay.".replace(",", "\u202f")
        room = max(8, self.size.width - len(note))
        return Content.assemble(cell(self.text, room), (note, "$text-muted"))
