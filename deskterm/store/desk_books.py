"""The calendars of every desk file that was ever in force, with the public holidays that it was loaded with.

A due time of the past stands on the desk file of its time: only its calendars are read here, so that a version that
asks more of desk files can still explain it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from deskterm.desk.clocks.promising import calendar_named
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.hours import Hours, hours_of
from deskterm.desk.hours.promises import Calendar
from deskterm.desk.hours.public_holidays import UnknownHolidays, public_holidays
from deskterm.store.base import Invalid
from deskterm.store.log import canonical
from deskterm.store.schema import desk_file

Holidays = dict[str, dict[date, str]]
"""Days with their names, by the list that they belong to."""
_HOLIDAYS: Final[TypeAdapter[Holidays]] = TypeAdapter(Holidays)
_SHELVED: Final = sa.select(desk_file.c.name, desk_file.c.source, desk_file.c.holidays).where(
    desk_file.c.position == sa.bindparam("wanted")
)
_BEFORE, _AFTER = 1, 10
"""Years of public holidays that are looked up before and after the one in which a desk file is loaded."""


@dataclass(frozen=True, slots=True)
class _Volume:
    """What one desk file says of time."""

    name: str
    calendars: tuple[Calendar, ...]
    holidays: Holidays


class Shelf:
    """The calendars that were read so far, for as long as a store is open. May be asked from any thread."""

    def __init__(self) -> None:
        self._volumes: dict[int, _Volume] = {}
        self._hours: dict[tuple[int, str], Hours | None] = {}

    def forget(self) -> None:
        """Read everything again when it is next asked for: what was undone may have been a desk file."""
        self._volumes.clear()
        self._hours.clear()

    def hours(self, connection: sa.Connection, desk: int, calendar: str) -> Hours | None:
        """The hours of a calendar of the desk file at a position of the log."""
        if (desk, calendar) not in self._hours:
            volume = self._volume(connection, desk)
            if volume is None:
                return None
            self._hours[desk, calendar] = _hours(volume, calendar)
        return self._hours[desk, calendar]

    def name(self, connection: sa.Connection, desk: int) -> str:
        """What the desk file at a position of the log was called."""
        volume = self._volume(connection, desk)
        return volume.name if volume else ""

    def _volume(self, connection: sa.Connection, desk: int) -> _Volume | None:
        if desk not in self._volumes:
            row = connection.execute(_SHELVED, {"wanted": desk}).one_or_none()
            if row is None:
                return None
            self._volumes[desk] = _Volume(row.name, _calendars(row.source), read_holidays(row.holidays))
        return self._volumes[desk]


@dataclass(frozen=True, slots=True)
class DeskBooks:
    """The calendars as one connection sees them: what `deskterm.desk.clocks` calls its books."""

    connection: sa.Connection
    shelf: Shelf

    def hours(self, desk: int, calendar: str) -> Hours | None:
        """A calendar of the desk file at a position of the log; None where there is none of this name."""
        return self.shelf.hours(self.connection, desk, calendar)


def _hours(volume: _Volume, name: str) -> Hours | None:
    calendar = calendar_named(volume.calendars, name)
    if calendar is None:
        return None
    closed = {day: what for region in calendar.holidays for day, what in volume.holidays.get(region, {}).items()}
    return hours_of(calendar, closed)


def _calendars(source: str) -> tuple[Calendar, ...]:
    found = []
    for raw in tomllib.loads(source.removeprefix("\ufeff")).get("calendar", ()):
        try:
            found.append(Calendar.model_validate(raw))
        except ValidationError:
            continue  # of another version; what goes by it has no due time
    return tuple(found)


# -- holidays, looked up once


def holidays_for(desk: DeskFile, year: int) -> Holidays:
    """The public holidays of all lists that a desk's calendars name, in the years around one.

    Raises Invalid where a list is not known.
    """
    regions = sorted({region for calendar in desk.calendar for region in calendar.holidays})
    years = range(year - _BEFORE, year + _AFTER + 1)
    try:
        return {
            region: {day: name for each in years for day, name in public_holidays(region, each).items()}
            for region in regions
        }
    except UnknownHolidays as error:
        raise Invalid(str(error), field="source") from error


def write_holidays(holidays: Holidays) -> str:
    """Write public holidays as they are kept in a row."""
    return canonical(
        {region: {day.isoformat(): name for day, name in days.items()} for region, days in holidays.items()}
    )


def read_holidays(text: str) -> Holidays:
    """Read them back. Raises ValidationError where they are none."""
    return _HOLIDAYS.validate_json(text)
