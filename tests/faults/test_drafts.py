"""Drafts in the real app: offered and never submitted by themselves, readable on the shell, one terminal at a time."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from pathlib import Path

import pytest

from deskterm.store.drafts import Journal
from tests.faults.person import REFERENCE
from tests.faults.pty_driver import Terminal, shell
from tests.robot import furnish

pytestmark = pytest.mark.slow

DIES_BEFORE_CLEANING_UP = """
import os, signal
from deskterm.store.drafts import Draft
Draft.finish = lambda self, reference: (self.flush(), os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    asyncio.run(furnish(tmp_path))
    return tmp_path


def calls(terminal: Terminal, desk: Path, summary: str) -> None:
    terminal.press("f2")
    terminal.waits_for(re.compile(r"Caller +(name, company or number)[^\n]*\n Summary {12}"))
    terminal.press("tab")
    terminal.types(summary, lambda: 0.01)
    terminal.waits_for(summary)
    terminal.until(lambda: summary in [d.fields.get("summary") for d in Journal(desk / "state" / "drafts").drafts()])


def tickets(desk: Path) -> list[str]:
    listed = json.loads(shell(desk, "list", "--json").stdout)
    return [row["summary"] for row in listed]


def test_any_number_is_kept_and_offered(desk: Path) -> None:
    with Terminal(desk) as terminal:
        terminal.waits_for("● live")
        for n in range(4):
            calls(terminal, desk, f"Caller number {n}")
        listed = json.loads(shell(desk, "drafts", "--json").stdout)
        assert [draft["fields"]["summary"] for draft in listed] == [f"Caller number {n}" for n in (3, 2, 1, 0)]
        assert all(draft["in_use"] for draft in listed)
        terminal.ends_by(signal.SIGKILL)
    told = shell(desk, "drafts").stdout
    assert all(f"Caller number {n}" in told for n in range(4))
    with Terminal(desk) as terminal:
        terminal.waits_for("4 texts were typed and not saved. F12 brings them back.")
        terminal.watches(1)
        assert tickets(desk) == []
        assert len(Journal(desk / "state" / "drafts").drafts()) == 4


def test_another_terminal_takes_it_up_only_when_the_first_has_died(desk: Path) -> None:
    with Terminal(desk) as first, Terminal(desk) as second:
        first.waits_for("● live")
        second.waits_for("● live")
        calls(first, desk, "Typed at the first terminal")
        second.press("f12")
        second.waits_for("Nothing is unsaved.")
        first.ends_by(signal.SIGKILL)
        second.press("escape")
        second.waits_for("My groups")
        second.press("f12")
        second.waits_for("Typed at the first terminal")
        second.press("enter")
        second.waits_for("Saved as you type")
        second.press("f7")
        second.waits_for(REFERENCE)
    assert tickets(desk) == ["Typed at the first terminal"]
    assert Journal(desk / "state" / "drafts").drafts() == []


def test_a_death_between_saving_and_cleaning_up_saves_nothing_twice(desk: Path) -> None:
    with Terminal(desk, planted=DIES_BEFORE_CLEANING_UP) as terminal:
        terminal.waits_for("● live")
        calls(terminal, desk, "Saved just before the end")
        terminal.press("f7")
        assert terminal.ends() == -9
    assert tickets(desk) == ["Saved just before the end"]
    with Terminal(desk) as terminal:
        terminal.waits_for("One text was typed and not saved.")
        terminal.press("f12")
        terminal.waits_for("Saved just before the end")
        terminal.press("enter")
        terminal.waits_for("This call was saved before")
        terminal.waits_for(REFERENCE)
    assert tickets(desk) == ["Saved just before the end"]
    assert Journal(desk / "state" / "drafts").drafts() == []


def test_a_note_too_is_saved_once(desk: Path) -> None:
    with Terminal(desk) as terminal:
        terminal.waits_for("● live")
        calls(terminal, desk, "A ticket to write on")
        terminal.press("f7")
        ref = terminal.waits_for(REFERENCE)
        terminal.press("ctrl+q")
        terminal.ends()
    with Terminal(desk, planted=DIES_BEFORE_CLEANING_UP) as terminal:
        terminal.waits_for("A ticket to write on")
        terminal.press("n")
        terminal.waits_for("Note on")
        terminal.types("Rang back twice", lambda: 0.01)
        terminal.press("f8")
        assert terminal.ends() == -9
    with Terminal(desk) as terminal:
        terminal.waits_for("One text was typed and not saved.")
        terminal.press("f12")
        terminal.waits_for("Rang back twice")
        terminal.press("enter")
        terminal.waits_for("Note on")
        terminal.watches(0.3)
        terminal.press("f8")
        terminal.waits_for("noted.")
    assert shell(desk, "show", ref).stdout.count("Rang back twice") == 1
