"""A few lines under a small title, one beside the other in a column: what the caller's card is made of."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class Section(Widget):
    """A title and lines, each cut to the width; gone while it has no lines. It redraws only when they change."""

    DEFAULT_CSS = """
    Section { height: auto; margin-bottom: 1; color: $text; }
    """

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title
        self.lines: tuple[Content, ...] = ()
        self.display = False

    def show(self, lines: tuple[Content, ...], title: str | None = None) -> None:
        """Show other lines."""
        title = self.title if title is None else title
        if (lines, title) == (self.lines, self.title):
            return
        resized = len(lines) != len(self.lines) or bool(title) != bool(self.title)
        self.lines, self.title = lines, title
        self.display = bool(lines)
        self.refresh(layout=resized)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line each, and one for the title."""
        return len(self.lines) + bool(self.title)

    def render(self) -> Content:
        """Title and lines."""
        width = self.content_size.width
        title = [Content.styled(self.title, "$text-muted")] if self.title else []
        return Content("\n").join([line.truncate(width, ellipsis=True) for line in (*title, *self.lines)])
