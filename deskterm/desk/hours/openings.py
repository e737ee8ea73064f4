"""When a calendar is open: its spans of time, day by day, with the reason why a day differs (R077-R079, R085).

An instant is open when its local wall time falls in a span of its day. So both passes of a repeated hour count, and a
skipped hour does not exist. Everything is computed on UTC instants; the zone of whoever looks changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from deskterm.desk.hours.public_holidays import public_holidays
from deskterm.desk.hours.wall import LAST, Stretch, known, stretches, stretches_of_year
from deskterm.desk.spelling import DAYS, spans, week

if TYPE_CHECKING:
    from deskterm.desk.hours.promises import Calendar

HORIZON: Final = timedelta(days=20 * 366)
"""How far a calendar is searched for its next opening, or for enough open time."""

DayKind = Literal["open", "closed", "holiday", "own closed day", "own hours"]
"""What a day is in a calendar: as every week or not in the week's hours, a public holiday, or as the file says."""
_WHOLE_DAY: Final = ((0, 24 * 60),)
_ONE_DAY: Final = timedelta(days=1)
_END: Final = attrgetter("end")


class Span(NamedTuple):
    """Some time, in UTC: `start` belongs to it, `end` no longer does."""

    start: datetime
    end: datetime


class Plan(NamedTuple):
    """What a calendar means a day to be: spans in minutes after midnight by the wall clock."""

    kind: DayKind
    minutes: tuple[tuple[int, int], ...]
    name: str = ""
    """The holiday's name."""
    length: int = 0
    """Minutes in all."""


class Day(NamedTuple):
    """A local day of a calendar, as it really went."""

    date: date
    spans: tuple[Span, ...]
    kind: DayKind
    name: str
    """The holiday's name, else empty."""
    shift: timedelta
    """By how much the clocks went forward that day; negative when they went back."""

    @property
    def note(self) -> str:
        """Why the day is unlike any other, in words; empty when it is not."""
        kinds = {"closed": "Closed", "own closed day": "Closed on this date", "own hours": "Hours of its own"}
        words = f"Holiday: {self.name}" if self.kind == "holiday" else kinds.get(self.kind, "")
        return "; ".join(filter(None, (words, _shift_words(self.shift))))


