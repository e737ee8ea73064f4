"""The right end of every heading: calls still open, and whether the desk is live."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from textual.content import Content

from deskterm.store.base import Standing

_STATES: Final = {
    "live": ("● live", "$text-success"),
    "catching up": ("◐ catching up", "$text-accent"),
    "offline": ("▲ offline", "bold $text-warning"),
}


def calls_open(calls: int, *, beside_one: bool = False) -> Content:
    """Say that calls are still open, where any are. `beside_one` counts those beside the one in front."""
    if not calls:
        return Content("")
    word = ("more " if beside_one else "") + ("call" if calls == 1 else "calls")
    return Content.assemble((f"☎ {calls} {word} open, ", "$text"), ("F3", "bold $text-accent"))


def standing_words(standing: Standing | None, now: datetime, zone: str) -> Content:
    """Word how the desk stands: sign, text and colour, each enough by itself. None while it is being opened."""
    if standing is None:
        return Content.styled("○ opening", "$text-muted")
    said, colour = _STATES[standing.state]
    if standing.state == "offline" and standing.since is not None:
        there = ZoneInfo(zone)
        since = standing.since.astimezone(there)
        today = since.date() == now.astimezone(there).date()
        said += f" since {since:%H:%M}" if today else f" since {since.day}.{since.month}. {since:%H:%M}"
    parts: list[Content] = [Content.styled(said, colour)]
    if standing.waiting:
        left = "to send" if standing.state == "catching up" else "waiting"
        parts.append(Content.styled(f"{standing.waiting} {left}", "$text"))
    if standing.stuck:
        parts.append(Content.styled(f"✗ {standing.stuck} refused", "bold $text-warning"))
    return Content(", ").join(parts)
