"""The message itself, attached in the form that records the customer's answer (C3, C8)."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from deskterm.desk.records.change import ChangeState
from deskterm.desk.records.file import unpacked
from deskterm.screens.form import FormScreen
from tests.planned import planned
from tests.robot import Clock, Robot, at_the_desk, furnish

pytestmark = pytest.mark.anyio

MAIL = b"From: jon@harbourfoods.example\r\n\r\nI agree to the change.\r\n"


async def opens_the_form(robot: Robot, ref: str) -> None:
    """Open the change from the list, and go to the file in the form of the approval."""
    await robot.press("H", "enter")
    await robot.until(lambda: robot.shows(f"{ref} for"))
    await robot.press("f8")
    await robot.until(lambda: isinstance(robot.screen, FormScreen))
    await robot.press("tab")


async def says(robot: Robot, words: str) -> None:
    robot.app.post_message(events.Paste(words))
    await robot.settle()


async def test_a_file_is_evidence_enough_and_is_kept_whole(tmp_path: Path) -> None:
    clock = Clock()
    await furnish(tmp_path)
    ref = await planned(tmp_path, clock, state=ChangeState.AWAITING)
    mail = tmp_path / "approval.eml"
    mail.write_bytes(MAIL)
    async with at_the_desk(tmp_path, operator="kofi", clock=clock) as robot:
        await opens_the_form(robot, ref)
        await says(robot, str(mail))
        await robot.press("f8")
        await robot.until(lambda: robot.shows("is approved"))
        approval = (await robot.store.change(ref)).change.approval
        assert approval is not None
        assert approval.file is not None
        assert (approval.evidence, approval.file.name) == ("approval.eml", "approval.eml")
        assert unpacked((await robot.store.file(approval.file.digest)).content) == MAIL


async def test_a_file_that_is_not_there_is_said_in_the_form_and_nothing_is_recorded(tmp_path: Path) -> None:
    clock = Clock()
    await furnish(tmp_path)
    ref = await planned(tmp_path, clock, state=ChangeState.AWAITING)
    async with at_the_desk(tmp_path, operator="kofi", clock=clock) as robot:
        await opens_the_form(robot, ref)
        await says(robot, str(tmp_path / "nowhere.eml"))
        await robot.press("f8")
        await robot.until(lambda: robot.shows("nowhere.eml cannot be read: No such file or directory."))
        assert isinstance(robot.screen, FormScreen)
        assert (await robot.store.change(ref)).change.state is ChangeState.AWAITING
