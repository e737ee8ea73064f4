"""Moments as they are typed: a small strict grammar, so that nothing is guessed.

    2026-11-21T10:41:00Z   2026-11-21 10:41   2026-11-21     ISO 8601; without an offset, in the desk's zone
    10:41                                                    the nearest such moment behind us, or before us
    30m   2h   3d                                            so long ago, or from now

What is read is always an aware moment in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LENGTH = re.compile(r"(\d{1,4})\s*([mhd])", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class UnclearMoment(ValueError):
    """What was typed names no moment; the message says how to write one."""


def moment(text: str, now: datetime, zone: str, *, ahead: bool = False) -> datetime:
    """Read a moment, in UTC. `ahead` says that it lies before us, as the end of a wait does. Raises UnclearMoment."""
    wanted, here = text.strip(), ZoneInfo(zone)
    try:
        if length := _LENGTH.fullmatch(wanted):
            span = timedelta(**{_UNITS[length[2]]: int(length[1])})
            return now + span if ahead else now - span
        if clock := _CLOCK.fullmatch(wanted):
            return _nearest(int(clock[1]), int(clock[2]), now.astimezone(here), ahead).astimezone(UTC)
        read = datetime.fromisoformat(wanted)
        return (read if read.tzinfo else read.replace(tzinfo=here)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnclearMoment(
            f"{text!r} is no moment: write 10:41, 2026-11-21 10:41, or 30m, 2h or 3d {'from now' if ahead else 'ago'}."
        ) from None


def _nearest(hour: int, minute: int, now: datetime, ahead: bool) -> datetime:
    found = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if ahead and found <= now:
        return found + timedelta(days=1)
    if not ahead and found > now:
        return found - timedelta(days=1)
    return found
