"""`deskterm tick` for people and for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from tests.cli.conftest import NOW, Run
from tests.store.conftest import DESK_SOURCE


def test_what_has_fallen_due_is_told_once(on: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """R091, R098: by name, with the moment at which it fell due."""
    desk, store = tmp_path / "northgate.toml", tmp_path / "desk.db"
    desk.write_text(DESK_SOURCE)
    assert on(store, "desk", "load", str(desk)).code == 0
    facts = ("--summary", "No dial tone", "--type", "incident", "--impact", "high", "--urgency", "high")
    ref = on(store, "--as", "Nora", "--json", "log", *facts).json["ref"]
    assert on(store, "tick").out == "Nothing has fallen due.\n"
    assert on(store, "--json", "tick").json == []

    capfd.readouterr()
    assert run(["tick"], Shell(store=str(store), clock=lambda: NOW.replace(hour=12))) == 0
    first, second = capfd.readouterr().out.splitlines()[1:]
    assert first.split()[:6] == [ref, "Friday", "21", "November", "2025,", "11:11"]
    assert first.endswith("The response clock ran out.")
    assert second.endswith("The update clock ran out.")
    assert on(store, "--json", "tick").json == []
