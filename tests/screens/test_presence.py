"""Two people at one desk: each sees where the other is, is warned before both write, and may take over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.screens.attendance import CLAIM
from deskterm.store.presence import LASTS
from tests.robot import Clock, Robot, at_the_desk, desk_app, log_ticket, seated
from tests.screens.presence_scenes import beat, beside, is_at

pytestmark = pytest.mark.anyio
WORDS = "Rang them back"


async def ticket_in_front(robot: Robot, **known: object) -> str:
    """A ticket of another's, opened."""
    ref = await log_ticket(robot.folder, robot.clock, summary="No dial tone at reception", to="net-2", **known)  # type: ignore[arg-type]
    await robot.press("5")
    await robot.until(lambda: len(robot.app.queue_screen.table.rows) == 1)
    await robot.press("enter")
    return ref


async def test_the_queue_shows_who_is_where(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom, beside(robot, "lukas") as lukas:
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="net-2")
        await robot.press("5")
        await is_at(robot, tom, ref)
        assert robot.shows("No dial tone ◦ TH Brook & Lane")
        await is_at(robot, lukas, ref, "writing")
        assert robot.shows("✎ LB+1"), "who writes comes first"
        await lukas.attend(None)
        await tom.attend(None)
        await beat(robot)
        assert robot.shows("No dial tone Brook & Lane")


