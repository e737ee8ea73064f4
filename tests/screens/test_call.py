"""The call as a person at the keyboard meets it: somebody talks, and one types what they say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from deskterm.desk import commands as c
from deskterm.desk.records.customers import Company, Contact
from deskterm.desk.records.ticket import Status
from deskterm.screens import call_lookup
from deskterm.widgets.picker import Picker
from tests.robot import at_the_desk, furnish
from tests.screens.at_a_call import call, focused, logged, pastes, picks_rosa, saved

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


# -- the promised keys


async def test_a_known_caller_is_logged_and_handed_on_in_eight_keys(tmp_path: Path) -> None:
    """R001, R025, R071: six to hand it on, one to close the call."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone at reception")
        await robot.press("enter", "1", "1", "f8")
        ticket = saved(robot)
        assert (ticket.company, ticket.contact, ticket.phone) == ("Brook & Lane", "Rosa Amadi", "+44 7700 900123")
        assert (ticket.status, ticket.group, ticket.priority) == (Status.ROUTED, "voice-1", "p1")
        assert robot.shows(f"Reference {ticket.ref}")
        assert robot.shows("Saved and handed to voice-1")
        assert robot.shows("Say It is with our")
        await robot.press("enter")
        assert robot.screen is robot.app.queue_screen
        assert robot.app.calls == []
        assert robot.keys <= 8


async def test_an_unknown_caller_is_logged_and_handed_on_in_fourteen_keys(tmp_path: Path) -> None:
    """R011: digits become the number, letters the name; Enter walks the empty fields."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("07700 900999")
        await robot.press("enter")
        await robot.types("Jo Park")
        await robot.press("enter")
        await robot.types("Corner Bakery")
        await robot.press("enter", "enter")
        assert focused(robot) == "summary"
        await robot.types("Till has no network")
        await robot.press("enter", "1", "2", "f8", "enter")
        row = (await logged(robot))[0]
        ticket = await robot.ticket(row.ref)
        assert (ticket.contact, ticket.company, ticket.phone) == ("Jo Park", "Corner Bakery", "07700 900999")
        assert ticket.status is Status.ROUTED
        assert robot.keys <= 14


async def test_after_the_last_word_one_key_saves_from_any_field(tmp_path: Path) -> None:
    """R007, R009: whatever is missing, nothing blocks saving."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("Somebody")
        await robot.press("tab", "tab")
        await robot.types("in a hurry")
        await robot.press("f7")
        ticket = saved(robot)
        assert (ticket.contact, ticket.status, ticket.impact) == ("Somebody", Status.NEW, None)
        assert robot.shows("Nobody has it yet")


