"""A change is raised from a ticket and filled in from it, as far as the ticket goes (T26, R150)."""

from __future__ import annotations

import pytest

from deskterm.desk.records.change import Header
from deskterm.desk.refusal import Wanting
from tests.change_story import INCIDENT, ChangeStory, drafted
from tests.people import START


def test_a_change_raised_from_a_ticket_is_filled_in_from_it() -> None:
    """R150, R155: nothing that the ticket knows is typed again."""
    change = drafted().change
    assert (change.ref, change.ticket, change.ticket_ref) == ("C-0117", INCIDENT.id, INCIDENT.ref)
    assert (change.title, change.company, change.contact) == (INCIDENT.summary, INCIDENT.company, INCIDENT.contact)
    assert (change.contact_phone, change.systems) == ("+44 7700 900123", ("fw-1", INCIDENT.service))
    assert (change.engineer, change.engineer_phone, change.issued) == ("Tom", "+44 7700 900100", START.date())
    assert (change.customer_zone, change.engineer_zone) == ("Europe/London", "Europe/London")
    assert change.introduction == "We work by two pairs of eyes."


def test_what_was_typed_goes_before_what_the_ticket_says() -> None:
    change = drafted(facts=Header(title="New rules", systems=("fw-9",))).change
    assert (change.title, change.systems, change.company) == ("New rules", ("fw-9",), INCIDENT.company)


def test_a_change_needs_a_ticket_that_there_is() -> None:
    story = ChangeStory()
    story.ticket = None
    with pytest.raises(Wanting, match=r"no such ticket \(T26\)"):
        story.raises()
    with pytest.raises(Wanting, match="beside its facts"):
        story.raises(ticket=None, facts=Header(ticket=INCIDENT.id))
