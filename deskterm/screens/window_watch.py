"""The watch on open windows, kept by the app for all its screens: countdown in each heading, warnings, overrun (C7).

What falls due is written by the desk's timers, whether an app is open or not; here it is only shown. The watch is
read again when a change changed, with each minute, and at the moments at which it gets louder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.timer import Timer

from deskterm.actions import BY_ID
from deskterm.keymap import first_key
from deskterm.screens.base import DeskScreen
from deskterm.store.base import StoreError
from deskterm.terminal import GuardedApp
from deskterm.widgets.window_words import LOUDNESS, alarm_words

if TYPE_CHECKING:
    from uuid import UUID

    from deskterm.desk.changes.views import WindowGuard
    from deskterm.store.base import Store


class WindowWatch(GuardedApp[int]):
    """An app whose screens show the windows in which work is open."""

    store: Store
    now: Callable[[], datetime]
    keymap: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.guards: tuple[WindowGuard, ...] = ()
        self._watched = False
        self._next_alarm: Timer | None = None

    def desk_screens(self) -> list[DeskScreen]:
        """The screens of the desk that are open, parked ones too."""
        raise NotImplementedError

    def open_change(self, change: UUID | str, begin: str = "") -> None:
        """Open a change's screen."""
        raise NotImplementedError

    def forget_windows(self) -> None:
        """Watch no window any more: this is another desk, of which nothing is known yet."""
        self.guards, self._watched = (), False
        self._wait_for_alarm()

    def watch_windows(self) -> None:
        """Read the watch again."""
        # Not called here: of one that is cancelled before its first step nothing would be left unawaited.
        self.run_worker(self._read_guards, group="guards", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    async def _read_guards(self) -> None:
        with suppress(StoreError):
            before, self.guards = self.guards, await self.store.guards()
            for screen in self.desk_screens():
                screen.guards_told()
            louder = _louder(before, self.guards)
            if self._watched:
                self._warn(louder)
            self._watched = True
            self._wait_for_alarm()

    def _wait_for_alarm(self) -> None:
        """Read again when the next warning is due, to the second, not only with the minute."""
        if self._next_alarm is not None:
            self._next_alarm.stop()
            self._next_alarm = None
        if not self.guards:
            return
        from deskterm.desk.changes.window import WARNINGS

        now, moments = self.now(), [timedelta(minutes=minutes) for minutes in (*WARNINGS, 0)]
        ahead = [guard.ends - before - now for guard in self.guards for before in moments]
        if ahead := [left for left in ahead if left > timedelta()]:
            self._next_alarm = self.set_timer(min(ahead).total_seconds(), self.watch_windows, name="window")

    def _warn(self, guards: Iterable[WindowGuard]) -> None:
        """Ring once and say what came, in the form or screen in front; nothing that somebody types is touched."""
        for guard in guards:
            self.bell()
            words = alarm_words(guard, first_key(BY_ID["guard"], self.keymap))
            if callable(say := getattr(self.screen, "say", None)):
                say(words, "alarm")

    def act_guard(self, argument: str) -> None:
        """Go to the change whose window ends first; from there to the next."""
        refs = [guard.ref for guard in self.guards]
        if not refs:
            if isinstance(self.screen, DeskScreen):
                self.screen.say("No window is open that is your business.")
            return
        from deskterm.screens.change_acts import ChangeActs

        view = self.screen.view_in_front() if isinstance(self.screen, ChangeActs) else None
        here = view.change.ref if view else ""
        self.open_change(refs[(refs.index(here) + 1) % len(refs)] if here in refs else refs[0])


def _louder(before: Iterable[WindowGuard], after: Iterable[WindowGuard]) -> tuple[WindowGuard, ...]:
    """The guards that sound louder than at the last look; an extended window begins anew."""
    known = {(guard.change, guard.ends): LOUDNESS.index(guard.alarm) for guard in before}
    return tuple(each for each in after if LOUDNESS.index(each.alarm) > known.get((each.change, each.ends), 0))
