"""Lets closed screens go: Textual would keep what they had drawn, some two hundred kilobytes for each.

It remembers two colours for every widget that ever was, and by that the widget's whole drawing (`lru_cache` on a
method keeps the object too). The colours depend on no widget, so here they are remembered without one.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from textual._styles_cache import StylesCache


def let_go() -> None:
    """Remember colours without their widgets from now on."""
    remembered: Any = StylesCache.__dict__["get_inner_outer"]
    if not isinstance(remembered, staticmethod):
        shared = lru_cache(1024)(partial(remembered.__wrapped__, None))
        StylesCache.get_inner_outer = staticmethod(shared)  # type: ignore[assignment, method-assign]
