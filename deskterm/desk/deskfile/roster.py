"""Who is on duty when, and where a centre that must always be staffed has nobody (R087).

A centre is watched once the roster names somebody for it; one without any shift keeps no roster here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache, partial
from typing import Final
from zoneinfo import ZoneInfo

from deskterm.desk.deskfile import DeskFile, Shift
from deskterm.desk.deskfile.centres import HoursNamed, hours_named
from deskterm.desk.hours import Hours, hours_of
from deskterm.desk.hours.promises import Calendar

AHEAD: Final = timedelta(days=7)
"""How far ahead the roster is looked at."""
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a centre is open and nobody is on duty there."""

    centre: str
    title: str
    zone: str
    """The zone in which its people read their clocks."""
    starts: datetime
    ends: datetime


def gaps(desk: DeskFile, at: datetime, hours: HoursNamed | None = None) -> tuple[Gap, ...]:
    """The gaps of the next seven days, the first first. Raises OutOfReach."""
    hours = hours or partial(hours_named, desk)
    until, found = at + AHEAD, list[Gap]()
    for centre in desk.centre:
        shifts = [shift for shift in desk.shift if shift.centre == centre.name]
        opens = hours(centre.calendar) if centre.staffed and shifts else None
        if opens is not None:
            free = [(span[0], span[1]) for span in opens.spans(at, until)]
            for shift in shifts:
                free = list(_without(free, list(_on_duty(shift, centre.zone, at, until))))
            title = centre.title or centre.name
            found += [Gap(centre.name, title, centre.zone, starts, ends) for starts, ends in free]
    return tuple(sorted(found, key=lambda gap: gap.starts))


def _on_duty(shift: Shift, zone: str, at: datetime, until: datetime) -> Iterator[Stretch]:
    """When somebody is on duty within a span, by the centre's clock."""
    local = ZoneInfo(zone)
    first = datetime.combine(shift.first, time(), local) if shift.first else at
    last = datetime.combine(shift.last + timedelta(days=1), time(), local) if shift.last else until
    start, end = max(at, first.astimezone(at.tzinfo)), min(until, last.astimezone(at.tzinfo))
    if start < end:
        yield from ((span[0], span[1]) for span in _duty(shift.hours, zone).spans(start, end))


@lru_cache(maxsize=256)
def _duty(hours: str, zone: str) -> Hours:
    return hours_of(Calendar(name="duty", zone=zone, hours=hours))


def _without(free: list[Stretch], taken: list[Stretch]) -> Iterator[Stretch]:
    """What is left of some stretches without others, both in order."""
    for start, end in free:
        for begins, ends in taken:
            if ends <= start or begins >= end:
                continue
            if begins > start:
                yield start, begins
            start = max(start, ends)
        if start < end:
            yield start, end
