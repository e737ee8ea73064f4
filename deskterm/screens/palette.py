"""The palette: every action of the place in front, found by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from deskterm.actions import Action, at
from deskterm.screens.base import DeskScreen


class _Performs(Protocol):
    def perform_here(self, action: Action, argument: str = "") -> None: ...


class ActionProvider(Provider):
    """Offers the actions of the screen in front; those that would be refused say why."""

    def _actions(self) -> tuple[tuple[Action, str], ...]:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return ()
        return tuple((action, screen.why_not(action) or action.help) for action in at(screen.place))

    def _perform(self, action: Action) -> Callable[[], None]:
        return partial(cast(_Performs, self.app).perform_here, action)

    async def discover(self) -> Hits:
        """All of them, in the order of the keys."""
        for action, text in self._actions():
            yield DiscoveryHit(action.name, self._perform(action), help=text)

    async def search(self, query: str) -> Hits:
        """Those whose name or help fits what is typed."""
        matcher = self.matcher(query)
        for action, text in self._actions():
            score = max(matcher.match(action.name), matcher.match(action.id), matcher.match(text) * 0.6)
            if score > 0:
                yield Hit(score, matcher.highlight(action.name), self._perform(action), help=text)
