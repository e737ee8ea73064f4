"""How the app opens a desk: the first one, the same as somebody else, or another."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from deskterm.connections import Connection, desk_at
from deskterm.desk.wording import when
from deskterm.keymap import keymap_problems
from deskterm.screens.anywhere import THEME_NAMES, AnywhereApp
from deskterm.store.base import NotAllowed, NotFound, StoreError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from deskterm.settings import Settings
    from deskterm.store.base import Store
    from deskterm.store.drafts import Journal
    from deskterm.store.first_look import FirstLook
    from deskterm.widgets.frame import Tone

Opener = Callable[[str, str | None], Awaitable["Store"]]
"""Opens the store at a URL for an operator; for None, the store finds out who that is."""


class OpeningApp(AnywhereApp):
    """An app that opens a desk behind its queue."""

    settings: Settings
    journal: Journal
    operator: str | None
    connection: Connection | None = None
    """The desk by its name; None where the settings name no desks."""
    openings: tuple[str, ...]
    _url: str
    _opener: Opener
    _is_open: bool
    _ended_at: datetime | None
    _looking: Future[FirstLook | None] | None

    def begin_to_follow(self) -> None:
        """Keep the screens in step with the desk from now on."""
        raise NotImplementedError

    def unexpected(self, error: BaseException) -> str:
        """Write an unforeseen error to the private log; returns the sentence to show."""
        raise NotImplementedError

    def point_at(self, url: str, operator: str | None, connection: Connection | None = None) -> None:
        """Be about the desk at a URL from now on: what it is called, who acts, which unsaved words are its own.

        Several connections may lead there: `connection` is the one that was taken.
        """
        settings, before = self.settings, self.connection
        stays = before if before and before.store == url else None
        self._url, self.operator = url, operator
        self.connection = connection or stays or settings.named(url)
        self.journal.go_to(desk_at(url), takes_old=self.connection is None or settings.has_old_drafts(url))

    def begin_opening(self) -> None:
        """Open the desk; what is typed before it is there waits for it."""
        self.hold_keys()
        self.queue_screen.begin(self._open_then_release())

    async def _open_then_release(self) -> None:
        try:
            await self._look_ahead()
            await self.open_desk()
        finally:
            self.release_keys()

    async def _look_ahead(self) -> None:
        """Show tickets before what a store is made of is loaded, which would take the time that painting needs."""
        if self._looking and not self._is_open:
            look = await asyncio.wrap_future(self._looking)
            await self._refreshed()  # all parts of the queue are there
            if look and not self.queue_screen.has_looked:
                self.queue_screen.show_first(look)
            for _ in range(2):  # laid out, then painted
                await self._refreshed()
        gc.enable()  # the shell has it off while the app is loaded: nothing of that is garbage

    async def _refreshed(self) -> None:
        done = asyncio.Event()
        self.queue_screen.call_after_refresh(done.set)
        await done.wait()

    async def opened(self, url: str, operator: str | None) -> tuple[Store, str]:
        """A store for an operator; for nobody, and why, where the desk does not know them. Raises StoreError."""
        try:
            return await self._opener(url, operator), ""
        except NotAllowed as error:
            return await self._opener(url, None), error.message

    async def open_desk(self) -> None:
        """Open the desk and show it. An empty store asks for a desk file, an unknown login who that is."""
        try:
            store, unknown = await self.opened(self._url, self.operator)
        except StoreError as error:
            await self._welcome(error.message)
            return
        if self._is_open:
            await self.store.close()
        self.store, self._is_open = store, True
        try:
            self.desk = await store.desk()
        except NotFound:
            await self._welcome()
            return
        await self.show_desk(unknown)

    async def show_desk(self, unknown: str = "", said: str = "") -> None:
        """Show the desk that is open. `unknown` is why it does not know who acts; `said` is what to say first."""
        self.begin_to_follow()
        self.queue_screen.standing_told()
        self.queue_screen.desk_opened()
        if unknown or self.store.me.level == "guest":
            await self._ask_who(unknown)
        else:
            self._greet(said)

    def reopen(self, url: str | None = None, operator: str | None = None) -> None:
        """Open a desk anew, another one or as somebody else, and go back to its queue."""
        self.point_at(url or self._url, operator)
        while self.screen is not self.queue_screen:
            self.pop_screen()
        self.begin_opening()

    async def _ask_who(self, unknown: str) -> None:
        from deskterm.screens.who import WhoScreen

        await self.push_screen(WhoScreen(unknown))

    async def _welcome(self, trouble: str = "") -> None:
        from deskterm.screens.welcome import WelcomeScreen

        await self.push_screen(WelcomeScreen(trouble))

    def _greet(self, greeting: str) -> None:
        problems = keymap_problems(self.settings.keys)
        if self.settings.theme and self.settings.theme not in THEME_NAMES:
            known = ", ".join(THEME_NAMES)
            problems.append(f"theme: there is no theme {self.settings.theme!r}; there are {known}.")
        waiting = [draft for draft in self.journal.drafts() if not draft.in_use]
        said = [greeting] if greeting else problems[:1]
        if self._ended_at and self.desk:
            ended_at = max([self._ended_at, *(draft.changed_at for draft in waiting)])
            said.append(f"deskterm ended unexpectedly {when(ended_at, self.now(), self.desk.desk.zone)}.")
            self._ended_at = None
        if waiting:
            one = len(waiting) == 1
            what = "One text was" if one else f"{len(waiting)} texts were"
            said.append(f"{what} typed and not saved. F12 brings {'it' if one else 'them'} back.")
        if said:
            tone: Tone = "done" if greeting else "refused" if problems else "note"
            self.queue_screen.say(" ".join(said), tone)
