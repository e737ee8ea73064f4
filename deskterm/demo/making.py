"""Make the demo where it belongs: whole, or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from deskterm.settings import demo_store_url


async def make_demo(url: str | None = None, *, now: datetime | None = None) -> str:
    """Fill the demo's own store unless it is there already; returns its URL.

    A new file gets its name only when all is in it, so that half a demo is never found later.
    """
    from deskterm.demo import fill

    url = url or demo_store_url()
    path = Path(url.removeprefix("sqlite:///"))
    unfinished = path.with_name(f".{path.name}.unfinished")
    if _begin(path, unfinished):
        try:
            await fill(str(unfinished), now=now)
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
