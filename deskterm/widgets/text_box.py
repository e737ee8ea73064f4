"""A box for several lines. Apart from `line`, for the queue opens without what Textual loads for it."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.strip import Strip
from textual.widgets import TextArea

from deskterm.widgets.line import PasteCut, fitting


class TextBox(TextArea):
    """Several lines to type in; Tab leaves it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(compact=True, tab_behavior="focus", highlight_cursor_line=False, **kwargs)
        self.cursor_blink = False

    def on_unmount(self) -> None:
        """Let itself go: Textual would keep every box that ever was, to tell it of a new theme."""
        for watchers in getattr(self.app, "__watchers", {}).values():
            watchers[:] = [(watcher, told) for watcher, told in watchers if watcher is not self]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave F6 and F7 to the screen; Textual selects a line and everything with them."""
        return action not in ("select_line", "select_all") and super().check_action(action, parameters)

    def _render_line(self, y: int) -> Strip:
        """Draw a line as wide as the box: Textual measures it whole, and cut into pieces joined signs take more."""
        drawn = super()._render_line(y)
        return Strip(list(drawn)).adjust_cell_length(drawn.cell_length, self.rich_style)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste up to a size that a form can hold, and say so where it was longer."""
        text, is_cut = fitting(event.text, self.text)
        if is_cut:
            self.post_message(PasteCut(self))
        event.stop()
        # Textual hands the same event to TextArea's own handler next.
        event.text = text
