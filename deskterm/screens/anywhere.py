"""The actions that work on every screen, as the app carries them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual.screen import Screen
from textual.widgets import Input

from deskterm.actions import BY_ID, named
from deskterm.keymap import first_key
from deskterm.screens.attendance import AttendingApp
from deskterm.screens.base import DeskScreen
from deskterm.themes import THEMES

if TYPE_CHECKING:
    from datetime import datetime

    from deskterm.desk.changes.views import ChangeList
    from deskterm.desk.deskfile import DeskFile
    from deskterm.screens.queue import QueueScreen

THEME_NAMES: Final = [theme.name for theme in THEMES]


class AnywhereApp(AttendingApp):
    """An app with a queue at its bottom and calls to switch between; what opens them is the app's own."""

    desk: DeskFile | None
    calls: list[Screen[None]]
    queue_screen: QueueScreen

    def new_call(self) -> None:
        """Open a new call."""
        raise NotImplementedError

    def open_ticket(self, ticket: UUID | str) -> None:
        """Open a ticket's screen."""
        raise NotImplementedError

    async def change_for(self, ticket: UUID, argument: str = "") -> None:
        """Open the change for a ticket, one that is still open before the others; raise one where there is none.

        The word "new" raises another, and the key of a model one by that model.
        """
        from deskterm.desk.changes.views import ChangeQuery
        from deskterm.desk.records.change import ChangeState
        from deskterm.screens.change_header import raise_change

        found = () if argument else await self.store.changes(ChangeQuery("all", ticket=ticket))
        going = [line for line in found if ChangeState(line.state).is_open]
        if found:
            self.open_change((going or found)[0].id)
        elif isinstance(self.screen, DeskScreen):
            view = await self.store.ticket(ticket)
            raise_change(self.screen, view.ticket, "" if argument == "new" else argument)

    def act_new_call(self, argument: str) -> None:
        """F2."""
        self.new_call()

    def act_next_call(self, argument: str) -> None:
        """F3: the next open call, after the one in front."""
        if not self.calls:
            self._say("No call is open. F2 opens one.")
            return
        here = next((n for n, call in enumerate(self.calls) if call is self.screen), -1)
        target = self.calls[(here + 1) % len(self.calls)]
        if target in self.screen_stack:
            while self.screen is not target:
                self.pop_screen()
        elif self.screen in self.calls:
            self.switch_screen(target)
        else:
            self.push_screen(target)

    def act_command(self, argument: str) -> None:
        """The `:` line."""
        self._open_line()

    def _open_line(self, begun: str = "") -> None:
        from deskterm.screens.command import CommandScreen

        screen = self.screen
        if isinstance(screen, DeskScreen):
            self.push_screen(CommandScreen(screen.place, begun), self._run_command)

    def _run_command(self, line: str | None) -> None:
        """Carry out a line of the command line: an action's word with its argument, or a reference to open."""
        if not line or not isinstance(self.screen, DeskScreen):
            return
        word, _, rest = line.strip().partition(" ")
        if action := named(word, self.screen.place):
            self.screen.perform(action, rest.strip())
        elif not self._open_named(line):
            self._say(f"There is no command {word!r} here. ? lists them.")

    def _open_named(self, ref: str) -> bool:
        """Open the ticket or change whose reference this is; whether it is one."""
        from deskterm.desk.reference import looks_like, looks_like_change, looks_like_provisional

        if looks_like_provisional(ref) or looks_like(ref, self.desk.reference.prefix if self.desk else ""):
            self.open_ticket(ref)
        elif looks_like_change(ref):
            self.open_change(ref)
        else:
            return False
        return True

    def _open_found(self, words: str) -> None:
        """Open what was found: a ticket or a change has a screen; of anything else its words are told."""
        if not self._open_named(words):
            self._say(f"{words} has no screen of its own: type on to find its tickets.")

    def act_help(self, argument: str) -> None:
        """Every key, those of this place first."""
        from deskterm.screens.help import HelpScreen

        if isinstance(self.screen, DeskScreen):
            self.push_screen(HelpScreen(self.screen.place, self.keymap))

    def act_palette(self, argument: str) -> None:
        """Search all actions by name."""
        self.action_command_palette()

    def on_command_palette_opened(self) -> None:
        """No cursor blinks here: over SSH every blink is traffic."""
        self.screen.query_one(Input).cursor_blink = False

    def act_back(self, argument: str) -> None:
        """Go back one screen; the queue is the first."""
        if self.screen is not self.queue_screen and len(self.screen_stack) > 1:
            self.pop_screen()

    def act_drafts(self, argument: str) -> None:
        """Words that were typed and not saved yet."""
        from deskterm.screens.drafts import DraftsScreen

        self.push_screen(DraftsScreen())

    def act_outbox(self, argument: str) -> None:
        """What was written while the line was down."""
        from deskterm.screens.outgoing import OutgoingScreen

        if self.desk is not None:
            self.push_screen(OutgoingScreen())

    def show_board(self) -> None:
        """The board, for a second screen; the one that is open already, if there is."""
        from deskterm.screens.board import BoardScreen

        if self.desk is None:
            return
        while any(isinstance(screen, BoardScreen) for screen in self.screen_stack[:-1]):
            self.pop_screen()
        if not isinstance(self.screen, BoardScreen):
            self.push_screen(BoardScreen())

    def show_changes(self, view: ChangeList = "open") -> None:
        """The list of changes."""
        from deskterm.screens.changes import ChangesScreen

        self._show_plans(ChangesScreen(view))

    def show_calendar(self, at: datetime | None = None) -> None:
        """The calendar of changes, at the week of a moment."""
        from deskterm.screens.calendar import CalendarScreen

        self._show_plans(CalendarScreen(at))

    def _show_plans(self, screen: DeskScreen) -> None:
        """List and calendar show the same in two ways: one takes the place of the other."""
        if self.desk is None:
            return
        if getattr(self.screen, "place", "") in ("changes", "calendar"):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def act_find(self, argument: str) -> None:
        """Find by any words: what was found opens; without words the line to type them is opened."""
        if argument:
            self._open_found(argument)
        else:
            self._open_line("find ")

    def act_theme(self, argument: str) -> None:
        """Change the colours: to the named theme, or to the next."""
        names = THEME_NAMES
        here = names.index(self.theme) if self.theme in names else -1
        self.theme = argument if argument in names else names[(here + 1) % len(names)]
        self._say(f'Theme {self.theme}. The settings file keeps it: theme = "{self.theme}"')

    def act_redraw(self, argument: str) -> None:
        """Ctrl+L, as in many programs."""
        self.draw_anew()

    def act_quit(self, argument: str) -> None:
        """Leave. What is open stays as drafts."""
        self.exit(return_code=0)

    def action_help_quit(self) -> None:
        """Ctrl+C copies, where something can be copied; who meant to leave is told how."""
        self._say(f"{first_key(BY_ID['quit'], self.keymap)} leaves deskterm. Open calls are kept as drafts.")

    def _say(self, message: str) -> None:
        if isinstance(self.screen, DeskScreen):
            self.screen.say(message)
