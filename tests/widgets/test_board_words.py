"""The board's pieces: nothing overlaps or runs out at any size, and what is urgent has a sign and a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from rich.cells import cell_len

from deskterm.desk.board import Board, ChangeInWindow
from deskterm.desk.deskfile import DeskFile
from deskterm.text import safe
from deskterm.widgets.board_words import Piece, pieces
from tests.robot import Robot, at_the_desk, log_ticket

pytestmark = pytest.mark.anyio


@pytest.fixture
async def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Board, DeskFile]:
    folder = tmp_path_factory.mktemp("board")
    async with at_the_desk(folder, operator="ruth") as robot:
        await busy(robot)
        assert robot.app.desk is not None
        return await robot.store.board(), robot.app.desk


async def busy(robot: Robot) -> None:
    """A few tickets in several groups, some of which become late, with summaries that no line can hold."""
    for number, to in enumerate(("desk-1", "net-2", "voice-1", "field", None)):
        summary = "\x1b[31m‮" + "A very long story — 非常に長い " * 9
        await log_ticket(
            robot.folder, robot.clock, summary=summary, impact=str(1 + number % 3), urgency=str(1 + number % 3), to=to
        )
    robot.clock.forward(hours=30)


def lines(found: tuple[Piece, ...]) -> dict[int, list[Piece]]:
    laid: dict[int, list[Piece]] = {}
    for piece in sorted(found, key=lambda piece: (piece.y, piece.x)):
        laid.setdefault(piece.y, []).append(piece)
    return laid


@pytest.mark.parametrize(("width", "height"), [(78, 22), (98, 30), (118, 38), (200, 60)])
async def test_nothing_overlaps_or_runs_out(seen: tuple[Board, DeskFile], width: int, height: int) -> None:
    for on_line in lines(pieces(*seen, width, height)).values():
        at = 0
        for piece in on_line:
            assert piece.x >= at, piece
            assert safe(piece.text) == piece.text
            at = piece.x + cell_len(piece.text)
        assert at <= width, on_line
    assert max(lines(pieces(*seen, width, height))) < height


async def test_each_figure_has_a_name_of_its_own(seen: tuple[Board, DeskFile]) -> None:
    keys = [piece.key for piece in pieces(*seen, 118, 38) if piece.key]
    assert len(keys) == len(set(keys)) > 10


async def test_a_change_in_its_window_shows_how_long_it_has(seen: tuple[Board, DeskFile]) -> None:
    """SCREENS.md: also at 80x24; a sign where it ends soon or is over."""
    board, desk = seen
    changes = tuple(
        ChangeInWindow(uuid4(), f"C-{number}", "Replace the rule set", board.at + timedelta(minutes=left))
        for number, left in enumerate((90, 14, -3))
    )
    found = pieces(replace(board, changes=changes), desk, 78, 22)
    told = [piece.text for piece in found]
    first = told.index("‼ over by 0:03")
    assert told.index("▲ ends in 0:14") > first
    assert told.index("ends in 1:30") > first
    opens = next(piece for piece in found if piece.text == "C-2")
    assert opens.target is not None
    assert opens.target.change == changes[2].id
    assert any(text.startswith("Replace") for text in told)
