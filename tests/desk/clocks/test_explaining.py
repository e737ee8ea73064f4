"""Why a clock says what it says: rows that add up, on a DST night, a holiday, a pause, a changed priority."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk import commands as c
from deskterm.desk.clocks.explaining import Explanation, explain, explain_all
from deskterm.desk.commands import clocks as cc
from deskterm.desk.records.customers import Contract
from deskterm.desk.tickets.due_words import (
    HEADS,
    cells,
    clock_lines,
    due_cell,
    reasons,
    said,
    short_clocks,
    target_words,
)
from tests.desk.timed_desk import BOOKS, GOLD, P2, P3, SILVER, Kept, called, clock, explained, utc
from tests.people import LEA, NORA, TOM, Story

HOUR = timedelta(hours=1)


def at(story: Story, moment: datetime) -> Story:
    story.now = moment
    return story


def rows(found: Explanation) -> list[tuple[str, ...]]:
    return [cells(row, found.zone) for row in found.rows]


def test_a_plain_span_is_one_row() -> None:
    found = explained(called(utc(22, 9), SILVER), "response")
    assert rows(found) == [("Fri 22 May", "10:00", "10:30", "0:30", "0:30", "")]
    assert found.adds_up
    assert found.counted == HOUR / 2


def test_over_a_weekend_with_a_holiday_every_day_is_accounted_for() -> None:
    found = explained(called(utc(22, 15), SILVER, **P3), "response")
    assert rows(found) == [
        ("Fri 22 May", "16:00", "18:00", "2:00", "2:00", ""),
        ("Sat 23 May", "", "", "", "2:00", "Closed"),
        ("Sun 24 May", "", "", "", "2:00", "Closed"),
        ("Mon 25 May", "", "", "", "2:00", "Holiday: Spring Bank Holiday"),
        ("Tue 26 May", "09:00", "11:00", "2:00", "4:00", ""),
    ]
    assert found.adds_up
    assert found.clock.due == utc(26, 10)


def test_a_night_on_which_the_clocks_go_back_has_an_hour_more() -> None:
    """25 October 2026 in London: 02:00 is 01:00 again; two hours that really pass end at 01:30 by the wall."""
    found = explained(called(utc(24, 23, 30, month=10), GOLD, **P2), "update")
    assert [row.counted for row in found.rows] == [4 * HOUR]
    assert found.rows[0].note == "Clocks go back by 1 h"
    assert cells(found.rows[0], found.zone)[1:4] == ("00:30", "03:30", "4:00")
    assert found.adds_up


def test_a_night_on_which_the_clocks_go_forward_has_an_hour_less() -> None:
    found = explained(called(utc(29, 0, 30, month=3), GOLD), "restore")
    assert cells(found.rows[0], found.zone)[1:4] == ("00:30", "05:30", "4:00")
    assert found.rows[0].note == "Clocks go forward by 1 h"
    assert found.adds_up


def test_a_pause_stands_between_what_counted_before_and_after() -> None:
    story = called(utc(22, 9), SILVER).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take).does(LEA, c.Start)
    at(story, utc(22, 10)).does(LEA, c.Pend, reason="customer-info")
    at(story, utc(22, 12)).does(LEA, c.Resume)
    found = explained(story, "restore")
    assert [cells(row, found.zone)[1:] for row in found.rows[:3]] == [
        ("10:00", "11:00", "1:00", "1:00", ""),
        ("11:00", "13:00", "–", "1:00", "Paused: customer-info"),
        ("13:00", "18:00", "5:00", "6:00", ""),
    ]
    assert found.adds_up
    assert found.counted == 8 * HOUR


def test_while_it_stands_still_it_says_what_is_left() -> None:
    story = called(utc(22, 9), SILVER).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take).does(LEA, c.Start)
    at(story, utc(22, 10)).does(LEA, c.Pend, reason="customer-info")
    found = explained(story, "restore", utc(26, 9))
    assert (found.state, found.counted, found.left, found.adds_up) == ("paused", HOUR, 7 * HOUR, True)
    assert said(found) == "Restore: stands still now, 7:00 left when it goes on."


def test_a_changed_priority_shows_when_and_what_it_did() -> None:
    story = called(utc(22, 9), SILVER, **P3).does(NORA, c.HandOff, to="voice-1")
    at(story, utc(22, 11)).does(LEA, c.OverridePriority, priority="p1", reason="It is worse.")
    found = explained(story, "restore")
    changed = [row for row in found.rows if "Priority" in row.note]
    assert [cells(row, found.zone) for row in changed] == [
        ("Fri 22 May", "12:00", "", "", "8:00", "Priority p3 → p1: 3d → 8h from the beginning"),
    ]
    assert found.adds_up
    assert found.priority == "p1"


def test_a_changed_contract_says_so_too() -> None:
    story = called(utc(22, 9), SILVER)
    story.contract = GOLD
    at(story, utc(22, 9, 10)).does(NORA, c.Amend, changes={"contract": GOLD.key})
    found = explained(story, "restore")
    assert "Contract silver → gold: 8h → 4h from the beginning" in [row.note for row in found.rows]
    assert found.contract == "BL-204, gold"
    assert found.adds_up


def test_an_old_ticket_is_explained_by_the_desk_file_of_its_time() -> None:
    from tests.desk.timed_desk import TIMED

    night = TIMED.calendar[0].model_copy(update={"hours": "Mon-Fri 20:00-23:00"})
    books = Kept({0: TIMED, 9: TIMED.model_copy(update={"calendar": (night, TIMED.calendar[1])})})
    old = explain(called(utc(22, 9), SILVER).ticket, "response", books, utc(22, 9))
    assert old is not None
    assert old.clock.due == utc(22, 9, 30)
    assert old.clock.desk == 0


def test_a_told_restore_time_counts_what_really_passes() -> None:
    story = called(utc(22, 9), SILVER).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
    at(story, utc(22, 10)).does(LEA, c.Start).does(LEA, cc.GiveRestoreTime, restore_at=utc(22, 13), who="Ada Moss")
    found = explained(story, "promised")
    assert found.adds_up
    assert found.rows[0].note == "Time that really passes"
    assert ("Because", "told Ada Moss, phone") in reasons(found)


def test_the_answer_comes_before_its_reasons() -> None:
    found = explained(called(utc(22, 9), SILVER), "response", utc(22, 9, 25))
    assert said(found) == "Response: due Friday 22 May 2026, 10:30 (Europe/London), ▲ at risk, 0:05 left."
    told = dict(reasons(found))
    assert (told["Target"], told["Contract"], told["Counts in"]) == (
        "30 minutes", "BL-100, silver", "UK hours, Europe/London",
    )  # fmt: skip
    assert len(HEADS) == len(rows(found)[0])


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(["customer-info", "vendor"]), st.integers(1, 3000))),
    st.sampled_from([{}, P2, P3]),
    st.sampled_from([None, SILVER, GOLD]),
    st.integers(0, 40000),
)
def test_every_explanation_adds_up(
    waits: list[tuple[int, str, int]], known: dict[str, Any], contract: Contract | None, after: int
) -> None:
    """Whatever is waited for, and whenever one looks."""
    story = called(utc(20, 7), contract, **known)
    story.does(NORA, c.HandOff, to="net-2").does(TOM, c.Take).does(TOM, c.Start)
    for before, reason, long in waits[:4]:
        story.later(minutes=before).does(TOM, c.Pend, reason=reason).later(minutes=long).does(TOM, c.Resume)
    for found in explain_all(story.ticket, BOOKS, story.now + timedelta(minutes=after)):
        assert found.adds_up
        target = found.clock.target
        if found.clock.due is not None and target.endswith(("h", "m")):
            assert found.counted == timedelta(**{{"h": "hours", "m": "minutes"}[target[-1]]: int(target[:-1])})


# -- words


def test_the_due_column_says_everything_without_colour() -> None:
    now, zone = utc(22, 9), "Europe/London"
    due = utc(22, 12, 5)
    assert due_cell(due, utc(22, 11), False, now, zone) == ("3:05", "running")
    assert due_cell(due, utc(22, 8), False, now, zone) == ("3:05 ▲", "at risk")
    assert due_cell(utc(22, 8, 55), utc(22, 8), False, now, zone) == ("-0:05 ‼", "late")
    assert due_cell(utc(26, 8), None, False, now, zone) == ("Tue 9:00", "running")
    assert due_cell(utc(30, 8, month=6), None, False, now, zone) == ("30 Jun", "running")
    assert due_cell(None, None, True, now, zone) == ("paused", "paused")
    assert due_cell(None, None, False, now, zone) == ("", None)
    assert date(2026, 5, 26).weekday() == 1


def test_the_column_is_never_wider_than_nine_cells() -> None:
    now = utc(22, 9)
    for minutes in range(-40000, 40000, 37):
        at_risk = now - HOUR if minutes % 2 else None
        text, _ = due_cell(now + timedelta(minutes=minutes), at_risk, False, now, "Europe/London")
        assert len(text) <= 9


def test_a_ticket_tells_its_clocks_in_few_words() -> None:
    story = called(utc(22, 9), SILVER).does(NORA, c.HandOff, to="net-2")
    assert short_clocks([clock(story, "response"), clock(story, "restore")], utc(22, 9, 25), "Europe/London") == [
        ("Response 0:05 ▲", "at risk"), ("Restore 7:35", "running"),
    ]  # fmt: skip
    told = clock_lines([clock(story, "group")], utc(22, 9, 40), "Europe/London")
    assert told == [("To take", "net-2: ‼ late by 0:09, was due today at 10:31", "late")]


def test_targets_read_as_they_are_said() -> None:
    assert target_words("1d4h") == "1 working day 4 hours"
    assert target_words("30m") == "30 minutes"
