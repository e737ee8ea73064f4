"""Known outages: offered while the next caller is still speaking, joined with one key, counted on the board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands import escalations as ec
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import QueueQuery
from deskterm.screens import call_lookup
from deskterm.store.opening import open_store
from tests.robot import Robot, at_the_desk, log_ticket
from tests.screens.at_a_call import call, logged, saved

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


async def outage(robot: Robot, **facts: Any) -> str:
    """A major incident at Harbour Foods, declared by a colleague; returns its reference."""
    known: dict[str, Any] = {"company": "Harbour Foods", "service": "CORE-1"}
    known["summary"] = "Core switch reboots again and again"
    ref = await log_ticket(robot.folder, robot.clock, to="net-2", **{**known, **facts})
    priya = await open_store(robot.url, operator="priya", clock=robot.clock)
    await priya.submit(ec.DeclareMajor(ticket=(await priya.ticket(ref)).ticket.id, reason="No site has network"))
    await priya.close()
    await robot.settle()
    return ref


async def test_the_next_caller_is_added_to_the_outage_with_one_key(tmp_path: Path) -> None:
    """R105: typed so far are a name and a few words."""
    async with at_the_desk(tmp_path) as robot:
        ref = await outage(robot)
        await robot.press("f2")
        await robot.types("rosa")
        await robot.press("enter")
        assert not robot.shows("Known outage")
        await robot.types("our switch reboots")
        assert robot.shows("‼ Known outage: same kind")
        assert robot.shows(ref)
        before = len(await logged(robot))
        await robot.press("ctrl+o")
        ticket = saved(robot)
        assert ticket.ref == ref
        assert [caller.company for caller in ticket.joined] == ["Brook & Lane"]
        assert ticket.joined[0].words == "our switch reboots"
        assert robot.shows("This caller was added")
        assert not robot.shows("Known outage"), "it is theirs now"
        assert robot.shows("major incident")
        assert len(await logged(robot)) == before, "no second ticket for the same outage"
        await robot.press("enter")
        assert robot.app.calls == []


async def test_whom_it_hits_stands_on_the_ticket_and_on_the_board(tmp_path: Path) -> None:
    """R105, R217: as far as they have called."""
    async with at_the_desk(tmp_path) as robot:
        ref = await outage(robot)
        await robot.press("f2")
        await robot.types("mina")
        await robot.press("enter")
        await robot.types("core switch reboots")
        await robot.press("ctrl+o", "enter")
        board = await robot.store.board()
        assert (board.major.tickets, board.affected, board.needs[0].times) == (1, 2, 2)
        await robot.press("b")
        assert robot.shows("Customers hit 2")
        assert robot.shows("2 customers")
        robot.app.open_ticket((await robot.ticket(ref)).id)
        await robot.settle()
        assert robot.shows("hits 2 customers so far"), robot.text()
        await robot.press("i")
        await robot.press(*["pagedown"] * 3)
        assert robot.shows("Affected"), robot.text()
        assert robot.shows("Mina Berg")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"service": "core-1"}, "same service"),
        ({"item": "2XK-11"}, "same equipment"),
        ({"fields": {"location": "floor 2"}}, "same place"),
        ({"company": "Harbour Foods"}, "same customer"),
        ({"summary": "Switch reboots all day"}, "same kind"),
        ({"summary": "Reboots again, and so does the other"}, "alike"),
        ({"summary": "A new mailbox please"}, ""),
    ],
)
async def test_why_a_call_may_be_about_it(tmp_path: Path, facts: dict[str, object], why: str) -> None:
    async with at_the_desk(tmp_path) as robot:
        await outage(robot, item="2xk-11", fields={"location": "Floor 2"})
        ordinary = {"summary": "Something is down", "company": "Alder Clinic"}
        found = await robot.store.outages(Facts.model_validate({**ordinary, **facts}))
        assert [each.why for each in found] == ([why] if why else [])


async def test_what_monitoring_saw_is_offered_for_the_same_service_only(tmp_path: Path) -> None:
    """R213."""
    async with at_the_desk(tmp_path) as robot:
        alert: dict[str, Any] = {"summary": "Switch reboots", "service": "CORE-1", "channel": "monitoring"}
        ref = await log_ticket(robot.folder, robot.clock, **alert)
        (found,) = await robot.store.outages(Facts(summary="It is slow", service="CORE-1"))
        assert (found.ticket.ref, found.why, found.is_major) == (ref, "same service", False)
        assert not await robot.store.outages(Facts(summary="Switch reboots"))


async def test_an_outage_that_is_over_is_offered_no_more_and_owes_a_report(tmp_path: Path) -> None:
    """R143: until it is delivered, also once the ticket is closed."""
    async with at_the_desk(tmp_path, operator="priya") as robot:
        ref = await outage(robot)
        ticket = await robot.ticket(ref)
        await robot.store.submit(ec.EndMajor(ticket=ticket.id, text="A new power unit"))
        assert not await robot.store.outages(Facts(service="CORE-1"))
        await robot.store.submit(c.Take(ticket=ticket.id))
        await robot.store.submit(c.Resolve(ticket=ticket.id, solution="K31"))
        await robot.store.submit(c.RecordAnswer(ticket=ticket.id, answer="yes"))
        board = await robot.store.board()
        assert (board.major.tickets, board.affected, board.reports.tickets) == (0, 0, 1)
        behind = await robot.store.queue(board.reports.query)
        assert [row.ref for row in behind.rows] == [ref]
        await robot.press("b")
        assert robot.shows("Reports due")
        await robot.press("escape")
        robot.app.open_ticket(ticket.id)
        await robot.settle()
        assert robot.shows("Report: due, as it was a major incident")
        await robot.press("colon")
        await robot.types("report On the share, as IR-12")
        await robot.press("enter")
        await robot.press("enter")
        assert not (await robot.ticket(ref)).owes_report
        titles = [entry.title for entry in (await robot.store.ticket(ref)).timeline]
        assert "Incident report delivered" in titles
        assert (await robot.store.board()).reports.tickets == 0


async def test_nothing_is_joined_where_no_outage_is_shown(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("rosa")
        await robot.press("enter", "ctrl+o")
        assert robot.shows("No outage is known that fits this call.")
        assert call(robot).saved is None
        assert not (await robot.store.queue(QueueQuery(view="all"))).rows
