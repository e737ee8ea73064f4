"""The call as a person at the keyboard meets it: somebody talks, and nothing they say is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest
from textual import events
from textual.widgets import Input

from deskterm.desk import commands as c
from deskterm.desk.customers import Company, Contact, record_id
from deskterm.desk.ticket import Status, Ticket
from deskterm.screens import call_lookup
from deskterm.screens.call import CallScreen
from deskterm.store.base import Offline
from deskterm.widgets.caller_card import OpenTickets
from deskterm.widgets.picker import Picker
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio

ROSA: dict[str, Any] = {"company_id": record_id("company", "BL"), "contact_id": record_id("contact", "BL-1")}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the desk at once: a test need not wait for a rest in the typing."""
    monkeypatch.setattr(call_lookup, "PAUSE", 0)


def call(robot: Robot) -> CallScreen:
    assert isinstance(robot.screen, CallScreen)
    return robot.screen


def focused(robot: Robot) -> str:
    """Id of the field in hand."""
    widget = robot.app.focused
    while widget is not None and not widget.id:
        widget = cast(Any, widget.parent)
    return (widget and widget.id) or ""


def saved(robot: Robot) -> Ticket:
    view = call(robot).saved
    assert view is not None, f"nothing was saved:\n{robot.text()}"
    return view.ticket


async def picks_rosa(robot: Robot) -> None:
    await robot.press("f2")
    await robot.types("ros")
    await robot.press("enter")


async def pastes(robot: Robot, text: str) -> None:
    robot.app.post_message(events.Paste(text))
    await robot.settle()


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
        row = (await robot.store.queue(_everything())).rows[0]
        ticket = await robot.ticket(row.ref)
        assert (ticket.contact, ticket.company, ticket.phone) == ("Jo Park", "Corner Bakery", "07700 900999")
        assert ticket.status is Status.ROUTED
        assert robot.keys <= 14


def _everything() -> Any:
    from deskterm.desk.views import QueueQuery

    return QueueQuery(view="all")


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
        assert robot.shows("only the first 64 KB")


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


# -- how it ends


async def test_what_is_missing_for_a_hand_on_is_asked_for_once(tmp_path: Path) -> None:
    """R010, T3: F8 again saves all the same and says so."""
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("f8")
        assert focused(robot) == "impact"
        assert robot.shows("choose impact and urgency")
        assert call(robot).saved is None
        await robot.press("f8")
        assert saved(robot).status is Status.NEW
        assert robot.shows("▲ Not handed on. Before it is handed on")


async def test_an_open_ticket_is_joined_with_every_word(tmp_path: Path) -> None:
    """R130: one key and a letter; the caller's words go along."""
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1", **ROSA)
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("piet")
        await robot.press("enter")
        assert robot.shows(f"a {ref} No dial tone")
        await robot.types("Same here")
        await robot.press("f4", "a")
        assert saved(robot).ref == ref
        joined = (await robot.ticket(ref)).joined[0]
        assert (joined.contact, joined.words) == ("Piet de Vries", "Same here")
        assert robot.shows("This caller was added, with voice-1")
        assert (await robot.store.queue(_everything())).total in (None, 1)
        await robot.press("enter")
        assert robot.app.journal.drafts() == []


