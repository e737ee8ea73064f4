"""The app's style sheet: a screen that is opened for the first time costs its own CSS only, and themes still change."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.css import stylesheet

from tests.robot import at_the_desk


async def test_a_new_screen_reads_no_css_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse = stylesheet.parse  # type: ignore[attr-defined]

    def noted(scope: str, css: str, where: tuple[str, str], **how: object) -> object:
        read.append(Path(where[0]).name)
        return parse(scope, css, where, **how)  # type: ignore[arg-type]

    async with at_the_desk(tmp_path) as robot:
        monkeypatch.setattr(stylesheet, "parse", noted)
        await robot.press("question_mark")
        assert "help.tcss" in read
        assert "app.tcss" not in read
        read.clear()
        before = robot.screen.styles.background
        robot.app.theme = "deskterm-light"
        await robot.settle()
        assert "app.tcss" in read, "other colours, so everything is read again"
        assert robot.screen.styles.background != before
