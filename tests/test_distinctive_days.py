"""Each sample desk on the day that tells it from the others, played at the keyboard (REQUIREMENTS.md §7, X5)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile.centres import openings
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.base import NotAllowed
from tests.robot import Clock, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio

LONDON, SOFIA, ROME = (ZoneInfo(f"Europe/{city}") for city in ("London", "Sofia", "Rome"))
UNTOUCHED: dict[str, Any] = {"type": None, "impact": None, "urgency": None}
"""What nobody has weighed yet."""


def clock_at(*moment: int, zone: ZoneInfo) -> Clock:
    """A clock that shows a local moment."""
    return Clock(datetime(*moment, tzinfo=zone).astimezone(UTC))  # type: ignore[misc, arg-type]


# -- two centres that follow the sun


async def test_at_0840_the_phone_is_answered_and_nobody_can_take_it_up_yet(tmp_path: Path) -> None:
    """X5, R077-R082, R088: the line opens at 08:30, London at 09:00; the ticket waits till then."""
    clock = clock_at(2026, 6, 15, 8, 40, zone=LONDON)
    async with at_the_desk(tmp_path, clock=clock, operator="freya", desk="follow-the-sun") as robot:
        assert robot.app.desk is not None
        seen = openings(robot.app.desk, clock())
        assert [line.is_open for line in seen.lines] == [True]
        assert not any(centre.is_open for centre in seen.centres)

        await robot.press("f2")
        await robot.types("rosa")
        await robot.press("enter")
        await robot.types("The import crashes")
        await robot.press("enter", "1", "1")
        await robot.until(lambda: robot.shows("opens 9:00"))
        await robot.press("f8")
        assert robot.shows("are back today at 09:00")

        view = await robot.store.ticket((await robot.store.queue(QueueQuery(view="open", limit=1))).rows[0].ref)
        response = next(each for each in view.clocks if each.name == "response")
        assert view.ticket.group == "uk-2"
        assert response.due == datetime(2026, 6, 15, 10, 0, tzinfo=LONDON), "an hour of London's own, from 09:00"


async def test_a_missed_call_of_friday_evening_is_taken_up_in_new_york(tmp_path: Path) -> None:
    """R081, R082: the phone and London are shut, New York works on; the customer is owed a call."""
    clock = clock_at(2026, 6, 12, 19, 0, zone=LONDON)
    await furnish(tmp_path, "follow-the-sun")
    ref = await log_ticket(
        tmp_path, clock, operator="freya", channel="missed_call", summary="The import crashes", **UNTOUCHED
    )
    async with at_the_desk(tmp_path, clock=clock, operator="diego", desk="follow-the-sun") as robot:
        await robot.press("4", "z", "1", "1", "1")
        assert robot.shows("▸ us-2 level 2 us open")
        assert robot.shows("uk-2 level 2 uk opens Mon 9:00")
        await robot.press("f8", "escape", "5", "t")
        ticket = await robot.ticket(ref)
        assert (ticket.group, ticket.owner, ticket.status) == ("us-2", "Diego Alvarez", Status.ACCEPTED)
        assert ticket.callback is not None


# -- a carrier around the clock


async def test_a_fault_that_affects_no_service_is_put_off_by_agreement(tmp_path: Path) -> None:
    """T11, R086: Saturday night, least impact, both sides agree: Monday at nine, and its clocks move too."""
    clock = clock_at(2026, 6, 13, 22, 0, zone=SOFIA)
    await furnish(tmp_path, "carrier-noc")
    ref = await log_ticket(
        tmp_path, clock, operator="mira", to="desk-1", summary="One of two links flaps", impact="nsa", urgency="low"
    )
    monday = datetime(2026, 6, 15, 9, 0, tzinfo=SOFIA)
    async with at_the_desk(tmp_path, clock=clock, operator="stefan", desk="carrier-noc") as robot:
        await robot.press("5", "D")
        await robot.types("Rosa: Monday will do")
        await robot.press("enter")
        ticket = await robot.ticket(ref)
        assert (ticket.status, ticket.resume_at) == (Status.PENDING, monday)
        assert (await robot.store.ticket(ref)).say.startswith("It is with our Customer service centre")
        clock.moment = monday.astimezone(UTC)
        await robot.store.tick()
        assert (await robot.ticket(ref)).status is Status.ROUTED


async def test_at_three_at_night_its_age_brings_in_the_shift_leader(tmp_path: Path) -> None:
    """R098: two hours old, nobody moved; once, with the true time, though the desk looks half an hour later."""
    clock = clock_at(2026, 6, 16, 1, 0, zone=SOFIA)
    await furnish(tmp_path, "carrier-noc")
    ref = await log_ticket(
        tmp_path, clock, operator="mira", to="desk-1", summary="Packets get lost", impact="degradation", urgency="low"
    )
    async with at_the_desk(tmp_path, clock=clock, operator="mira", desk="carrier-noc") as robot:
        clock.forward(hours=1, minutes=59)
        await robot.store.tick()
        assert not [step for step in (await robot.ticket(ref)).escalations if step.trigger == "age-timer"]
        clock.forward(minutes=31)
        await robot.store.tick()
        await robot.store.tick()
        aged = [step for step in (await robot.ticket(ref)).escalations if step.trigger == "age-timer"]
        assert [(step.to, step.due, step.by) for step in aged] == [
            ("Shift leader, Viktor Dimov", datetime(2026, 6, 16, 3, 0, tzinfo=SOFIA), "deskterm")
        ]


# -- a network integrator


async def test_a_customer_demands_the_next_level_from_level_0(tmp_path: Path) -> None:
    """T17, R099, R103: one key and their words; the customer hears more often, and second line assesses it."""
    clock = clock_at(2026, 6, 16, 10, 0, zone=LONDON)
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, clock, to="net-2", summary="Site down", impact="high", urgency="high")
    async with at_the_desk(tmp_path, clock=clock, operator="ada") as robot:
        before = await robot.store.ticket(ref)
        await robot.press("5", "e")
        await robot.types("Two days now. I want somebody in charge")
        await robot.press("enter")
        after = await robot.store.ticket(ref)
        (step,) = after.ticket.escalations
        assert (step.kind, step.trigger, step.by) == ("hierarchical", "customer", "Ada Okafor")
        assert step.reason == "Two days now. I want somebody in charge"
        assert "escalated" in after.say
        due = [next(each.due for each in view.clocks if each.name == "update") for view in (before, after)]
        assert None not in due
        assert due[1] < due[0]  # type: ignore[operator]
    async with at_the_desk(tmp_path, clock=clock, operator="priya") as robot:
        await robot.press("5", "A", "3")
        await robot.types("A spare goes on site at noon")
        await robot.press("enter")
        assert [each.state for each in (await robot.ticket(ref)).escalations] == ["plan-agreed"]


# -- a helpdesk of three levels


async def test_level_1_resolves_from_the_pool_only_and_the_originator_follows(tmp_path: Path) -> None:
    """T12, R066, R072, T20: level 0 hands on, level 1 may not invent, and level 0 closes on the customer's word."""
    clock = clock_at(2026, 6, 16, 10, 0, zone=LONDON)
    await furnish(tmp_path, "level-0-1-2")
    known = {"summary": "Cannot log in, password has run out", "impact": "low", "urgency": "high"}
    ref = await log_ticket(tmp_path, clock, operator="eleni", to="desk-1", **known)
    async with at_the_desk(tmp_path, clock=clock, operator="yusuf", desk="level-0-1-2") as robot:
        await robot.press("5", "t")
        ticket = await robot.ticket(ref)
        invented = {"issue": "Password", "steps": "Tried this and that", "resolution": "It works"}
        with pytest.raises(NotAllowed):
            await robot.store.submit(
                c.Resolve.model_validate({"ticket": ticket.id, "synopsis": invented, "no_article_because": "Once."})
            )
        await robot.press("r")
        assert not robot.shows("Or why none")
        await robot.types("password")
        await robot.press("enter")
        ticket = await robot.ticket(ref)
        assert ticket.status is Status.RESOLVED
        assert ticket.solution in {"T1", "T2"}
    async with at_the_desk(tmp_path, clock=clock, operator="eleni", desk="level-0-1-2") as robot:
        assert "Eleni Pappas" in ticket.followers
        await robot.press("3")
        assert robot.shows("Cannot log in")
        await robot.press("y", "enter")
        assert (await robot.ticket(ref)).status is Status.CLOSED


