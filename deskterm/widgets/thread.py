"""A ticket's thread: calls, notes, status and hand-offs in one column to read, oldest first.

Only the lines in view are drawn. Entries that arrive never move the reader; a long text is cut until it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import RenderOptions

from deskterm.desk.tickets.views import TimelineEntry
from deskterm.desk.wording import day_named
from deskterm.widgets.entry_lines import ThreadLine, entry_lines
from deskterm.widgets.ticket_words import day_of

_TO_END = 1_000_000_000


class Thread(ScrollView, can_focus=True, inherit_bindings=False):
    """The thread. `show` gives it entries; what was in view stays in view."""

    BINDINGS: ClassVar = [
        Binding("up,k", "by_lines(-1)", show=False),
        Binding("down,j", "by_lines(1)", show=False),
        Binding("pageup", "by_pages(-1)", show=False),
        Binding("pagedown,space", "by_pages(1)", show=False),
        Binding("home,g", f"by_lines({-_TO_END})", show=False),
        Binding("end,G", f"by_lines({_TO_END})", show=False),
        Binding("enter", "open_text", show=False),
    ]
    DEFAULT_CSS = """
    Thread {
        background: $background; color: $text; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        scrollbar-background: $background; scrollbar-color: $rule;
    }
    """

    @dataclass
    class Moved(Message):
        """Other lines are in view; `below` entries begin beneath the last of them."""

        below: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: tuple[TimelineEntry, ...] = ()
        self._zone = "UTC"
        self._opened: set[int] = set()
        self._lines: list[ThreadLine] = []
        self._drawn: dict[tuple[int, bool], list[ThreadLine]] = {}
        self._drawn_width = 0
        self._keeps_to_end = True

    # -- entries

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line as plain text, in view or not."""
        return tuple(self._content(line).plain for line in self._lines)

    def show(self, entries: tuple[TimelineEntry, ...], zone: str, *, to_end: bool = False) -> None:
        """Show these entries, with times in `zone`. The reader stays where they are unless `to_end`."""
        if zone != self._zone:
            self._drawn.clear()
        first = not self._entries
        self._entries, self._zone = entries, zone
        self._rebuild(to_end=first or to_end)

    def _rebuild(self, *, to_end: bool = False) -> None:
        width = self.scrollable_content_region.width
        if width <= 0:
            self._keeps_to_end = True
            return
        place = self._place()
        if width != self._drawn_width:
            self._drawn.clear()
            self._drawn_width = width
        self._lines = self._compose_lines(width)
        self.virtual_size = Size(width, len(self._lines))
        self._go_to(_TO_END if to_end else self._line_of(place))
        self.refresh()

    def _compose_lines(self, width: int) -> list[ThreadLine]:
        lines: list[ThreadLine] = []
        day: date | None = None
        for number, entry in enumerate(self._entries):
            if (today := day_of(entry.at, self._zone)) != day:
                day = today
                lines.append(_day_line(day, number, width))
            lines += self._entry(entry, number, width)
        return lines

    def _entry(self, entry: TimelineEntry, number: int, width: int) -> list[ThreadLine]:
        key = (entry.version, entry.version in self._opened)
        if key not in self._drawn:
            self._drawn[key] = entry_lines(entry, number, self._zone, width, is_open=key[1])
        return self._drawn[key]

    # -- where the reader is

    @property
    def _top(self) -> int:
        return round(self.scroll_offset.y)

    def _place(self) -> tuple[int, int]:
        """The entry at the top of the view, and how many of its lines are above."""
        if not self._lines:
            return 0, 0
        top = min(self._top, len(self._lines) - 1)
        entry = self._lines[top].entry
        first = next(n for n, line in enumerate(self._lines) if line.entry == entry)
        return entry, top - first

    def _line_of(self, place: tuple[int, int]) -> int:
        entry, above = place
        own = [n for n, line in enumerate(self._lines) if line.entry == entry]
        return own[min(above, len(own) - 1)] if own else 0

    def _go_to(self, line: int) -> None:
        end = max(0, len(self._lines) - self.scrollable_content_region.height)
        self.scroll_to(y=max(0, min(line, end)), animate=False, force=True, immediate=True)
        self._moved()

    def _moved(self) -> None:
        bottom = self._top + self.scrollable_content_region.height
        self._keeps_to_end = bottom >= len(self._lines)
        begun = {line.entry for line in self._lines[:bottom]}
        self.post_message(self.Moved(sum(n not in begun for n in range(len(self._entries)))))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell how much is below, whatever moved the view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._moved()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width; who read the end goes on reading it."""
        self._rebuild(to_end=self._keeps_to_end)

    # -- keys

    def action_by_lines(self, by: int) -> None:
        """Read on, or back, by lines."""
        self._go_to(self._top + by)

    def action_by_pages(self, pages: int) -> None:
        """Read on, or back, by screens."""
        self._go_to(self._top + pages * max(1, self.scrollable_content_region.height - 1))

    def action_open_text(self) -> None:
        """Open the first cut text in view; where none is cut, close the one that was opened."""
        if (cut := self._first_cut()) is not None:
            self._opened.add(self._entries[cut.entry].version)
        else:
            view = self._lines[self._top : self._top + self.scrollable_content_region.height]
            open_ = (line.entry for line in view if self._entries[line.entry].version in self._opened)
            if (entry := next(open_, None)) is None:
                return
            self._opened.discard(self._entries[entry].version)
        self._rebuild()

    def _first_cut(self) -> ThreadLine | None:
        """The first line in view that stands for hidden ones: what Enter opens."""
        view = self._lines[self._top : self._top + self.scrollable_content_region.height]
        return next((line for line in view if line.hidden), None)

    # -- drawing

    def _content(self, line: ThreadLine) -> Content:
        if not line.hidden:
            return line.content
        more = f"… {line.hidden} more lines"
        enter = [(", ", "$text-muted"), ("Enter", "bold $text-accent"), (" shows them", "$text-muted")]
        return Content.assemble(line.content, (more, "$text-muted"), *(enter if line is self._first_cut() else []))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.scrollable_content_region.width
        number = y + self._top
        style = self.visual_style
        if number >= len(self._lines):
            return Strip.blank(width, style.rich_style)
        options = RenderOptions(self._get_style, {})
        strips = self._content(self._lines[number]).render_strips(width, 1, style, options)
        return strips[0].adjust_cell_length(width, style.rich_style) if strips else Strip.blank(width, style.rich_style)


def _day_line(day: date, entry: int, width: int) -> ThreadLine:
    name = f"── {day_named(day)} "
    return ThreadLine(Content.styled(name + "─" * max(0, width - cell_len(name)), "$text-disabled"), entry)
