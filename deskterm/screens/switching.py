"""How the app goes from one desk to another: the other is opened first, and only then the one at hand is left.

What is typed at a desk stays with it, in its drafts and in its outbox. Nothing that belongs to the desk one leaves is
there any more when the other begins: no screen, no call, no work under way could act on the wrong one.
"""

from __future__ import annotations

import asyncio
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from deskterm.connections import Connection, file_of
from deskterm.screens.opening import OpeningApp
from deskterm.screens.queue import QueueScreen
from deskterm.settings import where
from deskterm.store.base import NotFound, StoreError, Unusable

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.store.base import Store

ENDLESS: Final = ("feed", "ticks")
"""Work that goes on for as long as a desk is open."""
PATIENCE: Final = 5.0
"""Seconds for what is being saved at the desk one leaves."""


class SwitchingApp(OpeningApp):
    """An app that goes to the desks that the settings name."""

    def __init__(self) -> None:
        super().__init__()
        self._who: dict[str, str] = {}
        """Who was picked to act, by connection: nobody is asked twice."""
        self._going: Worker[None] | None = None
        self._is_leaving = False

    def reopen(self, url: str | None = None, operator: str | None = None) -> None:
        """Open a desk anew, and remember who acts there."""
        if operator and self.connection:
            self._who[self.connection.name] = operator
        super().reopen(url, operator)

    def act_connection(self, argument: str) -> None:
        """Go to another desk: the one that is named, or one to be picked."""
        from deskterm.screens.connections import ConnectionScreen

        if not self.settings.connections:
            self._say("The settings name no other desk: [connections.NAME] in the settings file does.")
        elif argument and argument not in self.settings.connections:
            self._say(f"There is no connection {argument!r}. There are {', '.join(self.settings.connections)}.")
        else:
            self.push_screen(ConnectionScreen(tuple(self.settings.connections.values()), self.connection, argument))

    def go_to(self, connection: Connection) -> None:
        """Go to another desk. Where it cannot be opened, all stays as it is, and the screen in front says why."""
        self._going = self.run_worker(self._go(connection), group="switching", exclusive=True, exit_on_error=False)

    def stay(self) -> None:
        """Do not go after all."""
        if self._going is not None:
            self._going.cancel()

    @property
    def may_stay(self) -> bool:
        """Whether the desk at hand is still open as it was, so that one may stay."""
        return not self._is_leaving

    async def _go(self, to: Connection) -> None:
        # What is typed now is meant for the other desk; if that is not to be had, for none.
        self.hold_keys()
        try:
            store, desk, unknown = await self._entered(to)
            self._is_leaving = True
            try:
                await self._leave()
            except BaseException:
                await store.close()
                raise
            await self._arrive(to, store, desk)
            await self.show_desk(unknown, f"You are at {to.name} now.")
        except StoreError as error:
            self._refused(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, one stays where one is
            self._refused(self.unexpected(error))
        finally:
            self._is_leaving = False
            self.release_keys()

    async def _entered(self, to: Connection) -> tuple[Store, DeskFile, str]:
        """The other desk, open; and why it does not know who acts, where it does not. Raises StoreError."""
        file = file_of(to.store)
        if file is not None and not file.exists():
            begins = f"deskterm -c {shlex.quote(to.name)} desk load FILE"
            raise NotFound(f"There is no desk in {where(to.store)} yet. {begins} begins one.")
        store, unknown = await self.opened(to.store, self._acting_at(to))
        try:
            desk = await store.desk()
            if not await asyncio.to_thread(self.journal.save_all):
                raise Unusable(self.journal.trouble or "What you typed cannot be saved now.")
        except BaseException:
            await store.close()
            raise
        return store, desk, unknown

    def _acting_at(self, connection: Connection) -> str | None:
        return self._who.get(connection.name) or connection.operator or self.settings.operator

    async def _leave(self) -> None:
        """Close the desk at hand: what is being saved is saved, then every screen of it goes."""
        mine = get_current_worker()
        others = [worker for worker in self.workers if worker is not mine]
        busy = [w._task for w in others if w.group not in ENDLESS and w._task is not None and not w._task.done()]
        if busy:
            await asyncio.wait(busy, timeout=PATIENCE)
        for worker in others:
            worker.cancel()
        calls: list[Screen[Any]] = [*self.calls]
        self.calls.clear()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        for call in calls:
            self.uninstall_screen(call)
            await call.remove()
        await self.leave_all()

    async def _arrive(self, to: Connection, store: Store, desk: DeskFile) -> None:
        """Put the other desk in the place of the one that was left, and an empty queue before it."""
        before = self.store if self._is_open else None
        self._is_open, self.desk = False, None
        self.openings, self.others = (), ()
        self.forget_windows()
        self.point_at(to.store, self._acting_at(to), to)
        if not self.queue_screen._result_callbacks:
            # The first screen of all has none, and Textual would miss it.
            self.queue_screen._push_result_callback(self, None)
        self.queue_screen = QueueScreen()
        try:
            await self.switch_screen(self.queue_screen)
            if before is not None:
                with suppress(StoreError):
                    await before.close()
        finally:
            self.store, self.desk, self._is_open = store, desk, True

    def _refused(self, sentence: str) -> None:
        from deskterm.screens.connections import ConnectionScreen

        self.forget_keys()
        if isinstance(self.screen, ConnectionScreen):
            self.screen.refused(sentence)
        else:
            self._say(sentence)
