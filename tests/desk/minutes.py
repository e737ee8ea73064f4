"""An oracle for working time that steps through two years minute by minute: slow, and obviously right.

It shares nothing with the code under test but the zones and the lists of holidays. A zone is a table of what the wall
clock shows at each minute, a calendar a byte for each minute: 1 where it is open. Moments are minutes since `BEGIN`.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from holidays import country_holidays

from deskterm.desk.hours.promises import Calendar

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
MINUTES = 731 * 1440
"""Two years, one of them with a leap day."""
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut")
"""Two plain ones; half an hour of summer time; winter time in Ramadan; clocks that go back over midnight."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FIRST_DAY = date(2026, 12, 30)
"""The first local day that any zone sees in these years."""
REGIONS = ("GB-ENG", "US", "AU-NSW", "MA", "LB", "IT")
Spans = list[tuple[int, int]]
Pause = tuple[int, int]


@cache
def wall_clock(zone: str) -> array[int]:
    """What the wall clock shows at each minute, as minutes since the midnight that began `FIRST_DAY`.

    It is read every quarter of an hour: in these years no zone changes its clocks in between.
    """
    there, midnight = ZoneInfo(zone), datetime(2026, 12, 30)  # noqa: DTZ001 (a wall clock knows no zone)
    begin, minute = int(BEGIN.timestamp()), timedelta(minutes=1)
    found = array("i")
    for second in range(begin, begin + 60 * MINUTES, 900):
        read = (datetime.fromtimestamp(second, there).replace(tzinfo=None) - midnight) // minute
        found.extend(range(read, read + 15))
    return found


@cache
def highest(zone: str) -> array[int]:
    """How far the wall clock has come by the beginning of each minute; it comes no less far by going back."""
    found = wall_clock(zone)[:]
    for change in changes(zone):
        minute, top = change, found[change - 1] + 1
        while found[minute] < top:
            found[minute] = top
            minute += 1
    return found


@cache
def changes(zone: str) -> list[int]:
    """The minutes at which the clocks are changed."""
    wall = wall_clock(zone)
    return [n for n in range(1, MINUTES) if wall[n] - wall[n - 1] != 1]


@dataclass
class Hours:
    """A calendar as it was thought up."""

    zone: str
    week: dict[int, Spans]
    holidays: tuple[str, ...] = ()
    closed: set[date] = field(default_factory=set)
    dates: dict[date, Spans] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """The same, as a desk file says it."""
        return Calendar(
            name="thought-up", zone=self.zone, holidays=self.holidays, closed=tuple(sorted(self.closed)),
            hours="; ".join(f"{DAYS[day]} {written(spans)}" for day, spans in self.week.items()),
            dates={day: written(spans) for day, spans in self.dates.items()},
        )  # fmt: skip

    def on(self, day: date) -> Spans:
        """The hours of a day."""
        if day in self.dates:
            return self.dates[day]
        if day in self.closed or any(day in holidays(region) for region in self.holidays):
            return []
        return self.week.get(day.weekday(), [])

    @cached_property
    def planned(self) -> bytearray:
        """A byte for each minute of the wall clock."""
        found = bytearray(736 * 1440)
        for number in range(736):
            for start, end in self.on(FIRST_DAY + timedelta(days=number)):
                found[number * 1440 + start : number * 1440 + end] = b"\1" * (end - start)
        return found

    @cached_property
    def open(self) -> bytes:
        """A byte for each minute that really was: what the wall clock showed between two changes, one after another."""
        wall, edges = wall_clock(self.zone), [0, *changes(self.zone), MINUTES]
        return b"".join(self.planned[wall[a] : wall[b - 1] + 1] for a, b in pairwise(edges))

    def elapsed(self, start: int, end: int, pauses: list[Pause]) -> int:
        """Open minutes from one to another, without those of a pause."""
        return self.running(start, end, pauses).count(1)

    def running(self, start: int, end: int, pauses: list[Pause]) -> bytearray:
        """The minutes between two, 1 where open and in no pause."""
        found = bytearray(self.open[start:end])
        for begin, close in pauses:
            begin, close = max(begin, start) - start, min(close, end) - start
            if begin < close:
                found[begin:close] = bytes(close - begin)
        return found

    def due(self, start: int, wanted: int, pauses: list[Pause]) -> int:
        """The minute at which so many open minutes have passed."""
        running, minute = self.running(start, MINUTES, pauses), 0
        while (hour := running.count(1, minute, minute + 60)) < wanted:
            wanted, minute = wanted - hour, minute + 60
        while wanted:
            wanted, minute = wanted - running[minute], minute + 1
        return start + minute

    def due_in_days(self, start: int, wanted: int, pauses: list[Pause]) -> int:
        """The minute by whose end so many working days have passed; each minute of a day is an equal part of it."""
        left, minute = Fraction(wanted), start
        while (hour := self.passed(minute, minute + 60, pauses)) < left:
            left, minute = left - hour, minute + 60
        while left > 0:
            left, minute = left - self.passed(minute, minute + 1, pauses), minute + 1
        return minute

    def passed(self, start: int, end: int, pauses: list[Pause]) -> Fraction:
        """How much of working days passes between two minutes."""
        wall = highest(self.zone)
        touching = [pause for pause in pauses if pause[0] < end and pause[1] > start]
        if any(begin <= start and end <= close for begin, close in touching):
            return Fraction(0)
        if touching:
            return sum((self.passed(n, n + 1, touching) for n in range(start, end)), Fraction(0))
        days = {n // 1440 for n in range(wall[start], wall[end])}
        return sum(
            (self.part(max(day * 1440, wall[start]), min(day * 1440 + 1440, wall[end])) for day in days), Fraction(0)
        )

    def part(self, start: int, end: int) -> Fraction:
        """What part of its day lies between two minutes of the wall clock."""
        midnight = start // 1440 * 1440
        counted = self.planned.count(1, start, end)
        return Fraction(counted, self.planned.count(1, midnight, midnight + 1440)) if counted else Fraction(0)


@cache
def holidays(region: str) -> set[date]:
    """The public holidays of a region."""
    country, _, part = region.partition("-")
    return set(country_holidays(country, subdiv=part or None, years=range(2026, 2030)))


def written(spans: Spans) -> str:
    """Hours of a day as desk files spell them."""
    return ",".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)


