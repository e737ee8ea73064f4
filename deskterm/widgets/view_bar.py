"""The line of views above the queue: a digit for each, its name and how many tickets it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from deskterm.text import safe

if TYPE_CHECKING:
    from deskterm.desk.tickets.queue_views import ViewCount


class ViewBar(Widget):
    """Views side by side; the one in front is marked. What does not fit gives way at the right end."""

    DEFAULT_CSS = "ViewBar { height: 1; padding: 0 1; margin: 0 0 1 0; color: $text; }"

    def __init__(self) -> None:
        super().__init__()
        self._views: tuple[ViewCount, ...] = ()
        self._current = ""

    def show(self, views: tuple[ViewCount, ...], current: str) -> None:
        """Show these views; nothing is drawn when nothing changed."""
        if (views, current) != (self._views, self._current):
            self._views, self._current = views, current
            self.refresh()

    def render(self) -> Content:
        """The views in one line, always with the one in front."""
        width = self.content_size.width
        parts = [self._part(number, view) for number, view in enumerate(self._views, 1)]
        here = next((n for n, v in enumerate(self._views) if v.view.key == self._current), 0)
        while parts and sum(p.cell_length + 2 for p in parts) > width + 2:
            gone = -1 if here < len(parts) - 1 else 0
            parts.pop(gone)
            here -= gone == 0
        return Content("  ").join(parts)

    def _part(self, number: int, counted: ViewCount) -> Content:
        name = safe(counted.view.name)
        if counted.view.key == self._current:
            return Content.assemble(
                (f"{number} ", "bold $text-accent"), (name, "bold underline"), (f" {counted.count}", "bold")
            )
        return Content.assemble(
            (f"{number} ", "$text-accent"), (name, "$text-muted"), (f" {counted.count}", "$text-muted")
        )
