"""Why a ticket is due when it is: every clock with the table of what counted, the one that is due next first.

One page to scroll, drawn from what the store explains; Esc goes back to the ticket as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deskterm.desk.tickets.due_words import HEADS, cells, hours_and_minutes, reasons, said
from deskterm.screens.base import Host
from deskterm.text import cell, safe
from deskterm.widgets.connection_words import plated
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.frame import key_line

if TYPE_CHECKING:
    from deskterm.desk.clocks.explaining import Explanation

_LABEL = 11
_WIDTHS = (10, 5, 5, 8, 8)
"""Cells of the columns before the last, which takes the rest."""
_TONES = {"late": "$text-error", "missed": "$text-error", "at risk": "$text-warning", "paused": "$text-muted"}


class ExplainScreen(Screen[None]):
    """The explanation of a ticket's clocks."""

    CSS_PATH = "explain.tcss"
    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar = [Binding("escape,q", "leave", show=False)]

    def __init__(self, explained: tuple[Explanation, ...]) -> None:
        super().__init__()
        self._explained = sorted(explained, key=_presses)

    def compose(self) -> ComposeResult:
        """A title, the page, the keys."""
        title = f"{self._explained[0].ref} · why it is due when it is" if self._explained else ""
        yield Static(plated(cast(Host, self.app).connection, Content.styled(safe(title), "bold")), id="title")
        with VerticalScroll(id="page"):
            yield Static(id="tables")
        yield Static(key_line(("↑↓ PgUp PgDn", "Scroll"), ("Esc", "Back")), id="keys")

    def on_resize(self) -> None:
        """Set the tables to the width."""
        self.query_one("#tables", Static).update(self.page(max(40, self.size.width - 3)))

    def page(self, width: int) -> Content:
        """All explanations, one below the other."""
        parts = [Content("\n").join(_section(each, width)) for each in self._explained]
        return Content("\n\n\n").join(parts)

    def action_leave(self) -> None:
        """Back to the ticket."""
        self.dismiss(None)


def _presses(explained: Explanation) -> tuple[bool, bool, float]:
    due = explained.clock.due
    return explained.clock.ended is not None, due is None, due.timestamp() if due else 0.0


def _section(explained: Explanation, width: int) -> list[Content]:
    tone = _TONES.get(explained.state, "")
    lines = wrapped(said(explained), width, f"bold {tone}".strip())
    for label, words in reasons(explained):
        first, *rest = wrapped(words, width - _LABEL)
        lines.append(Content.assemble((label.ljust(_LABEL), "$text-muted"), first))
        lines += [Content.assemble(" " * _LABEL, line) for line in rest]
    total = hours_and_minutes(explained.counted)
    lines += [Content(""), _row(HEADS, width, "$text-muted")]
    lines += [_row(cells(row, explained.zone), width, "" if row.counted else "$text-muted") for row in explained.rows]
    return [*lines, _row(("", "", "", total, total, "in all"), width, "bold")]


def _row(texts: tuple[str, ...], width: int, style: str) -> Content:
    """One line; numbers stand at the right of their columns."""
    *first, why = texts
    shown = [cell(text, size) for text, size in zip(first, _WIDTHS, strict=True)]
    shown = [text if n == 0 else text.strip().rjust(_WIDTHS[n]) for n, text in enumerate(shown)]
    left = "  ".join(shown)
    return Content.styled(f"{left}   {cell(why, max(1, width - len(left) - 3)).rstrip()}", style)
