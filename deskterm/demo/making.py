"""Make the demo where it belongs: whole, or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from deskterm import demo
from deskterm.demo import DEFAULT_DESK, DEFAULT_TICKETS
from deskterm.settings import demo_store_url
from deskterm.store.opening import path_of


async def make_demo(
    url: str | None = None,
    *,
    tickets: int = DEFAULT_TICKETS,
    seed: int = 1,
    desk: str = DEFAULT_DESK,
    now: datetime | None = None,
) -> str:
    """Fill the demo's own store, or the new file that is named, unless it is there already; returns its URL.

    A new file gets its name only when all is in it, so that half a demo is never found later.
    """
    url = url or demo_store_url()
    path = path_of(url)
    unfinished = path.with_name(f".{path.name}.unfinished")
    if _begin(path, unfinished):
        try:
            await demo.fill(str(unfinished), tickets=tickets, seed=seed, desk=desk, now=now)
            unfinished.replace(path)
        finally:
            _tidy(unfinished)
    return url


def _begin(path: Path, unfinished: Path) -> bool:
    """Make room for a new file; whether there is anything to make."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tidy(unfinished)
    return True


def _tidy(unfinished: Path) -> None:
    for left in unfinished.parent.glob(f"{unfinished.name}*"):
        left.unlink()
