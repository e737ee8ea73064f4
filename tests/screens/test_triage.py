"""Triage at the keyboard: what it is, how bad, how urgent and whose; nothing of it is lost (R044-R054, R082, R135)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.heard import questions_for
from deskterm.screens.triage import TriageScreen
from deskterm.settings import Settings
from deskterm.store.opening import open_store
from deskterm.widgets.triage_words import phase_bar
from tests.robot import START, Clock, Robot, at_the_desk, furnish, log_ticket, store_url

pytestmark = pytest.mark.anyio

MAILED: dict[str, Any] = {
    "summary": "No dial tone on the handsets", "description": "All six of them.", "channel": "email",
    "type": None, "impact": None, "urgency": None, "customer_priority": "p2",
}  # fmt: skip


@pytest.fixture
async def clock(tmp_path: Path) -> Clock:
    """The desk with nothing on it yet."""
    await furnish(tmp_path)
    return Clock()


async def triaging(robot: Robot) -> None:
    await robot.press("4", "z")
    assert isinstance(robot.screen, TriageScreen)


async def test_a_few_digits_and_one_key_hand_it_on(tmp_path: Path, clock: Clock) -> None:
    """T3: type, impact and urgency set, the best guess takes it, and who triaged follows."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock, operator="ada") as robot:
        await triaging(robot)
        await robot.press("1", "2", "1", "f8")
        ticket = await robot.ticket(ref)
        assert (ticket.status, ticket.group, ticket.priority) == (Status.ROUTED, "voice-1", "p1")
        assert robot.shows("was handed to voice-1")
        assert "Ada Okafor" in ticket.followers


async def test_the_matrix_and_the_meaning_stand_beside_the_choice(tmp_path: Path, clock: Clock) -> None:
    """R044, R047, R051, R054: the chosen cell, what the choice means, the customer's own priority, the phase."""
    await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        assert robot.shows("● Triage")
        assert robot.shows("customer says P2 High")
        await robot.press("1", "2")
        await robot.press("right", "right")
        assert robot.shows("[P2]")
        assert robot.shows("Medium Work goes on with effort")
        await robot.press("left")
        assert robot.shows("[P1]")


async def test_answers_to_questions_become_fields(tmp_path: Path, clock: Clock) -> None:
    """R135: the bank that fits the words."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        assert robot.shows('Questions for "voice"')
        await robot.press("1", "1", "1", "enter", "enter", "3", "2")
        await robot.types("Cleaners")
        await robot.press("f7")
        ticket = await robot.ticket(ref)
        assert ticket.fields == {"handsets": "all", "direction": "out", "site_work": "Cleaners"}
        assert ticket.status is Status.NEW


async def test_nothing_is_handed_on_without_a_priority(tmp_path: Path, clock: Clock) -> None:
    """R049: it says what is missing and goes there."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("1", "f8")
        assert robot.shows("choose impact and urgency")
        assert (await robot.ticket(ref)).status is Status.NEW
        await robot.press("2", "2", "f8")
        assert (await robot.ticket(ref)).status is Status.ROUTED


