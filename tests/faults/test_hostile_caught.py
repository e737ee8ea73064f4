"""The judge and the walkers catch what is planted: without that, their silence would mean nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.content import Content

from deskterm import input_guard, repaint
from deskterm.cli import tables
from deskterm.desk import commands as c
from deskterm.terminal import SafeLines
from deskterm.widgets import preview, table
from tests.faults import test_hostile_screens, wire
from tests.faults.hostile import KINDS, LEAST, Hostile
from tests.faults.hostile_desk import lay_out, stores
from tests.faults.hostile_shell import ask
from tests.faults.judge import blank, faults_of_lines, judged
from tests.faults.wire import learn_ours, press, sends, tapped
from tests.robot import START, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.slow

OURS = frozenset({"CSI H", "SGR 0", "SGR 3x", "control 0a"})
Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("\x1b]0;owned\x07", "OSC 0;owned"),
        ("\x1b[6n", "CSI n"),
        ("\x1b[?1049l", "CSI ?1049l"),
        ("\x1b[5m", "SGR 5"),
        ("\x1bc", "ESC c"),
        ("\x1bP$qm\x1b\\", "DCS"),
        ("a\x08b", "control 08"),
        ("\x9b31m", "control 9b"),
        ("\u202egnp.exe", "U+202E is drawn"),
        ("x\u200by", "U+200B is drawn"),
        ("\U000e0041", "U+E0041 is drawn"),
        ("x" * 81, "81 cells long"),
        ("\x1b[1;70H" + "漢" * 6, "81 cells long"),
        ("\x1b[30;1H", "sent to line 30"),
        ("\x1b[3", "ESC ["),
    ],
)
def test_the_judge_sees(sent: str, told: str) -> None:
    faults = judged(f"plain {sent}".encode() if "cells" not in told else sent.encode(), OURS).faults
    assert any(told in each for each in faults), faults


def test_the_judge_lets_pass_what_is_ours() -> None:
    assert judged("\x1b[2;1H\x1b[31mZoë ─ 漢字 👩\u200d👧 हिन्दी\x1b[0m\n".encode(), OURS, blank()).faults == []
    assert faults_of_lines("Zoë ─ 漢字\n".encode()) == []


@pytest.mark.parametrize("kind", [each for each in KINDS if each in ("csi", "osc", "string", "nul", "control", "bidi")])
def test_what_is_made_up_is_hostile(kind: str) -> None:
    hostile = Hostile("caught", "1")
    drawn = "".join(hostile.made_of(kind).text for _ in range(20))
    assert judged(drawn.encode("utf-8", "surrogatepass"), OURS).faults


def test_the_same_seed_makes_the_same_texts() -> None:
    one, other = Hostile("caught", "7"), Hostile("caught", "7")
    assert [one.line() for _ in range(50)] == [other.line() for _ in range(50)]
    assert Hostile("caught", "8").line() != Hostile("caught", "7").line()


def test_one_run_makes_up_enough() -> None:
    """Each walk fails below its share, and together the shares are enough."""
    assert sum(LEAST.values()) >= 3000
    walks = "".join(file.read_text() for file in Path(__file__).parent.glob("test_hostile_*.py"))
    assert [place for place in LEAST if f'Hostile("{place}")' not in walks] == []


def without_walls(patch: pytest.MonkeyPatch) -> None:
    """No gate, and a table that hands on what it is given."""
    patch.setattr(SafeLines, "apply", lambda _self, segments, _background: segments)
    patch.setattr(table, "cell", lambda text, width: text[:width].ljust(width))


def as_markup(patch: pytest.MonkeyPatch) -> None:
    """A widget that takes a ticket's words for markup."""
    patch.setattr(preview, "cell", lambda _text, _width: Content.from_markup("[@click=app.quit]x[/]"))


def without_pen(patch: pytest.MonkeyPatch) -> None:
    """A line that runs on wherever the terminal leaves the cursor."""
    patch.setattr(repaint, "placed", lambda drawn: drawn)


def with_an_error(patch: pytest.MonkeyPatch) -> None:
    """A screen that fails on what it is to show."""

    def fail(*_: object) -> str:
        raise ValueError("planted")

    patch.setattr(preview, "cell", fail)


async def looked_at(robot: Robot, seen: wire.Wire) -> None:
    await press(robot, "5", "down")
    seen.approves(robot)
    assert test_hostile_screens.misaligned(seen.screen, "Summary", "Company") == [], "misaligned"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (without_walls, "not ours, OSC 0;owned"),
        (as_markup, "a style carries|ended|Traceback"),
        (without_pen, "misaligned"),
        (with_an_error, "planted"),
    ],
)
async def test_a_walk_catches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant, told: str) -> None:
    await learn_ours()
    await furnish(tmp_path)
    words = {"summary": "zaa0000 हिन्दी \x1b]0;owned\x07 में", "company": "zaa0001"}
    for _ in range(2):
        await log_ticket(tmp_path, lambda: START, to="net-2", **words)
    with tapped() as clean:
        async with at_the_desk(tmp_path) as robot:
            await looked_at(robot, clean)
    plant(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup, ValueError), match=told), tapped() as seen:
        async with at_the_desk(tmp_path) as robot:
            await looked_at(robot, seen)


@pytest.mark.anyio
async def test_a_walk_catches_a_key_that_nobody_pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of the terminal that presses keys."""
    await furnish(tmp_path)
    async with at_the_desk(tmp_path) as robot:
        for answer in test_hostile_screens.ANSWERS:
            assert test_hostile_screens.pressed_by(await sends(robot, answer)) == []
        monkeypatch.setattr(input_guard, "_ANSWER_START", re.compile("(?!)"))
        assert test_hostile_screens.pressed_by(await sends(robot, f"\x1b]52;c;{'b3duZWQ=' * 9}\x07")) != []


@pytest.mark.anyio
async def test_a_walk_catches_a_foreign_action(tmp_path: Path) -> None:
    await learn_ours()
    with tapped() as seen:
        async with at_the_desk(tmp_path) as robot:
            await robot.app.run_action("app.bell")
            with pytest.raises(AssertionError, match=r"a foreign action: app\.bell"):
                seen.approves(robot)


@pytest.mark.anyio
async def test_a_walk_catches_a_changed_original(tmp_path: Path) -> None:
    desk = await lay_out(tmp_path, Hostile("caught", "3"), tickets=2)
    async with stores(tmp_path, desk.clock) as by:
        assert await desk.changed(by["ada"]) == []
        ticket = (await by["ada"].ticket(desk.refs[0])).ticket.id
        await by["ada"].submit(c.Amend(ticket=ticket, changes={"summary": "tidied up"}))
        assert await desk.changed(by["ada"]) == [f"{desk.refs[0]}: summary"]


def test_the_shell_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(furnish(tmp_path))
    asyncio.run(log_ticket(tmp_path, lambda: START, summary="\x1b]0;owned\x07"))
    ask(tmp_path / "desk.db", START, "list", "--all")
    monkeypatch.setattr(tables, "printable", lambda text, **_: text)
    with pytest.raises(AssertionError, match=r"U\+001B is printed"):
        ask(tmp_path / "desk.db", START, "list", "--all")
