"""Who is at which ticket, kept by the app for all its screens: it says what is in front here, and hears of the others.

It is said whenever another ticket or form comes to the front, and every few seconds, so that it holds; the answer
tells of the others. What changed nothing draws nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from textual.timer import Timer

from deskterm.screens.window_watch import WindowWatch
from deskterm.store.base import NotAllowed, StoreError

if TYPE_CHECKING:
    from uuid import UUID

    from deskterm.desk.records.presence import Doing, Presence
    from deskterm.desk.tickets.views import Change

BEAT_SECONDS: Final = 10.0
CLAIM: Final = timedelta(minutes=5)
"""How long somebody who no longer presses a key is taken to be writing."""
_NOWHERE: Final[tuple[UUID | None, Doing]] = (None, "viewing")


@runtime_checkable
class Attending(Protocol):
    """A screen that may have a ticket in front: every screen of the desk, and forms."""

    def attends_to(self) -> tuple[UUID | None, Doing] | None:
        """The ticket, and what is done there; None where what lies below this screen counts."""
        ...

    def others_told(self) -> None:
        """Others came to tickets, went, began or ceased to write."""
        ...

    def lost_to(self, who: str) -> None:
        """Somebody took over what is written here."""
        ...


class AttendingApp(WindowWatch):
    """An app whose screens show who else is at which ticket."""

    def __init__(self) -> None:
        super().__init__()
        self.others: tuple[Presence, ...] = ()
        self._said = _NOWHERE
        self._beat: Timer | None = None
        """Goes as long as there is somebody to tell, and something to hear."""
        self._last_pressed: datetime | None = None

    def begin_to_attend(self) -> None:
        """Say it from now on, of the desk that is open."""
        if self._beat is None:
            self._beat = self.set_interval(BEAT_SECONDS, self.attend, name="presence")
        self.attend()

    def attention_moved(self) -> None:
        """Say it at once if something else is in front now."""
        if self._in_front() != self._said:
            self.attend()

    def attend(self) -> None:
        """Say what is in front, and hear who else is where."""
        if self._beat is None:
            return
        # Not called here: of one that is cancelled before its first step nothing would be left unawaited.
        self.run_worker(self._attend, group="presence", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    def heard(self, changes: tuple[Change, ...]) -> None:
        """Let whoever writes know at once that somebody took over, and look anew at who is where."""
        me = self.store.me.name
        taken = {change.record_id: change.actor for change in changes if change.kind == "TakenOver"}
        for screen in self._attending() if taken else ():
            at = screen.attends_to()
            if at and at[1] == "writing" and at[0] in taken and taken[at[0]] != me:
                screen.lost_to(taken[at[0]])
        if taken or not changes:  # or the line went, or came back
            self.attend()

    async def leave_all(self) -> None:
        """Be nowhere any more; whoever cannot say so is forgotten by and by."""
        self._cease()
        if self._said != _NOWHERE:
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(1):
                    await self.store.attend(None)

    async def _attend(self) -> None:
        self._said = at, doing = self._in_front()
        before = self.others
        try:
            self.others = await self.store.attend(at, doing)
        except NotAllowed:
            # A token that only reads: nobody is seen, and there is no use in asking again.
            self.others = ()
            self._cease()
        except StoreError:
            self.others = ()
        if self.others != before:
            for screen in self._attending():
                screen.others_told()

    def _cease(self) -> None:
        if self._beat is not None:
            self._beat.stop()
            self._beat = None

    def _attending(self) -> list[Attending]:
        screens: list[object] = [*self.screen_stack, *(each for each in self.desk_screens() if not each.is_current)]
        return [screen for screen in dict.fromkeys(screens) if isinstance(screen, Attending)]

    def _in_front(self) -> tuple[UUID | None, Doing]:
        for screen in reversed(self.screen_stack):
            found = screen.attends_to() if isinstance(screen, Attending) else None
            if found is not None:
                at, doing = found
                idle = self._last_pressed is not None and self.now() - self._last_pressed > CLAIM
                return at, "viewing" if idle else doing
        return _NOWHERE

    def key_comes(self) -> None:
        """Whoever presses keys is there."""
        self._last_pressed = self.now()
