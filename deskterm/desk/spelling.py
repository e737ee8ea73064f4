"""How hours, durations and zones are written in a desk file, checked as they are read (R078, R079)."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = "always"
_DAY = {day.casefold(): day for day in DAYS}
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|(24):(00))", re.ASCII)
_DURATION = re.compile(r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?", re.ASCII)
_LONGEST_WORD = 60


def quoted(text: str) -> str:
    """Repeat what a file says, short and without anything that a terminal would act on."""
    shown = repr(text[:_LONGEST_WORD])[1:-1]
    return f'"{shown}…"' if len(text) > _LONGEST_WORD else f'"{shown}"'


def nearest(word: str, known: list[str]) -> str | None:
    """Find the known name that was most likely meant, whatever the case; None when nothing comes near."""
    if len(word) > _LONGEST_WORD:
        return None
    spelled = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), list(spelled), n=1, cutoff=0.6)
    return spelled[found[0]] if found else None


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Read the hours of one day, "09:00-13:00,14:00-18:00", as minutes after midnight; 24:00 ends the day.

    Raises ValueError, saying what is wrong, also when spans overlap or come out of order.
    """
    read: list[tuple[int, int]] = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise ValueError(f'{quoted(part.strip())} is no span of hours; write one like "09:00-17:30".')
        from_hour, from_minute, hour, minute, midnight, _ = found.groups()
        start, end = int(from_hour) * 60 + int(from_minute), int(hour or midnight) * 60 + int(minute or 0)
        if end <= start:
            raise ValueError(
                f"{quoted(part.strip())} ends before it starts; write hours past midnight on the next day."
            )
        if read and start < read[-1][1]:
            raise ValueError(f"{quoted(part.strip())} begins before the span in front of it has ended.")
        read.append((start, end))
    return tuple(read)


def week(text: str) -> dict[str, tuple[tuple[int, int], ...]]:
    """Read weekly hours, "Mon-Fri 09:00-17:30; Sat 09:00-12:00" or "always", as spans for each day that is open.

    Raises ValueError, saying what is wrong.
    """
    if text.strip().casefold() == ALWAYS:
        return dict.fromkeys(DAYS, ((0, 24 * 60),))
    hours: dict[str, tuple[tuple[int, int], ...]] = {}
    for part in text.split(";"):
        days, _, times = part.strip().partition(" ")
        if not times:
            raise ValueError(f'{quoted(part.strip())} is no weekly hours; write "Mon-Fri 09:00-17:30" or "always".')
        for day in _days(days):
            if day in hours:
                raise ValueError(f"{day} has hours twice; put its spans together, with a comma between them.")
            hours[day] = spans(times)
    return hours


def _days(text: str) -> list[str]:
    first, dash, last = text.partition("-")
    for name in (first, last) if dash else (first,):
        if name.casefold() not in _DAY:
            known = ", ".join(DAYS)
            raise ValueError(f'{quoted(name)} is no day; they are {known}. Write "Mon-Fri 09:00-17:30" or "always".')
    begin = DAYS.index(_DAY[first.casefold()])
    if not dash:
        return [DAYS[begin]]
    length = (DAYS.index(_DAY[last.casefold()]) - begin) % len(DAYS)
    return [DAYS[(begin + step) % len(DAYS)] for step in range(length + 1)]


def duration(text: str) -> tuple[int, int, int]:
    """Read a length of time, "30m", "1h30m" or "5d", as days, hours and minutes; not all of them are none.

    Raises ValueError, saying what is wrong.
    """
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if not (days or hours or minutes):
        raise ValueError(f'{quoted(text)} is no duration; write one like "30m", "4h", "1h30m" or "5d".')
    return days, hours, minutes


def _week(text: str) -> str:
    week(text)
    return text


def _spans(text: str) -> str:
    spans(text)
    return text


def _duration(text: str) -> str:
    duration(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        guess = nearest(text, sorted(available_timezones()))
        hint = f'did you mean "{guess}"?' if guess else 'write one like "Europe/London" or "UTC".'
        raise ValueError(f"There is no zone {quoted(text)}; {hint}") from None
    return text


WeekHours = Annotated[str, AfterValidator(_week)]
"""Weekly hours: `Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00`, or `always`."""
DayHours = Annotated[str, AfterValidator(_spans)]
"""The hours of one day: `09:00-13:00,14:00-18:00`."""
Duration = Annotated[str, AfterValidator(_duration)]
"""A length of time: `30m`, `4h`, `1h30m`, `5d`. Days are those of the calendar that goes with it."""
Zone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone: `Europe/London`, `UTC`."""
