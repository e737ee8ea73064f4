"""The app: it opens a desk, keeps the screens in step with it, and gives every place the same few actions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

from textual.css.query import NoMatches
from textual.screen import Screen

from deskterm import terminal
from deskterm.actions import ACTIONS, Action
from deskterm.keymap import sound_keymap
from deskterm.lean import loaded, share_one_heap
from deskterm.screens.acts import TicketActs
from deskterm.screens.anywhere import THEME_NAMES
from deskterm.screens.base import DeskScreen, hours_read
from deskterm.screens.opening import Opener
from deskterm.screens.palette import ActionProvider
from deskterm.screens.queue import QueueScreen
from deskterm.screens.switching import SwitchingApp
from deskterm.settings import Settings, log_path, state_dir
from deskterm.store.base import StoreError
from deskterm.store.drafts import Journal
from deskterm.store.sessions import Session, unexpected_end
from deskterm.stylesheet import KeptStylesheet
from deskterm.themes import DEFAULT_THEME, THEMES, TOKENS

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.tickets.views import TicketView
    from deskterm.store.base import Standing, Store
    from deskterm.store.first_look import FirstLook


def utc_now() -> datetime:
    """The moment, from the machine's clock."""
    return datetime.now(UTC)


TICK_SECONDS: Final = 5.0
"""How often an open app deals with what has fallen due."""


