"""Who is owed a call (R058, R081, R084)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Channel
from deskterm.desk.records.ticket import Ticket
from tests.people import DESK, NORA, START, TOM, Story, facts

LINE = Channel(kind="phone", name="UK line", calendar="uk")
WITH_A_LINE = DESK.model_copy(update={"channel": (LINE,)})


def called_back(ticket: Ticket) -> str:
    return ticket.callback.reason if ticket.callback else ""


@pytest.mark.parametrize(
    ("channel", "urgency", "reason"),
    [
        ("phone", "high", ""),
        ("missed_call", "high", "missed-call"),
        ("email", "high", "priority"),
        ("portal", "high", "priority"),
        ("in_person", "high", ""),
        ("email", "low", ""),
    ],
)
def test_missed_calls_and_written_alarms_are_called_back(channel: str, urgency: str, reason: str) -> None:
    """R058."""
    assert called_back(Story().logs(NORA, facts(channel=channel, urgency=urgency)).ticket) == reason


def test_supervisors_follow_what_was_written_and_is_most_urgent() -> None:
    """R058."""
    assert "Sue" in Story().logs(NORA, facts(channel="email")).ticket.followers
    assert "Sue" not in Story().logs(NORA, facts(channel="phone")).ticket.followers


def test_what_becomes_most_urgent_in_triage_is_called_back_too() -> None:
    story = Story().logs(NORA, facts(channel="email", impact=None, urgency=None))
    assert called_back(story.ticket) == ""
    story.does(NORA, c.Amend, changes={"impact": "high", "urgency": "high"})
    assert called_back(story.ticket) == "priority"
    assert "Sue" in story.ticket.followers


def test_a_call_out_settles_it_and_a_mail_does_not() -> None:
    story = Story().logs(NORA, facts(channel="missed_call"))
    story.does(NORA, c.RecordContact, direction="out", channel="email", reason="details")
    assert called_back(story.ticket) == "missed-call"
    story.does(NORA, c.RecordContact, direction="out", channel="phone", reason="details")
    assert called_back(story.ticket) == ""
    story.does(TOM, c.OverridePriority, priority="p1", reason="They say so.")
    assert called_back(story.ticket) == ""


@pytest.mark.parametrize(
    ("channel", "reason"), [("phone", "out-of-hours"), ("missed_call", "out-of-hours"), ("portal", "")]
)
def test_a_call_outside_phone_hours_is_called_back(channel: str, reason: str) -> None:
    """R081: a line has hours of its own (R080)."""
    evening = START + timedelta(hours=12)
    story = Story(at=evening, desk=WITH_A_LINE).logs(NORA, facts(channel=channel, urgency="low"))
    assert called_back(story.ticket) == reason
    in_time = Story(at=START, desk=WITH_A_LINE).logs(NORA, facts(channel="phone"))
    assert called_back(in_time.ticket) == ""
