"""What the clock on the wall shows in a zone, and when it is changed.

A zone's time is cut into stretches in which its clocks ran evenly; all working time is computed on those, so that a
skipped or repeated hour needs no case of its own. Wall times are naive, instants are aware and in UTC (R079).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Between these, both included, hours are known; what lies beyond is a typing error."""
_STEP: Final = timedelta(days=1)
"""No zone changes its clocks twice within it."""
_FARTHEST: Final = timedelta(days=2)
"""More than any change of the clocks, and than any distance between a wall clock and UTC."""
_SECOND: Final = timedelta(seconds=1)


class OutOfReach(ValueError):
    """A moment lies farther away than hours are known, or than a calendar is searched; the message says which."""


class Stretch(NamedTuple):
    """From `start` until `end`, in UTC, a zone's clocks were `offset` ahead of UTC."""

    start: datetime
    end: datetime
    offset: timedelta

    def wall(self, at: datetime) -> datetime:
        """What the clock shows at an instant of the stretch."""
        return (at + self.offset).replace(tzinfo=None)

    def instant(self, wall: datetime) -> datetime:
        """The instant at which the clock shows this, as far as it runs like that."""
        return (wall - self.offset).replace(tzinfo=UTC)


def known(at: datetime) -> datetime:
    """The instant in UTC. Raises OutOfReach where no hours are known, and ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    if not FIRST <= at <= LAST:
        raise OutOfReach(f"Hours are known from {FIRST.year} to {LAST.year}; the year {at.year} lies beyond.")
    return at.astimezone(UTC)


@lru_cache(maxsize=2048)
def stretches_of_year(zone: str, year: int) -> tuple[Stretch, ...]:
    """Cut a year, as it is in UTC, into the stretches of a zone."""
    there = ZoneInfo(zone)
    end = datetime(year + 1, 1, 1, tzinfo=UTC)
    start = at = datetime(year, 1, 1, tzinfo=UTC)
    found: list[Stretch] = []
    offset = _offset(there, at)
    while at < end:
        following = min(at + _STEP, end)
        if (changed := _offset(there, following)) != offset:
            moment = _change(there, at, following)
            found.append(Stretch(start, moment, offset))
            start, offset = moment, changed
        at = following
    return tuple(each for each in (*found, Stretch(start, end, offset)) if each.start < each.end)


def stretches(zone: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The stretches of a zone that hold some of the time from `start` until `end`, in order and in full."""
    for year in range(start.year, end.year + 1):
        yield from (each for each in stretches_of_year(zone, year) if each.start < end and each.end > start)


def highest_wall(zone: str, at: datetime) -> datetime:
    """The latest time that the wall clock has shown by now: in a repeated hour it stands still at the hour's end."""
    if (even := _well_within(zone, at)) is not None:
        return even.wall(at)
    earlier = stretches(zone, at - _FARTHEST, at + _SECOND)
    return max(each.wall(min(at, each.end)) for each in earlier)


def first_instant(zone: str, wall: datetime) -> datetime:
    """When the wall clock first shows this or more: a time that is skipped is reached as the clocks go forward."""
    near = wall.replace(tzinfo=UTC)
    if (even := _well_within(zone, near)) is not None:
        return even.instant(wall)
    for each in stretches(zone, near - _FARTHEST, near + _FARTHEST):
        if wall <= each.wall(each.end):
            return max(each.start, each.instant(wall))
    raise OutOfReach(f"No clock shows {wall}.")


def _well_within(zone: str, at: datetime) -> Stretch | None:
    """The stretch around a moment, as nearly all moments have one: no change of the clocks is anywhere near."""
    for each in stretches_of_year(zone, at.year):
        if at <= each.end:
            return each if each.start + _FARTHEST <= at <= each.end - _FARTHEST else None
    return None


def _offset(there: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(there).utcoffset() or timedelta()


def _change(there: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find the second between two instants at which the clocks are changed."""
    offset = _offset(there, before)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        before, after = (middle, after) if _offset(there, middle) == offset else (before, middle)
    return after
