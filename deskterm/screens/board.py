"""The board: live and unattended on a second screen. Each figure opens the tickets behind it (R217, R218, R220).

However much happens, it is read again at most once a second, and only what changed is sent to the terminal. A new
ticket of the highest priority and a ticket that becomes late ring once and are shown until a key is pressed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer

from deskterm.actions import bindings
from deskterm.desk.board import MOST_LISTED
from deskterm.desk.wording import day_named
from deskterm.screens.base import DeskScreen
from deskterm.text import safe
from deskterm.widgets.board_words import pieces
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.figures import Figures

if TYPE_CHECKING:
    from deskterm.desk.board import Board, Named
    from deskterm.desk.tickets.views import Change

EVERY: Final = 1.0
"""Seconds between one look at the desk and the next, at least."""
_EVER: Final = datetime.min.replace(tzinfo=UTC)
FLASH: Final = 60.0
"""Seconds for which an alarm is shown, unless a key is pressed before."""


class BoardScreen(DeskScreen):
    """The board."""

    place = "board"
    CSS_PATH = "board.tcss"
    AUTO_FOCUS = "Figures"
    BINDINGS: ClassVar = [*bindings("board")]

    def __init__(self) -> None:
        super().__init__()
        self._board: Board | None = None
        self._rung_for: Board | None = None
        self._known: set[tuple[str, UUID]] = set()
        self._looked = float("-inf")
        self._waits: Timer | None = None
        self._flash: Timer | None = None

    def body(self) -> ComposeResult:
        """Nothing but figures."""
        yield Figures()

    def on_mount(self) -> None:
        """Show the desk as it is."""
        self.heading("Board", calls_open(len(self.host.calls)))
        self._look()

    def on_screen_resume(self) -> None:
        """Back in front: the keyboard returns to the figures, and they are as of now."""
        self.query_one(Figures).focus()
        self.desk_changed(())

    # -- keeping up

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Something happened: look now, or when a second has passed since the last look."""
        if self._waits is not None or not self.is_attached:
            return
        left = self._looked + EVERY - self._seconds()
        if left <= 0:
            self._look()
        else:
            self._waits = self.set_timer(left, self._look, name="look")

    def minute_passed(self) -> None:
        """Things fall due by themselves."""
        self.desk_changed(())

    def _seconds(self) -> float:
        from time import monotonic

        return monotonic()

    def _look(self) -> None:
        self._waits = None
        self._looked = self._seconds()
        self.begin(self._load(), group="board", only=True)

    async def _load(self) -> None:
        self._board = await self.host.store.board()
        self._draw()
        self._ring(self._board)

    def on_figures_resized(self) -> None:
        """Lay it out anew."""
        self._draw()

    def _draw(self) -> None:
        board, desk = self._board, self.host.desk
        if board is None or desk is None:
            return
        local = board.at.astimezone(ZoneInfo(board.zone))
        day, number, month, _ = day_named(local).split()
        title = f"{desk.desk.name}  {day[:3]} {number} {month[:3]} {local:%H:%M}"
        self.heading(title, calls_open(len(self.host.calls)))
        figures = self.query_one(Figures)
        size = figures.content_size
        if size.width:
            figures.show(pieces(board, desk, size.width, size.height))

    # -- alarms

    def _ring(self, board: Board) -> None:
        """Ring for what was not there at the last look, each only once; the first look rings for nothing."""
        last, self._rung_for = self._rung_for, board
        fresh: list[tuple[str, Named]] = []
        for what, named, before in (
            ("new", board.top, last.top if last else ()),
            ("late", board.just_late, last.just_late if last else ()),
        ):
            known = {(what, each.id) for each in (*before, *named)}
            if last is not None:
                # Behind a list that was full stand others, which come up when one above them goes.
                since = last.at if len(before) >= MOST_LISTED else _EVER
                fresh += [(what, each) for each in named if (what, each.id) not in self._known and each.since > since]
            self._known |= known
        if fresh:
            # What is new goes before what became late, and then the worst before the rest.
            ranks = [line.key for line in board.priorities]
            worst = min(fresh, key=lambda alarm: (alarm[0] != "new", ranks.index(alarm[1].priority)))
            self.ring_bell()
            self._show_alarm(*worst, more=len({each.id for _, each in fresh}) - 1)

    def ring_bell(self) -> None:
        """Let the terminal ring."""
        self.app.bell()

    def _show_alarm(self, what: str, ticket: Named, more: int) -> None:
        desk = self.host.desk
        steps = {step.key: step.short or step.name for step in desk.scales.priority} if desk else {}
        priority = steps.get(ticket.priority, "")
        words = f"NEW {priority}" if what == "new" else f"LATE {priority}"
        who = ticket.owner or "unowned"
        others = f"  and {more} more" if more else ""
        line = f" ‼ {words.strip()}  {ticket.ref}  {ticket.group or 'no group'}, {who}{others}  {ticket.summary}"
        self.query_one(Figures).alarm(Content.styled(safe(line), "bold $background on $error"))
        if self._flash is not None:
            self._flash.stop()
        self._flash = self.set_timer(FLASH, self._calm, name="flash")

    def _calm(self) -> None:
        self.query_one(Figures).alarm(None)

    def on_key(self) -> None:
        """Any key: it was seen."""
        self._calm()

    # -- what can be done

    def act_open(self, argument: str) -> None:
        """Open what is behind the chosen figure."""
        target = self.query_one(Figures).chosen
        if target is None:
            self.say("Arrows choose a figure; Enter opens the tickets behind it.")
        else:
            self.on_figures_opened(Figures.Opened(target))

    def on_figures_opened(self, event: Figures.Opened) -> None:
        """The list behind a count, or the ticket or change itself."""
        from deskterm.screens.behind import BehindScreen

        target = event.target
        if target.ticket is not None:
            self.host.open_ticket(target.ticket)
        elif target.change is not None:
            self.host.open_change(target.change)
        elif target.forms:
            self.host.show_changes("forms")
        elif target.query is not None:
            self.app.push_screen(BehindScreen(target.title, target.query))

    def act_back(self, argument: str) -> None:
        """Esc lets go of the chosen figure, then leaves."""
        if not self.query_one(Figures).rest():
            self.app.pop_screen()
