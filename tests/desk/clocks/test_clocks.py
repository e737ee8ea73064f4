"""The clocks of a ticket: what starts, pauses, ends and moves each (R088-R095, REQUIREMENTS.md §6, X5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.clocks import clocks, next_due
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.ticket import Synopsis
from deskterm.desk.records.timekeeping import ClockName
from tests.desk.timed_desk import BOOKS, GOLD, P2, P3, SILVER, called, clock, utc
from tests.people import LEA, NORA, SUE, TOM, VERA, Story

_MINE: tuple[ClockName, ...] = ("response", "update", "restore")
FRIDAY = utc(22, 9)  # 10:00 in London
DONE = Synopsis(issue="No dial tone", steps="Restarted", resolution="It rings again")


def at(story: Story, day: int, hour: int, minute: int = 0) -> Story:
    story.now = utc(day, hour, minute)
    return story


def working(contract: Contract | None = None, **known: Any) -> Story:
    """A ticket that was taken at 10:10 and started at 10:15, London time."""
    story = called(FRIDAY, contract, **known)
    at(story.does(NORA, c.HandOff, to="net-2"), 22, 9, 10).does(TOM, c.Take)
    return at(story, 22, 9, 15).does(TOM, c.Start)


# -- response


def test_response_runs_until_work_begins() -> None:
    story = called(FRIDAY)
    due = clock(story, "response")
    assert (due.due, due.ended, due.state(FRIDAY)) == (utc(22, 9, 30), None, "running")
    assert clock(working(), "response").state(utc(22, 12)) == "met"
    assert clock(working(), "response").ended == utc(22, 9, 15)


def test_response_is_at_risk_when_three_quarters_have_gone_and_late_after_that() -> None:
    due = clock(called(FRIDAY), "response")
    assert due.at_risk == utc(22, 9, 22) + timedelta(seconds=30)
    assert [due.state(utc(22, 9, m)) for m in (20, 23, 30, 31)] == ["running", "at risk", "at risk", "late"]


def test_only_somebody_who_may_work_on_it_responds_by_calling() -> None:
    """R090: first contact is by a qualified technician, which level 0 is not."""
    story = called(FRIDAY).does(NORA, c.HandOff, to="net-2")
    story.does(NORA, c.RecordContact, direction="out", reason="status")
    assert clock(story, "response").ended is None
    at(story, 22, 9, 20).does(TOM, c.RecordContact, direction="out", reason="details")
    assert clock(story, "response").ended == utc(22, 9, 20)


def test_it_counts_from_the_opening_of_the_centre_for_a_call_before_it() -> None:
    """X5: the phone is answered from 08:30, the clock starts at 09:00."""
    assert clock(called(utc(22, 7, 40)), "response").due == utc(22, 8, 30)


# -- update


def test_an_update_is_due_again_after_each_word_to_the_customer() -> None:
    """R091."""
    story = working()
    assert clock(story, "update").due == utc(22, 11)
    at(story, 22, 10, 30).does(TOM, c.AddNote, text="For us only.")
    assert clock(story, "update").due == utc(22, 11)
    at(story, 22, 10, 40).does(TOM, c.AddNote, text="We look into it.", visibility="customer")
    assert clock(story, "update").due == utc(22, 12, 40)
    at(story, 22, 11).does(NORA, c.RecordContact, direction="out", reason="status")
    assert clock(story, "update").due == utc(22, 13)
    at(story, 22, 11, 30).does(NORA, c.RecordContact, reason="chase")
    assert clock(story, "update").due == utc(22, 13)


def test_updates_run_on_while_it_waits_and_stop_only_when_it_is_resolved() -> None:
    """R091."""
    story = at(working(), 22, 10).does(TOM, c.Pend, reason="customer-info")
    assert clock(story, "update").due == utc(22, 11)
    at(story, 22, 10, 30).does(TOM, c.Resume)
    at(story, 22, 10, 40).does(TOM, c.Resolve, synopsis=DONE, no_article_because="Once only.")
    ended = clock(story, "update")
    assert ended.ended == utc(22, 10, 40)
    assert ended.state(utc(30, 9)) == "met"
    assert next_due(story.ticket, BOOKS) is None


def test_updates_are_due_more_often_while_it_is_escalated() -> None:
    """R092, R104: the shorter interval begins with the escalation, and ends with it."""
    story = at(working(), 22, 9, 30).does(NORA, ec.Escalate, reason="They cannot wait.")
    assert clock(story, "update").due == utc(22, 10, 30)
    at(story, 22, 10).does(TOM, c.AddNote, text="Still on it.", visibility="customer")
    assert clock(story, "update").due == utc(22, 11)
    at(story, 22, 10, 10).does(SUE, ec.AnswerEscalation, state="de-escalated", text="It is calm.")
    assert clock(story, "update").due == utc(22, 12)


def test_updates_are_due_more_often_while_it_is_major() -> None:
    story = at(working(), 22, 9, 20).does(TOM, ec.DeclareMajor, reason="All sites are down.")
    assert clock(story, "update").due == utc(22, 10, 20)


def test_a_tighter_promise_counts_from_when_it_was_made() -> None:
    """Nobody could have kept an interval that was not promised yet."""
    story = at(working(SILVER, **P2), 22, 12).does(TOM, c.OverridePriority, priority="p1", reason="It is worse.")
    assert clock(story, "update").due == utc(22, 13)  # four hours by P2 come before two more by P1
    story = at(working(SILVER, **P2), 22, 10).does(TOM, c.OverridePriority, priority="p1", reason="It is worse.")
    assert clock(story, "update").due == utc(22, 12)


# -- restore


def test_restore_stands_still_for_what_the_contract_names() -> None:
    """R093."""
    story = at(working(GOLD), 22, 10).does(TOM, c.Pend, reason="customer-info")
    still = clock(story, "restore")
    assert (still.due, still.at_risk, still.state(utc(23, 9))) == (None, None, "paused")
    at(story, 22, 15).does(TOM, c.Resume)
    assert clock(story, "restore").due == utc(22, 18)
    at(story, 22, 16).does(TOM, c.Pend, reason="vendor")
    assert clock(story, "restore").due == utc(22, 18)


def test_a_wait_after_a_clock_has_ended_moves_it_no_more() -> None:
    story = called(FRIDAY, SILVER, **P3).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take).does(LEA, c.Start)
    due = clock(story, "response").due
    at(story, 22, 10).does(LEA, c.Pend, reason="customer-info")
    at(story, 22, 11).does(LEA, c.Resume)
    assert clock(story, "response").due == due == utc(22, 13)


def test_what_is_late_already_does_not_stand_still_any_more() -> None:
    story = at(working(GOLD), 22, 14).does(TOM, c.Pend, reason="customer-info")
    assert clock(story, "restore").state(utc(22, 15)) == "late"


def test_another_priority_keeps_the_pauses_already_taken() -> None:
    """§6, invariant 6."""
    story = at(working(SILVER, **P2), 22, 10).does(TOM, c.Pend, reason="customer-info")
    at(story, 22, 12).does(TOM, c.Resume)
    at(story, 22, 12, 30).does(TOM, c.OverridePriority, priority="p1", reason="It is worse.")
    # Eight hours from 10:00, two of them out: until 18:00 five and a half, the rest after the bank holiday.
    assert clock(story, "restore").due == utc(26, 10)


def test_another_contract_does_not_change_what_a_pause_was() -> None:
    story = at(working(SILVER, **P2), 22, 10).does(TOM, c.Pend, reason="customer-action")
    at(story, 22, 12).does(TOM, c.Resume)
    story.contract = GOLD
    story.does(TOM, c.Amend, changes={"contract": GOLD.key, "impact": "high"})
    assert clock(story, "restore").due == utc(22, 15)  # four hours around the clock, and the two that were paused


def test_reopening_starts_all_clocks_anew() -> None:
    """R128."""
    story = at(working(), 22, 10).does(TOM, c.Resolve, synopsis=DONE, no_article_because="Once only.")
    at(story, 22, 11).does(NORA, c.RecordAnswer, answer="yes")
    assert clock(story, "restore").state(utc(30, 9)) == "met"
    at(story, 26, 9).does(NORA, c.Reopen, reason="It is back.")
    assert {name: clock(story, name).due for name in _MINE} == {
        "response": utc(26, 9, 30), "update": utc(26, 11), "restore": utc(26, 17),
    }  # fmt: skip
    assert clock(story, "group").began == utc(26, 9)


def test_a_no_lets_the_clocks_run_on() -> None:
    story = at(working(), 22, 10).does(TOM, c.Resolve, synopsis=DONE, no_article_because="Once only.")
    at(story, 22, 12).does(NORA, c.RecordAnswer, answer="no")
    assert clock(story, "restore").due == utc(22, 17)
    assert clock(story, "update").due == utc(22, 14)


@pytest.mark.parametrize("reason", ["withdrawn"])
def test_what_is_withdrawn_owes_nothing(reason: str) -> None:
    story = at(called(FRIDAY), 22, 9, 10).does(NORA, c.Withdraw, reason=reason)
    assert {each.state(utc(30, 9)) for each in clocks(story.ticket, BOOKS)} == {"met"}
    assert next_due(story.ticket, BOOKS) is None


# -- the others


def test_a_promised_restore_time_has_a_clock_of_its_own() -> None:
    """R095."""
    story = at(working(), 22, 9, 30)
    story.does(TOM, cc.GiveRestoreTime, restore_at=utc(22, 13, 30), who="Ada Moss")
    promised = clock(story, "promised")
    assert (promised.due, promised.at_risk) == (utc(22, 13, 30), utc(22, 12, 30))
    assert clock(story, "update").due == utc(22, 11, 30)


def test_the_group_s_clock_runs_until_somebody_takes_it() -> None:
    story = called(FRIDAY).does(NORA, c.HandOff, to="net-2")
    began = story.events[-1].at
    assert clock(story, "group").due == began + timedelta(minutes=30)
    at(story, 22, 9, 20).does(TOM, c.Take)
    assert clock(story, "group").state(utc(22, 12)) == "met"
    story.does(TOM, c.Undo)
    assert clock(story, "group").ended is None


def test_an_undone_hand_off_gives_turn_and_pause_back() -> None:
    story = at(working(), 22, 10).does(TOM, c.Pend, reason="customer-info")
    at(story, 22, 10, 10).does(TOM, c.HandOff, to="voice-1")
    assert story.ticket.timekeeping.duty is None
    assert story.ticket.timekeeping.pauses[0].ended is not None
    at(story, 22, 10, 20).does(TOM, c.Undo)
    kept = story.ticket.timekeeping
    assert kept.duty is not None
    assert kept.duty.group == "net-2"
    assert kept.pauses[0].ended is None
    at(story, 22, 11).does(TOM, c.Resume)
    assert clock(story, "restore").due == utc(26, 9)  # an hour of pause, past closing time and the bank holiday


def test_the_vendor_s_clock_runs_until_it_answers() -> None:
    story = at(working(), 22, 10).does(TOM, c.OpenVendorTask, vendor="makers")
    assert (clock(story, "vendor").due, clock(story, "vendor").detail) == (utc(22, 14), "makers")
    at(story, 22, 11).does(VERA, ec.AnswerVendorTask, state="acknowledged")
    assert clock(story, "vendor").ended == utc(22, 11)


# -- what the queue goes by


def test_the_customer_s_soonest_clock_is_what_the_queue_goes_by() -> None:
    story = called(FRIDAY).does(NORA, c.HandOff, to="net-2")
    assert [getattr(next_due(story.ticket, BOOKS), "name", None)] == ["response"]
    found = next_due(working().ticket, BOOKS)
    assert found is not None
    assert found.name == "update"


def test_a_ticket_whose_clocks_all_stand_still_is_paused() -> None:
    story = called(FRIDAY, **P3).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take).does(LEA, c.Start)
    story.does(LEA, c.Pend, reason="customer-info")
    found = next_due(story.ticket, BOOKS)
    assert found is not None
    assert (found.due, found.state(story.now)) == (None, "paused")


def test_what_was_never_promised_has_no_clock() -> None:
    assert clocks(called(FRIDAY, impact=None).ticket, BOOKS) == ()
