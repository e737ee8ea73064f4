"""Somebody who was new last week calls again: a few digits, one key, and the desk knows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.screens import call_lookup
from tests.robot import Clock, at_the_desk, furnish, log_ticket
from tests.screens.at_a_call import call, focused, saved

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


async def jo_called(folder: Path) -> str:
    await furnish(folder)
    jo = {"contact": "Jo Park", "company": "Corner Bakery", "phone": "07700 900999", "email": "jo@corner.example"}
    return await log_ticket(folder, Clock(), summary="Till has no network", **jo)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_who_called_before_is_picked_like_a_known_caller(tmp_path: Path, size: tuple[int, int]) -> None:
    """R011, R022, R030: no second form, their open ticket in sight, and the same eight keys."""
    ref = await jo_called(tmp_path)
    async with at_the_desk(tmp_path, size=size) as robot:
        await robot.press("f2")
        await robot.types("0999")
        assert robot.shows("▸ Corner Bakery, Jo Park")
        assert robot.shows("called before")
        await robot.press("enter")
        assert focused(robot) == "summary"
        for words in (
            "Corner Bakery",
            "Jo Park · 07700 900999",
            f"Called before, {ref}",
            "Open for this caller",
            "Till",
        ):
            assert robot.shows(words), words
        await robot.types("Till is down again")
        await robot.press("enter", "1", "1", "f8")
        ticket = saved(robot)
        assert (ticket.contact, ticket.company, ticket.company_id) == ("Jo Park", "Corner Bakery", None)
        assert (ticket.phone, ticket.email) == ("07700 900999", "jo@corner.example")
        await robot.press("enter")
        assert robot.keys <= 8


async def test_who_called_before_joins_their_open_ticket(tmp_path: Path) -> None:
    """R130: a possible duplicate is one key away, for whoever is no registered contact too."""
    ref = await jo_called(tmp_path)
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("jo park")
        await robot.press("enter", "f4", "a")
        ticket = await robot.ticket(ref)
        assert [joined.contact for joined in ticket.joined] == ["Jo Park"]


async def test_who_is_typed_as_new_but_called_before_shows_so(tmp_path: Path) -> None:
    ref = await jo_called(tmp_path)
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("07700 900999")
        await robot.press("down", "enter")
        await robot.types("Al")
        await robot.press("enter", "enter", "enter")
        assert focused(robot) == "summary"
        assert call(robot).form["contact"] == "Al"
        assert robot.shows(f"Called before, {ref}")


async def test_a_company_of_which_nobody_is_known_can_be_picked(tmp_path: Path) -> None:
    await furnish(tmp_path)
    async with at_the_desk(tmp_path) as robot:
        from deskterm.desk import commands as c
        from deskterm.desk.records.customers import Company, record_id

        await robot.store.submit(c.Register(entry=Company(key="QL", name="Quiet Ltd")))
        await robot.press("f2")
        await robot.types("quiet")
        await robot.press("enter")
        assert call(robot).form["company_id"] == str(record_id("company", "QL"))
        assert call(robot).form["contact_id"] == ""
        assert robot.shows("No contract known")