# -- an IT firm with three phases


async def test_triage_diagnostics_intervention(tmp_path: Path) -> None:
    """R054-R056, T8: an urgency first; no intervention before the customer was told a restore time."""
    clock = clock_at(2026, 6, 16, 10, 0, zone=ROME)
    await furnish(tmp_path, "it-assistance")
    ref = await log_ticket(tmp_path, clock, operator="giulia", summary="The server is slow", **UNTOUCHED)
    async with at_the_desk(tmp_path, clock=clock, operator="giulia", desk="it-assistance") as robot:
        await robot.press("4", "z")
        assert robot.shows("● Triage")
        await robot.press("1", "1", "2")
        assert robot.shows("▸ systems-2")
        await robot.press("f8")
    async with at_the_desk(tmp_path, clock=clock, operator="luca", desk="it-assistance") as robot:
        await robot.press("5", "t", "s")
        assert (await robot.ticket(ref)).phase == "diagnostics"
        await robot.press("I", "enter")
        assert robot.shows("(R055)")
        await robot.press("escape", "T")
        await robot.types("16:00")
        await robot.press("enter")
        told = (await robot.ticket(ref)).timekeeping.restore
        assert told is not None
        assert told.at == datetime(2026, 6, 16, 16, 0, tzinfo=ROME)
        await robot.press("I", "enter")
        ticket = await robot.ticket(ref)
        assert (ticket.phase, ticket.repair) == ("intervention", "own")
        await robot.press("z")
        assert robot.shows("● Intervention")
