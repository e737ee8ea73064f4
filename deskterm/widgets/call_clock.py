"""How long a call has lasted, ticking once a second at the price of its own few cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


def lasted(seconds: int) -> str:
    """Write a length as a clock does: 03:27, from an hour on 1:03:27."""
    minutes, seconds = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


class CallClock(Widget):
    """The timer of a call. `began` is when it started, `now` tells the moment."""

    DEFAULT_CSS = "CallClock { width: 8; height: 1; text-style: bold; }"

    def __init__(self, began: datetime, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.began = began
        self.ended: datetime | None = None
        """When the caller hung up, where that is known: there it stands."""
        self._now = now
        self._shown = ""

    def on_mount(self) -> None:
        """Tick."""
        self.set_interval(1, self.tick)

    def tick(self) -> None:
        """Redraw what has changed since the last second."""
        text = self.text
        if text != self._shown:
            self._shown = text
            self.refresh(Region(0, 0, len(text), 1))

    @property
    def text(self) -> str:
        """How long the call has lasted so far."""
        return lasted(int(((self.ended or self._now()) - self.began).total_seconds()))

    def render(self) -> Content:
        """The digits."""
        return Content(self.text)
