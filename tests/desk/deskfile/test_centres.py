"""Which centres and lines are open, what opens next, and who takes up a ticket then (R077, R080, R082, R083)."""

from __future__ import annotations

from datetime import datetime

import pytest

from deskterm.desk.deskfile import DeskFile, Group
from deskterm.desk.deskfile.centres import calendar_named, normal_hours, openings, taken_up
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.hours.promises import Calendar, Centre

SUN = load_sample("follow-the-sun")[1]
NETWORK = load_sample("managed-network")[1]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens_next", "changes_at"),
    [
        # A Monday in November: London on GMT, New York five hours behind. X5: a call is answered before 09:00.
        ("2026-11-23T08:00Z", [], "uk", "2026-11-23T08:30Z"),
        ("2026-11-23T08:40Z", ["UK line"], "uk", "2026-11-23T09:00Z"),
        ("2026-11-23T09:00Z", ["uk", "UK line"], "us", "2026-11-23T11:00Z"),
        ("2026-11-23T12:00Z", ["uk", "us", "UK line"], None, "2026-11-23T17:30Z"),
        ("2026-11-23T17:45Z", ["uk", "us"], None, "2026-11-23T18:00Z"),
        ("2026-11-23T18:00Z", ["us"], "uk", "2026-11-23T21:00Z"),
        ("2026-11-27T21:00Z", [], "uk", "2026-11-30T08:30Z"),
        # For a fortnight in March the two are only four hours apart.
        ("2026-03-17T10:00Z", ["uk", "us", "UK line"], None, "2026-03-17T17:30Z"),
        # Thanksgiving is a holiday in one of them, Boxing Day's stand-in in the other.
        ("2026-11-26T12:00Z", ["uk", "UK line"], "us", "2026-11-26T17:30Z"),
        ("2026-12-28T12:00Z", ["us"], "uk", "2026-12-28T21:00Z"),
    ],
)
def test_the_sun_is_followed(moment: str, is_open: list[str], opens_next: str | None, changes_at: str) -> None:
    seen = openings(SUN, at(moment))
    assert [each.name for each in (*seen.centres, *seen.lines) if each.is_open] == is_open
    assert (seen.opens_next.name if seen.opens_next else None) == opens_next
    assert seen.changes_at == at(changes_at)


@pytest.mark.parametrize(
    ("group", "moment", "taker", "centre", "when"),
    [
        ("uk-2", "2026-11-23T12:00Z", "uk-2", "uk", "2026-11-23T12:00Z"),  # its own centre is open
        ("us-2", "2026-11-23T12:00Z", "us-2", "us", "2026-11-23T12:00Z"),  # the own one first, also where others are
        ("uk-2", "2026-11-27T19:00Z", "us-2", "us", "2026-11-27T19:00Z"),  # Friday evening: the other centre is open
        ("desk-1", "2026-11-27T19:00Z", "us-2", "us", "2026-11-27T19:00Z"),  # nobody of its line is there
        ("us-2", "2026-11-27T22:00Z", "uk-2", "uk", "2026-11-30T09:00Z"),  # all shut: whoever opens first
        ("uk-2", "2026-11-23T08:40Z", "uk-2", "uk", "2026-11-23T09:00Z"),
        ("us-2", "2026-11-26T12:00Z", "uk-2", "uk", "2026-11-26T12:00Z"),  # Thanksgiving
    ],
)
def test_outside_hours_the_centre_that_opens_next_takes_it(
    group: str, moment: str, taker: str, centre: str, when: str
) -> None:
    """R082."""
    found = taken_up(SUN, group, at(moment))
    assert (found.group, found.centre.name if found.centre else None, found.at) == (taker, centre, at(when))


def test_a_provider_or_an_unknown_group_is_left_alone() -> None:
    night = at("2026-11-23T03:00Z")
    for group in ("lattice", "gone"):
        found = taken_up(SUN, group, night)
        assert (found.group, found.centre, found.at) == (group, None, night)


def desk(*groups: Group) -> DeskFile:
    """Two centres: east has office hours, west never closes."""
    calendars = (
        Calendar(name="office", zone="UTC", hours="Mon-Fri 09:00-17:00"),
        Calendar(name="always", zone="UTC", hours="always"),
    )
    centres = (
        Centre(name="east", zone="UTC", calendar="office"),
        Centre(name="west", zone="UTC", calendar="always", normal_calendar="office"),
    )
    return SUN.model_copy(update={"calendar": calendars, "centre": centres, "channel": (), "group": groups})


EAST = Group(name="east-2", level=2, centre="east", good_for=("network", "router"))
NIGHT = at("2026-11-23T03:00Z")


def test_the_nearest_group_stands_in() -> None:
    groups = [
        Group(name="west-1", level=1, centre="west", good_for=("network", "router")),
        Group(name="west-3", level=3, centre="west", good_for=("network", "router")),
        Group(name="west-mail", level=2, centre="west", good_for=("mail",)),
        Group(name="west-net", level=2, centre="west", good_for=("router",)),
        Group(name="maker", level="vendor", centre="west", good_for=("network", "router")),
    ]
    assert taken_up(desk(EAST, *groups), "east-2", NIGHT).group == "west-net"
    assert taken_up(desk(EAST, groups[0], groups[1]), "east-2", NIGHT).group == "west-3", "a lower line cannot"
    assert taken_up(desk(EAST, groups[0]), "east-2", NIGHT).group == "east-2", "it waits for its own"
    assert taken_up(desk(EAST, groups[4]), "east-2", NIGHT).at == at("2026-11-23T09:00Z")


def test_what_is_restricted_neither_leaves_nor_comes_in() -> None:
    """R226."""
    secret = Group(name="secret", level=2, centre="west", restricted=True)
    assert taken_up(desk(EAST, secret), "east-2", NIGHT).group == "east-2"
    shut = EAST.model_copy(update={"restricted": True})
    other = Group(name="west-2", level=2, centre="west")
    assert taken_up(desk(shut, other), "east-2", NIGHT).group == "east-2"
    assert taken_up(desk(EAST, other), "east-2", NIGHT).group == "west-2"


def test_a_centre_that_never_closes_can_have_normal_hours() -> None:
    """R078."""
    seen = openings(NETWORK, at("2026-11-22T03:00Z"))
    assert [(each.name, each.is_open, each.changes_at) for each in seen.centres] == [
        ("noc", True, None),
        ("soc", True, None),
    ]
    assert seen.opens_next is None
    normal = normal_hours(NETWORK, NETWORK.centre[0])
    assert normal is not None
    assert normal.calendar == calendar_named(NETWORK, "business-uk")
    around_the_clock = normal_hours(NETWORK, NETWORK.centre[1])
    assert around_the_clock is not None
    assert around_the_clock.never_closes


def test_a_desk_without_centres_has_none() -> None:
    bare = SUN.model_copy(update={"calendar": (), "centre": (), "channel": ()})
    seen = openings(bare, NIGHT)
    assert (seen.centres, seen.lines, seen.opens_next, seen.changes_at) == ((), (), None, None)
    assert taken_up(bare, "uk-2", NIGHT).at == NIGHT