class DeskApp(SwitchingApp):
    """deskterm's app. It shows the queue at once and opens the store behind it."""

    TITLE = "deskterm"
    # The queue is there from the start, and so is its style; other screens bring theirs along when they are opened.
    CSS_PATH = ["app.tcss", "screens/queue.tcss"]  # noqa: RUF012 - Textual declares it so
    COMMANDS: ClassVar = {ActionProvider}
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f24"
    BINDINGS: ClassVar = []
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it so

    store: Store

    def __init__(
        self,
        store_url: str,
        opener: Opener,
        settings: Settings | None = None,
        journal: Journal | None = None,
        clock: Callable[[], datetime] = utc_now,
        operator: str | None = None,
        ticks: float | None = None,
        looking: Future[FirstLook | None] | None = None,
    ) -> None:
        """Make the app for a store; what else there is to say has its usual answer.

        `looking` reads the first page of the queue, in a thread, while the app is put together. `ticks` is how often,
        in seconds, the app deals with what has fallen due; None leaves that to others.
        """
        super().__init__()
        self._looking = looking
        self._ticks = ticks
        self.settings = settings or Settings()
        self.journal = journal or Journal(state_dir() / "drafts")
        self.session = Session(self._sessions)
        self.keymap = sound_keymap(self.settings.keys)
        self.desk: DeskFile | None = None
        self.calls: list[Screen[None]] = []
        self.history: list[str] = []
        self.openings: tuple[str, ...] = ()
        self.now = clock
        self._opener = opener
        self._is_open = False
        self.point_at(store_url, operator)
        for theme in THEMES:
            self.register_theme(theme)
        chosen = self.settings.theme or DEFAULT_THEME
        self.theme = chosen if chosen in THEME_NAMES else DEFAULT_THEME
        self.stylesheet = KeptStylesheet(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that do not set them."""
        return {**super().get_theme_variable_defaults(), **TOKENS}

    @property
    def _sessions(self) -> Path:
        return self.journal.directory.with_name("sessions")

    # -- opening

    def get_default_screen(self) -> Screen[None]:
        """Give the screen that all others are opened upon."""
        is_read = self._looking is not None and self._looking.done()
        self.queue_screen = QueueScreen(self._looking.result() if self._looking and is_read else None)
        return self.queue_screen

    @property
    def standing(self) -> Standing | None:
        """Whether the desk is live, and what waits for it; None until it is open."""
        return self.store.standing if self._is_open and self.desk else None

    def on_mount(self) -> None:
        """Show the queue, then open the desk behind it."""
        self.set_keymap(self.keymap)
        self._ended_at = unexpected_end(self._sessions)
        self.session.begin()
        self.journal.on_trouble = self._hear_of_drafts
        self.begin_opening()
        self._wait_for_minute()

    def begin_to_follow(self) -> None:
        """Keep the screens in step with the desk that is open."""
        self.run_worker(self._follow(self.store), group="feed", exclusive=True, exit_on_error=False)
        self.run_worker(self._tell_openings(), group="openings", exclusive=True, exit_on_error=False)
        self.watch_windows()
        self.begin_to_attend()
        if self._ticks is not None:
            self.run_worker(self._tick(self.store, self._ticks), group="ticks", exclusive=True, exit_on_error=False)

    def _hear_of_drafts(self, trouble: str | None) -> None:
        self.call_later(self._tell_of_drafts, trouble)  # from the journal's thread into the app's

    def _tell_of_drafts(self, trouble: str | None) -> None:
        """Say that what is typed cannot be saved just now, or can be again."""
        from deskterm.screens.form import FormScreen

        if isinstance(self.screen, DeskScreen | FormScreen):
            if trouble:
                self.screen.say(trouble, "refused")
            else:
                self.screen.say("What you type is saved again.", "done")

    async def _follow(self, store: Store) -> None:
        """Pass on to every screen whatever happens at the desk, here or elsewhere."""
        async for changes in store.watch():
            if any(change.kind == "DeskLoaded" for change in changes):
                self.desk = await store.desk()
                await self._tell_openings()
            if any(change.record_kind == "change" for change in changes):
                self.watch_windows()
            for screen in self.desk_screens():
                try:
                    screen.standing_told()
                    screen.desk_changed(changes)
                except Exception as error:  # noqa: BLE001 - no screen may end the feed: the others would stand still
                    sentence = self.unexpected(error)
                    with suppress(NoMatches):  # it may be on its way out
                        screen.say(sentence, "refused")
            self.heard(changes)

    def key_comes(self) -> None:
        """Tell the screen in front, which may count."""
        super().key_comes()
        if self.screen_stack and isinstance(self.screen, DeskScreen):
            self.screen.key_comes()

    async def _tell_openings(self) -> None:
        """Say on every screen which centres and lines are open now, and what changes next (R083)."""
        from deskterm.desk.deskfile.centres import standing_words

        if self.desk is None:
            return
        with suppress(StoreError):
            self.openings = standing_words(await self.store.openings(), self.now(), hours_read(self)[0])
        for screen in self.desk_screens():
            screen.openings_told()

    async def _tick(self, store: Store, every: float) -> None:
        """Deal with what has fallen due, now and from time to time; a desk out of reach is tried again."""
        while True:
            with suppress(StoreError):
                await store.tick()
            await asyncio.sleep(every)

    def desk_screens(self) -> list[DeskScreen]:
        """The screens of the desk that are open, parked ones too. One that only comes reads what it shows by itself."""
        stacked = [screen for screen in self.screen_stack if isinstance(screen, DeskScreen)]
        parked = [s for s in self.calls if isinstance(s, DeskScreen) and s not in stacked and s.is_attached]
        return [screen for screen in (*stacked, *parked) if screen.is_mounted]

    def _wait_for_minute(self) -> None:
        now = self.now()
        next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        self.set_timer((next_minute - now).total_seconds(), self._minute)

    def _minute(self) -> None:
        self.session.goes_on()
        self.run_worker(self._tell_openings(), group="openings", exclusive=True, exit_on_error=False)
        self.watch_windows()
        for screen in self.desk_screens():
            screen.minute_passed()
        self._wait_for_minute()

    async def on_unmount(self) -> None:
        """Let go of the store and the journal."""
        self.journal.close()
        self.session.end(well=self._exception is None)
        if self._is_open:
            await self.leave_all()
            await self.store.close()

    # -- what every screen may ask for (see `screens.base.Host`)

    def open_ticket(self, ticket: UUID | str) -> None:
        """Open a ticket's screen by record id or reference."""
        from deskterm.screens.ticket import TicketScreen

        if isinstance(self.screen, TicketScreen):
            self.switch_screen(TicketScreen(ticket))
        else:
            self.push_screen(TicketScreen(ticket))

    def open_change(self, change: UUID | str, begin: str = "") -> None:
        """Open a change's screen by record id or reference.

        `begin` is what to do there first: "fill" leads through the form, the kind of a draft takes its words up.
        """
        from deskterm.screens.change import ChangeScreen

        if isinstance(self.screen, ChangeScreen):
            self.switch_screen(ChangeScreen(change, begin))
        else:
            self.push_screen(ChangeScreen(change, begin))

    async def open_triage(self, view: TicketView) -> None:
        """Open the triage of a ticket, in the place of another that is in front."""
        from deskterm.screens.triage import TriageScreen

        if isinstance(self.screen, TriageScreen):
            self.switch_screen(TriageScreen(view))  # not awaited: who asks ends with the screen that goes
        else:
            await self.push_screen(TriageScreen(view))

    def new_call(self) -> None:
        """Open a new call; any number may be open at once."""
        self.resume_call(None)

    def resume_call(self, draft_id: str | None) -> None:
        """Open a call, an unsaved one again if its draft is named."""
        from deskterm.screens.call import CallScreen

        if not self._is_open or self.desk is None:
            return
        call = CallScreen(draft_id)
        self.calls.append(call)
        self.install_screen(call, f"call-{id(call)}")
        self.push_screen(call)

    def take_up(self, kind: str, ticket: UUID) -> None:
        """Open a ticket and on it the form of that kind, which brings its unsaved words back."""
        self.open_ticket(ticket)
        screen = self.screen
        if isinstance(screen, TicketActs):
            screen.take_up(kind, ticket)

    def call_ended(self, screen: Screen[None]) -> None:
        """Forget a call that was saved, joined or thrown away."""
        if screen in self.calls:
            self.calls.remove(screen)
        if screen in self.screen_stack:
            while self.screen is not screen:
                self.pop_screen()
            self.pop_screen()
        self.uninstall_screen(screen)
        screen.remove()
        self.queue_screen.calls_changed(len(self.calls))

    def unexpected(self, error: BaseException) -> str:
        """Write an unforeseen error to the private log; returns the sentence to show."""
        path = log_path()
        terminal.write_crash_log(error, path)
        return f"That did not work because of an error in deskterm. Nothing you typed is lost. Details: {path}"

    def perform_here(self, action: Action, argument: str = "") -> None:
        """Carry out an action on the screen in front, for palette and command line."""
        if isinstance(self.screen, DeskScreen):
            self.screen.perform(action, argument)


def opener_for(begun_at: str) -> Opener:
    """Opens desks for an app that begins with the one at a URL."""

    async def opener(url: str, operator: str | None) -> Store:
        opening = await loaded("deskterm.store.opening")
        from deskterm.store.remote.credentials import VARIABLE as TOKEN

        # The token in the environment is for the desk one begins with: no other server gets to see it.
        environ = {name: each for name, each in os.environ.items() if url == begun_at or name != TOKEN}
        store: Store = await opening.open_store(url, operator=operator, environ=environ)
        return store

    return opener


def run(store_url: str, operator: str | None, settings: Settings) -> int:
    """Open the app on a store and run it to its end; returns the exit status."""
    from deskterm.store.first_look import first_look

    share_one_heap()  # before there is a thread with its own: later is a megabyte more, and this some 3 ms
    thread = ThreadPoolExecutor(1, thread_name_prefix="deskterm-look")
    looking = thread.submit(first_look, store_url, operator)
    thread.shutdown(wait=False)
    app = DeskApp(store_url, opener_for(store_url), settings, operator=operator, ticks=TICK_SECONDS, looking=looking)
    return terminal.run(app)


__all__ = ["ACTIONS", "DeskApp", "run"]