async def test_tab_goes_through_the_fields_in_the_order_they_stand(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        order = [focused(robot)]
        for _ in range(7):
            await robot.press("tab")
            order.append(focused(robot))
        assert order == ["caller", "summary", "description", "impact", "urgency", "hand-to", "began", "type"]


# -- who is calling


async def test_typing_never_waits_for_the_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The field is in hand before any answer; Enter before the answer takes the best match when it comes."""
    async with at_the_desk(tmp_path) as robot:
        may_answer = asyncio.Event()
        real = robot.store.callers

        async def slow(text: str, limit: int = 8) -> Any:
            await may_answer.wait()
            return await real(text, limit)

        monkeypatch.setattr(robot.store, "callers", slow)
        await robot.pilot.press("f2", *"ros")
        await robot.until(lambda: call(robot).query_one("#caller", Picker).text == "ros")
        await robot.pilot.press("enter")
        assert not call(robot).form.has_caller
        may_answer.set()
        await robot.settle()
        assert call(robot).form["contact"] == "Rosa Amadi"
        assert focused(robot) == "summary"


async def test_a_caller_is_found_by_number_and_by_serial(tmp_path: Path) -> None:
    """R022, R027."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("07700 9001")
        assert robot.shows("▸ Brook & Lane, Rosa Amadi")
        assert robot.shows("New caller: 07700 9001")
        await robot.press("f6")
        await robot.types("2XK-11")
        assert robot.shows("serial 2XK-11")


async def test_the_card_says_who_it_is_and_what_they_are_owed(tmp_path: Path) -> None:
    """R028-R030, R036."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        for words in ("Rosa Amadi · 07700 900123", "BL-204 Gold · 24×7", "Ines Duarte", "Prefers phone", "Critical"):
            assert robot.shows(words), words
        assert call(robot).facts().contract == "BL-204"


async def test_letters_that_find_nobody_else_leave_the_caller_as_it_was(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("f6")
        await robot.types("zz")
        await robot.press("tab")
        assert call(robot).form["contact"] == "Rosa Amadi"
        assert robot.shows("Caller Brook & Lane, Rosa Amadi")


async def test_a_customers_name_is_never_markup(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.store.submit(c.Register(entry=Company(key="X", name="Evil [/b] \x1b]0;x\x07 Ltd")))
        await robot.store.submit(c.Register(entry=Contact(key="X-1", company="X", name="[@click=app.quit]Zed[/]")))
        await robot.press("f2")
        await robot.types("zed")
        await robot.press("enter")
        assert robot.shows("[@click=app.quit]Zed[/]")
        assert robot.shows("Evil [/b] ␛]0;x")


# -- what is typed


async def test_the_priority_is_worked_out_as_one_chooses(tmp_path: Path) -> None:
    """R044, R047."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("enter", "1")
        assert robot.shows("follows from impact and urgency")
        await robot.press("right")
        assert robot.shows("Work has stopped")
        assert robot.shows("Priority P1 Urgent The system cannot be")
        await robot.press("right", "right")
        assert robot.shows("Priority P2 High")


async def test_when_it_began_is_echoed_or_kept_in_words(tmp_path: Path) -> None:
    """R014."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        call(robot).query_one("#began", Input).focus()
        await robot.types("09:10")
        assert robot.shows("✓ today at 09:10")
        await robot.types(" or so")
        assert robot.shows("? Not understood")
        await robot.press("f7")
        assert saved(robot).fields["began"] == "09:10 or so"


async def test_a_paste_of_several_lines_goes_to_detail_whole(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await pastes(robot, "No dial tone\nboth handsets\nsince 09:10")
        assert call(robot).form["description"] == "No dial tone\nboth handsets\nsince 09:10"
        await robot.press("f6")
        await pastes(robot, "Harbour\nFoods")
        assert call(robot).query_one("#caller", Picker).text == "Harbour Foods"


async def test_a_paste_that_is_too_long_is_cut_aloud(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("tab")
        await pastes(robot, "word " * 20_000)
        assert 60_000 < len(call(robot).form["description"]) <= 64 * 1024
        assert robot.shows("only its beginning")


async def test_the_best_guess_is_marked_and_another_can_be_chosen(tmp_path: Path) -> None:
    """R071."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        assert robot.shows("▸ voice-1")
        await robot.press("enter", "1", "1")
        await robot.types("noc")
        await robot.press("enter")
        assert robot.shows("F8 saves the call and hands it to noc")
        await robot.press("f8")
        assert saved(robot).group == "noc"


async def test_known_solutions_are_for_those_who_may_use_them(tmp_path: Path) -> None:
    """R063, R132."""
    await furnish(tmp_path)
    for operator, sees in (("ada", False), ("ben", True)):
        async with at_the_desk(tmp_path, operator=operator) as robot:
            assert (robot.store.me.level != 0) is sees
            await picks_rosa(robot)
            await robot.types("no dial tone handset phone password printer vpn")
            assert robot.shows("Known solutions") is sees


# -- what is still to ask


async def test_a_hardware_fault_asks_for_serial_and_location(tmp_path: Path) -> None:
    """R008, R009, R016: picked from what the customer has, or not given."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("f5")
        row = call(robot).query_one("#ask-fault")
        row.query_one(Picker).focus()
        await robot.types("hard")
        await robot.press("enter")
        assert call(robot).form["fault"] == "hardware"
        item = call(robot).query_one("#ask-item")
        item.query_one(Picker).focus()
        await robot.types("2xk")
        await robot.press("enter")
        assert call(robot).facts().item == "2XK-11"
        assert focused(robot) == "ask-location"
        await robot.press("ctrl+n")
        assert call(robot).facts().fields["location"] == "not given"


async def test_escape_leaves_the_questions_and_goes_back_to_the_field_before(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("f5")
        assert focused(robot).startswith("ask-")
        await robot.press("escape")
        assert focused(robot) == "summary"


# -- how it looks


@pytest.mark.parametrize(
    ("desk", "size"),
    [
        ("managed-network", (80, 24)),
        ("managed-network", (120, 40)),
        ("carrier-noc", (80, 24)),
        ("level-0-1-2", (80, 24)),
    ],
)
async def test_every_field_stands_on_the_screen(tmp_path: Path, size: tuple[int, int], desk: str) -> None:
    await furnish(tmp_path, desk)
    async with at_the_desk(tmp_path, operator=_some_operator(desk), size=size) as robot:
        await robot.press("f2")
        await robot.types("ros")
        await robot.press("enter", "enter", "1", "1")
        labels = (
            "Caller",
            "Summary",
            "Detail",
            "Impact",
            "Urgency",
            "Priority",
            "Hand to",
            "Began",
            "Type",
            "F8",
            "F7",
        )
        for label in labels:
            assert robot.shows(label), f"{label}:\n{robot.text()}"
        assert "Still to ask" in robot.text()


def _some_operator(desk: str) -> str:
    from deskterm.desk.deskfile.check import load_sample

    return next(o.name for o in load_sample(desk)[1].operator if o.level in (0, 1))


async def test_the_clock_runs_by_the_desks_clock(tmp_path: Path) -> None:
    from deskterm.widgets.call_clock import CallClock

    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        robot.clock.forward(minutes=3, seconds=27)
        call(robot).query_one(CallClock).tick()
        await robot.settle()
        assert robot.shows("Call 03:27")
        robot.clock.forward(hours=1)
        call(robot).query_one(CallClock).tick()
        await robot.settle()
        assert robot.shows("Call 1:03:27")
