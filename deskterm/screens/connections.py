"""The desks that the settings name, to go to another with one key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from deskterm.connections import file_of
from deskterm.settings import where
from deskterm.text import cell, safe, shown
from deskterm.widgets.connection_words import name_plate
from deskterm.widgets.frame import key_line

if TYPE_CHECKING:
    from deskterm.connections import Connection

SHOWN = 9
"""Desks shown at once, as many as there are digits."""
_OPERATOR = 12
"""Most columns for who acts."""


class _Goes(Protocol):
    @property
    def may_stay(self) -> bool: ...
    def go_to(self, connection: Connection) -> None: ...
    def stay(self) -> None: ...


class ConnectionScreen(ModalScreen[None]):
    """Lists connections at the foot of the screen. The one that is picked is gone to; Esc stays.

    While the other desk is being opened this stays in front: no key reaches the desk that is about to be left.
    """

    CSS_PATH = "connections.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("enter", "go", show=False),
        Binding("up,k", "walk(-1)", show=False),
        Binding("down,j", "walk(1)", show=False),
        *(Binding(str(n), f"nth({n})", show=False) for n in range(1, SHOWN + 1)),
    ]

    def __init__(self, known: tuple[Connection, ...], here: Connection | None, chosen: str = "") -> None:
        """`here` is the desk at hand; `chosen` the name of the one to go to at once."""
        super().__init__()
        self._known, self._here = known, here
        self._waiting: dict[str, int] = {}
        names = [each.name for each in known]
        self._at = names.index(chosen) if chosen else names.index(here.name) if here and here in known else 0
        self._goes_at_once = bool(chosen)
        self._is_going = False

    @property
    def _app(self) -> _Goes:
        return cast("_Goes", self.app)

    def compose(self) -> ComposeResult:
        """The list, and how to go on."""
        with Vertical(id="connections"):
            yield Static(id="known")
            yield Static(id="foot")

    def on_mount(self) -> None:
        """Show what there is, then count what waits."""
        self._draw()
        self._tell()
        if self._goes_at_once:
            self.action_go()
        else:
            self.run_worker(self._count(), exit_on_error=False)

    async def _count(self) -> None:
        from deskterm.store.offline.kept import waiting_for

        stores = [each.store for each in self._known]
        counts = await asyncio.to_thread(lambda: [waiting_for(store) for store in stores])
        self._waiting = dict(zip(stores, counts, strict=True))
        self._draw()

    def on_resize(self) -> None:
        """The columns follow the width."""
        self._draw()

    # -- drawing

    def _draw(self) -> None:
        widths = (
            max(cell_len(safe(each.name)) for each in self._known),
            min(_OPERATOR, max(cell_len(safe(each.operator or "")) for each in self._known)),
            max(self._state(each).cell_length for each in self._known),
        )
        top = max(0, min(self._at - SHOWN + 2, len(self._known) - SHOWN))
        lines = [self._line(number, widths) for number in range(top, min(top + SHOWN, len(self._known)))]
        self.query_one("#known", Static).update(Content("\n").join(lines))

    def _line(self, number: int, widths: tuple[int, int, int]) -> Content:
        each, is_marked = self._known[number], number == self._at
        name, operator, state = widths
        room = max(12, self.app.size.width - name - operator - state - 15)
        return Content.assemble(
            ("▸ ", "$text-accent") if is_marked else "  ",
            (f"{number + 1 if number < SHOWN else ' '}  ", "bold $text-accent"),
            name_plate(each, name),
            "  ",
            (_place(each, room), "" if is_marked else "$text-muted"),
            "  ",
            (cell(each.operator or "", operator), "$text-muted"),
            "  ",
            self._state(each),
        )

    def _state(self, each: Connection) -> Content:
        waiting = self._waiting.get(each.store, 0)
        parts = [Content.styled("● here", "$text-success")] if each == self._here else []
        if waiting:
            parts.append(Content.styled(f"▲ {waiting} waiting", "$text-warning"))
        return Content("  ").join(parts)

    def _tell(self, trouble: str = "") -> None:
        going = self._known[self._at].name
        if self._is_going:
            foot = Content.assemble(shown(f"Opening {going} …"), "   ", key_line(("Esc", "Stay here")))
        else:
            foot = key_line(("Enter", "Go there"), ("Esc", "Stay here"))
            if trouble:
                foot = Content.assemble(shown(f"✗ {trouble}", "$text-warning"), "\n", foot)
        self.query_one("#foot", Static).update(foot)

    def refused(self, sentence: str) -> None:
        """The desk cannot be opened: say why, and let another be picked."""
        self._is_going = False
        self._tell(sentence)

    # -- keys

    def action_walk(self, by: int) -> None:
        """Go up or down."""
        if not self._is_going:
            self._at = (self._at + by) % len(self._known)
            self._draw()
            self._tell()

    def action_nth(self, number: int) -> None:
        """A digit goes straight to a desk."""
        if not self._is_going and number <= len(self._known):
            self._at = number - 1
            self._draw()
            self.action_go()

    def action_go(self) -> None:
        """Go to the marked desk; to be there already is to go back."""
        if self._is_going:
            return
        if self._known[self._at] == self._here:
            self.dismiss(None)
            return
        self._is_going = True
        self._tell()
        self._app.go_to(self._known[self._at])

    def action_leave(self) -> None:
        """Stay where one is, while that can be."""
        if not self._is_going:
            self.dismiss(None)
        elif self._app.may_stay:
            self._app.stay()
            self.dismiss(None)


def _place(connection: Connection, room: int) -> str:
    """Where a desk is; of a long path its end tells more than its beginning."""
    place = safe(where(connection.store))
    if file_of(connection.store) is not None and len(place) > room:
        place = f"…{place[1 - room :]}"
    return cell(place, room)
