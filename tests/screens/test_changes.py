"""The list and the calendar of changes, and finding one: by the keyboard alone (C2, R027, R149)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from deskterm.desk import commands
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.change import ChangeState
from deskterm.store.opening import open_store
from tests.planned import elsewhere, planned
from tests.robot import START, Clock, Robot, at_the_desk, furnish, store_url

pytestmark = pytest.mark.anyio

FREEZE = """
    [[freeze]]
    name = "stock-taking"
    title = "Stock-taking"
    first_day = 2026-03-20
    last_day = 2026-03-21
"""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def opened(robot: Robot) -> list[object]:
    """What is opened from now on, instead of its screen."""
    seen: list[object] = []
    robot.app.open_change = seen.append  # type: ignore[method-assign, assignment]
    return seen


async def a_week(folder: Path) -> list[str]:
    """Two windows that clash, one over midnight, one in a freeze."""
    clock = Clock()
    await furnish(folder)
    source, _ = load_sample("managed-network")
    loaded = commands.LoadDesk(name="northgate.toml", source=source + dedent(FREEZE))
    await elsewhere(folder, clock, "ruth", loaded)
    return [
        await planned(folder, clock, state=ChangeState.SCHEDULED, starts=at(17, 20)),
        await planned(folder, clock, state=ChangeState.AWAITING, starts=at(17, 21), title="Upgrade the core switch"),
        await planned(folder, clock, starts=at(18, 22), minutes=300, company="Brook & Lane", systems=("gw-2",)),
        await planned(
            folder, clock, starts=at(20, 22), company="Alder Clinic", systems=("wlc-1",), title="New wireless"
        ),
    ]


def line_with(robot: Robot, words: str) -> str:
    return next(line for line in robot.text().splitlines() if words in line)


# -- the calendar


async def test_a_week_shows_windows_hours_clashes_and_freezes(tmp_path: Path) -> None:
    one, other, over_midnight, frozen = await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="priya") as robot:
        await robot.press("K")
        assert robot.shows("Week 12 Mon 16 Mar – Sun 22 Mar 2026, Europe/London 4 windows ▲ 3 clash")
        for ref, hours in ((one, range(20, 22)), (other, range(21, 23))):
            line = line_with(robot, f" {ref} ")
            assert "▲" in line
            bar = line[11:35]
            assert [n for n, sign in enumerate(bar) if sign == "█"] == list(hours)
        assert line_with(robot, "22:00 →").endswith("Replace the firewall r…")
        assert over_midnight in line_with(robot, "→ 03:00")
        assert "░" * 24 in line_with(robot, "Frozen: Stock-taking")
        assert "▲" in line_with(robot, f" {frozen} "), "it lies in the freeze"
        assert robot.shows(f"▲ Clashes with {other} (fw-1)"), "the cursor is at the window nearest to come"


async def test_enter_opens_the_change_and_arrows_go_through_the_weeks(tmp_path: Path) -> None:
    one, other, *_ = await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="priya") as robot:
        seen = opened(robot)
        await robot.press("K", "down", "enter")
        assert seen == [(await robot.store.change(other)).change.id]
        await robot.press("right")
        assert robot.shows("Week 13")
        assert robot.shows("no window")
        await robot.press("enter")
        assert robot.shows("No window here.")
        await robot.press("left", "left")
        assert robot.shows("Week 11")
        await robot.press("full_stop")
        assert robot.shows("Week 12")
        assert one in robot.text()


async def test_a_freeze_says_from_when_to_when(tmp_path: Path) -> None:
    await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="priya") as robot:
        await robot.press("K")
        await robot.until(lambda: robot.shows("Stock-taking"))
        for _ in range(12):
            if robot.shows("Stock-taking: systems are left alone from Friday 20 March 2026 to Saturday 21 March 2026"):
                break
            await robot.press("down")
        else:
            pytest.fail("no line tells of the freeze")


async def test_today_is_marked_in_its_hour(tmp_path: Path) -> None:
    await furnish(tmp_path)
    async with at_the_desk(tmp_path, operator="priya") as robot:
        await robot.press("K")
        assert line_with(robot, " Mon 16 ·")[11:35].index("│") == START.hour


# -- the list


async def test_views_and_filter(tmp_path: Path) -> None:
    one, other, over_midnight, frozen = await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        await robot.press("H")
        shown = [line for line in robot.text().splitlines() if "Mar " in line and "C-" in line]
        assert [next(ref for ref in (one, other, over_midnight, frozen) if ref in line) for line in shown] == [
            one, other, over_midnight, frozen,
        ]  # fmt: skip
        assert robot.shows("with customer")
        await robot.press("slash")
        await robot.types("wirel")
        assert frozen in robot.text()
        assert one not in robot.text()
        await robot.press("escape", "2")
        assert robot.shows("No open change is yours.") or one in robot.text()
        await robot.press("3")
        assert robot.shows("No form is outstanding.")
        await robot.press("tab")
        assert f"{frozen}" in robot.text()


async def test_the_list_keeps_up_and_opens(tmp_path: Path) -> None:
    one, *_ = await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        seen = opened(robot)
        await robot.press("H", "enter")
        change = (await robot.store.change(one)).change
        assert seen == [change.id]
        await elsewhere(tmp_path, robot.clock, "priya", c.CancelChange(change=change.id, reason="Not now."))
        await robot.until(lambda: one not in robot.text())
        await robot.press("4")
        await robot.until(lambda: "cancelled" in line_with(robot, f" {one} "))


async def test_list_and_calendar_take_each_others_place(tmp_path: Path) -> None:
    *_, frozen = await a_week(tmp_path)
    async with at_the_desk(tmp_path, operator="ruth") as robot:
        await robot.press("H", "end", "K")
        assert robot.shows("Week 12")
        await robot.until(lambda: robot.shows(f"{frozen} New wireless") and robot.shows("░ Frozen: Stock-taking"))
        await robot.press("H", "K", "escape")
        assert robot.screen is robot.app.queue_screen


# -- forms outstanding


async def emergency(folder: Path, clock: Clock) -> str:
    """A change made on the spoken word, whose form is outstanding."""
    await furnish(folder)
    ref = await planned(folder, clock, change_kind="emergency")
    store = await open_store(store_url(folder), operator="priya", clock=clock)
    change = (await store.change(ref)).change.id
    spoken = c.RecordSpokenApproval(change=change, by="Jon Sato", said="Go ahead.", ends=clock() + timedelta(hours=2))
    for command in (
        c.AmendChange(change=change, changes={"starts": None, "ends": None}), spoken, c.StartChange(change=change),
        c.BeginTests(change=change), c.FinishChange(change=change),
    ):  # fmt: skip
        await store.submit(command)
    await store.close()
    return ref


async def test_an_outstanding_form_stands_on_the_board_until_it_is_complete(tmp_path: Path) -> None:
    """C11, R149: and overdue after the hours that the desk file gives."""
    clock = Clock()
    ref = await emergency(tmp_path, clock)
    async with at_the_desk(tmp_path, operator="ruth", clock=clock) as robot:
        await robot.press("b")
        assert line_with(robot, "Forms owed").rstrip().endswith("▲ 1")
        assert [form.ref for form in (await robot.store.board()).forms] == [ref]
        await robot.press("home", "down", "down", "up", "up", "enter")
        assert robot.shows("3 Form outstanding 1 ▲")
        assert ref in robot.text()
        clock.forward(hours=24)
        await robot.store.tick()
        await robot.until(lambda: robot.shows("3 Form outstanding 1 ‼") and robot.shows("form overdue"))
        await robot.press("escape")
        await robot.until(lambda: line_with(robot, "Forms owed").rstrip().endswith("‼ 1"))


# -- finding


async def test_words_find_changes_and_open_them(tmp_path: Path) -> None:
    """R027: the one search box, and a reference in any spelling."""
    clock = Clock()
    await furnish(tmp_path)
    ref = await planned(tmp_path, clock, title="Renew the certificate")
    async with at_the_desk(tmp_path, operator="priya", clock=clock) as robot:
        seen = opened(robot)
        await robot.press("F")
        await robot.types("certif")
        await robot.until(lambda: robot.shows(f"{ref} Renew the certificate"))
        await robot.press("down", "enter")
        assert seen == [ref]
        await robot.press("colon")
        await robot.types(ref.replace("-", "").lower())
        await robot.until(lambda: robot.shows("Renew the certificate"))
        await robot.press("enter")
        assert seen == [ref, ref]


async def test_what_has_no_screen_is_told_and_not_opened(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator="priya") as robot:
        await robot.press("F")
        await robot.types("amadi")
        await robot.until(lambda: robot.shows("Rosa Amadi · Brook & Lane"))
        await robot.press("enter")
        assert robot.screen is robot.app.queue_screen


async def test_a_digit_misheard_is_refused(tmp_path: Path) -> None:
    """R041."""
    await furnish(tmp_path)
    ref = await planned(tmp_path, Clock(), title="Renew the certificate")
    wrong = ref[:-1] + str((int(ref[-1]) + 1) % 10)
    async with at_the_desk(tmp_path, operator="priya") as robot:
        await robot.press("colon")
        await robot.types(wrong)
        assert robot.shows("cannot be right: a digit is wrong")
