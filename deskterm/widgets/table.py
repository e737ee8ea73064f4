"""A table that draws only the lines in view, over rows that come page by page from a store.

Textual's DataTable measures every row before it shows one; a queue has too many. This one keeps the rows it was
given, knows each by its id, and repaints single lines. Whatever is refreshed, the row under the cursor stays under
the cursor and on the same line of the screen, and marks stay on their tickets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from deskterm.text import cell

Row = TypeVar("Row")
Tone = str
"""Name of a component class without its prefix: "plain", "muted", "late", "risk", "accent"."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its title, its width in cells (0 takes what is left), and what it shows of a row.

    `gives_way` orders which column goes first when the table is too narrow: the highest first; 0 never goes.
    """

    title: str
    width: int
    show: Callable[[Row], tuple[str, Tone]]
    gives_way: int = 0
    right: bool = False
    beside: Callable[[Row], tuple[str, Tone]] | None = None
    """A few cells at the column's right end that some rows have; what the column shows gives them room."""


Fit = tuple[tuple[Column[Row], int], ...]
"""Columns with the widths they have, from left to right."""


@dataclass(frozen=True, slots=True)
class TableRow(Generic[Row]):
    """A row with what the table must know of it."""

    id: UUID
    value: Row


class RowTable(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """The table. Its owner gives it rows, and more of them when it says `MoreWanted`."""

    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "move(-1000000000)", show=False),
        Binding("end,G", "move(1000000000)", show=False),
    ]
    COMPONENT_CLASSES: ClassVar = {
        "table--head",
        "table--plain",
        "table--muted",
        "table--late",
        "table--risk",
        "table--accent",
        "table--cursor",
        "table--blurred",
        "table--mark",
    }
    DEFAULT_CSS = """
    RowTable { background: $background; color: $text; scrollbar-size-vertical: 1; }
    RowTable .table--head { color: $foreground-muted; }
    RowTable .table--plain { color: $text; }
    RowTable .table--muted { color: $foreground-muted; }
    RowTable .table--late { color: $text-error; text-style: bold; }
    RowTable .table--risk { color: $text-warning; }
    RowTable .table--accent { color: $text-accent; }
    RowTable .table--mark { color: $text-accent; text-style: bold; }
    RowTable .table--cursor { background: $cursor-row; text-style: bold; }
    RowTable .table--blurred { background: $surface; }
    """
    NEAR_END = 30

    class Moved(Message):
        """The cursor stands on another row, or the row under it changed."""

        can_replace_others = True

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst matters."""
            return isinstance(message, type(self))

    class MoreWanted(Message):
        """The last rows are near; the owner may `extend` the table."""

    def __init__(self, columns: tuple[Column[Row], ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._fitted: tuple[int, Fit[Row]] = (0, ())
        self._rows: list[TableRow[Row]] = []
        self._cursor = 0
        self.marks: set[UUID] = set()
        self._asked_at = -1

    # -- rows

    @property
    def rows(self) -> tuple[TableRow[Row], ...]:
        """The rows so far."""
        return tuple(self._rows)

    @property
    def current(self) -> TableRow[Row] | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def replace(self, rows: Iterable[TableRow[Row]], *, to_top: bool = False) -> None:
        """Show these rows. The cursor stays on its row and its line; if the row is gone, on the line it had.

        `to_top` starts at the first row instead: for another view or filter.
        """
        before, old_rows = self.current, self._rows
        new_rows = list(rows)
        line = self._cursor - round(self.scroll_offset.y)
        height_changed = len(new_rows) != len(old_rows)
        self._rows = new_rows
        self._asked_at = -1
        if to_top:
            self._cursor = 0
        elif before is not None:
            index = {row.id: n for n, row in enumerate(new_rows)}
            self._cursor = index.get(before.id, self._nearest(old_rows, index))
        self._cursor = max(0, min(self._cursor, len(new_rows) - 1))
        if height_changed:
            self.virtual_size = Size(0, len(new_rows))
        top = 0 if to_top else max(0, self._cursor - line)
        if top != round(self.scroll_offset.y):
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._repaint_changed(old_rows if not to_top and not height_changed else None)
        after = self.current
        if to_top or before is None or after is None or after.value != before.value:
            self.post_message(self.Moved())

    def extend(self, rows: Iterable[TableRow[Row]]) -> None:
        """Add rows at the end."""
        known = {row.id for row in self._rows}
        self._rows.extend(row for row in rows if row.id not in known)
        self.virtual_size = Size(0, len(self._rows))
        self.refresh()

    def repaint(self, ids: Collection[UUID]) -> None:
        """Draw some rows again, where they are in view."""
        for n, row in enumerate(self._rows):
            if row.id in ids:
                self._refresh_row(n)

    def _nearest(self, old_rows: list[TableRow[Row]], index: dict[UUID, int]) -> int:
        """Where the cursor goes when its row is gone: to the next old neighbour that is still there."""
        for row in (*old_rows[self._cursor + 1 :], *reversed(old_rows[: self._cursor])):
            if row.id in index:
                return index[row.id]
        return 0

    def _repaint_changed(self, old_rows: list[TableRow[Row]] | None) -> None:
        if old_rows is None:
            self.refresh()
            return
        for n, (old, new) in enumerate(zip(old_rows, self._rows, strict=False)):
            if old != new:
                self._refresh_row(n)

    # -- marks

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark off, and go to the next."""
        if row := self.current:
            self.marks ^= {row.id}
            self._refresh_row(self._cursor)
            self.action_move(1)

    def clear_marks(self) -> None:
        """Take every mark off."""
        if self.marks:
            self.marks.clear()
            self.refresh()

    # -- moving

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        target = max(0, min(self._cursor + by, len(self._rows) - 1))
        if target == self._cursor or not self._rows:
            return
        old, self._cursor = self._cursor, target
        self._refresh_row(old)
        self._refresh_row(target)
        self._keep_in_view()
        self.post_message(self.Moved())
        if len(self._rows) - target < self.NEAR_END and self._asked_at != len(self._rows):
            self._asked_at = len(self._rows)
            self.post_message(self.MoreWanted())

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.action_move(pages * max(1, self._body_height - 1))

    @property
    def _body_height(self) -> int:
        return self.scrollable_content_region.height

    def _keep_in_view(self) -> None:
        # Half a screen at the edge: scrolling repaints every line, so it should happen seldom.
        top, height = round(self.scroll_offset.y), self._body_height
        if height and not top <= self._cursor < top + height:
            self.scroll_to(y=max(0, self._cursor - height // 2), animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; the keyboard remains the way to act."""
        self.action_move(event.y + round(self.scroll_offset.y) - self._cursor)

    def on_focus(self) -> None:
        """Show the cursor as the live one."""
        self._refresh_row(self._cursor)

    def on_blur(self) -> None:
        """Show the cursor as a resting one."""
        self._refresh_row(self._cursor)

    # -- drawing

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._keep_in_view()

    @property
    def _shown(self) -> Fit[Row]:
        """The columns that fit, and their widths. Known as soon as there is a width: the first paint needs them."""
        # The last cell is the scrollbar's, shown or not: no column moves when it appears.
        width = self.outer_size.width - 1
        if width != self._fitted[0]:
            self._fitted = width, self._fit(width)
        return self._fitted[1]

    def _fit(self, width: int) -> Fit[Row]:
        columns = list(self._columns)

        def needed() -> int:
            return 2 + sum((c.width or 24) + 1 for c in columns)

        while needed() > width and (going := max(columns, key=lambda c: c.gives_way)).gives_way:
            columns.remove(going)
        fixed = 2 + sum(c.width + 1 for c in columns)
        flexible = [c for c in columns if not c.width]
        share, rest = divmod(max(0, width - fixed + 1), len(flexible) or 1)
        return tuple((c, c.width or max(1, share) + (rest if c is flexible[0] else 0)) for c in columns)

    def head(self) -> str:
        """The line of column titles, as wide as the columns below it."""
        titles = (c.title.rjust(w) if c.right else c.title.ljust(w) for c, w in self._shown)
        return "  " + " ".join(titles)

    def _refresh_row(self, index: int) -> None:
        y = index - round(self.scroll_offset.y)
        region = self.scrollable_content_region
        if 0 <= y < region.height:
            # One cell less than the width leaves the scrollbar alone (it would be redrawn with every line).
            self.refresh(Region(0, y, max(1, region.width - 1), 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        index = y + round(self.scroll_offset.y)
        width = self.scrollable_content_region.width
        plain = self.get_component_rich_style("table--plain")
        if index >= len(self._rows):
            return Strip.blank(width, plain)
        row = self._rows[index]
        base = plain
        if index == self._cursor:
            base += self.get_component_rich_style("table--cursor" if self.has_focus else "table--blurred", partial=True)
        return Strip(self._segments(row, index, base)).adjust_cell_length(width, base)

    def _segments(self, row: TableRow[Row], index: int, base: Style) -> Iterable[Segment]:
        sign = "▌" if index == self._cursor else " "
        mark = "•" if row.id in self.marks else " "
        yield Segment(sign + mark, base + self.get_component_rich_style("table--mark", partial=True))
        for number, (column, width) in enumerate(self._shown):
            text, tone = column.show(row.value)
            beside, its_tone = column.beside(row.value) if column.beside else ("", "plain")
            last = cell(f" {beside}", cell_len(beside) + 1) if beside else ""
            shown = cell(text, width - cell_len(last))
            if column.right:
                shown = shown.strip().rjust(width)
            yield Segment((" " if number else "") + shown, self._toned(base, tone))
            if last:
                yield Segment(last, self._toned(base, its_tone))

    def _toned(self, base: Style, tone: Tone) -> Style:
        return base + self.get_component_rich_style(f"table--{tone}", partial=True) if tone != "plain" else base
