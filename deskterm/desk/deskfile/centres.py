"""Who is there now: which centres and telephone lines are open, which opens next, and who takes a ticket until then.

A line has hours of its own, apart from the centres' (R080): a call may be answered while no centre is open yet, and a
missed one be worked on after the line has shut. Rows: R077, R080, R082, R083.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from deskterm.desk.deskfile import Channel, DeskFile, Group
from deskterm.desk.hours import Hours, hours_of
from deskterm.desk.hours.promises import Calendar, Centre
from deskterm.desk.wording import day_named


@dataclass(frozen=True, slots=True)
class Place:
    """A centre, or a line that is answered: whether it is open at the moment looked at, and until when."""

    kind: Literal["centre", "line"]
    name: str
    title: str
    calendar: str
    """Name of the calendar it works by."""
    zone: str
    """The zone in which its people read their clocks."""
    is_open: bool
    changes_at: datetime | None
    """When it closes, or opens if it is closed; None where it never does."""


@dataclass(frozen=True, slots=True)
class Openings:
    """A desk at one moment: what is open, and what opens next."""

    at: datetime
    centres: tuple[Place, ...]
    lines: tuple[Place, ...]
    opens_next: Place | None
    """The closed centre that opens first; None where none is closed, or none ever opens again."""

    @property
    def changes_at(self) -> datetime | None:
        """When the next of all centres and lines opens or closes (R083)."""
        return min((each.changes_at for each in (*self.centres, *self.lines) if each.changes_at), default=None)


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Which group works on a ticket next, where it sits, and from when; `centre` is None for who sits in none."""

    group: str
    centre: Place | None
    at: datetime | None
    """The moment looked at where somebody is there; else the next opening, None where there is none."""


HoursNamed = Callable[[str], Hours | None]
"""Finds the hours of a calendar by its name: with the public holidays as the store keeps them, where there is one."""


def calendar_named(desk: DeskFile, name: str) -> Calendar | None:
    """Find a calendar of the desk by its name."""
    return next((each for each in desk.calendar if each.name == name), None)


def hours_named(desk: DeskFile, name: str) -> Hours | None:
    """The hours of the desk's calendar of that name."""
    calendar = calendar_named(desk, name)
    return hours_of(calendar) if calendar else None


def normal_hours(desk: DeskFile, centre: Centre) -> Hours | None:
    """The normal hours of a centre: those its working days are counted in, also where it never closes (R078, R086)."""
    return hours_named(desk, centre.normal_calendar or centre.calendar)


def openings(desk: DeskFile, at: datetime, hours: HoursNamed | None = None) -> Openings:
    """Look at a desk at an instant. Lines are the channels that have a calendar. Raises OutOfReach.

    Without `hours`, public holidays are those that are known today.
    """
    hours = hours or partial(hours_named, desk)
    centres = tuple(place for each in desk.centre if (place := centre_at(desk, each, at, hours)))
    lines = tuple(place for each in desk.channel if (place := _line(each, at, hours)))
    opening = ((each.changes_at, each) for each in centres if not each.is_open and each.changes_at)
    _, opens_next = min(opening, key=lambda pair: pair[0], default=(None, None))
    return Openings(at, centres, lines, opens_next)


def centre_at(desk: DeskFile, centre: Centre, at: datetime, named: HoursNamed | None = None) -> Place | None:
    """A centre at an instant; None where the desk lacks its calendar. Raises OutOfReach."""
    hours = named(centre.calendar) if named else hours_named(desk, centre.calendar)
    if hours is None:
        return None
    title = centre.title or centre.name
    return Place(
        "centre", centre.name, title, centre.calendar, centre.zone, hours.is_open(at), hours.next_change(at)
    )  # fmt: skip


def _line(channel: Channel, at: datetime, named: HoursNamed) -> Place | None:
    hours = named(channel.calendar) if channel.calendar else None
    if hours is None:
        return None
    name = channel.name or channel.kind
    calendar = hours.calendar
    return Place("line", name, name, calendar.name, calendar.zone, hours.is_open(at), hours.next_change(at))


def place_of(desk: DeskFile, group: Group | None, at: datetime, hours: HoursNamed | None = None) -> Place | None:
    """The centre of a group at an instant; None for a group that sits in none. Raises OutOfReach."""
    centre = next((each for each in desk.centre if group and each.name == group.centre), None)
    return centre_at(desk, centre, at, hours) if centre else None


def taken_up(desk: DeskFile, group: str, at: datetime, hours: HoursNamed | None = None) -> TakenUp:
    """Who takes up a ticket that was meant for a group, and when: outside its hours, the centre that opens next (R082).

    An open centre goes before one that opens later, the group's own before others. At another centre it is a group
    of at least the same line, the nearest one, with most in common in what it is good for. A restricted group keeps
    its tickets and gets none from elsewhere; a provider keeps hours of its own.
    """
    meant = desk.group_named(group)
    home = place_of(desk, meant, at, hours)
    if meant is None or home is None:
        return TakenUp(group, None, at)
    choices = [(home, meant)]
    for place in openings(desk, at, hours).centres:
        able = [each for each in desk.group if each.centre == place.name and _can_stand_in(each, meant)]
        if place.name != home.name and able:
            choices.append((place, min(able, key=lambda each: _distance(each, meant))))
    place, taker = min(
        choices, key=lambda choice: _waits_until(choice[0], at) or datetime.max.replace(tzinfo=at.tzinfo)
    )
    return TakenUp(taker.name, place, _waits_until(place, at))


def _waits_until(place: Place, at: datetime) -> datetime | None:
    return at if place.is_open else place.changes_at


def _can_stand_in(group: Group, meant: Group) -> bool:
    if group.level == "vendor" or meant.level == "vendor" or group.restricted or meant.restricted:
        return False
    return group.level >= meant.level


def _distance(group: Group, meant: Group) -> tuple[int, int]:
    """How far a group is from the one that was meant: lines between them, then how little they have in common."""
    levels = [each.level for each in (group, meant) if each.level != "vendor"]
    return max(levels) - min(levels), -len(set(group.good_for) & set(meant.good_for))


def state_words(place: Place, at: datetime, zone: str) -> str:
    """Whether a place is open, and until when, by the clock of a zone: "open to 18:00", "opens Mon 9:00" (R083)."""
    if place.changes_at is None:
        return "open" if place.is_open else "closed"
    changes = place.changes_at.astimezone(ZoneInfo(zone))
    far = changes.date() != at.astimezone(ZoneInfo(zone)).date() and place.changes_at - at > timedelta(hours=12)
    day = f"{day_named(changes)[:3]} " if far else ""
    return f"{'open to' if place.is_open else 'opens'} {day}{changes.hour}:{changes:%M}"


def standing_words(openings: Openings, at: datetime, zone: str) -> tuple[str, ...]:
    """What is open, and until when: what changes next comes first, what never changes last (R083)."""
    places = (*openings.centres, *openings.lines)
    ranked = sorted(places, key=lambda place: (place.changes_at is None, place.changes_at or at))
    return tuple(f"{place.name} {state_words(place, at, zone)}" for place in ranked)
