"""Moments as people say them on the phone, read by a small strict grammar: nothing is guessed (R014).

    now                                          this minute
    09:10   today 09:10   yesterday 14:00        a time alone is the last such moment
    Mon 09:00   monday 9:00                      the last such day
    21 Nov 09:10   21 november 2025 09:10        without a year, the last such date
    2025-11-21 09:10   2025-11-21T09:10:00Z      ISO 8601; without an offset, in the desk's zone
    30m   2h   3d                                so long ago

A moment that lies before us (the end of a wait) is read with `ahead`: the next one instead of the last, also
"tomorrow 09:00". Days without a time, and clock times that a change of the clocks left out, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NEAR: Final = {"today": 0, "yesterday": -1, "tomorrow": 1}
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

_LENGTH: Final = re.compile(r"(\d{1,4})\s*([mhd])", re.ASCII)
_CLOCK: Final = re.compile(r"(?:(.*?)\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_DATE: Final = re.compile(r"(\d{1,2})\s+([a-z]{3,9})(?:\s+(\d{4}))?", re.ASCII)


class UnclearMoment(ValueError):
    """What was typed names no moment; the message is a sentence that says how to write one."""


def moment(text: str, now: datetime, zone: str, *, ahead: bool = False) -> datetime:
    """Read a moment, in UTC. `now` is aware; clock times are those of `zone`. Raises UnclearMoment."""
    wanted = " ".join(text.casefold().split())
    local = now.astimezone(ZoneInfo(zone))
    try:
        found = _short(wanted, now, ahead) or _spoken(wanted, local, ahead) or _iso(wanted, local)
    except OverflowError:
        found = None
    if found is None:
        raise UnclearMoment(f"Not understood: write {'16:00, tomorrow 09:00' if ahead else '09:10, Mon 14:00'} or 2h.")
    if not ahead and found > now:
        raise UnclearMoment("That is still to come: say when it began.")
    return found


def _short(wanted: str, now: datetime, ahead: bool) -> datetime | None:
    if wanted == "now":
        return now.astimezone(UTC).replace(second=0, microsecond=0)
    if length := _LENGTH.fullmatch(wanted):
        span = timedelta(**{_UNITS[length[2]]: int(length[1])})
        return (now + span if ahead else now - span).astimezone(UTC)
    return None


def _spoken(wanted: str, now: datetime, ahead: bool) -> datetime | None:
    """Read a day, if any, and a clock time."""
    found = _CLOCK.fullmatch(wanted)
    if not found:
        return None
    day, clock = found[1], time(int(found[2]), int(found[3]))
    if not day:
        return _nearest((now.date() + timedelta(days=n) for n in (0, 1 if ahead else -1)), clock, now, ahead)
    if day in _NEAR:
        return _at(now.date() + timedelta(days=_NEAR[day]), clock, now)
    if (weekday := _begun(day, _DAYS)) is not None:
        days = (now.date() + timedelta(days=n if ahead else -n) for n in range(8))
        return _nearest((d for d in days if d.weekday() == weekday), clock, now, ahead)
    return _dated(day, clock, now, ahead)


def _dated(day: str, clock: time, now: datetime, ahead: bool) -> datetime | None:
    found = _DATE.fullmatch(day)
    month = _begun(found[2], _MONTHS) if found else None
    if found is None or month is None:
        return None
    # Eight years hold a 29 February wherever one looks from.
    years = [int(found[3])] if found[3] else [now.year + (n if ahead else -n) for n in range(9)]
    days = []
    for year in years:
        try:
            days.append(date(year, month + 1, int(found[1])))
        except ValueError:
            continue
    if found[3]:
        return _at(days[0], clock, now) if days else None
    return _nearest(days, clock, now, ahead)


def _iso(wanted: str, now: datetime) -> datetime | None:
    # A bare date would be read as its midnight, which nobody said.
    if ":" not in wanted:
        return None
    try:
        read = datetime.fromisoformat(wanted.upper())
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else _at(read.date(), read.time(), now)


def _nearest(days: Iterable[date], clock: time, now: datetime, ahead: bool) -> datetime | None:
    """The first of the days, given nearest first, on which the clock time lies behind us (or before us)."""
    for day in days:
        found = _at(day, clock, now)
        if found > now if ahead else found <= now:
            return found
    return None


def _at(day: date, clock: time, now: datetime) -> datetime:
    """A clock time on a day in the zone of `now`; of an hour that the clocks repeat, the first."""
    there = datetime.combine(day, clock, now.tzinfo)
    found = there.astimezone(UTC)
    if found.astimezone(now.tzinfo).replace(fold=0) != there:
        raise UnclearMoment(f"There was no {clock:%H:%M} then: the clocks went forward.")
    return found


def _begun(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names a word of three letters or more begins."""
    return next((i for i, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)
