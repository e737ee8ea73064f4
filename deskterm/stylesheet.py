"""The app's style sheet: every piece of CSS is read once for a theme, not all of them for each screen that is new.

Textual reads all CSS again when a screen is opened for the first time, and once more while the app starts, because
colours may have changed. Only a change of colours makes that necessary; what was read for these colours is kept.
"""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_PIECES: Final = 500
"""Pieces of CSS to keep: more than there are widgets and screens."""


class KeptStylesheet(Stylesheet):
    """A style sheet that keeps what it has read."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_PIECES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colours, and forget what was read for those before."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Read what is new; where it has mistakes, everything stays as it was."""
        self.parse()
