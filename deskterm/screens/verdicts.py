"""What may be done with a ticket now and what may not, each with the rule that says so; a key acts at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, cast

from textual.content import Content

from deskterm.actions import BY_ID, Action, at, bindings
from deskterm.desk.tickets.rights import BY_ACT, Verdict
from deskterm.keymap import first_key
from deskterm.screens.acts import acts_of
from deskterm.screens.base import Host
from deskterm.screens.verdict_list import Part, VerdictList

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import TicketView


class VerdictsScreen(VerdictList[Action | None]):
    """Lists the verdicts of a ticket; gives the action whose key was pressed, or None."""

    HINT = "the key of an act"
    TITLE_WIDTH = 31
    BINDINGS: ClassVar = [*bindings("ticket")]

    def __init__(self, view: TicketView) -> None:
        super().__init__()
        self._view = view

    @property
    def head(self) -> str:
        """The ticket and its status."""
        return f"{self._view.ticket.ref} is {self._view.ticket.status}"

    def parts(self, width: int) -> Iterator[Part]:
        """Every verdict."""
        yield "May be done now", [line for v in self._view.may if v.allowed for line in self._lines(v, width)]
        yield "May not", [line for v in self._view.may if not v.allowed for line in self._lines(v, width)]

    def _lines(self, verdict: Verdict, width: int) -> list[Content]:
        keymap = cast(Host, self.app).settings.keys
        key = next((first_key(a, keymap) for a in at("ticket") if a.id == a.act and verdict.act in acts_of(a)), "")
        needs = BY_ACT[verdict.act].needs
        why = (f"needs {needs}" if needs else "") if verdict.allowed else verdict.reason
        return self.lines_of(verdict, key, why, width)

    def action_perform(self, action_id: str) -> None:
        """An act's key leaves and acts; every other key only leaves."""
        self.dismiss(BY_ID[action_id] if BY_ID[action_id].act else None)