def some_hours(luck: Random, zone: str) -> Hours:
    """Think up a calendar."""
    if luck.random() < 0.15:
        week = {day: [(0, 1440)] for day in range(7)}
    else:
        week = {day: some_spans(luck) for day in luck.sample(range(7), luck.randint(1, 7))}
    days = [FIRST_DAY + timedelta(days=luck.randrange(735)) for _ in range(luck.choice((0, 0, 5, 30)))]
    changed = [FIRST_DAY + timedelta(days=wall_clock(zone)[each] // 1440) for each in changes(zone)]
    own = {each: some_spans(luck) for each in [*luck.sample(days, len(days) // 2), *changed] if luck.random() < 0.5}
    return Hours(zone, week, tuple(luck.sample(REGIONS, luck.choice((0, 1, 1, 2)))), set(days), own)


def some_spans(luck: Random) -> Spans:
    """Think up the hours of a day, often at night, when clocks are changed."""
    step = luck.choice((1, 5, 15, 30, 60))
    last = luck.choice((240, 1440, 1440))
    edges = sorted(luck.sample(range(0, last + 1, step), 2 * luck.randint(1, min(3, last // step // 2))))
    if luck.random() < 0.3:
        edges[-1] = 1440
    if luck.random() < 0.3:
        edges[0] = 0
    return list(zip(edges[::2], edges[1::2], strict=True))


def some_minute(luck: Random, zone: str, last: int) -> int:
    """Pick a minute, often one near a change of the clocks."""
    near = luck.choice(changes(zone)) + luck.choice((0, 0, -1, 1, luck.randint(-200, 200), luck.randint(-3000, 3000)))
    return near if luck.random() < 0.5 and 0 <= near < last else luck.randrange(last)


def some_pauses(luck: Random, zone: str, start: int) -> list[Pause]:
    """Think up pauses: in no order, some overlapping, some reaching beyond, some from or to a change of the clocks."""
    found = []
    for _ in range(luck.choice((0, 0, 1, 2, 4))):
        begin = start + luck.randint(-3000, 9000)
        end = begin + luck.choice((0, 1, 60, luck.randint(1, 3000), luck.randint(1, 20000)))
        if luck.random() < 0.2:
            begin, end = sorted((begin, luck.choice(changes(zone))))
        found.append((begin, end))
    return found