async def test_a_saved_call_can_be_undone_noted_and_followed_by_the_next(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("enter", "1", "1", "f8", "u")
        assert saved(robot).status is Status.NEW
        assert robot.shows("Nobody has it yet: h hands it on")
        await robot.press("u")
        assert robot.shows("There is nothing to take back")
        await robot.press("f7")
        assert robot.shows("This call is saved already")
        await robot.press("n")
        await robot.types("They call again at noon")
        await robot.press("f8")
        ref = saved(robot).ref
        view = await robot.store.ticket(ref)
        assert any("again at noon" in entry.text for entry in view.timeline)
        await robot.press("f2")
        assert call(robot).form.is_empty
        assert len(robot.app.calls) == 1


async def test_escape_parks_a_call_and_f3_goes_back_to_it(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial")
        await robot.press("escape")
        assert robot.screen is robot.app.queue_screen
        await robot.press("f2")
        await robot.types("mina")
        assert robot.shows("☎ 1 more call open, F3")
        await robot.press("f3")
        assert call(robot).form["summary"] == "No dial"
        assert focused(robot) == "summary"
        await robot.types(" tone")
        assert call(robot).form["summary"] == "No dial tone"


async def test_an_empty_call_just_goes_away(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2", "escape")
        assert robot.screen is robot.app.queue_screen
        assert robot.app.calls == []


async def test_discarding_asks_first(tmp_path: Path) -> None:
    from deskterm.actions import BY_ID

    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        screen = call(robot)
        screen.perform(BY_ID["discard"])
        await robot.settle()
        await robot.press("n")
        assert robot.screen is screen
        screen.perform(BY_ID["discard"])
        await robot.settle()
        await robot.press("y")
        assert robot.app.calls == []
        assert robot.app.journal.drafts() == []


# -- nothing is lost


async def test_a_call_comes_back_from_its_draft_whole(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        await robot.press("tab")
        await robot.types("Both handsets\nMains is fine")
        await robot.press("tab", "1", "2")
        before = call(robot).facts()
        ids = call(robot).form.command, call(robot).form.ticket
        draft = call(robot).draft.id
    clock = Clock()
    clock.forward(minutes=9)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.resume_call(draft)
        await robot.settle()
        assert call(robot).facts() == before
        assert (call(robot).form.command, call(robot).form.ticket) == ids
        for words in ("Call 09:00", "No dial tone", "Both handsets", "▸1 High", "▸2 Medium", "BL-204 Gold"):
            assert robot.shows(words), words
        await robot.press("f8")
        assert saved(robot).description == "Both handsets\nMains is fine"


async def test_a_crash_after_the_commit_does_not_save_twice(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        form = call(robot).form
        await robot.store.submit(form.log(robot.clock(), "UTC", None))
        draft = call(robot).draft.id
    clock = Clock()
    clock.forward(minutes=9)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.resume_call(draft)
        await robot.settle()
        assert robot.shows("This call was saved before")
        assert saved(robot).id == form.ticket
        assert len((await robot.store.queue(_everything())).rows) == 1
        assert robot.app.journal.drafts() == []


async def test_a_lost_desk_keeps_every_field_and_the_next_try_saves_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("No dial tone")
        real = robot.store.submit

        async def arrives_but_says_nothing(command: Any) -> Any:
            await real(command)
            raise Offline("The desk cannot be reached.")

        monkeypatch.setattr(robot.store, "submit", arrives_but_says_nothing)
        await robot.press("f7")
        assert robot.shows("The desk cannot be reached")
        assert call(robot).form["summary"] == "No dial tone"
        assert call(robot).saved is None
        monkeypatch.setattr(robot.store, "submit", real)
        await robot.types(" at reception")
        robot.clock.forward(minutes=1)
        await robot.press("f7")
        assert saved(robot).summary == "No dial tone at reception"
        assert len((await robot.store.queue(_everything())).rows) == 1


async def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        robot.app.journal.trouble = "What you type is not saved: the disk is full."
        call(robot).show_kept()
        await robot.settle()
        assert robot.shows("✗ What you type is not saved: the disk is full.")


async def test_the_desk_moves_on_without_moving_the_operator(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.types("Printer jam")
        await robot.press("left", "left")
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="voice-1", **ROSA)
        await robot.until(lambda: bool(call(robot).query_one(OpenTickets).tickets))
        await robot.settle()
        assert robot.shows(f"a {ref} No dial tone")
        assert focused(robot) == "summary"
        field = call(robot).query_one("#summary", Input)
        assert (field.value, field.cursor_position) == ("Printer jam", 9)


async def test_the_group_being_chosen_does_not_change_under_the_hand(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await picks_rosa(robot)
        await robot.press("enter", "1", "1", "down")
        groups = call(robot).query_one("#hand-to", Picker)
        marked = groups.chosen
        call(robot).form["summary"] = "No dial tone"
        call(robot).ask_desk()
        await log_ticket(tmp_path, robot.clock, summary="Something else", to="noc")
        await robot.settle()
        assert marked is not None
        assert groups.chosen is marked
        await robot.press("f8")
        assert saved(robot).group == marked.key


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
    from deskterm.desk.deskcheck import load_sample

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
