"""The tickets behind a figure of the board: the queue, with that figure's question and a way back."""

from __future__ import annotations

from dataclasses import replace

from deskterm.desk.tickets.views import QueueQuery
from deskterm.screens.queue import QueueScreen
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.view_bar import ViewBar


class BehindScreen(QueueScreen):
    """A queue that lists what one figure counted, as of the moment of the board."""

    def __init__(self, title: str, query: QueueQuery) -> None:
        super().__init__()
        self._title, self._behind = title, query

    def on_mount(self) -> None:
        """The desk is open already."""
        self.query_one(ViewBar).display = False
        self.desk_opened()
        self.heading(self._title, calls_open(len(self.host.calls)))

    async def _choose_start(self) -> None:
        await self._load(to_top=True)

    async def _load_counts(self) -> None:
        """There is one view only, and no counts to keep."""

    def _query(self, after: str | None = None) -> QueueQuery:
        asked = super()._query(after)
        return replace(self._behind, text=asked.text, after=asked.after, limit=asked.limit)

    def act_back(self, argument: str) -> None:
        """Esc clears the filter or the marks, then goes back to the board."""
        if self._text or self.table.marks or self.query_one("#filter").display:
            super().act_back(argument)
        else:
            self.app.pop_screen()
