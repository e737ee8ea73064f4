"""Searching while one types: an older answer never takes the place of a newer one, and no letter waits for any."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.widgets import Input

from deskterm.desk.tickets.views import QueueQuery
from deskterm.widgets.picker import Picker
from tests.robot import Robot, at_the_desk, furnish, log_ticket


class Late:
    """Holds back the answers to some texts until they are let go."""

    def __init__(self, *texts: str) -> None:
        self.held = {text: asyncio.Event() for text in texts}
        self.asked: list[str] = []
        self.answered: list[str] = []

    def before(self, answer: Any) -> Any:
        """The same question, answered late."""

        async def late(asked: str | QueueQuery, *rest: Any, **options: Any) -> Any:
            text = asked.text if isinstance(asked, QueueQuery) else asked
            self.asked.append(text)
            try:
                found = await answer(asked, *rest, **options)
                if text in self.held:
                    await self.held[text].wait()
                return found
            finally:
                # Whoever asked may have given up on it by now.
                self.answered.append(text)

        return late

    async def let_go(self, robot: Robot, text: str) -> None:
        """The answer comes at last."""
        self.held[text].set()
        await robot.until(lambda: text in self.answered)
        await robot.pilot.pause()


async def test_an_older_answer_never_replaces_a_newer_one_in_the_queue(tmp_path: Path, monkeypatch: Any) -> None:
    """The answer to "d" comes after those to "di" and "dia"; every letter stands there before any answer."""
    await furnish(tmp_path)
    async with at_the_desk(tmp_path) as robot:
        await log_ticket(tmp_path, robot.clock, summary="No dial tone at reception", to="voice-1")
        await log_ticket(tmp_path, robot.clock, summary="Door camera is dark", to="net-2")
        await robot.press("5")
        table = robot.app.queue_screen.table
        late = Late("d", "di")
        monkeypatch.setattr(robot.store, "queue", late.before(robot.store.queue))
        await robot.press("slash")
        await robot.pilot.press("d", "i", "a")
        await robot.until(lambda: "dia" in late.answered)
        assert robot.app.screen.query_one("#filter", Input).value == "dia", "typing waited for an answer"
        await robot.until(lambda: [row.value.summary for row in table.rows] == ["No dial tone at reception"])
        for text in ("di", "d"):
            await late.let_go(robot, text)
            assert [row.value.summary for row in table.rows] == ["No dial tone at reception"], text


async def test_an_older_answer_never_replaces_a_newer_one_in_the_call_form(tmp_path: Path, monkeypatch: Any) -> None:
    """The callers that begin with "r" come after those that begin with "ro"."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        late = Late("p")
        monkeypatch.setattr(robot.store, "callers", late.before(robot.store.callers))
        await robot.pilot.press("p", "i")
        await robot.until(lambda: "pi" in late.answered)
        picker = robot.screen.query_one("#caller", Picker)
        assert picker.text == "pi", "typing waited for an answer"
        await robot.until(lambda: picker.chosen is not None)
        newest = picker.chosen
        assert newest is not None
        assert "Piet" in newest.title
        await late.let_go(robot, "p")
        assert picker.chosen is newest
