"""Who else is at a ticket, in words and signs: a few cells in a row of the queue, sentences where there is room.

Sign, text and colour each say it alone: ✎ and the accent for writing, ◦ and grey for looking.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from textual.content import Content

from deskterm.desk.records.presence import Doing, Presence
from deskterm.text import safe
from deskterm.widgets.table import Tone

SIGNS: Final[dict[Doing, str]] = {"writing": "✎", "viewing": "◦"}
_TONES: Final[dict[Doing, Tone]] = {"writing": "accent", "viewing": "muted"}
_STYLES: Final[dict[Doing, str]] = {"writing": "$text-accent", "viewing": "$text-muted"}


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = safe(name).split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"


def in_rows(others: Iterable[Presence]) -> dict[UUID, tuple[str, Tone]]:
    """For each ticket that somebody is at, what its row shows: who writes before who looks, the others counted."""
    at: dict[UUID, list[Presence]] = {}
    for each in _writers_first(others):
        at.setdefault(each.ticket, []).append(each)
    return {ticket: (_cells(there), _TONES[there[0].doing]) for ticket, there in at.items()}


def _cells(there: list[Presence]) -> str:
    more = len({each.operator for each in there}) - 1
    return f"{SIGNS[there[0].doing]} {initials(there[0].operator)}" + (f"+{more}" if more else "")


def sentence(others: Iterable[Presence], me: str, now: datetime, zone: str) -> Content:
    """Who is at one ticket besides this terminal, and since when they write; empty for nobody."""
    said: dict[str, Content] = {}
    for each in _writers_first(others):
        said.setdefault(
            each.operator, Content.styled(f"{SIGNS[each.doing]} {_says(each, me, now, zone)}", _STYLES[each.doing])
        )
    return Content("  ").join(said.values())


def _says(each: Presence, me: str, now: datetime, zone: str) -> str:
    who = "You are" if each.operator == me else f"{safe(each.operator)} is"
    if each.doing == "viewing":
        return f"{who} here"
    where = "on another terminal" if each.operator == me else "here"
    since, today = (moment.astimezone(ZoneInfo(zone)) for moment in (each.since, now))
    day = "" if since.date() == today.date() else f"{since:%a} "
    return f"{who} writing {where} (since {day}{since:%H:%M})"


def warning(others: Iterable[Presence], me: str, key: str) -> str:
    """What whoever begins to write has to know: that somebody else does, and the key to take over; empty for nobody."""
    there = {each.operator: each for each in others if each.doing == "writing"}
    names = [safe(name) for name in there if name != me]
    if names:
        who = f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
        return f"{who} writing here." + (f" {key} takes over." if key else "")
    return "You are writing here on another terminal." if there else ""


def _writers_first(others: Iterable[Presence]) -> list[Presence]:
    return sorted(others, key=lambda each: each.doing != "writing")
