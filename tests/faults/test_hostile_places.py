"""The smaller places walked with a stranger's words: help, palette, command line, drafts, who, welcome (R216)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from deskterm.settings import Settings
from tests.faults.hostile import Hostile
from tests.faults.hostile_desk import desk_file, lay_out
from tests.faults.walks import hostile_desk, walk
from tests.faults.wire import learn_ours, paste, press, rest, tapped, types
from tests.robot import at_the_desk, furnish

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_small_screens(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: help, command line, palette and drafts, with hostile words on the desk and at the keyboard."""
    hostile = Hostile("small screens")
    async with hostile_desk(tmp_path, hostile, tickets=5, drafts=14) as (robot, wire, _):
        await walk(robot, wire, hostile, "5", "question_mark", "pagedown", "escape", "f12")
        for _ in range(14):
            await walk(robot, wire, hostile, "down")
        await walk(robot, wire, hostile, "x", "escape", "enter", "escape", "escape", "escape")
        for opened in ("colon", "ctrl+p"):
            for put in (types, paste) * 4:
                await walk(robot, wire, hostile, opened)
                await put(robot, hostile.line().text)
                await walk(robot, wire, hostile, "down", "tab", "escape", "escape")
        for word in ("note", "hand-off", "view", "save-view", "forget-view", "theme", "resolve", "duplicate", "chase"):
            await walk(robot, wire, hostile, "5", "home", "colon")
            await types(robot, f"{word} ")
            await paste(robot, hostile.line().text)
            await walk(robot, wire, hostile, "enter", "escape", "escape")
        while "QueueScreen" not in str(robot.screen):
            await press(robot, "escape")
    counted(hostile)


async def test_who(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: Callable[[Hostile], None]) -> None:
    """R216: a login that nobody knows, among operators with hostile names, and settings with hostile words."""
    hostile = Hostile("who")
    await learn_ours()
    desk = await lay_out(tmp_path, hostile, tickets=1)
    for number in range(6):
        monkeypatch.setenv("LOGNAME", hostile.line().text.replace("\0", "").encode(errors="replace").decode())
        keys = {hostile.line().text: hostile.line().text, "note": hostile.line().text, "take": "n"}
        settings = Settings(theme=hostile.line().text if number % 2 else None, keys=keys if number % 3 else {})
        with tapped() as wire:
            known = hostile.line().text.replace("\0", "") if number == 4 else "ada" if number > 4 else None
            async with at_the_desk(tmp_path, clock=desk.clock, operator=known, settings=settings) as robot:
                wire.approves(robot, hostile)
                await walk(robot, wire, hostile, "down", "down", "s", "escape", "1", "5", "down", "t", "n", "escape")
    counted(hostile)


async def test_welcome(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """R216: a store that cannot be opened, and desk files with hostile names, words and mistakes."""
    hostile = Hostile("welcome")
    await learn_ours()
    with tapped() as wire:
        async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
            await walk(robot, wire, hostile, "2", "escape", "f")
            for number in range(8):
                name = hostile.line().text.replace("/", "|").replace("\0", "")[:30]
                wrong = desk_file(hostile).replace("desk = {", 'desk = { "\\u001b[2J\\u202e" = 1, ')
                file = tmp_path / "".join(letter for letter in name if letter.isprintable())
                if number % 2:
                    file.write_text(wrong if number % 3 else hostile.line().text, errors="replace")
                await paste(robot, str(file))
                await walk(robot, wire, hostile, "enter")
                await robot.settle()
                await walk(robot, wire, hostile, "down", "up")
                robot.app.focused.value = ""  # type: ignore[union-attr]
            (tmp_path / "sound.toml").write_text(desk_file(hostile))
            await types(robot, str(tmp_path / "sound.toml")[-60:])
            await rest(robot)
            wire.approves(robot, hostile)
    broken = tmp_path / "\x1b]0;owned\x07\u202e"
    broken.mkdir()
    (broken / "desk.db").write_bytes(b"no database")
    with tapped() as wire:
        async with at_the_desk(broken) as robot:
            wire.approves(robot, hostile)
            await walk(robot, wire, hostile, "down")
    counted(hostile)


def test_the_desk_of_a_file_is_sound(tmp_path: Path) -> None:
    """What is walked over is a desk that deskterm itself calls sound: else nothing of it would be seen."""
    from deskterm.desk.deskfile.check import read_desk

    assert read_desk(desk_file(Hostile("welcome")), "x").desk.name
    asyncio.run(furnish(tmp_path))
