"""What may be done with a change now and what may not, each with the rule that says so; a digit does an act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content

from deskterm.desk.changes.rights import CHANGE_BY_ACT, CHANGE_TRANSITIONS, ChangeAct, ChangeRight, ChangeVerdict
from deskterm.desk.tickets.rights import Role
from deskterm.screens.verdict_list import Part, VerdictList
from deskterm.widgets.entry_lines import wrapped

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView

_BY_ROW = frozenset({ChangeAct.FILL, ChangeAct.PREPARE, ChangeAct.STEP, ChangeAct.RESULT, ChangeAct.UNDO_STEP})
"""Acts that are done on the rows themselves."""
_BY_ITSELF = frozenset(row.act for row in CHANGE_TRANSITIONS if row.rights.get(Role.SYSTEM) is ChangeRight.YES)


class ChangeVerdictsScreen(VerdictList[ChangeAct | None]):
    """Lists the verdicts of a change; gives the act whose digit was pressed, or None."""

    HINT = "the digit of an act"
    TITLE_WIDTH = 26
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(self, view: ChangeView) -> None:
        super().__init__()
        self._view = view
        allowed = [found for found in view.may if found.allowed and found.act not in _BY_ROW]
        self._digits = dict(zip("123456789", (found.act for found in allowed), strict=False))

    @property
    def head(self) -> str:
        """The change and its state."""
        return f"{self._view.change.ref} is {self._view.change.state}"

    def parts(self, width: int) -> Iterator[Part]:
        """What stands before the next state, then every verdict."""
        if (act := self._view.next_act) is not None:
            lacks = (wrapped(f"✗ {lack.sentence}", width, "$text-warning") for lack in self._view.standing)
            yield f"Before: {CHANGE_BY_ACT[act].title.lower()}", [line for lines in lacks for line in lines]
        shown = [found for found in self._view.may if found.act not in _BY_ITSELF]
        yield "May be done now", [line for found in shown if found.allowed for line in self._lines(found, width)]
        yield "May not", [line for found in shown if not found.allowed for line in self._lines(found, width)]

    def _lines(self, found: ChangeVerdict, width: int) -> list[Content]:
        digit = next((key for key, act in self._digits.items() if found.allowed and act is found.act), "")
        needs = CHANGE_BY_ACT[found.act].needs
        why = (f"needs {needs}" if needs else "") if found.allowed else found.reason.removeprefix(f"{found.title}: ")
        return self.lines_of(found, digit, why, width)

    def on_key(self, event: events.Key) -> None:
        """A digit does its act."""
        if event.character in self._digits:
            event.stop()
            self.dismiss(self._digits[event.character])

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)
