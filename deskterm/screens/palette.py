"""The palette: every action of the place in front, found by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from deskterm.actions import Action, at
from deskterm.keymap import Keymap, shown_keys
from deskterm.screens.base import DeskScreen

NAME, KEY = 20, 9
"""Columns for the name and the keys."""


class _Performs(Protocol):
    keymap: Keymap

    def perform_here(self, action: Action, argument: str = "") -> None: ...


class ActionProvider(Provider):
    """Offers the actions of the screen in front; those that would be refused say why."""

    def _actions(self) -> tuple[tuple[Action, str], ...]:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return ()
        return tuple((action, screen.why_not(action) or action.help) for action in at(screen.place))

    def _perform(self, action: Action) -> Callable[[], None]:
        return partial(self._host.perform_here, action)

    @property
    def _host(self) -> _Performs:
        return cast(_Performs, self.app)

    def _shown(self, action: Action, name: Content) -> Content:
        """Name, key and word, so that the palette teaches the shorter way."""
        key = shown_keys(action, self._host.keymap)
        gap = " " * max(2, NAME - name.cell_length)
        # No colour of its own: the row under the cursor has a colour for all its words.
        return Content.assemble(name, gap, (key.ljust(KEY), "bold"), f":{action.id}")

    async def discover(self) -> Hits:
        """All of them, in the order of the keys."""
        for action, text in self._actions():
            shown = self._shown(action, Content(action.name))
            yield DiscoveryHit(shown, self._perform(action), text=action.name, help=text)

    async def search(self, query: str) -> Hits:
        """Those whose name or help fits what is typed."""
        matcher = self.matcher(query)
        for action, text in self._actions():
            score = max(matcher.match(action.name), matcher.match(action.id))
            # In a sentence scattered letters fit too much: there the words have to stand as they were typed.
            score = score or 0.1 * (query.casefold() in action.help.casefold())
            if score > 0:
                shown = self._shown(action, matcher.highlight(action.name))
                yield Hit(score, shown, self._perform(action), text=action.name, help=text)