async def test_what_was_chosen_is_kept_when_one_leaves(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("1", "2", "escape", "z", "1", "f8")
        assert (await robot.ticket(ref)).priority == "p1"
        assert not robot.app.journal.drafts()


async def test_looking_leaves_no_draft_and_the_drafts_screen_brings_one_back(tmp_path: Path, clock: Clock) -> None:
    await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("escape")
        assert not robot.app.journal.drafts()
        await robot.press("z", "1", "2", "escape", "f12", "enter")
        assert isinstance(robot.screen, TriageScreen)
        assert robot.shows("▸2 Medium")


async def test_a_colleague_was_faster(tmp_path: Path, clock: Clock) -> None:
    """A conflict is told and what was chosen stays; the next F8 knows."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("1", "2")
        store = await open_store(store_url(tmp_path), operator="ruth", clock=clock)
        ticket = (await store.ticket(ref)).ticket
        await store.submit(c.Amend(ticket=ticket.id, changes={"type": "query", "impact": "high", "urgency": "low"}))
        await store.submit(c.HandOff(ticket=ticket.id, to="net-2"))
        await store.close()
        await robot.until(lambda: robot.shows("with net-2"))
        await robot.press("1", "f8")
        assert robot.shows("✗")
        assert robot.shows("▸2 Medium")
        assert (await robot.ticket(ref)).group == "net-2"


async def test_a_hand_off_that_is_refused_leaves_no_fact_behind(tmp_path: Path, clock: Clock) -> None:
    """F8 is one command: handing on again wants a reason (T4), and without it the priority stays as it was."""
    ref = await log_ticket(
        tmp_path, clock, to="net-2", **{**MAILED, "impact": "low", "urgency": "low", "type": "query"}
    )
    async with at_the_desk(tmp_path, clock=clock) as robot:
        view = await robot.store.ticket(ref)
        before = view.ticket
        await robot.app.open_triage(view)
        await robot.settle()
        robot.screen.query_one("#impact").focus()
        await robot.press("1", "f8")
        assert robot.shows("needs a reason")
        assert await robot.ticket(ref) == before
        robot.screen.query_one("#reason").focus()
        await robot.types("They have the fault there")
        await robot.press("f8")
        after = await robot.ticket(ref)
        assert (after.impact, after.group == before.group) == ("high", False)
        assert after.priority != before.priority


async def test_who_works_in_another_zone_reads_openings_in_their_own(tmp_path: Path) -> None:
    """R082: "opens 6:00 yours", in triage, in the forms and in the heading."""
    clock = Clock(START.replace(hour=9))
    await furnish(tmp_path, "follow-the-sun")
    ref = await log_ticket(tmp_path, clock, operator="freya", **{**MAILED, "customer_priority": None})
    mine = Settings(zone="America/New_York")
    async with at_the_desk(tmp_path, clock=clock, operator="freya", settings=mine) as robot:
        await robot.app.open_triage(await robot.store.ticket(ref))
        await robot.settle()
        assert robot.shows("opens 6:00 yours"), robot.text()
        assert robot.shows("us opens 6:00")
        await robot.press("escape")
        await robot.press("f2")
        assert robot.shows("opens 6:00 yours"), robot.text()


async def test_the_service_is_found_in_the_catalogue(tmp_path: Path, clock: Clock) -> None:
    """R060: by name, id or circuit; it is saved with the rest."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        robot.screen.query_one("#service Input").focus()
        await robot.types("telepho")
        assert robot.shows("SV-7 Telephony")
        await robot.press("enter", "f7")
        assert (await robot.ticket(ref)).service == "SV-7"
        await robot.press("escape", "z")
        assert robot.shows("Service SV-7")


async def test_handed_to_a_restricted_group_it_is_out_of_sight(tmp_path: Path, clock: Clock) -> None:
    """R226: it is saved, and said so; only members see it from then on."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("1", "1", "1")
        await robot.types("soc")
        await robot.press("enter", "f8")
        assert robot.screen is robot.app.queue_screen
        assert robot.shows(f"{ref} is with soc, and only its members see it")
        assert not robot.app.journal.drafts()


async def test_one_key_opens_the_next_unrouted(tmp_path: Path, clock: Clock) -> None:
    first = await log_ticket(tmp_path, clock, **MAILED)
    second = await log_ticket(tmp_path, clock, **{**MAILED, "summary": "A second trouble"})
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        for _ in range(2):
            await robot.press("1", "2", "1", "f8", "z")
        assert robot.shows("Nothing else waits for triage")
        assert [(await robot.ticket(ref)).status for ref in (first, second)] == [Status.ROUTED] * 2


async def test_other_ways_out_keep_their_keys_among_the_choices(tmp_path: Path, clock: Clock) -> None:
    """Capitals are acts also where a small letter would choose: S is out of scope, not a service request."""
    ref = await log_ticket(tmp_path, clock, **MAILED)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await triaging(robot)
        await robot.press("S")
        await robot.types("the landlord")
        await robot.press("enter")
        await robot.press("enter")
        assert (await robot.ticket(ref)).out_of_scope == "the landlord"


async def test_another_way_out_begins_with_what_was_chosen(tmp_path: Path) -> None:
    """R086, T11: on a Saturday night the impact chosen a moment ago is why it may wait."""
    clock = Clock(datetime(2026, 6, 13, 19, 0, tzinfo=UTC))
    await furnish(tmp_path, "carrier-noc")
    ref = await log_ticket(tmp_path, clock, operator="mira", **{**MAILED, "summary": "One link flaps"})
    async with at_the_desk(tmp_path, clock=clock, operator="stefan", desk="carrier-noc") as robot:
        await triaging(robot)
        await robot.press("1", "3", "D")
        await robot.types("Rosa: Monday will do")
        await robot.press("enter")
        ticket = await robot.ticket(ref)
        assert (ticket.status, ticket.pending_reason, ticket.impact) == (Status.PENDING, "deferred", "nsa")


async def test_groups_tell_who_is_there(tmp_path: Path) -> None:
    """R082: at 08:40 both centres are closed, and the one that opens first comes first."""
    clock = Clock(datetime(2026, 3, 16, 8, 40, tzinfo=UTC))
    await furnish(tmp_path, "follow-the-sun")
    await log_ticket(tmp_path, clock, operator="freya", **{**MAILED, "summary": "A crash", "customer_priority": None})
    async with at_the_desk(tmp_path, clock=clock, operator="freya", desk="follow-the-sun") as robot:
        await triaging(robot)
        assert robot.shows("▸ uk-2 level 2 uk opens 9:00 0 waiting in 2h")
        assert robot.shows("us-2 level 2 us opens 10:00 0 waiting in 2h")


def test_a_bank_is_found_by_the_words() -> None:
    _, desk = load_sample("managed-network")
    found = questions_for(desk, "The network is slow for everybody")
    assert found is not None
    assert found.category == "network"
    assert questions_for(desk, "") is None


def test_the_phases_stand_on_one_line() -> None:
    assert phase_bar("diagnostics", 80).plain.startswith("✓ Triage ─")
    assert "● Diagnostics" in phase_bar("diagnostics", 80).plain
