"""What may be done with a ticket now and what may not, each with the rule that says so; a key acts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from deskterm.actions import BY_ID, Action, at, bindings
from deskterm.desk.tickets.rights import BY_ACT, Verdict
from deskterm.keymap import first_key
from deskterm.screens.acts import acts_of
from deskterm.screens.base import Host
from deskterm.text import cell
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.frame import key_line

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import TicketView

_KEY, _TITLE = 3, 31


class VerdictsScreen(ModalScreen[Action | None]):
    """Lists the verdicts of a ticket; gives the action whose key was pressed, or None."""

    CSS_PATH = "verdicts.tcss"
    BINDINGS: ClassVar = [*bindings("ticket")]

    def __init__(self, view: TicketView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        """Title, how to end, and the list."""
        with VerticalScroll(id="verdicts"):
            title = (f"{self._view.ticket.ref} is {self._view.ticket.status}   ", "bold")
            keys = key_line(("Esc", "Back"), ("↓", "More"))
            yield Static(Content.assemble(title, keys, ("   or the key of an act", "$text-muted")))
            yield Static(self.listing(self.app.size.width - 4), id="list")

    def on_mount(self) -> None:
        """Take the keyboard, so that arrows scroll."""
        self.query_one("#verdicts").focus()

    def on_resize(self) -> None:
        """Wrap reasons to the width."""
        self.query_one("#list", Static).update(self.listing(self.size.width - 4))

    def listing(self, width: int) -> Content:
        """Every verdict, what may be done first, wrapped to `width`."""
        width = max(40, width)
        allowed = [line for v in self._view.may if v.allowed for line in self._lines(v, width)]
        refused = [line for v in self._view.may if not v.allowed for line in self._lines(v, width)]
        heads = {"May be done now": allowed, "May not": refused}
        parts = [[Content.styled(head, "$text-muted"), *lines] for head, lines in heads.items() if lines]
        return Content("\n").join([line for part in parts for line in (Content(""), *part)] + [Content("")])

    def _lines(self, verdict: Verdict, width: int) -> list[Content]:
        keymap = cast(Host, self.app).settings.keys
        key = next((first_key(a, keymap) for a in at("ticket") if a.id == a.act and verdict.act in acts_of(a)), "")
        sign = ("✓ ", "$text-success") if verdict.allowed else ("✗ ", "$text-warning")
        needs = BY_ACT[verdict.act].needs
        words = (f"needs {needs}" if needs else "") if verdict.allowed else verdict.reason
        title = (cell(verdict.title, _TITLE), "" if verdict.allowed else "$text-disabled")
        lead = Content.assemble(sign, (key.ljust(_KEY), "bold $text-accent"), title)
        first, *rest = wrapped(words, width - lead.cell_length, "$text-muted") or [Content("")]
        return [
            Content.assemble(lead, first),
            *(Content.assemble(" " * lead.cell_length, line) for line in rest),
        ]

    def action_perform(self, action_id: str) -> None:
        """An act's key leaves and acts; every other key only leaves."""
        self.dismiss(BY_ID[action_id] if BY_ID[action_id].act else None)
