"""Working time: the vectors and invariants of REQUIREMENTS.md §6, days that differ, and what explains them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskterm.desk.hours import Hours, OutOfReach, Span, due, elapsed, hours_of, length
from deskterm.desk.hours.promises import Calendar
from deskterm.desk.hours.public_holidays import UnknownHolidays
from deskterm.desk.hours.wall import stretches_of_year


def hours(weekly: str, zone: str = "Europe/London", **more: object) -> Hours:
    return hours_of(Calendar.model_validate({"name": "tried", "zone": zone, "hours": weekly, **more}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spans(found: Hours, start: str, end: str) -> list[str]:
    return [f"{a:%d %H:%M}-{b:%d %H:%M}" for a, b in found.spans(at(start), at(end))]


UK = hours("Mon-Fri 09:00-18:00")
US = hours("Mon-Fri 06:00-16:00", "America/New_York")
NEW_YORK = hours("always", "America/New_York")
LONDON = hours("always")


@pytest.mark.parametrize(
    ("found", "day", "expected"),
    [
        (UK, "2026-01-14", ["14 09:00-14 18:00"]),
        (UK, "2026-07-15", ["15 08:00-15 17:00"]),
        (US, "2026-01-14", ["14 11:00-14 21:00"]),
        (US, "2026-03-17", ["17 10:00-17 20:00"]),  # America is on summer time, London is not yet
    ],
)
def test_hours_follow_the_summer_time_of_their_zone(found: Hours, day: str, expected: list[str]) -> None:
    """R079."""
    assert spans(found, f"{day}T00:00Z", f"{day}T23:59Z") == expected


@pytest.mark.parametrize(
    ("found", "start", "target", "expected"),
    [
        (UK, "2026-03-27T17:00+00:00", "4h", "2026-03-30T11:00Z"),  # over the weekend in which clocks go forward
        (NEW_YORK, "2026-11-01T00:30-04:00", "2h", "2026-11-01T06:30Z"),  # both passes of 01:00 count
        (LONDON, "2026-03-29T00:30Z", "1h", "2026-03-29T01:30Z"),
        (UK, "2026-01-14T17:00Z", "1h", "2026-01-14T18:00Z"),  # at the close, not at the next opening
        (UK, "2026-01-14T18:00Z", "1m", "2026-01-15T09:01Z"),
        (UK, "2026-01-17T12:00Z", "30m", "2026-01-19T09:30Z"),
        (LONDON, "2028-02-28T12:00Z", "48h", "2028-03-01T12:00Z"),  # the leap day is a day
        (hours("Sun 01:00-02:00"), "2026-03-28T00:00Z", "1h", "2026-04-05T01:00Z"),  # that hour was left out once
        (hours("Sun 01:00-02:00"), "2026-10-24T00:00Z", "2h", "2026-10-25T02:00Z"),  # and is there twice
        (hours("Sun 01:30-03:00", "Australia/Lord_Howe"), "2026-10-03T00:00Z", "1h", "2026-10-03T16:00Z"),
    ],
)
def test_hours_are_time_that_really_passed(found: Hours, start: str, target: str, expected: str) -> None:
    """The vectors of §6, and the hours in which clocks are changed."""
    assert due(found, at(start), target).at == at(expected)


@pytest.mark.parametrize(
    ("found", "start", "target", "expected"),
    [
        (UK, "2026-01-12T10:00Z", "1d", "2026-01-13T10:00Z"),
        (UK, "2026-01-12T10:00Z", "5d", "2026-01-19T10:00Z"),
        (UK, "2026-01-12T09:00Z", "5d", "2026-01-16T18:00Z"),  # from opening to close
        (UK, "2026-01-10T12:00Z", "5d", "2026-01-16T18:00Z"),  # on a Saturday: from Monday's opening
        (UK, "2026-03-27T10:00Z", "1d", "2026-03-30T09:00Z"),  # 10:00 on the wall
        (UK, "2026-01-12T17:30Z", "1d1h", "2026-01-14T09:30Z"),
        (LONDON, "2026-03-28T12:00Z", "1d", "2026-03-29T11:00Z"),  # noon to noon, 23 hours
        (LONDON, "2026-10-24T11:00Z", "1d", "2026-10-25T12:00Z"),  # noon to noon, 25 hours
        (LONDON, "2026-03-28T01:30Z", "1d", "2026-03-29T01:00Z"),  # 01:30 is left out: as the clocks go forward
        (LONDON, "2026-10-25T01:30Z", "1d", "2026-10-26T02:00Z"),  # the second 01:30: the hour has passed already
        (hours("Mon 09:00-17:00; Tue 09:00-13:00"), "2026-01-12T13:00Z", "1d", "2026-01-13T11:00Z"),  # half to half
        (hours("always", "Pacific/Apia"), "2011-12-29T22:00Z", "1d", "2011-12-30T22:00Z"),  # Thursday to Saturday
    ],
)
def test_days_are_working_days_by_the_wall_clock(found: Hours, start: str, target: str, expected: str) -> None:
    """R085: a day with other hours is one day too, and so is the day on which the clocks change."""
    assert due(found, at(start), target).at == at(expected)


def test_holidays_closed_days_and_hours_of_single_dates() -> None:
    """R085."""
    found = hours(
        "Mon-Fri 09:00-17:00", holidays=("GB-ENG",), closed=("2026-12-29",),
        dates={"2026-12-24": "09:00-13:00", "2026-12-26": "10:00-12:00"},
    )  # fmt: skip
    days = list(found.days(at("2026-12-24T00:00Z"), at("2026-12-30T00:00Z")))
    assert [(day.date.day, day.kind, day.note, len(day.spans)) for day in days] == [
        (24, "own hours", "Hours of its own", 1),
        (25, "holiday", "Holiday: Christmas Day", 0),
        (26, "own hours", "Hours of its own", 1),
        (27, "closed", "Closed", 0),
        (28, "holiday", "Holiday: Boxing Day (observed)", 0),
        (29, "own closed day", "Closed on this date", 0),
    ]
    assert due(found, at("2026-12-24T12:00Z"), "4h").at == at("2026-12-30T10:00Z")


@pytest.mark.parametrize(
    ("region", "closed", "working"),
    [
        ("GB-ENG", "2026-08-31", "2026-11-30"),
        ("GB-SCT", "2026-11-30", "2026-08-31"),
        ("US", "2026-11-26", "2026-12-28"),
        ("BG", "2026-03-03", "2026-06-02"),
        ("ZA", "2026-06-16", "2026-05-25"),
        ("IT", "2026-06-02", "2026-03-03"),
    ],
)
def test_each_region_has_its_own_holidays(region: str, closed: str, working: str) -> None:
    found = hours("Mon-Fri 09:00-17:00", holidays=(region,))
    assert not found.is_open(at(f"{closed}T12:00Z"))
    assert found.is_open(at(f"{working}T12:00Z"))


def test_two_regions_close_for_both_and_an_unknown_one_is_told() -> None:
    both = hours("always", holidays=("GB-ENG", "US"))
    assert not both.is_open(at("2026-11-26T12:00Z"))
    assert not both.is_open(at("2026-08-31T12:00Z"))
    with pytest.raises(UnknownHolidays, match='"XX"'):
        hours("always", holidays=("XX",)).is_open(at("2026-11-26T12:00Z"))


def test_holidays_that_were_kept_stand_whatever_the_library_says() -> None:
    calendar = Calendar(name="tried", zone="UTC", hours="always", holidays=("GB-ENG",))
    kept = hours_of(calendar, {date(2026, 5, 6): "Founders' day"})
    assert [day.note for day in kept.days(at("2026-05-06T00:00Z"), at("2026-05-07T00:00Z"))] == [
        "Holiday: Founders' day"
    ]
    assert kept.is_open(at("2026-12-25T12:00Z"))
    assert not hours_of(calendar).is_open(at("2026-12-25T12:00Z"))
    assert hours_of(calendar, {}).never_closes


def test_hours_over_midnight_are_one_span() -> None:
    night = hours("Mon-Thu 00:00-06:00,22:00-24:00; Fri 00:00-06:00", "UTC")
    assert spans(night, "2026-01-12T12:00Z", "2026-01-14T12:00Z") == ["12 22:00-13 06:00", "13 22:00-14 06:00"]
    assert night.next_change(at("2026-01-12T23:00Z")) == at("2026-01-13T06:00Z")
    year = hours("Mon-Sun 00:00-06:00,22:00-24:00", "UTC")
    assert spans(year, "2026-12-31T12:00Z", "2027-01-01T12:00Z") == ["31 22:00-01 06:00"]


def test_always_is_always() -> None:
    """R078, X12: a leap day is ordinary time."""
    assert list(LONDON.spans(at("2027-01-01T00:00Z"), at("2029-01-01T00:00Z"))) == [
        Span(at("2027-01-01T00:00Z"), at("2029-01-01T00:00Z"))
    ]
    assert (LONDON.is_open(at("2028-02-29T12:00Z")), LONDON.next_change(at("2028-02-29T12:00Z"))) == (True, None)
    assert LONDON.never_closes
    assert not UK.never_closes


def test_the_next_change_and_the_next_opening() -> None:
    """R083."""
    assert UK.next_change(at("2026-01-12T08:59:59Z")) == at("2026-01-12T09:00Z")
    assert UK.next_change(at("2026-01-12T09:00Z")) == at("2026-01-12T18:00Z")
    assert UK.next_change(at("2026-01-16T18:00Z")) == at("2026-01-19T09:00Z")
    assert UK.next_open(at("2026-01-12T10:30Z")) == at("2026-01-12T10:30Z")
    assert UK.next_open(at("2026-01-16T18:00Z")) == at("2026-01-19T09:00Z")
    assert (UK.is_open(at("2026-01-12T09:00Z")), UK.is_open(at("2026-01-12T18:00Z"))) == (True, False)


def test_a_change_of_the_clocks_is_told_on_its_day() -> None:
    def notes(found: Hours, start: str, end: str) -> list[str]:
        return [day.note for day in found.days(at(start), at(end))]

    assert notes(LONDON, "2026-03-28T12:00Z", "2026-03-30T12:00Z") == ["", "Clocks go forward by 1 h", ""]
    assert notes(LONDON, "2026-10-24T12:00Z", "2026-10-26T12:00Z") == ["", "Clocks go back by 1 h", ""]
    assert notes(UK, "2026-10-25T12:00Z", "2026-10-25T13:00Z") == ["Closed; Clocks go back by 1 h"]
    howe = hours("always", "Australia/Lord_Howe")
    assert notes(howe, "2026-04-04T12:30Z", "2026-04-04T20:00Z") == ["", "Clocks go back by 30 min"]
    day = next(iter(LONDON.days(at("2026-10-24T23:00Z"), at("2026-10-26T00:00Z"))))
    assert sum((end - start for start, end in day.spans), timedelta()) == timedelta(hours=25)


def test_what_can_never_be_due_is_told() -> None:
    with pytest.raises(OutOfReach, match="20 years"):
        due(hours("Mon 09:00-09:01"), at("2026-01-12T10:00Z"), "9999h")
    with pytest.raises(OutOfReach, match="20 years"):
        due(UK, at("2026-01-12T10:00Z"), "9999d")
    for_ever = (at("2026-01-12T11:00Z"), datetime.max.replace(tzinfo=UTC))
    with pytest.raises(OutOfReach):
        due(UK, at("2026-01-12T10:00Z"), "4h", [for_ever])
    assert due(UK, at("2026-01-12T10:00Z"), "1h", [for_ever]).at == at("2026-01-12T11:00Z")
    for moment in ("0001-01-01T00:00Z", "9999-12-31T23:59Z"):
        with pytest.raises(OutOfReach, match="known from 1900"):
            UK.is_open(at(moment))
    with pytest.raises(ValueError, match="time zone"):
        due(UK, at("2026-01-12T10:00"), "1h")
    with pytest.raises(ValueError, match="no duration"):
        length("0h")


def test_pauses_are_taken_out_in_any_order() -> None:
    """R093."""
    pauses = [
        (at("2026-01-12T15:00Z"), at("2026-01-12T17:00Z")), (at("2026-01-12T11:00Z"), at("2026-01-12T12:00Z")),
        (at("2026-01-12T16:00Z"), at("2026-01-13T10:00Z")), (at("2026-01-01T00:00Z"), at("2026-01-12T10:30Z")),
    ]  # fmt: skip
    found = due(UK, at("2026-01-12T10:00Z"), "4h", pauses)
    assert found.at == at("2026-01-13T10:30Z")
    assert [f"{a:%H:%M}-{b:%H:%M}" for a, b in found.counted] == ["10:30-11:00", "12:00-15:00", "10:00-10:30"]
    assert due(UK, at("2026-01-12T10:00Z"), "1d", [(at("2026-01-12T11:00Z"), at("2026-01-12T13:00Z"))]).at == at(
        "2026-01-13T12:00Z"
    )


@pytest.mark.slow
def test_no_zone_changes_its_clocks_twice_between_two_looks() -> None:
    """Changes are looked for once a day: two within one would hide each other."""
    for zone in available_timezones() - {"localtime"}:
        for year in (2025, 2026, 2027):
            inner = stretches_of_year.__wrapped__(zone, year)[1:-1]
            assert all(each.end - each.start > timedelta(days=2) for each in inner), (zone, year)


CALENDARS = [
    UK,
    LONDON,
    NEW_YORK,
    hours("Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00", holidays=("GB-ENG",)),
    hours("Mon-Sun 00:00-06:00,22:00-24:00", "Australia/Lord_Howe"),
    hours("Sun 00:30-02:30; Wed 12:00-13:00", "Africa/Casablanca"),
    hours("Mon-Sat 22:00-24:00; Sun 00:00-24:00", "Asia/Beirut", dates={"2027-03-28": "00:00-01:00"}),
]
found = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
lengths = st.integers(1, 3000).map(lambda n: f"{n // 60}h{n % 60}m")
targets = (
    lengths | st.integers(1, 9).map("{}d".format) | st.tuples(st.integers(1, 3), lengths).map("{0[0]}d{0[1]}".format)
)
intervals = st.tuples(moments, st.timedeltas(timedelta(), timedelta(days=20))).map(lambda i: (i[0], i[0] + i[1]))
pauses_ = st.lists(intervals, max_size=4)
waits = st.timedeltas(timedelta(), timedelta(days=9))
Pauses = list[tuple[datetime, datetime]]


def near(pauses: Pauses, start: datetime) -> Pauses:
    """Move pauses to where they matter: into the weeks after the start."""
    return [
        (start + (a - start) % timedelta(days=15), start + (a - start) % timedelta(days=15) + (b - a))
        for a, b in pauses
    ]


@given(found, moments, waits, targets, pauses_)
def test_starting_later_is_never_due_earlier(c: Hours, start: datetime, wait: timedelta, t: str, p: Pauses) -> None:
    """§6 (1)."""
    p = near(p, start)
    assert due(c, start, t, p).at <= due(c, start + wait, t, p).at


@given(found, moments, st.integers(0, 4), st.integers(1, 3000), st.integers(0, 3000), pauses_)
def test_a_longer_target_is_never_due_earlier(
    c: Hours, start: datetime, days: int, minutes: int, more: int, p: Pauses
) -> None:
    """§6 (1)."""
    p = near(p, start)
    assert due(c, start, f"{days}d{minutes}m", p).at <= due(c, start, f"{days}d{minutes + more}m", p).at
    assert due(c, start, f"{days}d{minutes}m", p).at <= due(c, start, f"{days + 1}d{minutes}m", p).at


@given(found, moments, targets, pauses_, intervals)
def test_more_pause_is_never_due_earlier(
    c: Hours, start: datetime, t: str, p: Pauses, more: tuple[datetime, datetime]
) -> None:
    """§6 (1)."""
    assert due(c, start, t, near(p, start)).at <= due(c, start, t, near([*p, more], start)).at


@given(found, moments, targets, intervals, st.lists(st.floats(0, 1), max_size=4), st.randoms())
def test_splitting_a_pause_changes_nothing(
    c: Hours, start: datetime, t: str, pause: tuple[datetime, datetime], cuts: list[float], luck: object
) -> None:
    """§6 (2)."""
    ((begin, end),) = near([pause], start)
    edges = [begin, *sorted(begin + cut * (end - begin) for cut in cuts), end]
    parts = list(pairwise(edges))
    luck.shuffle(parts)  # type: ignore[attr-defined]
    assert due(c, start, t, parts) == due(c, start, t, [(begin, end)])


@given(found, moments, targets, pauses_, intervals)
def test_closed_time_within_closed_time_changes_nothing(
    c: Hours, start: datetime, t: str, p: Pauses, wish: tuple[datetime, datetime]
) -> None:
    """§6 (3)."""
    ((begin, end),) = near([wish], start)
    opening = c.next_open(begin)
    assert opening is not None
    shut = (begin, min(end, opening))
    p = near(p, start)
    assert due(c, start, t, [*p, shut]) == due(c, start, t, p)


@given(found, moments, st.integers(1, 6000), pauses_)
def test_exactly_the_target_has_passed_when_it_is_due(c: Hours, start: datetime, minutes: int, p: Pauses) -> None:
    """§6 (4)."""
    p = near(p, start)
    target = timedelta(minutes=minutes)
    reached, counted = due(c, start, f"{minutes // 60}h{minutes % 60}m", p)
    assert elapsed(c, start, reached, p) == target == total(counted)
    assert elapsed(c, start, reached - timedelta.resolution, p) < target, "and not a moment earlier"


@given(found, moments, targets, pauses_, st.integers(-720, 840))
def test_the_zone_of_whoever_looks_changes_nothing(c: Hours, start: datetime, t: str, p: Pauses, offset: int) -> None:
    """§6 (5)."""
    viewer = timezone(timedelta(minutes=offset))
    p = near(p, start)
    there = [(a.astimezone(viewer), b.astimezone(viewer)) for a, b in p]
    assert due(c, start.astimezone(viewer), t, there) == due(c, start, t, p)
    assert due(c, start.astimezone(viewer), t, there).at.tzinfo is UTC


@given(found, moments, targets, targets, pauses_)
def test_another_target_keeps_the_pauses_already_taken(
    c: Hours, start: datetime, one: str, other: str, p: Pauses
) -> None:
    """§6 (6): nothing of a first reckoning is left in a second one, whose pauses are the same."""
    p = near(p, start)
    alone = due(c, start, other, p)
    due(c, start, one, p)
    assert due(c, start, other, p) == alone
    assert total(alone.counted) == elapsed(c, start, alone.at, p)


@settings(max_examples=50)
@given(found, moments, st.timedeltas(timedelta(), timedelta(days=60)))
def test_days_add_up_to_the_open_time(c: Hours, start: datetime, long: timedelta) -> None:
    days = list(c.days(start, start + long))
    assert total(span for day in days for span in day.spans) == elapsed(c, start, start + long)
    assert [day.date for day in days] == sorted({day.date for day in days})


def total(counted: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in counted), timedelta())
