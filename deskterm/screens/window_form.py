"""A form in which a window is chosen: what else is planned or frozen then is shown while it is typed (C2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from textual import events
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from deskterm.desk.changes.window import clashes, freezes
from deskterm.screens.change_forms import read_window
from deskterm.screens.form import Field, Form, FormScreen, Submit
from deskterm.store.base import StoreError
from deskterm.widgets.change_face import ahead_lines, window_lines

if TYPE_CHECKING:
    from deskterm.desk.changes.window import Booked
    from deskterm.desk.records.change import Change

LOOKS_AHEAD: Final = timedelta(days=60)
"""How far ahead other windows and freezes are shown while none is typed yet."""


class WindowForm(FormScreen):
    """A form with a start and an end of a window among its fields.

    Enter goes to what is still wanting (`wanted`, by key) while it is empty, although a draft may be kept without it.
    """

    CSS_PATH = ["form.tcss", "window_form.tcss"]  # type: ignore[assignment]  # noqa: RUF012 - a form declares one

    def __init__(self, form: Form, submit: Submit, change: Change, wanted: frozenset[str] = frozenset()) -> None:
        super().__init__(form, submit)
        self._wanted = wanted
        self._change = change
        self._others: tuple[Booked, ...] = ()

    async def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Bring kept words back, go to what is wanted first, and look up what else is planned."""
        event.prevent_default()  # or Textual would begin the form a second time
        panel = Static(id="planned")
        await self.query_one("#form", Vertical).mount(panel, before="#foot")
        super().on_mount()
        if wanted := next((f for f in self.form.fields if self._is_wanted(f)), None):
            self._widget(wanted).focus()
        self.run_worker(self._look_up(), exit_on_error=False)

    async def _look_up(self) -> None:
        now = self.host.now()
        try:
            self._others = await self.host.store.windows(now, now + LOOKS_AHEAD)
        except StoreError as error:
            self._foot(error.message)
        self._show_planned()

    def _is_wanted(self, field: Field) -> bool:
        return (field.needed or field.key in self._wanted) and not self._value(field).strip()

    def _next_needed(self, after: Field | None) -> Field | None:
        """Also what is wanted and may be left empty, but only further down: nobody is held in a circle."""
        below = self.form.fields[self.form.fields.index(after) + 1 :] if after else self.form.fields
        wanted = next((field for field in below if self._is_wanted(field)), None)
        return wanted or super()._next_needed(after)

    def _typed(self, widget: Widget, words: str) -> None:
        super()._typed(widget, words)
        self._show_planned()

    def _show_planned(self) -> None:
        """Say what the window typed so far comes to, and what else is planned on the same systems or customer."""
        desk = self.host.desk
        assert desk is not None
        now, width = self.host.now(), max(20, self.size.width - 2)
        change = self._as_typed()
        try:
            starts, ends = read_window(self.host, change, self._values())
        except StoreError:
            starts = ends = None
        lines: list[Content]
        if starts and ends and starts < ends:
            there = change.model_copy(update={"starts": starts, "ends": ends})
            lines = window_lines(there, clashes(there, self._others), freezes(there, desk), width)
        else:
            wide = change.model_copy(update={"starts": starts or now, "ends": now + LOOKS_AHEAD})
            lines = ahead_lines(wide, clashes(wide, self._others), freezes(wide, desk), width)
        self.query_one("#planned", Static).update(Content("\n").join(lines))

    def _as_typed(self) -> Change:
        """The change with the systems and zones of the form as it is typed."""
        values = self._values()
        typed: dict[str, object] = {}
        if "systems" in values:
            typed["systems"] = tuple(each.strip() for each in values["systems"].split(",") if each.strip())
        if "company" in values and values["company"] != self._change.company:
            typed |= {"company": values["company"], "company_id": None}
        return self._change.model_copy(update=typed)
