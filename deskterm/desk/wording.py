"""How moments and lists are put into plain words, in sentences that are read aloud or shown.

The first screen is written with these words, so nothing slow to load may be needed for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

# Tables and not strftime: the words stay English whatever the machine's locale is.
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NEAR: Final = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def when(moment: datetime, now: datetime, zone: str) -> str:
    """Say when something was or will be, seen from `now` in a zone: "today at 10:41", "on Friday at 16:05"."""
    there = ZoneInfo(zone)
    local, today = moment.astimezone(there), now.astimezone(there).date()
    days = (local.date() - today).days
    if days in _NEAR:
        day = _NEAR[days]
    elif abs(days) < len(_DAYS):
        day = f"on {_DAYS[local.weekday()]}"
    else:
        year = f" {local.year}" if local.year != today.year else ""
        day = f"on {local.day} {_MONTHS[local.month - 1]}{year}"
    return f"{day} at {local:%H:%M}"


def day_and_time(moment: datetime, zone: str) -> str:
    """Write a moment out so that it stays right on whatever day it is read: "Friday 21 November 2025, 16:05"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_named(local)}, {local:%H:%M}"


def day_named(day: date) -> str:
    """Write a day out: "Friday 21 November 2025"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Join words as one says them: "impact, type and urgency"."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""
