"""Who is on duty, and where nobody is though somebody must be (R087)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from deskterm.desk.board import gap_words
from deskterm.desk.deskfile import DeskFile, Shift
from deskterm.desk.deskfile.check import SAMPLES, DeskFileError, load_sample, read_desk
from deskterm.desk.deskfile.roster import Gap, gaps
from deskterm.desk.hours.promises import Calendar, Centre
from tests.people import DESK

MONDAY = datetime(2026, 3, 16, 0, 0, tzinfo=UTC)


def desk(*shifts: Shift, hours: str = "always", staffed: bool = True) -> DeskFile:
    calendar = Calendar(name="open", zone="Europe/London", hours=hours)
    centre = Centre(name="noc", zone="Europe/London", calendar="open", staffed=staffed)
    return DESK.model_copy(update={"calendar": (calendar,), "centre": (centre,), "shift": shifts})


def shift(hours: str, who: str = "Tom", **days: date) -> Shift:
    return Shift(centre="noc", operator=who, hours=hours, **days)


def told(found: tuple[Gap, ...]) -> list[str]:
    return [gap_words(gap, MONDAY) for gap in found]


def test_what_no_shift_covers_is_a_gap() -> None:
    day, night = shift("Mon-Sun 06:00-22:00"), shift("Mon-Sat 00:00-06:00,22:00-24:00; Sun 00:00-06:00", "Tess")
    assert told(gaps(desk(day, night), MONDAY)) == ["noc: nobody on duty Sun 22:00 to Mon 0:00"]


def test_closed_hours_need_nobody() -> None:
    assert gaps(desk(shift("Mon-Fri 09:00-18:00"), hours="Mon-Fri 09:00-18:00"), MONDAY) == ()
    found = told(gaps(desk(shift("Mon-Fri 10:00-18:00"), hours="Fri 09:00-18:00"), MONDAY))
    assert found == ["noc: nobody on duty Fri 9:00 to Fri 10:00"]


def test_a_shift_that_ends_leaves_a_gap_from_the_next_day_on() -> None:
    found = gaps(desk(shift("always", last=date(2026, 3, 18))), MONDAY)
    assert told(found) == ["noc: nobody on duty Thu 0:00 to Mon 0:00"]
    assert told(gaps(desk(shift("always", first=date(2026, 3, 17))), MONDAY)) == [
        "noc: nobody on duty now, to Tue 0:00"
    ]


def test_over_the_night_of_summer_time_nothing_is_lost() -> None:
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert gaps(desk(shift("always")), saturday) == ()
    found = gaps(desk(shift("Mon-Sat 00:00-24:00; Sun 03:00-24:00")), saturday)
    assert [(gap.starts, gap.ends) for gap in found] == [
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, 0, tzinfo=UTC))
    ], "two hours by the clock on the wall are three less the one that was skipped"


def test_who_keeps_no_roster_or_need_not_be_there_is_not_watched() -> None:
    assert gaps(desk(), MONDAY) == ()
    assert gaps(desk(shift("Mon 09:00-10:00"), staffed=False), MONDAY) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_no_sample_begins_with_an_alarm(name: str) -> None:
    assert gaps(load_sample(name)[1], MONDAY) == ()


def test_a_shift_of_nobody_is_told_with_its_line() -> None:
    source, _ = load_sample("managed-network")
    with pytest.raises(DeskFileError, match="operator"):
        read_desk(source + '\n[[shift]]\ncentre = "noc"\noperator = "Nobody"\nhours = "always"\n', "mine.toml")
