"""The way back to service: restore times, interventions, deferrals, vendors' answers, what is not ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.records.escalation import Callback
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.say import sentence
from tests.people import DESK, LEA, NORA, START, SUE, TOM, VERA, Story, facts, logged, story_to
from tests.rulings import kinds, refuses

FRIDAY_NIGHT = datetime(2025, 11, 21, 21, 0, tzinfo=UTC)
MONDAY_MORNING = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
AGREED: dict[str, Any] = {"customer_agreed": "Ada Moss: Monday will do."}


def at_night(**known: str) -> Story:
    """A call of the least impact, outside hours."""
    return Story(at=FRIDAY_NIGHT).logs(NORA, facts(**{"impact": "low"} | known))


def test_a_restore_time_is_told_before_the_intervention() -> None:
    """T8, R054-R056, R095."""
    story = story_to(Status.IN_PROGRESS)
    assert story.ticket.phase == "diagnostics"
    refuses(story, TOM, cc.BeginIntervention, "R055")
    refuses(story, TOM, cc.GiveRestoreTime, "T8", restore_at=story.now)
    story.does(TOM, cc.GiveRestoreTime, restore_at=story.now + timedelta(hours=2))
    kept = story.ticket.timekeeping.restore
    assert kept is not None
    assert (kept.by, kept.told) == ("Tom", "Ada Moss, phone")
    story.does(TOM, cc.BeginIntervention, repair="both")
    assert (story.ticket.phase, story.ticket.repair, story.ticket.status) == (
        "intervention",
        "both",
        Status.IN_PROGRESS,
    )


def test_somebody_has_to_be_told() -> None:
    """R055: a record that the customer was told."""
    story = story_to(Status.IN_PROGRESS)
    story.tickets[story.id] = story.ticket.model_copy(update={"contact": ""})
    refuses(story, TOM, cc.GiveRestoreTime, "T8", restore_at=story.now + timedelta(hours=1))
    story.does(TOM, cc.GiveRestoreTime, restore_at=story.now + timedelta(hours=1), who="Ben Ode")


@pytest.mark.parametrize("status", [Status.NEW, Status.ROUTED, Status.PENDING])
def test_what_affects_no_service_waits_for_the_next_working_day(status: Status) -> None:
    """T11, R086: with both sides' agreement on record; it comes back to where it stood."""
    story = at_night()
    if status is not Status.NEW:
        story.does(NORA, c.HandOff, to="net-2")
    if status is Status.PENDING:
        story.does(TOM, c.Take).does(TOM, c.Start).does(TOM, c.Pend, reason="vendor")
    story.does(LEA, cc.Defer, **AGREED)
    ticket = story.ticket
    assert (ticket.status, ticket.pending_reason, ticket.resume_at) == (Status.PENDING, "deferred", MONDAY_MORNING)
    told = story.events[-1].happening
    assert (told.customer_agreed, told.desk_agreed) == ("Ada Moss: Monday will do.", "Lea")  # type: ignore[union-attr]
    assert ticket.timekeeping.pauses[-1].stops, "its due time moves too"
    back = Status.IN_PROGRESS if status is Status.PENDING else status
    assert story.does(LEA, c.Resume).ticket.status is back


def test_the_clocks_of_a_wait_that_did_not_stop_them_stop_once_it_is_deferred() -> None:
    """R086, R093."""
    story = at_night().does(NORA, c.HandOff, to="net-2").does(TOM, c.Take).does(TOM, c.Start)
    story.does(TOM, c.Pend, reason="vendor").does(LEA, cc.Defer, **AGREED)
    assert [(pause.reason, pause.stops) for pause in story.ticket.timekeeping.pauses] == [
        ("vendor", False), ("deferred", True),
    ]  # fmt: skip


def test_only_the_least_impact_out_of_hours_and_by_agreement_is_deferred() -> None:
    """T11, R086."""
    refuses(at_night(impact="medium"), LEA, cc.Defer, "T11", **AGREED)
    refuses(at_night(), LEA, cc.Defer, "T11", customer_agreed=" ")
    refuses(Story(at=START).logs(NORA, facts(impact="low")), LEA, cc.Defer, "T11", **AGREED)
    refuses(at_night(), NORA, cc.Defer, "T11", **AGREED)


def test_a_desk_without_hours_knows_no_next_working_day() -> None:
    story = Story(at=FRIDAY_NIGHT, desk=DESK.model_copy(update={"calendar": (), "centre": ()}))
    refuses(story.logs(NORA, facts(impact="low")), LEA, cc.Defer, "T11", **AGREED)


def test_a_vendor_answers_its_own_task() -> None:
    """T16: it never resolves our ticket, but what waits for it goes on."""
    story = story_to(Status.IN_PROGRESS).does(TOM, c.OpenVendorTask, vendor="makers").does(TOM, c.Pend, reason="vendor")
    story.does(VERA, ec.AnswerVendorTask, state="acknowledged")
    refuses(story, VERA, ec.AnswerVendorTask, "T16", state="eta")
    story.does(VERA, ec.AnswerVendorTask, state="eta", eta=story.now + timedelta(hours=1))
    assert story.ticket.pending_reason == "vendor"
    story.does(VERA, ec.AnswerVendorTask, state="resolved", text="New firmware.")
    assert kinds(story) == ["VendorTaskAnswered", "Resumed"]
    assert story.ticket.status is Status.IN_PROGRESS
    (task,) = story.ticket.vendor_tasks
    assert [(answer.state, answer.on_behalf) for answer in task.answers] == [
        ("acknowledged", False), ("eta", False), ("resolved", False),
    ]  # fmt: skip
    assert not task.is_open
    refuses(story, VERA, ec.AnswerVendorTask, "T16", state="acknowledged")


def test_one_of_ours_answers_for_a_vendor_marked_so() -> None:
    """T16, settled: a supplier without an account."""
    story = (
        story_to(Status.ROUTED)
        .does(TOM, c.OpenVendorTask, vendor="Cable Co")
        .does(TOM, c.OpenVendorTask, vendor="makers")
    )
    story.does(LEA, ec.AnswerVendorTask, task=1, state="returned", text="Not ours.")
    answer = story.ticket.vendor_tasks[0].answers[0]
    assert (answer.by, answer.on_behalf) == ("Lea", True)
    refuses(story, VERA, ec.AnswerVendorTask, "T16", task=1, state="acknowledged")
    refuses(story, SUE, ec.AnswerVendorTask, "T16", state="acknowledged")


def test_what_is_not_ours_is_marked_and_told() -> None:
    """R059."""
    story = logged().does(NORA, cc.DeclareOutOfScope, sent_to="the landlord's office")
    assert story.ticket.out_of_scope == "the landlord's office"
    assert "the landlord's office" in sentence(story.ticket, DESK, story.now)
    refuses(logged(), NORA, cc.DeclareOutOfScope, "R059", sent_to="")


def test_a_call_to_the_customer_clears_the_callback() -> None:
    """R058, R081."""
    story = logged()
    due = Callback(reason="missed-call", since=START)
    story.tickets[story.id] = story.ticket.model_copy(update={"callback": due})
    assert story.does(NORA, c.RecordContact, direction="in").ticket.callback == due
    assert story.does(NORA, c.RecordContact, direction="out", channel="email").ticket.callback == due
    assert story.does(NORA, c.RecordContact, direction="out").ticket.callback is None
