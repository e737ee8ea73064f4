"""Pictures of every screen, looked at by eye before they were accepted: `make snapshots` takes them anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deskterm.settings import Settings
from deskterm.widgets import frame
from tests.morning import NOW, Morning, monday_morning
from tests.robot import Clock, desk_app, seated
from tests.screens.change_scenes import CHANGES
from tests.screens.scenes import SCENES

SMALL, LARGE = (80, 24), (120, 40)
ROOMY = (
    "queue", "call-known", "call-saved", "ticket", "ticket-resolved", "ticket-pending", "board", "triage", "calendar",
    "changes", "guard", "guard-over", *CHANGES,
)  # fmt: skip
"""Scenes that look different where there is room."""
CENTRAL = ("queue", "call-known", "ticket", "board")
"""Scenes to see in every range of colours."""

Compare = Callable[..., bool]


@pytest.fixture(scope="module")
def morning() -> Morning:
    """The desk as it stands on Monday at 10:42."""
    return asyncio.run(monday_morning())


@pytest.fixture
def look(
    snap_compare: Compare, morning: Morning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., bool]:
    """Play a scene and compare what stands on the screen with the picture that was accepted."""
    # An answer stays until the picture is taken, and nobody at this desk has the login of whoever runs the tests.
    monkeypatch.setattr(frame, "SAID_SECONDS", 3600)
    monkeypatch.setenv("LOGNAME", "newcomer")

    def look(name: str, size: tuple[int, int], theme: str = "") -> bool:
        scene = SCENES[name]
        clock = morning.lay_out(tmp_path) if scene.on_a_desk else Clock(NOW)
        app = desk_app(tmp_path, clock, operator=scene.operator, settings=Settings(theme=theme))

        async def play(pilot: Pilot[int]) -> None:
            await scene.played(await seated(app, pilot, clock, tmp_path), morning)

        return snap_compare(app, terminal_size=size, run_before=play)

    return look


@pytest.mark.parametrize("scene", SCENES)
def test_small(look: Callable[..., bool], scene: str) -> None:
    assert look(scene, SMALL)


@pytest.mark.parametrize("scene", ROOMY)
def test_roomy(look: Callable[..., bool], scene: str) -> None:
    assert look(scene, LARGE)


@pytest.mark.parametrize("theme", ["deskterm-light", "ansi-dark"])
@pytest.mark.parametrize("scene", CENTRAL)
def test_theme(look: Callable[..., bool], scene: str, theme: str) -> None:
    assert look(scene, SMALL, theme)


@pytest.mark.parametrize("scene", CENTRAL)
def test_no_color(look: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, scene: str) -> None:
    """State is sign and text before it is colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert look(scene, SMALL)
