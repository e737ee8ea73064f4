"""Working time against an oracle that steps minute by minute: 10 000 cases over five zones and two years (R078, R079).

Every case asks how much open time passed between two moments, when a target of hours and one of days falls due, and
what opens or closes next; of every calendar each single minute is compared too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from deskterm.desk import hours
from deskterm.desk.hours import Hours, Span, due, elapsed, openings, wall
from deskterm.desk.hours.wall import Stretch
from tests.desk import minutes
from tests.desk.minutes import BEGIN, MINUTES, ZONES

CALENDARS, CASES = 40, 50
"""Calendars of each zone, and cases of each calendar."""
MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return BEGIN + minute * MINUTE


def as_bytes(found: Hours) -> bytes:
    """The code's spans, a byte for each minute."""
    drawn = bytearray(MINUTES)
    for start, end in found.spans(BEGIN, at(MINUTES)):
        first, last = (start - BEGIN) // MINUTE, (end - BEGIN) // MINUTE
        drawn[first:last] = b"\1" * (last - first)
    return bytes(drawn)


def test_there_are_ten_thousand_cases() -> None:
    assert len(ZONES) * CALENDARS * CASES == 10_000
    assert all(len(minutes.changes(zone)) >= 4 for zone in ZONES), "each zone changes its clocks"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("zone", ZONES)
def test_working_time_agrees_with_stepping_through_it(zone: str) -> None:
    agree(zone, CALENDARS)


def agree(zone: str, calendars: int) -> None:
    luck = Random(zone)  # the same cases every time
    for _ in range(calendars):
        wanted = minutes.some_hours(luck, zone)
        found = Hours(wanted.calendar)
        assert as_bytes(found) == wanted.open, wanted.calendar
        spans = list(found.spans(BEGIN, at(MINUTES)))
        assert all(one.end < other.start for one, other in pairwise(spans)), "in order, and joined where they touch"
        by_day = (end - start for day in found.days(BEGIN, at(MINUTES)) for start, end in day.spans)
        assert sum(by_day, timedelta()) == wanted.open.count(1) * MINUTE, "day by day it is the same"
        for number in range(CASES):
            agree_on_a_case(luck, found, wanted, in_days=number % 8 == 0)


def agree_on_a_case(luck: Random, found: Hours, wanted: minutes.Hours, *, in_days: bool) -> None:
    zone = wanted.zone
    start = minutes.some_minute(luck, zone, MINUTES - 200_000)
    pauses = minutes.some_pauses(luck, zone, start)
    still = [Span(at(a), at(b)) for a, b in pauses]
    case = (wanted.calendar, at(start), still)

    end = minutes.some_minute(luck, zone, MINUTES)
    assert elapsed(found, at(start), at(end), still) == wanted.elapsed(start, end, pauses) * MINUTE, (case, at(end))

    left = wanted.elapsed(start, MINUTES, pauses)
    target = luck.randint(1, min(luck.choice((60, 600, 6000)), left))
    moment, counted = due(found, at(start), f"{target // 60}h{target % 60}m", still)
    assert moment == at(wanted.due(start, target, pauses)), (case, target)
    assert sum((b - a for a, b in counted), timedelta()) == target * MINUTE, (case, target)

    is_open = wanted.open[start]
    change = wanted.open.find(not is_open, start)
    assert found.is_open(at(start)) == bool(is_open), case
    assert found.next_change(at(start)) == (at(change) if change >= 0 else None), case
    assert found.next_open(at(start)) == at(wanted.open.find(1, start)), case

    if in_days:
        days = luck.randint(1, 4)
        moment, _ = due(found, at(start), f"{days}d", still)
        assert -((BEGIN - moment) // MINUTE) == wanted.due_in_days(start, days, pauses), (case, days)


def changed_late(zone: str, year: int) -> tuple[Stretch, ...]:
    """Clocks are changed a minute late."""
    found = list(wall.stretches_of_year(zone, year))
    for n in range(len(found) - 1):
        late = found[n].end + MINUTE
        found[n], found[n + 1] = found[n]._replace(end=late), found[n + 1]._replace(start=late)
    return tuple(found)


def one_pass(zone: str, year: int) -> tuple[Stretch, ...]:
    """Of a repeated hour only the second pass counts."""
    found = list(wall.stretches_of_year(zone, year))
    for n, later in enumerate(found[1:]):
        if later.offset < found[n].offset:
            found[n] = found[n]._replace(end=found[n].end - (found[n].offset - later.offset))
    return tuple(found)


def no_change(zone: str, year: int) -> tuple[Stretch, ...]:
    """A year has one offset."""
    first, *_, last = (*wall.stretches_of_year(zone, year), wall.stretches_of_year(zone, year)[-1])
    return (first._replace(end=last.end),)


def plain_wall(zone: str, moment: datetime) -> datetime:
    """The wall clock runs back in a repeated hour, and days with it."""
    return next(each.wall(moment) for each in wall.stretches(zone, moment, moment + MINUTE))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("room", "name", "fault"),
    [
        (openings, "stretches_of_year", changed_late),
        (openings, "stretches_of_year", one_pass),
        (openings, "stretches_of_year", no_change),
        (hours, "highest_wall", plain_wall),
        (hours, "_merged", lambda pauses: tuple(sorted(pauses))),
    ],
)
def test_the_oracle_notices_what_is_wrong(
    room: object, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, name, fault)
    with pytest.raises(AssertionError):
        agree("Europe/London", 8)
