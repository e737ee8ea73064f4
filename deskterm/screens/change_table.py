"""What list and calendar of changes have in common: a table, and a look into the change under the cursor.

Both are read again when a change changed; the cursor stays where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from deskterm.screens.base import DeskScreen
from deskterm.text import safe
from deskterm.widgets.change_words import change_preview
from deskterm.widgets.table import Column, RowTable

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.desk.tickets.views import Change

Line = TypeVar("Line")
PREVIEW_DELAY = 0.05
"""Seconds the cursor rests on a row before its preview is fetched."""


class ChangeTable(DeskScreen, Generic[Line]):
    """A screen of changes. Subclasses give columns, load rows, and name the change of a row."""

    CSS_PATH = "change_table.tcss"
    AUTO_FOCUS = "#table"

    def __init__(self) -> None:
        super().__init__()
        self._request = 0
        self._to_top = True
        self._previewed: ChangeView | None = None
        self._preview_timer: Timer | None = None

    def columns(self) -> tuple[Column[Line], ...]:
        """The columns of the table."""
        raise NotImplementedError

    def above(self) -> ComposeResult:
        """What stands above the table."""
        yield from ()

    def change_of(self, line: Line) -> UUID | None:
        """The change that a row shows; None for a row that shows none."""
        raise NotImplementedError

    async def load(self, *, to_top: bool = False) -> bool:
        """Read the rows; whether they are still those that are wanted."""
        raise NotImplementedError

    def nothing(self) -> str:
        """What to say where a row shows no change, or there is no row."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The table with its head, and the preview below or beside it."""
        yield from self.above()
        with Vertical(id="split"):
            with Vertical(id="list"):
                yield Static(id="head")
                yield RowTable[Any](self.columns(), id="table")
            yield Static(id="preview")

    @property
    def table(self) -> RowTable[Line]:
        """The table of rows."""
        return self.query_one("#table", RowTable)

    @property
    def zone(self) -> str:
        """The zone in which moments are read: the desk's."""
        return self.host.desk.desk.zone if self.host.desk else "UTC"

    # -- keeping up

    def on_mount(self) -> None:
        """Show what there is."""
        self.reload()

    def on_screen_resume(self) -> None:
        """Back in front: the keyboard returns to the table, and it is as of now."""
        self.table.focus()
        self.reload()

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Read again what is shown, if it may be another."""
        if any(change.record_kind == "change" for change in changes):
            self.reload()

    def minute_passed(self) -> None:
        """Windows begin and end by themselves."""
        self.reload()

    def reload(self, *, to_top: bool = False) -> None:
        """Read the rows again; `to_top` where others are to be shown."""
        self._to_top = self._to_top or to_top
        self.begin(self._loaded(), group="load", only=True)

    async def _loaded(self) -> None:
        if await self.load(to_top=self._to_top):
            self._to_top = False
        self._draw_head()
        self._ask_preview()

    # -- drawing

    def _draw_head(self) -> None:
        self.query_one("#head", Static).update(Content.styled(safe(self.table.head()), "$text-muted"))

    def on_resize(self) -> None:
        """Titles and preview follow the width."""
        self.call_after_refresh(self._draw_head)
        self.call_after_refresh(self._draw_preview)

    def on_row_table_moved(self) -> None:
        """Another row: show it, a moment later, so that a held key does not ask the store for every row."""
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(PREVIEW_DELAY, self._ask_preview, name="preview")

    def _ask_preview(self) -> None:
        row = self.table.current
        change = self.change_of(row.value) if row else None
        self._request += 1
        if change is None:
            self._previewed = None
            self._draw_preview()
        else:
            self.begin(self._load_preview(change, self._request), group="preview", only=True)

    async def _load_preview(self, change: UUID, request: int) -> None:
        view = await self.host.store.change(change)
        if request == self._request:
            self._previewed = view
            self._draw_preview()

    def _draw_preview(self) -> None:
        panel = self.query_one("#preview", Static)
        size = panel.content_size
        if self._previewed:
            panel.update(change_preview(self._previewed, size.width, size.height))
        else:
            panel.update(Content.styled(safe(self.nothing()), "$text-muted"))

    # -- what can be done

    def act_open(self, argument: str) -> None:
        """Open the change under the cursor."""
        row = self.table.current
        change = self.change_of(row.value) if row else None
        if change is None:
            self.say(self.nothing())
        else:
            self.host.open_change(change)
