"""What may be done with a change now and what may not, each with the rule that says so; a digit does an act."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from deskterm.desk.changes.rights import CHANGE_BY_ACT, CHANGE_TRANSITIONS, ChangeAct, ChangeRight, ChangeVerdict
from deskterm.desk.tickets.rights import Role
from deskterm.text import cell
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.frame import key_line

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView

_KEY, _TITLE = 3, 26
_BY_ROW = frozenset({ChangeAct.FILL, ChangeAct.PREPARE, ChangeAct.STEP, ChangeAct.RESULT, ChangeAct.UNDO_STEP})
"""Acts that are done on the rows themselves."""
_BY_ITSELF = frozenset(row.act for row in CHANGE_TRANSITIONS if row.rights.get(Role.SYSTEM) is ChangeRight.YES)


class ChangeVerdictsScreen(ModalScreen[ChangeAct | None]):
    """Lists the verdicts of a change; gives the act whose digit was pressed, or None."""

    CSS_PATH = "verdicts.tcss"
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(self, view: ChangeView) -> None:
        super().__init__()
        self._view = view
        allowed = [found for found in view.may if found.allowed and found.act not in _BY_ROW]
        self._digits = dict(zip("123456789", (found.act for found in allowed), strict=False))

    def compose(self) -> ComposeResult:
        """Title, how to end, and the list."""
        with VerticalScroll(id="verdicts"):
            title = (f"{self._view.change.ref} is {self._view.change.state}   ", "bold")
            keys = key_line(("Esc", "Back"), ("↓", "More"))
            yield Static(Content.assemble(title, keys, ("   or the digit of an act", "$text-muted")))
            yield Static(self.listing(self.app.size.width - 4), id="list")

    def on_mount(self) -> None:
        """Take the keyboard, so that arrows scroll."""
        self.query_one("#verdicts").focus()

    def on_resize(self) -> None:
        """Wrap reasons to the width."""
        self.query_one("#list", Static).update(self.listing(self.size.width - 4))

    def listing(self, width: int) -> Content:
        """What stands before the next state, then every verdict, what may be done first, wrapped to `width`."""
        width = max(40, width)
        shown = [found for found in self._view.may if found.act not in _BY_ITSELF]
        lacks = [line for lack in self._view.standing for line in wrapped(f"✗ {lack.sentence}", width, "$text-warning")]
        next_act = self._view.next_act
        parts = {
            f"Before: {CHANGE_BY_ACT[next_act].title.lower()}" if next_act else "": lacks,
            "May be done now": [line for found in shown if found.allowed for line in self._lines(found, width)],
            "May not": [line for found in shown if not found.allowed for line in self._lines(found, width)],
        }
        told = [[Content.styled(head, "$text-muted"), *lines] for head, lines in parts.items() if lines]
        return Content("\n").join([line for part in told for line in (Content(""), *part)] + [Content("")])

    def _lines(self, found: ChangeVerdict, width: int) -> list[Content]:
        digit = next((key for key, act in self._digits.items() if found.allowed and act is found.act), "")
        sign = ("✓ ", "$text-success") if found.allowed else ("✗ ", "$text-warning")
        needs = CHANGE_BY_ACT[found.act].needs
        words = (f"needs {needs}" if needs else "") if found.allowed else found.reason.removeprefix(f"{found.title}: ")
        title = (cell(found.title, _TITLE), "" if found.allowed else "$text-disabled")
        lead = Content.assemble(sign, (digit.ljust(_KEY), "bold $text-accent"), title)
        first, *rest = wrapped(words, width - lead.cell_length, "$text-muted") or [Content("")]
        return [
            Content.assemble(lead, first),
            *(Content.assemble(" " * lead.cell_length, line) for line in rest),
        ]

    def on_key(self, event: events.Key) -> None:
        """A digit does its act."""
        if event.character in self._digits:
            event.stop()
            self.dismiss(self._digits[event.character])

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)
