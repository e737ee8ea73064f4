"""The line in which a row of a change's form is typed, at its place among the others: what, whose, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from deskterm.desk.records.change import Section
from deskterm.text import safe
from deskterm.widgets.change_rows import state_width
from deskterm.widgets.line import LineInput

FIELDS: Final = ("text", "owner", "starts", "ends")
"""What is typed into a row, in the order of the line."""


class RowEditor(Vertical):
    """Fields of one row. Tab goes through them, and on when the last is left; Enter saves."""

    BINDINGS: ClassVar = [
        Binding("tab", "forward", show=False),
        Binding("shift+tab", "backward", show=False),
        Binding("escape", "leave", show=False),
        Binding("up", "leave_to(-1)", show=False),
        Binding("down", "leave_to(1)", show=False),
    ]
    DEFAULT_CSS = """
    RowEditor { height: auto; display: none; }
    RowEditor #entry { height: 1; }
    RowEditor #mark { width: auto; }
    RowEditor LineInput { width: 1fr; }
    RowEditor #row-owner { width: 14; margin-left: 2; }
    RowEditor .time { width: 7; margin-left: 1; display: none; }
    RowEditor.-outage .time { display: block; }
    RowEditor #news { height: auto; padding-left: 6; }
    .-wide RowEditor #row-owner { width: 22; }
    """

    @dataclass
    class Typed(Message):
        """A field changed."""

        field: str
        words: str

    class Entered(Message):
        """Enter: save, and go on to the next row."""

    class Forward(Message):
        """Tab behind the last field, or on a row that says nothing: on to the next section."""

    class Backward(Message):
        """Shift and Tab before the first field: back to the section before."""

    @dataclass
    class Left(Message):
        """Esc, or an arrow to a neighbour: leave the line; words typed are kept."""

        by: int = 0

    @dataclass
    class LinesPasted(Message):
        """Several lines were pasted: each is to be a row."""

        lines: tuple[str, ...]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._at_first: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Mark, fields, and below what is to be known while typing."""
        with Horizontal(id="entry"):
            yield Static(id="mark")
            yield LineInput(placeholder="what is done or said", id="row-text", passes_lines_on=True)
            yield LineInput(placeholder="owner", id="row-owner")
            yield LineInput(placeholder="from", id="row-starts", classes="time")
            yield LineInput(placeholder="until", id="row-ends", classes="time")
        yield Static(id="news")

    def input(self, field: str) -> LineInput:
        """The field that holds a part of the row."""
        return self.query_one(f"#row-{field}", LineInput)

    @property
    def values(self) -> dict[str, str]:
        """What stands in each field."""
        return {field: self.input(field).value for field in FIELDS}

    @property
    def is_changed(self) -> bool:
        """Whether anything was typed that was not there at first."""
        return self.values != self._at_first

    def begin(
        self, section: Section, number: int, at_first: dict[str, str], kept: dict[str, str], owners: tuple[str, ...]
    ) -> None:
        """Open the line for a row: what it holds at first, and over it words kept from before."""
        self.set_class(section is Section.OUTAGES, "-outage")
        mark = Content.assemble(("▸ ", "$text-accent"), (f"{number:>2}  ", "$text-muted"))
        self.query_one("#mark", Static).update(mark)
        pad = state_width(section) if section is not Section.OUTAGES else 0
        self.query_one("#mark").styles.padding = (0, pad, 0, 0)
        self._at_first = {field: at_first.get(field, "") for field in FIELDS}
        with self.prevent(Input.Changed):
            for field in FIELDS:
                line = self.input(field)
                line.value = kept.get(field) or self._at_first[field]
                line.cursor_position = len(line.value)
        self.input("owner").suggester = SuggestFromList([safe(owner) for owner in owners], case_sensitive=False)
        self.tell("")
        self.display = True
        self.input("text").focus(scroll_visible=False)

    def end(self) -> None:
        """Close the line."""
        self.display = False

    def tell(self, words: str, style: str = "$text-warning") -> None:
        """Say something below the line until the next row."""
        news = self.query_one("#news", Static)
        news.display = bool(words)
        news.update(Content.styled(safe(words), style))

    # -- keys

    def _last(self) -> str:
        return "ends" if self.has_class("-outage") else "owner"

    def _focused(self) -> str:
        return next((field for field in FIELDS if self.input(field).has_focus), "text")

    def action_forward(self) -> None:
        """Tab."""
        here = self._focused()
        if here == self._last() or not self.input("text").value.strip():
            self.post_message(self.Forward())
        else:
            self.input(FIELDS[FIELDS.index(here) + 1]).focus(scroll_visible=False)

    def action_backward(self) -> None:
        """Shift and Tab."""
        here = self._focused()
        if here == "text":
            self.post_message(self.Backward())
        else:
            self.input(FIELDS[FIELDS.index(here) - 1]).focus(scroll_visible=False)

    def action_leave(self) -> None:
        """Esc."""
        self.post_message(self.Left())

    def action_leave_to(self, by: int) -> None:
        """An arrow."""
        self.post_message(self.Left(by))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass every letter on, to be kept."""
        event.stop()
        if event.input.id:
            self.post_message(self.Typed(event.input.id.removeprefix("row-"), event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Entered())

    def on_line_input_lines_pasted(self, event: LineInput.LinesPasted) -> None:
        """Each line is a row."""
        event.stop()
        lines = tuple(line.strip() for line in event.text.splitlines() if line.strip())
        self.post_message(self.LinesPasted(lines))
