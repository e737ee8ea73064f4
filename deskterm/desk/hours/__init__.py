"""Working time: how much of it has passed, and when so much will have (R078, R079, R085, R088, R093).

Hours and minutes are time that really passed while a calendar was open. Days are working days of the calendar, counted
by its wall clock. Half a day into one working day, `1d` ends half a day into the next. So it ends at the same time of
day wherever the two have the same hours; a day with other hours counts as one day too, and so does the day on which
the clocks change. Started outside hours, it counts from the next opening; a day that begins with an opening is over at
its close. Thus `5d` is five times a day's length where days are alike, and a later start, a longer target or more
pause never make anything due earlier, also where days are not alike. In `1d4h` the days go first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from deskterm.desk.hours.openings import HORIZON, Day, Hours, Span, hours_of
from deskterm.desk.hours.wall import LAST, OutOfReach, first_instant, highest_wall, known
from deskterm.desk.spelling import duration

__all__ = ["Day", "Due", "Hours", "Length", "OutOfReach", "Pauses", "Span", "due", "elapsed", "hours_of", "length"]

Pauses = Iterable[tuple[datetime, datetime]]
"""Half-open intervals in which a clock stands still; in any order, overlapping or not, reaching anywhere."""
_MICROSECOND: Final = timedelta.resolution
_MINUTE: Final = timedelta(minutes=1) // _MICROSECOND


class Length(NamedTuple):
    """How long something may take: working days of a calendar, then open time."""

    days: int
    time: timedelta


class Due(NamedTuple):
    """When something falls due, and the time that was counted until then."""

    at: datetime
    counted: tuple[Span, ...]


@lru_cache(maxsize=256)
def length(text: str) -> Length:
    """Read a duration as desk files spell it: `30m`, `4h`, `5d`, `1d4h`. Raises ValueError, saying what is wrong."""
    days, hours, minutes = duration(text)
    return Length(days, timedelta(hours=hours, minutes=minutes))


def elapsed(hours: Hours, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
    """How much open time really passed from `start` until `end`, pauses taken out."""
    return _total(_without(hours.spans(start, end), _merged(pauses)))


def due(hours: Hours, start: datetime, target: str, pauses: Pauses = ()) -> Due:
    """The earliest instant at which a target has passed since `start`, pauses taken out.

    Raises ValueError where `target` is no duration, and OutOfReach where the calendar does not open for so long.
    """
    days, open_time = length(target)
    start, still = known(start), _merged(pauses)
    if not days and open_time:
        return _after_time(hours, start, open_time, still)
    at = _after_days(hours, start, days, still) if days else start
    if open_time:
        at = _after_time(hours, at, open_time, still).at
    return Due(at, tuple(_without(hours.spans(start, at), still)))


def _after_time(hours: Hours, start: datetime, wanted: timedelta, still: tuple[Span, ...]) -> Due:
    counted: list[Span] = []
    for span in _without(hours.spans(start, min(start + HORIZON, LAST)), still):
        begun, ended = span
        if wanted <= ended - begun:
            at = begun + wanted
            return Due(at, (*counted, Span(begun, at)))
        wanted -= ended - begun
        counted.append(span)
    raise _never(hours)


def _after_days(hours: Hours, start: datetime, wanted: int, still: tuple[Span, ...]) -> datetime:
    count = _DayCount(hours, start)
    goal = count.goal(wanted)
    at = count.moment(goal)
    for pause in still:
        if pause.start >= at:
            break
        if pause.end > start:
            goal += count.between(max(start, pause.start), pause.end)
            at = count.moment(goal)
    return at


class _DayCount:
    """Counts the working days of a calendar since the day of an instant, as a number that never falls with time."""

    def __init__(self, hours: Hours, start: datetime) -> None:
        self._hours, self._zone = hours, hours.calendar.zone
        self._last = min(start + HORIZON, LAST).date()
        self._wall = highest_wall(self._zone, start)
        self._next = self._wall.date()
        self._dates: list[date] = []

    def goal(self, wanted: int) -> Fraction:
        """What the count is when so many days have passed since the start."""
        return self._at(self._wall, wanted)

    def between(self, one: datetime, other: datetime) -> Fraction:
        """How many working days pass from one moment until another."""
        return self._at(highest_wall(self._zone, known(other))) - self._at(highest_wall(self._zone, known(one)))

    def _at(self, wall: datetime, more: int = 0) -> Fraction:
        """How many working days have passed when the wall clock shows this, and some more."""
        day = wall.date()
        self._look(day)
        whole = bisect_left(self._dates, day)
        if self._dates[whole : whole + 1] != [day]:
            return Fraction(whole + more)
        plan = self._hours.plan(day)
        passed = (wall - datetime.combine(wall, time())) // _MICROSECOND
        counted = sum([max(0, min(passed, end * _MINUTE) - start * _MINUTE) for start, end in plan.minutes])
        planned = plan.length * _MINUTE
        return Fraction((whole + more) * planned + counted, planned)

    def moment(self, count: Fraction) -> datetime:
        """The earliest instant by which so many working days have passed; more than none."""
        # Whole numbers: what a Fraction does for each step takes as long as all the rest.
        parts, of = count.as_integer_ratio()
        whole = -(-parts // of) - 1
        while len(self._dates) <= whole:
            self._look(self._next)
        plan = self._hours.plan(self._dates[whole])
        wanted = -(-(parts - whole * of) * plan.length * _MINUTE // of)
        for start, end in plan.minutes:
            if wanted <= (end - start) * _MINUTE:
                wall = datetime.combine(self._dates[whole], time()) + (start * _MINUTE + wanted) * _MICROSECOND
                return first_instant(self._zone, wall)
            wanted -= (end - start) * _MINUTE
        raise AssertionError("no more than the whole day is wanted")

    def _look(self, day: date) -> None:
        while self._next <= day:
            if self._next > self._last:
                raise _never(self._hours)
            # A day that the clocks left out has hours in the calendar, but nobody ever worked them.
            if self._hours.on(self._next):
                self._dates.append(self._next)
            self._next += timedelta(days=1)


def _merged(pauses: Pauses) -> tuple[Span, ...]:
    """Pauses in order, in one piece where they touch or overlap."""
    if pauses == ():
        return ()
    found: list[Span] = []
    for start, end in sorted((start.astimezone(UTC), end.astimezone(UTC)) for start, end in pauses):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        elif start < end:
            found.append(Span(start, end))
    return tuple(found)


def _without(spans: Iterator[Span], still: tuple[Span, ...]) -> Iterator[Span]:
    """What is left of spans when pauses are taken out; both come in order."""
    return _cut(spans, still) if still else spans


def _cut(spans: Iterator[Span], still: tuple[Span, ...]) -> Iterator[Span]:
    first = 0
    for start, end in spans:
        while first < len(still) and still[first].end <= start:
            first += 1
        for pause in still[first:]:
            if pause.start >= end:
                break
            if start < pause.start:
                yield Span(start, pause.start)
            start = max(start, pause.end)
        if start < end:
            yield Span(start, end)


def _total(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())


def _never(hours: Hours) -> OutOfReach:
    name = hours.calendar.title or hours.calendar.name
    return OutOfReach(f'The calendar "{name}" is not open for so long within {HORIZON.days // 366} years.')
