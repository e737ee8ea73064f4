"""Lines of a label and its words, the words wrapped beside the label and never under it."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

Row = tuple[Content, Content]
"""Label and words. Without words the label has the line to itself; without either it is a line of air."""


class Labelled(Widget):
    """As high as its lines. It wraps anew when the width changes."""

    DEFAULT_CSS = "Labelled { height: auto; color: $text; }"

    def __init__(self, rows: tuple[Row, ...] = (), *, indent: int, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = rows
        self._indent = indent

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show other lines."""
        if rows != self._rows:
            self._rows = rows
            self.refresh(layout=True)

    def lines(self, width: int) -> list[Content]:
        """Every line as it is drawn at a width."""
        lines: list[Content] = []
        for label, words in self._rows:
            if not words:
                lines += label.wrap(max(1, width)) if label else [Content("")]
                continue
            first, *rest = words.wrap(max(8, width - self._indent))
            gap = " " * (self._indent - label.cell_length)
            lines.append(Content.assemble(label, gap, first))
            lines += [Content.assemble(" " * self._indent, line) for line in rest]
        return lines

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(self.lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes."""
        return len(self.lines(width))