class Hours:
    """The open time of one calendar. Made by `hours_of`, which keeps them."""

    def __init__(self, calendar: Calendar, kept: Mapping[date, str] | None = None) -> None:
        self.calendar = calendar
        self._kept = kept
        weekly = week(calendar.hours)
        self._week = tuple(weekly.get(day, ()) for day in DAYS)
        self._dates = {day: spans(text) for day, text in calendar.dates.items()}
        self._closed = frozenset(calendar.closed)
        self._years: dict[int, tuple[Span, ...]] = {}
        self._on: dict[date, tuple[Span, ...]] = {}
        self._plans: dict[date, Plan] = {}
        exceptions = calendar.dates or calendar.closed or (calendar.holidays if kept is None else kept)
        self.never_closes = not exceptions and set(self._week) == {_WHOLE_DAY}

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open time from `start` until `end`, in order, in one piece where it touches. Raises OutOfReach."""
        start, end = known(start), known(end)
        if start >= end:
            return iter(())
        if self.never_closes:
            return iter((Span(start, end),))
        return _joined(self._clipped(start, end))

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an instant."""
        at = known(at)
        year = self._year(at.year)
        index = bisect_right(year, at, key=_END)
        return index < len(year) and year[index].start <= at

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes, after `at`; None where it never does."""
        at, end = _ahead(at)
        found = next(self.spans(at, end), None)
        if found is None or (found.start == at and found.end == end):
            return None
        return found.end if found.start == at else found.start

    def next_open(self, at: datetime) -> datetime | None:
        """When it is open next: `at` itself while it is; None where it never opens again."""
        found = next(self.spans(*_ahead(at)), None)
        return found.start if found else None

    def days(self, start: datetime, end: datetime) -> Iterator[Day]:
        """Each local day with some of the time from `start` until `end`: its open time in there, and why it differs."""
        start, end = known(start), known(end)
        pieces = [each for each in stretches(self.calendar.zone, start, end) if start < end]
        walls = [wall for each in pieces for wall in (each.wall(max(start, each.start)), each.wall(min(end, each.end)))]
        if not walls:
            return
        last = (max(walls) - timedelta.resolution).date()
        for day in _dates(min(walls).date(), last):
            plan = self.plan(day)
            clipped = (Span(max(start, each.start), min(end, each.end)) for each in self.on(day))
            inside = tuple(each for each in clipped if each.start < each.end)
            yield Day(day, inside, plan.kind, plan.name, self._shift(day))

    def plan(self, day: date) -> Plan:
        """What the calendar means a local day to be. Own hours go before closed days, and those before holidays."""
        if day not in self._plans:
            self._plans[day] = self._meant(day)
        return self._plans[day]

    def _meant(self, day: date) -> Plan:
        if day in self._dates:
            return _plan("own hours", self._dates[day])
        if day in self._closed:
            return Plan("own closed day", ())
        if name := self._holiday(day):
            return Plan("holiday", (), name)
        minutes = self._week[day.weekday()]
        return _plan("open" if minutes else "closed", minutes)

    def on(self, day: date) -> tuple[Span, ...]:
        """The open time of a local day."""
        if day not in self._on:
            self._on[day] = tuple(_joined(span for each in self._around(day) for span in self._planned(day, each)))
        return self._on[day]

    def _holiday(self, day: date) -> str:
        if self._kept is not None:
            return self._kept.get(day, "")
        found = (public_holidays(region, day.year).get(day, "") for region in self.calendar.holidays)
        return next(filter(None, found), "")

    def _planned(self, day: date, stretch: Stretch) -> Iterator[Span]:
        midnight = datetime.combine(day, time())
        for begin, close in self.plan(day).minutes:
            start = max(stretch.start, stretch.instant(midnight + timedelta(minutes=begin)))
            end = min(stretch.end, stretch.instant(midnight + timedelta(minutes=close)))
            if start < end:
                yield Span(start, end)

    def _year(self, year: int) -> tuple[Span, ...]:
        """The open time of a year, as it is in UTC."""
        if year not in self._years:
            found = (
                span
                for each in stretches_of_year(self.calendar.zone, year)
                for day in _dates(each.wall(each.start).date(), each.wall(each.end).date())
                for span in self._planned(day, each)
            )
            self._years[year] = tuple(_joined(found))
        return self._years[year]

    def _clipped(self, start: datetime, end: datetime) -> Iterator[Span]:
        for number in range(start.year, end.year + 1):
            year = self._year(number)
            for index in range(bisect_right(year, start, key=_END), len(year)):
                span = year[index]
                if span.start >= end:
                    return
                yield Span(max(start, span.start), min(end, span.end))

    def _shift(self, day: date) -> timedelta:
        changes = (
            later.offset - each.offset
            for each, later in pairwise(self._around(day))
            if (each.wall(each.end) - timedelta.resolution).date() == day
        )
        return sum(changes, timedelta())

    def _around(self, day: date) -> Iterator[Stretch]:
        """The stretches that may hold some of a local day, wherever on earth."""
        midnight = datetime.combine(day, time(), UTC)
        return stretches(self.calendar.zone, midnight - _ONE_DAY, midnight + 2 * _ONE_DAY)


def hours_of(calendar: Calendar, kept: Mapping[date, str] | None = None) -> Hours:
    """The hours of a calendar, worked out once for as long as it is in use.

    `kept` are public holidays by name, as they were known when the desk file came into force: then no library is asked.
    """
    dates = tuple(sorted(calendar.dates.items()))
    frozen = None if kept is None else tuple(sorted(kept.items()))
    whole = (calendar.name, calendar.title, calendar.zone, calendar.hours, calendar.holidays, calendar.closed)
    return _hours_of(_Key((whole, dates, frozen), calendar))


class _Key(NamedTuple):
    """A calendar as something that can be looked up: the calendar itself holds a dictionary."""

    whole: tuple[object, ...]
    calendar: Calendar

    def __hash__(self) -> int:
        return hash(self.whole)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.whole == other.whole


@lru_cache(maxsize=256)
def _hours_of(key: _Key) -> Hours:
    kept = key.whole[-1]
    return Hours(key.calendar, dict(kept) if isinstance(kept, tuple) else None)


def _plan(kind: DayKind, minutes: tuple[tuple[int, int], ...]) -> Plan:
    return Plan(kind, minutes, length=sum(end - start for start, end in minutes))


def _ahead(at: datetime) -> tuple[datetime, datetime]:
    at = known(at)
    return at, min(at + HORIZON, LAST)


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _joined(found: Iterable[Span]) -> Iterator[Span]:
    """Put spans that touch together; they come in order."""
    waiting: Span | None = None
    for span in found:
        if waiting is not None and span.start <= waiting.end:
            waiting = Span(waiting.start, max(waiting.end, span.end))
            continue
        if waiting is not None:
            yield waiting
        waiting = span
    if waiting is not None:
        yield waiting


def _shift_words(shift: timedelta) -> str:
    if not shift:
        return ""
    minutes = abs(shift) // timedelta(minutes=1)
    length = " ".join(f"{n} {unit}" for n, unit in ((minutes // 60, "h"), (minutes % 60, "min")) if n)
    return f"Clocks go {'forward' if shift > timedelta() else 'back'} by {length}"
