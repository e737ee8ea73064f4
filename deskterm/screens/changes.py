"""The list of changes: those that are open by their window, one's own, those whose form is outstanding, all (R149)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, get_args

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from deskterm.actions import bindings
from deskterm.desk.changes.views import ChangeLine, ChangeList, ChangeQuery
from deskterm.screens.change_table import ChangeTable
from deskterm.text import safe
from deskterm.widgets.change_words import line_words, window_cell
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.line import LineInput
from deskterm.widgets.table import Column, TableRow, Tone

if TYPE_CHECKING:
    from uuid import UUID

PAGE: Final = 100
_VIEWS: Final[tuple[ChangeList, ...]] = get_args(ChangeList)
_NAMES: Final[dict[ChangeList, str]] = {
    "open": "Open", "mine": "Mine", "forms": "Form outstanding", "all": "All",
}  # fmt: skip
_NOTHING: Final[dict[ChangeList, str]] = {
    "open": "No change is open.",
    "mine": "No open change is yours.",
    "forms": "No form is outstanding.",
    "all": "There is no change yet.",
}


class ChangesScreen(ChangeTable[ChangeLine]):
    """Changes in a table, with views and a filter."""

    place = "changes"
    BINDINGS: ClassVar = [
        *bindings("changes"),
        *(Binding(str(n), f"nth_view({n})", show=False) for n in range(1, len(_VIEWS) + 1)),
    ]

    def __init__(self, view: ChangeList = "open") -> None:
        super().__init__()
        self._view = view
        self._text = ""
        self._forms = 0
        self._is_full = False

    def above(self) -> ComposeResult:
        """Views and filter."""
        yield Static(id="views")
        yield LineInput(placeholder="words, system, reference", id="filter")

    def on_mount(self) -> None:
        """Start with the keyboard in the table."""
        self.heading("Changes", calls_open(len(self.host.calls)))
        self.query_one("#filter").display = False
        super().on_mount()

    def columns(self) -> tuple[Column[ChangeLine], ...]:
        """What tells changes apart; ticket, engineer and company give way when it is narrow."""

        def state(line: ChangeLine) -> tuple[str, Tone]:
            _, words, tone = line_words(line.state)
            return ("form overdue", "late") if line.form_overdue else (words, tone)

        def sign(line: ChangeLine) -> tuple[str, Tone]:
            mark, _, tone = line_words(line.state)
            return ("‼", "late") if line.form_overdue else (mark, tone)

        return (
            Column("", 1, sign),
            Column("Window", 22, lambda line: (window_cell(line.starts, line.ends, self.zone), "plain")),
            Column("Ref", 8, lambda line: (line.ref, "accent")),
            Column("Change", 0, lambda line: (line.title or "No title yet", "plain")),
            Column("State", 16, state),
            Column("Company", 16, lambda line: (line.company, "muted"), gives_way=1),
            Column("Engineer", 12, lambda line: (line.engineer, "muted"), gives_way=2),
            Column("For", 8, lambda line: (line.ticket_ref, "muted"), gives_way=3),
        )

    def change_of(self, line: ChangeLine) -> UUID | None:
        """Each row is a change."""
        return line.id

    def nothing(self) -> str:
        """Why the table is empty."""
        return "Nothing fits this filter. Esc clears it." if self._text else _NOTHING[self._view]

    # -- rows

    async def load(self, *, to_top: bool = False) -> bool:
        """Read the first page, and how many forms are outstanding."""
        view, text = self._view, self._text
        lines = await self.host.store.changes(ChangeQuery(view, text=text, limit=PAGE))
        forms = await self.host.store.changes(ChangeQuery("forms", limit=PAGE))
        if (view, text) != (self._view, self._text):
            return False
        self._forms, self._is_full = len(forms), len(lines) == PAGE
        self.table.replace((TableRow(line.id, line) for line in lines), to_top=to_top)
        self._draw_views()
        return True

    def on_row_table_more_wanted(self) -> None:
        """Fetch the next page while the cursor still has rows to go."""
        if self._is_full:
            self.begin(self._more(), group="more", only=True)

    async def _more(self) -> None:
        view, text, after = self._view, self._text, self.table.rows[-1].value.key
        lines = await self.host.store.changes(ChangeQuery(view, text=text, limit=PAGE, after=after))
        if (view, text) == (self._view, self._text):
            self._is_full = len(lines) == PAGE
            self.table.extend(TableRow(line.id, line) for line in lines)

    def _draw_views(self) -> None:
        parts = []
        for number, view in enumerate(_VIEWS, 1):
            here = view == self._view
            count = f" {self._forms}" if view == "forms" and self._forms else ""
            presses = ("‼" if any(row.value.form_overdue for row in self.table.rows) else "▲") if count else ""
            parts.append(
                Content.assemble(
                    (f"{number} ", "bold $text-accent" if here else "$text-accent"),
                    (safe(_NAMES[view]), "bold underline" if here else "$text-muted"),
                    (count, "bold $text-warning"),
                    (f" {presses}" if presses else "", "bold $text-warning"),
                )
            )
        self.query_one("#views", Static).update(Content("  ").join(parts))

    # -- views and filter

    def action_nth_view(self, number: int) -> None:
        """A digit goes straight to a view."""
        self._go_to(_VIEWS[number - 1])

    def act_next_view(self, argument: str) -> None:
        """The view at the right."""
        self._step(1)

    def act_previous_view(self, argument: str) -> None:
        """The view at the left."""
        self._step(-1)

    def _step(self, by: int) -> None:
        self._go_to(_VIEWS[(_VIEWS.index(self._view) + by) % len(_VIEWS)])

    def _go_to(self, view: ChangeList) -> None:
        self._view = view
        self._draw_views()
        self.reload(to_top=True)

    def act_filter(self, argument: str) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as one types; an older answer never replaces a newer one."""
        self._text = event.value
        self.reload(to_top=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: back to the table with the filter kept."""
        self.table.focus()

    def act_calendar(self, argument: str) -> None:
        """The calendar, at the week of the change under the cursor."""
        row = self.table.current
        self.host.show_calendar(row.value.starts if row else None)

    def act_back(self, argument: str) -> None:
        """Esc clears the filter, then leaves."""
        line = self.query_one("#filter", Input)
        if line.display:
            line.value = ""
            line.display = False
            self.table.focus()
        else:
            self.app.pop_screen()
