"""R014: when the trouble began is read by a strict grammar, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deskterm.desk.moment import UnclearMoment, moment

NOW = datetime(2025, 11, 21, 10, 41, 30, tzinfo=UTC)  # a Friday; London is on UTC
SUMMER = datetime(2025, 7, 4, 10, 41, tzinfo=UTC)


def read(text: str, now: datetime = NOW, *, ahead: bool = False) -> str:
    return moment(text, now, "Europe/London", ahead=ahead).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2025-11-21 10:41"),
        ("09:10", "2025-11-21 09:10"),
        ("9.10", "2025-11-21 09:10"),
        ("23:50", "2025-11-20 23:50"),
        ("today 09:10", "2025-11-21 09:10"),
        ("Yesterday  14:00", "2025-11-20 14:00"),
        ("Mon 09:00", "2025-11-17 09:00"),
        ("friday 09:00", "2025-11-21 09:00"),
        ("Fri 11:00", "2025-11-14 11:00"),
        ("21 Nov 09:10", "2025-11-21 09:10"),
        ("24 Dec 18:00", "2024-12-24 18:00"),
        ("29 Feb 12:00", "2024-02-29 12:00"),
        ("3 march 2021 08:00", "2021-03-03 08:00"),
        ("2025-11-20 09:10", "2025-11-20 09:10"),
        ("2025-11-20T09:10:00+02:00", "2025-11-20 07:10"),
        ("2025-11-20t09:10:00z", "2025-11-20 09:10"),
        ("30m", "2025-11-21 10:11"),
        ("2h", "2025-11-21 08:41"),
        ("3d", "2025-11-18 10:41"),
    ],
)
def test_what_is_understood(text: str, expected: str) -> None:
    assert read(text) == expected


def test_clock_times_are_those_of_the_desk() -> None:
    assert read("09:10", SUMMER) == "2025-07-04 08:10"
    assert read("10 Jan 09:10", SUMMER) == "2025-01-10 09:10"


@pytest.mark.parametrize(
    "text",
    ["", "this morning", "24:00", "9", "0910", "Mon", "2025-11-21", "31 Feb 09:00", "nov 21 09:10", "9:1", "1e5h"],
)
def test_what_is_not_understood_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnclearMoment, match=r"09:10"):
        read(text)


@pytest.mark.parametrize("text", ["today 17:00", "tomorrow 09:00", "2025-11-21 10:42", "22 Nov 2025 09:00"])
def test_trouble_does_not_begin_in_the_future(text: str) -> None:
    with pytest.raises(UnclearMoment, match="still to come"):
        read(text)


def test_an_hour_that_the_clocks_left_out_is_refused() -> None:
    with pytest.raises(UnclearMoment, match="clocks went forward"):
        read("30 Mar 2025 01:30")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:10", "2025-11-22 09:10"),
        ("16:00", "2025-11-21 16:00"),
        ("tomorrow 09:00", "2025-11-22 09:00"),
        ("Fri 09:00", "2025-11-28 09:00"),
        ("1 Jan 09:00", "2026-01-01 09:00"),
        ("2h", "2025-11-21 12:41"),
    ],
)
def test_a_moment_ahead_is_the_next_one(text: str, expected: str) -> None:
    assert read(text, ahead=True) == expected
