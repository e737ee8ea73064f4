"""Keys typed ahead: nobody waits for a screen to open before typing into it, and no key lands in the wrong place.

Textual hands a key to whatever has the focus at that moment. While a screen is being opened that is the old one, or
nothing: letters meant for a form would act on the queue, or be gone. So an app that opens something holds the keys
until it stands there, then plays them in order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Final, Generic

from textual import events
from textual.app import App, ReturnType
from textual.message_pump import MessagePump
from textual.timer import Timer

LONGEST_HOLD: Final = 5.0
"""Seconds after which held keys are let go whatever happens: a keyboard never goes dead."""
PATIENCE: Final = 1.0
"""Seconds to wait for each of the widgets that a key goes through."""


class TypeAheadApp(App[ReturnType], Generic[ReturnType]):
    """An app that holds keys while it opens something."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._holds = 0
        self._held: deque[events.Key | events.Paste] = deque()
        self._safety: Timer | None = None
        self._last_key: asyncio.Future[None] | None = None
        """Done when the last key has gone through its widgets and moved the focus, if it does."""
        self._is_playing = False

    def hold_keys(self) -> None:
        """Keep what is typed from now on, until `release_keys` was called as often."""
        self._holds += 1
        if self._safety is not None:
            self._safety.stop()
        self._safety = self.set_timer(LONGEST_HOLD, self._let_go, name="safety")

    def release_keys(self) -> None:
        """What was waited for stands there: play what was typed, behind all that is already on its way."""
        self._holds = max(0, self._holds - 1)
        if not self._holds:
            if self._safety is not None:
                self._safety.stop()
            self.call_later(self._play)

    def forget_keys(self) -> None:
        """Drop what was typed and is held: it was meant for something that does not open."""
        self._held.clear()

    def _let_go(self) -> None:
        self._holds = 0
        self.call_later(self._play)

    async def on_event(self, event: events.Event) -> None:
        """Take a key in turn; everything else as it comes, keys that come back from a widget among it."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._held.append(event)
            await self._play()
        else:
            await super().on_event(event)

    async def _play(self) -> None:
        """Deliver the keys typed so far, in order, until one of them opens something."""
        if self._is_playing:
            return
        self._is_playing = True
        try:
            while self._held and not self._holds:
                if self._last_key is not None and not self._last_key.done():
                    self.hold_keys()
                    self._last_key.add_done_callback(lambda _: self.release_keys())
                    return
                event, target = self._held.popleft(), self._target()
                is_only_typing = self._is_only_typing(event)
                if isinstance(event, events.Key):
                    self.key_comes()
                await super().on_event(event)
                self._last_key = None if is_only_typing or not target else asyncio.ensure_future(_through(target))
        finally:
            self._is_playing = False

    def key_comes(self) -> None:
        """A key is about to reach its widget."""

    def _is_only_typing(self, event: events.Key | events.Paste) -> bool:
        """Whether it is a letter for a field, which moves nothing: the next key follows it into the same queue."""
        if self.focused is None or not isinstance(event, events.Key) or not event.is_printable:
            return False
        return self.focused.check_consume_key(event.key, event.character)

    def _target(self) -> MessagePump | None:
        return self.focused or (self.screen if self.screen_stack else None)

    def release_keys_after(self, widget: MessagePump) -> None:
        """Play what was typed once a message that a widget just posted has gone all its way up."""
        arrived = asyncio.ensure_future(_through(widget))
        arrived.add_done_callback(lambda _: self.release_keys())

    def push_screen(self, *args: Any, **options: Any) -> Any:
        """Push a screen, and hold the keys until it stands."""
        standing = super().push_screen(*args, **options)
        return standing if options.get("wait_for_dismiss") else self._opened(standing)

    def switch_screen(self, *args: Any, **options: Any) -> Any:
        """Switch to a screen, and hold the keys until it stands."""
        return self._opened(super().switch_screen(*args, **options))

    def _opened(self, standing: Any) -> Any:
        self.hold_keys()
        ready = asyncio.ensure_future(_settled(standing))
        ready.add_done_callback(lambda _: self._release_after_focus())
        return ready

    def _release_after_focus(self) -> None:
        # Focus is set by a call that waits behind what the screen still has to do.
        if self.is_running and self.screen_stack:
            self.screen.call_after_refresh(self.release_keys)
        else:
            self._holds = 0


async def _settled(standing: Awaitable[Any]) -> Any:
    return await standing


async def _through(target: MessagePump) -> None:
    """Wait until a widget and all that it may have passed a key on to have done what lay before them."""
    chain: list[MessagePump] = []
    node: MessagePump | None = target
    while node is not None and not isinstance(node, App):
        chain.append(node)
        node = node._parent
    with suppress(TimeoutError):
        # Twice at each: what it posts in answer to a message lies behind the first call.
        for pump in (pump for pump in chain for _ in range(2)):
            done = asyncio.Event()
            if pump.is_running and pump.call_later(done.set):
                async with asyncio.timeout(PATIENCE):
                    await done.wait()
