"""The sentence read aloud to a customer who chases (R073): right in each status, plain, and never internal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Group
from deskterm.desk.deskfile.teams import our_team
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.tickets.say import sentence
from deskterm.desk.wording import day_and_time, listed, when
from tests.people import DESK, NORA, OLE, START, TOM, Story, facts, logged, story_to

SECRET = "XYZZY"


def said(story: Story, **time: float) -> str:
    """What to say some time after the last thing happened."""
    return sentence(story.ticket, DESK, story.ticket.updated_at + timedelta(**time))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            Status.NEW,
            "We have it on record, and it goes to the right team next. It was last updated today at 09:00.",
        ),
        (
            Status.ROUTED,
            (
                "It is with our Network team and waits for the next free colleague there. "
                "It was last updated today at 09:01."
            ),
        ),
        (
            Status.ACCEPTED,
            "It is in the hands of our Network team, and work on it starts next. It was last updated today at 09:02.",
        ),
        (
            Status.IN_PROGRESS,
            (
                "It is being worked on by our Network team. It was last updated today at 09:03, "
                "and we tell you when it is solved."
            ),
        ),
        (
            Status.PENDING,
            (
                "It is with our Network team, who need some details from your side. "
                "It was last updated today at 09:04, and we go on again once we have them."
            ),
        ),
        (
            Status.RESOLVED,
            (
                "As far as we can tell, our Network team solved it today at 09:06. "
                "Please tell us whether all is well, so that we can close it."
            ),
        ),
        (
            Status.CLOSED,
            (
                "It was closed today at 09:07, when we were told that all is well. "
                "If the trouble comes back, tell us and we open it again."
            ),
        ),
        (
            Status.WITHDRAWN,
            "It was withdrawn today at 09:01, as we were asked to. Should you need it after all, we log it again.",
        ),
        (
            Status.DUPLICATE,
            (
                "It is the same trouble as 2000-08, and has been worked on under that number since today at 09:02. "
                "Please use that number from now on."
            ),
        ),
    ],
    ids=str,
)
def test_what_to_say_in_each_status(status: Status, words: str) -> None:
    """R073."""
    story = story_to(status)
    if status is Status.DUPLICATE:
        words = words.replace("2000-08", story.ticket.duplicate_of)
    assert said(story, minutes=5) == words


@pytest.mark.parametrize(
    ("reason", "waits", "then"),
    [
        ("customer-info", "It is with our Network team, who need some details from your side", "once we have them"),
        ("customer-action", "It is with our Network team, who wait for a step on your side", "once that is done"),
        ("vendor", "It is with our Network team, who have asked a supplier for help", "once we have it"),
        ("change", "It is with our Network team, who wait until an agreed change to your systems", "once it is made"),
        ("parts", "It is with our Network team, who wait for a part", "once it is here"),
        ("scheduled", "It is with our Network team, who have planned the work for a later time", "at that time"),
    ],
)
def test_what_to_say_of_each_wait(reason: str, waits: str, then: str) -> None:
    """R073: in the customer's words, not the desk's."""
    words = said(story_to(Status.IN_PROGRESS).does(TOM, c.Pend, reason=reason, text=SECRET))
    assert words.startswith(waits)
    assert words.endswith(f"and we go on again {then}.")
    assert SECRET not in words


def test_a_wait_nobody_foresaw_is_a_wait_all_the_same() -> None:
    ticket = story_to(Status.PENDING).ticket.model_copy(update={"pending_reason": "boss-on-leave"})
    words = sentence(ticket, DESK, START)
    assert words.startswith("It is with our Network team and has to wait for now.")
    assert "boss" not in words


def test_a_wait_with_a_date_names_it_until_it_has_passed() -> None:
    story = story_to(Status.IN_PROGRESS)
    story.does(TOM, c.Pend, reason="parts", resume_at=datetime(2025, 11, 24, 9, 30, tzinfo=UTC))
    assert said(story).endswith("and we go on again on Monday at 09:30.")
    assert said(story, days=10).endswith("and we go on again once it is here.")


def test_a_customer_who_chases_hears_when_something_was_done_and_not_that_they_chased() -> None:
    """R073, R116."""
    story = story_to(Status.ROUTED)
    before = said(story, hours=2)
    story.later(hours=2).does(NORA, c.RecordContact, reason="chase").does(TOM, c.Follow)
    assert said(story) == before


def test_past_the_limit_no_reopening_is_promised() -> None:
    """R128."""
    story = story_to(Status.CLOSED)
    assert said(story, days=14).endswith("we open it again.")
    assert said(story, days=14, seconds=1).endswith("we log it anew.")


def test_nothing_written_inside_the_desk_is_read_out() -> None:
    """R073, R113: whatever was noted, and whoever has it."""
    story = logged(facts(summary=SECRET, description=SECRET)).does(NORA, c.HandOff, to="net-2", reason=SECRET)
    story.does(TOM, c.OverridePriority, priority="p3", reason=SECRET).does(TOM, c.Take).does(TOM, c.Start)
    story.does(NORA, c.AddNote, text=SECRET).does(TOM, c.Pend, reason="vendor", text=SECRET)
    assert SECRET not in said(story)
    for person in ("Tom", "Nora"):
        assert person not in said(story)


@pytest.mark.parametrize("status", Status, ids=str)
def test_one_or_two_short_sentences_without_jargon(status: Status) -> None:
    """R073: a person reads it aloud."""
    words = said(story_to(status))
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", words)) <= 2
    assert len(words) <= 200
    assert words[0].isupper()
    assert words.endswith(".")
    for jargon in ("ticket", "P1", "level", "owner", "Routed", "Accepted", "Pending", "SLA", "escalat", "net-2", "_"):
        assert jargon not in words


def test_times_are_in_the_desks_zone() -> None:
    """R073: a summer morning in London."""
    story = Story(at=datetime(2025, 7, 4, 8, 30, tzinfo=UTC)).logs(OLE)
    assert "last updated today at 09:30" in said(story)


@pytest.mark.parametrize(
    ("group", "team"),
    [
        (Group(name="x", title="Network", level=2), "our Network team"),
        (Group(name="x", title="Service desk, first line", level=1), "our Service desk"),
        (Group(name="x", title="Field engineers", level=2), "our Field engineers"),
        (Group(name="x", title="Support US", level=2), "our Support US team"),
        (Group(name="x", title="Specialists for servers", level=2), "our Specialists for servers"),
        (Group(name="x", title="Network, level 2", level=2), "our Network team"),
        (Group(name="x", title="L2 Network team", level=2), "our Network team"),
        (Group(name="x", title="Level 1", level=1), "our support team"),
        (Group(name="net-2", level=2), "our support team"),
        (Group(name="x", title="Handset Makers Ltd", level="vendor"), "one of our suppliers"),
    ],
    ids=lambda value: value.title if isinstance(value, Group) else value,
)
def test_a_team_is_named_without_its_level_and_a_supplier_not_at_all(group: Group, team: str) -> None:
    """R073."""
    assert our_team(DESK.model_copy(update={"group": (group,)}), group.name) == team


def test_a_group_that_left_the_desk_is_our_support_team() -> None:
    ticket: Ticket = story_to(Status.IN_PROGRESS).ticket.model_copy(update={"group": "gone"})
    assert sentence(ticket, DESK, START).startswith("It is being worked on by our support team.")


NOW = datetime(2025, 11, 21, 10, 0, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2025, 11, 21, 9, 41, tzinfo=UTC), "today at 09:41"),
        (datetime(2025, 11, 20, 23, 59, tzinfo=UTC), "yesterday at 23:59"),
        (datetime(2025, 11, 22, 0, 0, tzinfo=UTC), "tomorrow at 00:00"),
        (datetime(2025, 11, 19, 16, 5, tzinfo=UTC), "on Wednesday at 16:05"),
        (datetime(2025, 11, 15, 16, 5, tzinfo=UTC), "on Saturday at 16:05"),
        (datetime(2025, 11, 14, 16, 5, tzinfo=UTC), "on 14 November at 16:05"),
        (datetime(2024, 11, 14, 16, 5, tzinfo=UTC), "on 14 November 2024 at 16:05"),
        (datetime(2025, 11, 27, 16, 5, tzinfo=UTC), "on Thursday at 16:05"),
    ],
)
def test_when_it_was_as_one_says_it(moment: datetime, words: str) -> None:
    assert when(moment, NOW, "UTC") == words


def test_the_day_changes_at_midnight_of_the_zone() -> None:
    late = datetime(2025, 11, 20, 23, 30, tzinfo=UTC)
    assert when(late, NOW, "Europe/Sofia") == "today at 01:30"
    assert when(late, NOW, "America/New_York") == "yesterday at 18:30"


def test_a_moment_and_a_list_written_out() -> None:
    assert day_and_time(NOW, "Europe/Rome") == "Friday 21 November 2025, 11:00"
    assert [listed(()), listed(("a",)), listed(("a", "b")), listed(("a", "b", "c"), "or")] == [
        "", "a", "a and b", "a, b or c",
    ]  # fmt: skip
