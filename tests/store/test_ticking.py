"""Everything that falls due by itself, dealt with once and in order, however late and by however many (R091, R098)."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts, Status, Ticket
from deskterm.desk.tickets.views import FellDue
from deskterm.store import timers
from deskterm.store.base import Store
from tests.store.conftest import DESK_SOURCE, Place

pytestmark = pytest.mark.anyio

LONG_AGO = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
IN_ORDER = [
    ("clock:response", timedelta(minutes=30)),
    ("clock:update", timedelta(hours=1)),
    ("clock:restore", timedelta(hours=4)),
    ("age:by-age:1", timedelta(hours=6)),
    ("age:by-age:2", timedelta(days=1)),
]
"""What falls due of a ticket of the first priority at this desk, and how long after it was logged."""


async def logged(store: Store, **facts: Any) -> Ticket:
    known = {"type": "incident", "summary": "No dial tone", "impact": "high", "urgency": "high"}
    receipt = await store.submit(c.LogCall(facts=Facts.model_validate(known | facts), hand_to="voice-1"))
    return (await store.ticket(receipt.ref)).ticket


def told(found: tuple[FellDue, ...], ticket: Ticket) -> list[tuple[str, timedelta]]:
    return [(each.what, each.due - ticket.opened_at) for each in found if each.record == ticket.id]


async def test_a_desk_that_was_off_catches_up_in_order_and_once(place: Place) -> None:
    store = await place.open("Nora")
    ticket = await logged(store)
    assert await store.tick() == ()
    place.clock.now += timedelta(days=3)
    found = await store.tick()
    assert told(found, ticket) == IN_ORDER
    assert {each.ref for each in found} == {ticket.ref}
    assert [each.words for each in found[2:4]] == ["The restore clock ran out.", "Its age reached stage 1 of by-age."]
    assert await store.tick() == ()
    after = (await store.ticket(ticket.id)).ticket
    assert [(missed.clock, missed.due - ticket.opened_at) for missed in after.timekeeping.missed] == [
        (what.removeprefix("clock:"), after) for what, after in IN_ORDER if what.startswith("clock:")
    ]
    assert [(step.trigger, step.stage, step.due) for step in after.escalations] == [
        ("age-timer", 1, ticket.opened_at + timedelta(hours=6)),
        ("age-timer", 2, ticket.opened_at + timedelta(days=1)),
    ]
    assert {step.by for step in after.escalations} == {"deskterm"}


@pytest.mark.kept_here
async def test_what_others_have_dealt_with_in_the_meantime_is_not_told_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between seeing that a moment has come and dealing with it."""
    store = await place.open("Nora")
    ticket = await logged(store)
    place.clock.now += timedelta(days=3)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(timers, "stands", lambda *_: False)
        assert await store.tick() == ()
    assert told(await store.tick(), ticket) == IN_ORDER


async def test_what_is_settled_in_time_never_falls_due(place: Place) -> None:
    store = await place.open("Tom")
    ticket = await logged(store)
    await store.submit(c.Take(ticket=ticket.id))
    await store.submit(c.Start(ticket=ticket.id))
    await store.submit(c.Resolve(ticket=ticket.id, solution="K31"))
    place.clock.now += timedelta(days=3)
    assert await store.tick() == ()


async def test_a_wait_is_over_when_it_was_said_to_be_not_when_it_is_noticed(place: Place) -> None:
    store = await place.open("Tom")
    ticket = await logged(store)
    await store.submit(c.Take(ticket=ticket.id))
    await store.submit(c.Start(ticket=ticket.id))
    until = place.clock.now + timedelta(hours=2)
    await store.submit(c.Pend(ticket=ticket.id, reason="vendor", resume_at=until))
    place.clock.now += timedelta(hours=3)
    assert ("resume", until) in [(each.what, each.due) for each in await store.tick()]
    after = (await store.ticket(ticket.id)).ticket
    assert after.status is Status.IN_PROGRESS
    assert [pause.ended for pause in after.timekeeping.pauses] == [until]


async def test_age_runs_on_while_a_ticket_waits(place: Place) -> None:
    """X15: a pause stops the clocks of the contract, not the age."""
    store = await place.open("Tom")
    ticket = await logged(store)
    await store.submit(c.Take(ticket=ticket.id))
    await store.submit(c.Start(ticket=ticket.id))
    await store.submit(c.Pend(ticket=ticket.id, reason="vendor"))
    place.clock.now += timedelta(hours=7)
    assert ("age:by-age:1", timedelta(hours=6)) in told(await store.tick(), ticket)


async def test_another_desk_file_sets_the_timers_again(place: Place) -> None:
    store = await place.open("Nora")
    ticket = await logged(store)
    sue = await place.open("Sue")
    await sue.submit(c.LoadDesk(name="later.toml", source=DESK_SOURCE.replace('after = "6h"', 'after = "12h"')))
    place.clock.now += timedelta(hours=13)
    assert ("age:by-age:1", timedelta(hours=12)) in told(await store.tick(), ticket)


@pytest.mark.kept_here
async def test_eight_processes_at_once_deal_with_everything_once(place: Place) -> None:
    place.clock.now = LONG_AGO  # for the processes have the clock on the wall
    store = await place.open("Nora")
    tickets = [await logged(store, summary=f"Call {number}") for number in range(12)]
    await place.close()
    shell = [sys.executable, "-m", "deskterm", "--store", place.url, "--json", "tick"]
    started = [
        await asyncio.create_subprocess_exec(*shell, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        for _ in range(8)
    ]
    said = await asyncio.gather(*(process.communicate() for process in started))
    assert [process.returncode for process in started] == [0] * 8, said
    dealt = [(each["ref"], each["what"]) for out, _ in said for each in json.loads(out)]
    assert sorted(dealt) == sorted((ticket.ref, what) for ticket in tickets for what, _ in IN_ORDER)
    again = await place.open("Nora")
    for ticket in tickets:
        after = (await again.ticket(ticket.id)).ticket
        assert len(after.timekeeping.missed) == 3
        assert [step.stage for step in after.escalations] == [1, 2]