async def test_a_ticket_says_who_is_there_and_since_when_they_write(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        ref = await ticket_in_front(robot)
        await is_at(robot, tom, ref)
        assert robot.shows("◦ Tom Hale is here ──")
        await is_at(robot, tom, ref, "writing")
        robot.clock.forward(seconds=50)
        await beat(robot)
        assert robot.shows("✎ Tom Hale is writing here (since 10:00) ──")
        robot.clock.forward(seconds=LASTS.total_seconds())
        await beat(robot)
        assert not robot.shows("Tom Hale is")


async def test_others_hear_what_is_in_front_here(tmp_path: Path) -> None:
    """To open a ticket is to view it, to open a form is to write, and to leave is to be gone."""
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        await ticket_in_front(robot)

        async def told() -> list[str]:
            return [each.doing for each in await tom.attend(None)]

        assert await told() == ["viewing"]
        await robot.press("n")
        assert await told() == ["writing"]
        await robot.press("escape")
        assert await told() == ["viewing"]
        await robot.press("question_mark")
        assert await told() == ["viewing"], "help lies over the ticket, and changes nothing"
        await robot.press("escape", "escape")
        assert await told() == []
        await robot.press("h")
        assert await told() == ["writing"], "also from the queue"
        await robot.press("escape", "z")
        assert await told() == ["writing"], "a triage is written as well"
        await robot.press("escape")
        assert await told() == []


async def test_a_form_left_alone_claims_nothing_after_a_while(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        await ticket_in_front(robot)
        await robot.press("n")
        robot.clock.forward(seconds=CLAIM.total_seconds() + 1)
        await beat(robot)
        assert [each.doing for each in await tom.attend(None)] == ["viewing"]
        await robot.types("a")
        await beat(robot)
        assert [each.doing for each in await tom.attend(None)] == ["writing"]


async def test_whoever_leaves_the_app_is_nowhere(tmp_path: Path) -> None:
    clock = Clock()
    async with at_the_desk(tmp_path, clock=clock) as robot, beside(robot, "tom") as tom:
        await log_ticket(tmp_path, clock, summary="No dial tone", to="net-2")
        app = desk_app(tmp_path, clock, operator="lukas")
        async with app.run_test(size=(80, 24)) as pilot:
            other = await seated(app, pilot, clock, tmp_path)
            await other.press("5", "enter")
            assert [each.operator for each in await tom.attend(None)] == ["Lukas Brandt"]
        assert await tom.attend(None) == ()


async def test_who_begins_to_write_is_told_of_who_does_and_may_go_on_as_well(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        ref = await ticket_in_front(robot)
        await tom.attend((await tom.ticket(ref)).ticket.id, "writing")
        await robot.press("n")
        assert robot.shows("✎ Tom Hale is writing here. F5 takes over.")
        await robot.types(WORDS)
        await robot.press("f8")
        assert robot.shows("noted")
        view = await tom.ticket(ref)
        assert view.timeline[-1].text == WORDS
        assert "Took over" not in [entry.title for entry in view.timeline]


async def test_one_key_takes_over_and_the_form_goes_on(tmp_path: Path) -> None:
    """It is logged; the ticket that was theirs changes hands; and what is saved then is no conflict with oneself."""
    async with at_the_desk(tmp_path, operator="lukas") as robot, beside(robot, "priya") as priya:
        ref = await ticket_in_front(robot)
        at = (await priya.ticket(ref)).ticket.id
        await priya.submit(c.Take(ticket=at))
        await priya.attend(at, "writing")
        await robot.until(lambda: robot.shows("Taken"))
        await robot.press("h")
        await robot.types("desk-1")
        await robot.press("f5")
        await robot.until(lambda: robot.shows("You took over from Priya Raman."))
        assert not robot.shows("F5 takes over")
        ticket = await robot.ticket(ref)
        assert ticket.owner == "Lukas Brandt"
        assert [each.doing for each in robot.app.others] == ["viewing"]
        await robot.press("enter", "f8")
        await robot.until(lambda: robot.shows("was handed on"))
        assert [e.title for e in (await priya.ticket(ref)).timeline][-2:] == [
            "Took over from Priya Raman",
            "Handed on to Service desk",
        ]


async def test_whose_form_was_taken_over_is_told_and_keeps_every_word(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        ref = await ticket_in_front(robot)
        at = (await tom.ticket(ref)).ticket.id
        await robot.press("n")
        await robot.types(WORDS)
        await tom.attend(at, "writing")
        await tom.submit(c.TakeOver(ticket=at))
        await robot.until(lambda: robot.shows("▲ Tom Hale has taken this over; your words are kept."))
        await robot.settle()
        assert robot.shows(WORDS)
        assert [each.doing for each in await tom.attend(at, "writing")] == ["viewing"]
        await beat(robot)
        assert [each.doing for each in await tom.attend(at, "writing")] == ["viewing"], "also a while later"
        await robot.press("f8")
        assert robot.shows("noted"), "nobody is kept from anything"


async def test_a_triage_is_claimed_warned_of_and_taken_over_too(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        ref = await ticket_in_front(robot)
        at = (await tom.ticket(ref)).ticket.id
        await tom.attend(at, "writing")
        await robot.press("z")
        assert robot.shows("✎ Tom Hale is writing here. F5 takes over.")
        await robot.press("f5")
        await robot.until(lambda: robot.shows("You took over from Tom Hale."))
        await tom.attend(at, "writing")
        await tom.submit(c.TakeOver(ticket=at))
        await robot.until(lambda: robot.shows("▲ Tom Hale has taken this over; your words are kept."))


async def test_where_nobody_writes_there_is_nothing_to_take_over(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot:
        await ticket_in_front(robot)
        await robot.press("f5")
        assert robot.shows("Nobody else is writing here now")
        await robot.press("n", "f5")
        assert robot.shows("Nobody else is writing here now")


async def test_the_word_takes_over_from_the_queue(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        ref = await log_ticket(tmp_path, robot.clock, summary="No dial tone", to="net-2")
        await robot.press("5")
        await is_at(robot, tom, ref, "writing")
        await robot.press("colon")
        await robot.types("take-over")
        await robot.press("enter")
        await robot.until(lambda: robot.shows("You took over from Tom Hale."))


async def test_own_terminals_are_told_of_only_while_they_write(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="tom") as robot, beside(robot, "tom") as tom:
        ref = await ticket_in_front(robot)
        await is_at(robot, tom, ref)
        assert robot.app.others == ()
        await is_at(robot, tom, ref, "writing")
        await robot.press("n")
        assert robot.shows("✎ You are writing here on another terminal.")
        assert not robot.shows("F5")


async def test_it_holds_while_it_is_said_again(tmp_path: Path) -> None:
    """As long as the ticket is open, however long nobody presses a key."""
    async with at_the_desk(tmp_path) as robot, beside(robot, "tom") as tom:
        await ticket_in_front(robot)
        for _ in range(4):
            robot.clock.moment += timedelta(seconds=LASTS.total_seconds() / 2)
            await beat(robot)
        assert [each.doing for each in await tom.attend(None)] == ["viewing"]
